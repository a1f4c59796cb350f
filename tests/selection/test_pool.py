import numpy as np
import pytest

from scanwright.base import ShapeError
from scanwright.selection import Pool, common_scale
from tests.selection.builders import made_pool


def test_parts_that_differ_in_number_are_refused() -> None:
    with pytest.raises(ShapeError, match="do not fit together"):
        Pool(("a", "b"), np.ones((1, 3, 2)), np.ones((2, 4)), np.ones((0, 4)))
    with pytest.raises(ShapeError, match="do not fit together"):
        Pool(("a", "a"), np.ones((1, 2, 2)), np.ones((2, 4)), np.ones((0, 4)))
    with pytest.raises(ShapeError, match="different features"):
        Pool(("a", "b"), np.ones((1, 2, 2)), np.ones((2, 4)), np.ones((1, 3)))


def test_some_candidates_keep_their_facts() -> None:
    pool = made_pool(4, patients=("p", "q", "r", "s"), alike=(-1, 0, 0, 1))
    part = pool.only([3, 1])
    assert part.names == ("case 003", "case 001")
    assert (part.patients, part.alike) == (("s", "q"), (1, 0))
    np.testing.assert_array_equal(part.scores, pool.scores[:, [3, 1]])
    np.testing.assert_array_equal(part.features, pool.features[[3, 1]])


def test_the_usual_distance_is_one_whatever_the_scale_of_the_features() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(5, [1e-3, 1, 1e3, 0], (400, 4))
    scaled, known = common_scale(features, features[:50])
    assert scaled.shape == (400, 3)
    np.testing.assert_allclose(scaled[:50], known)
    distances = ((scaled[:200] - scaled[200:]) ** 2).sum(axis=1)
    assert distances.mean() == pytest.approx(1, abs=0.15)


def test_features_that_do_not_vary_put_all_images_at_one_place() -> None:
    scaled, known = common_scale(np.full((3, 2), 7.0), np.full((1, 2), 7.0))
    assert not scaled.any()
    assert (scaled.shape, known.shape) == ((3, 1), (1, 1))


def test_one_odd_image_does_not_rule_the_scale() -> None:
    features = np.random.default_rng(1).normal(size=(100, 2))
    features[0] = 1e9
    scaled, _ = common_scale(features, np.zeros((0, 2)))
    assert np.isfinite(scaled).all()
    assert np.abs(scaled).max() < 5
