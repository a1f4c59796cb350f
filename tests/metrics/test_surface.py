"""Distances between surfaces, equal to those of the tools whose definitions they follow."""

import json
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.ndimage import binary_erosion, distance_transform_edt, generate_binary_structure

from scanwright.base import InputError, ShapeError
from scanwright.metrics import SurfaceDistances, element_distances, surface, voxel_distances

from .builders import GOLDEN, SHARES, TOLERANCES, Bools, ellipsoid, surface_pairs

PAIRS = surface_pairs()
THEIRS = json.loads(GOLDEN.read_text())
MEASURES = [voxel_distances, element_distances]
Measure = Callable[..., SurfaceDistances]


def values_of(found: SurfaceDistances) -> list[float]:
    return [
        *(found.hausdorff(share) for share in SHARES),
        found.average(),
        *(found.within(tolerance) for tolerance in TOLERANCES),
    ]


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize(
    ("tool", "measure"), [("MONAI", voxel_distances), ("surface-distance", element_distances)]
)
def test_values_are_those_of_the_other_tool(tool: str, measure: Measure, name: str) -> None:
    theirs = THEIRS[tool][name]
    average = np.nan if theirs["average"] is None else theirs["average"]
    wanted = [*theirs["hausdorff"], average, *theirs["within"]]
    if name.startswith("nothing"):  # one surface is empty: they say NaN of some, we always infinite
        wanted[:4] = [np.inf] * 4
    # MONAI answers in single precision.
    assert values_of(measure(*PAIRS[name])) == pytest.approx(wanted, rel=1e-6, abs=1e-6)


def test_areas_are_those_of_the_other_tool() -> None:
    for name, pair in PAIRS.items():
        found = element_distances(*pair)
        sums = [sizes.sum() for sizes in (found.truth_sizes, found.guess_sizes)]  # type: ignore[union-attr]
        assert sums == pytest.approx(THEIRS["surface-distance"][name]["areas"], rel=1e-12)


def border(mask: Bools) -> Bools:
    inner: Bools = mask & ~binary_erosion(mask, generate_binary_structure(mask.ndim, 1))
    return inner


@st.composite
def masks(draw: st.DrawFn) -> tuple[Bools, Bools, tuple[float, ...]]:
    size = draw(st.lists(st.integers(1, 9), min_size=2, max_size=3))
    spacing = draw(st.tuples(*[st.floats(0.2, 6)] * len(size)))
    truth, guess = (draw(arrays(np.bool_, tuple(size))) for _ in range(2))
    return truth, guess, spacing


@settings(max_examples=80, deadline=None)
@given(masks(), st.integers(1, 40))
def test_distances_are_those_of_a_whole_distance_map(
    drawn: tuple[Bools, Bools, tuple[float, ...]], lines: int
) -> None:
    truth, guess, spacing = drawn
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(surface, "LINES_NEARBY", lines)  # so that the far search is used as well
        surface._lines_around.cache_clear()
        found = voxel_distances(truth, guess, spacing)
    surface._lines_around.cache_clear()
    one, other = border(truth), border(guess)
    if not (one.any() and other.any()):
        assert np.isinf(np.concatenate([found.of_truth, found.of_guess])).all()
        return
    np.testing.assert_allclose(found.of_truth, distance_transform_edt(~other, spacing)[one])
    np.testing.assert_allclose(found.of_guess, distance_transform_edt(~one, spacing)[other])


@settings(max_examples=40, deadline=None)
@given(masks(), st.sampled_from(MEASURES))
def test_truth_and_guess_may_change_places(
    drawn: tuple[Bools, Bools, tuple[float, ...]], measure: Measure
) -> None:
    truth, guess, spacing = drawn
    one, other = measure(truth, guess, spacing), measure(guess, truth, spacing)
    assert values_of(one) == pytest.approx(values_of(other), nan_ok=True)


@pytest.mark.parametrize("measure", MEASURES)
def test_axes_may_change_places_and_units(measure: Measure) -> None:
    truth, guess, spacing = PAIRS["thick slices"]
    wanted = measure(truth, guess, spacing)
    turned = measure(truth.transpose(2, 0, 1), guess.transpose(2, 0, 1), (1.5, 3.0, 1.5))
    assert turned.hausdorff() == pytest.approx(wanted.hausdorff())
    assert turned.within(2.5) == pytest.approx(wanted.within(2.5))
    tenfold = measure(truth, guess, tuple(10 * length for length in spacing))
    assert tenfold.average() == pytest.approx(10 * wanted.average())


@pytest.mark.parametrize("measure", MEASURES)
def test_two_balls_lie_as_far_apart_as_their_radii_differ(measure: Measure) -> None:
    size = (41, 41, 41)
    small, large = (ellipsoid(size, (20, 20, 20), (r, r, r)) for r in (10.0, 15.0))
    found = measure(large, small, (1.0, 1.0, 1.0))
    # Corners around a staircase lie on both its sides, and the nearest one counts.
    assert found.average() == pytest.approx(5, abs=0.6)
    assert found.hausdorff(1) == pytest.approx(5, abs=1)
    assert found.within(7) == 1


def test_the_area_of_a_ball_and_the_length_of_a_circle() -> None:
    ball = ellipsoid((50, 60, 60), (25, 30, 30), (10, 20, 20))
    found = element_distances(ball, ball, (2.0, 1.0, 1.0))
    assert found.truth_sizes is not None
    # Marching cubes on 0 and 1 is a staircase with bevelled steps: too large by up to a tenth.
    assert 1 < found.truth_sizes.sum() / (4 * np.pi * 20**2) < 1.12
    disk = ellipsoid((50, 50), (25, 25), (20, 20))
    circle = element_distances(disk, disk, (1.0, 1.0)).truth_sizes
    assert circle is not None
    assert 1 < circle.sum() / (2 * np.pi * 20) < 1.1


@pytest.mark.parametrize("measure", MEASURES)
def test_conventions_where_a_surface_is_empty(measure: Measure) -> None:
    empty, some = np.zeros((6, 7), bool), np.zeros((6, 7), bool)
    some[2:4, 2:5] = True
    for pair in ((empty, some), (some, empty)):
        found = measure(*pair, (1.0, 1.0))
        assert found.hausdorff() == np.inf
        assert found.average() == np.inf
        assert found.within(100) == 0
    nothing = measure(empty, empty, (1.0, 1.0))
    assert np.isnan([nothing.hausdorff(), nothing.average(), nothing.within(1)]).all()


@pytest.mark.parametrize("measure", MEASURES)
def test_what_is_unknown_is_left_out(measure: Measure) -> None:
    truth, guess, spacing = PAIRS["isotropic"]
    ignored = np.zeros_like(truth)
    ignored[:, :14] = True
    whole, known = measure(truth, guess, spacing), measure(truth, guess, spacing, ignored)
    assert 0 < len(known.of_truth) < len(whole.of_truth)
    spoiled = guess.copy()
    spoiled[:, :8] ^= True  # far inside the unknown part, so that no counted piece is near
    again = measure(truth, spoiled, spacing, ignored)
    assert values_of(again) == pytest.approx(values_of(known))
    nothing = measure(truth, guess, spacing, np.ones_like(truth))
    assert np.isnan(nothing.hausdorff())


@pytest.mark.parametrize("measure", MEASURES)
def test_a_border_of_unknown_elements_has_no_surface_of_its_own(measure: Measure) -> None:
    truth = np.zeros((12, 12), bool)
    truth[:, :6] = True
    ignored = np.zeros_like(truth)
    ignored[:, 5:7] = True
    found = measure(truth, truth.copy(), (1.0, 1.0), ignored)
    assert np.count_nonzero(found.of_truth) == 0
    guess = truth.copy()
    guess[:, 6] = True  # within the unknown border: no error
    assert measure(truth, guess, (1.0, 1.0), ignored).hausdorff(1) == 0


def test_a_tie_is_within_the_tolerance() -> None:
    truth, guess = np.zeros((9, 3), bool), np.zeros((9, 3), bool)
    truth[2], guess[5] = True, True
    assert 3 * 0.1 > 0.3  # as computers count
    assert voxel_distances(truth, guess, (0.1, 0.1)).within(0.3) == 1


def test_a_slice_of_a_plane_is_no_plane() -> None:
    truth, guess, spacing = PAIRS["plane"]
    flat = voxel_distances(truth, guess, spacing)
    deep = voxel_distances(truth[None], guess[None], (1.0, *spacing))
    assert len(deep.of_truth) == truth.sum() > len(flat.of_truth)


@pytest.mark.parametrize("measure", MEASURES)
def test_number_types_and_views_make_no_difference(measure: Measure) -> None:
    truth, guess, spacing = PAIRS["thick slices"]
    wanted = values_of(measure(truth, guess, spacing))
    assert values_of(measure(3 * truth.astype(np.int16), guess.astype(float), spacing)) == wanted
    views = (np.asfortranarray(truth), np.repeat(guess, 2, axis=1)[:, ::2])
    assert values_of(measure(*views, spacing)) == wanted


def test_bad_arguments_are_told() -> None:
    mask = np.zeros((4, 4), bool)
    for bad in (
        (mask, np.zeros((4, 5), bool), (1.0, 1.0)),
        (mask, mask, (1.0, 1.0, 1.0)),
        (mask[0], mask[0], (1.0,)),
        (mask, mask, (1.0, 1.0), mask[:2]),
    ):
        with pytest.raises(ShapeError):
            voxel_distances(*bad)  # type: ignore[arg-type]
    for spacing in ((0.0, 1.0), (-1.0, 1.0), (np.nan, 1.0), (np.inf, 1.0)):
        with pytest.raises(InputError):
            element_distances(mask, mask, spacing)
    found = voxel_distances(~mask, ~mask, (1.0, 1.0))
    for share in (0, 1.1, np.nan):
        with pytest.raises(InputError):
            found.hausdorff(share)
    for tolerance in (-1, np.inf, np.nan):
        with pytest.raises(InputError):
            found.within(tolerance)
