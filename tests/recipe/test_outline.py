import math

import pytest

from scanwright.data import SplitOptions
from scanwright.nets import count_operations
from scanwright.recipe import (
    Fingerprint,
    Recipe,
    Resources,
    assemble_loss,
    enough_windows,
    sketch_network,
    write_recipe,
)
from tests.recipe.builders import fingerprint, mask_facts, outlined_volumes

SECONDS_PER_OPERATION = 3e-11
"""About what two cores of 2024 take, forward and backward."""


COUNTED: dict[str, int] = {}


def operations(recipe: Recipe) -> int:
    """Count the multiply-adds of one window."""
    name = recipe.network.model_dump_json()
    if name not in COUNTED:
        channels, size = recipe.network.channels, recipe.network.size
        COUNTED[name] = count_operations(sketch_network(recipe), channels, size)
    return COUNTED[name]


def write(
    made: Fingerprint,
    seconds: float = math.inf,
    *,
    folds: int = 5,
    workers: int = 2,
    memory: float = 16e9,
) -> Recipe:
    def cost(recipe: Recipe) -> float:
        return SECONDS_PER_OPERATION * operations(recipe)

    resources = Resources(seconds, cost, workers, memory)
    return write_recipe(made, SplitOptions(folds=folds), resources, seed=3)


def hippocampus() -> Fingerprint:
    facts = mask_facts(
        size=(35, 50, 36),
        spacing_mm=(1.0, 1.0, 1.0),
        fine_mm=(1.0, 1.0, 1.0),
        smallest={"organ": 13.0, "lesion": 13.0},
    )
    return outlined_volumes(modality="mri", unit="", train=208, masks=facts)


def pictures(**facts: object) -> Fingerprint:
    masks = mask_facts(
        size=(256, 256),
        spacing_mm=(),
        fine_mm=(),
        smallest={"organ": 100.0, "lesion": 40.0},
        outlined=0.2,
    )
    given = {"kind": "segmentation", "labels": ("organ", "lesion"), "masks": masks}
    return fingerprint(**{**given, **facts})


def thick_slices() -> Fingerprint:
    facts = mask_facts(size=(24, 320, 320), spacing_mm=(6.0, 0.6, 0.6), fine_mm=(6.0, 0.6, 0.6))
    return outlined_volumes(masks=facts)


def regions() -> Fingerprint:
    return outlined_volumes(masks=mask_facts(values=((1, 2), (2,)), ignore=5))


def huge() -> Fingerprint:
    facts = mask_facts(size=(800, 512, 512), spacing_mm=(1.0, 0.8, 0.8), outlined=0.001)
    return outlined_volumes(masks=facts)


def tiny() -> Fingerprint:
    facts = mask_facts(size=(6, 9, 5), spacing_mm=(1.0, 1.0, 1.0))
    return outlined_volumes(masks=facts, train=3)


MADE = {
    "isotropic": hippocampus,
    "anisotropic": thick_slices,
    "tiny": tiny,
    "huge": huge,
    "flat": pictures,
    "regions": regions,
    "ct": outlined_volumes,
}


@pytest.mark.parametrize("which", list(MADE))
@pytest.mark.parametrize("seconds", [60.0, 1800.0, math.inf])
def test_every_recipe_is_legal_goes_through_toml_and_can_be_built(
    which: str, seconds: float
) -> None:
    made = MADE[which]()
    recipe = write(made, seconds)
    recipe.check()
    assert recipe.task.labels == made.labels
    assert recipe.network.rank == made.rank
    assert recipe.training.seed == 3
    assert "network" in recipe.to_toml()
    sketch_network(recipe)
    assemble_loss(recipe, None)
    needed = {
        "network.name",
        "network.size",
        "training.batch",
        "training.members",
        "training.foreground",
        "augmentation.flips",
        "optimiser.name",
        "loss.name",
        *(f"preprocessing.{index}" for index in range(len(recipe.preprocessing))),
    }
    assert needed <= set(recipe.reasons)
    assert all(len(reason) > 10 for reason in recipe.reasons.values())


def test_without_a_budget_the_hippocampus_gets_nnunets_plan() -> None:
    recipe = write(hippocampus())
    assert recipe.network.name == "unet"
    assert recipe.network.size == (40, 56, 40)
    assert recipe.training.batch in (7, 8, 9)
    assert recipe.network.spacing_mm == (1.0, 1.0, 1.0)
    assert recipe.training.members == 4


@pytest.mark.parametrize("which", list(MADE))
def test_less_time_gives_no_costlier_network(which: str) -> None:
    made = MADE[which]()
    costs = []
    for seconds in (60.0, 1800.0, 3e5, math.inf):
        recipe = write(made, seconds)
        costs.append(operations(recipe))
    assert costs == sorted(costs)


def test_half_an_hour_on_two_cores_gives_a_light_network_all_of_the_hippocampus() -> None:
    recipe = write(hippocampus(), 1800.0)
    assert recipe.network.name == "unet_light"
    assert recipe.network.size == (40, 56, 40)
    assert recipe.training.members == 2
    assert "made for processors" in recipe.reasons["network.name"]
    assert "the time allows about" in recipe.reasons["network.size"]


def test_where_no_way_gets_enough_the_reason_says_so() -> None:
    recipe = write(huge(), 2.0)
    assert "would be better" in recipe.reasons["network.size"]


def test_little_memory_makes_the_window_smaller() -> None:
    large, small = write(huge()), write(huge(), memory=2e9)
    assert math.prod(small.network.size) < math.prod(large.network.size)


def test_regions_that_overlap_get_a_channel_each_and_a_loss_of_their_own() -> None:
    recipe = write(regions())
    assert recipe.network.outputs == 2
    assert recipe.loss.name == "dice_binary_cross_entropy"
    assert recipe.task.ignore == 5
    assert recipe.task.scheme.values == ((1, 2), (2,))


def test_thick_slices_are_moved_in_their_plane_and_not_pooled_across_at_first() -> None:
    recipe = write(thick_slices())
    assert recipe.augmentation.in_plane
    assert recipe.network.spacing_mm == (6.0, 0.6, 0.6)
    assert recipe.network.size[0] <= 24
    assert recipe.network.size[1] > 100


def test_what_is_small_is_looked_for_more_often() -> None:
    assert write(huge(), 600.0).training.foreground == 0.5
    assert write(hippocampus(), 600.0).training.foreground == 0.33


def test_left_and_right_are_those_of_the_turned_volume() -> None:
    """Sagittal slices of 5 mm: their axis, from left to right, comes first."""
    facts = mask_facts(size=(300, 300, 20), spacing_mm=(0.5, 0.5, 5.0), fine_mm=(0.5, 0.5, 5.0))
    recipe = write(outlined_volumes(masks=facts), 600.0)
    assert recipe.preprocessing[0] == {"kind": "orient", "axes": "LSP"}
    assert recipe.augmentation.flips == (0,)


def test_images_with_an_up_and_a_down_are_not_turned_over() -> None:
    assert write(pictures(), 600.0).augmentation.rotate_degrees <= 30
    assert write(pictures(modality="other"), 600.0).augmentation.rotate_degrees > 30


def test_enough_windows_are_the_same_for_all() -> None:
    assert enough_windows(write(hippocampus(), 600.0)) >= 100_000


def test_no_time_is_kept_for_a_classical_model_that_does_not_outline() -> None:
    assert write(pictures(), 1200).comparison.classical == 0
