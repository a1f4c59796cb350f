"""Cases of noise with label maps of noise, and stores of them."""

import threading
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scanwright.base import FileError
from scanwright.data import IGNORED_CODE, Preparation, WindowStore, build_window_store
from scanwright.image import Case, Geometry, Image, LabelScheme, MaskTarget
from scanwright.transforms import Pipeline

SCHEME = LabelScheme(("organ", "lesion"), ((2,), (5,)), ignore=9)
VALUES = np.array([0, 0, 0, 2, 5, 9], np.uint8)
PIPELINE = Pipeline.from_plain([{"kind": "range", "low": 0.0, "high": 100.0, "clip": False}])
GEOMETRY = Geometry.axial((2.0, 0.5, 0.5), (3.0, -4.0, 5.0))


def made(seed: int, size: tuple[int, ...] = (9, 17, 14), channels: int = 2) -> Case:
    """Return a case of noise with a label map of noise."""
    rng = np.random.default_rng(seed)
    geometry = GEOMETRY if len(size) == 3 else Geometry.axial(GEOMETRY.spacing_mm[1:])
    size = (size[0] + seed % 3, *size[1:])
    image = Image(rng.integers(0, 999, (channels, *size)).astype("int16"), geometry)
    labels = Image(VALUES[rng.integers(0, 6, (1, *size))], geometry)
    return Case(f"case {seed}", {"image": image}, MaskTarget(labels, SCHEME))


class Reader:
    """Makes the case of a seed, counts what it reads, and fails where told."""

    def __init__(self, bad: tuple[int, ...] = (), **shape: object) -> None:
        self.bad = bad
        self.shape = shape
        self.reads: list[int] = []
        self._lock = threading.Lock()

    def __call__(self, seed: int) -> Case:
        """Read."""
        with self._lock:
            self.reads.append(seed)
        if seed in self.bad:
            raise FileError("The file ends too early.", where=f"{seed}.nii")
        return made(seed, **self.shape)  # type: ignore[arg-type]  # facts by name


def build(
    folder: Path,
    count: int,
    reader: Reader | None = None,
    window: tuple[int, ...] = (4, 8, 8),
    **more: object,
) -> WindowStore:
    sources = [(f"case {seed}", seed) for seed in range(count)]
    preparation = Preparation(
        read=reader or Reader(),
        pipeline=PIPELINE,
        scheme=SCHEME,
        window=window,
        **more,  # type: ignore[arg-type]  # settings by name
    )
    return build_window_store(sources, preparation, folder)


def whole(seed: int, **shape: object) -> npt.NDArray[np.float32]:
    """Return what the store should hold."""
    case, _ = PIPELINE.apply(made(seed, **shape))  # type: ignore[arg-type]  # facts by name
    return np.asarray(case.image.array)


def expected_codes(seed: int) -> npt.NDArray[np.uint8]:
    target = made(seed).target
    assert isinstance(target, MaskTarget)
    table = np.zeros(10, np.uint8)
    table[[2, 5, 9]] = 1, 2, IGNORED_CODE
    return np.asarray(table[target.labels.array[0]])
