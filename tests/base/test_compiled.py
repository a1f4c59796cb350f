"""Compiled kernels: the same numbers as Python, also where nothing can be cached."""

import logging

import numpy as np
import numpy.typing as npt
import pytest

from scanwright.base import compiled


def total(values: npt.NDArray[np.float64]) -> float:
    result = 0.0
    for value in values:
        result += value
    return result


def test_a_kernel_gives_the_numbers_of_its_source() -> None:
    values = np.linspace(0, 1, 11)
    assert compiled(total)(values) == total(values)


def test_without_a_folder_to_keep_it_in_a_kernel_still_runs_and_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    source = "def made_up(x):\n    return x + 1\n"
    names: dict[str, object] = {}
    exec(compile(source, "<nowhere>", "exec"), names)
    function = names["made_up"]
    assert callable(function)
    with caplog.at_level(logging.WARNING):
        assert compiled(function)(2) == 3
    assert "made_up" in caplog.text
