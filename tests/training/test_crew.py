from pathlib import Path

import numpy as np
import pytest

from scanwright.base import ScanwrightError
from scanwright.training import Trained, train_side_by_side
from tests.training.builders import same_weights, toy_fit, toy_images, toy_recipe, without_seconds

pytestmark = pytest.mark.slow  # each process loads torch


@pytest.fixture
def images(tmp_path: Path) -> Path:
    np.save(tmp_path / "images.npy", toy_images())
    return tmp_path / "images.npy"


def test_members_side_by_side_are_those_trained_one_after_another(
    tmp_path: Path, images: Path
) -> None:
    recipe = toy_recipe(
        training__members=2,
        training__workers=2,
        training__threads=1,
        training__precision="float32",
        schedule__steps=(6, 6),
    )
    alone = toy_fit(tmp_path / "alone", recipe).run()
    kept: list[Trained] = []
    crew = toy_fit(tmp_path / "crew", recipe, keep_best=kept.append, file=images)
    together = train_side_by_side(crew)
    assert [member.index for member in together] == [0, 1]
    for one, other in zip(together, alone, strict=True):
        assert same_weights(one, other)
        assert without_seconds(one) == without_seconds(other)
    # A member may have finished by the time its interim state is read: it comes twice then.
    last = {member.index: member for member in kept}
    assert sorted(last) == [0, 1]
    assert all(same_weights(last[member.index], member) for member in together)
    assert all(member.is_finished for member in last.values())


def test_the_error_of_a_member_reaches_whoever_started_it(tmp_path: Path, images: Path) -> None:
    recipe = toy_recipe("number", optimiser__name="sgd", optimiser__rate=100.0, training__threads=1)
    with pytest.raises(ScanwrightError, match="diverged") as caught:
        train_side_by_side(toy_fit(tmp_path / "crew", recipe, file=images))
    assert "optimiser.rate" in caught.value.details()["next"]
