"""Bad input ends in a result or in one clear message and a code, never in a stack trace."""

import csv
from pathlib import Path

import numpy as np
import pytest
from tests.journeys.conftest import SHORT, Command, assert_clear, make_scans

from scanwright.image import Image
from scanwright.io import write

pytestmark = pytest.mark.slow


def test_no_such_folder(scanwright: Command) -> None:
    assert_clear(scanwright("train", "nowhere", "-o", "run"), 3, "no such file")


def test_an_empty_folder(scanwright: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert_clear(scanwright("train", "empty", "-o", "run"), 3, "empty")


def test_bad_files_are_named_and_the_rest_is_used(scans: Path, scanwright: Command) -> None:
    place = scans / "upright"
    (place / "zero.png").write_bytes(b"")
    whole = (place / "000.png").read_bytes()
    (place / "cut.png").write_bytes(whole[: len(whole) // 2])
    (place / "text.png").write_text("no picture")
    write(Image.from_array(np.full((1, 24, 24), 7, np.uint8)), place / "really.bmp")
    (place / "really.bmp").rename(place / "bitmap.png")
    done = scanwright("train", scans, "-o", "run", *SHORT)
    assert done.returncode == 0, done.stderr
    report = (scans.parent / "run" / "report.html").read_text()
    for name in ("zero.png", "cut.png", "text.png"):
        assert name in report
    shown = scanwright("index", scans)
    assert "zero.png" in shown.stdout


def test_one_class_only(scanwright: Command, tmp_path: Path) -> None:
    folder = make_scans(tmp_path / "scans")
    for path in (folder / "lying").iterdir():
        path.unlink()
    (folder / "lying").rmdir()
    done = scanwright("train", folder, "-o", "run")
    assert_clear(done, 3)


def test_three_images_in_all(scanwright: Command, tmp_path: Path) -> None:
    folder = make_scans(tmp_path / "scans", per_class=2)
    (folder / "lying" / "001.png").unlink()
    assert_clear(scanwright("train", folder, "-o", "run"), 3)


def write_table(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        table = csv.DictWriter(stream, fieldnames=list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return path


def rows_of(scans: Path) -> list[dict[str, str]]:
    return [
        {"path": path.relative_to(scans).as_posix(), "label": path.parent.name}
        for path in sorted(scans.rglob("*.png"))
    ]


def test_a_table_with_missing_files_and_duplicate_rows(scans: Path, scanwright: Command) -> None:
    rows = rows_of(scans)
    rows += [rows[0], {"path": "lying/gone.png", "label": "lying"}]
    write_table(scans / "labels.csv", rows)
    done = scanwright("train", scans, "-o", "run", *SHORT)
    assert done.returncode == 0, done.stderr
    assert "gone.png" in (scans.parent / "run" / "report.html").read_text()


def test_contradicting_rows_are_refused(scans: Path, scanwright: Command) -> None:
    rows = rows_of(scans)
    rows.append({"path": rows[0]["path"], "label": "upright"})
    write_table(scans / "labels.csv", rows)
    assert_clear(scanwright("train", scans, "-o", "run", *SHORT), 3)


def test_one_image_on_both_sides_is_refused_by_name(scans: Path, scanwright: Command) -> None:
    rows = [
        {**row, "split": "test" if index % 4 == 0 else "train"}
        for index, row in enumerate(rows_of(scans))
    ]
    copy = scans / "lying" / "copy.png"
    copy.write_bytes((scans / rows[0]["path"]).read_bytes())
    rows.append({"path": "lying/copy.png", "label": "lying", "split": "train"})
    write_table(scans / "labels.csv", rows)
    refused = scanwright("train", scans, "-o", "run", *SHORT)
    assert_clear(refused, 3, "copy.png", "--shared")
    dropped = scanwright("train", scans, "-o", "run", *SHORT, "--shared", "drop")
    assert dropped.returncode == 0, dropped.stderr


def test_strange_and_long_names(scanwright: Command, tmp_path: Path) -> None:
    folder = make_scans(tmp_path / "Röntgen 胸部 снимки", per_class=30)
    deep = folder / "upright"
    for _ in range(3):
        deep = deep / ("d" * 200)
    deep.mkdir(parents=True)
    (folder / "upright" / "000.png").rename(deep / ("n" * 200 + ".png"))
    done = scanwright("train", folder, "-o", "run ü", *SHORT)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run ü" / "report.html").exists()


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (("--set", "training.bach=4"), "training.batch"),
        (("--set", "network.name=unnet"), "tutorial"),
        (("--set", "optimiser.rate=-1"), "rate"),
        (("--set", "schedule.name=cosin"), "cosine"),
        (("--budget", "soon"), "10m"),
        (("--device", "tpu"), "cpu"),
    ],
)
def test_wrong_settings_name_the_right_ones(
    scans: Path, scanwright: Command, words: tuple[str, ...], near: str
) -> None:
    done = scanwright("train", scans, "-o", "run", *SHORT, *words)
    assert_clear(done, 6 if "--device" in words else 4, near)


def test_prediction_refuses_what_does_not_fit(scans: Path, scanwright: Command) -> None:
    assert scanwright("train", scans, "-o", "run", *SHORT).returncode == 0
    odd = scans.parent / "odd"
    odd.mkdir()
    write(Image.from_array(np.full((1, 24, 24), 9, np.uint8)), odd / "constant.png")
    rng = np.random.default_rng(1)
    write(Image.from_array(rng.integers(0, 255, (1, 900, 900), np.uint8)), odd / "huge.png")
    write(Image.from_array(rng.integers(0, 255, (3, 24, 24), np.uint8)), odd / "colour.png")
    write(Image.from_array(rng.integers(0, 255, (1, 9, 24, 24), np.uint8)), odd / "volume.nii.gz")
    (odd / "notes.txt").write_text("none of these")
    done = scanwright("predict", "run/bundle", odd)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    for word in ("constant", "size", "channels", "number of axes"):
        assert word in done.stdout
    assert "0 answered, 4 refused, 1 skipped" in done.stdout


def test_a_changed_bundle_is_refused(scans: Path, scanwright: Command) -> None:
    assert scanwright("train", scans, "-o", "run", *SHORT).returncode == 0
    weights = scans.parent / "run" / "bundle" / "weights" / "member-0.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert_clear(scanwright("predict", "run/bundle", scans), 5, "changed")
