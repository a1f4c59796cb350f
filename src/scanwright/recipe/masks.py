"""What the rules need to know of a data set of outlined images: grids, values inside, sizes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

from scanwright.base import SILENT, LabelError, Options, Progress, ScanwrightError, option
from scanwright.data import Entry, read_case, to_codes, truth_table
from scanwright.image import Case, Image, LabelScheme, MaskTarget
from scanwright.transforms import CropToContent, Orient

MOST_CASES = 200
"""Cases looked at."""
LEAST_CASES = 8
MOST_ELEMENTS = 5e8
"""No further case is looked at beyond so many elements, once there are a few."""
SAMPLED = 50_000
"""Elements inside outlines whose values are noted, of each case."""
AXES = "SPL"
"""Order of axes in which volumes are compared."""

Numbers = npt.NDArray[np.float32]


class Intensities(Options):
    """Values of one channel inside the outlines."""

    mean: float = option(..., help="Mean.")
    deviation: float = option(..., help="Standard deviation.")
    low: float = option(..., help="0.5 percentile.")
    median: float = option(..., help="Median.")
    high: float = option(..., help="99.5 percentile.")


class MaskFacts(Options):
    """Outlined images in numbers; volumes turned alike, and cut to where they are not 0."""

    values: tuple[tuple[int, ...], ...] = option(..., help="Values of each label.")
    ignore: int | None = option(None, help="Value where nothing is known.")
    cases: int = option(..., low=1, help="Cases looked at.")
    size: tuple[int, ...] = option(..., help="Median edge along each axis.")
    spacing_mm: tuple[float, ...] = option((), help="Median spacing, where known.")
    fine_mm: tuple[float, ...] = option((), help="10th percentile of the spacing, where known.")
    kept: float = option(1.0, low=0.0, high=1.0, help="Median share of an image not cut away.")
    inside: tuple[Intensities, ...] = option((), help="Values inside the outlines, by channel.")
    present: dict[str, int] = option({}, help="Cases in which each label occurs.")
    elements: dict[str, float] = option(
        {}, help="Median elements of each label, where it occurs, in the grid as it was read."
    )
    volume_ml: dict[str, tuple[float, float, float]] = option(
        {}, help="Lowest, median and highest volume of each label (2-D: area in cm²), where known."
    )
    smallest: dict[str, float] = option(
        {}, help="Diameter of a ball of the 10th percentile volume, in elements of `spacing_mm`."
    )
    outlined: float = option(0.0, low=0.0, high=1.0, help="Median share of elements outlined.")
    extent: tuple[float, ...] = option(
        (), help="90th percentile of the edges of the box around all outlines, as shares."
    )

    @property
    def is_physical(self) -> bool:
        """Whether all have a spacing."""
        return bool(self.spacing_mm)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is noted of one case.

    Parameters
    ----------
    size, spacing_mm
        Of the image turned and cut; spacing 1 where it is not known.
    is_physical
        Whether it is.
    kept
        Share not cut away.
    values
        Shape (C, N): values inside the outlines.
    counts
        Elements of each label.
    outlined
        Share of elements that belong to a label.
    extent
        Edges of the box around them as shares of the image's; 0 where there are none.
    """

    size: tuple[int, ...]
    spacing_mm: tuple[float, ...]
    is_physical: bool
    kept: float
    values: Numbers
    counts: tuple[int, ...]
    outlined: float
    extent: tuple[float, ...]


def look_at_mask(case: Case, scheme: LabelScheme, rng: np.random.Generator) -> Seen:
    """Note what the rules need of one case.

    Raises
    ------
    LabelError
        The case has no label map, or one with values that have no name.
    """
    target = case.target
    if not isinstance(target, MaskTarget):
        raise LabelError("The case has no label map.", where=case.name)
    case, kept = _turned_and_cut(case)
    target = case.target
    assert isinstance(target, MaskTarget)
    image = case.image
    codes = to_codes(target.labels.array[0], scheme)
    counts = np.bincount(codes.reshape(-1), minlength=256)
    members = _members(scheme)
    is_inside = np.asarray(members.any(axis=0))
    return Seen(
        size=image.size,
        spacing_mm=image.geometry.spacing_mm,
        is_physical=image.geometry.is_physical,
        kept=kept,
        values=_values_inside(image, codes, is_inside, rng),
        counts=tuple(int(count) for count in members @ counts),
        outlined=float(counts[is_inside].sum() / codes.size),
        extent=_extent(codes, is_inside),
    )


def gather_masks(seen: Sequence[Seen], scheme: LabelScheme) -> MaskFacts:
    """Put together what was noted of cases."""
    sizes, spacings = [one.size for one in seen], [one.spacing_mm for one in seen]
    is_physical = all(one.is_physical for one in seen)
    spacing = tuple(median(axis) for axis in zip(*spacings, strict=True))
    facts = _by_label(seen, scheme.names, spacing)
    if not is_physical:
        facts.pop("volume_ml")
    return MaskFacts(
        values=scheme.values,
        ignore=scheme.ignore,
        cases=len(seen),
        size=tuple(round(median(axis)) for axis in zip(*sizes, strict=True)),
        spacing_mm=spacing if is_physical else (),
        fine_mm=tuple(float(np.percentile(axis, 10)) for axis in zip(*spacings, strict=True))
        if is_physical
        else (),
        kept=median(one.kept for one in seen),
        inside=_intensities([one.values for one in seen]),
        outlined=median(one.outlined for one in seen),
        extent=tuple(
            float(np.percentile(axis, 90)) for axis in zip(*(s.extent for s in seen), strict=True)
        ),
        **facts,
    )


def look_at_masks(
    entries: Sequence[Entry], scheme: LabelScheme, progress: Progress = SILENT
) -> MaskFacts:
    """Read cases spread over a data set, as many as are needed, and note what the rules need.

    Raises
    ------
    LabelError
        No case has a label map that can be used; the reason of the first is given.
    """
    seen: list[Seen] = []
    reasons: list[ScanwrightError] = []
    rng = np.random.default_rng(0)
    elements = 0.0
    chosen = spread_sample(entries)
    progress.begin("looking at outlines", len(chosen), "cases")
    for entry in chosen:
        if len(seen) >= LEAST_CASES and elements > MOST_ELEMENTS:
            break
        try:
            case = read_case(entry)
            seen.append(look_at_mask(case, scheme, rng))
            elements += case.image.array.size
        except ScanwrightError as error:
            reasons.append(error)
        progress.step(1)
    progress.end()
    if not seen:
        raise reasons[0] if reasons else LabelError("No case has a label map.")
    return gather_masks(seen, scheme)


def spread_sample(entries: Sequence[Entry], most: int = MOST_CASES) -> list[Entry]:
    """Return at most so many entries, spread over all, and any first few of them spread too."""
    count = min(len(entries), most)
    places = np.linspace(0, len(entries) - 1, count).round().astype(int).tolist()
    order = np.random.default_rng(0).permutation(count).tolist()
    return [entries[places[at]] for at in order]


def _turned_and_cut(case: Case) -> tuple[Case, float]:
    rng = np.random.default_rng(0)
    if case.image.rank == 3 and case.image.geometry.is_physical:
        turn = Orient(axes=AXES)
        case = turn.apply(case, turn.draw(case, rng))
    before = math.prod(case.image.size)
    cut = CropToContent(level="nonzero", least_share=0.0, margin=0)
    case = cut.apply(case, cut.draw(case, rng))
    return case, math.prod(case.image.size) / before


def _members(scheme: LabelScheme) -> npt.NDArray[np.bool_]:
    """Return which codes belong to each label, shape (K, 256)."""
    table = truth_table(scheme)
    if table.ndim == 2:
        return np.asarray(table > 0)
    return np.asarray(table == np.arange(1, len(scheme.names) + 1)[:, None])


def _extent(codes: npt.NDArray[np.uint8], is_inside: npt.NDArray[np.bool_]) -> tuple[float, ...]:
    """Return the edges of the box around all outlines, as shares of the image's."""
    outlined = is_inside[codes]
    shares = []
    for axis, edge in enumerate(codes.shape):
        others = tuple(other for other in range(codes.ndim) if other != axis)
        places = np.flatnonzero(outlined.any(axis=others))
        shares.append((int(places[-1]) - int(places[0]) + 1) / edge if len(places) else 0.0)
    return tuple(shares)


def _values_inside(
    image: Image,
    codes: npt.NDArray[np.uint8],
    is_inside: npt.NDArray[np.bool_],
    rng: np.random.Generator,
) -> Numbers:
    """Draw values inside the outlines, shape (C, N)."""
    places = np.flatnonzero(is_inside[codes])
    if len(places) > SAMPLED:
        places = rng.choice(places, SAMPLED, replace=False, shuffle=False)
    values = image.array.reshape(len(image.array), -1)[:, places].astype(np.float32)
    finite = np.isfinite(values).all(axis=0)
    return np.asarray(values[:, finite])


def _intensities(values: Sequence[Numbers]) -> tuple[Intensities, ...]:
    if len({len(one) for one in values}) != 1:
        return ()  # numbers of channels differ: they will be made one, and measured by case
    together = np.concatenate(values, axis=1).astype(np.float64)
    if together.shape[1] == 0:
        return ()
    return tuple(_intensities_of(channel) for channel in together)


def _intensities_of(channel: npt.NDArray[np.float64]) -> Intensities:
    low, middle, high = np.percentile(channel, (0.5, 50, 99.5)).tolist()
    return Intensities(
        mean=float(channel.mean()),
        deviation=float(channel.std()),
        low=low,
        median=middle,
        high=high,
    )


def _by_label(
    seen: Sequence[Seen], names: Sequence[str], spacing: tuple[float, ...]
) -> dict[str, Any]:  # Any: tables of different kinds
    present, elements, volumes, smallest = {}, {}, {}, {}
    rank = len(spacing)
    # Millimetres to the power of the rank: in millilitres, or square centimetres.
    unit = 1000.0 if rank == 3 else 100.0
    for index, name in enumerate(names):
        counts = [(one.counts[index], math.prod(one.spacing_mm)) for one in seen]
        there = [(count, element) for count, element in counts if count]
        present[name] = len(there)
        if not there:
            continue
        sizes = [count * element for count, element in there]
        elements[name] = float(median(count for count, _ in there))
        volumes[name] = (min(sizes) / unit, median(sizes) / unit, max(sizes) / unit)
        small = float(np.percentile(sizes, 10)) / math.prod(spacing)
        smallest[name] = _ball_diameter(small, rank)
    return {
        "present": present, "elements": elements, "volume_ml": volumes, "smallest": smallest,
    }  # fmt: skip


def _ball_diameter(volume: float, rank: int) -> float:
    """Return the diameter of a ball (a disc) of some volume (area)."""
    if rank == 3:
        return float((6 * volume / math.pi) ** (1 / 3))
    return float(2 * math.sqrt(volume / math.pi)) if rank == 2 else volume
