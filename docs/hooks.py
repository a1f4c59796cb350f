"""Fill the reference pages from the program itself, so that they cannot go stale.

A line `<!-- generated: NAME -->` in a page is replaced by what the function of that name returns.
"""

import inspect
import re
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

MARK = re.compile(r"^<!-- generated: ([a-z-]+) -->$", re.MULTILINE)


def on_page_markdown(markdown: str, **_: object) -> str:
    """Replace the marks of a page (called by mkdocs)."""
    return MARK.sub(lambda found: GENERATED[found[1]](), markdown)


def commands() -> str:
    """Return a section for each command, from the application itself."""
    from scanwright.cli.main import app

    parts = []
    for info in app.registered_commands:
        callback = info.callback
        assert callback is not None
        name = info.name or callback.__name__
        example = (info.epilog or "").removeprefix("Example: ")
        rows = list(_parameters(callback))
        arguments = " ".join(row[0] for row in rows if not row[0].startswith("`-"))
        parts.append(f"## {name}\n\n{inspect.getdoc(callback)}\n\n```console\n$ {example}\n```\n")
        parts.append(f"Takes: {arguments}\n" if arguments else "")
        parts.append(_table(("option", "default", "what it does"), rows))
    return "\n".join(parts)


def settings() -> str:
    """Return a table for each group of the recipe."""
    from scanwright.recipe import Recipe

    parts = []
    for group, field in Recipe.model_fields.items():
        model = field.annotation
        if inspect.isclass(model) and issubclass(model, BaseModel):
            rows = [_setting(f"{group}.{name}", one) for name, one in model.model_fields.items()]
            parts.append(f"## {group}\n\n{field.description}\n\n{_settings_table(rows)}")
    loose = [
        _setting(name, field)
        for name, field in Recipe.model_fields.items()
        if not (inspect.isclass(field.annotation) and issubclass(field.annotation, BaseModel))
    ]
    parts.append(f"## Outside the groups\n\n{_settings_table(loose)}")
    return "\n".join(parts)


def transforms() -> str:
    """Return a table for each kind of preprocessing step."""
    from scanwright.transforms import TRANSFORMS

    parts = []
    for kind, step in TRANSFORMS.items():
        rows = [_setting(name, field) for name, field in step.model_fields.items()]
        first = (inspect.getdoc(step) or "").splitlines()[0]
        parts.append(f"### {kind}\n\n{first}\n")
        if rows:
            parts.append(_settings_table(rows))
    return "\n".join(parts)


def catalogs() -> str:
    """Return the names that settings may take, by catalog."""
    from scanwright.losses import LOSSES
    from scanwright.nets import NETWORKS
    from scanwright.recipe import TASKS
    from scanwright.training.optimise import OPTIMISERS
    from scanwright.training.schedule import SCHEDULES

    named: Mapping[str, Any] = {
        "network.name": NETWORKS,
        "loss.name": LOSSES,
        "optimiser.name": OPTIMISERS,
        "schedule.name": SCHEDULES,
        "task.kind": TASKS,
    }
    return _table(
        ("setting", "names"),
        [(f"`{name}`", ", ".join(f"`{one}`" for one in names)) for name, names in named.items()],
    )


def losses_by_task() -> str:
    """Return which losses fit which kind of task, the default first."""
    from scanwright.recipe import TASKS

    rows = [
        (f"`{kind}`", ", ".join(f"`{name}`" for name in task.losses), f"`{task.merit}`")
        for kind, task in TASKS.items()
    ]
    return _table(("task", "losses, the default first", "judged in validation by"), rows)


def exit_codes() -> str:
    """Return the table of exit codes."""
    from scanwright.base import EXIT_CODES

    return _table(("code", "meaning"), [(str(code), words) for code, words in EXIT_CODES.items()])


def formats() -> str:
    """Return the table of file formats."""
    from scanwright.io import FORMATS

    rows = [
        (name, ", ".join(f"`{end}`" for end in one.suffixes), inspect.getdoc(type(one)) or "")
        for name, one in FORMATS.items()
    ]
    return _table(
        ("format", "endings", "what it is"),
        [(name, ends, words.splitlines()[0]) for name, ends, words in rows],
    )


def metrics() -> str:
    """Return the metrics of each kind of task with their definitions."""
    from scanwright.report.metric import METRIC_SETS

    titles = {"binary": "Two classes", "classes": "More than two classes"}
    parts = []
    for kind, rows in METRIC_SETS.items():
        table = [(f"`{row.name}`", row.title, row.definition, f"{row.best:g}") for row in rows]
        parts.append(f"## {titles.get(kind, kind.capitalize())}\n")
        parts.append(_table(("name", "title", "definition", "best"), table))
    return "\n".join(parts)


def columns() -> str:
    """Return the usual names of a table's columns, by role."""
    from scanwright.data import columns as names

    rows = (
        ("path", names.PATH_NAMES),
        ("label", (*names.FIRST_LABEL_NAMES, *names.OTHER_LABEL_NAMES)),
        ("patient", names.PATIENT_NAMES),
        ("site", names.SITE_NAMES),
        ("split", names.SPLIT_NAMES),
        ("fold", names.FOLD_NAMES),
        ("modality", names.MODALITY_NAMES),
    )
    return _table(("role", "names"), [(role, ", ".join(known)) for role, known in rows])


def public_names() -> str:
    """Return the names of the package with the room that each comes from."""
    import scanwright

    rows = [
        (f"`{name}`", f"`{getattr(scanwright, name).__module__}`", _first_line(name))
        for name in scanwright.__all__
    ]
    return _table(("name", "defined in", "what it is"), rows)


def augmentation_sets() -> str:
    """Return what the ready sets of augmentation options say, beside the default."""
    from scanwright.augmentation import AugmentationOptions, light, medium, nnunet, strong

    sets = (AugmentationOptions(), light(), medium(), strong(), nnunet((96, 96, 96)))
    rows = []
    for name in AugmentationOptions.model_fields:
        values = [getattr(one, name) for one in sets]
        if any(value != values[0] for value in values):
            shown = [_short(values[0])]
            shown += ["" if value == values[0] else _short(value) for value in values[1:]]
            rows.append((f"`{name}`", *shown))
    heads = ("setting", "default", "`light`", "`medium`", "`strong`", "`nnunet`, 3-D")
    return _table(heads, rows)


def _short(value: object) -> str:
    """Return a setting as TOML, its numbers to three digits."""
    if isinstance(value, tuple):
        value = tuple(round(one, 3) if isinstance(one, float) else one for one in value)
    return _toml(value)


GENERATED: Mapping[str, Callable[[], str]] = types.MappingProxyType(
    {
        "augmentation-sets": augmentation_sets,
        "catalogs": catalogs,
        "columns": columns,
        "commands": commands,
        "exit-codes": exit_codes,
        "formats": formats,
        "losses-by-task": losses_by_task,
        "metrics": metrics,
        "public-names": public_names,
        "settings": settings,
        "transforms": transforms,
    }
)


def _first_line(name: str) -> str:
    import scanwright

    words = inspect.getdoc(getattr(scanwright, name)) or ""
    return words.splitlines()[0] if words else ""


def _parameters(callback: Callable[..., Any]) -> typing.Iterator[tuple[str, str, str]]:
    hints = typing.get_type_hints(callback, include_extras=True)
    for name, parameter in inspect.signature(callback).parameters.items():
        said = hints[name].__metadata__[0]
        flags = [word for word in said.param_decls or () if word.startswith("-")]
        is_argument = type(said).__name__ == "ArgumentInfo"
        shown = name.upper() if is_argument else " ".join(flags) or f"--{name.replace('_', '-')}"
        yield f"`{shown}`", _default(parameter.default), said.help or ""


def _default(value: object) -> str:
    if value is inspect.Parameter.empty:
        return "required"
    if value is False or value is None or value == "":
        return ""
    return f"`{value}`"


def _setting(name: str, field: Any) -> tuple[str, str, str, str, str]:
    extra = field.json_schema_extra or {}
    return (
        f"`{name}`",
        _toml(field.get_default(call_default_factory=True)),
        _limits(field),
        str(extra.get("unit", "")),
        field.description or "",
    )


def _toml(value: object) -> str:
    if value is PydanticUndefined:
        return "required"
    if value is None:
        return "left out"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, list | tuple):
        return f"`[{', '.join(str(item) for item in value)}]`"
    if isinstance(value, dict | BaseModel):
        return ""
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


def _limits(field: Any) -> str:
    choices = [arg for arg in typing.get_args(field.annotation) if isinstance(arg, str)]
    if choices:
        return ", ".join(f"`{choice}`" for choice in choices)
    low = next((one.ge for one in field.metadata if hasattr(one, "ge")), None)
    high = next((one.le for one in field.metadata if hasattr(one, "le")), None)
    if low is None and high is None:
        return ""
    if high is None:
        return f"{low:g} or more"
    return f"up to {high:g}" if low is None else f"{low:g} to {high:g}"


def _settings_table(rows: list[tuple[str, str, str, str, str]]) -> str:
    return _table(("setting", "default", "limits", "unit", "what it does"), rows)


def _table(head: tuple[str, ...], rows: typing.Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    cells = (" | ".join(cell.replace("|", "\\|") for cell in line) for line in lines)
    return "".join(f"| {line} |\n" for line in cells)
