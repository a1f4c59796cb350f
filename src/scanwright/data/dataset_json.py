"""The file dataset.json of the Medical Segmentation Decathlon and of nnU-Net (both versions)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scanwright.base import FileError, LabelError
from scanwright.data.columns import simple_name
from scanwright.data.label_names import read_json, scheme_of
from scanwright.data.rows import MODALITY_WORDS
from scanwright.image import LabelScheme, Modality

FILE_NAME = "dataset.json"
MRI_WORDS = ("t1", "t2", "flair", "adc", "dwi", "swi", "pd", "mprage", "mrt", "bold")
"""Words in a channel's name that only magnetic resonance uses."""
ANNOTATED_KEYS = ("annotated", "annotated_labels", "labels", "label_names")
"""Keys, of one case, under which some sets list what was annotated in it."""


@dataclass(frozen=True, slots=True)
class DatasetFile:
    """What dataset.json says.

    Parameters
    ----------
    name
        Of the data set, empty where it has none.
    channels
        What each channel of an image shows.
    scheme
        What the values of a label map mean.
    modality
        How the images were made, as far as the names of the channels say.
    ending
        End of all file names, as nnU-Net has it; empty in the Decathlon.
    training
        (images, label) of each case where they are listed, as written.
    partial
        Label file, as written → labels that were annotated in it, where not all were.
    """

    name: str
    channels: tuple[str, ...]
    scheme: LabelScheme
    modality: Modality
    ending: str
    training: tuple[tuple[tuple[str, ...], str], ...]
    partial: Mapping[str, tuple[str, ...]]


def read_dataset_file(path: Path) -> DatasetFile:
    """Read dataset.json.

    Raises
    ------
    FileError
        It cannot be read.
    LabelError
        It names no labels, or its order of regions does not fit them.
    """
    content = read_json(path)
    if "labels" not in content:
        raise LabelError("dataset.json names no labels.", got=", ".join(content), where=path)
    scheme = scheme_of(content["labels"], path)
    order = content.get("regions_class_order")
    if order is not None and (not isinstance(order, list) or len(order) != len(scheme.names)):
        raise LabelError(
            "The order of the regions does not fit the labels.",
            got=f"regions_class_order {order}",
            legal=f"one value for each of {', '.join(scheme.names)}",
            where=path,
        )
    if order is None and not scheme.is_exclusive:
        raise LabelError(
            "Labels overlap, but dataset.json does not say that they are regions.",
            got=", ".join(scheme.names),
            next='add "regions_class_order", as nnU-Net asks',
            where=path,
        )
    channels = _channels(content, path)
    items = _items(content)
    return DatasetFile(
        name=str(content.get("name") or ""),
        channels=channels,
        scheme=scheme,
        modality=_modality(channels),
        ending=str(content.get("file_ending") or ""),
        training=tuple(one for item in items if (one := _pair(item)) is not None),
        partial=_partial(items, scheme),
    )


def _channels(content: Mapping[str, object], path: Path) -> tuple[str, ...]:
    named = content.get("channel_names", content.get("modality"))
    if isinstance(named, str):
        return (named,)
    if isinstance(named, list):
        return tuple(map(str, named))
    if isinstance(named, dict) and named:
        try:
            order = sorted(named, key=int)
        except ValueError as error:
            raise FileError(
                "Channels are not numbered.", got=", ".join(named), legal='"0", "1", …', where=path
            ) from error
        return tuple(str(named[key]) for key in order)
    raise FileError(
        "dataset.json names no channels.",
        got=", ".join(content),
        legal='"channel_names" (nnU-Net) or "modality" (Decathlon)',
        where=path,
    )


def _modality(channels: Sequence[str]) -> Modality:
    """Return the modality of all channels where they agree."""
    found = {_modality_of(name) for name in channels}
    return found.pop() if len(found) == 1 else Modality.UNKNOWN


def _modality_of(name: str) -> Modality:
    word = simple_name(name)
    if word in MODALITY_WORDS:
        return MODALITY_WORDS[word]
    return Modality.MRI if any(one in word for one in MRI_WORDS) else Modality.UNKNOWN


def _items(content: Mapping[str, object]) -> list[Mapping[str, object]]:
    """Return what is said of single cases: a list "training", or nnU-Net's object "dataset"."""
    listed = content.get("training")
    if not isinstance(listed, list):
        by_case = content.get("dataset")
        listed = list(by_case.values()) if isinstance(by_case, dict) else []
    return [item for item in listed if isinstance(item, dict)]


def _pair(item: Mapping[str, object]) -> tuple[tuple[str, ...], str] | None:
    images = item.get("image", item.get("images"))
    label = item.get("label")
    if not isinstance(label, str):
        return None
    if isinstance(images, str):
        return (images,), label
    return (tuple(map(str, images)), label) if isinstance(images, list) else None


def _partial(
    items: Sequence[Mapping[str, object]], scheme: LabelScheme
) -> dict[str, tuple[str, ...]]:
    partial = {}
    for item in items:
        label = item.get("label")
        for key in ANNOTATED_KEYS:
            listed = item.get(key)
            if isinstance(listed, list) and isinstance(label, str):
                known = tuple(name for name in scheme.names if name in listed)
                if len(known) < len(scheme.names):
                    partial[label] = known
    return partial
