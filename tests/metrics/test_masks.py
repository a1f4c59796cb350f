"""All metrics of the masks of a case."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanwright.base import LabelError, ShapeError
from scanwright.metrics import (
    MaskOptions,
    count_lesions,
    count_overlap,
    element_distances,
    measure_masks,
    score_names,
    voxel_distances,
)

from .builders import surface_pairs

TRUTH, GUESS, SPACING = surface_pairs()["thick slices"]
OTHER = np.roll(TRUTH, 6, axis=1) & ~TRUTH & ~GUESS


def test_classes_are_measured_as_if_each_were_alone() -> None:
    truth = TRUTH.astype(np.int8) + 2 * OTHER.astype(np.int8)
    guess = GUESS.astype(np.uint8) + 2 * np.roll(OTHER, 1, axis=1) * (1 - GUESS.astype(np.uint8))
    options = MaskOptions(surface="surface elements", tolerances_mm=(2.0, 4.0))
    both = measure_masks(truth, guess, SPACING, classes=2, options=options)
    for value, found in enumerate(both, 1):
        t, g = truth == value, guess == value
        apart = element_distances(t, g, SPACING)
        overlap = count_overlap(t, g)
        wanted = {
            "dice": overlap.dice,
            "iou": overlap.iou,
            "sensitivity": overlap.sensitivity,
            "precision": overlap.precision,
            "hd95": apart.hausdorff(),
            "assd": apart.average(),
            "nsd": apart.within(2),
            "nsd_4mm": apart.within(4),
            "volume_error": overlap.volume_error,
            "lesion_f1": count_lesions(t, g).f1,
        }
        assert tuple(found.values) == score_names(options) == tuple(wanted)
        assert dict(found.values) == pytest.approx(wanted)
        assert found.true_volume == pytest.approx(t.sum() * 3 * 1.5 * 1.5 / 1000)
        assert found.guessed_volume == pytest.approx(g.sum() * 3 * 1.5 * 1.5 / 1000)


def test_regions_may_overlap() -> None:
    truth = np.stack([TRUTH, TRUTH & OTHER, TRUTH | OTHER]).astype(np.int8)
    guess = np.stack([GUESS, GUESS & OTHER, GUESS]).astype(np.uint8)
    truth[:, 0] = -1
    found = measure_masks(truth, guess, SPACING, classes=3)
    for part, t, g in zip(found, truth, guess, strict=True):
        alone = measure_masks(t, g, SPACING, classes=1)[0]
        assert dict(part.values) == pytest.approx(dict(alone.values), nan_ok=True)


def test_unknown_elements_beside_a_box_are_seen() -> None:
    truth = np.zeros((9, 9), np.int8)
    truth[3:6, 3:6] = 1
    guess = truth.astype(np.uint8)
    unknown = truth.copy()
    unknown[2], unknown[6] = -1, -1
    unknown[:, 2], unknown[:, 6] = -1, -1
    (found,) = measure_masks(unknown, guess, (1.0, 1.0), classes=1)
    assert found.values["dice"] == 1
    # Every piece of the contour lies beside an unknown element: nothing is left to be measured.
    assert np.isnan([found.values["hd95"], found.values["nsd"]]).all()


def test_absent_classes_follow_the_conventions() -> None:
    truth = np.zeros((4, 5, 6), np.int8)
    guess = truth.astype(np.uint8)
    truth[1, 1:3], guess[2, 2:4] = 1, 2
    missed, invented, absent = measure_masks(truth, guess, (1.0, 1.0, 1.0), classes=3)
    for found in (missed, invented):
        zeros = [found.values[name] for name in ("dice", "iou", "nsd", "nsd_3mm", "lesion_f1")]
        assert zeros == [0] * 5
        assert found.values["hd95"] == found.values["assd"] == np.inf
    assert (missed.values["sensitivity"], missed.values["volume_error"]) == (0, 1)
    assert np.isnan(missed.values["precision"])
    assert (invented.values["precision"], invented.values["volume_error"]) == (0, np.inf)
    assert np.isnan(invented.values["sensitivity"])
    assert np.isnan(list(absent.values.values())).all()


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(3)), st.booleans())
def test_axes_and_directions_make_no_difference(order: list[int], mirrored: bool) -> None:
    step = -1 if mirrored else 1
    moved = [m.transpose(order)[::step].astype(np.uint8) for m in (TRUTH, GUESS)]
    found = measure_masks(*moved, tuple(SPACING[axis] for axis in order), classes=1)[0]
    wanted = measure_masks(TRUTH, GUESS, SPACING, classes=1)[0]
    assert dict(found.values) == pytest.approx(dict(wanted.values))


def test_a_definition_changes_the_surfaces_alone() -> None:
    voxels, elements = (
        measure_masks(TRUTH, GUESS, SPACING, classes=1, options=MaskOptions(surface=kind))[0]
        for kind in ("voxel centres", "surface elements")
    )
    assert voxels.values["dice"] == elements.values["dice"]
    assert voxels.values["hd95"] == voxel_distances(TRUTH, GUESS, SPACING).hausdorff()
    assert voxels.values["hd95"] != elements.values["hd95"]


def test_bad_arguments_are_told() -> None:
    for bad in ((TRUTH, GUESS[:3]), (TRUTH[None], GUESS[None]), (TRUTH[0], GUESS[0])):
        with pytest.raises(ShapeError):
            measure_masks(*bad, SPACING, classes=2)
    with pytest.raises(LabelError):
        measure_masks(TRUTH.astype(np.int8) + 1, GUESS, SPACING, classes=1)
