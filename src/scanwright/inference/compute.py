"""Where to compute, and one pass of a network there."""

from dataclasses import dataclass

import torch
from torch import nn

from scanwright.base import (
    ResourceError,
    keep_freed_memory,
    multiplies_bfloat16,
    thread_count,
)
from scanwright.inference.views import AS_IT_IS, Views

DEVICES = ("auto", "cpu", "cuda", "mps")


@dataclass(frozen=True, slots=True)
class Compute:
    """A device and how to use it."""

    device: torch.device
    autocast: torch.dtype | None
    threads: int

    @property
    def is_cpu(self) -> bool:
        """Whether it is the processor."""
        return self.device.type == "cpu"

    def wait(self) -> None:
        """Wait until everything queued on the device is done, so that time can be read."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        elif self.device.type == "mps":
            torch.mps.synchronize()


def choose_compute(device: str = "auto", precision: str = "auto", threads: int = 0) -> Compute:
    """Choose the device, number format and threads (0 for all that the process may use).

    The threads are set for the whole process, which also keeps memory that feature maps free.

    Raises
    ------
    ResourceError
        The device asked for is not there.
    """
    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": _has_mps()}
    if device == "auto":
        device = next(name for name in ("cuda", "mps", "cpu") if available[name])
    if not available.get(device, False):
        raise ResourceError(
            "The device is not available.",
            got=device,
            legal=", ".join(name for name, there in available.items() if there),
            next="leave out --device to use the best one that is there",
        )
    threads = threads or thread_count()
    torch.set_num_threads(threads)
    keep_freed_memory()
    return Compute(torch.device(device), _autocast(device, precision), threads)


def forward(
    network: nn.Module, images: torch.Tensor, compute: Compute, views: Views = AS_IT_IS
) -> torch.Tensor:
    """Run a network on (B, C, *size); outputs are averaged over the views of each image."""
    total = torch.zeros((), device=images.device)
    with torch.autocast(
        compute.device.type, dtype=compute.autocast, enabled=compute.autocast is not None
    ):
        for view in views.of(images):
            total = total + network(view).float()
    return total / views.count(images.ndim - 2)


def to_device(network: nn.Module, device: torch.device) -> nn.Module:
    """Move a network, with channels innermost in 2-D, where convolutions are faster."""
    if any(isinstance(module, nn.Conv2d) for module in network.modules()):
        return network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]  # torch types this keyword for tensors only
    return network.to(device)


def _has_mps() -> bool:
    return bool(torch.backends.mps.is_available())


def _autocast(device: str, precision: str) -> torch.dtype | None:
    if precision == "bfloat16":
        return torch.bfloat16
    if precision == "auto" and device == "cuda" and torch.cuda.is_bf16_supported():
        return torch.bfloat16
    if precision == "auto" and device == "cpu" and multiplies_bfloat16():
        return torch.bfloat16
    return None
