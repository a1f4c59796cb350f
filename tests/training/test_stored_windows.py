import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from scanwright.base import RecipeError
from scanwright.data import Preparation, build_window_store
from scanwright.image import Case, Image, LabelScheme, MaskTarget
from scanwright.recipe import Recipe
from scanwright.training import Fold, Means, StoredWindows, train_side_by_side
from scanwright.training.checkpoint import Checkpoint
from scanwright.training.window_feed import WindowFeed
from scanwright.transforms import Pipeline
from tests.training.builders import (
    CPU,
    Interrupter,
    deliver_interrupt,
    press_ctrl_c,
    same_weights,
    without_seconds,
)
from tests.training.window_builders import (
    REGIONS,
    TWO,
    WINDOW,
    toy_store,
    window_fit,
    window_folds,
    window_recipe,
)

MEANS = Means(CPU, 1 << 30)


def feed(recipe: Recipe | None = None, index: int = 0, fold: Fold | None = None) -> WindowFeed:
    recipe = recipe or window_recipe()
    material = StoredWindows(toy_store(len(recipe.network.size), recipe.task.scheme))
    (phase,) = material.phases(recipe, fold or window_folds()[0], index, MEANS)
    assert isinstance(phase.feed, WindowFeed)
    return phase.feed


def batch(of: WindowFeed, step: int) -> tuple[torch.Tensor, torch.Tensor]:
    ((images, truth),) = of.batch_at(step).parts
    return images, truth


@pytest.mark.parametrize("rank", [2, 3])
@pytest.mark.parametrize("scheme", [TWO, REGIONS], ids=["classes", "regions"])
def test_a_batch_is_windows_and_the_truth_under_them(rank: int, scheme: LabelScheme) -> None:
    images, truth = batch(feed(window_recipe(rank, scheme)), 0)
    assert (images.shape, images.dtype) == ((3, 1, *WINDOW[rank]), torch.float32)
    if scheme.is_exclusive:
        assert (truth.shape, truth.dtype) == ((3, *WINDOW[rank]), torch.int64)
        assert set(truth.unique().tolist()) <= {0, 1, 2}
    else:
        assert (truth.shape, truth.dtype) == ((3, 2, *WINDOW[rank]), torch.float32)
        assert set(truth.unique().tolist()) <= {-1.0, 0.0, 1.0}
        assert bool((truth[:, 0] >= truth[:, 1]).all()), "the core is part of the whole"


def test_masks_follow_their_images() -> None:
    """The images are their labels with noise, so each element tells its own label."""
    recipe = window_recipe(
        augmentation={"flips": (0, 1), "rotate_chance": 1.0, "rotate_degrees": 180}
    )
    fed = feed(recipe)
    hits = [
        float(((images[:, 0] - torch.tensor([0.0, 2.0, 1.0])[truth]).abs() < 0.6).float().mean())
        for images, truth in (batch(fed, step) for step in range(8))
    ]
    assert np.mean(hits) > 0.9


def test_what_lies_around_a_window_is_turned_into_it() -> None:
    """A window in the midst of a bright case stays bright however it is turned."""
    store = toy_store(cases=1)
    (name,) = store.names
    case = store.case(name)
    bright = np.ones((1, 80, 80), np.float32)
    whole = replace(case, image=bright, codes=np.ones((80, 80), np.uint8), counts={1: 6400})
    store = replace(store, cases={name: whole})
    recipe = window_recipe(
        augmentation={"rotate_chance": 1.0, "rotate_degrees": 180, "outside": "zeros"},
        training__foreground=0.0,
    )
    rows = np.zeros(1, dtype=np.int64)
    (phase,) = StoredWindows(store).phases(recipe, Fold(rows, rows), 0, MEANS)
    corner = 0
    for step in range(10):
        images, truth = batch(phase.feed, step)  # type: ignore[arg-type]  # a WindowFeed
        for place, window in enumerate(phase.feed.sampler.batch_at(step)):  # type: ignore[attr-defined]  # as above
            if all(12 <= start <= 52 for start in window.start):
                assert torch.allclose(images[place], torch.ones(()))
                assert bool((truth[place] == 1).all())
                corner += 1
    assert corner > 5


def test_what_is_outside_stays_unknown_where_value_0_means_unknown() -> None:
    scheme = LabelScheme(("a",), ((1,),), ignore=0)
    plain = toy_store(cases=1)
    case = plain.case(plain.names[0])
    codes = np.zeros(case.size, np.uint8)  # all "a"
    known = replace(case, codes=codes, counts={0: codes.size}, outside=255)
    store = replace(plain, scheme=scheme, cases={case.name: known})
    recipe = window_recipe(
        scheme=scheme,
        augmentation={
            "rotate_chance": 1.0, "rotate_degrees": 180, "outside": "zeros", "scale_chance": 1.0,
            "scale": (0.5, 0.5),
        },
    )  # fmt: skip
    rows = np.zeros(1, dtype=np.int64)
    (phase,) = StoredWindows(store).phases(recipe, Fold(rows, rows), 0, MEANS)
    _, truth = batch(phase.feed, 0)  # type: ignore[arg-type]  # a WindowFeed
    assert set(truth.unique().tolist()) == {-1, 1}


def test_a_batch_in_parts_is_the_batch(tmp_path: Path) -> None:
    recipe = window_recipe(training__batch=5)
    whole = batch(feed(recipe), 2)
    material = StoredWindows(toy_store(), at_once=2)
    (phase,) = material.phases(recipe, window_folds()[0], 0, MEANS)
    parts = phase.feed.batch_at(2)
    found = list(parts.parts)
    assert (parts.images, [len(images) for images, _ in found]) == (5, [2, 2, 1])
    assert torch.equal(torch.cat([images for images, _ in found]), whole[0])
    assert torch.equal(torch.cat([truth for _, truth in found]), whole[1])
    (trained,) = window_fit(tmp_path, recipe, material=material).run()
    assert trained.steps == 8


@pytest.mark.parametrize("supervised", [False, True])
@pytest.mark.parametrize("step", [1, 4, 7])
def test_an_interrupted_run_goes_on_to_the_same_weights_bit_for_bit(
    tmp_path: Path, step: int, supervised: bool
) -> None:
    recipe = window_recipe(network__dropout=0.1, training__keep="best")
    if supervised:
        recipe = recipe.changed(
            {
                "network.features": (4, 4, 8, 8),
                "network.strides": ((1, 1), (2, 2), (2, 2), (2, 2)),
                "network.kernels": ((3, 3),) * 4,
                "network.deep_supervision": True,
            }
        )
    (whole,) = window_fit(tmp_path / "whole", recipe).run()
    broken = window_fit(tmp_path / "broken", recipe, progress=Interrupter(step, press_ctrl_c))
    with pytest.raises(KeyboardInterrupt):
        broken.run()
    assert Checkpoint.read(tmp_path / "broken" / "member-0.safetensors").facts["step"] == step
    (resumed,) = window_fit(tmp_path / "broken", recipe).run()
    assert same_weights(resumed, whole)
    assert without_seconds(resumed) == without_seconds(whole)


def test_an_interrupt_from_the_keyboard_waits_for_the_step_to_end(tmp_path: Path) -> None:
    (whole,) = window_fit(tmp_path / "whole").run()
    press = Interrupter(3, deliver_interrupt)
    with pytest.raises(KeyboardInterrupt):
        window_fit(tmp_path / "broken", progress=press).run()
    (resumed,) = window_fit(tmp_path / "broken").run()
    assert same_weights(resumed, whole)


@pytest.mark.parametrize("rank", [2, 3])
@pytest.mark.parametrize("scheme", [TWO, REGIONS], ids=["classes", "regions"])
def test_what_can_be_learnt_is_learnt(tmp_path: Path, rank: int, scheme: LabelScheme) -> None:
    recipe = window_recipe(
        rank,
        scheme,
        schedule__steps=(60,),
        optimiser__name="adamw",
        optimiser__rate=0.02,
        augmentation={"flips": (0, 1)},
    )
    (trained,) = window_fit(tmp_path, recipe).run()
    last = trained.history[-1]
    assert last["merit"] > {2: 0.85, 3: 0.6}[rank]
    assert {f"dice of {name}" for name in scheme.names} <= set(last)
    assert last["train_loss"] < trained.history[0]["train_loss"]


def test_costs_are_measured(tmp_path: Path) -> None:
    costs = window_fit(tmp_path).measure()
    assert 0 < costs.step < 5
    assert 0 < costs.validation < 5
    assert list(tmp_path.iterdir()) == []


def test_a_material_goes_through_a_pipe_without_what_it_holds_in_memory() -> None:
    material = StoredWindows(toy_store(), at_once=2, validated=9)
    material.judge(window_recipe(), window_folds()[0], MEANS)
    back = pickle.loads(pickle.dumps(material))
    assert (back.at_once, back.validated, back._held) == (2, 9, None)
    assert back.store.names == material.store.names


@pytest.mark.slow
def test_members_side_by_side_are_those_trained_one_after_another(tmp_path: Path) -> None:
    recipe = window_recipe(
        training__members=2,
        training__workers=2,
        training__threads=1,
        training__precision="float32",
        schedule__steps=(4, 4),
    )
    alone = window_fit(tmp_path / "alone", recipe, folds=window_folds(2)).run()
    together = train_side_by_side(window_fit(tmp_path / "crew", recipe, folds=window_folds(2)))
    for one, other in zip(together, alone, strict=True):
        assert same_weights(one, other)
        assert without_seconds(one) == without_seconds(other)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"training__resample": 0.5}, "training.resample"),
        ({"training__draw": "stratified"}, "training.draw"),
        ({"augmentation": {"mixup_chance": 0.5}}, "augmentation.mixup_chance"),
        ({"optimiser__name": "gradient_descent"}, "optimiser.name"),
        ({"inference__shift": 0.1}, "inference.shift"),
        ({"inference__scales": (0.9,)}, "inference.scales"),
        ({"decision": {"rule": "sensitivity"}}, "decision.rule"),
        ({"decision": {"target": 0.8}}, "decision.target"),
        ({"decision": {"shift": True}}, "decision.shift"),
    ],
)
def test_what_is_for_whole_images_is_refused(
    tmp_path: Path, change: dict[str, object], where: str
) -> None:
    with pytest.raises(RecipeError, match="whole images") as caught:
        window_fit(tmp_path, window_recipe(**change))
    assert caught.value.where == where


def test_cases_of_other_labels_or_channels_are_refused(tmp_path: Path) -> None:
    material = StoredWindows(toy_store(scheme=REGIONS))
    with pytest.raises(RecipeError, match="other labels"):
        window_fit(tmp_path, window_recipe(), material=material)
    with pytest.raises(RecipeError, match="channels and axes") as caught:
        window_fit(tmp_path, window_recipe(network__channels=2))
    assert caught.value.got == "1 channels, 2 axes in case 0"


def test_large_windows_are_fewer_to_validate_on() -> None:
    """Drawn ones only: cases that are few enough are seen whole."""
    counts = {}
    for edge in (64, 512, 2048):
        recipe = window_recipe(network__size=(edge, edge))
        store = toy_store()
        wide = {
            name: replace(
                store.case(name),
                image=np.broadcast_to(np.float32(0), (1, 9000, 9000)),
                codes=np.broadcast_to(np.uint8(0), (9000, 9000)),
                counts={0: 1},
            )
            for name in store.names
        }
        material = StoredWindows(replace(store, cases=wide))
        small = Means(CPU, 1 << 20)  # not enough to hold them
        counts[edge] = len(material.judge(recipe, window_folds()[0], small).windows)
    assert counts == {64: 128, 512: 128, 2048: 16}


def test_cases_on_disk_are_fed_as_those_in_memory(tmp_path: Path) -> None:
    held = toy_store()
    sources = [(name, name) for name in held.names]

    def read(name: str) -> Case:
        case = held.case(name)
        labels = Image.from_array(case.codes[None])
        return Case(name, {"image": Image.from_array(case.image)}, MaskTarget(labels, held.scheme))

    preparation = Preparation(read, Pipeline(()), held.scheme, WINDOW[2])
    store = build_window_store(sources, preparation, tmp_path, workers=1)
    recipe = window_recipe()
    fold = window_folds()[0]
    fed = []
    for memory in (1 << 30, 0):
        material = pickle.loads(pickle.dumps(StoredWindows(store)))
        (phase,) = material.phases(recipe, fold, 0, Means(CPU, memory))
        fed.append([batch(phase.feed, step) for step in range(3)])
        kinds = {type(case.image) for case in material._near(Means(CPU, memory)).cases.values()}
        assert (kinds == {np.ndarray}) is bool(memory)
    for one, other in zip(*fed, strict=True):
        assert torch.equal(one[0], other[0])
        assert torch.equal(one[1], other[1])
