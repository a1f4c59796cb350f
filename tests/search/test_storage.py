"""Addresses of databases: which are known, and what of them is shown."""

import builtins
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from scanwright.base import RecipeError, ResourceError
from scanwright.search import sqlite_url, without_password
from scanwright.search.storage import open_storage


def nothing(*_: object) -> None:
    """Do nothing."""


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:secret@host:5432/db", "postgresql://me:***@host:5432/db"),
        ("postgresql://me:se@cr:et@host/db", "postgresql://me:***@host/db"),
        ("postgresql://host/db?user=me&password=secret", "postgresql://host/db?user=me&password=***"),
        ("postgresql://me@host/db", "postgresql://me@host/db"),
        ("sqlite:////tmp/trials.db", "sqlite:////tmp/trials.db"),
    ],
)  # fmt: skip
def test_passwords_are_not_shown(url: str, shown: str) -> None:
    assert without_password(url) == shown


def test_a_file_that_is_no_database_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "trials.db").write_bytes(b"no database" * 100)
    with pytest.raises(ResourceError, match="cannot be used"):
        open_storage(sqlite_url(tmp_path / "trials.db"), nothing)


def test_other_databases_are_refused() -> None:
    with pytest.raises(RecipeError, match="storage") as raised:
        open_storage("mysql://me:secret@host/db", nothing)
    assert "secret" not in raised.value.sentence()


def test_without_the_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., object] = builtins.__import__

    def without(name: str, *rest: object, **more: object) -> object:
        if name == "psycopg":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ResourceError, match=r"scanwright\[shared\]"):
        open_storage("postgresql://host/db", nothing)


def test_a_file_is_made_and_needs_no_signs_of_life(tmp_path: Path) -> None:
    storage = open_storage(sqlite_url(tmp_path / "trials.db"), nothing)
    assert storage.get_heartbeat_interval() is None
    with sqlite3.connect(tmp_path / "trials.db") as opened:
        assert opened.execute("select count(*) from trials").fetchone() == (0,)
    opened.close()
