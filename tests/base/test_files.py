import errno
import hashlib
import json
import math
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from scanwright.base import (
    FileError,
    OccupiedError,
    ResourceError,
    heal_folder,
    hold_folder,
    replacing,
    replacing_folder,
    sha256_file,
    write_atomic,
    write_error,
    write_json,
)
from tests.disks import small_disk

NEEDS_A_USER = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)


class Death(BaseException):
    """The process ends here."""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_with_its_folder_and_readable_by_all(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.txt"
    write_atomic(path, "größe\n")
    assert path.read_bytes() == "größe\n".encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert names(path.parent) == ["a.txt"]


def test_writing_again_replaces_the_content(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    write_atomic(path, b"a long old content")
    write_atomic(path, b"new")
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt, Death])
def test_a_writer_that_fails_leaves_the_old_content_and_no_scrap(
    tmp_path: Path, failure: type[BaseException]
) -> None:
    path = tmp_path / "a.txt"
    write_atomic(path, "old")

    def fail() -> None:
        with replacing(path) as temporary:
            temporary.write_text("half of the n")
            raise failure

    with pytest.raises(failure):
        fail()
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_a_reader_sees_the_old_content_until_the_new_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_atomic(path, "old")
    with replacing(path) as temporary:
        assert temporary.parent == path.parent
        assert temporary.suffix == path.suffix
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"


def test_a_full_disk_leaves_the_old_content_and_says_so(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        path = disk / "a.bin"
        write_atomic(path, b"old")
        with pytest.raises(ResourceError, match="disk is full"):
            write_atomic(path, bytes(1 << 20))
        assert path.read_bytes() == b"old"
        assert names(disk) == ["a.bin"]


def test_a_full_disk_leaves_the_old_folder(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        with replacing_folder(disk / "out") as place:
            write_atomic(place / "a.bin", b"old")
        with pytest.raises(ResourceError), replacing_folder(disk / "out") as place:
            write_atomic(place / "a.bin", bytes(1 << 20))
        assert (disk / "out" / "a.bin").read_bytes() == b"old"
        assert names(disk) == ["out"]


def test_a_place_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for attempt in (tmp_path / "file" / "a.txt", tmp_path / ("x" * 300 + ".txt")):
        with pytest.raises(FileError) as caught:
            write_atomic(attempt, "x")
        assert caught.value.where == attempt
    (tmp_path / "folder").mkdir()
    with pytest.raises(FileError):
        write_atomic(tmp_path / "folder", "x")
    assert names(tmp_path) == ["file", "folder"]


@NEEDS_A_USER
def test_a_folder_without_the_right_to_write_is_one_clear_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(FileError):
        write_atomic(tmp_path / "a.txt", "x")


def test_a_full_disk_is_told_from_other_faults() -> None:
    assert isinstance(write_error(Path("a"), OSError(errno.ENOSPC, "full")), ResourceError)
    assert isinstance(write_error(Path("a"), OSError(errno.EDQUOT, "quota")), ResourceError)
    other = write_error(Path("a"), OSError(errno.EACCES, "not allowed"))
    assert isinstance(other, FileError)
    assert other.got == "not allowed"


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "out"
    with replacing_folder(folder) as place:
        (place / "old.txt").write_text("old")
    with replacing_folder(folder) as place:
        assert names(place) == []
        (place / "new.txt").write_text("new")
        assert names(folder) == ["old.txt"]
    assert names(folder) == ["new.txt"]
    assert names(folder.parent) == ["out"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


def test_a_folder_whose_writer_fails_stays_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with replacing_folder(folder) as place:
        (place / "old.txt").write_text("old")

    def die() -> None:
        with replacing_folder(folder) as place:
            (place / "new.txt").write_text("new")
            raise Death

    with pytest.raises(Death):
        die()
    assert names(folder) == ["old.txt"]
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize("last", [0, 1, 2])
def test_death_at_any_rename_leaves_the_old_folder_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: int
) -> None:
    """`last` renames happen, then the process ends."""
    folder = tmp_path / "out"
    with replacing_folder(folder) as place:
        (place / "name.txt").write_text("old")
    rename, renames = Path.replace, []

    def replace_or_die(self: Path, target: Path) -> Path:
        if len(renames) == last:
            raise Death
        renames.append(target)
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", replace_or_die)
    try:
        with replacing_folder(folder) as place:
            (place / "name.txt").write_text("new")
    except Death:
        pass
    monkeypatch.undo()
    heal_folder(folder)
    assert (folder / "name.txt").read_text() == ("new" if last == 2 else "old")
    with replacing_folder(folder) as place:
        (place / "name.txt").write_text("newer")
    assert (folder / "name.txt").read_text() == "newer"
    assert names(tmp_path) == ["out"]


def test_healing_leaves_a_whole_folder_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / ".out.previous").mkdir()
    (tmp_path / "out" / "new.txt").write_text("new")
    heal_folder(tmp_path / "out")
    assert names(tmp_path / "out") == ["new.txt"]
    heal_folder(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


def test_json_is_sorted_and_ends_in_a_newline(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"b": [1, 2.5], "a": None})
    text = (tmp_path / "a.json").read_text()
    assert json.loads(text) == {"b": [1, 2.5], "a": None}
    assert text.index('"a"') < text.index('"b"')
    assert text.endswith("}\n")


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_json_refuses_what_other_readers_do_not_know(tmp_path: Path, value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "a.json", {"a": value})
    assert names(tmp_path) == []


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1])
def test_a_files_hash_is_that_of_its_bytes(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    (tmp_path / "a").write_bytes(content)
    assert sha256_file(tmp_path / "a") == hashlib.sha256(content).hexdigest()


HOLD = """
import sys
from pathlib import Path
from scanwright.base import OccupiedError, hold_folder
try:
    with hold_folder(Path(sys.argv[1])):
        print("held", flush=True)
        sys.stdin.read()
except OccupiedError as error:
    sys.exit(error.exit_code)
"""


def start_holding(folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_second_process_is_refused_until_the_first_ends_even_by_kill(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with start_holding(folder) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with start_holding(folder) as second:
            assert second.wait(20) == OccupiedError.exit_code
        with pytest.raises(OccupiedError) as caught, hold_folder(folder):
            pass
        assert caught.value.where == folder
        first.kill()
        first.wait(20)
        with hold_folder(folder):
            pass


def test_a_folder_is_held_once_in_one_process_too(tmp_path: Path) -> None:
    with hold_folder(tmp_path):
        with pytest.raises(OccupiedError), hold_folder(tmp_path):
            pass
        with hold_folder(tmp_path / "other"):
            pass
    with hold_folder(tmp_path):
        pass


def test_a_folder_that_cannot_be_made_cannot_be_held(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FileError), hold_folder(tmp_path / "file"):
        pass
