from collections.abc import Sequence

import numpy as np
import pytest

from scanwright.base import InputError
from scanwright.report import Growth, Learner, MeasureOptions, Outcomes, growth_of

OPTIONS = MeasureOptions(replicates=200)
CASES = (30, 60, 120)


def learner(name: str, gaps: Sequence[float], cases: int = 600, patients: int = 0) -> Learner:
    """Return a model whose scores lie further apart the more it learnt; the noise stays."""
    rng = np.random.default_rng(sum(map(ord, name)))
    truth = np.arange(cases) % 2
    noise = rng.normal(size=cases)
    owners = tuple(str(at % patients) for at in range(cases)) if patients else ()
    made = []
    for gap in gaps:
        score = 1 / (1 + np.exp(-(noise + gap * (truth - 0.5))))
        scores = np.stack([1 - score, score], axis=1)
        made.append(Outcomes("classes", ("no", "yes"), truth, scores, patients=owners))
    return Learner(name, made)


def growth(first: Learner, second: Learner, cases: Sequence[int] = CASES) -> Growth:
    found = growth_of(first, second, cases, OPTIONS, np.random.default_rng(0))
    assert found is not None
    return found


def test_a_model_that_still_rises_is_helped_more_and_expected_to_draw_level() -> None:
    found = growth(learner("CNN", (0.2, 0.7, 1.2)), learner("rival", (1.4, 1.5, 1.6)))
    assert found.gap.low > 0
    assert found.first.value > found.second.value > 0
    assert found.sentence.startswith("More cases would probably help the CNN more than the rival")
    assert found.crossing is not None
    assert not found.crossing.is_seen
    assert 120 < found.crossing.cases < 400
    assert found.crossing.low is not None
    assert found.crossing.low <= found.crossing.cases
    assert "the CNN would draw level near" in found.sentence


def test_a_gain_is_the_slope_over_doublings() -> None:
    first, second = learner("CNN", (0.2, 0.7, 1.2)), learner("rival", (1.4, 1.5, 1.6))
    truth, scores = first.outcomes[0].truth, [one.scores[:, 1] for one in first.outcomes]
    aucs = [np.mean(score[truth == 1][:, None] > score[truth == 0][None]) for score in scores]
    expected = np.polyfit(np.log2(CASES), aucs, 1)[0]
    assert growth(first, second).first.value == pytest.approx(expected)


def test_models_alike_leave_it_open() -> None:
    found = growth(learner("CNN", (0.5, 1.0, 1.5), 80), learner("rival", (0.5, 1.0, 1.5), 80))
    assert found.gap.low < 0 < found.gap.high
    assert found.sentence.startswith("Whom more cases would help more is open")


def test_a_crossing_among_the_numbers_seen_is_found_with_its_share() -> None:
    found = growth(learner("CNN", (0.1, 1.0, 2.5)), learner("rival", (1.4, 1.4, 1.4)))
    assert found.crossing is not None
    assert found.crossing.is_seen
    assert 60 < found.crossing.cases < 120
    assert found.crossing.share > 0.95
    assert "with fewer the rival is ahead, with more the CNN" in found.sentence


def test_a_lead_that_grows_is_not_said_to_be_caught_up() -> None:
    found = growth(learner("CNN", (1.0, 2.0, 3.0)), learner("rival", (0.1, 0.2, 0.2)))
    assert found.crossing is None
    assert "The rival is ahead at no number of cases seen, and nothing says" in found.sentence


def test_a_crossing_far_beyond_what_was_seen_is_not_named() -> None:
    found = growth(learner("CNN", (0.2, 0.22, 0.3)), learner("rival", (2.5, 2.5, 2.5)))
    assert found.crossing is None
    assert "would not draw level with 960 cases either" in found.sentence


def test_a_model_that_rose_before_but_not_in_the_end_is_not_helped_more() -> None:
    found = growth(learner("CNN", (0.2, 50.0, 50.0)), learner("rival", (50.0, 50.0, 50.0)))
    assert found.gap.low > 0
    assert found.sentence.startswith("Whom more cases would help more is open")
    assert "With 120 cases the two are level." in found.sentence


def test_only_the_last_points_say_how_curves_go_on() -> None:
    late = growth(learner("CNN", (0.7, 0.8, 0.9)), learner("rival", (1.0, 1.0, 1.0)))
    whole = growth(learner("CNN", (0.0, 0.7, 0.8, 0.9)), learner("rival", (1.0,) * 4), (15, *CASES))
    assert whole.cases == late.cases == CASES
    assert whole.first.value == pytest.approx(late.first.value)


def test_patients_not_cases_are_drawn() -> None:
    alone = growth(learner("CNN", (0.2, 0.7, 1.2)), learner("rival", (0.5, 0.5, 0.5)))
    few = growth(
        learner("CNN", (0.2, 0.7, 1.2), patients=20), learner("rival", (0.5, 0.5, 0.5), patients=20)
    )
    assert few.gap.value == alone.gap.value
    assert "20 patients" in few.gap.method


def test_a_falling_error_is_a_gain() -> None:
    rng = np.random.default_rng(0)
    truth, noise = rng.normal(size=200), rng.normal(size=(200, 1))

    def of(name: str, errors: Sequence[float]) -> Learner:
        return Learner(
            name,
            [Outcomes("number", ("age",), truth, truth[:, None] + e * noise) for e in errors],
        )

    found = growth(of("CNN", (3.0, 2.0, 1.0)), of("rival", (0.5, 0.5, 0.5)))
    assert found.metric == "mae"
    assert found.first.value > 0
    assert found.crossing is not None
    assert found.crossing.cases == pytest.approx(120 * 2**0.5, rel=0.01)


def test_large_numbers_of_cases_are_written_out() -> None:
    found = growth(
        learner("CNN", (0.2, 0.3, 0.5)), learner("rival", (1.4, 1.4, 1.4)), (1500, 3000, 6000)
    )
    assert "e+" not in found.sentence
    assert "000 cases" in found.sentence


def test_one_number_of_cases_is_no_curve() -> None:
    one, other = learner("CNN", (1.0,)), learner("rival", (1.0,))
    assert growth_of(one, other, (30,), OPTIONS, np.random.default_rng(0)) is None


def test_other_held_out_cases_are_refused() -> None:
    with pytest.raises(InputError, match="same cases"):
        growth(learner("CNN", (0.1, 0.2, 0.3)), learner("rival", (0.1, 0.2, 0.3), 400))
