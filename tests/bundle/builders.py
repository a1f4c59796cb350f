"""Small bundles, honest and forged, for the tests of bundles."""

import hashlib
import json
import zipfile
from pathlib import Path

import torch

from scanwright.bundle import Bundle, write_bundle
from scanwright.inference import Compute, Decision, InputLimits
from scanwright.recipe import (
    LossChoice,
    NetworkChoice,
    Recipe,
    TaskChoice,
    TrainingChoice,
    assemble_network,
)

CPU = Compute(torch.device("cpu"), None, 1)


def make_recipe() -> Recipe:
    """Return the recipe of two small networks."""
    return Recipe(
        task=TaskChoice(labels=("healthy", "ill")),
        preprocessing=(
            {"kind": "range", "low": 0.0, "high": 255.0},
            {"kind": "resize", "size": [16, 16]},
        ),
        network=NetworkChoice(name="tutorial", size=(16, 16), width=0.125),
        training=TrainingChoice(members=2),
        reasons={"network.name": "it is small"},
    )


def make_bundle() -> Bundle:
    """Return a bundle of untrained networks."""
    recipe = make_recipe()
    return Bundle(
        recipe=recipe,
        weights=tuple(assemble_network(recipe, seed).state_dict() for seed in (1, 2)),
        decision=Decision(temperature=1.5, thresholds=(0.6, 0.4), rule="youden"),
        limits=InputLimits(rank=2, channels=(1,), smallest=(16, 16), largest=(64, 64)),
        scores={"test": {"auc": {"value": 0.9, "low": 0.8, "high": 0.95}}},
        about={"scanwright": "0", "modality": "x-ray", "data": {"training cases": 5}},
    )


def make_finding_recipe(rank: int = 2) -> Recipe:
    """Return the recipe of two small networks that find."""
    size = (32,) * rank
    return Recipe(
        task=TaskChoice(kind="detection", labels=("nodule", "mass")),
        preprocessing=({"kind": "range", "low": 0.0, "high": 255.0},),
        network=NetworkChoice(name="detector", rank=rank, size=size, outputs=2, width=0.25),
        loss=LossChoice(name="task_aligned"),
        training=TrainingChoice(members=2),
    )


def make_finding_bundle(rank: int = 2) -> Bundle:
    """Return a bundle of untrained networks that find."""
    recipe = make_finding_recipe(rank)
    size = recipe.network.size
    largest = tuple(4 * edge for edge in size)
    return Bundle(
        recipe=recipe,
        weights=tuple(assemble_network(recipe, seed).state_dict() for seed in (1, 2)),
        decision=Decision(thresholds=(0.01, 0.5)),
        limits=InputLimits(rank=rank, channels=(1,), smallest=size, largest=largest),
    )


def write_one(folder: Path) -> Path:
    """Write a bundle and return its folder."""
    write_bundle(make_bundle(), folder, CPU)
    return folder


def reseal(folder: Path) -> None:
    """Make the manifest fit whatever the folder holds, as a forger would."""
    files = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    (folder / "manifest.json").write_text(json.dumps({"sha256": files}))


def zip_of(members: dict[str, bytes], path: Path) -> Path:
    """Write a zip of named members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return path


def members_of(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder by name."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
