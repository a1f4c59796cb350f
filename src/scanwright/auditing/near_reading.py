"""Cases read and reduced one by one, so that a large data set fits into little memory."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from scanwright.auditing.near import NearOptions, find_near_duplicates
from scanwright.auditing.near_pair import NearDuplicates
from scanwright.auditing.picture import Picture, reduce_array
from scanwright.auditing.plain_picture import read_array
from scanwright.base import SILENT, InputError, Progress, thread_count
from scanwright.data import Entry

AHEAD = 2
"""Cases that each thread may have read before they are taken; bounds memory."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures of some cases, in their order.

    Parameters
    ----------
    pictures
        None where a case cannot be read.
    unreadable
        (name of the case, reason) of those.
    """

    pictures: tuple[Picture | None, ...]
    unreadable: tuple[tuple[str, str], ...]


def read_pictures(entries: Sequence[Entry], progress: Progress = SILENT) -> Pictures:
    """Read all cases with threads; a bad file comes back with its reason, never as a crash."""
    pictures: list[Picture | None] = []
    unreadable: list[tuple[str, str]] = []
    progress.begin("reading images", len(entries), "cases")
    for entry, result in zip(entries, _in_order(entries), strict=True):
        progress.step()
        if isinstance(result, Picture):
            pictures.append(result)
        else:
            pictures.append(None)
            unreadable.append((entry.name, result))
    progress.end()
    return Pictures(tuple(pictures), tuple(unreadable))


def near_duplicates_of(
    entries: Sequence[Entry], options: NearOptions | None = None, progress: Progress = SILENT
) -> NearDuplicates:
    """Read cases and find which of them show the same image.

    Returns
    -------
    Pairs of places in `entries`; what cannot be read is in `missing`.
    """
    return find_near_duplicates(read_pictures(entries, progress).pictures, options, progress)


def _in_order(entries: Sequence[Entry]) -> Iterator[Picture | str]:
    """Yield results in order; at most AHEAD images per thread are in memory."""
    threads = thread_count()
    with ThreadPoolExecutor(threads) as pool:
        coming = iter(entries)
        waiting: list[Future[Picture | str]] = [
            pool.submit(_read, entry) for entry in islice(coming, AHEAD * threads)
        ]
        while waiting:
            yield waiting.pop(0).result()
            waiting += [pool.submit(_read, entry) for entry in islice(coming, 1)]


def _read(entry: Entry) -> Picture | str:
    try:
        return reduce_array(read_array(entry))
    except (InputError, OSError) as error:
        return str(error)
