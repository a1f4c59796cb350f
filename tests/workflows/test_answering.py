"""Each kind of bundle has a row that says how it answers; refusals are the same to all."""

from pathlib import Path

import numpy as np
import pytest
from tests.workflows.box_scenes import LABELS

from scanwright.base import SILENT, RecipeError, ResourceError
from scanwright.image import BoxPrediction, Case, Image
from scanwright.inference import InputLimits
from scanwright.io import write
from scanwright.recipe import TASKS
from scanwright.workflows.answering import ANSWERS, Question
from scanwright.workflows.findings import Findings
from scanwright.workflows.inputs import Inputs

LIMITS = InputLimits(rank=2, channels=(1,), smallest=(16, 16), largest=(16, 16))


class Brightest:
    """Finds the brightest element; of an image that starts with 13 it wants too much."""

    def predict_one(self, case: Case, progress: object) -> BoxPrediction:
        pixels = case.image.array[0]
        if pixels[0, 0] == 13:
            raise ResourceError("The image does not fit in memory.")
        place = np.array(np.unravel_index(pixels.argmax(), pixels.shape))
        edges = np.stack([place - 0.5, place + 0.5], axis=1)[None]
        ones = np.ones(1)
        return BoxPrediction(
            case.name, case.image.geometry, case.image.size, LABELS, edges, ones.astype(int), ones
        )


@pytest.mark.parametrize("kind", list(TASKS))
def test_bundles_of_every_task_know_how_to_answer(kind: str) -> None:
    answering = ANSWERS[TASKS[kind].answer]
    assert answering.rows.head(LABELS)[0] == "case"
    assert answering.does


def test_what_finds_answers_case_by_case_and_refuses_what_it_cannot(tmp_path: Path) -> None:
    for number, first in enumerate((0, 13, 0)):
        pixels = np.random.default_rng(number).integers(20, 200, (1, 16, 16)).astype(np.uint8)
        pixels[0, 0, 0], pixels[0, 5, 2 + number] = first, 255
        write(Image.from_array(pixels), tmp_path / "new" / f"{number}.png")
    write(Image.from_array(np.full((1, 16, 16), 9, np.uint8)), tmp_path / "new" / "flat.png")
    given = Inputs(LIMITS)
    question = Question(given, given.find([tmp_path / "new"]), tmp_path / "out", ".nii.gz")
    answers = list(ANSWERS["box"].answer(Brightest(), question, SILENT))
    assert [Path(one.source).name for one in given.refused] == ["1.png", "flat.png"]
    assert "does not fit in memory" in given.refused[0].reason
    found = []
    for answer in answers:
        assert isinstance(answer, Findings)
        found.append([(one.label, one.low) for one in answer])
        assert [file.is_file() for file in answer.files] == [True]
    assert found == [[("mass", (4.5, 1.5))], [("mass", (4.5, 3.5))]]
    names = sorted(file.name for file in (tmp_path / "out").iterdir())
    assert names == ["0_overlay.png", "2_overlay.png"]


def test_bundles_that_give_scores_are_run_by_torch_only() -> None:
    predictor = object()
    assert ANSWERS["case"].made_ready(predictor, "auto") is predictor
    with pytest.raises(RecipeError, match="outline or find"):
        ANSWERS["case"].made_ready(predictor, "openvino")
