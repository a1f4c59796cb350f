"""Why a case of images and masks cannot be used, as far as headers and values say."""

from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path

from scanwright.data.mask_case import MaskCase, MaskFile, MaskPlan
from scanwright.data.mask_grid import find_placement, grid_words, lie_alike
from scanwright.data.mask_survey import FileValues, Meaning
from scanwright.data.probing import Found
from scanwright.data.reference import SeriesReference


def fault_of_headers(case: MaskCase, plan: MaskPlan, *, does_resample: bool) -> str:
    """Return why a case cannot be used, as far as headers say; empty if it can."""
    first = case.images[0]
    for other in case.images[1:]:
        same = lie_alike(other.header.geometry, first.header.geometry, first.size)
        if other.size != first.size or not same:
            return (
                "its channels lie on different grids: "
                f"{grid_words(first.size, first.header.geometry)} and "
                f"{grid_words(other.size, other.header.geometry)}"
            )
    channels = sum(one.header.channels for one in case.images)
    if plan.channels and channels != len(plan.channels):
        return f"it has {channels} channels, not {len(plan.channels)} ({', '.join(plan.channels)})"
    if case.annotated is not None:
        only = ", ".join(f"“{name}”" for name in case.annotated) or "nothing"
        return f"partial labels: only {only} was outlined in it, but elsewhere more"
    if not does_resample:
        for mask in case.masks:
            fault = grid_fault(mask, first)
            if fault:
                return fault
    return ""


def grid_fault(mask: MaskFile, image: Found) -> str:
    """Return both grids where headers say that they differ."""
    header = mask.header
    if header is None or mask.part.is_sparse:
        return ""
    if isinstance(image.reference, SeriesReference):
        # Where a series lies is known once it is read; its size is known now.
        is_fit = sorted(_long(header.size)) == sorted(_long(image.size))
        words = " × ".join(map(str, image.size))
    else:
        grid = image.header.geometry
        is_flat = len(header.size) != len(image.size) and _long(header.size) == _long(image.size)
        placement = find_placement(header.geometry, header.size, grid, image.size)
        covers = prod(header.size) == prod(image.size)
        is_fit = is_flat or (placement is not None and covers and not any(placement.start))
        words = grid_words(image.size, grid)
    if is_fit:
        return ""
    return (
        "the mask lies on another grid than the image: "
        f"mask {grid_words(header.size, header.geometry)}; image {words}"
    )


def faults_of_values(
    cases: Sequence[MaskCase], found: Mapping[Path, FileValues], plan: MaskPlan
) -> dict[str, str]:
    """Return cases whose masks cannot be read or are no masks → why."""
    faults = {}
    for case in cases:
        for mask in case.masks:
            values = found.get(mask.part.reference.files[0], FileValues())
            if values.error:
                faults[case.name] = f"its mask: {values.error}"
            elif plan.names and len(values.values) > 2 and not values.is_blurred:
                faults[case.name] = (
                    f"its mask of {mask.part.names[0]} is not black and white: it holds "
                    f"{len(values.values)} different values"
                )
    return faults


def faults_of_meaning(
    cases: Sequence[MaskCase], found: Mapping[Path, FileValues], meaning: Meaning
) -> dict[str, str]:
    """Return cases whose masks hold values without a meaning → which."""
    faults: dict[str, str] = {}
    if meaning.threshold is not None:
        return faults
    read_as = dict(meaning.values)
    for case in cases:
        for mask in case.masks:
            values = found.get(mask.part.reference.files[0])
            if mask.part.names or values is None:
                continue
            unknown = [v for v in values.values if read_as.get(v, v) not in meaning.scheme.known]
            if unknown:
                legal = ", ".join(map(str, sorted(meaning.scheme.known)))
                faults[case.name] = (
                    f"its mask holds {', '.join(map(str, unknown[:5]))}, which stands for nothing "
                    f"(known: {legal})"
                )
    return faults


def _long(size: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(length for length in size if length > 1)
