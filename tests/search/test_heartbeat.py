"""Signs of life while a trial is at work, and none after."""

import time

from scanwright.search.heartbeat import alive


class Listener:
    """Counts signs of life; deaf to some."""

    def __init__(self, interval: float | None, deaf: bool = False) -> None:
        self.interval, self.deaf, self.heard = interval, deaf, 0

    def get_heartbeat_interval(self) -> float | None:
        return self.interval

    def record_heartbeat(self, trial_id: int) -> None:
        self.heard += 1
        if self.deaf and self.heard > 1:
            raise OSError("the line is dead")


def listen(listener: Listener, seconds: float) -> int:
    with alive(listener, 7):  # type: ignore[arg-type]  # all that is used of a storage
        time.sleep(seconds)
    return listener.heard


def test_signs_are_given_again_and_again_and_then_no_more() -> None:
    listener = Listener(0.02)
    assert listen(listener, 0.3) >= 3
    heard = listener.heard
    time.sleep(0.1)
    assert listener.heard == heard


def test_a_dead_line_stops_nothing() -> None:
    assert listen(Listener(0.02, deaf=True), 0.2) >= 2


def test_where_nobody_listens_nothing_is_said() -> None:
    assert listen(Listener(None), 0.05) == 0
