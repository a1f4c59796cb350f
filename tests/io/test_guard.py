"""Tests of the border with decoding libraries."""

import os
import warnings
from pathlib import Path

import pytest

from scanwright.base import FileError, GeometryError, ResourceError
from scanwright.io.guard import check_is_file, read_head, reading, refuse_to_hold

PATH = Path("some.file")


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), EOFError(), RecursionError()])
def test_any_failure_becomes_a_file_error_with_its_cause(error: Exception) -> None:
    with pytest.raises(FileError) as caught, reading(PATH):
        raise error
    assert caught.value.__cause__ is error
    assert caught.value.where == PATH


def test_the_text_of_a_library_is_not_passed_on() -> None:
    with pytest.raises(FileError) as caught, reading(PATH):
        raise ValueError("Doe^Jane has no pixels")
    assert "Doe" not in str(caught.value)


def test_our_own_errors_keep_their_words_and_gain_the_place() -> None:
    with pytest.raises(FileError, match="Too odd") as caught, reading(PATH):
        raise FileError("Too odd.", got="five")
    assert (caught.value.got, caught.value.where) == ("five", PATH)
    with pytest.raises(FileError) as caught, reading(PATH):
        raise FileError("Elsewhere.", where="beside")
    assert caught.value.where == "beside"


def test_contradictory_geometry_in_a_file_is_a_file_error() -> None:
    with pytest.raises(FileError, match="Spacing must be positive"), reading(PATH):
        raise GeometryError("Spacing must be positive.")


def test_lack_of_memory_is_no_fault_of_the_file() -> None:
    with pytest.raises(ResourceError), reading(PATH):
        raise MemoryError


def test_warnings_of_libraries_are_silent() -> None:
    with reading(PATH):
        warnings.warn("odd value", UserWarning, stacklevel=1)


def test_interruption_passes() -> None:
    with pytest.raises(KeyboardInterrupt), reading(PATH):
        raise KeyboardInterrupt


def test_what_is_no_file_with_content_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.png"
    empty.touch()
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    loop = tmp_path / "loop.png"
    loop.symlink_to(loop)
    dangling = tmp_path / "dangling.png"
    dangling.symlink_to(tmp_path / "nowhere")
    for path, word in [
        (empty, "empty"),
        (tmp_path, "folder"),
        (pipe, "ordinary"),
        (tmp_path / "missing.png", "no such file"),
        (dangling, "no such file"),
        (loop, "cannot be used"),
        (tmp_path / ("long" * 200), "cannot be used"),
        (Path("nul\0byte"), "cannot be used"),
    ]:
        with pytest.raises(FileError, match=word):
            check_is_file(path)


def test_size_and_head_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"abcdef")
    assert check_is_file(path) == 6
    assert read_head(path, 3) == b"abc"


def test_a_refusal_to_write_names_a_way_out() -> None:
    error = refuse_to_hold("PNG", "floats", "integers", where=PATH)
    assert ".npz" in str(error)
