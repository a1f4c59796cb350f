"""What runs networks on a processor: chosen by rule, with the reason, or by hand."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import nn

from scanwright.base import RecipeError, ResourceError
from scanwright.inference.compute import Compute
from scanwright.inference.openvino_network import (
    OpenVinoNetwork,
    OpenVinoOptions,
    import_openvino,
)
from scanwright.inference.quicken import quickened

logger = logging.getLogger(__name__)

RuntimeName = Literal["auto", "torch", "openvino"]
"""What may be asked for."""

RUNTIMES: tuple[RuntimeName, ...] = get_args(RuntimeName)


@dataclass(frozen=True, slots=True)
class RuntimeChoice:
    """What runs networks, and why."""

    name: Literal["torch", "openvino"]
    reason: str
    is_by_hand: bool = False


def choose_runtime(compute: Compute, asked: RuntimeName = "auto") -> RuntimeChoice:
    """Choose what runs networks of float32 weights.

    Parameters
    ----------
    compute
        Where, and in which numbers.
    asked
        `auto` to choose by rule: torch in bfloat16 where the processor multiplies that, which is
        the fastest; else OpenVINO where it is installed, which takes six tenths of torch's time.

    Raises
    ------
    RecipeError
        There is no such runtime.
    ResourceError
        OpenVINO is asked for by hand, but is not installed, or the device is no processor.
    """
    if asked not in RUNTIMES:
        raise RecipeError("No such runtime.", got=asked, legal=", ".join(RUNTIMES))
    if asked == "torch":
        return RuntimeChoice("torch", "asked for", is_by_hand=True)
    if asked == "openvino":
        if not compute.is_cpu:
            raise ResourceError(
                "OpenVINO runs networks on the processor only.",
                got=compute.device.type,
                next="choose the device cpu, or the runtime torch",
            )
        import_openvino()
        return RuntimeChoice("openvino", "asked for", is_by_hand=True)
    return _by_rule(compute)


def _by_rule(compute: Compute) -> RuntimeChoice:
    if not compute.is_cpu:
        return RuntimeChoice("torch", f"the device is {compute.device.type}")
    if compute.autocast is torch.bfloat16:
        return RuntimeChoice("torch", "the processor multiplies bfloat16, faster than float32")
    try:
        import_openvino()
    except ResourceError as error:
        return RuntimeChoice("torch", error.sentence())
    return RuntimeChoice("openvino", "the fastest in float32 on a processor")


def quickened_all(
    networks: Sequence[nn.Module],
    rank: int,
    compute: Compute,
    runtime: RuntimeName = "auto",
    *,
    has_company: bool = False,
) -> tuple[nn.Module, ...]:
    """Return networks that answer the same sooner.

    Parameters
    ----------
    networks
        An ensemble. Copies are made.
    rank
        Spatial axes of their input.
    compute
        Where they will run.
    runtime
        What runs them; see `choose_runtime`.
    has_company
        Whether other networks run between these, so that memory has to be shared with them.

    Raises
    ------
    RecipeError, ResourceError
        See `choose_runtime`. By hand, OpenVINO also refuses, at the first window, what it cannot
        run with equal answers.
    """
    choice = choose_runtime(compute, runtime)
    logger.info("Networks are run by %s: %s", choice.name, choice.reason)
    if choice.name == "torch":
        return tuple(quickened(network, rank, compute) for network in networks)
    options = OpenVinoOptions(compute.threads, has_company or len(networks) > 1)

    def by_openvino(network: nn.Module) -> nn.Module:
        if choice.is_by_hand:
            return OpenVinoNetwork(network, options)
        return OpenVinoNetwork(network, options, lambda: quickened(network, rank, compute))

    return tuple(by_openvino(network) for network in networks)
