import gc
import threading
import time

import pytest

from scanwright.training.read_ahead import ReadAhead


def square(number: int) -> int:
    return number * number


@pytest.mark.parametrize(("ahead", "threads"), [(0, 1), (1, 1), (3, 1), (4, 3)])
@pytest.mark.parametrize(
    "asked", [[0, 1, 2, 3, 4], [7, 8, 0, 1], [3, 3, 2, 9]], ids=["on", "back", "about"]
)
def test_what_is_made_depends_on_the_number_alone(
    ahead: int, threads: int, asked: list[int]
) -> None:
    made = ReadAhead(square, ahead=ahead, threads=threads)
    assert [made.at(number) for number in asked] == [square(number) for number in asked]


def test_no_more_than_a_few_are_held_ready() -> None:
    started: list[int] = []
    made = ReadAhead(started.append, ahead=2)
    for number in range(5):
        made.at(number)
        assert max(started) <= number + 2
    deadline = time.monotonic() + 5
    while len(started) < 7 and time.monotonic() < deadline:
        time.sleep(0.001)
    assert sorted(started) == list(range(7)), "each once, and two beyond the last"


def test_the_next_is_made_while_one_is_used() -> None:
    arrived = threading.Event()

    def make(number: int) -> int:
        if number == 1:
            arrived.set()
        return number

    made = ReadAhead(make, ahead=1)
    made.at(0)
    assert arrived.wait(5), "nobody asked for number 1 yet"


def test_an_error_waits_until_its_number_is_asked_for() -> None:
    def make(number: int) -> int:
        if number == 2:
            raise ValueError("two")
        return number

    made = ReadAhead(make, ahead=3)
    assert [made.at(number) for number in (0, 1)] == [0, 1]
    with pytest.raises(ValueError, match="two"):
        made.at(2)
    assert made.at(3) == 3


def test_threads_end_with_what_needs_them() -> None:
    made = ReadAhead(square, ahead=2, threads=2)
    made.at(0)
    assert any(thread.name.startswith("read-ahead") for thread in threading.enumerate())
    del made
    gc.collect()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if not any(thread.name.startswith("read-ahead") for thread in threading.enumerate()):
            return
        time.sleep(0.01)
    raise AssertionError("a thread outlived its work")
