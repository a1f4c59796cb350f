"""Signs of life for a trial at work, so that others take over the trials of the dead."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import optuna

logger = logging.getLogger(__name__)


@contextmanager
def alive(storage: "optuna.storages.RDBStorage", trial_id: int) -> Iterator[None]:
    """Give signs of life for a trial until it is left; nothing where nobody listens."""
    interval = storage.get_heartbeat_interval()
    if interval is None:
        yield
        return
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(interval):
            try:
                storage.record_heartbeat(trial_id)
            except Exception as error:  # noqa: BLE001  (a beat missed is no reason to stop)
                logger.warning("no sign of life could be given: %s", type(error).__name__)

    storage.record_heartbeat(trial_id)
    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
