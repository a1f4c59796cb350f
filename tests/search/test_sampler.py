"""The sequence of trials: the default first, and the same whatever was cut off."""

from pathlib import Path

import pytest

from scanwright.search import SharedStudy, Values
from tests.search.builders import space, study


def worth(values: Values) -> float:
    """Score values by a rule, so that the same values have the same score."""
    return -abs(float(values["optimiser.rate"]) - 3e-3) - 0.001 * float(values["network.dropout"])


def ready(folder: Path, worker: str = "me", seed: int = 0) -> SharedStudy:
    made = study(folder, worker)
    made.recover()
    made.use(space(), seed)
    return made


def run(made: SharedStudy, count: int) -> None:
    for _ in range(count):
        trial = made.claim(None)
        assert trial is not None
        made.finish(trial, worth(space().draw(trial)), 0.1)


def sequence(made: SharedStudy) -> list[tuple[int, Values]]:
    return [(one.place, one.values) for one in made.records()]


def test_the_first_trial_is_the_default_and_the_others_are_not(tmp_path: Path) -> None:
    made = ready(tmp_path)
    run(made, 3)
    values = [one.values for one in made.records()]
    assert values[0] == space().default
    assert values[1] != values[0]
    assert values[2] != values[1]


@pytest.mark.slow
def test_seeds_decide_the_sequence(tmp_path: Path) -> None:
    sequences = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        (tmp_path / name).mkdir()
        made = ready(tmp_path / name, seed=seed)
        run(made, 12)
        sequences.append(sequence(made))
    assert sequences[0] == sequences[1]
    assert sequences[0][1] != sequences[2][1]


@pytest.mark.slow
def test_a_trial_cut_off_is_repeated_and_the_sequence_goes_on_as_if_it_had_not_been(
    tmp_path: Path,
) -> None:
    for name in ("whole", "cut"):
        (tmp_path / name).mkdir()
    whole = ready(tmp_path / "whole")
    run(whole, 13)
    cut = ready(tmp_path / "cut")
    run(cut, 4)
    dead = cut.claim(None)
    assert dead is not None
    space().draw(dead)  # and the process dies
    again = ready(tmp_path / "cut")
    run(again, 5)
    dead = again.claim(None)  # dies before it drew anything
    assert dead is not None
    last = ready(tmp_path / "cut")
    run(last, 4)
    assert sequence(last) == sequence(whole)
    assert [one.retries for one in last.records()] == [0] * 4 + [1] + [0] * 4 + [1] + [0] * 3
