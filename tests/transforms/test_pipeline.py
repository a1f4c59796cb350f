"""Pipelines: order, plain form, errors, and cost per case."""

import time
import tomllib

import numpy as np
import pytest
import tomli_w

from scanwright.base import RecipeError
from scanwright.image import Case, Image
from scanwright.transforms import (
    CropToContent,
    Grey,
    Percentile,
    Pipeline,
    Resize,
    Window,
    ZScore,
    undo,
)


def test_steps_are_applied_in_order_and_undone_in_reverse() -> None:
    array = np.random.default_rng(0).integers(0, 256, (3, 40, 50), dtype=np.uint8)
    case = Case.of(Image.from_array(array))
    pipeline = Pipeline((Grey(), CropToContent(), Resize(size=(32,), fit="pad"), ZScore()))
    changed, trace = pipeline.apply(case)
    assert [step for step, _ in trace] == list(pipeline.steps)
    assert changed.image.array.shape == (1, 32, 32)
    assert changed.image.array.mean() == pytest.approx(0, abs=1e-5)
    back = undo(changed, trace)
    assert back.image.array.shape == (3, 40, 50)
    assert back.image.geometry == case.image.geometry
    assert case.image.array is not changed.image.array


def test_an_empty_pipeline_does_nothing() -> None:
    case = Case.of(Image.from_array(np.ones((1, 2, 2))))
    changed, trace = Pipeline().apply(case)
    assert changed is case
    assert undo(changed, trace) is case


def test_plain_form_survives_toml() -> None:
    pipeline = Pipeline(
        (
            Grey(),
            Window(preset="lung"),
            CropToContent(level=-500),
            Resize(size=(64, 32), fit="crop", fill=0.5),
            Percentile(inside="nonzero"),
        )
    )
    text = tomli_w.dumps({"preprocessing": pipeline.to_plain()})
    assert Pipeline.from_plain(tomllib.loads(text)["preprocessing"]) == pipeline


@pytest.mark.parametrize(
    ("table", "hint"),
    [
        ({"kind": "zscor"}, 'did you mean "zscore"'),
        ({"kind": "zscore", "insid": "all"}, 'did you mean "inside"'),
        ({"kind": "resize", "size": [0]}, "greater than or equal to 1"),
        ({"kind": "resize"}, "required"),
        ({"size": [3]}, "kind"),
        ({"kind": "window", "preset": "lungs"}, "'lung'"),
    ],
)
def test_a_wrong_step_is_named_with_what_would_be_right(
    table: dict[str, object], hint: str
) -> None:
    with pytest.raises(RecipeError, match=r"preprocessing|transform") as caught:
        Pipeline.from_plain([{"kind": "grey"}, table])
    assert hint in str(caught.value)


def test_a_case_of_a_small_image_costs_little() -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (300, 1, 28, 28), dtype=np.uint8)
    pipeline = Pipeline((Grey(), Percentile()))
    cases = [Case.of(Image.from_array(image)) for image in images]
    pipeline.apply(cases[0])
    begun = time.process_time()
    for case in cases:
        pipeline.apply(case)
    # 0.1 ms on an idle core; the bound leaves room for slow machines.
    assert (time.process_time() - begun) / len(cases) < 1e-3
