"""Pictures of two textures, and the table of their features."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from scanwright.classical import Question, Table
from scanwright.classical.rivals import one_thread as limited
from scanwright.image import Floats, Image


@pytest.fixture
def texture() -> Callable[[int, np.random.Generator], Image]:
    """Draw fine noise for label 0, coarse noise for label 1; both of the same spread."""

    def draw(label: int, rng: np.random.Generator) -> Image:
        noise = rng.normal(size=(24, 24))
        if label:
            noise = (noise + np.roll(noise, 1, 0) + np.roll(noise, 1, 1) + np.roll(noise, 2, 1)) / 2
        return Image.from_array(noise[None].astype(np.float32))

    return draw


def blobs(cases: int, classes: int, seed: int, gap: float = 2.0) -> tuple[Floats, Floats]:
    """Return features (N, 6), of which two tell the classes apart, and class indices."""
    rng = np.random.default_rng(seed)
    truth = np.arange(cases) % classes
    values = rng.normal(size=(cases, 6))
    values[:, 0] += gap * (truth == 0)
    values[:, 1] += gap * (truth == classes - 1)
    return values, truth


@pytest.fixture
def two_classes() -> Table:
    """Eighty cases of forty patients, two classes, two families of features."""
    values, truth = blobs(80, 2, 0)
    names = ("a.1", "a.2", "b.1", "b.2", "b.3", "b.4")
    patients = tuple(f"patient {index // 4 * 2 + index % 2}" for index in range(80))
    return Table(values, truth, patients, names, "classes", 2)


@pytest.fixture
def binary() -> Question:
    return Question(2)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Keep models on one thread: more would only wait for each other on tables this small."""
    with limited():
        yield
