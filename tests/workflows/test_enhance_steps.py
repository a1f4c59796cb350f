"""Steps chosen by modality, or asked for."""

from pathlib import Path

import numpy as np
import pytest

from scanwright.base import RecipeError
from scanwright.image import Image, Modality
from scanwright.io import write
from scanwright.transforms import TRANSFORMS, Clahe, MatchHistogram
from scanwright.workflows.enhance_steps import KEEPS_SCALE, USUAL, check_settings, choose_steps


@pytest.mark.parametrize("modality", list(Modality))
def test_every_modality_has_steps_with_reasons(modality: Modality) -> None:
    steps = choose_steps(modality)
    assert len(steps.reasons) == len(steps.kinds) >= 1
    assert all(len(reason) > 20 for reason in steps.reasons)
    assert steps.keeps_scale
    assert steps.explained()[0][0].startswith(steps.kinds[0])


def test_steps_that_keep_a_scale_exist() -> None:
    assert set(TRANSFORMS) > KEEPS_SCALE
    assert {"window", "range", "percentile", "zscore"}.isdisjoint(KEEPS_SCALE)
    assert {kind for steps in USUAL.values() for kind, _ in steps} <= KEEPS_SCALE


def test_steps_asked_for_take_their_settings() -> None:
    steps = choose_steps(Modality.CT, ("clahe", "unsharp"), {"clahe.clip": 0.05})
    assert steps.kinds == ("clahe", "unsharp")
    assert steps.pipeline.steps[0] == Clahe(clip=0.05)
    assert not choose_steps(Modality.CT, ("percentile",)).keeps_scale


def test_a_reference_becomes_landmarks(tmp_path: Path) -> None:
    share = np.linspace(0, 250, 2500).reshape(1, 50, 50).astype(np.uint8)
    write(Image.from_array(share), tmp_path / "a.png")
    steps = choose_steps(Modality.MRI, ("match_histogram",), {}, tmp_path / "a.png")
    (step,) = steps.pipeline.steps
    assert isinstance(step, MatchHistogram)
    assert step.landmarks[5] == pytest.approx(125, abs=2)
    given = {"match_histogram.landmarks": [0.0, 1.0], "match_histogram.percentiles": [1, 99]}
    assert choose_steps(Modality.MRI, ("match_histogram",), given).kinds == ("match_histogram",)


@pytest.mark.parametrize(
    ("asked", "settings", "reference", "words"),
    [
        (("clahee",), {}, None, 'did you mean "clahe"'),
        (("clahe",), {"clahe.clp": 1}, None, 'did you mean "clip"'),
        (("clahe",), {"clahe.clip": 5}, None, "illegal value"),
        (("clahe",), {"unsharp.amount": 1}, None, "--steps clahe,unsharp"),
        ((), {"wavelet.strength": 1}, None, "no step of this run"),
        (("clahe",), {"clip": 1}, None, "STEP.OPTION=VALUE"),
        (("match_histogram",), {}, None, "--reference"),
        ((), {}, Path("a.png"), "--steps match_histogram"),
    ],
)
def test_mistakes_are_found_before_an_image_is_read(
    asked: tuple[str, ...], settings: dict[str, object], reference: Path | None, words: str
) -> None:
    with pytest.raises(RecipeError) as caught:
        check_settings(asked, settings, reference)
    assert words in caught.value.sentence()
