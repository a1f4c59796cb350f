from pathlib import Path

import pytest

from scanwright.data.walk import is_hidden_name, list_files, relative_name


def test_a_folder_that_links_to_itself_is_visited_once(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "image.png").write_bytes(b"x")
    (tmp_path / "a" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "self").symlink_to("self")
    tree = list_files(tmp_path)
    assert tree.files == (tmp_path / "a" / "image.png",)
    assert tree.unreadable == {tmp_path / "self": "a broken link"}


def test_a_linked_folder_elsewhere_is_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "image.png").write_bytes(b"x")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "link").symlink_to(tmp_path / "elsewhere")
    assert list_files(tmp_path / "data").files == (tmp_path / "data" / "link" / "image.png",)


@pytest.mark.parametrize("name", [".DS_Store", "Thumbs.db", "._image.png", "__MACOSX"])
def test_what_programs_leave_behind_is_hidden(name: str) -> None:
    assert is_hidden_name(name)


def test_files_in_hidden_folders_are_hidden(tmp_path: Path) -> None:
    (tmp_path / "__MACOSX" / "a").mkdir(parents=True)
    (tmp_path / "__MACOSX" / "a" / "image.png").write_bytes(b"x")
    tree = list_files(tmp_path)
    assert tree.files == ()
    assert tree.hidden == {tmp_path / "__MACOSX" / "a" / "image.png": "hidden file"}


def test_a_name_that_is_no_text_can_be_printed(tmp_path: Path) -> None:
    name = b"caf\xe9.png".decode("utf-8", "surrogateescape")
    assert relative_name(tmp_path / "a" / name, tmp_path) == "a/caf\\udce9.png"
    relative_name(tmp_path / name, tmp_path).encode("utf-8")


def test_a_path_outside_the_root_is_named_in_full() -> None:
    assert relative_name(Path("/x/a.png"), Path("/y")) == "/x/a.png"
