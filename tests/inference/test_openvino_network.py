import os
import subprocess
import sys
import threading
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from torch import nn

from scanwright.base import ResourceError
from scanwright.inference import OpenVinoNetwork, OpenVinoOptions
from scanwright.inference.openvino_network import (
    SHAPES_KEPT,
    WORST,
    _compiled,
    difference,
    import_openvino,
    made_up_window,
)
from scanwright.nets import NETWORKS, NetworkOptions, answer_of, build_network

if find_spec("openvino") is None:
    pytest.skip("OpenVINO is an extra", allow_module_level=True)

OPTIONS = OpenVinoOptions(threads=1)
OUTLINING = [name for name in NETWORKS if answer_of(name) == "element"]


def small(rank: int) -> nn.Module:
    torch.manual_seed(rank)
    convolution = {2: nn.Conv2d, 3: nn.Conv3d}[rank]
    norm = {2: nn.InstanceNorm2d, 3: nn.InstanceNorm3d}[rank]
    return nn.Sequential(
        convolution(1, 4, 3, padding=1), norm(4), nn.LeakyReLU(), convolution(4, 2, 1)
    ).eval()


def images(batch: int, rank: int, edge: int = 8) -> torch.Tensor:
    generator = torch.Generator().manual_seed(batch)
    return torch.randn(batch, 1, *(edge,) * rank, generator=generator)


class Sampling(nn.Module):
    """A network of which every pass is another."""

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        return maps + torch.rand_like(maps)


class Unknown(nn.Module):
    """A network with a layer that OpenVINO has not."""

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        return maps + torch.linalg.svdvals(maps[0, 0]).sum()


@pytest.mark.parametrize("name", OUTLINING)
@pytest.mark.parametrize("size", [(32, 32), (16, 32, 32)])
def test_every_outlining_network_answers_the_same(name: str, size: tuple[int, ...]) -> None:
    options = NetworkOptions(rank=len(size), size=size, channels=2, outputs=3, width=0.25)
    plain = build_network(name, options, seed=0)
    seen = torch.randn(2, 2, *size, generator=torch.Generator().manual_seed(0))
    for _ in range(3):
        plain(seen)  # statistics of batch normalisation
    network = OpenVinoNetwork(plain, OPTIONS)
    with torch.inference_mode():
        exact, got = plain.eval()(seen), network(seen)
    assert got.dtype is torch.float32
    torch.testing.assert_close(got, exact, atol=1e-4, rtol=1e-4)
    assert torch.equal(got.argmax(1), exact.argmax(1))


@pytest.mark.parametrize("rank", [2, 3])
@pytest.mark.parametrize("batch", [1, 2, 5])
@pytest.mark.parametrize("yields_memory", [False, True])
def test_any_number_of_windows_is_answered_one_by_one(
    rank: int, batch: int, yields_memory: bool
) -> None:
    plain = small(rank)
    network = OpenVinoNetwork(plain, OpenVinoOptions(1, yields_memory))
    for _ in range(2):
        with torch.inference_mode():
            got, exact = network(images(batch, rank)), plain(images(batch, rank))
        torch.testing.assert_close(got, exact, atol=1e-5, rtol=1e-5)


def test_answers_stay_when_the_next_window_comes() -> None:
    network = OpenVinoNetwork(small(2), OPTIONS)
    first = network(images(1, 2))
    kept = first.clone()
    network(images(2, 2))
    assert torch.equal(first, kept)


def test_channels_that_lie_innermost_are_seen_the_same() -> None:
    plain = nn.Conv2d(3, 2, 3, padding=1).eval()
    seen = torch.randn(1, 3, 8, 6, generator=torch.Generator().manual_seed(0))
    turned = seen.contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        got = OpenVinoNetwork(plain, OPTIONS)(turned)
        torch.testing.assert_close(got, plain(seen), atol=1e-5, rtol=1e-5)


def test_it_computes_in_float32_whatever_surrounds_it() -> None:
    plain = small(2)
    network = OpenVinoNetwork(plain, OPTIONS)
    with torch.inference_mode():
        exact = plain(images(1, 2))
        with torch.autocast("cpu", torch.bfloat16):
            got = network(images(1, 2))
    assert got.dtype is torch.float32
    torch.testing.assert_close(got, exact, atol=1e-5, rtol=1e-5)


def test_the_network_given_may_change_later() -> None:
    plain = small(2).train()
    network = OpenVinoNetwork(plain, OPTIONS)
    before = network(images(1, 2))
    assert plain.training
    with torch.no_grad():
        for weights in plain.parameters():
            weights.zero_()
    assert torch.equal(network(images(1, 2)), before)


def test_shapes_of_windows_are_kept_to_a_few() -> None:
    plain = small(2)
    network = OpenVinoNetwork(plain, OPTIONS)
    for edge in (6, 8, 10, 6):
        with torch.inference_mode():
            got, exact = network(images(1, 2, edge)), plain(images(1, 2, edge))
        torch.testing.assert_close(got, exact, atol=1e-5, rtol=1e-5)
    assert len(network._runs) == SHAPES_KEPT


def test_it_may_be_prepared_before_the_first_window_comes() -> None:
    network = OpenVinoNetwork(small(2), OPTIONS)
    network.prepare((1, 8, 8))
    prepared = network._runs[1, 8, 8]
    network(images(2, 2))
    assert list(network._runs.values()) == [prepared]


def test_no_more_threads_compute_than_asked_for() -> None:
    window = made_up_window((1, 8, 8))
    compiled = _compiled(small(2), window, threads=1)
    assert compiled.get_property("INFERENCE_NUM_THREADS") == 1
    assert compiled.get_property("INFERENCE_PRECISION_HINT").to_string() == "f32"


def test_threads_may_share_it() -> None:
    plain = small(2)
    network = OpenVinoNetwork(plain, OPTIONS)
    given = [images(batch, 2) for batch in range(1, 9)]
    answers: dict[int, torch.Tensor] = {}

    def ask(index: int) -> None:
        with torch.inference_mode():
            answers[index] = network(given[index])

    threads = [threading.Thread(target=ask, args=(index,)) for index in range(len(given))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with torch.inference_mode():
        for index, one in enumerate(given):
            torch.testing.assert_close(answers[index], plain(one), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("network", [Sampling(), Unknown()])
def test_what_differs_or_does_not_convert_is_left_to_torch(
    network: nn.Module, caplog: pytest.LogCaptureFixture
) -> None:
    made = []

    def otherwise() -> nn.Module:
        made.append(1)
        return nn.Identity()

    asked = OpenVinoNetwork(network, OPTIONS, otherwise)
    for batch in (1, 2):
        assert torch.equal(asked(images(batch, 2)), images(batch, 2))
    assert made == [1]
    assert [record.message[:35] for record in caplog.records] == [
        "Computing with torch, not OpenVINO:"
    ]


@pytest.mark.parametrize("network", [Sampling(), Unknown()])
def test_without_anything_to_use_instead_it_refuses(network: nn.Module) -> None:
    with pytest.raises(ResourceError, match="cannot run this network"):
        OpenVinoNetwork(network, OPTIONS)(images(1, 2))


def test_a_mistake_in_the_input_is_not_taken_for_a_fault_of_openvino() -> None:
    with pytest.raises(RuntimeError, match="channels"):
        OpenVinoNetwork(small(2), OPTIONS, lambda: small(2))(torch.zeros(1, 7, 8, 8))


def test_equal_logits_are_equal_and_others_are_not() -> None:
    exact = made_up_window((3, 20, 20))
    assert difference(exact, exact) is None
    assert difference(exact + WORST / 4, exact + WORST / 4) is None
    assert "by up to" in str(difference(exact * 1.01, exact))
    assert "by up to" in str(difference(exact * float("nan"), exact))
    assert "shape" in str(difference(exact[:, :2], exact))


def test_labels_that_change_count_even_where_logits_hardly_do() -> None:
    exact = torch.zeros(1, 2, 10, 10)
    exact[0, 0, 0, 0] = 100
    other = exact.clone()
    other[0, 1, 1] += 0.01
    assert difference(other, exact) == "10.00% of the elements get another label"


def test_the_made_up_window_is_always_the_same() -> None:
    for shape in ((1, 9, 7), (2, 8, 6, 7)):
        assert made_up_window(shape).shape == (1, *shape)
        assert torch.equal(made_up_window(shape), made_up_window(shape))


def test_its_absence_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(ResourceError, match=r"scanwright\[openvino\]"):
        import_openvino()
    assert sys.modules.get("openvino_telemetry", "absent") is not None


def test_nothing_is_told_and_no_file_is_left(tmp_path: Path) -> None:
    home, here = tmp_path / "home", tmp_path / "here"
    home.mkdir()
    here.mkdir()
    script = (
        "import sys, socket, torch\n"
        "def no(*_, **__): raise SystemExit('the network was asked for')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = no\n"
        "from scanwright.inference import OpenVinoNetwork, OpenVinoOptions\n"
        "network = OpenVinoNetwork(torch.nn.Conv2d(1, 2, 3), OpenVinoOptions(1))\n"
        "assert network(torch.ones(1, 1, 8, 8)).shape == (1, 2, 6, 6)\n"
        "assert 'openvino_telemetry' not in sys.modules\n"
    )
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(here),
        "OMP_NUM_THREADS": "1",
    }
    subprocess.run([sys.executable, "-c", script], check=True, cwd=here, env=environment)
    assert not list(home.iterdir())
    assert not list(here.iterdir())
