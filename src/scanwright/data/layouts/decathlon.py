"""A folder of the Medical Segmentation Decathlon: dataset.json, imagesTr, labelsTr, imagesTs."""

import re
from collections.abc import Mapping
from pathlib import Path

from scanwright.base import Progress
from scanwright.data.dataset_json import FILE_NAME, DatasetFile, read_dataset_file
from scanwright.data.index import Index, IndexOptions, Verdict
from scanwright.data.label_names import read_json
from scanwright.data.mask_case import MaskPlan
from scanwright.data.mask_index import Outline, Pair, Paired, index_pairs
from scanwright.data.walk import Tree, list_files

TRAIN_IMAGES, TRAIN_LABELS = "imagesTr", "labelsTr"
TEST_IMAGES, TEST_LABELS = "imagesTs", "labelsTs"
NO_MASK = "no image of this name"
TO_PREDICT = "an image to predict, without a mask"
CHANNEL = re.compile(r"(.+)_(\d{4})$")
"""nnU-Net's name of one channel: CASE_0000."""


class Decathlon:
    """A task of the Decathlon, or nnU-Net's raw folder: both have dataset.json and imagesTr."""

    accepts = "a Medical Segmentation Decathlon or nnU-Net raw folder (dataset.json, imagesTr)"
    takes_columns = False

    def recognises(self, path: Path, options: IndexOptions) -> Verdict | None:
        """Recognise dataset.json beside imagesTr and labelsTr."""
        if options.task not in ("auto", "segmentation") or not path.is_dir():
            return None
        places = (path / TRAIN_IMAGES, path / TRAIN_LABELS)
        if not (path / FILE_NAME).is_file() or not all(place.is_dir() for place in places):
            return None
        return Verdict(5, f"{FILE_NAME} lies beside {TRAIN_IMAGES} and {TRAIN_LABELS}")

    def index(self, path: Path, options: IndexOptions, progress: Progress) -> Index:
        """Index the folder.

        Raises
        ------
        FileError
            dataset.json cannot be read.
        LabelError
            It names no labels, or no image has a mask that can be used.
        """
        data = read_dataset_file(path / FILE_NAME)
        tree = list_files(path)
        is_nnunet = _is_nnunet(path, tree)
        found = _Folders(path, tree, data, is_nnunet)
        pairs, unpaired = found.pairs()
        intro = "nnU-Net raw folder" if is_nnunet else "Medical Segmentation Decathlon folder"
        return index_pairs(
            Paired(
                root=path,
                layout="nnunet-raw" if is_nnunet else "decathlon",
                intro=f"{intro} ({data.name})" if data.name else intro,
                tree=tree,
                pairs=pairs,
                plan=MaskPlan(scheme=data.scheme, channels=data.channels, modality=data.modality),
                skipped=unpaired,
                missing=found.missing(),
                other={path / FILE_NAME: "what the data set says of itself", **found.to_predict()},
                notes=_notes(data),
            ),
            options,
            progress,
        )


class _Folders:
    """The files of the four folders, by the name of their case."""

    def __init__(self, root: Path, tree: Tree, data: DatasetFile, is_nnunet: bool) -> None:
        self.root, self.data = root, data
        self.images: dict[str, dict[str, list[Path]]] = {TRAIN_IMAGES: {}, TEST_IMAGES: {}}
        self.labels: dict[str, dict[str, Path]] = {TRAIN_LABELS: {}, TEST_LABELS: {}}
        for file in tree.files:
            folder = file.relative_to(root).parts[0]
            stem = stem_of(file.name, data.ending)
            channel = CHANNEL.match(stem) if is_nnunet else None
            if folder in self.images:
                name = channel[1] if channel else stem
                self.images[folder].setdefault(name, []).append(file)
            elif folder in self.labels:
                self.labels[folder].setdefault(stem, file)
        self.partial = {(root / label).resolve(): known for label, known in data.partial.items()}

    def pairs(self) -> tuple[tuple[Pair, ...], dict[Path, str]]:
        """Return images with their masks, and masks without an image → a word."""
        pairs: list[Pair] = []
        unpaired: dict[Path, str] = {}
        for images, labels in ((TRAIN_IMAGES, TRAIN_LABELS), (TEST_IMAGES, TEST_LABELS)):
            masks = self.labels[labels]
            is_test = images == TEST_IMAGES
            for name, files in sorted(self.images[images].items()):
                if name in masks or not is_test:
                    pairs.append(self._pair(name, files, masks.get(name), is_test=is_test))
            unpaired |= {
                file: NO_MASK for name, file in masks.items() if name not in self.images[images]
            }
        return tuple(pairs), unpaired

    def missing(self) -> dict[str, str]:
        """Return what dataset.json lists and no file holds."""
        return {
            f"{FILE_NAME}: {label}": "there is no such file"
            for _, label in self.data.training
            if not (self.root / label).is_file()
        }

    def to_predict(self) -> dict[Path, str]:
        """Return the images of the test folder that have no mask."""
        masks = self.labels[TEST_LABELS]
        return {
            file: TO_PREDICT
            for name, files in self.images[TEST_IMAGES].items()
            for file in files
            if name not in masks
        }

    def _pair(self, name: str, files: list[Path], mask: Path | None, *, is_test: bool) -> Pair:
        # A test case may bear the name of a training case.
        twice = is_test and name in self.images[TRAIN_IMAGES]
        return Pair(
            f"test/{name}" if twice else name,
            tuple((file,) for file in sorted(files)),
            (Outline(mask),) if mask else (),
            split="test" if is_test else "",
            annotated=self.partial.get(mask.resolve()) if mask else None,
        )


def stem_of(name: str, ending: str = "") -> str:
    """Return a file's name without its ending, ".nii.gz" being one.

    >>> stem_of("liver_0.nii.gz"), stem_of("v1.2_0000.mha", ".mha")
    ('liver_0', 'v1.2_0000')
    """
    if ending and name.endswith(ending):
        return name.removesuffix(ending)
    return name.removesuffix(".gz").rpartition(".")[0] or name


def _is_nnunet(path: Path, tree: Tree) -> bool:
    """Whether images are named by case and channel while labels are named by case."""
    content: Mapping[str, object] = read_json(path / FILE_NAME)
    if "channel_names" in content or "file_ending" in content:
        return True
    folder = path / TRAIN_IMAGES
    images = [stem_of(file.name) for file in tree.files if folder in file.parents]
    return bool(images) and all(
        stem.endswith(("_0000", "_0001", "_0002", "_0003")) for stem in images
    )


def _notes(data: DatasetFile) -> tuple[str, ...]:
    notes = []
    if not data.scheme.is_exclusive:
        notes.append("labels are regions that overlap: " + ", ".join(data.scheme.names))
    if data.scheme.ignore is not None:
        notes.append(f"value {data.scheme.ignore} of the masks is ignored")
    return tuple(notes)
