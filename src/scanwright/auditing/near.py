"""The search for near duplicates: candidates by short descriptors, then registration and proof."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import prod

import numpy as np

from scanwright.auditing.near_candidates import Candidates, find_candidates
from scanwright.auditing.near_pair import Kind, NearDuplicates, NearPair
from scanwright.auditing.near_register import (
    Overlay,
    compare,
    halved,
    register,
    sift,
    warped,
)
from scanwright.auditing.near_view import Detail, View
from scanwright.auditing.picture import Floats, Picture
from scanwright.base import SILENT, Options, Progress, option

DETAIL = {
    1: Detail(sigma=3.0, floor=0.02, smooth=0.8),
    2: Detail(sigma=3.0, floor=0.02, smooth=0.8),
    3: Detail(sigma=2.0, floor=0.02, smooth=0.6),
}
"""Rank → what is taken out of pictures before they are compared."""
COARSE = (0.15, 0.28, 0.4, 0.5, 0.6, 0.6, 0.75)
"""What correlation must be reached before each step at half the resolution, and after the last.

Copies begin at 0.22 and more, and end at 0.82 and more; others of one anatomy end below 0.75."""
PAIRS_AT_ONCE = 4096
FINE_STEPS = 6
BATCH_ELEMENTS = 1 << 20
"""Elements of the pictures that are registered at once; bounds memory."""
FULLY_PAIRED = 32
"""Copies of one image beyond this number are each paired with the first one only."""
UPRIGHT_BONUS = 0.02
"""A mirrored view must be better than the upright one by this, for symmetric anatomy."""
SAME_SCALE, SAME_SHIFT = 0.015, 0.02
SAME_CONTRAST = 0.04
"""Differences from registration and compression alone."""


class NearOptions(Options):
    """How alike two images must be to count as one."""

    similarity: float = option(
        0.975, low=0.5, high=1, help="Least correlation of details after registration."
    )
    weakest_part: float = option(
        0.8, low=0, high=1, help="Least correlation in the weakest fifth of the parts."
    )
    turned: bool = option(True, help="Look for mirrored and rotated copies, too.")
    neighbours: int = option(
        8, low=1, high=1000, help="Most similar images per image that are looked at closely."
    )


def find_near_duplicates(
    pictures: Sequence[Picture | None],
    options: NearOptions | None = None,
    progress: Progress = SILENT,
) -> NearDuplicates:
    """Find which pictures show the same image: copied, rescaled, cut, brightened or mirrored.

    Parameters
    ----------
    pictures
        What `reduce_image` made of each image; None where an image could not be read.

    Returns
    -------
    Pairs of places in `pictures`. What is found does not depend on the order of the pictures.
    Pictures of different rank are never compared; constant ones are listed apart.
    """
    options = options or NearOptions()
    pairs = {(one.first, one.second): one for one in _exact(pictures)}
    for rank in (1, 2, 3):
        places = [n for n, one in enumerate(pictures) if _is_visible(one, rank)]
        if len(places) > 1:
            chosen = [one for n in places if (one := pictures[n]) is not None]
            for pair in _similar(chosen, options, progress):
                first, second = places[pair.first], places[pair.second]
                found = NearPair(first, second, pair.similarity, pair.kind)
                pairs.setdefault((first, second), found)
    return NearDuplicates(
        tuple(sorted(pairs.values())),
        constant=tuple(n for n, one in enumerate(pictures) if one is not None and one.is_constant),
        missing=tuple(n for n, one in enumerate(pictures) if one is None),
    )


def _is_visible(picture: Picture | None, rank: int) -> bool:
    return picture is not None and picture.rank == rank and not picture.is_constant


def _exact(pictures: Sequence[Picture | None]) -> Iterator[NearPair]:
    groups: dict[str, list[int]] = defaultdict(list)
    for place, picture in enumerate(pictures):
        if picture is not None and not picture.is_constant:
            groups[picture.digest].append(place)
    for copies in groups.values():
        all_pairs = combinations(copies, 2)
        star = ((copies[0], other) for other in copies[1:])
        for first, second in all_pairs if len(copies) <= FULLY_PAIRED else star:
            yield NearPair(first, second, 1.0, "copy")


def _similar(
    pictures: Sequence[Picture], options: NearOptions, progress: Progress
) -> Iterator[NearPair]:
    values = np.stack([picture.values for picture in pictures])
    candidates = find_candidates(
        values, neighbours=options.neighbours, turned=options.turned, progress=progress
    )
    candidates = _without_copies(candidates, pictures)
    best: dict[tuple[int, int], NearPair] = {}
    progress.begin("comparing similar images", len(candidates.fixed), "pairs")
    for judged in _judge_all(values, candidates, options, progress):
        pair = judged.pair(pictures)
        known = best.get((pair.first, pair.second))
        if known is None or _rank_of(pair) > _rank_of(known):
            best[pair.first, pair.second] = pair
    progress.end()
    yield from best.values()


def _rank_of(pair: NearPair) -> float:
    turned = pair.kind in ("mirrored", "rotated")
    return pair.similarity + (0 if turned else UPRIGHT_BONUS)


def _without_copies(candidates: Candidates, pictures: Sequence[Picture]) -> Candidates:
    """Leave out pairs that are known to be exact copies."""
    number = {digest: n for n, digest in enumerate({one.digest for one in pictures})}
    digests = np.array([number[one.digest] for one in pictures])
    differs = digests[candidates.fixed] != digests[candidates.moving]
    return candidates.only(np.flatnonzero(differs))


@dataclass(frozen=True, slots=True)
class _Judged:
    """A pair that is one image, and how the one lies on the other."""

    fixed: int
    moving: int
    view: View
    similarity: float
    scale: Floats
    shift: Floats
    contrast: float

    def pair(self, pictures: Sequence[Picture]) -> NearPair:
        first, second = sorted((self.fixed, self.moving))
        return NearPair(first, second, self.similarity, self._kind(pictures))

    def _kind(self, pictures: Sequence[Picture]) -> Kind:
        fixed, moving = pictures[self.fixed], pictures[self.moving]
        cropped = np.abs(self.scale - 1).max() > SAME_SCALE or np.abs(self.shift).max() > SAME_SHIFT
        span = max(fixed.bright - fixed.dark, moving.bright - moving.dark)
        levels = max(abs(fixed.dark - moving.dark), abs(fixed.bright - moving.bright)) / span
        kinds: list[tuple[bool, Kind]] = [
            (self.view.is_rotated, "rotated"),
            (not self.view.is_upright, "mirrored"),
            (bool(cropped), "cropped"),
            (fixed.size != moving.size, "rescaled"),
            (max(levels, self.contrast) > SAME_CONTRAST, "brightness"),
        ]
        return next((kind for holds, kind in kinds if holds), "recompressed")


def _judge_all(
    values: Floats, candidates: Candidates, options: NearOptions, progress: Progress
) -> Iterator[_Judged]:
    details = _half_details(values)
    # Pairs of one view lie together, so that all pictures are turned once, and of one picture.
    order = np.lexsort((candidates.fixed, candidates.view))
    for number in np.unique(candidates.view):
        view = candidates.views[number]
        turned = view.turn(details)
        mine = order[candidates.view[order] == number]
        for begin in range(0, len(mine), PAIRS_AT_ONCE):
            pairs = candidates.only(mine[begin : begin + PAIRS_AT_ONCE])
            start = _start(view, len(pairs.fixed))
            overlay, kept = sift((details, turned), (pairs.fixed, pairs.moving), start, COARSE)
            yield from _prove_all(values, pairs.only(kept), overlay, options)
            progress.step(len(pairs.fixed))


def _half_details(values: Floats) -> Floats:
    """Return the details of all pictures at half the resolution."""
    detail, batch = DETAIL[values.ndim - 1], _batch(values)
    return np.concatenate(
        [
            halved(detail.of(values[begin : begin + batch].astype(np.float32)))
            for begin in range(0, len(values), batch)
        ]
    )


def _batch(values: Floats) -> int:
    return max(1, BATCH_ELEMENTS // prod(values.shape[1:]))


def _prove_all(
    values: Floats, pairs: Candidates, overlay: Overlay, options: NearOptions
) -> Iterator[_Judged]:
    for begin in range(0, len(pairs.fixed), _batch(values)):
        some = np.arange(begin, min(begin + _batch(values), len(pairs.fixed)))
        yield from _prove(values, pairs.only(some), overlay.only(some), options)


def _prove(
    values: Floats, pairs: Candidates, overlay: Overlay, options: NearOptions
) -> Iterator[_Judged]:
    """Register pairs of one view to the end and yield those that are one image."""
    view = pairs.views[pairs.view[0]]
    fixed = values[pairs.fixed].astype(np.float32)
    moving = view.turn(values[pairs.moving]).astype(np.float32)
    detail = DETAIL[values.ndim - 1]
    overlay = register(detail.of(fixed), detail.of(moving), overlay, FINE_STEPS)
    likeness = compare(fixed, moving, overlay, detail)
    same = likeness.whole >= options.similarity
    same &= likeness.weakest_parts >= options.weakest_part
    kept = np.flatnonzero(same)
    overlay = overlay.only(kept)
    contrast = _difference(fixed[kept], moving[kept], overlay)
    for n, place in enumerate(kept):
        yield _Judged(
            int(pairs.fixed[place]),
            int(pairs.moving[place]),
            view,
            min(1.0, float(likeness.whole[place])),
            overlay.scale[n],
            overlay.shift[n],
            float(contrast[n]),
        )


def _start(view: View, count: int) -> Overlay:
    """Return where a view lies before anything is refined; see `Overlay` for the coordinates."""
    scale = np.full((count, len(view.begin)), view.share, np.float32)
    shift = np.array([2 * begin + view.share - 1 for begin in view.begin], np.float32)
    return Overlay(scale, np.broadcast_to(shift, scale.shape))


def _difference(fixed: Floats, moving: Floats, overlay: Overlay) -> Floats:
    """Return how far grey levels differ (root mean square) where both pictures lie."""
    moved, mask = warped(moving, overlay)
    axes = tuple(range(1, fixed.ndim))
    squares = ((moved - fixed) ** 2 * mask).sum(axis=axes)
    result: Floats = np.sqrt(squares / np.maximum(mask.sum(axis=axes), 1))
    return result
