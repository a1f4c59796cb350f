"""Small sets of images with masks, and how to learn from them in a few steps."""

from pathlib import Path

import numpy as np
from tests.data.mask_builders import put_json, put_png
from tests.recipe.builders import recipe as small_recipe

from scanwright.image import Array, Image
from scanwright.workflows.prepare import RunOptions

QUICK = {
    "network.width": 0.5, "training.members": 1, "training.workers": 1, "training.threads": 1,
    "training.validations": 1, "training.average": 0.0, "schedule.steps": (30,),
}  # fmt: skip
"""Settings of a run that ends in a few seconds."""
OPTIONS = RunOptions(settings=QUICK, device="cpu", budget_seconds=600, audit=False)
IGNORED = 3
SIZE = (44, 40)
LABELS = ("organ", "lesion")
"""Of runs that were never made, but look finished."""


def rings(rng: np.random.Generator, size: tuple[int, int] = SIZE) -> tuple[Array, Array]:
    """Draw a grey disc with a bright core; return it and its label map.

    1 is the disc around the core, 2 the core, and 3 a strip of which nothing is known.
    """
    middle = [rng.uniform(0.4, 0.6) * edge for edge in size]
    y, x = np.ogrid[: size[0], : size[1]]
    away = np.hypot(y - middle[0], x - middle[1])
    labels = np.zeros(size, np.uint8)
    labels[away < 13] = 1
    labels[away < 6] = 2
    grey = rng.normal(60, 8, size) + 60 * (labels > 0) + 80 * (labels == 2)
    labels[: size[0] // 8] = IGNORED
    return np.clip(grey, 0, 255).astype(np.uint8), labels


def make_regions(root: Path, count: int = 12) -> Path:
    """Write nnU-Net's raw folder with two regions that overlap and a value to ignore."""
    rng = np.random.default_rng(3)
    for number in range(count):
        image, labels = rings(rng)
        put_png(root / "imagesTr" / f"disc_{number:03d}_0000.png", image)
        put_png(root / "labelsTr" / f"disc_{number:03d}.png", labels)
    content = {
        "channel_names": {"0": "other"},
        "labels": {"background": 0, "whole": [1, 2], "core": [2], "ignore": IGNORED},
        "regions_class_order": [1, 2],
        "numTraining": count,
        "file_ending": ".png",
    }
    put_json(root / "dataset.json", content)
    return root


def new_case(folder: Path, seed: int = 9) -> tuple[Path, Array]:
    """Write an image that no set holds; return it and its label map."""
    image, labels = rings(np.random.default_rng(seed))
    path = folder / "new.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    put_png(path, image)
    return path, labels


def as_image(array: Array) -> Image:
    """Return one channel without a physical size."""
    return Image.from_array(array[None])


def mask_run_folder(folder: Path, *, dice: dict[str, float], patients: str = "") -> Path:
    """Write what comparisons read of a run of two classes: each case with its Dice in both."""
    made = small_recipe().changed(
        {
            "task.kind": "segmentation", "task.labels": LABELS, "task.values": ((1,), (2,)),
            "network.name": "unet_light", "network.outputs": 3, "network.size": (32, 32),
            "loss.name": "dice_cross_entropy", "preprocessing": ({"kind": "zscore"},),
        }
    )  # fmt: skip
    (folder / "state").mkdir(parents=True)
    (folder / "recipe.toml").write_text(made.to_toml(), encoding="utf-8")
    folds = {"folds": [{"train": [], "validation": [], "test": list(dice)}]}
    put_json(folder / "state" / "split.json", folds)
    head = "split,number,case,patient,class,true,predicted,unit,dice,hd95,nsd\n"
    rows, answers = [], ["number,case,patient,split,truth,decision,score organ,score lesion"]
    numbers = {letter: at + 1 for at, letter in enumerate(dict.fromkeys(patients))}
    for at, (case, value) in enumerate(dice.items()):
        patient = numbers[patients[at]] if patients else at + 1
        word = "" if np.isnan(value) else repr(value)
        distance = "inf" if np.isnan(value) else repr(10 * (1 - value))
        rest = f"2.5,2.25,ml,{word},{distance},{word}\n"
        rows += [f"test,{at + 1},{case},{patient},{label},{rest}" for label in LABELS]
        answers.append(f"{at + 1},{case},{patient},test,organ|lesion,organ|lesion,2.25,2.25")
    (folder / "cases.csv").write_text(head + "".join(rows), encoding="utf-8")
    (folder / "predictions.csv").write_text("\n".join(answers) + "\n", encoding="utf-8")
    return folder
