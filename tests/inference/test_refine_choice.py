import numpy as np

from scanwright.image import LabelScheme
from scanwright.inference import (
    FillHoles,
    KeepLargest,
    Outlined,
    candidate_refinements,
    choose_refinements,
)

SCHEME = LabelScheme.of_classes(("a", "b"))


def cases(*, strays_are_true: bool) -> list[Outlined]:
    """Two blocks, and a stray element that is or is not in the truth."""
    found = []
    for place in range(3):
        predicted = np.zeros((1, 12, 12), np.uint8)
        predicted[0, 1:5, 1:5] = 1
        predicted[0, 5:7, 1:5] = 2
        truth = predicted.copy()
        predicted[0, 10, 6 + place] = 1
        if strays_are_true:
            truth[0, 10, 6 + place] = 1
        found.append(Outlined(predicted, truth, 1.0))
    return found


def test_a_refinement_by_which_dice_rises_is_kept() -> None:
    trials = choose_refinements(lambda: cases(strays_are_true=False), SCHEME, [KeepLargest()])
    assert trials[0].is_kept
    assert trials[0].after == 1.0 > trials[0].before


def test_a_refinement_by_which_dice_falls_is_not() -> None:
    trials = choose_refinements(lambda: cases(strays_are_true=True), SCHEME, [KeepLargest()])
    assert not trials[0].is_kept
    assert trials[0].before == 1.0 > trials[0].after


def test_what_changes_nothing_is_not_kept() -> None:
    trials = choose_refinements(lambda: cases(strays_are_true=False), SCHEME, [FillHoles()])
    assert not trials[0].is_kept


def test_each_is_tried_after_those_kept() -> None:
    first, second = KeepLargest(names=("a",)), KeepLargest()
    trials = choose_refinements(lambda: cases(strays_are_true=False), SCHEME, [first, second])
    assert [trial.is_kept for trial in trials] == [True, False]
    assert trials[1].before == trials[0].after


def test_a_gain_of_one_name_does_not_pay_for_the_loss_of_another() -> None:
    def mixed() -> list[Outlined]:
        predicted = np.zeros((1, 3, 40), np.uint8)
        predicted[0, 0, :20] = 1
        predicted[0, 0, 25:30] = 1  # not in the truth
        truth = predicted.copy()
        truth[0, 0, 25:30] = 0
        predicted[0, 2, 35:37] = truth[0, 2, 35:37] = 2
        truth[0, 0, 20:22] = predicted[0, 0, 20:22] = 2
        return [Outlined(predicted, truth, 1.0)]

    (trial,) = choose_refinements(mixed, SCHEME, [KeepLargest()])
    assert not trial.is_kept


def test_cases_are_left_as_they_are() -> None:
    given = cases(strays_are_true=False)
    before = [case.predicted.copy() for case in given]
    choose_refinements(lambda: given, SCHEME, candidate_refinements(SCHEME))
    assert all(np.array_equal(a, b.predicted) for a, b in zip(before, given, strict=True))


def test_candidates_begin_with_everything_together() -> None:
    candidates = candidate_refinements(SCHEME)
    assert candidates[0] == KeepLargest()
    assert KeepLargest(names=("b",)) in candidates
    assert len(candidate_refinements(LabelScheme.of_classes(("only",)))) == 2
