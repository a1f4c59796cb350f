from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
import torch
from torch import nn

from scanwright.base import BundleError, Machine, ResourceError
from scanwright.image import Case, Geometry, Image, LabelScheme
from scanwright.inference import (
    Compute,
    InputLimits,
    KeepLargest,
    SegmentationPredictor,
    WindowOptions,
)
from scanwright.transforms import Pipeline

CPU = Compute(torch.device("cpu"), None, 1)
SPACING_MM = (3.0, 1.5, 1.0)


class Threshold(nn.Module):
    """Says "dense" above 0.5, "dim" from 0.25, and background below."""

    def __init__(self, *, overlaps: bool = False, shift: float = 0.0) -> None:
        super().__init__()
        self.overlaps, self.shift = overlaps, shift

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        value = images + self.shift
        if self.overlaps:
            return torch.cat([value - 0.25, value - 0.5], dim=1) * 50
        levels = [torch.full_like(value, 0.125), value - 0.125, 2 * value - 0.625]
        return torch.cat(levels, dim=1) * 50


def phantom(rank: int) -> np.ndarray:
    """Return a dense ball in a dim one, in air, shape (1, *space), values 0 to 1000."""
    size = (14, 40, 60)[-rank:]
    grid = np.meshgrid(*(np.arange(n) for n in size), indexing="ij")
    middle = (7, 18, 25)[-rank:]
    spacing = SPACING_MM[-rank:]
    parts = zip(grid, middle, spacing, strict=True)
    radius = np.sqrt(sum(((axis - at) * mm) ** 2 for axis, at, mm in parts))
    return ((radius < 14) * 400 + (radius < 8) * 400)[None].astype(np.int16)


def case_of(array: np.ndarray, rank: int) -> Case:
    return Case.of(Image(array, Geometry.axial(SPACING_MM[-rank:], (5.0, -7.0, 9.0))), "one")


def predictor(rank: int, **facts: object) -> SegmentationPredictor:
    steps = [{"kind": "range", "low": 0.0, "high": 1000.0}]
    given = {
        "networks": [Threshold()],
        "pipeline": Pipeline.from_plain(steps),  # type: ignore[arg-type]  # plain values
        "scheme": LabelScheme(("dim", "dense"), ((3,), (7,))),
        "limits": InputLimits(
            rank=rank, channels=(1,), smallest=(10,) * rank, largest=(60,) * rank
        ),
        "compute": CPU,
        "window": (8, 16, 16)[-rank:],
        **facts,
    }
    return SegmentationPredictor(**given)  # type: ignore[arg-type]  # facts by name


def expected(array: np.ndarray) -> np.ndarray:
    return np.where(array > 500, 7, np.where(array > 250, 3, 0))


@pytest.mark.parametrize("rank", [2, 3])
def test_outlines_lie_on_the_grid_of_the_case(rank: int) -> None:
    array = phantom(rank)
    (prediction,) = predictor(rank).predict([case_of(array, rank)])
    assert prediction.case == "one"
    assert prediction.labels.array.dtype == np.uint8
    assert prediction.labels.geometry == Geometry.axial(SPACING_MM[-rank:], (5.0, -7.0, 9.0))
    assert np.array_equal(prediction.labels.array, expected(array))


@pytest.mark.parametrize("axes", ["RAS", "LIP", "AIR"])
@pytest.mark.parametrize("rank", [2, 3])
def test_turning_cropping_and_resampling_are_undone(rank: int, axes: str) -> None:
    array = phantom(rank)
    steps = [
        {"kind": "orient", "axes": axes},
        {"kind": "crop_to_content", "margin": 1},
        {"kind": "resample", "spacing_mm": [1.0]},
        {"kind": "range", "low": 0.0, "high": 1000.0},
    ]
    one = predictor(rank, pipeline=Pipeline.from_plain(steps))  # type: ignore[arg-type]
    (prediction,) = one.predict([case_of(array, rank)])
    agreement = np.mean(prediction.labels.array == expected(array))
    assert agreement > 0.985
    inside = prediction.mask("dense") & (array[0] > 500)
    assert 2 * inside.sum() / (prediction.mask("dense").sum() + (array > 500).sum()) > 0.93


def test_regions_that_overlap_have_a_channel_each() -> None:
    array = phantom(3)
    scheme = LabelScheme(("whole", "core"), ((1, 2), (2,)))
    one = predictor(3, networks=[Threshold(overlaps=True)], scheme=scheme)
    (prediction,) = one.predict([case_of(array, 3)])
    assert np.array_equal(prediction.mask("whole"), array[0] > 250)
    assert np.array_equal(prediction.mask("core"), array[0] > 500)


def test_thresholds_of_regions_are_probabilities() -> None:
    array = phantom(3)
    scheme = LabelScheme(("whole", "core"), ((1, 2), (2,)))
    facts = {"networks": [Threshold(overlaps=True)], "scheme": scheme}
    # At 0.8 a logit is 50 · 0.3 = 15 for the core; its probability is below 1 - 1e-7.
    (strict,) = predictor(3, thresholds=(0.5, 1 - 1e-8), **facts).predict([case_of(array, 3)])
    assert not strict.mask("core").any()
    assert strict.mask("whole").any()


def test_logits_of_an_ensemble_are_averaged() -> None:
    array = phantom(2)
    networks = [Threshold(shift=0.3), Threshold(shift=-0.3)]
    (prediction,) = predictor(2, networks=networks).predict([case_of(array, 2)])
    assert np.array_equal(prediction.labels.array, expected(array))


def test_mirrors_and_batches_change_nothing_for_a_symmetric_network() -> None:
    array = phantom(3)
    options = WindowOptions(mirrors=(0, 1, 2), batch=3, overlap=0.25, skips_air=False)
    (prediction,) = predictor(3, options=options).predict([case_of(array, 3)])
    assert np.array_equal(prediction.labels.array, expected(array))


def test_refinements_are_made_and_sizes_measured_afterwards() -> None:
    array = phantom(3)
    array[0, 0, 0, 55:] = 800
    (plain,) = predictor(3).predict([case_of(array, 3)])
    (refined,) = predictor(3, refinements=(KeepLargest(),)).predict([case_of(array, 3)])
    assert plain.mask("dense")[0, 0, 55:].all()
    assert not refined.mask("dense")[0, 0, 55:].any()
    assert refined.volumes_ml["dense"] == pytest.approx((array[0, 1:] > 500).sum() * 4.5 / 1000)
    assert refined.diameters_mm["dense"] < 17 < plain.diameters_mm["dense"]


def test_a_case_that_does_not_fit_is_refused() -> None:
    with pytest.raises(BundleError):
        list(predictor(3).predict([case_of(phantom(2), 2)]))


def test_cases_are_outlined_one_at_a_time_as_they_are_asked_for() -> None:
    def cases():
        yield case_of(phantom(2), 2)
        raise AssertionError

    assert next(predictor(2).predict(cases())).case == "one"


class Counting(Threshold):
    """Counts the windows that it sees."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        self.seen += len(images)
        return super().forward(images)


@pytest.mark.parametrize("rank", [2, 3])
def test_a_finder_leaves_fewer_windows_to_look_at(rank: int) -> None:
    array = phantom(rank)
    steps = [
        {"kind": "resample", "spacing_mm": [3.0]},
        {"kind": "range", "low": 0.0, "high": 1000.0},
    ]
    coarse = predictor(rank, pipeline=Pipeline.from_plain(steps))  # type: ignore[arg-type]
    options = WindowOptions(skips_air=False)
    alone, led = Counting(), Counting()
    (whole,) = predictor(rank, networks=[alone], options=options).predict([case_of(array, rank)])
    one = predictor(rank, networks=[led], options=options, finder=coarse, margin_mm=3.0)
    (found,) = one.predict([case_of(array, rank)])
    assert np.array_equal(whole.labels.array, found.labels.array)
    assert 0 < led.seen < alone.seen


@pytest.mark.parametrize("rank", [2, 3])
@pytest.mark.parametrize("overlaps", [False, True])
@pytest.mark.parametrize(
    "runtime",
    [
        "torch",
        pytest.param(
            "openvino",
            marks=pytest.mark.skipif(find_spec("openvino") is None, reason="OpenVINO is an extra"),
        ),
    ],
)
def test_a_quickened_predictor_outlines_the_same(rank: int, overlaps: bool, runtime: str) -> None:
    array = phantom(rank)
    scheme = LabelScheme(("any", "dense"), ((3, 7), (7,)))
    facts = {"networks": [Threshold(overlaps=True)], "scheme": scheme} if overlaps else {}
    slow = predictor(rank, finder=predictor(rank), **facts)
    slow = replace(slow, options=WindowOptions(batch=3, mirrors=(0,)))
    (exact,) = slow.predict([case_of(array, rank)])
    (quick,) = slow.quickened(runtime).predict([case_of(array, rank)])  # type: ignore[arg-type]  # one of them
    assert np.array_equal(quick.labels.array, exact.labels.array)
    assert exact.labels.array.any()


def test_a_case_that_does_not_fit_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    tiny = Machine(cores=1, memory_bytes=1000, system="", processor="")
    monkeypatch.setattr("scanwright.inference.segmentation.read_machine", lambda: tiny)
    with pytest.raises(ResourceError, match="memory"):
        list(predictor(3).predict([case_of(phantom(3), 3)]))
