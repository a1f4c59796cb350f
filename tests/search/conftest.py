"""Trials are compared bit for bit, so every test computes with one thread."""

from collections.abc import Iterator

import pytest
import torch

from tests.postgres import temporary_server


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Give the address of a PostgreSQL server, or skip."""
    with temporary_server() as url:
        yield url
