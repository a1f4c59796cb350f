import numpy as np

from scanwright.inference import (
    FusionOptions,
    Proposals,
    candidate_fusions,
    choose_fusion,
    chosen_fusion,
)
from scanwright.inference.proposals import Fused

DEFAULT = FusionOptions(overlap=0.3)


def pair(apart: float) -> Proposals:
    """Two boxes of length 10 beside each other."""
    edges = np.array([[[0.0, 10.0]], [[apart, apart + 10.0]]])
    return Proposals.of(edges, np.array([0.9, 0.8]), np.zeros(2, dtype=np.int64))


def share_with_two(found: list[Fused]) -> float:
    return float(np.mean([len(scores) == 2 for _, _, scores in found]))


def test_the_best_way_is_kept_and_no_other() -> None:
    cases = [pair(3.0), pair(4.0), pair(8.0)]  # overlaps .54, .43 and .11
    trials = choose_fusion(cases, DEFAULT, candidate_fusions(DEFAULT), share_with_two)
    assert [trial.is_kept for trial in trials].count(True) == 1
    chosen = chosen_fusion(DEFAULT, trials)
    assert (chosen.method, chosen.overlap) == ("cluster", 0.6)
    kept = next(trial for trial in trials if trial.is_kept)
    assert (kept.before, kept.after) == (1 / 3, 1.0)


def test_the_default_stays_where_nothing_is_better_by_more_than_chance() -> None:
    def judge(found: list[Fused]) -> float:
        return 0.5 + 0.002 * share_with_two(found)

    trials = choose_fusion([pair(3.0)], DEFAULT, candidate_fusions(DEFAULT), judge)
    assert max(trial.after for trial in trials) > trials[0].before
    assert not any(trial.is_kept for trial in trials)
    assert chosen_fusion(DEFAULT, trials) == DEFAULT
    assert choose_fusion([pair(3.0)], DEFAULT, (), judge) == ()


def test_candidates_differ_from_each_other_and_the_default() -> None:
    found = candidate_fusions(DEFAULT)
    assert len(set(found)) == len(found)
    assert DEFAULT not in found
    assert {way.method for way in found} == {"cluster", "suppress"}
    assert {way.border for way in found} == {DEFAULT.border}
