"""nnU-Net on the hippocampus for half an hour on this machine, beside `outlines.py`.

The same split (fold 0 of nnU-Net's five), the same measure (mean Dice over cases of the two
structures). nnU-Net's epochs of 250 steps do not end in half an hour on a processor, so its trainer
is cut into ten short epochs: its own network, patch, batch, augmentation, loss and polynomial rate,
which reaches its end with the time. Planning, preprocessing and validation are not counted.

Needs an environment with the peer: `python -m venv .venv-peers-seg`, then in it
`pip install torch==2.13.0 nnunetv2`.
Run: .venv-peers-seg/bin/python benchmarks/nnunet_half_hour.py [--minutes 30] [--out FILE]
"""

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("SCANWRIGHT_DATA", ROOT.parent / "shared" / "data"))
HIPPOCAMPUS = DATA / "segmentation" / "hippocampus_msd04"
NAME = "Dataset004_Hippocampus"
EPOCHS = 10
TRAINER = '''
import time
import torch
from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer


class nnUNetTrainerByTheClock(nnUNetTrainer):
    """Ten epochs, as long each as a tenth of the time allows; the rate follows the time."""

    def __init__(self, plans, configuration, fold, dataset_json, device=torch.device("cpu")):
        super().__init__(plans, configuration, fold, dataset_json, device)
        self.num_epochs = {epochs}
        self.num_val_iterations_per_epoch = 1
        self.save_every = 1000

    def on_train_start(self):
        super().on_train_start()
        batch = next(self.dataloader_train)
        self.train_step(batch)
        started = time.monotonic()
        for _ in range(2):
            self.train_step(next(self.dataloader_train))
        step = (time.monotonic() - started) / 2
        self.num_iterations_per_epoch = max(1, int({seconds} / {epochs} / step) - 1)
        self.print_to_log_file("seconds a step", step, "times", self.num_iterations_per_epoch)
        self.clock = time.monotonic()

    def on_train_end(self):
        self.print_to_log_file("trained for", time.monotonic() - self.clock)
        super().on_train_end()
'''


def write_raw(folder: Path) -> None:
    """Lay the set out as nnU-Net wants it."""
    place = folder / "raw" / NAME
    for name in ("imagesTr", "labelsTr"):
        (place / name).mkdir(parents=True)
    for path in sorted((HIPPOCAMPUS / "images").glob("*.nii.gz")):
        case = path.name.removesuffix(".nii.gz")
        shutil.copy(path, place / "imagesTr" / f"{case}_0000.nii.gz")
        shutil.copy(HIPPOCAMPUS / "labels" / path.name, place / "labelsTr" / path.name)
    about = {
        "channel_names": {"0": "MRI"},
        "labels": {"background": 0, "anterior": 1, "posterior": 2},
        "numTraining": len(list((place / "imagesTr").iterdir())),
        "file_ending": ".nii.gz",
    }
    (place / "dataset.json").write_text(json.dumps(about))


def main() -> None:
    """Prepare, train by the clock, read nnU-Net's own summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "nnunet.json")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_raw(folder)
        trainers = folder / "trainers"
        trainers.mkdir()
        code = TRAINER.format(epochs=EPOCHS, seconds=60 * asked.minutes)
        (trainers / "by_the_clock.py").write_text(code)
        environment = {
            **os.environ,
            "nnUNet_raw": str(folder / "raw"),
            "nnUNet_preprocessed": str(folder / "preprocessed"),
            "nnUNet_results": str(folder / "results"),
            "nnUNet_n_proc_DA": "2",
            "OMP_NUM_THREADS": str(asked.threads),
            "PYTHONPATH": str(trainers),
        }
        tools = Path(sys.executable).parent

        def run(*words: str) -> None:
            subprocess.run(words, check=True, env=environment, stdout=sys.stderr)

        run(str(tools / "nnUNetv2_plan_and_preprocess"), "-d", "4", "-c", "3d_fullres", "-np", "2")
        with (HIPPOCAMPUS / "nnunet_cv_reference.csv").open(newline="") as stream:
            fold = {row["case"]: row["fold"] for row in csv.DictReader(stream)}
        split = [
            {
                "train": [case for case, own in fold.items() if own != str(number)],
                "val": [case for case, own in fold.items() if own == str(number)],
            }
            for number in range(5)
        ]
        (folder / "preprocessed" / NAME / "splits_final.json").write_text(json.dumps(split))
        started = time.monotonic()
        train = (
            "import torch, sys; torch.set_num_threads({threads}); "
            "from by_the_clock import nnUNetTrainerByTheClock as T; import json; "
            "from batchgenerators.utilities.file_and_folder_operations import load_json; "
            "base = r'{base}'; "
            "plans = load_json(base + '/nnUNetPlans.json'); plans['continue_training'] = False; "
            "about = load_json(base + '/dataset.json'); "
            "t = T(plans, '3d_fullres', 0, about, torch.device('cpu')); "
            "t.run_training(); t.perform_actual_validation()"
        ).format(threads=asked.threads, base=folder / "preprocessed" / NAME)
        run(sys.executable, "-c", train)
        (summary,) = (folder / "results").rglob("validation/summary.json")
        found = json.loads(summary.read_text())
        dice = {name: row["Dice"] for name, row in found["mean"].items()}
        logs = sorted((folder / "results").rglob("training_log_*.txt"))
        row = {
            "minutes": asked.minutes,
            "dice_anterior": dice["1"],
            "dice_posterior": dice["2"],
            "dice": sum(dice.values()) / 2,
            "wall_seconds_with_validation": round(time.monotonic() - started, 1),
            "load_at_the_end": os.getloadavg()[1],
            "log": [
                line
                for line in logs[-1].read_text().splitlines()
                if "step" in line or "trained for" in line
            ][:6],
        }
        print(json.dumps(row, indent=2))
        asked.out.write_text(json.dumps(row, indent=2) + "\n")


if __name__ == "__main__":
    main()
