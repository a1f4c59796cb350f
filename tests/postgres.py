"""A PostgreSQL server of a test's own: on a free port, in a temporary folder, gone afterwards."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PASSWORD = "not-to-be-shown"


def find_programs() -> Path:
    """Find the server's programs, or skip the test."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    which = shutil.which("initdb")
    if not found and which is None:
        pytest.skip("PostgreSQL is absent; install the Debian package postgresql")
    return found[-1].parent if found else Path(str(which)).parent


@contextmanager
def temporary_server() -> Iterator[str]:
    """Start a server and give its address; the server refuses to run as root."""
    programs = find_programs()
    pytest.importorskip("psycopg", reason="the driver is absent; install scanwright[shared]")
    as_user = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    # Not below pytest's own folder, which other users may not enter.
    folder = Path(tempfile.mkdtemp(prefix="scanwright-postgres-"))
    secret = folder / "secret"
    secret.write_text(PASSWORD)
    if as_user:
        shutil.chown(folder, **as_user)
        shutil.chown(secret, **as_user)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def call(*command: object) -> None:
        subprocess.run(
            [str(word) for word in command],
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **as_user,
        )

    data = folder / "data"
    try:
        call(programs / "initdb", "-D", data, "-U", "tester", "--auth=scram-sha-256",
             f"--pwfile={secret}", "--no-sync")  # fmt: skip
        flags = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c fsync=off"
        call(programs / "pg_ctl", "-D", data, "-o", flags, "-l", folder / "log", "-w", "start")
        try:
            yield f"postgresql://tester:{PASSWORD}@127.0.0.1:{port}/postgres"
        finally:
            call(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
