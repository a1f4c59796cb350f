import numpy as np
import pytest

from scanwright.selection import disagreement, entropy, margin, spread
from scanwright.selection.doubt import guess_error


def of(*rows: list[float]) -> np.ndarray:
    """Return the scores of one network."""
    return np.array([rows])


def test_entropy_is_one_at_a_tie_and_zero_when_sure() -> None:
    np.testing.assert_allclose(entropy(of([0.5, 0.5], [1, 0]), "exclusive"), [1, 0], atol=1e-9)
    np.testing.assert_allclose(entropy(of([1 / 4] * 4), "exclusive"), [1])
    np.testing.assert_allclose(entropy(of([0.5, 1], [0, 1]), "independent"), [0.5, 0], atol=1e-9)


def test_the_margin_sees_the_two_most_probable_classes_only() -> None:
    np.testing.assert_allclose(
        margin(of([0.4, 0.4, 0.2], [0.6, 0.4, 0], [1, 0, 0]), "exclusive"), [1, 0.8, 0]
    )
    np.testing.assert_allclose(margin(of([0.5, 1], [0.9, 0.1]), "independent"), [1, 0.2])


def test_networks_disagree_only_where_each_is_sure_of_something_else() -> None:
    scores = np.array([[[1.0, 0.0], [0.5, 0.5], [1, 0]], [[0.0, 1.0], [0.5, 0.5], [1, 0]]])
    np.testing.assert_allclose(disagreement(scores, "exclusive"), [1, 0, 0], atol=1e-9)
    np.testing.assert_allclose(disagreement(scores[:1], "exclusive"), 0)


def test_disagreement_is_never_negative() -> None:
    scores = np.random.default_rng(0).dirichlet(np.ones(4), (3, 200))
    assert disagreement(scores, "exclusive").min() >= 0
    assert (disagreement(scores, "exclusive") <= entropy(scores, "exclusive")).all()


def test_the_spread_of_numbers_is_a_share_of_the_largest() -> None:
    scores = np.array([[[1.0], [2.0], [3.0]], [[1.0], [4.0], [7.0]]])
    np.testing.assert_allclose(spread(scores), [0, 0.5, 1])
    np.testing.assert_allclose(spread(scores[:1]), 0)


@pytest.mark.parametrize("kind", ["exclusive", "independent"])
def test_the_error_of_a_guess_is_small_when_sure(kind: str) -> None:
    sure, unsure = guess_error(of([0.99, 0.01], [0.5, 0.5]), kind)  # type: ignore[arg-type]  # a parametrised word
    assert np.linalg.norm(sure) < 0.1 < np.linalg.norm(unsure)
