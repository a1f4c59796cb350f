from pathlib import Path

import numpy as np
import pytest

from scanwright.data import (
    IGNORED_CODE,
)
from scanwright.data.case_files import find_places, read_record, stem_of
from tests.data.window_builders import (
    Reader,
    build,
    whole,
)


def test_places_are_ten_thousand_drawn_from_everywhere_where_there_are_more(tmp_path: Path) -> None:
    store = build(tmp_path, 1, Reader(size=(60, 60, 60), channels=1), (32, 32, 32))
    case = store.case("case 0")
    codes = case.read_codes((0, 0, 0), case.size)
    for code in (0, 1):
        places = case.places(code)
        assert len(places) == 10_000
        assert len(np.unique(places, axis=0)) == 10_000
        assert (codes[tuple(places.T)] == code).all()
        np.testing.assert_allclose(places.mean(axis=0), 29.5, atol=1)
    again = build(tmp_path / "again", 1, Reader(size=(60, 60, 60), channels=1), (32, 32, 32))
    np.testing.assert_array_equal(again.case("case 0").places(1), case.places(1))


@pytest.mark.parametrize("suffix", [".image.b2nd", ".codes.b2nd", ".places.npy", ".json"])
@pytest.mark.parametrize("damage", ["cut", "flipped", "gone"])
def test_a_damaged_file_is_found_and_its_case_prepared_anew(
    tmp_path: Path, suffix: str, damage: str
) -> None:
    build(tmp_path, 2)
    victim = sorted(tmp_path.glob(f"*{suffix}"))[0]
    data = bytearray(victim.read_bytes())
    if damage == "cut":
        victim.write_bytes(data[: len(data) // 2])
    elif damage == "gone":
        victim.unlink()
    else:
        data[len(data) // 2] ^= 0x80
        victim.write_bytes(data)
    reader = Reader()
    store = build(tmp_path, 2, reader)
    assert len(reader.reads) == 1
    for seed in range(2):
        case = store.case(f"case {seed}")
        np.testing.assert_array_equal(case.read((0, 0, 0), case.size), whole(seed))


def test_names_of_files_tell_nothing_of_the_case_and_differ() -> None:
    names = ["Müller, Anna", "../x", "", "case 1", "case 11", "a\udcff"]
    stems = {stem_of(name) for name in names}
    assert len(stems) == len(names)
    assert all(stem.isalnum() and len(stem) == 20 for stem in stems)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 0, "name": "a"}', "\x00"])
def test_a_record_that_cannot_be_used_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / f"{stem_of('a')}.json").write_text(content)
    assert read_record(tmp_path, "a") is None
    assert read_record(tmp_path, "not there") is None


def test_places_of_a_rare_background_are_found_too() -> None:
    codes = np.ones((40, 40, 40), np.uint8)
    codes[3, 4, 5] = codes[6, 7, 8] = 0
    spots = find_places(codes, np.random.default_rng(0))
    first, end = spots.spans[0]
    assert spots.places[first:end].tolist() == [[3, 4, 5], [6, 7, 8]]
    assert spots.counts == {0: 2, 1: 63998}


def test_a_map_of_unknown_only_has_no_places() -> None:
    spots = find_places(np.full((4, 4), IGNORED_CODE, np.uint8), np.random.default_rng(0))
    assert spots.counts == {IGNORED_CODE: 16}
    assert spots.places.shape == (0, 2)
    assert spots.spans == {}


def test_many_codes_lie_one_after_another() -> None:
    codes = np.random.default_rng(1).integers(0, 200, (30, 30, 30)).astype(np.uint8)
    spots = find_places(codes, np.random.default_rng(0))
    for code, (first, end) in spots.spans.items():
        np.testing.assert_array_equal(spots.places[first:end], np.argwhere(codes == code))
    assert len(spots.spans) == 200
