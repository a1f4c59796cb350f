"""Published scores on real sets against `scanwright train DATA --budget 20m`, mean of three seeds.

Nothing else is said on the command line than where the labels are. Every choice in the rules was
made on training and validation cases; this reads the test scores.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import mean

SETS: dict[str, tuple[list[str], dict[str, float]]] = {
    "breastmnist": (["breastmnist/breastmnist.npz"], {"auc": 0.925, "accuracy": 0.885}),
    "pneumoniamnist": (["pneumoniamnist/pneumoniamnist.npz"], {"auc": 0.975, "accuracy": 0.915}),
    "busi": (
        [
            "busi/labels.csv",
            "--label-column",
            "breastmnist_label",
            "--modality",
            "ultrasound",
            "--shared",
            "drop",
        ],
        {"auc": 0.93, "accuracy": 0.89},
    ),
    "covid_ct": (["covid_ct/labels.csv", "--modality", "ct"], {"auc": 0.90, "accuracy": 0.83}),
}
"""Name → where it lies with the flags that it needs, and the bar."""
ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("SCANWRIGHT_DATA", ROOT.parent / "shared" / "data")) / "classification"


def run(name: str, seed: int, folder: Path, budget: str) -> dict[str, float]:
    """Train one set with one seed in a process of its own, as a user would."""
    output = folder / f"{name}-{seed}"
    (place, *flags), _ = SETS[name]
    command = [
        sys.executable, "-m", "scanwright", "train", str(DATA / place), *flags, "-o", str(output),
        "--budget", budget, "--seed", str(seed), "--json",
    ]  # fmt: skip
    started = time.monotonic()
    result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    test = result["scores"]["test"]
    validation = result["scores"]["validation"]
    row = {
        "seed": seed,
        "auc": test["auc"]["value"],
        "auc_low": test["auc"]["low"],
        "auc_high": test["auc"]["high"],
        "accuracy": test["accuracy"]["value"],
        "accuracy_low": test["accuracy"]["low"],
        "accuracy_high": test["accuracy"]["high"],
        "validation_auc": validation["auc"]["value"],
        "validation_accuracy": validation["accuracy"]["value"],
        "wall_seconds": round(time.monotonic() - started, 1),
    }
    print(name, row, flush=True)
    return row


def main() -> None:
    """Run the sets and seeds asked for and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=list(SETS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--budget", default="20m")
    parser.add_argument("--runs", type=Path, default=ROOT / "runs" / "real_sets")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results")
    asked = parser.parse_args()
    for name in asked.sets:
        rows = [run(name, seed, asked.runs, asked.budget) for seed in asked.seeds]
        summary = {
            "set": name,
            "budget": asked.budget,
            "seeds": rows,
            "mean_auc": mean(row["auc"] for row in rows),
            "mean_accuracy": mean(row["accuracy"] for row in rows),
            "bar": SETS[name][1],
        }
        asked.out.mkdir(parents=True, exist_ok=True)
        (asked.out / f"{name}.json").write_text(json.dumps(summary, indent=2) + "\n")
        print(json.dumps(summary, indent=2))


if __name__ == "__main__":
    main()
