"""What training leaves and everything else takes: one folder or zip, hashed, self-testing."""

import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import nn

from scanwright.base import (
    BundleError,
    ScanwrightError,
    heal_folder,
    replacing,
    replacing_folder,
    write_atomic,
    write_json,
)
from scanwright.bundle.card import model_card
from scanwright.bundle.golden import GOLDEN_NAMES, golden_test
from scanwright.bundle.predictors import Ensemble
from scanwright.bundle.seal import Files, read_files, write_manifest
from scanwright.inference import Compute, Decision, InputLimits, to_device
from scanwright.recipe import Recipe, assemble_network, finder_recipe

FORMAT = 1
"""Version of the bundle's layout."""

Weights = dict[str, torch.Tensor]
Facts = dict[str, Any]  # Any: what JSON holds


@dataclass(frozen=True, slots=True)
class Bundle:
    """A trained ensemble with everything needed to use and to judge it.

    Parameters
    ----------
    recipe
        How it was made; also says how to preprocess and decode.
    weights
        One set per member.
    decision, limits
        Fitted on validation, and what inputs are accepted.
    scores
        {split: {metric: {value, low, high, ...}}}.
    about
        Version, counts, environment; nothing that names a patient.
    finders
        Weights of the networks that look first, where the recipe says so.
    """

    recipe: Recipe
    weights: tuple[Weights, ...]
    decision: Decision
    limits: InputLimits
    scores: Facts = field(default_factory=dict)
    about: Facts = field(default_factory=dict)
    finders: tuple[Weights, ...] = ()

    def ensemble(self, compute: Compute) -> Ensemble:
        """Build the networks and put the weights in.

        Raises
        ------
        BundleError
            The weights do not fit the network that the recipe describes.
        """
        networks = _networks(self.recipe, self.weights, compute)
        finders = (
            _networks(finder_recipe(self.recipe), self.finders, compute) if self.finders else ()
        )
        return Ensemble(self.recipe, networks, self.decision, self.limits, compute, finders)


def write_bundle(bundle: Bundle, folder: Path, compute: Compute) -> None:
    """Write a bundle so that `folder` always holds a whole one: the old or the new."""
    heal_folder(folder)
    with replacing_folder(folder) as place:
        for index, weights in enumerate(bundle.weights):
            write_atomic(place / "weights" / f"member-{index}.safetensors", save(weights))
        for index, weights in enumerate(bundle.finders):
            write_atomic(place / "finder" / f"member-{index}.safetensors", save(weights))
        write_atomic(place / "recipe.toml", bundle.recipe.to_toml())
        write_json(place / "decision.json", bundle.decision.model_dump(mode="json"))
        write_json(place / "limits.json", bundle.limits.model_dump(mode="json"))
        write_json(place / "scores.json", bundle.scores)
        write_json(place / "about.json", {**bundle.about, "format": FORMAT})
        write_atomic(place / "card.md", model_card(bundle.recipe, bundle.scores, bundle.about))
        write_atomic(place / "golden.safetensors", save(golden_test(bundle.ensemble(compute))))
        write_manifest(place)


def read_bundle(path: Path) -> Bundle:
    """Read a bundle from its folder or its zip, checking every hash.

    Raises
    ------
    BundleError
        It is missing, damaged, changed, or of a later format.
    """
    files = read_files(path)
    about = _json(files, "about.json")
    written = about.get("format")
    if not isinstance(written, int):
        raise BundleError("The bundle does not say its format.", where=path)
    if written > FORMAT:
        raise BundleError(
            "The bundle was written by a later version of scanwright.",
            got=f"format {written}",
            legal=f"up to {FORMAT}",
            next="update scanwright",
            where=path,
        )
    try:
        recipe = Recipe.parse(files.toml("recipe.toml"), "recipe.toml")
        assert isinstance(recipe, Recipe)
        recipe.check()
        decision = Decision.parse(_json(files, "decision.json"), "decision.json")
        limits = InputLimits.parse(_json(files, "limits.json"), "limits.json")
        weights = tuple(load(files.content(name)) for name in files.under("weights/"))
        finders = tuple(load(files.content(name)) for name in files.under("finder/"))
    except (ScanwrightError, SafetensorError) as error:
        raise BundleError("The bundle is damaged.", got=error, where=path) from error
    assert isinstance(decision, Decision)
    assert isinstance(limits, InputLimits)
    if not weights:
        raise BundleError("The bundle holds no weights.", where=path)
    if recipe.finder.is_used != bool(finders):
        raise BundleError(
            "The bundle's finder does not fit its recipe.",
            got=f"{len(finders)} networks that look first",
            legal="some" if recipe.finder.is_used else "none, as finder.share is 0",
            where=path,
        )
    scores = _json(files, "scores.json")
    return Bundle(recipe, weights, decision, limits, scores, about, finders)


def read_golden(path: Path) -> Weights:
    """Read the tensors of a bundle's self-test: "inputs" and the "scores" they must give.

    The same again with the prefix "finder." where networks look first.
    """
    try:
        tensors: Weights = load(read_files(path).content("golden.safetensors"))
    except SafetensorError as error:
        raise BundleError("The bundle's self-test is damaged.", got=error, where=path) from error
    if set(tensors) not in GOLDEN_NAMES:
        raise BundleError("The bundle's self-test is damaged.", got=sorted(tensors), where=path)
    return tensors


def seal_bundle(folder: Path, archive: Path) -> None:
    """Pack a bundle's folder into one zip, in a fixed order and with fixed times."""
    files = read_files(folder)
    with replacing(archive) as temporary, zipfile.ZipFile(temporary, "w") as packed:
        for name in sorted(files.names()):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, files.content(name), compress_type=zipfile.ZIP_DEFLATED)


def _networks(
    recipe: Recipe, members: Sequence[Weights], compute: Compute
) -> tuple[nn.Module, ...]:
    networks = []
    for weights in members:
        network = assemble_network(recipe)
        try:
            network.load_state_dict(weights)
        except RuntimeError as error:
            raise BundleError(
                "The weights do not fit the recipe's network.", got=recipe.network.name
            ) from error
        networks.append(to_device(network.eval(), compute.device))
    return tuple(networks)


def _json(files: Files, name: str) -> Facts:
    try:
        value = json.loads(files.content(name))
    except ValueError as error:
        raise BundleError("The bundle is damaged.", got=error, where=name) from error
    if not isinstance(value, dict):
        raise BundleError("The bundle is damaged.", got=f"{name} is no table", where=name)
    return value
