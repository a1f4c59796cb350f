"""Images with findings: exact boxes, asked numbers and sizes, and no threshold that finds them."""

import numpy as np
import pytest
from scipy.ndimage import find_objects, label

from scanwright.base import InputError, RecipeError
from scanwright.image import BoxesTarget, Modality
from scanwright.phantom import LesionOptions, simulate_lesions
from scanwright.phantom.lesions import SEARCHES

KINDS = list(SEARCHES)
FOUND_ENOUGH = 0.5
"""Intersection over union from which a box counts as found."""


def small(modality, rank, **changes):
    usual = {"size": 64, "cases": 40, "slices": 64 if modality is Modality.CT else 6}
    return LesionOptions(modality=modality, rank=rank, **(usual | changes))


def slices_of(box):
    edges = zip(box.low, box.high, strict=True)
    return tuple(slice(int(low + 0.5), int(high + 0.5)) for low, high in edges)


@pytest.mark.parametrize(("modality", "rank"), KINDS)
def test_a_case_depends_on_seed_and_index_alone(modality, rank):
    one = simulate_lesions(small(modality, rank), 3)
    again = simulate_lesions(small(modality, rank, cases=900), 3)
    other = simulate_lesions(small(modality, rank, seed=1), 3)
    assert again.case.image.is_equal(one.case.image)
    assert again.case.target == one.case.target
    assert not other.case.image.is_equal(one.case.image)


@pytest.mark.parametrize(("modality", "rank"), KINDS)
def test_boxes_are_the_tightest_around_what_is_there(modality, rank):
    options = small(modality, rank, most=1, empty=0, size=48)
    seen = 0
    for index in range(4):
        truth = simulate_lesions(options, index)
        assert truth.case.image.rank == rank
        assert truth.case.target == truth.boxes
        boxes = truth.boxes.boxes
        names = truth.mask.scheme.names
        inside = np.isin(
            truth.mask.labels.array[0], [1 + names.index(n) for n in options.labels if n in names]
        )
        assert len(boxes) == int(inside.any())
        for box in boxes:
            assert box.label in options.labels
            place = tuple(slice(a.min(), a.max() + 1) for a in np.nonzero(inside))
            assert slices_of(box) == place
            seen += 1
    assert seen >= 2


@pytest.mark.parametrize(("modality", "rank"), KINDS)
def test_every_finding_has_a_box_and_some_images_have_none(modality, rank):
    options = small(modality, rank, size=48, most=3, empty=0.4)
    counts = []
    for index in range(8 if rank == 2 else 5):
        truth = simulate_lesions(options, index)
        assert isinstance(truth.case.target, BoxesTarget)
        counts.append(len(truth.boxes.boxes))
        held = np.zeros(truth.mask.labels.size, dtype=bool)
        for box in truth.boxes.boxes:
            held[slices_of(box)] = True
            assert all(low >= -0.5 for low in box.low)
            ends = zip(box.high, truth.case.image.size, strict=True)
            assert all(high <= size - 0.5 for high, size in ends)
        if modality is not Modality.MRI:  # its masks hold the oedema, too
            assert np.all(held[truth.mask.labels.array[0] > 0])
    assert 0 in counts
    assert 1 < max(counts) <= 3


def test_diameters_keep_to_the_limits():
    options = LesionOptions(
        modality="ct", rank=3, size=64, slices=64, empty=0, most=1, smallest_mm=12, largest_mm=14
    )
    for index in range(3):
        truth = simulate_lesions(options, index)
        spacing = np.array(truth.case.image.geometry.spacing_mm)
        for box in truth.boxes.boxes:
            edges_mm = (np.array(box.high) - np.array(box.low)) * spacing
            # Half-axes of 85 % at least, a waving surface, and the pleura may cut a part off.
            assert 5 < edges_mm.max() < 14 * 1.3 + 2 * spacing.max()


def test_images_without_a_finding_come_as_often_as_asked():
    options = small(Modality.MRI, 2, size=32, empty=0.3, smallest_mm=24)
    without = sum(not simulate_lesions(options, index).boxes.boxes for index in range(30))
    assert without == pytest.approx(9, abs=2)


def test_names_that_are_asked_for_are_the_only_ones():
    options = small(Modality.ULTRASOUND, 2, names=("malignant",), empty=0)
    boxes = [box for k in range(4) for box in simulate_lesions(options, k).boxes.boxes]
    assert {box.label for box in boxes} == {"malignant"}
    both = small(Modality.ULTRASOUND, 2, empty=0)
    boxes = [box for k in range(8) for box in simulate_lesions(both, k).boxes.boxes]
    assert {box.label for box in boxes} == {"benign", "malignant"}


def overlap(one, other):
    """Return intersection over union of two tuples of slices."""
    low = [max(a.start, b.start) for a, b in zip(one, other, strict=True)]
    high = [min(a.stop, b.stop) for a, b in zip(one, other, strict=True)]
    shared = np.prod(np.maximum(np.array(high) - low, 0))
    areas = [np.prod([part.stop - part.start for part in box]) for box in (one, other)]
    return shared / (sum(areas) - shared)


def found_by_threshold(truths, share, sign):
    """Return the F1 of components brighter (or darker) than all but a share of an image."""
    right = guessed = there = 0
    for truth in truths:
        image = sign * truth.case.image.array[0].astype(float)
        pieces = find_objects(label(image > np.quantile(image, 1 - share))[0])
        guesses = [piece for piece in pieces if np.prod([p.stop - p.start for p in piece]) >= 9]
        boxes = [slices_of(box) for box in truth.boxes.boxes]
        hits = [max((overlap(box, piece) for piece in guesses), default=0) for box in boxes]
        right += sum(hit >= FOUND_ENOUGH for hit in hits)
        guessed, there = guessed + len(guesses), there + len(boxes)
    return 2 * right / (guessed + there)


@pytest.mark.parametrize(("modality", "rank"), KINDS)
def test_no_threshold_of_brightness_finds_them(modality, rank):
    options = small(modality, rank, slices=64 if modality is Modality.CT else 4)
    truths = [simulate_lesions(options, index) for index in range(10 if rank == 2 else 3)]
    assert sum(len(truth.boxes.boxes) for truth in truths) >= 2
    best = max(
        found_by_threshold(truths, share, sign)
        for share in (0.005, 0.02, 0.05, 0.1, 0.2)
        for sign in (1, -1)
    )
    assert best < 0.45


@pytest.mark.parametrize(
    "wrong",
    [
        {"modality": "x-ray", "rank": 3},
        {"modality": "other"},
        {"modality": "ct", "names": ("cyst",)},
        {"modality": "ultrasound", "names": ("benign", "benign")},
        {"smallest_mm": 12, "largest_mm": 8},
        {"empty": 1.5},
        {"most": 0},
    ],
)
def test_impossible_cohorts_are_refused(wrong):
    with pytest.raises(RecipeError):
        LesionOptions.parse(wrong, "lesions")


@pytest.mark.parametrize("index", [-1, 40])
def test_an_index_outside_the_cohort_is_refused(index):
    with pytest.raises(InputError, match="No such case"):
        simulate_lesions(small(Modality.ULTRASOUND, 2), index)
