"""A member's state on disk: everything needed to go on bit for bit, and nothing executable."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from scanwright.base import FileError, replacing

Tensors = dict[str, torch.Tensor]
Facts = dict[str, Any]  # Any: numbers, words and lists, as JSON holds them
LENGTH_BYTES = 8
"""A file of safetensors begins with the length of its header, a little-endian number."""


@dataclass(slots=True)
class Checkpoint:
    """Named groups of tensors, and plain facts."""

    tensors: dict[str, Tensors]
    facts: Facts = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Write it whole or not at all."""
        flat = {
            f"{group}/{name}": tensor.detach().contiguous().cpu()
            for group, members in self.tensors.items()
            for name, tensor in members.items()
        }
        with replacing(path) as temporary:
            # Written here, not by safetensors, whose own errors do not tell a full disk.
            temporary.write_bytes(save(flat, metadata={"facts": json.dumps(self.facts)}))

    @classmethod
    def read(cls, path: Path) -> "Checkpoint":
        """Read it.

        Raises
        ------
        FileError
            It is damaged.
        """
        groups: dict[str, Tensors] = {}
        try:
            # Read at once: another process may put a newer state in its place meanwhile, and
            # what opens the file by its name twice would then take parts of both.
            content = path.read_bytes()
            length = int.from_bytes(content[:LENGTH_BYTES], "little")
            header = json.loads(content[LENGTH_BYTES : LENGTH_BYTES + length])
            facts = json.loads(header["__metadata__"]["facts"])
            for key, tensor in load(content).items():
                group, _, name = key.partition("/")
                groups.setdefault(group, {})[name] = tensor
        except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
            raise FileError(
                "The saved state of the run is damaged.",
                next="delete this file to start its member again",
                where=path,
            ) from error
        return cls(groups, facts)


def optimiser_tensors(optimiser: torch.optim.Optimizer) -> Tensors:
    """Return an optimiser's state as flat tensors."""
    flat: Tensors = {}
    for index, values in optimiser.state_dict()["state"].items():
        for name, value in values.items():
            if isinstance(value, torch.Tensor):
                flat[f"{index}.{name}"] = value
    return flat


def restore_optimiser(optimiser: torch.optim.Optimizer, flat: Tensors) -> None:
    """Put flat tensors back into an optimiser just built over the same parameters.

    They take the memory layout of their parameters: fused updates run along memory, and would
    pair the wrong elements.
    """
    parameters = [p for group in optimiser.param_groups for p in group["params"]]
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, tensor in flat.items():
        index, _, name = key.partition(".")
        like = parameters[int(index)]
        laid = torch.empty_like(like, device="cpu") if tensor.shape == like.shape else None
        state.setdefault(int(index), {})[name] = tensor if laid is None else laid.copy_(tensor)
    plain = optimiser.state_dict()
    optimiser.load_state_dict({"state": state, "param_groups": plain["param_groups"]})
