import numpy as np
import pytest

from scanwright.selection.apart import Apart, Changes, Places, nearest_squared


def test_the_nearest_is_found_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    points, known = rng.normal(size=(30, 4)), rng.normal(size=(7, 4))
    direct = ((points[:, None] - known) ** 2).sum(axis=2).min(axis=1)
    np.testing.assert_allclose(nearest_squared(points, known), direct)
    monkeypatch.setattr("scanwright.selection.apart.BLOCK", 20)
    np.testing.assert_allclose(nearest_squared(points, known), direct)


def test_distances_of_gradients_are_those_of_the_outer_products() -> None:
    rng = np.random.default_rng(1)
    errors, features = rng.normal(size=(6, 3)), rng.normal(size=(6, 4))
    biased = np.concatenate([features, np.ones((6, 1))], axis=1)
    formed = (errors[:, :, None] * biased[:, None]).reshape(6, -1)
    changes = Changes(errors, features)
    np.testing.assert_allclose(changes.first(), (formed**2).sum(axis=1))
    np.testing.assert_allclose(
        changes.squared(2), ((formed - formed[2]) ** 2).sum(axis=1), atol=1e-12
    )


def test_the_farthest_is_worth_most_and_what_was_taken_nothing() -> None:
    points = np.array([[0.0], [1.0], [5.0]])
    apart = Apart(Places(points, np.array([[0.0]])), np.ones(3))
    np.testing.assert_allclose(apart.gains(), [0, 1, 5])
    apart.take(2)
    np.testing.assert_allclose(apart.gains(), [0, 1, 0])


def test_without_labels_it_begins_with_a_typical_image() -> None:
    points = np.array([[-10.0], [0.0], [0.4], [10.0]])
    apart = Apart(Places(points, np.zeros((0, 1))), np.ones(4))
    assert apart.gains().argmax() == 1
    apart.take(1)
    assert apart.gains().argmax() in (0, 3)


def test_lots_fall_in_proportion_to_the_squared_distance() -> None:
    points = np.array([[1.0], [2.0]])
    apart = Apart(Places(points, np.array([[0.0]])), np.ones(2), np.random.default_rng(0))
    far = np.mean([apart.gains().argmax() for _ in range(4000)])
    assert far == pytest.approx(0.8, abs=0.03)  # 4 : 1
