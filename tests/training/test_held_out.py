from pathlib import Path

import torch

from scanwright.training import held_out
from tests.training.window_builders import WINDOW, window_fit, window_folds, window_recipe


def test_each_case_comes_once_with_the_networks_that_did_not_learn_it(tmp_path: Path) -> None:
    recipe = window_recipe(training__members=3, schedule__steps=(2, 2, 2))
    fit = window_fit(tmp_path, recipe, folds=window_folds(2))
    members = fit.run()
    found = {one.row: one.networks for one in held_out(fit, members)}
    assert sorted(found) == [0, 1, 2, 3]
    assert {row: len(networks) for row, networks in found.items()} == {0: 2, 1: 2, 2: 1, 3: 1}
    images = torch.rand(1, 1, *WINDOW[2], generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        for row, place in ((0, 0), (2, 1)):
            assert torch.equal(found[row][0](images), fit.network(members[place])(images))
        assert not found[0][0].training


def test_networks_of_the_same_fold_are_built_once(tmp_path: Path) -> None:
    fit = window_fit(tmp_path, window_recipe(schedule__steps=(1,)))
    first, second = held_out(fit, fit.run())
    assert first.networks[0] is second.networks[0]
