"""The house: imports run down, no circles, public faces, and a start without torch."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "scanwright"
FLOORS = {
    "base": 1,
    "boxes": 2,
    "image": 2,
    "nets": 2,
    "losses": 2,
    "io": 3,
    "transforms": 3,
    "augmentation": 3,
    "metrics": 3,
    "phantom": 3,
    "data": 4,
    "inference": 4,
    "report": 4,
    "classical": 4,
    "selection": 4,
    "auditing": 5,  # not "audit": that is a function on the package's face
    "recipe": 5,
    "bundle": 6,
    "training": 7,
    "search": 8,
    "workflows": 9,
    "cli": 10,
}
TORCH_ROOMS = {
    "nets",
    "losses",
    "augmentation",
    "inference",
    "recipe",
    "bundle",
    "training",
    "search",
    "workflows",
}
TORCH_FILES: set[str] = set()
FILES = sorted(SOURCE.rglob("*.py"))


def room_of(path: Path) -> str:
    relative = path.relative_to(SOURCE)
    return relative.parts[0] if len(relative.parts) > 1 else ""


def imported_modules(path: Path) -> set[str]:
    """Every module that a file names in an import, lazy and type-only ones included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module or "")
    return found


def own_imports(path: Path) -> set[str]:
    return {name for name in imported_modules(path) if name.split(".")[0] == "scanwright"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_run_down(path: Path) -> None:
    room = room_of(path)
    if not room:
        return
    for name in own_imports(path):
        parts = name.split(".")
        other = parts[1] if len(parts) > 1 else ""
        if other in ("", room):
            continue
        assert FLOORS[other] < FLOORS[room], f"{room} imports {name}"
        assert len(parts) == 2 or other in ("workflows", "cli"), (
            f"{room} reaches past the face of {other}: {name}"
        )


def test_every_room_has_a_floor() -> None:
    rooms = {path.name for path in SOURCE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert rooms == set(FLOORS)


def test_no_circles_between_files() -> None:
    modules = {module_name(path): path for path in FILES}
    arrows = {
        name: {other for other in own_imports(path) if other in modules and other != name}
        for name, path in modules.items()
    }
    done: set[str] = set()
    while ready := {name for name in arrows if name not in done and arrows[name] <= done}:
        done |= ready
    assert done == set(arrows), f"circle among {sorted(set(arrows) - done)}"


def module_name(path: Path) -> str:
    parts = ["scanwright", *path.relative_to(SOURCE).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_torch_stays_in_its_rooms(path: Path) -> None:
    relative = path.relative_to(SOURCE).as_posix()
    if room_of(path) in TORCH_ROOMS or relative in TORCH_FILES:
        return
    assert not {name for name in imported_modules(path) if name.split(".")[0] == "torch"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_files_open_with_a_sentence_and_hold_no_stars_or_prints(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "no module docstring"
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert all(alias.name != "*" for alias in node.names)


@pytest.mark.parametrize("room", [room for room in FLOORS if room not in ("workflows", "cli")])
def test_each_room_shows_one_face(room: str) -> None:
    tree = ast.parse((SOURCE / room / "__init__.py").read_text(encoding="utf-8"))
    assigned = [
        node
        for node in tree.body
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets)
    ]
    assert len(assigned) == 1, f"{room} lists no public names"


@pytest.mark.parametrize(
    "statement",
    [
        "import scanwright",
        "import scanwright.cli.main",
        "import scanwright.io",
        "import scanwright.data",
        "import scanwright.workflows.index",
    ],
)
def test_starts_without_torch(statement: str) -> None:
    code = f"import sys; {statement}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_source_file_has_a_test_twin() -> None:
    tests = {path.name for path in Path(__file__).parent.rglob("test_*.py")}
    missing = []
    for path in FILES:
        if path.name == "__init__.py" or not room_of(path):
            continue
        if f"test_{path.name}" not in tests:
            missing.append(str(path.relative_to(SOURCE)))
    assert not missing, f"no test file for {missing}"
