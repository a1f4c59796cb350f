import importlib.util
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer
from typer.exceptions import TyperException

from scanwright.base import RecipeError
from scanwright.cli.main import app
from scanwright.recipe import Recipe
from scanwright.transforms import TRANSFORMS, Pipeline

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(
    [*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
)
FENCE = re.compile(r"^```(\w+)?[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
IN_LINE = re.compile(r"`([^`\n]+)`")
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path, language: str) -> list[str]:
    return [body for word, body in FENCE.findall(text_of(page)) if word == language]


def commands_in(page: Path) -> Iterator[list[str]]:
    """Give the words of every scanwright command that a page shows, in blocks and in lines."""
    shown = [line[2:] for body in blocks(page, "console") for line in body.splitlines()
             if line.startswith("$ ")]  # fmt: skip
    outside = FENCE.sub("", text_of(page))
    shown += [words for words in IN_LINE.findall(outside) if words.startswith("scanwright ")]
    for command in shown:
        words = shlex.split(command.partition(" > ")[0], comments=True)
        if words and words[0] == "scanwright":
            yield words[1:]


def settings_in(page: Path) -> Iterator[tuple[str, str]]:
    """Give every setting named by --set, with its value."""
    yield from re.findall(r"--set \"?([\w.]+)=([^\"`\s]+(?:, [^\"`]+)?)", text_of(page))


def parse(words: list[str]) -> None:
    group: Any = typer.main.get_command(app)  # Any: typer's own kind of group
    if words[0].startswith("--"):
        group.make_context("scanwright", words, resilient_parsing=True)
        return
    name, rest = words[0], words[1:]
    assert name in group.commands, f"there is no command {name}"
    if rest and "--help" not in rest:  # a bare name is a command named in a sentence
        group.commands[name].make_context(name, rest)


@each_page
def test_commands_shown_are_understood(page: Path) -> None:
    for words in commands_in(page):
        if words[0] != "COMMAND":
            parse(words)


@each_page
def test_settings_shown_exist(page: Path) -> None:
    known = Recipe.model_fields
    for name, _ in settings_in(page):
        if name == "NAME":
            continue
        group, _, last = name.partition(".")
        if group in TRANSFORMS:  # a setting of a step, for `scanwright enhance`
            assert last in TRANSFORMS[group].model_fields, name
            continue
        assert group in known, name
        model: Any = known[group].annotation  # Any: each group has its own class
        assert not last or last in model.model_fields, name


def test_a_setting_that_does_not_exist_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("`--set training.bach=3`", encoding="utf-8")
    assert list(settings_in(page)) == [("training.bach", "3")]
    with pytest.raises(AssertionError):
        test_settings_shown_exist(page)


def test_a_command_that_does_not_exist_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ scanwright train a --bugdet 3m\n```\n", encoding="utf-8")
    with pytest.raises(TyperException, match="No such option"):
        test_commands_shown_are_understood(page)


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(FENCE.sub("", text_of(page))):
        if target.startswith(("http", "#", "mailto:")):
            continue
        place = (page.parent / target.partition("#")[0]).resolve()
        assert place.exists(), target


@each_page
def test_recipe_excerpts_are_legal(page: Path) -> None:
    for body in blocks(page, "toml"):
        plain = tomllib.loads(body)
        if "preprocessing" in plain:
            Pipeline.from_plain(plain["preprocessing"])
        for name in plain.get("reasons", {}):
            if not name.startswith("preprocessing."):
                group, _, last = name.partition(".")
                model: Any = Recipe.model_fields[group].annotation  # Any: as above
                assert last in model.model_fields, name


@each_page
def test_python_shown_compiles(page: Path) -> None:
    for body in blocks(page, "python"):
        if not body.lstrip().startswith(">>>"):
            compile(body, str(page), "exec")


@pytest.fixture(scope="module")
def hooks() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hooks", DOCS / "hooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_tables_name_every_command_and_setting(hooks: ModuleType) -> None:
    commands = hooks.commands()
    for info in app.registered_commands:
        assert f"## {info.callback.__name__}" in commands
    settings = hooks.settings()
    for group, field in Recipe.model_fields.items():
        model: Any = field.annotation  # Any: as above
        for name in getattr(model, "model_fields", {}):
            assert f"`{group}.{name}`" in settings


def test_every_mark_has_its_generator(hooks: ModuleType) -> None:
    marks = {name for page in PAGES for name in hooks.MARK.findall(text_of(page))}
    assert marks == set(hooks.GENERATED)


def test_readme_keeps_the_place_of_the_results() -> None:
    lines = text_of(ROOT / "README.md").splitlines()
    assert lines.index("<!-- results:start -->") < lines.index("<!-- results:end -->")


def test_unknown_settings_of_the_docs_would_be_refused() -> None:
    with pytest.raises(RecipeError):
        Pipeline.from_plain([{"kind": "resise", "size": [8, 8]}])
