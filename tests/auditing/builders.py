"""Surveys of images that are made, not read, for the tests of the audit."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scanwright.auditing import Survey, take_survey
from scanwright.data import Account, Entry, Index, Skipped, TaskHint
from scanwright.image import Array, ClassTarget, Image, Target


@dataclass(frozen=True, slots=True)
class Made:
    """An image that is an array."""

    name: str
    array: Array

    @property
    def files(self) -> tuple[Path, ...]:
        """A file that is never opened."""
        return (Path(f"/made/{self.name}.png"),)

    @property
    def source(self) -> str:
        """Its path."""
        return str(self.files[0])

    def read(self) -> Image:
        """Make the image."""
        return Image.from_array(self.array)


def survey_of(
    arrays: Sequence[Array],
    labels: Sequence[str] = (),
    *,
    skipped: Sequence[Skipped] = (),
    task: TaskHint | None = None,
    targets: Sequence[Target | None] = (),
    compare: bool = False,
    **facts: Sequence[object],
) -> Survey:
    """Survey some arrays, shape (C, *space); facts are columns of the entries."""
    chosen = list(targets) or [ClassTarget(label) for label in labels] or [None] * len(arrays)
    entries = tuple(
        Entry(
            f"case {n:03d}",
            Made(f"case {n:03d}", array),
            chosen[n],
            size=array.shape[1:],
            **{name: column[n] for name, column in facts.items()},  # type: ignore[arg-type]  # facts by name
        )
        for n, array in enumerate(arrays)
    )
    hint = task or TaskHint("classes", tuple(sorted(set(labels))))
    account = Account(tuple(skipped), (), len(entries), len(entries) + len(skipped))
    index = Index(Path("/made"), "made", "made", entries, hint, account)
    return take_survey(index, does_compare=compare)


def anatomy(
    rng: np.random.Generator, edge: int = 64, lesion: bool = False
) -> npt.NDArray[np.uint8]:
    """Draw a body that has an up and a left: an ellipse, a bright spine below, an organ left."""
    down, right = np.mgrid[:edge, :edge] / (edge - 1) - 0.5
    wobble = rng.normal(0, 0.015, 4)
    body = (down / 0.42) ** 2 + ((right - wobble[0]) / 0.46) ** 2 < 1
    spine = ((down - 0.28 - wobble[1]) / 0.1) ** 2 + (right / 0.08) ** 2 < 1
    organ = ((down + 0.12 - wobble[2]) / 0.14) ** 2 + ((right + 0.2 - wobble[3]) / 0.16) ** 2 < 1
    image = 20 + 80.0 * body + 110 * spine + 70 * organ
    if lesion:
        image[edge // 2 : edge * 3 // 5, edge * 3 // 5 : edge * 3 // 4] += 90
    image += rng.normal(0, 6, image.shape)
    return np.clip(image, 0, 255).astype(np.uint8)[None]


def bodies(count: int, seed: int = 0, edge: int = 64) -> list[npt.NDArray[np.uint8]]:
    """Draw several bodies."""
    rng = np.random.default_rng(seed)
    return [anatomy(rng, edge) for _ in range(count)]
