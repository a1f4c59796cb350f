import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scanwright.base import FileError, InputError, LabelError, ResourceError, ShapeError
from scanwright.data import (
    Preparation,
    WindowStore,
    build_window_store,
    open_window_store,
    window_store,
)
from scanwright.image import Box, BoxesTarget, Case, Image, LabelScheme, MaskTarget
from scanwright.transforms import Pipeline
from tests.data.window_builders import (
    GEOMETRY,
    PIPELINE,
    SCHEME,
    Reader,
    build,
    expected_codes,
    made,
    whole,
)
from tests.disks import small_disk


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> WindowStore:
    return build(tmp_path_factory.mktemp("store"), 3)


def test_cases_are_held_in_memory_where_they_fit(store: WindowStore) -> None:
    needed = store.bytes_unpacked
    assert needed == sum((9 + seed) * 17 * 14 * 9 for seed in range(3))
    assert store.held_within(needed - 1) is store
    held = store.held_within(needed)
    assert isinstance(held.case("case 0").image, np.ndarray)
    np.testing.assert_array_equal(
        held.case("case 1").read((1, 2, 3), (2, 2, 2)), whole(1)[:, 1:3, 2:4, 3:5]
    )


def test_what_is_there_is_used_again(tmp_path: Path) -> None:
    first, again = Reader(), Reader()
    build(tmp_path, 4, first)
    store = build(tmp_path, 4, again)
    assert sorted(first.reads) == [0, 1, 2, 3]
    assert again.reads == []
    np.testing.assert_array_equal(store.case("case 3").read((0, 0, 0), (9, 17, 14)), whole(3))


def test_only_new_cases_are_prepared_and_old_ones_forgotten(tmp_path: Path) -> None:
    build(tmp_path, 4)
    files = len(list(tmp_path.iterdir()))
    reader = Reader()
    build(tmp_path, 5, reader)
    assert reader.reads == [4]
    (tmp_path / "notes.txt").write_text("mine")
    reader = Reader()
    store = build(tmp_path, 3, reader)
    assert reader.reads == []
    assert store.names == ("case 0", "case 1", "case 2")
    assert len(list(tmp_path.iterdir())) == files - 4 + 1


def test_a_source_that_changed_is_prepared_anew(tmp_path: Path) -> None:
    build(tmp_path, 3, source_key=str)
    reader = Reader()
    build(tmp_path, 3, reader, source_key=lambda seed: "new" if seed == 1 else str(seed))
    assert reader.reads == [1]


def test_another_preparation_reads_everything_anew(tmp_path: Path) -> None:
    build(tmp_path, 2)
    reader = Reader()
    build(tmp_path, 2, reader, key="other")
    assert sorted(reader.reads) == [0, 1]


def test_other_windows_are_read_from_what_is_there(tmp_path: Path) -> None:
    build(tmp_path, 2)
    reader = Reader()
    store = build(tmp_path, 2, reader, window=(4, 4, 4))
    assert reader.reads == []
    np.testing.assert_array_equal(
        store.case("case 1").read((1, 2, 3), (4, 4, 4)), whole(1)[:, 1:5, 2:6, 3:7]
    )


def test_a_case_that_cannot_be_read_is_skipped_with_its_reason(tmp_path: Path) -> None:
    store = build(tmp_path, 4, Reader(bad=(0, 2)))
    assert store.names == ("case 1", "case 3")
    assert [name for name, _ in store.skipped] == ["case 0", "case 2"]
    assert "ends too early" in store.skipped[0][1]
    with pytest.raises(InputError, match="ends too early"):
        store.case("case 0")
    assert open_window_store(tmp_path).skipped == store.skipped


def test_no_case_at_all_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ShapeError, match="ends too early"):
        build(tmp_path, 2, Reader(bad=(0, 1)))


def test_cases_that_do_not_suit_are_skipped_with_a_reason(tmp_path: Path) -> None:
    flat = build(tmp_path / "flat", 1, window=(4, 8, 8))
    assert flat.skipped == ()

    def read(seed: int) -> Case:
        case = made(seed, size=(8, 8) if seed == 0 else (8, 8, 8))
        if seed == 1:
            case = replace(case, target=made(seed, size=(8, 8, 9)).target)
        if seed == 2:
            array = np.full((1, 8, 8, 8), np.inf, np.float32)
            case = replace(case, images={"image": Image.from_array(array)}, target=None)
        if seed == 3:
            labels = Image(np.full((1, *case.image.size), 4, np.uint8), GEOMETRY)
            case = replace(case, target=MaskTarget(labels, SCHEME))
        if seed == 4:
            raise MemoryError
        return case

    preparation = Preparation(read, PIPELINE, SCHEME, (4, 8, 8))
    sources = [(f"case {seed}", seed) for seed in range(6)]
    store = build_window_store(sources, preparation, tmp_path / "odd")
    assert store.names == ("case 5",)
    reasons = [reason for _, reason in store.skipped]
    for reason, word in zip(
        reasons, ("axes", "grid", "not finite", "no name", "fit into the memory"), strict=True
    ):
        assert word in reason


def test_a_store_that_was_not_built_to_its_end_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="not complete"):
        open_window_store(tmp_path)
    build(tmp_path, 2)
    next(iter(tmp_path.glob("[0-9a-f]*.json"))).unlink()
    with pytest.raises(FileError, match="not complete"):
        open_window_store(tmp_path)


def test_a_full_disk_is_a_clear_error_and_the_run_goes_on_later(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", kibibytes=160) as disk:
        with pytest.raises(ResourceError, match="disk is full"):
            build(disk, 30)
        assert not (disk / "windows.json").exists()
        whole_cases = {file.name.partition(".")[0] for file in disk.glob("*.json")}
        assert whole_cases == {file.name.partition(".")[0] for file in disk.iterdir()}
        kept = Reader()
        build(disk, 1, kept)
        assert kept.reads == []


def test_little_memory_prepares_one_case_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    together: list[int] = []
    inside: set[int] = set()

    class Slow(Reader):
        def __call__(self, seed: int) -> Case:
            inside.add(seed)
            together.append(len(inside))
            time.sleep(0.005)
            inside.discard(seed)
            return super().__call__(seed)

    monkeypatch.setenv("SCANWRIGHT_THREADS", "4")
    monkeypatch.setattr(window_store, "MEMORY_SHARE", 1e-9)
    assert len(build(tmp_path, 6, Slow()).names) == 6
    assert max(together) == 1


CHILD = """
import sys, time
from pathlib import Path
from scanwright.data import Preparation, build_window_store
from tests.data.window_builders import PIPELINE, SCHEME, made

def read(seed):
    print(seed, flush=True)
    time.sleep(0.03)
    return made(seed)

sources = [(f"case {seed}", seed) for seed in range(12)]
preparation = Preparation(read, PIPELINE, SCHEME, (4, 8, 8))
build_window_store(sources, preparation, Path(sys.argv[1]), workers=2)
"""


@pytest.mark.parametrize("after", [1, 5, 9])
def test_a_killed_preparation_goes_on_and_nothing_half_written_is_read(
    tmp_path: Path, after: int
) -> None:
    root = str(Path(__file__).parents[2])
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert child.stdout is not None
    with child.stdout:
        for _ in range(after):
            child.stdout.readline()
        child.send_signal(signal.SIGKILL)
    child.wait()
    with pytest.raises(FileError, match="not complete"):
        open_window_store(tmp_path)
    reader = Reader()
    store = build(tmp_path, 12, reader)
    assert 12 - after <= len(reader.reads) < 12 + (after < 4)
    for seed in range(12):
        case = store.case(f"case {seed}")
        np.testing.assert_array_equal(case.read((0, 0, 0), case.size), whole(seed))
        np.testing.assert_array_equal(case.read_codes((0, 0, 0), case.size), expected_codes(seed))
    assert not list(tmp_path.glob(".writing-*"))


def boxed_case(name: str = "one", label: str = "b") -> Case:
    boxes = (
        Box((-3.0, 1.5), (4.5, 6.5), label),
        Box((50.0, 50.0), (60.0, 60.0), "a"),
        Box((7.5, 7.5), (8.0, 8.0), "a"),
    )
    image = Image.from_array(np.zeros((1, 10, 12), np.float32))
    return Case(name, {"image": image}, target=BoxesTarget(boxes))


def boxed_store(folder: Path, case: Case) -> WindowStore:
    scheme = LabelScheme.of_classes(("a", "b"))
    preparation = Preparation(lambda one: one, Pipeline.from_plain([]), scheme, (8, 8))
    return build_window_store([(case.name, case)], preparation, folder)


def test_boxes_are_kept_with_their_case_cut_to_the_image(tmp_path: Path) -> None:
    stored = boxed_store(tmp_path, boxed_case()).case("one")
    edges, classes = stored.boxes()
    assert classes.tolist() == [1, 0]
    assert edges[0].tolist() == [[-0.5, 4.5], [1.5, 6.5]]
    assert stored.counts == {1: 1, 2: 1}
    assert stored.places(2).tolist() == [[2, 4]]
    assert stored.held().boxes()[0].tolist() == edges.tolist()


def test_an_image_without_a_finding_has_no_boxes_but_is_known(tmp_path: Path) -> None:
    case = replace(boxed_case(), target=BoxesTarget(()))
    edges, classes = boxed_store(tmp_path, case).case("one").boxes()
    assert edges.shape == (0, 2, 2)
    assert len(classes) == 0


def test_a_box_of_an_unknown_label_leaves_the_case_out_with_a_reason(tmp_path: Path) -> None:
    with pytest.raises(ShapeError, match="label is unknown"):
        boxed_store(tmp_path, boxed_case(label="c"))


def test_a_case_without_boxes_says_so(tmp_path: Path) -> None:
    case = replace(boxed_case(), target=None)
    with pytest.raises(LabelError, match="not known what is to be found"):
        boxed_store(tmp_path, case).case("one").boxes()
