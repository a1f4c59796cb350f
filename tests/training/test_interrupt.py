import signal
import threading

import pytest

from scanwright.training.interrupt import interrupts_held
from tests.training.builders import deliver_interrupt


def test_an_interrupt_waits_until_it_is_let_out() -> None:
    reached = []
    with interrupts_held() as let_out:
        deliver_interrupt()
        reached.append("after the interrupt")
        with pytest.raises(KeyboardInterrupt):
            let_out()
        let_out()
    assert reached


def test_without_an_interrupt_nothing_is_let_out() -> None:
    with interrupts_held() as let_out:
        let_out()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupt_still_held_on_leaving_is_let_out_then() -> None:
    reached = []

    def work() -> None:
        with interrupts_held():
            deliver_interrupt()
            reached.append("the end")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert reached
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_error_inside_goes_before_an_interrupt() -> None:
    def fail() -> None:
        with interrupts_held():
            deliver_interrupt()
            raise ValueError("first")

    with pytest.raises(ValueError, match="first"):
        fail()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_interrupt_cuts_off_nothing_that_the_first_let_finish() -> None:
    kept = []
    with interrupts_held() as let_out:
        deliver_interrupt()
        try:
            let_out()
        except KeyboardInterrupt:
            with pytest.raises(KeyboardInterrupt):
                interrupt_while_keeping(kept, let_out)
    assert kept == ["state"]


def interrupt_while_keeping(kept: list[str], let_out: object) -> None:
    deliver_interrupt()
    kept.append("state")
    assert callable(let_out)
    let_out()


def test_another_thread_holds_nothing_and_does_not_fail() -> None:
    seen = []

    def work() -> None:
        with interrupts_held() as let_out:
            let_out()
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(10)
    assert seen == [signal.default_int_handler]


def test_a_program_that_handles_interrupts_itself_keeps_doing_so() -> None:
    heard = []
    signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        with interrupts_held() as let_out:
            deliver_interrupt()
            assert heard == [signal.SIGINT]
            let_out()
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
