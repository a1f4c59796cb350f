"""Ctrl-C held back to where the state of a run is whole."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interrupts_held() -> Iterator[Callable[[], None]]:
    """Hold interrupts of the user back; what is given lets one out, if one came.

    One that is still held on leaving is let out then. Where Python's own handler does not serve
    (another thread, or a program that handles Ctrl-C itself), nothing is held.
    """
    came = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal came
        came = True

    def let_out() -> None:
        nonlocal came
        if came:
            came = False
            raise KeyboardInterrupt

    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield let_out
        return
    signal.signal(signal.SIGINT, note)
    try:
        yield let_out
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    let_out()
