"""A network compiled by OpenVINO, in float32; by itself only where it answers as torch does."""

import copy
import importlib
import logging
import sys
import threading
import warnings
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

from scanwright.base import ResourceError

if TYPE_CHECKING:
    from openvino import CompiledModel

logger = logging.getLogger(__name__)

EXTRA = "openvino"
TELEMETRY = "openvino_telemetry"

WORST = 1e-3
"""Largest difference of two logits that is let pass, as a share of the largest logit."""

UNEQUAL = 1e-3
"""Part of the elements that may get another label: those whose best two answers all but tie, which
are many where a network is unsure of a made-up window."""

SHAPES_KEPT = 2
"""Shapes of windows that a network stays compiled for; each holds its own feature maps."""

MODES = {2: "bilinear", 3: "trilinear"}

# Tracing and importing change what all threads share: warnings, loaded modules.
_one_at_a_time = threading.RLock()

Run = Callable[[torch.Tensor], torch.Tensor]
"""One window (1, C, *window) to its logits (1, outputs, *window)."""


class Unequal(Exception):  # noqa: N818  (a finding, not a mistake)
    """A compiled network does not answer as the one that it was made from."""


@dataclass(frozen=True, slots=True)
class OpenVinoOptions:
    """How a network is run.

    Parameters
    ----------
    threads
        To compute with.
    yields_memory
        Whether feature maps are given back after each window, because another network's turn comes
        before the next one. That costs a sixth of the time.
    """

    threads: int
    yields_memory: bool = False


def import_openvino() -> ModuleType:
    """Import OpenVINO, which then tells nobody about it and leaves no file.

    Raises
    ------
    ResourceError
        It is not installed.
    """
    with _one_at_a_time:
        loaded = sys.modules.get(TELEMETRY)
        # Its absence is provided for; where it is there, the mere import sends a message and writes
        # an identity into the home folder.
        sys.modules[TELEMETRY] = None  # type: ignore[assignment]  # how Python marks what is absent
        try:
            return importlib.import_module("openvino")
        except (ImportError, OSError) as error:
            raise ResourceError(
                "OpenVINO is not installed.",
                next=f'install it: pip install "scanwright[{EXTRA}]"',
            ) from error
        finally:
            del sys.modules[TELEMETRY]
            if loaded is not None:
                sys.modules[TELEMETRY] = loaded


class OpenVinoNetwork(nn.Module):
    """A network that OpenVINO runs, window by window; compiled when the first of a shape comes.

    Before it is used for a shape, its answers about a made-up window are held against torch's.
    May be called from several threads, which wait for each other.

    Parameters
    ----------
    network
        What to do the same as, on the processor. A copy is kept.
    options
        How it is run.
    otherwise
        Makes the network that is used where OpenVINO cannot or differs; None to raise instead.
    """

    def __init__(
        self,
        network: nn.Module,
        options: OpenVinoOptions,
        otherwise: Callable[[], nn.Module] | None = None,
    ) -> None:
        super().__init__()
        self.network = copy.deepcopy(network).eval()
        self._options = options
        self._otherwise = otherwise
        self._runs: OrderedDict[tuple[int, ...], Run] = OrderedDict()
        self._lock = threading.RLock()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Map (B, C, *window) to (B, outputs, *window).

        Raises
        ------
        ResourceError
            OpenVINO cannot run the network, or differs, and there is nothing to use instead.
        """
        with self._lock, torch.autocast("cpu", enabled=False):
            run = self._run_for(tuple(images.shape[1:]))
            return torch.cat([run(window) for window in torch.split(images.float(), 1)])

    def prepare(self, shape: tuple[int, ...]) -> None:
        """Compile for windows of a shape (C, *window) now, not when the first comes.

        Raises
        ------
        ResourceError
            As for `forward`.
        """
        with self._lock, torch.autocast("cpu", enabled=False):
            self._run_for(shape)

    def _run_for(self, shape: tuple[int, ...]) -> Run:
        """Return what runs windows of a shape (C, *window)."""
        if shape not in self._runs:
            try:
                self._runs[shape] = _checked_run(self.network, shape, self._options)
            except _failures() as error:
                self._runs[shape] = self._instead(error)
            while len(self._runs) > SHAPES_KEPT:
                self._runs.popitem(last=False)
        self._runs.move_to_end(shape)
        return self._runs[shape]

    def _instead(self, error: Exception) -> Run:
        reason = str(error).strip()
        if self._otherwise is None:
            raise ResourceError(
                "OpenVINO cannot run this network.", got=reason, next="leave it to torch"
            ) from error
        logger.warning("Computing with torch, not OpenVINO: %s", reason)
        return self._otherwise()


def made_up_window(shape: tuple[int, ...]) -> torch.Tensor:
    """Return blobs in noise, always the same: (1, *shape) for a shape (C, *window)."""
    generator = torch.Generator().manual_seed(0)
    coarse = torch.randn((1, shape[0], *(4,) * (len(shape) - 1)), generator=generator)
    mode = MODES.get(len(shape) - 1, "nearest")
    blobs = functional.interpolate(coarse, size=shape[1:], mode=mode)
    return blobs + 0.3 * torch.randn((1, *shape), generator=generator)


def difference(logits: torch.Tensor, exact: torch.Tensor) -> str | None:
    """Say how logits (1, outputs, *window) differ from exact ones; None where they are equal."""
    if logits.shape != exact.shape:
        return f"answers in shape {tuple(logits.shape)} instead of {tuple(exact.shape)}"
    worst = float((logits - exact).abs().max() / exact.abs().max().clamp_min(1e-30))
    if not worst <= WORST:  # not a number is no answer either
        return f"logits differ by up to {worst:.1e} of the largest"
    changed = (logits.argmax(1) != exact.argmax(1)) | ((logits > 0) != (exact > 0)).any(1)
    share = float(changed.float().mean())
    return f"{share:.2%} of the elements get another label" if share > UNEQUAL else None


def _checked_run(network: nn.Module, shape: tuple[int, ...], options: OpenVinoOptions) -> Run:
    window = made_up_window(shape)
    with _one_at_a_time:
        traced = _Traced(network)
        run = _Compiled(_compiled(traced, window, options.threads), options)
    assert traced.logits is not None  # tracing runs the network
    found = difference(run(window), traced.logits)
    if found is not None:
        raise Unequal(found)
    run.yield_memory()
    logger.info("OpenVINO runs windows of %s", " × ".join(map(str, shape[1:])))
    return run


def _failures() -> tuple[type[Exception], ...]:
    """Return what is raised by networks that do not convert, compile or answer the same."""
    module = import_openvino()
    names = (
        "OpConversionFailure",
        "OpValidationFailure",
        "GeneralFailure",
        "NotImplementedFailure",
    )
    found = (getattr(module.frontend, name, None) for name in names)
    own = (kind for kind in found if isinstance(kind, type) and issubclass(kind, Exception))
    return (RuntimeError, Unequal, *own)


class _Traced(nn.Module):
    """A network that keeps what it answered while it was traced: a pass spared."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        self.logits: torch.Tensor | None = None

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Run the network."""
        logits: torch.Tensor = self.network(images)
        self.logits = logits.detach()
        return logits


class _Compiled:
    """What runs one window of the shape that it was compiled for."""

    def __init__(self, compiled: "CompiledModel", options: OpenVinoOptions) -> None:
        self._compiled = compiled
        self._request = compiled.create_infer_request()
        self._yields_memory = options.yields_memory

    def __call__(self, window: torch.Tensor) -> torch.Tensor:
        """Map (1, C, *window) to (1, outputs, *window)."""
        given = window.contiguous().numpy()
        answer = self._request.infer([given], share_inputs=True, share_outputs=True)
        logits = torch.from_numpy(answer[0].copy())
        del answer
        if self._yields_memory:
            self.yield_memory()
        return logits

    def yield_memory(self) -> None:
        """Give back the feature maps; the next window takes them anew."""
        self._compiled.release_memory()


def _compiled(network: nn.Module, window: torch.Tensor, threads: int) -> "CompiledModel":
    """Compile for windows of one shape. Nothing is written; weights may be the network's own."""
    openvino = import_openvino()
    # Not by `convert_model`, which would tell of it.
    front_ends = importlib.import_module("openvino.frontend")
    decoders = importlib.import_module("openvino.frontend.pytorch.ts_decoder")
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # shapes are meant to be fixed, and tracing is old
        decoder = decoders.TorchScriptPythonDecoder(
            network, example_input=window, trace_kwargs={"check_trace": False}
        )
    front_end = front_ends.FrontEndManager().load_by_framework("pytorch")
    model = front_end.convert(front_end.load(decoder))
    model.reshape(list(window.shape))
    settings = {
        "EXECUTION_MODE_HINT": "ACCURACY",
        "INFERENCE_PRECISION_HINT": "f32",
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
        "ENABLE_CPU_PINNING": False,  # others may use the same cores
    }
    compiled: CompiledModel = openvino.Core().compile_model(model, "CPU", settings)
    return compiled
