from pathlib import Path

import pytest

from scanwright.data.walk import is_hidden_name, list_files, relative_name, sample_objects


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


def test_of_each_folder_named_small_and_large_files_are_sampled_first_those_of_all(
    tmp_path: Path,
) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        for size in range(1, 9):
            (tmp_path / folder / f"{size}.dcm").write_bytes(b"x" * size)
    (tmp_path / "a" / "my_SR.dcm").write_bytes(b"xxxxx")
    (tmp_path / "a" / "0.png").write_bytes(b"")
    sampled = sample_objects(list_files(tmp_path).files, "sr")
    names = [relative_name(file, tmp_path) for file in sampled]
    assert names[:4] == ["a/my_SR.dcm", "b/1.dcm", "a/1.dcm", "b/8.dcm"]
    assert sorted(names[4:]) == ["a/2.dcm", "a/3.dcm", "a/8.dcm", "b/2.dcm", "b/3.dcm"]
