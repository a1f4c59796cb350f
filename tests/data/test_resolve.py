from pathlib import Path

from scanwright.data.resolve import Resolver


def test_paths_are_found_from_each_folder_in_turn(tmp_path: Path) -> None:
    (tmp_path / "a" / "x").mkdir(parents=True)
    (tmp_path / "a" / "x" / "1.png").touch()
    resolver = Resolver([tmp_path / "b", tmp_path / "a"])
    assert resolver.find("x/1.png") == tmp_path / "a" / "x" / "1.png"
    assert resolver.find("x\\1.png") == tmp_path / "a" / "x" / "1.png"
    assert resolver.find(str(tmp_path / "a" / "x" / "1.png")) == tmp_path / "a" / "x" / "1.png"
    assert resolver.find("x/2.png") == "there is no such file"


def test_a_bare_name_is_found_anywhere_if_one_file_bears_it(tmp_path: Path) -> None:
    files = [tmp_path / "a" / "1.png", tmp_path / "b" / "2.nii.gz", tmp_path / "c" / "1.png"]
    resolver = Resolver([tmp_path], files)
    assert resolver.find("2") == files[1]
    assert resolver.find("2.nii.gz") == files[1]
    assert resolver.find("1.png") == "2 files bear this name"
    assert not resolver.leads("1.png")


def test_a_cell_too_long_for_a_path_leads_nowhere(tmp_path: Path) -> None:
    resolver = Resolver([tmp_path])
    assert not resolver.leads("x" * 5000)
    assert not resolver.leads("a\0b")
    assert not resolver.leads("")
