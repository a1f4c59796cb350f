from pathlib import Path

import pytest
import torch

from scanwright.base import FileError
from scanwright.training.checkpoint import Checkpoint
from scanwright.training.member import Member, snapshot
from tests.training.builders import toy_recipe

CPU = torch.device("cpu")


def start(index: int = 0, total: int = 10, **changes: object) -> Member:
    return Member.start(toy_recipe(**changes), index, total, CPU)


def equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)


def test_first_weights_depend_on_seed_and_index_alone() -> None:
    torch.manual_seed(1)
    first = snapshot(start().network)
    torch.manual_seed(2)
    assert equal(first, snapshot(start().network))
    assert not equal(first, snapshot(start(index=1).network))
    assert not equal(first, snapshot(start(training__seed=1).network))
    assert not equal(snapshot(start(index=1).network), snapshot(start(training__seed=1).network))


@pytest.mark.parametrize("total", [1, 7, 30])
def test_the_schedule_is_done_when_the_steps_are(total: int) -> None:
    member = start(total=total)
    shares = []
    for _ in range(total):
        shares.append(member.done)
        member.advance(1.0)
    assert shares == pytest.approx([step / total for step in range(total)])
    assert member.done == pytest.approx(1, abs=1e-12)


def test_a_shorter_total_spreads_the_rest_of_the_schedule_over_the_rest_of_the_steps() -> None:
    member = start(total=100)
    for _ in range(50):
        member.advance(1.0)
    member.total = 60
    shares = []
    for _ in range(10):
        shares.append(member.done)
        member.advance(1.0)
    assert shares == pytest.approx([0.5 + 0.05 * step for step in range(10)])
    assert member.done == pytest.approx(1)


def test_the_loss_shown_is_a_running_mean() -> None:
    member = start()
    member.advance(2.0)
    assert member.loss == 2.0
    member.advance(4.0)
    assert member.loss == pytest.approx(0.95 * 2 + 0.05 * 4)


def test_weights_to_keep_are_the_last_or_the_best() -> None:
    member = start()
    last = member.weights("last")
    assert equal(member.weights("best"), last), "nothing was validated yet"
    member.best_weights = {name: tensor + 1 for name, tensor in last.items()}
    assert equal(member.weights("best"), member.best_weights)
    assert equal(member.weights("last"), last)


def test_a_member_comes_back_with_all_that_it_was(tmp_path: Path) -> None:
    member = start(index=2, schedule__name="plateau")
    member.advance(0.3)
    member.validated, member.waited, member.best = 3, 2, 0.75
    member.best_weights = snapshot(member.network)
    member.history = [{"step": 1, "merit": 0.1}]
    member.seconds, member.stopped, member.is_finished = 1.25, "why", True
    member.schedule.cut, member.schedule.lowest, member.schedule.waited = 0.1, 0.5, 1
    member.write(tmp_path / "a.safetensors")
    back = Member.restore(tmp_path / "a.safetensors", toy_recipe(schedule__name="plateau"), CPU)
    for name in (
        "index", "total", "step", "done", "validated", "waited", "best", "history", "loss",
        "seconds", "stopped", "is_finished", "schedule",
    ):  # fmt: skip
        assert getattr(back, name) == getattr(member, name), name
    assert equal(back.best_weights, member.best_weights)
    assert equal(snapshot(back.network), snapshot(member.network))


def test_a_member_that_was_never_validated_comes_back_too(tmp_path: Path) -> None:
    start().write(tmp_path / "a.safetensors")
    back = Member.restore(tmp_path / "a.safetensors", toy_recipe(), CPU)
    assert back.best == -float("inf")
    assert back.schedule.lowest == float("inf")
    assert back.best_weights == {}


def test_a_state_of_another_network_is_one_clear_error(tmp_path: Path) -> None:
    start().write(tmp_path / "a.safetensors")
    with pytest.raises(FileError, match="does not fit"):
        Member.restore(tmp_path / "a.safetensors", toy_recipe(network__width=0.5), CPU)


@pytest.mark.parametrize("missing", ["step", "schedule", "is_finished", "total"])
def test_a_state_that_lacks_a_fact_is_one_clear_error(tmp_path: Path, missing: str) -> None:
    path = tmp_path / "a.safetensors"
    start().write(path)
    state = Checkpoint.read(path)
    del state.facts[missing]
    state.write(path)
    with pytest.raises(FileError, match="does not fit"):
        Member.restore(path, toy_recipe(), CPU)


def test_a_snapshot_is_a_copy() -> None:
    member = start()
    taken = snapshot(member.network)
    before = {name: tensor.clone() for name, tensor in taken.items()}
    with torch.no_grad():
        for parameter in member.network.parameters():
            parameter.add_(1)
    assert equal(taken, before)
    assert all(tensor.is_contiguous() for tensor in taken.values())
