"""Work on many cases side by side, as many at once as fit into the memory."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_bounded(
    work: Callable[[Item], tuple[Result, float]],
    items: Iterable[Item],
    *,
    workers: int,
    allowance_bytes: float,
) -> Iterator[Result]:
    """Do work in threads and give results as they come.

    The first item is worked on alone; after it, so many that all would fit even if each took as
    much as the largest so far.

    Parameters
    ----------
    work
        Item → result and the memory that it took, in bytes.
    allowance_bytes
        Memory for all that is in work; one item is always worked on.
    """
    remaining = iter(items)
    pending: set[Future[tuple[Result, float]]] = set()
    largest = float("inf")
    seen = 0.0
    with ThreadPoolExecutor(workers) as pool:
        while True:
            room = min(workers, max(int(allowance_bytes / largest), 1)) - len(pending)
            for item in islice(remaining, max(room, 0)):
                pending.add(pool.submit(work, item))
            if not pending:
                return
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in done:
                result, taken = future.result()
                seen = max(seen, taken)
                yield result
            largest = max(seen, 1.0)
