"""From a trained bundle to a list of what to label next, by the command line."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from tests.journeys.conftest import SHORT, Command, assert_clear, picture

from scanwright.io import write

pytestmark = pytest.mark.slow


def test_what_to_label_next_is_listed_with_reasons(
    scans: Path, scanwright: Command, tmp_path: Path
) -> None:
    rng = np.random.default_rng(9)
    waiting = scans / "unlabelled"
    waiting.mkdir()
    for n in range(10):
        write(picture(n % 2, rng), waiting / f"{n}.png")
    copied = waiting / "copy.png"
    copied.write_bytes((scans / "lying" / "000.png").read_bytes())

    seen = scanwright("index", scans)
    assert "without label" in seen.stdout
    assert "11 more" in seen.stdout
    trained = scanwright("train", scans, "-o", "run", *SHORT, "--json")
    assert trained.returncode == 0, trained.stderr

    words = ("suggest", scans, "--bundle", "run/bundle", "-n", "11", "--device", "cpu")
    shown = scanwright(*words, "-o", "next.csv")
    assert shown.returncode == 0, shown.stderr
    assert "11 of 11 images without a label, by mixed, compared with 80 labelled" in shown.stdout
    with (tmp_path / "next.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert Path(rows[-1]["path"]) == copied
    assert "nearly the same as the labelled image lying/000.png" in rows[-1]["reason"]
    plain = json.loads(scanwright(*words, "--json").stdout)
    assert [one["case"] for one in plain["suggestions"]] == [row["case"] for row in rows]

    done = scanwright("suggest", scans, "--bundle", "run/bundle", "--strategy", "mixd")
    assert_clear(done, 4, "did you mean", "mixed")
    done = scanwright("suggest", scans, "--bundle", "run/bundle", "-o", "next.txt")
    assert_clear(done, 4, ".csv or .json")
    done = scanwright("suggest", scans, "--bundle", "run/bundle", "--strategy", "disagreement")
    assert_clear(done, 4, "disagree with itself", "training.members=3")
