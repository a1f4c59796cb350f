"""Networks look at the same windows each time, and are left as they were."""

import numpy as np
import pytest
import torch

from scanwright.base import ShapeError
from scanwright.training.window_judge import WindowJudge
from scanwright.training.window_looks import Looks
from tests.training.test_window_judge import MEANS, ROWS, Reads, judge
from tests.training.window_builders import TWO, WINDOW, toy_store, window_recipe


def test_few_cases_are_seen_whole() -> None:
    one = judge()
    seen = {name: np.zeros(toy_store().case(name).size, bool) for name in toy_store().names[:4]}
    for window in one.windows:
        low = [max(0, start) for start in window.start]
        high = [start + edge for start, edge in zip(window.start, WINDOW[2], strict=True)]
        seen[window.case][tuple(map(slice, low, high))] = True
    assert all(case.all() for case in seen.values())


def test_of_many_cases_a_fixed_few_windows_are_seen() -> None:
    one, again = judge(most=5), judge(most=5)
    assert len(one.windows) == 5
    assert one.windows == again.windows
    assert one.verdict(Reads(TWO)) == again.verdict(Reads(TWO))


@pytest.mark.parametrize("training", [True, False])
def test_a_network_in_training_goes_on_as_it_was(training: bool) -> None:
    network = Reads(TWO).train(training)
    judge(most=3).verdict(network)
    assert network.training is training


def test_no_case_to_validate_on_is_one_clear_error() -> None:
    with pytest.raises(ShapeError, match="validate"):
        WindowJudge.of(window_recipe(), toy_store(), ROWS[:0], 10, MEANS)


def test_costs_of_all_passes_are_the_mean_loss_times_the_windows() -> None:
    store, recipe = toy_store(), window_recipe(training__batch=3)
    looks = Looks.of(recipe, store, ROWS, 100, MEANS)
    one = judge()
    network = Reads(TWO)
    with torch.inference_mode():
        seen = list(looks.at(network, one._truth))
    assert sum(len(outputs) for outputs, _, _ in seen) == len(looks.windows)
    assert max(len(outputs) for outputs, _, _ in seen) <= 3
    mean = sum(cost for _, _, cost in seen) / len(looks.windows)
    assert mean == pytest.approx(one.verdict(network).loss, rel=0.2)
