"""The rules for networks that find: fine enough for small findings, inside time and memory."""

import math

import pytest

from scanwright.data import SplitOptions
from scanwright.recipe import Fingerprint, Recipe, Resources, write_recipe
from scanwright.recipe.boxes import BoxFacts
from scanwright.recipe.finding import COARSEST, LARGEST_WINDOW, sights


def facts(rank: int, small: float, size: tuple[int, ...] | None = None) -> BoxFacts:
    size = size or {2: (512, 512), 3: (128, 256, 256)}[rank]
    spacing = {2: (), 3: (2.0, 1.0, 1.0)}[rank]
    return BoxFacts(
        cases=100,
        boxes=120,
        present={"nodule": 80},
        empty=20,
        size=size,
        spacing_mm=spacing,
        fine_mm=spacing,
        shorter=(small, 2 * small, 4 * small),
        longer=(2 * small, 3 * small, 6 * small),
        most=3,
    )


def fingerprint(found: BoxFacts, **changes: object) -> Fingerprint:
    about: dict[str, object] = {
        "kind": "detection",
        "labels": ("nodule",),
        "train": 400,
        "rank": len(found.size),
        "median_size": found.size,
        "smallest": found.size,
        "largest": found.size,
        "channels": (1,),
        "modality": "ct" if len(found.size) == 3 else "x-ray",
        "dtype": "int16",
        "boxes": found,
    }
    return Fingerprint(**{**about, **changes})  # type: ignore[arg-type]  # facts by name


def written(found: BoxFacts, seconds: float = math.inf, **changes: object) -> Recipe:
    def cost(recipe: Recipe) -> float:
        return 5e-7 * math.prod(recipe.network.size)

    resources = Resources(seconds, cost, workers=2)
    recipe = write_recipe(fingerprint(found, **changes), SplitOptions(folds=5), resources)
    recipe.check()
    return recipe


@pytest.mark.parametrize("rank", [2, 3])
@pytest.mark.parametrize("small", [1.0, 6.0, 20.0, 90.0])
@pytest.mark.parametrize("seconds", [30, 1200, math.inf])
def test_a_recipe_can_be_written_for_any_findings_and_any_time(
    rank: int, small: float, seconds: float
) -> None:
    recipe = written(facts(rank, small), seconds)
    assert recipe.task.kind == "detection"
    assert recipe.network.outputs == 1
    assert max(recipe.network.size) <= LARGEST_WINDOW[rank] * 2
    assert all(reason for reason in recipe.reasons.values())
    assert Recipe.parse(recipe.model_dump(), "again") == recipe


@pytest.mark.parametrize("rank", [2, 3])
def test_no_grid_is_coarser_than_small_findings_allow(rank: int) -> None:
    found = facts(rank, 12.0)
    given = list(sights(fingerprint(found), found))
    assert len(given) > 1
    assert all(sight.small >= COARSEST[rank] for sight in given[1:])


def test_less_time_shows_the_network_less() -> None:
    found = facts(2, 20.0)
    much, little = written(found, 36_000), written(found, 120)
    assert math.prod(much.network.size) > math.prod(little.network.size)
    assert "small finding" in much.reasons[f"preprocessing.{len(much.preprocessing) - 1}"]


def test_small_findings_in_large_images_are_seen_in_windows() -> None:
    recipe = written(facts(2, 14.0, (2000, 1600)))
    (size,) = [step["size"] for step in recipe.preprocessing if step["kind"] == "resize"]
    assert max(size) > max(recipe.network.size)


def test_volumes_are_resampled_and_turned() -> None:
    kinds = [step["kind"] for step in written(facts(3, 12.0)).preprocessing]
    assert "orient" in kinds
    assert "resample" in kinds


def test_further_networks_come_once_each_has_seen_enough() -> None:
    found = facts(2, 20.0)
    members = [written(found, seconds).training.members for seconds in (600, 4000, math.inf)]
    assert members == sorted(members)
    assert members[0] == 2, "one for each core"
    assert members[-1] > 2
    assert "enough" in written(found, 600).reasons["network.size"]


def test_volumes_without_a_spacing_are_seen_as_they_are_in_windows_of_some_size() -> None:
    found = facts(3, 40.0).model_copy(update={"spacing_mm": (), "fine_mm": ()})
    given = list(sights(fingerprint(found), found))
    assert {sight.size for sight in given} == {found.size}
    assert len({sight.window for sight in given}) == len(given) > 2
    assert "resample" not in [step["kind"] for step in written(found, 600).preprocessing]
