from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from scanwright.base import BundleError
from scanwright.bundle import golden_test, run_golden_test
from scanwright.bundle.golden import CASES, RUNS, TOLERANCE
from scanwright.inference import Predictor
from tests.bundle.builders import CPU, make_bundle, make_finding_bundle


def ensemble() -> Predictor:
    return make_bundle().ensemble(CPU)


def test_the_self_test_is_the_same_every_time() -> None:
    first, again = golden_test(ensemble()), golden_test(ensemble())
    assert torch.equal(first["inputs"], again["inputs"])
    assert torch.equal(first["scores"], again["scores"])
    assert first["inputs"].shape == (CASES, 1, 16, 16)
    assert first["scores"].shape == (CASES, 2)


def test_its_scores_are_probabilities_that_differ_between_cases() -> None:
    scores = golden_test(ensemble())["scores"].numpy()
    np.testing.assert_allclose(scores.sum(axis=1), 1)
    assert np.ptp(scores[:, 0]) > 10 * TOLERANCE


@pytest.mark.parametrize("name", ["trunk.0.weight", "head.5.bias"])
def test_a_network_with_one_altered_tensor_fails(name: str) -> None:
    golden = golden_test(ensemble())
    altered = ensemble()
    with torch.no_grad():
        dict(altered.networks[0].named_parameters())[name][0] += 1.0
    with pytest.raises(BundleError, match="self-test fails"):
        run_golden_test(altered, golden)


def test_a_lost_member_fails() -> None:
    golden = golden_test(ensemble())
    with pytest.raises(BundleError):
        run_golden_test(replace(ensemble(), networks=ensemble().networks[:1]), golden)


def test_a_network_that_answers_with_no_number_fails() -> None:
    class Lost(nn.Module):
        """Answers NaN."""

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return torch.full((len(images), 2), float("nan"))

    golden = golden_test(ensemble())
    with pytest.raises(BundleError):
        run_golden_test(replace(ensemble(), networks=[Lost()]), golden)


def test_scores_just_inside_the_tolerance_pass_and_just_outside_fail() -> None:
    golden = golden_test(ensemble())
    inside = {**golden, "scores": golden["scores"] + 0.9 * TOLERANCE}
    assert run_golden_test(ensemble(), inside) == pytest.approx(0.9 * TOLERANCE, rel=1e-3)
    with pytest.raises(BundleError):
        run_golden_test(ensemble(), {**golden, "scores": golden["scores"] + 1.1 * TOLERANCE})


def test_a_machine_of_lower_precision_makes_and_passes_the_same_self_test() -> None:
    low = replace(ensemble(), compute=replace(CPU, autocast=torch.bfloat16))
    assert torch.equal(golden_test(low)["scores"], golden_test(ensemble())["scores"])
    assert run_golden_test(low, golden_test(ensemble())) == 0


@pytest.mark.parametrize("rank", [2, 3])
def test_what_finds_is_tested_by_the_answers_of_its_cells(rank: int) -> None:
    whole = make_finding_bundle(rank).ensemble(CPU)
    golden = golden_test(whole)
    assert golden["inputs"].shape == (1, 1, *(32,) * rank)
    cases, numbers, runs = golden["scores"].shape
    assert (cases, numbers) == (1, 2 + 2 * rank)
    assert 1 < runs <= RUNS
    assert np.isfinite(golden["scores"].numpy()).all()
    assert run_golden_test(whole, golden) == 0
    # Other threads add in another order, as another machine does.
    threads = torch.get_num_threads()
    torch.set_num_threads(threads % 2 + 1)
    try:
        assert run_golden_test(whole, golden) < TOLERANCE / 10
    finally:
        torch.set_num_threads(threads)


@pytest.mark.parametrize(
    "name", ["head.answers.0.bias", "head.answers.1.weight", "head.scales", "head.answers.1.bias"]
)
def test_an_altered_tensor_of_what_finds_fails(name: str) -> None:
    golden = golden_test(make_finding_bundle().ensemble(CPU))
    altered = make_finding_bundle().ensemble(CPU)
    with torch.no_grad():
        dict(altered.networks[1].named_parameters())[name][0] += 0.2
    with pytest.raises(BundleError, match="self-test fails"):
        run_golden_test(altered, golden)


def test_a_bundle_of_what_finds_stays_small() -> None:
    golden = golden_test(make_finding_bundle(3).ensemble(CPU))
    assert golden["scores"].numel() <= 8 * RUNS


class Elsewhere(nn.Module):
    """Answers as another network does, but low and high edges lie `by` elements further."""

    def __init__(self, network: nn.Module, by: float) -> None:
        super().__init__()
        self.network, self.by = network, by

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        outputs = self.network(images).clone()
        outputs[:, 2:6] += self.by
        return outputs


def test_boxes_that_lie_a_fifth_of_an_element_elsewhere_fail() -> None:
    whole = make_finding_bundle().ensemble(CPU)
    golden = golden_test(whole)
    for by, does_fail in ((1e-3, False), (0.2, True)):
        moved = replace(whole, networks=[Elsewhere(one, by) for one in whole.networks])
        if does_fail:
            with pytest.raises(BundleError):
                run_golden_test(moved, golden)
        else:
            assert run_golden_test(moved, golden) > 0
