"""The features of many cases as one table, measured side by side with little memory."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from scanwright.base import SILENT, InputError, Progress, ScanwrightError, thread_count
from scanwright.classical.features import Features, extract_features
from scanwright.classical.options import FeatureOptions
from scanwright.classical.sampling import Sampling
from scanwright.image import Array, Floats, Image

Source = TypeVar("Source")
Result = TypeVar("Result")
Rows = npt.NDArray[np.int64]
"""Indices."""
PER_WORKER = 4
"""Cases read ahead by each thread; bounds memory."""


@dataclass(frozen=True, slots=True)
class FeatureTable:
    """Features of N cases.

    Parameters
    ----------
    cases
        N names, those that could be measured.
    names
        F names, "family.feature".
    values
        Shape (N, F), float32, finite.
    skipped
        (case, reason) of cases that could not be read or measured.
    seconds_per_case
        Mean time of one core: reading, sampling and measuring.
    """

    cases: tuple[str, ...]
    names: tuple[str, ...]
    values: Floats = field(repr=False)
    skipped: tuple[tuple[str, str], ...]
    seconds_per_case: float

    @property
    def families(self) -> dict[str, Rows]:
        """Family → indices of its columns."""
        parts = np.array([name.partition(".")[0] for name in self.names])
        return {
            str(family): np.flatnonzero(parts == family).astype(np.int64)
            for family in dict.fromkeys(parts.tolist())
        }


def feature_table(
    cases: Sequence[tuple[str, Source]],
    read: Callable[[Source], tuple[Image, Array | None]],
    sampling: Sampling,
    options: FeatureOptions | None = None,
    progress: Progress = SILENT,
) -> FeatureTable:
    """Measure many cases, as many at a time as there are cores.

    Parameters
    ----------
    cases
        (name, what `read` takes) of each.
    read
        Returns the image and its mask, or None for the whole image.

    Raises
    ------
    InputError
        No case could be measured.
    """
    chosen = options or FeatureOptions()

    def measure(item: tuple[str, Source]) -> tuple[str, Features | ScanwrightError, float]:
        started = time.thread_time()
        name, source = item
        try:
            found = extract_features(*sampling.apply(*read(source)), chosen)
        except ScanwrightError as error:
            return name, error, 0.0
        return name, found, time.thread_time() - started

    progress.begin("measuring features", len(cases), "cases")
    rows: list[Floats] = []
    done: list[str] = []
    skipped: list[tuple[str, str]] = []
    columns: tuple[str, ...] = ()
    seconds = 0.0
    for name, found, spent in _side_by_side(measure, cases):
        progress.step(1)
        if isinstance(found, ScanwrightError):
            skipped.append((name, found.sentence()))
            continue
        columns = columns or found.names
        assert found.names == columns, "two images of one sampling gave different features"
        rows.append(found.values.astype(np.float32))
        done.append(name)
        seconds += spent
    progress.end()
    if not rows:
        raise InputError("No case could be measured.", got=skipped[0][1] if skipped else "no case")
    return FeatureTable(tuple(done), columns, np.array(rows), tuple(skipped), seconds / len(rows))


def _side_by_side(
    work: Callable[[tuple[str, Source]], Result], cases: Sequence[tuple[str, Source]]
) -> Iterator[Result]:
    workers = thread_count()
    remaining = iter(cases)
    with ThreadPoolExecutor(workers) as pool:
        # Bounded look-ahead keeps memory flat however large the set is.
        while chunk := list(islice(remaining, workers * PER_WORKER)):
            yield from pool.map(work, chunk)
