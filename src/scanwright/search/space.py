"""Which settings of a recipe a search varies, within which limits, and why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scanwright.base import Plain, RecipeError, unknown_name
from scanwright.recipe import TASKS, Recipe, assemble_loss, assemble_network
from scanwright.search.strength import at_strength

if TYPE_CHECKING:
    import optuna

Value = float | int | str
Values = dict[str, Value]
"""Name of a dimension → its value in one trial."""
Changes = dict[str, Any]  # Any: plain values by dotted name, as `Recipe.changed` takes them

MULTIPLE = 8
"""Input edges are multiples of this, so that pooling divides them."""
SMALLEST_EDGE = 16
EDGE_FACTORS = (0.5, 0.75, 1.0, 1.35)
UNEVEN = 1.2
"""Classes whose counts differ by less than this need no balance."""
STRENGTH = "augmentation.strength"
"""The one dimension that is no setting: a factor on all of the augmentation."""

RECONCILED: tuple[Changes, ...] = (
    {},
    {"loss.smoothing": 0.0},
    {"training.balance": 0.0},
    {"loss.smoothing": 0.0, "training.balance": 0.0},
)
"""What may have to yield to another loss, the least first."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the limits of some dimensions depend on.

    Parameters
    ----------
    cases
        Cases to learn from.
    imbalance
        Cases of the most frequent label over those of the least frequent.
    edge
        Longest edge of the median image, in elements.
    """

    cases: int
    imbalance: float
    edge: int


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: a setting that may be varied.

    Parameters
    ----------
    name
        Dotted name of the setting.
    reason
        Why it is worth varying.
    low, high
        Limits; factors of the default where `is_relative`.
    choices
        For a setting with a few values only: (recipe, facts) → them; no limits then.
    condition
        (recipe, facts) → whether it is varied at all.
    """

    name: str
    reason: str
    low: float = 0.0
    high: float = 0.0
    is_log: bool = False
    is_relative: bool = False
    choices: Callable[[Recipe, Facts], Sequence[Value]] | None = None
    condition: Callable[[Recipe, Facts], bool] = lambda recipe, facts: True


@dataclass(frozen=True, slots=True)
class Dimension:
    """A setting that is varied in one search: its limits or its choices, and its default."""

    name: str
    default: Value
    reason: str
    low: float = 0.0
    high: float = 0.0
    is_log: bool = False
    choices: tuple[Value, ...] = ()

    def suggest(self, trial: "optuna.Trial") -> Value:
        """Ask a trial for a value."""
        if self.choices:
            chosen = trial.suggest_categorical(self.name, list(self.choices))
            assert chosen is not None
            return chosen
        return trial.suggest_float(self.name, self.low, self.high, log=self.is_log)

    def to_plain(self) -> dict[str, Plain]:
        """Return it for JSON."""
        limits: dict[str, Plain] = (
            {"choices": list(self.choices)}
            if self.choices
            else {"low": self.low, "high": self.high, "log": self.is_log}
        )
        return {"name": self.name, "default": self.default, **limits}


@dataclass(frozen=True, slots=True)
class Space:
    """All dimensions of one search, around the recipe that it starts from."""

    recipe: Recipe
    dimensions: tuple[Dimension, ...]

    @property
    def default(self) -> Values:
        """The values of the recipe that the search starts from."""
        return {one.name: one.default for one in self.dimensions}

    def draw(self, trial: "optuna.Trial") -> Values:
        """Ask a trial for a value of every dimension."""
        return {one.name: one.suggest(trial) for one in self.dimensions}

    def recipe_of(self, values: Values, reason: str = "") -> Recipe:
        """Return the recipe with the values that differ from its own.

        Raises
        ------
        RecipeError
            The values do not go together.
        """
        known = self.default
        changes: Changes = {}
        for name, value in values.items():
            if value != known[name]:
                changes.update(_changes(self.recipe, name, value))
        if not changes:
            return self.recipe
        recipe = self.recipe.changed(changes, reason)
        if "loss.name" in changes:
            recipe = _reconciled(recipe, reason)
        recipe.check()
        return recipe

    def differences(self, values: Values) -> list[tuple[str, Value, Value]]:
        """Return (name, default, value) of each dimension that differs."""
        return [
            (one.name, one.default, values[one.name])
            for one in self.dimensions
            if values[one.name] != one.default
        ]


def _batches(recipe: Recipe, facts: Facts) -> Sequence[Value]:
    batch = recipe.training.batch
    most = max(facts.cases // 2, batch)
    return sorted({one for one in (max(batch // 2, 4), batch, batch * 2) if one <= most} | {batch})


def _edges(recipe: Recipe, facts: Facts) -> Sequence[Value]:
    """Return longest edges of the input around its own, none finer than the images are."""
    own = max(recipe.network.size)
    edges = {own}
    for factor in EDGE_FACTORS:
        edge = round(own * factor / MULTIPLE) * MULTIPLE
        if SMALLEST_EDGE <= edge <= max(own, 1.1 * facts.edge):
            edges.add(edge)
    return sorted(edges)


def _losses(recipe: Recipe, facts: Facts) -> Sequence[Value]:
    return TASKS[recipe.task.kind].losses


def _is_uneven(recipe: Recipe, facts: Facts) -> bool:
    return TASKS[recipe.task.kind].is_scored_by_class and facts.imbalance >= UNEVEN


SPACE: tuple[Row, ...] = (
    Row(
        "optimiser.rate",
        "the setting that matters most almost everywhere, and differs by orders of magnitude",
        low=0.1, high=5.0, is_log=True, is_relative=True,
    ),
    Row(
        "optimiser.weight_decay",
        "holds weights back; small sets may want more",
        low=0.05, high=6.0, is_log=True, is_relative=True,
        condition=lambda recipe, facts: recipe.optimiser.weight_decay > 0,
    ),
    Row(
        STRENGTH,
        "a factor on all chances and strengths: how much change leaves the label true differs "
        "from set to set",
        low=0.0, high=2.0,
        condition=lambda recipe, facts: recipe.augmentation.is_active,
    ),
    Row(
        "network.width",
        "capacity against overfitting and time",
        low=0.5, high=2.0, is_log=True, is_relative=True,
    ),
    Row("network.dropout", "guards small sets against memorising", low=0.0, high=0.5),
    Row(
        "loss.name",
        "which mistakes count most",
        choices=_losses,
    ),
    Row("loss.smoothing", "readers disagree more in some sets than in others", low=0.0, high=0.25),
    Row(
        "network.size",
        "fine detail against the number of steps that the time allows (longest edge)",
        choices=_edges,
        condition=lambda recipe, facts: recipe.preprocessing[-1].get("kind") == "resize",
    ),
    Row(
        "training.balance",
        "how much rare classes count",
        low=0.0, high=1.0,
        condition=_is_uneven,
    ),
    Row(
        "schedule.length",
        "a shorter schedule memorises less, and costs less",
        low=0.3, high=1.0,
        condition=lambda recipe, facts: not recipe.schedule.steps,
    ),
    Row(
        "training.batch",
        "noise of the steps against their number",
        choices=_batches,
        condition=lambda recipe, facts: recipe.optimiser.name != "gradient_descent",
    ),
)  # fmt: skip
"""What may be varied."""


def space_for(
    recipe: Recipe, facts: Facts, *, held: Sequence[str] = (), vary: Sequence[str] = ()
) -> Space:
    """Return the space around a recipe.

    Parameters
    ----------
    held
        Settings asked for by the user: never varied.
    vary
        Names of the dimensions wanted; all that make sense when empty.

    Raises
    ------
    RecipeError
        A dimension asked for does not exist, or cannot be varied here.
    """
    check_vary(vary)
    rows = [row for row in SPACE if (not vary or row.name in vary) and not _is_held(row, held)]
    dimensions = [one for row in rows if (one := _dimension(row, recipe, facts)) is not None]
    missing = set(vary) - {one.name for one in dimensions}
    if missing or not dimensions:
        raise RecipeError(
            "Nothing can be varied." if not missing else "A setting cannot be varied here.",
            got=", ".join(sorted(missing)) or None,
            legal=", ".join(one.name for one in dimensions) or None,
            next="a setting given by --set is held, and a network or loss may lack one",
            where="--vary" if missing else None,
        )
    return Space(recipe, tuple(dimensions))


def check_vary(names: Sequence[str]) -> None:
    """Check that names are of dimensions, before anything is done for them.

    Raises
    ------
    RecipeError
        One is not; the nearest right one is named.
    """
    known = [row.name for row in SPACE]
    for name in names:
        if name not in known:
            raise unknown_name("setting to vary", name, known, where="--vary")


def _is_held(row: Row, held: Sequence[str]) -> bool:
    if row.name == STRENGTH:
        return any(name.partition(".")[0] == "augmentation" for name in held)
    if row.name == "network.size" and "preprocessing" in held:
        return True
    return row.name in held


def _dimension(row: Row, recipe: Recipe, facts: Facts) -> Dimension | None:
    if not row.condition(recipe, facts):
        return None
    default = _default(recipe, row.name)
    if row.choices is not None:
        choices = tuple(one for one in row.choices(recipe, facts) if _fits(recipe, row.name, one))
        return Dimension(row.name, default, row.reason, choices=choices) if choices[1:] else None
    assert isinstance(default, float)
    low, high = row.low, row.high
    if row.is_relative:
        low, high = low * default, high * default
    # The default is always inside, so that the first trial can be the default.
    low, high = min(low, default), max(high, default)
    low = low if _fits(recipe, row.name, low) else default
    high = high if _fits(recipe, row.name, high) else default
    return Dimension(row.name, default, row.reason, low, high, row.is_log) if low < high else None


def _default(recipe: Recipe, name: str) -> Value:
    if name == STRENGTH:
        return 1.0
    if name == "network.size":
        return max(recipe.network.size)
    group, _, last = name.partition(".")
    value: Value = getattr(getattr(recipe, group), last)
    return value


def _fits(recipe: Recipe, name: str, value: Value) -> bool:
    """Whether a value goes with the rest of the recipe: a network or loss may lack a knob."""
    try:
        return _is_legal(recipe.changed(_changes(recipe, name, value)))
    except RecipeError:
        return False


def _is_legal(recipe: Recipe) -> bool:
    try:
        recipe.check()
        assemble_network(recipe)
        assemble_loss(recipe, None)
    except RecipeError:
        return False
    return True


def _reconciled(recipe: Recipe, reason: str) -> Recipe:
    """Set to nothing what a newly chosen loss has no knob for, or does itself."""
    for changes in RECONCILED:
        tried = recipe.changed(changes, reason) if changes else recipe
        if _is_legal(tried):
            return tried
    return recipe


def _changes(recipe: Recipe, name: str, value: Value) -> Changes:
    if name == STRENGTH:
        changed = at_strength(recipe.augmentation, float(value)).model_dump()
        own = recipe.augmentation.model_dump()
        return {f"augmentation.{key}": one for key, one in changed.items() if one != own[key]}
    if name == "network.size":
        return _resized(recipe, int(value))
    return {name: value}


def _resized(recipe: Recipe, edge: int) -> Changes:
    """Change the size of the network's input and of the images, their shape kept."""
    own = max(recipe.network.size)
    size = tuple(
        edge if one == own else max(SMALLEST_EDGE, round(one * edge / own / MULTIPLE) * MULTIPLE)
        for one in recipe.network.size
    )
    steps = [dict(step) for step in recipe.preprocessing]
    steps[-1]["size"] = list(size)
    return {"network.size": size, "preprocessing": tuple(steps)}
