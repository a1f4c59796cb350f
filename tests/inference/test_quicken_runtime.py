import sys
from importlib.util import find_spec

import pytest
import torch
from torch import nn

from scanwright.base import RecipeError, ResourceError
from scanwright.inference import (
    RUNTIMES,
    Compute,
    OpenVinoNetwork,
    choose_runtime,
    quickened_all,
)
from scanwright.inference.quicken import Rounded

IS_HERE = find_spec("openvino") is not None
CPU = torch.device("cpu")
EXACT = Compute(CPU, None, 1)
HALF = Compute(CPU, torch.bfloat16, 1)
CUDA = Compute(torch.device("cuda"), None, 1)


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)


def networks(count: int) -> list[nn.Module]:
    torch.manual_seed(0)
    return [nn.Conv2d(1, 2, 3, padding=1) for _ in range(count)]


def images() -> torch.Tensor:
    return torch.randn(2, 1, 8, 8, generator=torch.Generator().manual_seed(0))


@pytest.mark.skipif(not IS_HERE, reason="OpenVINO is an extra")
def test_in_float32_on_a_processor_openvino_is_chosen() -> None:
    choice = choose_runtime(EXACT)
    assert (choice.name, choice.is_by_hand) == ("openvino", False)
    assert "fastest in float32" in choice.reason


def test_where_bfloat16_is_multiplied_torch_is_chosen() -> None:
    choice = choose_runtime(HALF)
    assert choice.name == "torch"
    assert "bfloat16" in choice.reason


def test_on_a_graphics_processor_torch_is_chosen() -> None:
    assert choose_runtime(CUDA).name == "torch"
    assert "cuda" in choose_runtime(CUDA).reason


@pytest.mark.usefixtures("absent")
def test_without_openvino_torch_is_chosen_and_the_reason_told() -> None:
    choice = choose_runtime(EXACT)
    assert choice.name == "torch"
    assert "not installed" in choice.reason
    (network,) = quickened_all(networks(1), 2, EXACT)
    with torch.inference_mode():
        torch.testing.assert_close(network(images()), networks(1)[0](images()))


@pytest.mark.usefixtures("absent")
def test_asked_for_by_hand_its_absence_names_the_extra() -> None:
    with pytest.raises(ResourceError, match=r"pip install \"scanwright\[openvino\]\""):
        quickened_all(networks(1), 2, EXACT, "openvino")


def test_asked_for_by_hand_on_a_graphics_processor_it_is_refused() -> None:
    with pytest.raises(ResourceError, match="processor only"):
        choose_runtime(CUDA, "openvino")


def test_a_runtime_that_is_not_known_is_refused() -> None:
    with pytest.raises(RecipeError, match="auto, torch, openvino"):
        choose_runtime(EXACT, "onnx")  # type: ignore[arg-type]  # the point


@pytest.mark.skipif(not IS_HERE, reason="OpenVINO is an extra")
@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("count", [1, 2])
def test_each_runtime_answers_the_same(runtime: str, count: int) -> None:
    quick = quickened_all(networks(count), 2, EXACT, runtime)  # type: ignore[arg-type]  # one of them
    assert len(quick) == count
    with torch.inference_mode():
        for got, plain in zip(quick, networks(count), strict=True):
            torch.testing.assert_close(got(images()), plain(images()), atol=1e-5, rtol=1e-5)


@pytest.mark.skipif(not IS_HERE, reason="OpenVINO is an extra")
def test_by_hand_openvino_runs_where_bfloat16_would() -> None:
    (by_rule,) = quickened_all(networks(1), 2, HALF)
    (by_hand,) = quickened_all(networks(1), 2, HALF, "openvino")
    assert isinstance(by_rule, Rounded)
    assert isinstance(by_hand, OpenVinoNetwork)


@pytest.mark.skipif(not IS_HERE, reason="OpenVINO is an extra")
def test_by_rule_what_openvino_cannot_run_torch_does() -> None:
    class Sampling(nn.Module):
        def forward(self, maps: torch.Tensor) -> torch.Tensor:
            return torch.rand_like(maps)

    (by_rule,) = quickened_all([Sampling()], 2, EXACT)
    assert by_rule(images()).shape == images().shape
    (by_hand,) = quickened_all([Sampling()], 2, EXACT, "openvino")
    with pytest.raises(ResourceError, match="cannot run"):
        by_hand(images())
