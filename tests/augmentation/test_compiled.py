"""Compiling: the result is kept, and where it cannot be, that is said."""

import logging

import numba
import pytest

from scanwright.augmentation import compiled as module
from scanwright.augmentation.compiled import compiled


def test_a_read_only_installation_compiles_anew_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def njit(cache: bool = False, **options: object) -> object:
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return numba.njit(**options)

    monkeypatch.setattr(module, "njit", njit)
    with caplog.at_level(logging.WARNING):

        @compiled
        def double(number: int) -> int:
            return 2 * number

    assert double(4) == 8
    assert "NUMBA_CACHE_DIR" in caplog.text
