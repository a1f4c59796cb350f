"""Every input is answered, refused or skipped; a loaded bundle has passed its self-test."""

from pathlib import Path

import numpy as np
import pytest

from scanwright.base import BundleError, InputError
from scanwright.bundle import Bundle, seal_bundle, write_bundle
from scanwright.image import Image
from scanwright.inference import Decision, InputLimits, choose_compute
from scanwright.io import write
from scanwright.recipe import NetworkChoice, Recipe, TaskChoice, assemble_network
from scanwright.workflows.predict import load


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    recipe = Recipe(
        task=TaskChoice(labels=("well", "ill")),
        preprocessing=({"kind": "range"},),
        network=NetworkChoice(name="compact", size=(16, 16), width=0.25),
    )
    weights = dict(assemble_network(recipe, seed=3).state_dict())
    limits = InputLimits(rank=2, channels=(1,), smallest=(16, 16), largest=(16, 16))
    made = Bundle(recipe, (weights,), Decision(thresholds=(0.5, 0.5)), limits)
    write_bundle(made, tmp_path / "bundle", choose_compute("cpu"))
    return tmp_path / "bundle"


def noise(seed: int, edge: int = 16) -> Image:
    pixels = np.random.default_rng(seed).integers(0, 255, (1, edge, edge), np.uint8)
    return Image.from_array(pixels)


def test_a_folder_is_answered_file_by_file(bundle: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    for index in range(3):
        write(noise(index), folder / f"{index}.png")
    (folder / "notes.txt").write_text("no image")
    (folder / "cut.png").write_bytes((folder / "0.png").read_bytes()[:60])
    found = load(bundle).predict(folder)
    assert [Path(answer.case).name for answer in found.answers] == ["0.png", "1.png", "2.png"]
    assert [Path(one.source).name for one in found.refused] == ["cut.png"]
    assert [Path(one.source).name for one in found.skipped] == ["notes.txt"]
    for answer in found.answers:
        assert answer.scores.sum() == pytest.approx(1)


def test_a_zip_answers_as_its_folder_does(bundle: Path, tmp_path: Path) -> None:
    write(noise(1), tmp_path / "one.png")
    seal_bundle(bundle, tmp_path / "sealed.zip")
    from_folder = load(bundle).predict(tmp_path / "one.png").answers[0]
    from_zip = load(tmp_path / "sealed.zip").predict(tmp_path / "one.png").answers[0]
    np.testing.assert_array_equal(from_folder.scores, from_zip.scores)


def test_nothing_to_answer_about_is_an_error(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no image"):
        load(bundle).predict(tmp_path / "empty")
    with pytest.raises(InputError, match="no such"):
        load(bundle).predict(tmp_path / "nowhere")


def test_a_run_folder_points_to_its_bundle(bundle: Path) -> None:
    with pytest.raises(BundleError, match="did you mean"):
        load(bundle.parent)
