"""Things made a few ahead of when they are asked for, so that nobody waits for them."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

Made = TypeVar("Made")


class ReadAhead(Generic[Made]):
    """Makes number n when it is asked for, and the next few in threads meanwhile.

    What is made depends on the number alone, so the threads change nothing but the time.

    Parameters
    ----------
    make
        Number → what is wanted; called from several threads at once.
    ahead
        How many are held ready at most; 0 makes each when it is asked for, without threads.
    threads
        How many are made at once.
    """

    def __init__(self, make: Callable[[int], Made], *, ahead: int, threads: int = 1) -> None:
        self._make = make
        self._ahead = ahead
        self._threads = threads
        self._pool: ThreadPoolExecutor | None = None
        self._ready: dict[int, Future[Made]] = {}

    def at(self, number: int) -> Made:
        """Return number `number`; an error in its making is raised here, and only here."""
        mine = self._ready.pop(number, None)
        wanted = range(number + 1, number + 1 + self._ahead)
        for other in [known for known in self._ready if known not in wanted]:
            self._ready.pop(other).cancel()
        for other in wanted:
            if other not in self._ready:
                self._ready[other] = self._submit(other)
        return self._make(number) if mine is None else mine.result()

    def _submit(self, number: int) -> Future[Made]:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="read-ahead")
        return self._pool.submit(self._make, number)
