import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from scanwright.augmentation import Augmentation, AugmentationOptions, Drawn
from scanwright.training import ImageRows, Means
from scanwright.training import image_rows as module
from scanwright.training.image_rows import mixed_truth
from tests.training.builders import CPU, toy_folds, toy_images, toy_recipe, toy_truth

MEANS = Means(CPU, 1 << 30)


def drawn(seed: int = 0, **chances: float) -> Drawn:
    augmentation = Augmentation(AugmentationOptions(**chances), 2)  # type: ignore[arg-type]  # chances by name
    return augmentation.draw((1, 16, 16), np.arange(8), (seed,))


def test_truths_of_unmixed_images_stay_as_they_are() -> None:
    truth = torch.arange(8) % 3
    assert mixed_truth(truth, drawn(flip_chance=0.5), 3) is truth


@pytest.mark.parametrize("kind", ["mixup_chance", "cutmix_chance"])
def test_classes_of_mixed_images_become_shares(kind: str) -> None:
    truth = torch.arange(8) % 3
    what = drawn(**{kind: 1.0})
    mixed = mixed_truth(truth, what, 3)
    assert mixed.shape == (8, 3)
    assert mixed.dtype == torch.float32
    torch.testing.assert_close(mixed.sum(dim=1), torch.ones(8))
    for row in range(8):
        expected = np.zeros(3)
        expected[truth[row]] += what.weight[row]
        expected[truth[what.partner[row]]] += 1 - what.weight[row]
        np.testing.assert_allclose(mixed[row], expected, atol=1e-6)
    assert (what.weight < 1).any()


def test_findings_and_numbers_of_mixed_images_are_mixed_alike() -> None:
    truth = torch.arange(16.0).reshape(8, 2)
    what = drawn(mixup_chance=1.0)
    weight = torch.from_numpy(what.weight).float()[:, None]
    expected = weight * truth + (1 - weight) * truth[torch.from_numpy(what.partner)]
    torch.testing.assert_close(mixed_truth(truth, what, 2), expected)


def test_a_batch_comes_in_parts_that_are_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    material = ImageRows(toy_images(), toy_truth("classes"))
    (phase,) = material.phases(toy_recipe(training__batch=20), toy_folds()[0], 0, MEANS)
    whole = phase.feed.batch_at(3)
    (images, truth) = next(whole.parts)
    monkeypatch.setattr(module, "MICRO_BATCH", 7)
    batch = phase.feed.batch_at(3)
    parts = list(batch.parts)
    assert (whole.images, batch.images, [len(part) for part, _ in parts]) == (20, 20, [7, 7, 6])
    assert torch.equal(torch.cat([part for part, _ in parts]), images)
    assert torch.equal(torch.cat([part for _, part in parts]), truth)


def test_the_same_step_is_fed_the_same_whatever_was_asked_before() -> None:
    recipe = toy_recipe(augmentation={"flips": (1,), "rotate_chance": 1.0, "mixup_chance": 0.5})
    feeds = [
        ImageRows(toy_images(), toy_truth("classes")).phases(recipe, toy_folds()[0], 1, MEANS)[0]
        for _ in range(2)
    ]
    early = {step: next(feeds[0].feed.batch_at(step).parts) for step in (0, 4, 2, 9)}
    for step in (9, 0, 2, 4):
        images, truth = next(feeds[1].feed.batch_at(step).parts)
        assert torch.equal(images, early[step][0])
        assert torch.equal(truth, early[step][1])
    other = ImageRows(toy_images(), toy_truth("classes")).phases(recipe, toy_folds()[0], 2, MEANS)
    assert not torch.equal(next(other[0].feed.batch_at(0).parts)[0], early[0][0])


def test_images_on_disk_go_through_a_pipe_as_the_name_of_their_file(tmp_path: Path) -> None:
    np.save(tmp_path / "images.npy", toy_images())
    material = ImageRows.opened(tmp_path / "images.npy", 20, toy_truth("classes")[:20])
    sent = pickle.dumps(material)
    assert len(sent) < toy_images().nbytes // 8
    back = pickle.loads(sent)
    assert np.array_equal(back.images, toy_images()[:20])
    assert np.array_equal(back.truth, material.truth)
    held = pickle.loads(pickle.dumps(ImageRows(toy_images(), toy_truth("classes"))))
    assert np.array_equal(held.images, toy_images())


def test_validation_is_judged_by_the_figure_of_merit_of_the_task() -> None:
    truth = toy_truth("classes")
    judge = ImageRows(toy_images(), truth).judge(toy_recipe(), toy_folds()[0], MEANS)
    right = np.eye(2)[truth[judge.rows]] * 8
    assert judge.verdict_on(right).merit == 1
    assert judge.verdict_on(-right).merit == 0
    assert judge.verdict_on(right).loss < 0.01 < judge.verdict_on(-right).loss
