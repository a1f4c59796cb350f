"""What the rules need to know of a data set, read from its headers and a sample of its images."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from scanwright.base import SILENT, LabelError, Options, Progress, ScanwrightError, option
from scanwright.data import Entry, read_case
from scanwright.image import Image, LabelScheme
from scanwright.inference import InputLimits
from scanwright.recipe.boxes import BoxFacts, look_at_boxes
from scanwright.recipe.masks import LEAST_CASES, MOST_ELEMENTS, MaskFacts, look_at_masks

SAMPLE = 48
"""Images read for intensities."""


class Fingerprint(Options):
    """A data set in numbers; of development cases only, the test set is not looked at."""

    kind: str = option(..., help="Kind of task.")
    labels: tuple[str, ...] = option(..., help="Labels in order.")
    counts: dict[str, int] = option({}, help="Development cases with each label.")
    train: int = option(..., low=1, help="Cases to train on.")
    validation: int = option(0, low=0, help="Cases of the given validation set.")
    patients: int = option(0, low=0, help="Different patients; 0 where they are not named.")
    rank: int = option(..., low=1, high=3, help="Spatial axes.")
    median_size: tuple[int, ...] = option(..., help="Median edge along each axis.")
    smallest: tuple[int, ...] = option(..., help="Smallest edge along each axis.")
    largest: tuple[int, ...] = option(..., help="Largest edge along each axis.")
    aspect_spread: float = option(1.0, low=1.0, help="Largest aspect ratio over the smallest.")
    spacing_mm: tuple[tuple[float, float, float], ...] = option(
        (), help="Lowest, median and highest spacing along each axis, where known."
    )
    channels: tuple[int, ...] = option(..., help="Numbers of channels found.")
    has_colour: bool = option(False, help="Whether all are RGB, and red, green and blue differ.")
    modality: str = option("unknown", help="The most frequent modality.")
    modalities: tuple[str, ...] = option((), help="All modalities found.")
    unit: str = option("", help="Unit of the values.")
    dtype: str = option("", help="Number type of the values.")
    values: tuple[float, float, float] = option(
        (0.0, 0.0, 0.0), help="0.5, 50 and 99.5 percentile of the sampled values."
    )
    means: tuple[float, float] = option((0.0, 0.0), help="Lowest and highest mean of an image.")
    masks: MaskFacts | None = option(None, help="What is outlined, where that is the task.")
    boxes: BoxFacts | None = option(None, help="What is to be found, where that is the task.")
    empty_border: float = option(
        0.0, low=0.0, high=1.0, help="Median share of an image that is empty border."
    )

    def limits(self) -> InputLimits:
        """Return the inputs that a network trained on this data set accepts."""
        return InputLimits(
            rank=self.rank,
            channels=self.channels,
            modalities=tuple(name for name in self.modalities if name not in ("unknown", "other")),
            smallest=self.smallest,
            largest=self.largest,
            spacing_mm=tuple((low, high) for low, _, high in self.spacing_mm),
            values=self.means,
        )

    @property
    def imbalance(self) -> float:
        """Cases of the most frequent label over those of the least frequent."""
        known = [count for count in self.counts.values() if count > 0]
        return max(known) / min(known) if known else 1.0


@dataclass(frozen=True, slots=True)
class Development:
    """The entries that may be looked at, and what the task is.

    A scheme says what the values of label maps mean, where the targets are such; `finds` says that
    they are boxes.
    """

    train: Sequence[Entry]
    validation: Sequence[Entry]
    kind: str
    labels: tuple[str, ...]
    counts: dict[str, int]
    scheme: LabelScheme | None = None
    finds: bool = False


def take_fingerprint(development: Development, progress: Progress = SILENT) -> Fingerprint:
    """Take the fingerprint of a data set's training and validation cases.

    Raises
    ------
    LabelError
        Images of different ranks are mixed.
    """
    entries = [*development.train, *development.validation]
    images = _sample(entries, progress)
    sizes = [entry.size for entry in entries if entry.size] or [image.size for image in images]
    ranks = {len(size) for size in sizes}
    if len(ranks) != 1:
        raise LabelError(
            "2-D and 3-D images are mixed; one network takes one kind.",
            got=", ".join(f"{rank}-D" for rank in sorted(ranks)),
            next="put them into separate folders and train on each",
        )
    columns = list(zip(*sizes, strict=True))
    modalities = [entry.modality.value for entry in entries]
    values = np.concatenate([_thinned(image) for image in images])
    low, middle, high = np.percentile(values, (0.5, 50, 99.5)).tolist()
    means = [float(image.array.mean(dtype=np.float64)) for image in images]
    patients = {entry.patient for entry in entries if entry.patient}
    channels = tuple(sorted({len(image.channels) for image in images}))
    masks = None
    if development.scheme is not None:
        masks = look_at_masks(entries, development.scheme, progress)
    boxes = None
    if development.finds:
        boxes = look_at_boxes(entries, development.labels, progress)
    return Fingerprint(
        kind=development.kind,
        labels=development.labels,
        counts=_counts(development, masks, boxes),
        masks=masks,
        boxes=boxes,
        train=len(development.train),
        validation=len(development.validation),
        patients=len(patients),
        rank=ranks.pop(),
        median_size=tuple(int(median(column)) for column in columns),
        smallest=tuple(min(column) for column in columns),
        largest=tuple(max(column) for column in columns),
        aspect_spread=_aspect_spread(sizes),
        spacing_mm=_spacing(entries, images),
        channels=channels,
        has_colour=channels == (3,) and any(_has_colour(image) for image in images),
        modality=max(sorted(set(modalities)), key=modalities.count),
        modalities=tuple(sorted(set(modalities))),
        unit=max(sorted({image.unit for image in images}), key=[i.unit for i in images].count),
        dtype=str(images[0].array.dtype),
        values=(low, middle, high),
        means=(min(means), max(means)),
        empty_border=float(np.median([_empty_border(image) for image in images])),
    )


def _counts(
    development: Development, masks: MaskFacts | None, boxes: BoxFacts | None
) -> dict[str, int]:
    """Return in how many cases each label is."""
    if masks is not None:
        return masks.present
    return development.counts if boxes is None else boxes.present


def _sample(entries: Sequence[Entry], progress: Progress) -> list[Image]:
    """Read images spread evenly over the data set; unreadable ones are met again by the store."""
    step = max(len(entries) // SAMPLE, 1)
    chosen = entries[::step][:SAMPLE]
    images: list[Image] = []
    reasons = []
    progress.begin("looking at a sample", len(chosen), "images")
    elements = 0.0
    for entry in chosen:
        if len(images) >= LEAST_CASES and elements > MOST_ELEMENTS:
            break
        try:
            images.append(read_case(entry).image)
            elements += images[-1].array.size
        except ScanwrightError as error:
            reasons.append(error)
        progress.step(1)
    progress.end()
    if not images:
        raise reasons[0]
    return images


def _thinned(image: Image) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    flat = image.array.reshape(-1)
    thin = flat[:: max(flat.size // 20_000, 1)].astype(np.float64)
    return np.asarray(thin[np.isfinite(thin)])


def _aspect_spread(sizes: Sequence[tuple[int, ...]]) -> float:
    if len(sizes[0]) < 2:
        return 1.0
    ratios = [size[-1] / size[-2] for size in sizes]
    return max(ratios) / min(ratios)


def _spacing(
    entries: Sequence[Entry], images: Sequence[Image]
) -> tuple[tuple[float, float, float], ...]:
    known = [entry.spacing_mm for entry in entries if entry.spacing_mm is not None]
    if not known:
        known = [i.geometry.spacing_mm for i in images if i.geometry.is_physical]
    if len({len(spacing) for spacing in known}) != 1:
        return ()
    return tuple((min(axis), median(axis), max(axis)) for axis in zip(*known, strict=True))


def _has_colour(image: Image) -> bool:
    """Whether an RGB image is more than a grey one saved in colour (JPEG shifts it by a few)."""
    if len(image.channels) != 3:
        return False
    spread = np.ptp(image.array.astype(np.float32), axis=0)
    scale = max(float(np.ptp(image.array.astype(np.float32))), 1e-9)
    return float((spread > 0.1 * scale).mean()) > 0.02


def _empty_border(image: Image) -> float:
    """Return the share of elements outside the box of everything above the darkest 1 %."""
    grey = image.array.max(axis=0).astype(np.float32)
    level = grey.min() + 0.01 * (grey.max() - grey.min())
    inside = grey > level
    share = 1.0
    for axis in range(inside.ndim):
        others = tuple(other for other in range(inside.ndim) if other != axis)
        line = np.flatnonzero(inside.any(axis=others))
        if len(line) == 0:
            return 0.0
        share *= (line[-1] - line[0] + 1) / inside.shape[axis]
    return 1.0 - float(share)
