"""Which found boxes are true, at every overlap that is asked: decided once, counted ever after."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

import numpy as np
import numpy.typing as npt

from scanwright.base import InputError, LabelError, Options, ShapeError, option
from scanwright.image import Edges, Floats
from scanwright.metrics.box_cases import CaseBoxes
from scanwright.metrics.statistic import Bools, Integers

COCO_OVERLAPS = tuple(np.linspace(0.5, 0.95, 10).tolist())
"""Intersections over union at which COCO asks for a box, as pycocotools rounds them."""

OVERLAPS = (0.1, *COCO_OVERLAPS)
"""0.1 besides: lesions are small and their edges a matter of taste."""

SIZES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"small": (0.0, 0.05), "medium": (0.05, 0.15), "large": (0.15, 1.0)}
)
"""Sides as shares of the image's (the D-th root of the volume's share): about what COCO's 32² and
96² pixels are in its images of 640 × 480."""

States = npt.NDArray[np.int8]
"""1 on a true box, 0 false, -1 of no account, -2 a further one on a true box found already."""


class BoxMatchOptions(Options):
    """When a found box counts as a true one."""

    overlaps: tuple[float, ...] = option(
        OVERLAPS, help="Least intersections over union, rising; each is judged by itself."
    )
    criterion: Literal["overlap", "centre"] = option(
        "overlap",
        help="Overlap alone, or that the centre of the found box must lie in the true one besides.",
    )
    volumes: tuple[float, float] | None = option(
        None,
        help="Only true boxes of such volumes need be found, both ends included, as shares of "
        "each case's `whole`.",
    )


@dataclass(frozen=True, slots=True)
class BoxMatches:
    """All boxes of C cases, and what became of each found one.

    Found boxes are sorted by class, within it the surest first, of equal scores the earlier case
    first. True boxes are sorted by class, within it by case.

    Parameters
    ----------
    overlaps
        T least overlaps, rising.
    cases, classes
        C and K.
    case, label, scores, origin
        Shape (N,): of each found box its case, class, score and place in its case.
    place
        Shape (N,): how many surer boxes of its class its case has.
    state, partner
        Shape (N, T): what became of it, and the index of its true box, -1 without.
    nearest
        Shape (N,): its highest overlap with a true box of its class.
    truth_case, truth_label, truth_origin
        Shape (M,): of each true box its case, class and place in its case.
    counted
        Shape (M,): true boxes that must be found.
    edges, truth_edges
        Shape (N, D, 2) and (M, D, 2).
    """

    overlaps: tuple[float, ...]
    cases: int
    classes: int
    case: Integers = field(repr=False)
    label: Integers = field(repr=False)
    scores: Floats = field(repr=False)
    origin: Integers = field(repr=False)
    place: Integers = field(repr=False)
    state: States = field(repr=False)
    partner: Integers = field(repr=False)
    nearest: Floats = field(repr=False)
    truth_case: Integers = field(repr=False)
    truth_label: Integers = field(repr=False)
    truth_origin: Integers = field(repr=False)
    counted: Bools = field(repr=False)
    edges: Edges = field(repr=False)
    truth_edges: Edges = field(repr=False)

    def at(self, overlap: float) -> int:
        """Return which of the overlaps this is.

        Raises
        ------
        InputError
            It was not asked for when the boxes were matched.
        """
        near = [index for index, own in enumerate(self.overlaps) if abs(own - overlap) < 1e-9]
        if not near:
            raise InputError(
                "The boxes were not matched at this overlap.", got=overlap, legal=self.overlaps
            )
        return near[0]

    def true_counts(self, label: int) -> Floats:
        """Return how many boxes of a class must be found in each case, shape (C,)."""
        chosen = self.truth_case[self.counted & (self.truth_label == label)]
        return np.bincount(chosen, minlength=self.cases).astype(np.float64)

    def subset(self, index: Integers) -> "BoxMatches":
        """Return some cases, by their places, each at most once; they are counted anew from 0."""
        new = np.full(self.cases, -1, dtype=np.int64)
        new[index] = np.arange(len(index))
        return self._kept(new[self.case] >= 0, new[self.truth_case] >= 0, new, len(index))

    def alone(self, label: int) -> "BoxMatches":
        """Return one class, as class 0."""
        same = np.arange(self.cases, dtype=np.int64)
        found = self._kept(self.label == label, self.truth_label == label, same, self.cases)
        zeros = (np.zeros_like(found.label), np.zeros_like(found.truth_label))
        return replace(found, classes=1, label=zeros[0], truth_label=zeros[1])

    def _kept(self, boxes: Bools, truths: Bools, new: Integers, cases: int) -> "BoxMatches":
        places = np.cumsum(truths) - 1
        partner = self.partner[boxes]
        held = ("label", "scores", "origin", "place", "state", "nearest", "edges")
        return replace(
            self,
            cases=cases,
            case=new[self.case[boxes]],
            truth_case=new[self.truth_case[truths]],
            partner=np.where(partner >= 0, places[partner] if len(places) else -1, -1),
            truth_label=self.truth_label[truths],
            truth_origin=self.truth_origin[truths],
            counted=self.counted[truths],
            truth_edges=self.truth_edges[truths],
            **{name: getattr(self, name)[boxes] for name in held},
        )


def relative_volumes(size: str, rank: int) -> tuple[float, float]:
    """Return between which shares of an image "small", "medium" or "large" boxes lie.

    Examples
    --------
    >>> relative_volumes("large", rank=2)
    (0.0225, 1.0)
    """
    low, high = SIZES[size]
    return low**rank, high**rank


def match_boxes(
    cases: Sequence[CaseBoxes], classes: int, options: BoxMatchOptions | None = None
) -> BoxMatches:
    """Decide for every found box which true one of its class and image it is.

    Greedily, the surest first, at every overlap by itself, exactly as pycocotools does (Lin et
    al. 2014, Microsoft COCO); in any number of dimensions.

    Parameters
    ----------
    classes
        K; class indices lie below it.

    Raises
    ------
    InputError
        There is no case, or overlaps do not rise.
    LabelError
        A class index is out of range.
    ShapeError
        The cases differ in rank.

    Examples
    --------
    >>> square = np.array([[[0.0, 10.0], [0.0, 10.0]]])
    >>> case = CaseBoxes(square, [0], square + [[[0.0], [2.0]]], [0], [0.9])
    >>> found = match_boxes([case], classes=1)
    >>> round(float(found.nearest[0]), 3), found.state[0, found.at(0.65)], found.state[0, -1]
    (0.667, np.int8(1), np.int8(0))
    """
    options = options or BoxMatchOptions()
    _check(cases, classes, options)
    truths, guesses = _Side.of_truth(cases), _Side.of_guess(cases)
    crowd = np.concatenate([case.is_crowd for case in cases])[truths.order]
    ignored = crowd | _is_out(cases, truths, options.volumes)
    # One sort by score; what follows keeps its order within each image and class.
    keys = [side.label * len(cases) + side.case for side in (truths, guesses)]
    grouped = np.argsort(keys[1], kind="stable")
    groups = np.arange(classes * len(cases) + 1)
    first = (np.searchsorted(keys[0], groups), np.searchsorted(keys[1][grouped], groups))
    count, asked = len(guesses.case), len(options.overlaps)
    state, partner = np.zeros((count, asked), np.int8), np.full((count, asked), -1, np.int64)
    result = (state, partner, np.zeros(count))
    from scanwright.metrics.box_kernels import match_groups

    match_groups(
        (truths.edges, crowd, ignored),
        (guesses.edges[grouped], _is_out(cases, guesses, options.volumes)[grouped]),
        first,
        (np.array(options.overlaps, dtype=np.float64), options.criterion == "centre"),
        result,
    )
    place = np.arange(count) - first[1][keys[1][grouped]]
    back = np.empty_like(grouped)
    back[grouped] = np.arange(count)
    return BoxMatches(
        options.overlaps,
        len(cases),
        classes,
        guesses.case,
        guesses.label,
        np.concatenate([case.scores for case in cases])[guesses.order],
        guesses.origin,
        place[back],
        state[back],
        partner[back],
        result[2][back],
        truths.case,
        truths.label,
        truths.origin,
        ~ignored,
        guesses.edges,
        truths.edges,
    )


@dataclass(frozen=True, slots=True)
class _Side:
    """The true or the found boxes of all cases in one list, and the order that sorts it."""

    edges: Edges
    label: Integers
    case: Integers
    origin: Integers
    order: Integers

    @classmethod
    def of_truth(cls, cases: Sequence[CaseBoxes]) -> "_Side":
        """Sort by class, within it by case."""
        labels = np.concatenate([case.truth_classes for case in cases])
        order = np.argsort(labels, kind="stable")
        return cls._sorted([case.truth for case in cases], labels, order)

    @classmethod
    def of_guess(cls, cases: Sequence[CaseBoxes]) -> "_Side":
        """Sort by class, within it the surest first."""
        labels = np.concatenate([case.guess_classes for case in cases])
        surest = np.argsort(-np.concatenate([case.scores for case in cases]), kind="stable")
        order = surest[np.argsort(labels[surest], kind="stable")]
        return cls._sorted([case.guess for case in cases], labels, order)

    @classmethod
    def _sorted(cls, edges: Sequence[Edges], labels: Integers, order: Integers) -> "_Side":
        counts = np.array([len(part) for part in edges])
        case = np.repeat(np.arange(len(edges)), counts)
        origin = np.arange(len(labels)) - np.repeat(np.cumsum(counts) - counts, counts)
        return cls(np.concatenate(edges)[order], labels[order], case[order], origin[order], order)


def _is_out(cases: Sequence[CaseBoxes], side: _Side, volumes: tuple[float, float] | None) -> Bools:
    if volumes is None:
        return np.zeros(len(side.case), dtype=bool)
    whole = np.array([case.whole for case in cases])[side.case]
    shares = np.prod(side.edges[:, :, 1] - side.edges[:, :, 0], axis=1) / whole
    return np.asarray((shares < volumes[0]) | (shares > volumes[1]))


def _check(cases: Sequence[CaseBoxes], classes: int, options: BoxMatchOptions) -> None:
    if not cases:
        raise InputError("There is no case to measure.")
    ranks = {case.rank for case in cases}
    if len(ranks) > 1:
        raise ShapeError("All cases have boxes of as many axes.", got=sorted(ranks))
    highest = max(
        (
            int(part.max())
            for case in cases
            for part in (case.truth_classes, case.guess_classes)
            if part.size
        ),
        default=-1,
    )
    if highest >= classes:
        raise LabelError(
            "A class index is out of its range.", got=highest, legal=f"0 to {classes - 1}"
        )
    asked = options.overlaps
    if not asked or any(a >= b for a, b in itertools.pairwise(asked)) or asked[0] < 0:
        raise InputError("Overlaps rise from 0 to 1.", got=asked, legal="0.1, 0.5, say")
