import json
import threading
from pathlib import Path

import numpy as np
import pytest

from scanwright.base import FileError, ResourceError, ShapeError
from scanwright.data import Store, build_store
from scanwright.data import store as module
from scanwright.image import Case, Image
from scanwright.transforms import Pipeline
from tests.data.builders import pixels
from tests.disks import small_disk

PIPELINE = Pipeline.from_plain([{"kind": "range", "low": 0.0, "high": 255.0}])


class Reader:
    """Makes the image of a seed, counts what it reads, and fails where told."""

    def __init__(self, bad: tuple[int, ...] = (), odd: tuple[int, ...] = ()) -> None:
        self.bad, self.odd = bad, odd
        self.reads: list[int] = []
        self._lock = threading.Lock()

    def __call__(self, seed: int) -> Case:
        """Read."""
        with self._lock:
            self.reads.append(seed)
        if seed in self.bad:
            raise FileError("The file ends too early.", where=f"{seed}.png")
        return Case.of(Image.from_array(pixels(seed, (1, 9, 9) if seed in self.odd else (1, 8, 9))))


def build(folder: Path, count: int, reader: Reader | None = None, key: str = "k") -> Store:
    sources = [(f"case {seed}", seed) for seed in range(count)]
    return build_store(sources, reader or Reader(), PIPELINE, folder, key=key)


def expected(seed: int) -> np.ndarray:
    return pixels(seed).astype(np.float32) / np.float32(255)


@pytest.mark.parametrize("threads", ["1", "3"])
@pytest.mark.parametrize("count", [1, 5, 30])
def test_every_case_is_found_preprocessed_in_its_own_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, threads: str
) -> None:
    monkeypatch.setenv("SCANWRIGHT_THREADS", threads)
    store = build(tmp_path, count)
    assert store.images.shape == (count, 1, 8, 9)
    assert store.images.dtype == np.float32
    assert store.rows == {f"case {seed}": seed for seed in range(count)}
    for seed in range(count):
        np.testing.assert_allclose(store.images[store.rows[f"case {seed}"]], expected(seed))
    assert store.skipped == ()


def test_images_stay_on_disk_and_cannot_be_changed(tmp_path: Path) -> None:
    store = build(tmp_path, 3)
    assert isinstance(store.images, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        store.images[0] = 0


def test_what_is_there_under_the_same_key_is_used_again(tmp_path: Path) -> None:
    first, again = Reader(), Reader()
    one = build(tmp_path, 4, first)
    two = build(tmp_path, 4, again)
    assert sorted(first.reads) == [0, 1, 2, 3]
    assert again.reads == []
    np.testing.assert_array_equal(one.images, two.images)
    assert (one.rows, one.skipped) == (two.rows, two.skipped)


def test_another_key_reads_everything_anew(tmp_path: Path) -> None:
    build(tmp_path, 4)
    reader = Reader()
    store = build(tmp_path, 2, reader, key="other")
    assert sorted(reader.reads) == [0, 1]
    assert store.images.shape == (2, 1, 8, 9)


def test_a_case_that_cannot_be_read_is_skipped_with_its_reason(tmp_path: Path) -> None:
    for _ in range(2):  # the second time from disk
        store = build(tmp_path, 5, Reader(bad=(0, 3)))
        assert [name for name, _ in store.skipped] == ["case 0", "case 3"]
        assert "ends too early" in store.skipped[0][1]
        assert store.rows == {"case 1": 0, "case 2": 1, "case 4": 2}
        assert len(store.images) == 3
        np.testing.assert_allclose(store.images[2], expected(4))


def test_no_case_at_all_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ShapeError, match="No case could be read"):
        build(tmp_path, 3, Reader(bad=(0, 1, 2)))
    with pytest.raises(ShapeError, match="No case could be read"):
        build(tmp_path, 0)


def test_images_of_different_shapes_are_refused_with_both(tmp_path: Path) -> None:
    with pytest.raises(ShapeError, match="differ in shape") as caught:
        build(tmp_path, 5, Reader(odd=(3,)))
    assert caught.value.got == (1, 9, 9)
    assert caught.value.legal == (1, 8, 9)
    assert list(tmp_path.iterdir()) == [], "nothing half done is left"


def test_a_run_cut_off_leaves_nothing_that_the_next_would_take_for_whole(tmp_path: Path) -> None:
    build(tmp_path, 4, key="old")

    class Death(BaseException):
        """The process ends here."""

    def die(seed: int) -> Case:
        raise Death

    with pytest.raises(Death):
        build_store([("case 0", 0)], die, PIPELINE, tmp_path, key="new")
    reader = Reader()
    build(tmp_path, 4, reader, key="new")
    assert len(reader.reads) == 4


def test_images_of_a_new_key_are_never_taken_for_those_of_the_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends between the images and their description."""
    build(tmp_path, 4, key="old")

    class Death(BaseException):
        """The process ends here."""

    def die(*args: object) -> None:
        raise Death

    monkeypatch.setattr(module, "write_json", die)
    sources = [(f"case {seed}", seed + 100) for seed in range(4)]
    with pytest.raises(Death):
        build_store(sources, Reader(), PIPELINE, tmp_path, key="new")
    monkeypatch.undo()
    store = build(tmp_path, 4, key="old")
    np.testing.assert_allclose(store.images[0], expected(0))


def test_a_disk_that_is_too_small_is_said_so_before_anything_is_written(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        with pytest.raises(ResourceError, match="too small") as caught:
            build(disk / "store", 2000)
        assert "GB free" in str(caught.value.got)
        assert [path.name for path in (disk / "store").iterdir()] == []


def test_a_disk_that_fills_up_meanwhile_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        monkeypatch.setattr(module, "free_disk_bytes", lambda folder: 1 << 40)
        with pytest.raises(ResourceError, match="disk is full"):
            build(disk / "store", 2000)
        assert [path.name for path in (disk / "store").iterdir()] == []


def test_progress_counts_every_case_good_or_bad(tmp_path: Path) -> None:
    calls: list[tuple[str, float]] = []

    class Watcher:
        """Notes what it is told."""

        def begin(self, stage: str, total: float, unit: str = "") -> None:
            """Note."""
            calls.append(("begin", total))

        def step(self, amount: float = 1, note: str = "") -> None:
            """Note."""
            calls.append(("step", amount))

        def end(self) -> None:
            """Note."""
            calls.append(("end", 0))

    sources = [(f"case {seed}", seed) for seed in range(5)]
    build_store(sources, Reader(bad=(2,)), PIPELINE, tmp_path, key="k", progress=Watcher())
    assert calls == [("begin", 5), *[("step", 1)] * 5, ("end", 0)]


def test_the_description_names_no_place(tmp_path: Path) -> None:
    build(tmp_path, 2)
    about = json.loads((tmp_path / "store.json").read_text())
    assert set(about) == {"key", "names", "skipped"}
    assert str(tmp_path) not in json.dumps(about)
