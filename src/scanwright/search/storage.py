"""Where trials are kept: an SQLite file, or a PostgreSQL server that several machines share."""

import logging
import re
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from scanwright.base import RecipeError, ResourceError

if TYPE_CHECKING:
    import optuna

HEARTBEAT_SECONDS = 15
GRACE_SECONDS = 60
"""A trial without a sign of life for so long is taken over."""
MEETINGS = 3
"""So many machines may begin at the same moment."""

Recover = Callable[["optuna.Study", "optuna.trial.FrozenTrial"], None]


def sqlite_url(path: Path) -> str:
    """Return the address of an SQLite file."""
    return f"sqlite:///{path.resolve().as_posix()}"


def without_password(url: str) -> str:
    """Return an address as it may be shown: the user's name kept, the password not.

    >>> without_password("postgresql://me:secret@host:5432/tune")
    'postgresql://me:***@host:5432/tune'
    """
    shown = re.sub(r"(?<=://)([^:@/?#]*):.*@", r"\1:***@", url)
    return re.sub(r"(?i)(?<=[?&])(password|sslpassword)=[^&]*", r"\1=***", shown)


def open_storage(
    url: str, recover: Recover, *, heartbeat: int = 0, grace: int = 0
) -> "optuna.storages.RDBStorage":
    """Open the database of trials.

    Parameters
    ----------
    url
        sqlite:///FILE, or postgresql://USER@HOST/DATABASE.
    recover
        Called with a trial whose machine gave no sign of life.
    heartbeat, grace
        Seconds between signs of life, and without one; 0 takes the defaults.

    Raises
    ------
    RecipeError
        The address is of another kind.
    ResourceError
        The server cannot be reached, or the driver is not installed.
    """
    address = _with_driver(url)
    import optuna
    from sqlalchemy.pool import NullPool  # a search asks seldom: no connection is held open

    # Its own handler would write to standard error beside the progress bar.
    optuna.logging.disable_default_handler()
    logging.getLogger("optuna").setLevel(logging.WARNING)
    is_shared = not address.startswith("sqlite")

    def connect() -> "optuna.storages.RDBStorage":
        return optuna.storages.RDBStorage(
            address,
            engine_kwargs={"poolclass": NullPool},
            heartbeat_interval=(heartbeat or HEARTBEAT_SECONDS) if is_shared else None,
            grace_period=(grace or GRACE_SECONDS) if is_shared else None,
            heartbeat_stale_trial_callback=recover if is_shared else None,
        )

    with quiet(), reachable(url):
        return _patiently(connect)


def _patiently(
    connect: Callable[[], "optuna.storages.RDBStorage"],
) -> "optuna.storages.RDBStorage":
    """Connect again where another machine was making the same tables at the same moment."""
    from sqlalchemy.exc import IntegrityError, ProgrammingError

    for _ in range(MEETINGS):
        try:
            return connect()
        except (IntegrityError, ProgrammingError):
            time.sleep(1.0)
    return connect()


def _with_driver(url: str) -> str:
    kind, sign, rest = url.partition("://")
    if sign and kind == "sqlite":
        return url
    if not sign or kind not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise RecipeError(
            "The storage of a search is not known.",
            got=without_password(url),
            legal="sqlite:///FILE or postgresql://USER@HOST:PORT/DATABASE",
            where="--storage",
        )
    try:
        import psycopg  # noqa: F401  (asked for by name only to say what is missing)
    except ImportError as error:
        raise ResourceError(
            "The driver for PostgreSQL is not installed.",
            next='install it: pip install "scanwright[shared]"',
            where="--storage",
        ) from error
    return f"postgresql+psycopg://{rest}"


@contextmanager
def reachable(url: str) -> Iterator[None]:
    """Turn errors of the database into ours, the password left out."""
    from optuna.exceptions import StorageInternalError
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (SQLAlchemyError, StorageInternalError) as error:
        cause = error.__cause__ if isinstance(error, StorageInternalError) else error
        original = getattr(cause, "orig", None) or type(cause).__name__
        first = str(original).strip().splitlines()[0] if str(original).strip() else "no answer"
        raise ResourceError(
            "The database of the search cannot be used.",
            got=without_password(first),
            next="see that the server runs and the address is right, then run the command again; "
            "it goes on where it stopped",
            where=without_password(url),
        ) from None


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Optuna's advice to programmers from the user, who cannot follow it.

    That a feature may change; and that signs of life are meant for its own loop.
    """
    from optuna.exceptions import ExperimentalWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        warnings.filterwarnings("ignore", message="Heartbeat of storage")
        yield
