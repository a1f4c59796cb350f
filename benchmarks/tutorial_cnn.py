"""Training speed of the tutorial network: scanwright's loop against tf.keras `fit`.

Same architecture (121,930 parameters), batch 32, Adam at 1e-3, the same 28 x 28 images, taken in
turn A-B-A-B in one run, each in its own process. Ours uses one thread, as `train` gives each
network; tf.keras uses all cores, as it does by default. Needs TensorFlow in an environment of its
own: `python -m venv .venv-peers && .venv-peers/bin/pip install tensorflow-cpu`.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
PEERS = ROOT / ".venv-peers" / "bin" / "python"
CASES = 8192
CLASSES = 10


def images() -> tuple[object, object]:
    """Make the same images and labels for both."""
    import numpy as np

    rng = np.random.default_rng(0)
    truth = rng.integers(0, CLASSES, CASES)
    pictures = rng.random((CASES, 28, 28), dtype=np.float32) * 0.5
    pictures[np.arange(CASES), truth + 2, :] += 0.5
    return pictures, truth


def ours() -> float:
    """Return images per second of our training loop, the first epoch not counted."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import numpy as np

    from scanwright.augmentation import AugmentationOptions
    from scanwright.inference import choose_compute
    from scanwright.recipe import Recipe
    from scanwright.training import Fit, Fold, ImageRows

    pictures, truth = images()
    steps = CASES // 32
    recipe = Recipe.parse(
        {
            "task": {"kind": "classes", "labels": [str(label) for label in range(CLASSES)]},
            "preprocessing": [],
            "augmentation": AugmentationOptions().model_dump(),
            "network": {"name": "tutorial", "outputs": CLASSES, "size": (28, 28)},
            "optimiser": {"name": "adam", "rate": 1e-3},
            "schedule": {"name": "constant", "steps": (3 * steps,), "warmup": 0.0},
            "training": {"batch": 32, "validations": 1},
        },
        "benchmark",
    )
    rows = np.arange(CASES)
    with tempfile.TemporaryDirectory() as folder:
        marks: list[float] = []

        class Clock:
            def begin(self, stage: str, total: float, unit: str = "") -> None: ...
            def end(self) -> None: ...
            def step(self, amount: float = 1, note: str = "") -> None:
                marks.append(time.perf_counter())

        fit = Fit(
            recipe=recipe,
            material=ImageRows(pictures[:, None], truth),
            folds=[Fold(rows, rows[:64])],
            folder=Path(folder),
            compute=choose_compute("cpu", threads=1),  # what `train` gives each network
            memory_bytes=10**10,
            keep_best=lambda _: None,
            progress=Clock(),
        )
        fit.run()
    counted = marks[steps:-1]
    return 32 * (len(counted) - 1) / (counted[-1] - counted[0])


def keras() -> float:
    """Return images per second of `fit`, the first epoch not counted."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import tensorflow as tf

    pictures, truth = images()
    layers = tf.keras.layers
    network = tf.keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    assert network.count_params() == 121_930
    network.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    ends: list[float] = []

    class Clock(tf.keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: object = None) -> None:
            ends.append(time.perf_counter())

    network.fit(pictures[..., None], truth, batch_size=32, epochs=3, verbose=0, callbacks=[Clock()])
    return 2 * CASES / (ends[2] - ends[0])


def main() -> None:
    """Alternate the two and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", choices=["ours", "keras"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results")
    asked = parser.parse_args()
    if asked.side:
        print({"ours": ours, "keras": keras}[asked.side]())
        return
    if not PEERS.exists():
        sys.exit("tf.keras is not installed; see the head of this file")
    speeds: dict[str, list[float]] = {"ours": [], "keras": []}
    for _ in range(asked.rounds):
        for side, python in (("ours", sys.executable), ("keras", str(PEERS))):
            out = subprocess.run(
                [python, __file__, "--side", side], check=True, capture_output=True, text=True
            )
            speeds[side].append(float(out.stdout.split()[-1]))
    ratios = [a / b for a, b in zip(speeds["ours"], speeds["keras"], strict=True)]
    result = {
        "images_per_second": speeds,
        "median": {side: statistics.median(values) for side, values in speeds.items()},
        "ratios": ratios,
        "median_ratio": statistics.median(ratios),
        "bar": 1.25,
    }
    asked.out.mkdir(parents=True, exist_ok=True)
    (asked.out / "tutorial_cnn.json").write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
