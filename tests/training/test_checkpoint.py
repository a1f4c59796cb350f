import threading
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from scanwright.base import FileError, ResourceError
from scanwright.inference import to_device
from scanwright.training.checkpoint import Checkpoint, optimiser_tensors, restore_optimiser
from tests.disks import small_disk

FACTS = {"step": 7, "done": 0.1 + 0.2, "best": None, "words": "größer", "history": [{"a": 1e-300}]}


def some() -> Checkpoint:
    tensors = {
        "network": {"a.weight": torch.arange(6.0).reshape(2, 3).T, "n": torch.tensor(3)},
        "optimiser": {"0.step": torch.tensor(2.0)},
    }
    return Checkpoint(tensors, FACTS)


def test_a_checkpoint_comes_back_exactly(tmp_path: Path) -> None:
    some().write(tmp_path / "a.safetensors")
    back = Checkpoint.read(tmp_path / "a.safetensors")
    assert back.facts == FACTS
    assert back.tensors.keys() == some().tensors.keys()
    for group, members in some().tensors.items():
        assert back.tensors[group].keys() == members.keys()
        for name, tensor in members.items():
            assert back.tensors[group][name].dtype == tensor.dtype
            assert torch.equal(back.tensors[group][name], tensor)


@pytest.mark.parametrize("keep", [0, 1, 7, 8, 60, -1])
def test_a_truncated_checkpoint_is_one_clear_error(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "a.safetensors"
    some().write(path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(FileError, match="damaged") as caught:
        Checkpoint.read(path)
    assert caught.value.where == path


@pytest.mark.parametrize("content", [b"\xff" * 100, b"{}" * 50, b"\x00" * 8])
def test_a_file_of_another_kind_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.safetensors").write_bytes(content)
    with pytest.raises(FileError):
        Checkpoint.read(tmp_path / "a.safetensors")


@pytest.mark.parametrize("metadata", [None, {"facts": "no JSON"}, {"other": "1"}])
def test_tensors_without_our_facts_are_one_clear_error(
    tmp_path: Path, metadata: dict[str, str] | None
) -> None:
    save_file({"network/a": torch.zeros(2)}, tmp_path / "a.safetensors", metadata=metadata)
    with pytest.raises(FileError):
        Checkpoint.read(tmp_path / "a.safetensors")


def test_a_checkpoint_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(FileError):
        Checkpoint.read(tmp_path / "a.safetensors")


def test_a_full_disk_leaves_the_old_checkpoint(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        path = disk / "a.safetensors"
        some().write(path)
        large = Checkpoint({"network": {"a": torch.zeros(1 << 18)}}, {})
        with pytest.raises(ResourceError, match="disk is full"):
            large.write(path)
        assert Checkpoint.read(path).facts == FACTS
        assert [one.name for one in disk.iterdir()] == [path.name]


def trained(seed: int, steps: int) -> tuple[nn.Module, torch.optim.Optimizer]:
    torch.manual_seed(seed)
    network = to_device(
        nn.Sequential(nn.Conv2d(2, 3, 3), nn.Flatten(), nn.Linear(12, 1)), torch.device("cpu")
    )
    optimiser = torch.optim.AdamW(network.parameters(), lr=0.1, fused=True)
    advance(network, optimiser, steps)
    return network, optimiser


def advance(network: nn.Module, optimiser: torch.optim.Optimizer, steps: int) -> None:
    for step in range(steps):
        images = torch.randn(2, 2, 4, 4, generator=torch.Generator().manual_seed(step))
        network(images).square().sum().backward()
        optimiser.step()
        optimiser.zero_grad()


def test_an_optimiser_put_back_pairs_each_weight_with_its_own_memory(tmp_path: Path) -> None:
    """Weights lie in memory with channels innermost, the file does not."""
    network, optimiser = trained(seed=0, steps=3)
    other, restored = trained(seed=1, steps=0)
    other.load_state_dict(network.state_dict())
    Checkpoint({"optimiser": optimiser_tensors(optimiser)}).write(tmp_path / "a.safetensors")
    restore_optimiser(restored, Checkpoint.read(tmp_path / "a.safetensors").tensors["optimiser"])
    advance(network, optimiser, 3)
    advance(other, restored, 3)
    for ours, theirs in zip(network.parameters(), other.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_an_optimiser_without_memory_has_nothing_to_keep() -> None:
    network = nn.Linear(1, 1)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.1)
    assert optimiser_tensors(optimiser) == {}
    restore_optimiser(optimiser, {})


def test_a_state_that_is_replaced_while_it_is_read_is_read_whole(tmp_path: Path) -> None:
    """A network that trains in another process keeps its state while this one reads it."""
    path = tmp_path / "state.safetensors"
    states = [
        Checkpoint({"network": {"w": torch.full((size,), float(size))}}, {"note": "x" * size})
        for size in (3, 5000)
    ]
    states[0].write(path)
    done = threading.Event()

    def replace_it() -> None:
        while not done.is_set():
            for state in states:
                state.write(path)

    writer = threading.Thread(target=replace_it)
    writer.start()
    try:
        for _ in range(300):
            found = Checkpoint.read(path)
            weights = found.tensors["network"]["w"]
            assert len(weights) == len(found.facts["note"])
            assert bool((weights == len(weights)).all())
    finally:
        done.set()
        writer.join()
