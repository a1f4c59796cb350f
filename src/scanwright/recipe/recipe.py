"""The whole run as one validated, printable value; the only door for settings."""

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any, Literal, cast

import tomli_w

from scanwright.augmentation import AugmentationOptions
from scanwright.base import FileError, LabelError, Options, Plain, RecipeError, option, unknown_name
from scanwright.data import SplitOptions, values_of_codes
from scanwright.image import LabelScheme
from scanwright.inference import REFINEMENTS, FusionOptions, Refinement, Views
from scanwright.losses import LOSSES, LossOptions
from scanwright.nets import NETWORKS, NetworkOptions, answer_of
from scanwright.recipe.decide import DecisionChoice
from scanwright.recipe.finder import FinderChoice
from scanwright.recipe.task import TASKS, Task
from scanwright.transforms import Pipeline

FORMAT = 1
"""Version of the recipe's layout."""


class TaskChoice(Options):
    """What is to be learnt."""

    kind: str = option(
        "classes",
        help="Kind of task: classes, findings, grade, number, segmentation or detection.",
    )
    labels: tuple[str, ...] = option(..., help="Labels in the order of the network's outputs.")
    values: tuple[tuple[int, ...], ...] = option(
        (), help="Values of a label map that belong to each label; 1, 2, 3 ... when left out."
    )
    ignore: int | None = option(None, help="Value of a label map where nothing is known.")

    @property
    def scheme(self) -> LabelScheme:
        """What the values of label maps mean.

        Raises
        ------
        LabelError
            Values and labels do not fit each other.
        """
        values = self.values or LabelScheme.of_classes(self.labels).values
        return LabelScheme(self.labels, values, self.ignore)

    @property
    def outputs(self) -> int:
        """Numbers that the network gives for a case, or for each element of one."""
        return TASKS[self.kind].outputs(len(self.labels), self._is_exclusive)

    @property
    def losses(self) -> tuple[str, ...]:
        """Losses that fit, the default first."""
        task = TASKS[self.kind]
        return task.losses if self._is_exclusive else task.overlapping_losses or task.losses

    @property
    def _is_exclusive(self) -> bool:
        return not self.values or self.scheme.is_exclusive


class NetworkChoice(NetworkOptions):
    """The network: its name, and its options."""

    name: str = option("compact", help="Name in the catalog of networks, or monai:NAME.")


class LossChoice(LossOptions):
    """The loss: its name, and its options."""

    name: str = option("cross_entropy", help="Name in the catalog of losses.")


class OptimiserChoice(Options):
    """How weights are moved."""

    name: str = option("adamw", help="Name in the catalog of optimisers.")
    rate: float = option(1e-3, low=1e-8, high=100.0, help="Highest learning rate.")
    weight_decay: float = option(0.0, low=0.0, high=10.0, help="Decay of weights.")
    momentum: float = option(0.9, low=0.0, high=0.9999, help="Momentum, where there is one.")
    second_momentum: float = option(
        0.999, low=0.0, high=0.99999, help="Memory of squared gradients, for Adam and AdamW."
    )
    clip: float = option(0.0, low=0.0, help="Largest gradient norm; 0 leaves it free.")


class ScheduleChoice(Options):
    """How long, and at which rate."""

    name: str = option("cosine", help="Name in the catalog of schedules.")
    steps: tuple[int, ...] = option((), help="Steps of each member; set by the budget when empty.")
    length: float = option(
        1.0, low=0.05, high=1.0, help="Share taken of the steps that budget and rules allow."
    )
    warmup: float = option(0.05, low=0.0, high=0.9, help="Share of the steps for warming up.")
    milestones: tuple[float, ...] = option(
        (0.5, 0.75), help="Where the step schedule cuts the rate, as shares of all steps."
    )
    factor: float = option(0.1, low=0.0, high=1.0, help="What a cut multiplies the rate by.")
    power: float = option(0.9, low=0.1, high=10.0, help="Exponent of the poly schedule.")


class TrainingChoice(Options):
    """Batches, members, averaging and stopping."""

    batch: int = option(32, low=1, help="Cases per step, at most as many as there are.")
    members: int = option(1, low=1, high=50, help="Networks in the ensemble.")
    seed: int = option(0, low=0, help="Seed of weights, order and augmentation.")
    balance: float = option(
        0.0, low=0.0, high=1.0, help="Class weights ~ frequency^-balance; 1 makes classes equal."
    )
    resample: float = option(
        0.0, low=0.0, high=1.0, help="Cases drawn ~ class frequency^-resample; 0 draws all alike."
    )
    effective: float = option(
        0.0,
        low=0.0,
        high=0.99999,
        help="Class weights by effective number of cases with this β, in place of balance.",
    )
    undersample: float = option(
        0.0, low=0.0, help="Cases of a class for each of the rarest, at most; 0 keeps all."
    )
    draw: Literal["shuffled", "stratified"] = option(
        "shuffled", help="Stratified: every batch holds each class in its share."
    )
    foreground: float = option(
        0.33, low=0.0, high=1.0, help="Share of windows drawn around a labelled element."
    )
    unlabelled: Literal["auto", "guessed", "none"] = option(
        "auto",
        help="Images without a label: guessed by first networks and learnt by second ones; auto "
        "tries it where a gain is expected, and keeps it if validation gains.",
    )
    deferred: float = option(
        0.0, low=0.0, high=0.95, help="Share of training before class weights and resample begin."
    )
    average: float = option(
        0.0, low=0.0, high=0.99999, help="Decay of the running average of weights; 0 for none."
    )
    validations: int = option(20, low=1, help="How often each member is validated.")
    patience: int = option(
        0, low=0, help="Validations without improvement after which a member stops; 0 never."
    )
    keep: Literal["last", "best"] = option(
        "last", help="Weights kept: those at the end of the schedule or the best on validation."
    )
    workers: int = option(
        1, low=1, high=64, help="Networks trained side by side, each in a process of its own."
    )
    threads: int = option(0, low=0, help="Processor threads of each process; 0 takes all.")
    precision: Literal["auto", "float32", "bfloat16"] = option(
        "auto", help="Number format of the network's arithmetic; auto asks the machine."
    )


class InferenceChoice(Views):
    """How a prediction is made."""

    tried: Literal["none", "mirrored", "moved"] = option(
        "moved", help="Further views to try on validation, kept where they lower its loss."
    )
    batch: int = option(128, low=1, help="Cases, or windows of one, predicted at once.")
    overlap: float = option(
        0.5, low=0.0, high=0.9, help="Share of a window that its neighbour covers too."
    )

    @property
    def views(self) -> Views:
        """What is shown of each image."""
        return Views(flips=self.flips, shift=self.shift, scales=self.scales)


class ComparisonChoice(Options):
    """What the network is held against in the report."""

    classical: float = option(
        0.05,
        low=0.0,
        high=0.5,
        help="Part of the budget for a classical model on the same folds; 0 leaves it out.",
    )


class Recipe(Options):
    """Everything that decides what a run does."""

    format: int = option(FORMAT, low=1, high=FORMAT, help="Version of this layout.")
    task: TaskChoice = option(..., help="What is to be learnt.")
    split: SplitOptions = option(SplitOptions(), help="How cases are divided.")
    preprocessing: tuple[dict[str, Any], ...] = option(  # Any: each step checks its own options
        ..., help="Steps applied to each case, in order."
    )
    augmentation: AugmentationOptions = option(
        AugmentationOptions(), help="Random changes of training batches."
    )
    network: NetworkChoice = option(..., help="The network.")
    loss: LossChoice = option(LossChoice(), help="What training makes small.")
    optimiser: OptimiserChoice = option(OptimiserChoice(), help="How weights are moved.")
    schedule: ScheduleChoice = option(ScheduleChoice(), help="How long, at which rate.")
    training: TrainingChoice = option(TrainingChoice(), help="Batches, members, averaging.")
    inference: InferenceChoice = option(InferenceChoice(), help="How a prediction is made.")
    decision: DecisionChoice = option(DecisionChoice(), help="How scores become a decision.")
    postprocessing: tuple[dict[str, Any], ...] = option(  # Any: each step checks its own options
        (), help="Steps applied to each predicted map, in order."
    )
    comparison: ComparisonChoice = option(
        ComparisonChoice(), help="What the network is held against."
    )
    finder: FinderChoice = option(FinderChoice(), help="What looks first, at low resolution.")
    fusion: FusionOptions = option(FusionOptions(), help="How boxes that mean the same become one.")
    reasons: dict[str, str] = option({}, help="Why scanwright chose what it chose, by setting.")

    def pipeline(self) -> Pipeline:
        """Return the preprocessing as a pipeline."""
        return Pipeline.from_plain(list(self.preprocessing))

    def refinements(self) -> tuple[Refinement, ...]:
        """Return what is done to predicted maps afterwards.

        Raises
        ------
        RecipeError
            A kind or an option is unknown or illegal.
        """
        made = []
        for place, step in enumerate(self.postprocessing):
            options = dict(step)
            kind = str(options.pop("kind", ""))
            made.append(REFINEMENTS[kind].parse(options, f"postprocessing[{place}]"))
        return tuple(cast("Refinement", refinement) for refinement in made)

    def to_toml(self) -> str:
        """Return the recipe as TOML, reasons last."""
        plain = _without_none(self.model_dump(mode="json"))
        assert isinstance(plain, dict)
        reasons = plain.pop("reasons", {})
        return tomli_w.dumps({**plain, "reasons": reasons}, multiline_strings=False)

    def digest(self) -> str:
        """Return a hash of all settings but the reasons."""
        plain = self.model_dump(mode="json", exclude={"reasons"})
        return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()

    def changed(self, changes: dict[str, Any], reason: str = "") -> "Recipe":  # Any: plain values
        """Return the recipe with dotted settings changed and checked.

        Raises
        ------
        RecipeError
            A setting is unknown or its value illegal.
        """
        plain = self.model_dump()
        for path, value in changes.items():
            *groups, last = path.split(".")
            place = plain
            for group in groups:
                if group not in place or not isinstance(place[group], dict):
                    raise unknown_name("setting", path, _dotted(self))
                place = place[group]
            if last not in place:
                raise unknown_name("setting", path, _dotted(self))
            place[last] = value
            if reason:
                plain["reasons"][path] = reason
        changed = Recipe.parse(plain, "")
        assert isinstance(changed, Recipe)
        return changed

    def check(self) -> None:
        """Check what single settings cannot: that the names exist and fit each other.

        Raises
        ------
        RecipeError
            They do not.
        """
        task = TASKS[self.task.kind]
        self._check_answer(task)
        LOSSES[self.loss.name]
        if self.loss.name not in self.task.losses:
            raise RecipeError(
                f'The loss does not fit a task of kind "{task.kind}".',
                got=self.loss.name,
                legal=", ".join(self.task.losses),
                where="loss.name",
            )
        outputs = self.task.outputs
        if self.network.outputs != outputs:
            raise RecipeError(
                "The network's outputs do not fit the labels.",
                got=self.network.outputs,
                legal=f"{outputs} for {len(self.task.labels)} labels",
                where="network.outputs",
            )
        if self.schedule.steps and len(self.schedule.steps) != self.training.members:
            raise RecipeError(
                "Each member needs a number of steps.",
                got=f"{len(self.schedule.steps)} numbers",
                legal=f"{self.training.members}, or none to let the budget decide",
                where="schedule.steps",
            )
        self._check_balance()
        if not all(0 <= axis < self.network.rank for axis in self.inference.flips):
            raise RecipeError(
                "There is no such axis to average predictions along.",
                got=list(self.inference.flips),
                legal=f"0 to {self.network.rank - 1}",
                where="inference.flips",
            )
        self.pipeline()
        self.refinements()
        self.finder.check(self.network.rank, self.training.members, self.preprocessing)

    def _check_answer(self, task: Task) -> None:
        """Check that the network answers for what the task asks about."""
        answers = answer_of(self.network.name)
        if answers != task.answer:
            fitting = (name for name in NETWORKS if answer_of(name) == task.answer)
            raise RecipeError(
                f'The network does not fit a task of kind "{self.task.kind}".',
                got=f"{self.network.name}, which answers for each {answers}",
                legal=f"{', '.join(fitting)}, which answer for each {task.answer}",
                where="network.name",
            )
        if task.answer == "element":
            try:
                values_of_codes(self.task.scheme)
            except LabelError as error:
                raise RecipeError(error.what, got=error.got, where="task.values") from error
        elif self.task.values or self.postprocessing or self.finder.is_used:
            where = "postprocessing" if self.postprocessing else "finder.share"
            raise RecipeError(
                f'A task of kind "{self.task.kind}" has no label maps.',
                legal="task.values, postprocessing and finder left out",
                where="task.values" if self.task.values else where,
            )

    def _check_balance(self) -> None:
        """Check that rarity is made up for once, not twice."""
        training = self.training
        if training.balance and training.effective:
            raise RecipeError(
                "Class weights can follow one rule only.",
                got=f"balance {training.balance:g} and effective {training.effective:g}",
                next="set one of them to 0",
                where="training.effective",
            )
        is_balanced = training.balance or training.effective or training.resample
        if self.loss.name == "logit_adjusted" and is_balanced:
            raise RecipeError(
                "The logit-adjusted loss makes up for rarity itself; it would be done twice.",
                legal="training.balance, training.effective and training.resample = 0",
                next="set them to 0, or loss.name to cross_entropy",
                where="loss.name",
            )


def read_recipe(path: Path) -> Recipe:
    """Read and check a recipe.

    Raises
    ------
    FileError
        It cannot be read or is not TOML.
    RecipeError
        A setting is unknown or illegal.
    """
    try:
        plain = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise FileError("The recipe cannot be read.", got=error, where=path) from error
    except tomllib.TOMLDecodeError as error:
        raise FileError("The recipe is not valid TOML.", got=error, where=path) from error
    recipe = Recipe.parse(plain, path.name)
    assert isinstance(recipe, Recipe)
    recipe.check()
    return recipe


def check_setting_name(path: str) -> None:
    """Check that a dotted name is a setting of recipes, before anything is done for it.

    Raises
    ------
    RecipeError
        It is not; the nearest right one is named.
    """
    group, _, name = path.partition(".")
    field = Recipe.model_fields.get(group)
    if field is None:
        groups = sorted(set(Recipe.model_fields) - {"format", "reasons"})
        raise unknown_name("setting", path, groups)
    inner = field.annotation
    if not (isinstance(inner, type) and issubclass(inner, Options)):
        known = [] if name else [path]
    else:
        known = [f"{group}.{one}" for one in inner.model_fields]
    if path not in known:
        raise unknown_name("setting", path, known)


def _dotted(recipe: Recipe) -> list[str]:
    names = []
    for group, value in recipe.model_dump().items():
        if isinstance(value, dict) and group != "reasons":
            names += [f"{group}.{name}" for name in value]
        else:
            names.append(group)
    return names


def _without_none(value: Plain) -> Plain:
    """Leave out what is None: TOML has no word for it, and all such settings default to it."""
    if isinstance(value, dict):
        return {name: _without_none(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_none(item) for item in value]
    return value
