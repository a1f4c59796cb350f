"""From images and boxes to a judged bundle that finds, in spite of bad luck and bad input."""

import csv
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tests.journeys.conftest import Command, assert_clear
from tests.journeys.test_bad_luck import start, wait_for, weights_of

from scanwright.bundle import read_bundle
from scanwright.cli.main import run as run_command_line
from scanwright.image import Image
from scanwright.io import read, write

pytestmark = pytest.mark.slow

SHORT = (
    "--device", "cpu", "--budget", "5m", "--folds", "0", "--no-audit",
    "--set", "network.width=0.125", "--set", "network.size=[64, 64]",
    "--set", "training.members=1", "--set", "training.workers=1", "--set", "training.threads=1",
    "--set", "training.batch=8", "--set", "training.validations=8",
    "--set", "training.average=0.9", "--set", "optimiser.rate=0.006",
    "--set", "inference.tried=none", "--set", "schedule.steps=[80]",
)  # fmt: skip
"""Flags of a run that learns bright spots in a few seconds."""

EDGE = 64
Drawn = list[tuple[Path, list[list[int]]]]


def draw_spots(folder: Path, count: int) -> Drawn:
    """Write images with no, one or two bright spots each; return their boxes (x, y, w, h)."""
    rng = np.random.default_rng(3)
    drawn: Drawn = []
    for number in range(count):
        array = rng.normal(90, 12, (EDGE, EDGE))
        boxes = []
        for half in range(number % 3):  # one in each half: they never overlap
            height, width = rng.integers(14, 24, 2).tolist()
            top = int(rng.integers(0, EDGE - height))
            left = int(rng.integers(0, EDGE // 2 - width)) + half * EDGE // 2
            y, x = np.ogrid[:EDGE, :EDGE]
            across = ((x - left - width / 2 + 0.5) / width) ** 2
            down = ((y - top - height / 2 + 0.5) / height) ** 2
            array[across + down <= 0.25] += 110
            boxes.append([left, top, width, height])
        path = folder / "images" / f"{number:02d}.png"
        write(Image.from_array(np.clip(array, 0, 255).astype(np.uint8)[None]), path)
        drawn.append((path, boxes))
    return drawn


def make_set(folder: Path, count: int = 24, *, keep: bool = True) -> Path:
    """Write a folder as labelling tools export COCO; without boxes where none are to be kept."""
    images: list[dict[str, object]] = []
    annotations: list[dict[str, object]] = []
    for number, (path, boxes) in enumerate(draw_spots(folder, count), start=1):
        name = f"images/{path.name}"
        images.append({"id": number, "file_name": name, "width": EDGE, "height": EDGE})
        annotations += [
            {"id": 1000 * number + at, "image_id": number, "category_id": 7, "bbox": box}
            for at, box in enumerate(boxes if keep else [])
        ]
    content = {
        "images": images, "annotations": annotations, "categories": [{"id": 7, "name": "spot"}],
    }  # fmt: skip
    (folder / "annotations.json").write_text(json.dumps(content))
    return folder


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train once; return the folder with the set and the run."""
    folder = tmp_path_factory.mktemp("finding")
    make_set(folder / "set")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCANWRIGHT_THREADS", "1")
        patch.setattr(sys, "argv", ["scanwright", *command(folder, "whole")])
        with pytest.raises(SystemExit) as ended:
            run_command_line()
        assert not ended.value.code
    return folder


def command(base: Path, run: str) -> Sequence[str]:
    return ("train", str(base / "set"), "-o", str(base / run), *SHORT)


def scores_of(run: Path) -> object:
    return json.loads((run / "scores.json").read_text())


def test_a_folder_with_coco_boxes_becomes_a_report_and_findings(
    base: Path, scanwright: Command
) -> None:
    run = base / "whole"
    scores = json.loads((run / "scores.json").read_text())
    assert scores["test"]["ap50"]["value"] > 0.5, scores
    report = (run / "report.html").read_text(encoding="utf-8")
    for words in ("finds spot", "FROC curve", "The surest true boxes", "False boxes per image"):
        assert words in report

    done = scanwright(
        "predict", run / "bundle", base / "set", "--device", "cpu", "-o", "found.csv",
        "--folder", "seen",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "24 answered, 0 refused, 1 skipped" in done.stdout
    with Path("found.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    found = sum(row["reported"] == "yes" for row in rows)
    assert 16 <= found <= 32  # of 24
    assert read(Path(rows[0]["files"])).array.shape[0] == 3

    done = scanwright(
        "predict", run / "bundle", base / "set" / "images", "--device", "cpu", "-o", "a.coco.json"
    )
    assert done.returncode == 0, done.stderr
    results = json.loads(Path("a.coco.json").read_text())
    assert {result["image_id"] for result in results} <= set(range(1, 25))
    assert all(len(result["bbox"]) == 4 and 0 <= result["score"] <= 1 for result in results)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["killed", "interrupted"])
def test_stopped_and_resumed_finds_what_it_would_have_found(
    base: Path, scanwright: Command, how: signal.Signals
) -> None:
    run = base / how.name
    process = start(base / "set", str(run), *SHORT)
    wait_for(run / "state" / "member-0.safetensors", process)
    wait_for(run / "bundle" / "manifest.json", process)
    process.send_signal(how)
    _, err = process.communicate(timeout=60)
    assert process.returncode == (130 if how is signal.SIGINT else -how)
    assert "Traceback" not in err
    assert not (run / "report.html").exists(), "it was stopped too late to show anything"
    read_bundle(run / "bundle")
    resumed = scanwright(*command(base, run.name))
    assert resumed.returncode == 0, resumed.stderr
    assert weights_of(run) == weights_of(base / "whole")
    assert scores_of(run) == scores_of(base / "whole")


def test_a_bundle_answers_what_fits_and_refuses_the_rest(base: Path, scanwright: Command) -> None:
    new = Path("new")
    write(read(base / "set" / "images" / "01.png"), new / "good.png")
    (new / "empty.png").write_bytes(b"")
    (new / "cut.png").write_bytes((new / "good.png").read_bytes()[:900])
    (new / "notes.txt").write_text("no image")
    volume = np.zeros((1, 12, 12, 12), np.int16)
    write(Image.from_array(volume), new / "volume.nrrd")
    done = scanwright("predict", base / "whole" / "bundle", new, "--device", "cpu", "-o", "a.csv")
    assert done.returncode == 0, done.stderr
    assert "1 answered, 3 refused, 1 skipped" in done.stdout
    for words in ("The file is empty", "the data ends too early", "wrong number of axes"):
        assert words in done.stdout


def test_bad_sets_are_refused_in_one_clear_message(tmp_path: Path, scanwright: Command) -> None:
    empty = make_set(tmp_path / "empty", 3, keep=False)
    assert_clear(scanwright("train", empty), 3, "No image has a box", "3 images without a finding")

    spoilt = make_set(tmp_path / "spoilt", 3)
    (spoilt / "annotations.json").write_text(
        '{"images": [{"id": 1, "file_name": "images/00.png"}, '
    )
    assert_clear(scanwright("train", spoilt), 3, "JSON file cannot be read", "annotations.json")

    doubtful = tmp_path / "doubtful"
    draw_spots(doubtful, 2)
    (doubtful / "boxes.csv").write_text(
        'path,bbox\nimages/00.png,"[20, 20, 30, 30]"\nimages/01.png,"[10, 10, 22, 25]"\n'
    )
    assert_clear(scanwright("train", doubtful), 3, "--boxes")

    both = make_set(tmp_path / "both", 3)
    (both / "labels").mkdir()
    (both / "labels" / "01.txt").write_text("0 0.5 0.5 0.2 0.2")
    assert_clear(scanwright("train", both), 3, "yolo and coco", "one of them alone")

    plain = tmp_path / "plain"
    draw_spots(plain, 2)
    assert_clear(scanwright("train", plain, "--task", "detection"), 3, "COCO", "YOLO")


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("fusion.overlap=3", "0.95"),
        ("fusion.methd=cluster", "fusion.method"),
        ("network.name=unet", "detector"),
        ("loss.name=cross_entropy", "task_aligned"),
        ("inference.flips=[7]", "inference.flips"),
    ],
)
def test_bad_settings_are_named(base: Path, scanwright: Command, setting: str, words: str) -> None:
    done = scanwright("plan", base / "set", *SHORT, "--set", setting)
    assert_clear(done, 4, words)


def test_what_is_for_whole_images_says_so(base: Path, scanwright: Command) -> None:
    assert_clear(scanwright("tune", base / "set"), 3, "this is about boxes")
    done = scanwright("suggest", base / "set" / "images", "--bundle", base / "whole" / "bundle")
    assert_clear(done, 3, "this is about boxes")
