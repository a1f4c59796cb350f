import numpy as np

from scanwright.auditing.robust import deviations


def test_an_outlier_does_not_hide_itself() -> None:
    values = np.array([*np.random.default_rng(0).normal(10, 1, 99), 60.0])
    far = deviations(values, floor=0.1)
    assert far[-1] > 30
    assert np.abs(far[:-1]).max() < 4


def test_where_all_agree_the_floor_decides() -> None:
    assert deviations(np.array([1.0, 1.0, 1.0, 1.5]), floor=0.1)[-1] == 5
    assert deviations(np.zeros(0), floor=1).size == 0
