"""Run every benchmark, one after another, each in a process of its own."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ALL = (
    "startup.py",
    "resampling.py",
    "export.py",
    "window_loop.py",
    "window_store.py",
    "surface.py",
    "box_fusion.py",
    "box_evaluation.py",
    "finding_speed.py",
    "tutorial_cnn.py",
    "augmentation.py",
    "near_duplicates.py",
    "audit.py",
    "classical.py",
    "enhance.py",
    "imbalance.py",
    "tune.py",
    "suggest.py",
    "real_sets.py",
    "outlines.py",
    "nnunet_half_hour.py",
    "findings.py",
)


def main() -> None:
    """Run them; the first that fails ends it."""
    for name in ALL:
        print(f"== {name}", flush=True)
        subprocess.run([sys.executable, str(HERE / name)], check=True)


if __name__ == "__main__":
    main()
