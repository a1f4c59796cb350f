"""What all tests share: where real data lies, and how patient hypothesis is."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "scanwright",
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("scanwright")

PROJECT = Path(__file__).parents[1]


@pytest.fixture
def shared_data() -> Callable[[str], Path]:
    """Find real data by its path below the data folder, or skip the test."""
    root = Path(os.environ.get("SCANWRIGHT_DATA") or PROJECT.parent / "shared" / "data")

    def find(name: str) -> Path:
        path = root / name
        if not path.exists():
            pytest.skip(f"real data {name} is absent; set SCANWRIGHT_DATA to where it lies")
        return path

    return find


@pytest.fixture(autouse=True)
def _interrupts_arrive() -> None:
    """Take interrupts as on a terminal, in each test anew.

    A shell in whose background tests run ignores them, and libraries that other tests use may
    leave the system's own way of taking them behind: that ends the process without a word.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
