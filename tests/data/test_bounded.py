import threading
import time

import pytest

from scanwright.data.bounded import map_bounded


@pytest.mark.parametrize("workers", [1, 4])
def test_every_item_is_worked_on_once(workers: int) -> None:
    done = map_bounded(lambda n: (n * n, 1.0), range(30), workers=workers, allowance_bytes=1e9)
    assert sorted(done) == [n * n for n in range(30)]


@pytest.mark.parametrize(("allowance", "most"), [(1e9, 4), (25.0, 2), (1.0, 1)])
def test_only_as_many_are_in_work_as_fit(allowance: float, most: int) -> None:
    lock = threading.Lock()
    inside, seen = 0, []

    def work(_: int) -> tuple[None, float]:
        nonlocal inside
        with lock:
            inside += 1
            seen.append(inside)
        time.sleep(0.01)
        with lock:
            inside -= 1
        return None, 10.0

    list(map_bounded(work, range(16), workers=4, allowance_bytes=allowance))
    assert seen[0] == 1, "the first alone, its size unknown"
    assert max(seen) == most


def test_an_error_ends_the_work() -> None:
    begun = []

    def work(number: int) -> tuple[int, float]:
        begun.append(number)
        if number == 2:
            raise OSError("gone")
        return number, 1.0

    with pytest.raises(OSError, match="gone"):
        list(map_bounded(work, range(100), workers=1, allowance_bytes=1e9))
    assert begun == [0, 1, 2]


def test_items_are_taken_from_the_source_only_as_they_are_needed() -> None:
    taken = []

    def items() -> list[int]:
        for number in range(100):
            taken.append(number)
            yield number

    results = map_bounded(lambda n: (n, 1.0), items(), workers=2, allowance_bytes=1e9)
    next(results)
    assert len(taken) <= 2
    list(results)
