"""Every input is answered, refused or skipped; a loaded bundle has passed its self-test."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.bundle.builders import CPU, make_finding_bundle

from scanwright.base import BundleError, InputError, RecipeError
from scanwright.bundle import Bundle, seal_bundle, write_bundle
from scanwright.image import Geometry, Image
from scanwright.inference import Decision, DetectionPredictor, InputLimits, choose_compute
from scanwright.io import write
from scanwright.recipe import NetworkChoice, Recipe, TaskChoice, assemble_network
from scanwright.workflows.findings import Findings
from scanwright.workflows.predict import load
from scanwright.workflows.prediction_files import check_output, write_predictions


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


def write_finding_bundle(rank: int, folder: Path) -> Path:
    made = make_finding_bundle(rank)
    recipe = made.recipe.changed({"fusion.least_score": 0.001, "fusion.most": 5})
    write_bundle(replace(made, recipe=recipe), folder, CPU)
    return folder


@pytest.fixture(scope="module")
def finding_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_finding_bundle(2, tmp_path_factory.mktemp("finds") / "bundle")


def test_a_bundle_of_boxes_answers_each_file_with_rows_and_a_picture(
    finding_bundle: Path, tmp_path: Path
) -> None:
    for seed, name in ((1, "a"), (2, "b")):
        write(noise(seed, 48), tmp_path / "new" / f"{name}.png")
    (tmp_path / "new" / "cut.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    model = load(finding_bundle, "cpu")
    assert isinstance(model.predictor, DetectionPredictor)
    assert (model.finds, model.outlines) == (True, False)
    found = model.predict(tmp_path / "new", folder=tmp_path / "out")
    assert [Path(one.source).name for one in found.refused] == ["cut.png"]
    rows = list(csv.DictReader(found.to_csv().splitlines()))
    assert [Path(row["case"]).name for row in rows] == ["a.png"] * 5 + ["b.png"] * 5 + ["cut.png"]
    assert {row["label"] for row in rows} <= {"nodule", "mass", ""}
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "a_overlay.png", "b_overlay.png",
    ]  # fmt: skip
    assert len(json.loads(found.to_json())["predictions"][1]["boxes"]) == 5
    again = list(model.find(tmp_path / "new"))
    for answer, boxes in zip(found.answers, again, strict=True):
        assert isinstance(answer, Findings)
        np.testing.assert_allclose(answer.found.edges, boxes.edges)
        np.testing.assert_allclose(answer.found.scores, boxes.scores)


def test_boxes_in_pictures_become_coco_results(finding_bundle: Path, tmp_path: Path) -> None:
    write(noise(1, 48), tmp_path / "a.png")
    model = load(finding_bundle, "cpu")
    check_output(tmp_path / "found.coco.json", model)
    found = model.predict(tmp_path / "a.png", folder=tmp_path / "out")
    results, _ = write_predictions(found, tmp_path / "found.coco.json")
    boxes = np.array([one["bbox"] for one in json.loads(results.read_text())])
    assert boxes.shape == (5, 4)
    assert boxes.min() >= 0
    assert (boxes[:, :2] + boxes[:, 2:]).max() <= 48


def test_a_bundle_of_boxes_in_volumes_gives_places_in_mm_but_no_coco_results(
    tmp_path: Path,
) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (1, 33, 40, 36)).astype(np.uint8)
    write(Image(pixels, Geometry.axial((2.0, 1.0, 0.5))), tmp_path / "ct.nii.gz")
    model = load(write_finding_bundle(3, tmp_path / "bundle"), "cpu")
    with pytest.raises(RecipeError, match="boxes in pictures") as refused:
        check_output(Path("found.coco.json"), model)
    assert "finds boxes, in 3-D" in str(refused.value.got)
    (answer,) = model.predict(tmp_path / "ct.nii.gz", folder=tmp_path / "out").answers
    assert isinstance(answer, Findings)
    assert len(answer) == 5
    for finding in answer:
        assert len(finding.centre_lps) == len(finding.size_mm) == 3
        assert finding.size_mm[0] == pytest.approx(2 * (finding.high[0] - finding.low[0]))
    assert answer.files[0].is_file()


def test_a_bundle_is_not_asked_for_answers_of_another_kind(
    bundle: Path, finding_bundle: Path, tmp_path: Path
) -> None:
    write(noise(1), tmp_path / "one.png")
    scores, finds = load(bundle), load(finding_bundle, "cpu")
    assert scores.scorer is scores.predictor
    for ask, kind in (
        (lambda: list(scores.find(tmp_path)), "gives scores"),
        (lambda: list(scores.outline(tmp_path)), "gives scores"),
        (lambda: finds.scorer, "finds boxes"),
        (lambda: list(finds.outline(tmp_path)), "finds boxes"),
    ):
        with pytest.raises(BundleError) as refused:
            ask()
        assert kind in str(refused.value.got)
    with pytest.raises(RecipeError, match="boxes in pictures"):
        check_output(Path("found.coco.json"), scores)


@pytest.mark.parametrize("runtime", ["torch", "openvino"])
def test_a_runtime_is_asked_for_by_hand(tmp_path: Path, runtime: str) -> None:
    if runtime == "openvino":
        pytest.importorskip("openvino")
    write_bundle(make_finding_bundle(2), tmp_path / "bundle", CPU)
    model = load(tmp_path / "bundle", "cpu", runtime)  # type: ignore[arg-type]  # one of them
    assert isinstance(model.predictor, DetectionPredictor)
    kinds = {type(network).__name__ == "OpenVinoNetwork" for network in model.predictor.networks}
    assert kinds == {runtime == "openvino"}
