import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanwright.data import SplitOptions
from scanwright.recipe import Fingerprint, Recipe, Resources, choose_split, enough_passes
from scanwright.recipe import write_recipe as write
from tests.recipe.builders import fingerprint, volumes


def write_recipe(
    made: Fingerprint,
    *,
    per_element: float = 0.0,
    seconds: float = math.inf,
    folds: int = 0,
    workers: int = 1,
    seed: int = 0,
) -> Recipe:
    """Write a recipe where a step costs so much for each element of the input."""

    def cost(recipe: Recipe) -> float:
        return 1e-12 + per_element * math.prod(recipe.network.size)

    split = SplitOptions(folds=folds)
    return write(made, split, Resources(seconds, cost, workers), seed=seed)


PRINTS = [
    fingerprint(),
    fingerprint(dtype="uint8", channels=(3,), has_colour=True, modality="other"),
    fingerprint(kind="findings", labels=("a", "b", "c")),
    fingerprint(kind="grade", labels=("0", "1", "2")),
    fingerprint(kind="number", labels=("age",), counts={}),
    volumes(),
    volumes(modality="mri", unit="", spacing_mm=()),
]


@pytest.mark.parametrize("made", PRINTS)
def test_every_recipe_is_legal_and_goes_through_toml(made: Fingerprint) -> None:
    recipe = write_recipe(made)
    recipe.check()
    assert recipe.task.labels == made.labels
    assert recipe.network.rank == made.rank
    assert recipe.network.channels == (3 if made.has_colour else 1)


@pytest.mark.parametrize("seconds", [math.inf, 600.0, 1.0])
@pytest.mark.parametrize("made", PRINTS)
def test_every_decision_has_its_reason(made: Fingerprint, seconds: float) -> None:
    recipe = write_recipe(made, seconds=seconds, per_element=1e-7)
    needed = {
        "network.name",
        "network.size",
        "training.members",
        "augmentation.flips",
        "optimiser.name",
        *(f"preprocessing.{index}" for index in range(len(recipe.preprocessing))),
    }
    assert needed <= set(recipe.reasons)
    assert all(len(reason) > 10 for reason in recipe.reasons.values())


def test_the_seed_and_the_split_are_those_given() -> None:
    recipe = write_recipe(fingerprint(), folds=5, seed=7)
    assert recipe.training.seed == 7
    assert recipe.split.folds == 5


def elements(recipe: Recipe) -> int:
    return math.prod(recipe.network.size)


@given(st.lists(st.floats(1e-12, 1e-3), min_size=2, max_size=2), st.sampled_from([0, 1, 5]))
def test_a_dearer_step_makes_no_input_larger(costs: list[float], which: int) -> None:
    cheap, dear = (
        write_recipe(PRINTS[which], per_element=cost, seconds=600) for cost in sorted(costs)
    )
    assert elements(dear) <= elements(cheap)


@pytest.mark.parametrize("made", [fingerprint(), volumes()])
def test_little_time_shrinks_the_input_and_says_so(made: Fingerprint) -> None:
    large = write_recipe(made, per_element=1e-7)
    small = write_recipe(made, per_element=1e-7, seconds=60)
    assert elements(small) < elements(large)
    assert "no more detail" in large.reasons["network.size"]
    assert "the time allows" in small.reasons["network.size"]


def test_no_time_at_all_gives_the_smallest_input_and_one_network() -> None:
    recipe = write_recipe(fingerprint(), per_element=1.0, seconds=1.0)
    assert recipe.network.size == (32, 32)
    assert recipe.training.members == 1


def test_the_input_is_no_larger_than_the_images() -> None:
    assert write_recipe(fingerprint(median_size=(28, 28))).network.size == (32, 32)
    assert write_recipe(fingerprint(median_size=(100, 100))).network.size == (96, 96)
    assert write_recipe(fingerprint(median_size=(3000, 3000))).network.size == (320, 320)


@given(
    st.tuples(st.integers(8, 600), st.integers(8, 600)),
    st.sampled_from([math.inf, 60.0]),
)
def test_every_edge_is_a_multiple_of_eight(size: tuple[int, int], seconds: float) -> None:
    made = fingerprint(median_size=size, smallest=size, largest=size)
    edges = write_recipe(made, seconds=seconds, per_element=1e-7).network.size
    assert all(edge % 8 == 0 and edge >= 16 for edge in edges)


def test_nearly_square_images_are_made_square_and_others_keep_their_shape() -> None:
    assert write_recipe(fingerprint(median_size=(256, 200))).network.size == (256, 256)
    assert write_recipe(fingerprint(median_size=(128, 256))).network.size == (128, 256)


def test_the_shape_of_a_volume_is_its_physical_one() -> None:
    """40 slices of 5 mm by 512 pixels of 0.8 mm: 200 mm by 410 mm."""
    thick = write_recipe(volumes()).network.size
    assert thick[1] == thick[2]
    assert thick[0] == pytest.approx(thick[1] * 200 / 410, abs=8)
    flat = write_recipe(volumes(spacing_mm=((0.8, 0.8, 0.8),) * 3)).network.size
    assert flat[0] == pytest.approx(flat[1] / 4, abs=8), "no flatter than one to four"


@pytest.mark.parametrize(
    "labels", [("left lung", "right lung"), ("Left", "none"), ("upper right", "x")]
)
def test_where_labels_name_a_side_nothing_is_mirrored(labels: tuple[str, ...]) -> None:
    recipe = write_recipe(fingerprint(labels=labels))
    assert recipe.augmentation.flips == ()
    assert "side" in recipe.reasons["augmentation.flips"]


def test_elsewhere_left_and_right_are_exchanged_only() -> None:
    assert write_recipe(fingerprint()).augmentation.flips == (1,)
    assert write_recipe(volumes()).augmentation.flips == (2,)
    assert write_recipe(fingerprint(modality="other")).augmentation.flips == (0, 1)


def test_volumes_alone_are_tilted() -> None:
    assert write_recipe(volumes()).augmentation.tilt_chance > 0
    assert write_recipe(fingerprint()).augmentation.tilt_chance == 0


@pytest.mark.parametrize("folds", [2, 3, 4, 5, 7, 20])
@pytest.mark.parametrize("workers", [1, 2, 3, 4, 8, 64])
def test_any_number_of_folds_gets_networks_and_none_idle(folds: int, workers: int) -> None:
    recipe = write_recipe(fingerprint(), folds=folds, workers=workers)
    assert 1 <= recipe.training.members <= folds
    recipe.check()


@pytest.mark.parametrize("workers", [1, 2, 3, 4, 8])
def test_networks_side_by_side_fill_every_round(workers: int) -> None:
    assert write_recipe(fingerprint(), workers=workers).training.members % workers == 0


def test_a_small_set_is_cross_validated_as_a_whole() -> None:
    split, reason = choose_split(500, 0, seed=3)
    assert (split.folds, split.pool, split.seed) == (5, False, 3)
    assert "500 cases" in reason
    split, reason = choose_split(500, 80)
    assert (split.folds, split.pool) == (5, True)
    assert "± 11 points" in reason
    assert "test set stays untouched" in reason


def test_a_large_validation_set_that_is_given_is_kept() -> None:
    split, reason = choose_split(500, 300)
    assert (split.folds, split.pool) == (0, False)
    assert "300 validation cases are given" in reason


@pytest.mark.parametrize(("validation", "word"), [(0, "held out"), (100, "given")])
def test_a_large_set_needs_one_validation_set_only(validation: int, word: str) -> None:
    split, reason = choose_split(5000, validation)
    assert (split.folds, split.pool) == (0, False)
    assert word in reason


@pytest.mark.parametrize("workers", [1, 2, 3, 4, 8, 64])
def test_folds_fill_every_round_of_networks_side_by_side(workers: int) -> None:
    split, _ = choose_split(500, 0, workers=workers)
    assert split.folds >= 5
    assert split.folds % min(workers, 8) == 0


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_larger_set_can_use_no_fewer_images_but_fewer_epochs(one: int, other: int) -> None:
    small, large = sorted((one, other))
    assert enough_passes(small) <= enough_passes(large)
    assert enough_passes(small) / small >= enough_passes(large) / large
