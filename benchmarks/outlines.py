"""Published Dice on real sets of masks against `scanwright train DATA --budget TIME`.

Hippocampus (Medical Segmentation Decathlon, task 4): fold 0 of nnU-Net's split, mean Dice of the
two structures. Lungs on X-ray: learnt at one site (Shenzhen), tested at another (Montgomery). Every
choice was made in the rules; nothing is said on the command line but what the files do not.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("SCANWRIGHT_DATA", ROOT.parent / "shared" / "data")) / "segmentation"
HIPPOCAMPUS = DATA / "hippocampus_msd04"
LUNGS = DATA / "lung_cxr_montgomery_shenzhen"


def hippocampus(_: Path) -> tuple[list[str], str]:
    """Return the arguments of `train`, and the split that is reported."""
    folds = HIPPOCAMPUS / "nnunet_cv_reference.csv"
    words = [str(HIPPOCAMPUS), "--modality", "mri", "--order", "anterior,posterior"]
    return [*words, "--split-file", str(folds), "--folds", "0"], "validation"


def lungs(place: Path) -> tuple[list[str], str]:
    """Write the table that puts one site into the test part."""
    with (LUNGS / "index.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    table = place / "lungs.csv"
    with table.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["image", "mask", "site", "split"])
        for row in rows:
            part = "test" if row["site"] == "montgomery" else "train"
            files = (LUNGS / kind / row["file"] for kind in ("images", "masks"))
            writer.writerow([*files, row["site"], part])
    return [str(table), "--modality", "x-ray", "--order", "lung"], "test"


SETS = {"hippocampus": (hippocampus, 0.885), "lungs": (lungs, 0.965)}
"""Name → what to train on, and the Dice asked for."""


def run(name: str, budget: str, seed: int, folder: Path) -> dict[str, object]:
    """Train in a process of its own, as a user would."""
    make, asked = SETS[name]
    with tempfile.TemporaryDirectory() as place:
        words, split = make(Path(place))
        command = [
            sys.executable, "-m", "scanwright", "train", *words, "-o", str(folder / name),
            "--budget", budget, "--seed", str(seed), "--json",
        ]  # fmt: skip
        started = time.monotonic()
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    scores = json.loads(done.stdout)["scores"][split]
    return {
        "budget": budget,
        "seed": seed,
        "split": split,
        "asked": asked,
        "wall_seconds": round(time.monotonic() - started, 1),
        "load_at_the_end": os.getloadavg()[1],
        **{metric: scores[metric] for metric in ("dice", "hd95", "nsd", "assd", "volume_error")},
    }


def main() -> None:
    """Run the sets that were asked for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--sets", nargs="*", default=list(SETS), choices=list(SETS))
    asked.add_argument("--budgets", nargs="*", default=["30m", "20m"], help="one for each set")
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--runs", type=Path, default=ROOT / "runs" / "outlines")
    asked.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results")
    flags = asked.parse_args()
    for name, budget in zip(flags.sets, flags.budgets, strict=True):
        row = run(name, budget, flags.seed, flags.runs)
        print(name, json.dumps(row))
        (flags.out / f"{name}.json").write_text(json.dumps(row, indent=2) + "\n")


if __name__ == "__main__":
    main()
