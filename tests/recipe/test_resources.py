import pytest

from scanwright.recipe.resources import filled, network_counts


@pytest.mark.parametrize(
    ("folds", "workers", "counts"),
    [
        (0, 1, [5, 3, 1]),
        (0, 2, [6, 4, 2]),
        (0, 8, [8]),
        (0, 64, [8]),
        (5, 1, [5, 3, 1]),
        (5, 2, [4, 2]),
        (6, 2, [6, 4, 2]),
        (2, 1, [1]),
        (2, 8, [2]),
    ],
)
def test_networks_fill_every_round_and_are_no_more_than_folds(
    folds: int, workers: int, counts: list[int]
) -> None:
    assert network_counts(folds, workers) == counts


def test_beyond_eight_side_by_side_there_are_no_more() -> None:
    assert filled(5, 3) == 6
    assert filled(5, 100) == 8
