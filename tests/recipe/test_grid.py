import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanwright.recipe.grid import Grid, channels_of, choose_grid, steps_for
from scanwright.transforms import Pipeline
from tests.recipe.builders import fingerprint, mask_facts, outlined_volumes


def test_the_spacing_is_the_median_of_the_set() -> None:
    grid = choose_grid(mask_facts(size=(36, 50, 35), spacing_mm=(1.0, 1.1, 0.9)))
    assert grid.spacing_mm == (1.0, 1.1, 0.9)
    assert grid.size == (36, 50, 35)
    assert (grid.axes, grid.coarse_axis, grid.is_physical) == ("SPL", None, True)
    assert "median" in grid.reason


def test_thick_slices_take_the_tenth_percentile_along_them() -> None:
    facts = mask_facts(size=(40, 512, 512), spacing_mm=(5.0, 0.8, 0.8), fine_mm=(2.5, 0.7, 0.7))
    grid = choose_grid(facts)
    assert grid.spacing_mm == (2.5, 0.8, 0.8)
    assert grid.size == (80, 512, 512)
    assert grid.coarse_axis == 0
    assert "10th percentile" in grid.reason


def test_thick_slices_are_never_made_finer_than_the_plane() -> None:
    facts = mask_facts(size=(40, 512, 512), spacing_mm=(5.0, 0.8, 0.9), fine_mm=(0.5, 0.7, 0.7))
    assert choose_grid(facts).spacing_mm == (0.9, 0.8, 0.9)


@pytest.mark.parametrize(
    ("size", "spacing"),
    [((40, 512, 512), (2.3, 0.8, 0.8)), ((300, 512, 512), (5.0, 0.8, 0.8))],
)
def test_an_axis_that_is_hardly_coarser_or_as_long_takes_the_median(
    size: tuple[int, ...], spacing: tuple[float, ...]
) -> None:
    facts = mask_facts(size=size, spacing_mm=spacing, fine_mm=(1.0, 0.5, 0.5))
    grid = choose_grid(facts)
    assert grid.spacing_mm == spacing
    assert grid.coarse_axis is None


def test_the_axis_of_the_slices_comes_first() -> None:
    """Coronal slices of 6 mm: their axis runs from front to back."""
    facts = mask_facts(size=(300, 20, 200), spacing_mm=(0.5, 6.0, 0.6), fine_mm=(0.5, 6.0, 0.6))
    grid = choose_grid(facts)
    assert grid.axes == "PSL"
    assert grid.spacing_mm == (6.0, 0.5, 0.6)
    assert grid.size == (20, 300, 200)
    assert grid.coarse_axis == 0


def test_pictures_keep_their_elements() -> None:
    grid = choose_grid(mask_facts(size=(256, 200), spacing_mm=(), fine_mm=()))
    assert (grid.axes, grid.spacing_mm, grid.is_physical) == ("", (1.0, 1.0), False)


@given(st.floats(1, 5))
def test_a_coarser_grid_grows_from_its_finest_axes(factor: float) -> None:
    grid = Grid("SPL", (20, 300, 200), (6.0, 0.5, 1.0), True, 0, "")
    coarser = grid.coarser(factor)
    assert min(coarser.spacing_mm) >= 0.5 * factor * 0.999
    assert coarser.spacing_mm[0] == 6.0
    for old, new, size, less in zip(
        grid.spacing_mm, coarser.spacing_mm, grid.size, coarser.size, strict=True
    ):
        assert new >= old
        assert less == pytest.approx(size * old / new, abs=0.51)


def kinds(**facts: object) -> list[str]:
    made = outlined_volumes(**facts)
    assert made.masks is not None
    steps, reasons = steps_for(made, choose_grid(made.masks))
    Pipeline.from_plain(steps)
    assert set(reasons) == {f"preprocessing.{index}" for index in range(len(steps))}
    return [step["kind"] for step in steps]


def test_ct_is_put_on_the_scale_of_what_is_outlined() -> None:
    assert kinds() == ["orient", "standardise", "resample"]
    made = outlined_volumes()
    assert made.masks is not None
    steps, _ = steps_for(made, choose_grid(made.masks))
    assert steps[1]["mean"] == [80.0]
    assert (steps[1]["low"], steps[1]["high"]) == ([-60.0], [240.0])
    assert steps[2]["coarse_above"] == 3.0


def test_other_images_are_put_on_their_own_scale() -> None:
    assert kinds(modality="mri", unit="") == ["orient", "zscore", "resample"]
    assert kinds(dtype="uint8", unit="") == ["orient", "zscore", "resample"]
    assert kinds(unit="", masks=mask_facts(inside=())) == ["orient", "zscore", "resample"]


def test_ct_without_a_unit_is_in_hu() -> None:
    assert kinds(unit="") == ["orient", "standardise", "resample"]


def test_an_empty_border_is_cut_and_left_out_of_the_scale_if_large() -> None:
    made = outlined_volumes(modality="mri", unit="", masks=mask_facts(kept=0.5))
    assert made.masks is not None
    steps, _ = steps_for(made, choose_grid(made.masks))
    assert [step["kind"] for step in steps] == [
        "orient", "crop_to_content", "zscore", "resample",
    ]  # fmt: skip
    assert steps[1]["level"] == "nonzero"
    assert (steps[2]["inside"], steps[2]["background"]) == ("nonzero", "zero")
    assert kinds(modality="mri", unit="", masks=mask_facts(kept=0.9)) == [
        "orient", "crop_to_content", "zscore", "resample",
    ]  # fmt: skip


def test_pictures_are_resized_only_where_the_grid_is_made_coarser() -> None:
    facts = mask_facts(size=(1000, 800), spacing_mm=(), fine_mm=())
    made = fingerprint(kind="segmentation", median_size=(1000, 800), masks=facts)
    grid = choose_grid(facts)
    assert [step["kind"] for step in steps_for(made, grid)[0]] == ["zscore"]
    steps, _ = steps_for(made, grid.coarser(2.0))
    assert steps[-1] == {"kind": "resize", "size": [500, 400], "fit": "stretch"}


@pytest.mark.parametrize(
    ("facts", "channels"),
    [
        ({"channels": (1,)}, 1),
        ({"channels": (3,), "has_colour": True}, 3),
        ({"channels": (3,), "has_colour": False}, 1),
        ({"channels": (1, 3)}, 1),
        ({"channels": (4,)}, 4),
        ({"channels": (3,), "rank": 3}, 3),
    ],
)
def test_the_network_sees_what_was_measured(facts: dict[str, object], channels: int) -> None:
    assert channels_of(fingerprint(**facts)) == channels
