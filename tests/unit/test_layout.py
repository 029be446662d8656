"""The layout holds: top folders are `trunkline.<folder>`, the standard library stays visible, imports go one way."""

import ast
import queue
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NOT_OURS = {"tests", "benchmarks", "typings", "docs", "build", "dist", "data"}
SETTINGS: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES: list[str] = SETTINGS["tool"]["setuptools"]["packages"]

# config <- { queue, web } <- normalizer <- router <- { adapters, desk, downstream } <- { gateway, what_if } <- demo <-
# gateway/command; and adapters need only queue, web and normalizer.
BELOW = {
    "config": set[str](),
    "queue": {"config"},
    "web": {"config"},
    "normalizer": {"config", "queue", "web"},
    "router": {"config", "queue", "web", "normalizer"},
    "adapters": {"config", "queue", "web", "normalizer"},
    "desk": {"config", "queue", "web", "normalizer", "router"},
    "what_if": {"config", "queue", "web", "normalizer", "router", "desk"},
    "downstream": {"config", "queue", "web", "normalizer", "router"},
    "gateway": {"config", "queue", "web", "normalizer", "router", "adapters", "desk", "downstream"},
}
BELOW["demo"] = {"gateway", *BELOW["gateway"]}
BELOW["gateway.command"] = {"demo", "what_if", *BELOW["demo"]}


def top_folders() -> list[Path]:
    """The folders of the product."""
    folders = (path for path in ROOT.iterdir() if path.is_dir() and path.name not in NOT_OURS)
    return [path for path in folders if not path.name.startswith(".") and not path.name.endswith(".egg-info")]


def files_below(folder: Path, pattern: str) -> list[Path]:
    return [path for path in folder.rglob(pattern) if "__pycache__" not in path.parts]


def modules() -> list[Path]:
    return [path for folder in top_folders() for path in files_below(folder, "*.py")]


def test_the_standard_librarys_queue_wins() -> None:
    assert hasattr(queue, "SimpleQueue")
    elsewhere = subprocess.run(
        [sys.executable, "-c", "import queue; print(queue.SimpleQueue.__name__, queue.__file__)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    name, file = elsewhere.stdout.split()
    assert name == "SimpleQueue"
    assert not Path(file).is_relative_to(ROOT / "queue")


def test_no_folder_has_an_init_file() -> None:
    assert [path for folder in (*top_folders(), ROOT / "tests") for path in files_below(folder, "__init__.py")] == []


def test_no_module_has_a_name_of_the_standard_library() -> None:
    named = [
        path for path in (*modules(), *files_below(ROOT / "tests", "*.py")) if path.stem in sys.stdlib_module_names
    ]
    nested = {path.parent for path in modules() if len(path.relative_to(ROOT).parts) > 2}
    named += [folder for folder in nested if folder.name in sys.stdlib_module_names]

    assert named == []


def installed_files() -> list[Path]:
    return [path for folder in top_folders() for path in files_below(folder, "[!.]*") if path.is_file()]


def test_the_declared_packages_are_the_folders_that_hold_files() -> None:
    folders = {path.parent.relative_to(ROOT) for path in installed_files()}

    assert sorted(PACKAGES) == sorted(".".join(("trunkline", *folder.parts)) for folder in folders)


def test_every_file_of_a_package_is_installed_with_it() -> None:
    patterns = ["*.py", *SETTINGS["tool"]["setuptools"]["package-data"]["*"]]
    files = installed_files()
    assert len(files) > len(modules())

    assert [path for path in files if not any(fnmatch(path.name, pattern) for pattern in patterns)] == []


@pytest.mark.parametrize("folder", sorted({name.split(".")[1] for name in PACKAGES}))
def test_type_checkers_find_every_folder_through_a_link(folder: str) -> None:
    link = ROOT / "typings" / "trunkline" / folder

    assert link.is_symlink()
    assert not link.readlink().is_absolute()
    assert link.resolve() == ROOT / folder


def imports(package: tuple[str, ...], source: str) -> Iterator[tuple[int, str]]:
    """Line and full name of all that a module of this package imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            parts = (*base, *(node.module or "").split("."))
            for alias in node.names:
                yield node.lineno, ".".join(part for part in (*parts, alias.name) if part)


def room(name: str) -> str:
    """The place in the order that a module or folder belongs to."""
    inner = name.removeprefix("trunkline.")
    return next(
        (nested for nested in BELOW if "." in nested and f"{inner}.".startswith(f"{nested}.")), inner.split(".")[0]
    )


def wrong_imports(package: tuple[str, ...], source: str) -> list[str]:
    """The imports that go the wrong way."""
    here = room(".".join(package))
    named = ((line, name) for line, name in imports(package, source) if name.startswith("trunkline."))
    return [f"{line}: {name}" for line, name in named if room(name) not in {here, *BELOW[here]}]


def test_imports_go_one_way() -> None:
    found = {}
    for module in modules():
        package = ("trunkline", *module.relative_to(ROOT).parts[:-1])
        found[str(module)] = wrong_imports(package, module.read_text(encoding="utf-8"))

    assert {module: wrong for module, wrong in found.items() if wrong} == {}


def test_an_import_the_wrong_way_is_seen_wherever_it_stands() -> None:
    source = "def late():\n from ...router import actions\n from . import reading\n import trunkline.desk.api\n"

    assert wrong_imports(("trunkline", "adapters", "mail"), source) == [
        "2: trunkline.router.actions",
        "4: trunkline.desk.api",
    ]
    assert wrong_imports(("trunkline", "queue"), "from ..web import problem") == ["1: trunkline.web.problem"]
    assert wrong_imports(("trunkline", "gateway"), "from ..adapters.mail import reading") == []
    assert wrong_imports(("trunkline", "gateway"), "from .command import roles") == [
        "1: trunkline.gateway.command.roles"
    ]
    assert wrong_imports(("trunkline", "gateway", "command"), "from ...demo import production") == []


def test_every_top_folder_has_its_place_in_the_order() -> None:
    assert {folder.name for folder in top_folders() if files_below(folder, "*.py")} <= set(BELOW)


def module_imports() -> dict[str, set[str]]:
    """What each module imports of ours, as full names of modules."""
    named = {".".join(("trunkline", *path.relative_to(ROOT).with_suffix("").parts)): path for path in modules()}
    found = {}
    for name, path in named.items():
        every = imports(tuple(name.split(".")[:-1]), path.read_text(encoding="utf-8"))
        found[name] = {each for _, whole in every for each in (whole, whole.rpartition(".")[0]) if each in named}
    return found


def folder_imports() -> dict[str, set[str]]:
    """What each folder imports of the others; a folder and one within it are two."""
    found: dict[str, set[str]] = {}
    for name, imported in module_imports().items():
        folder = name.rpartition(".")[0]
        found.setdefault(folder, set()).update(each.rpartition(".")[0] for each in imported)
    return {folder: others - {folder} for folder, others in found.items()}


def circle(imported: Mapping[str, set[str]]) -> list[str]:
    """Names that import each other, by whatever way round; empty when there are none."""
    try:
        TopologicalSorter(imported).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert circle(module_imports()) == []


def test_no_folder_imports_itself_by_way_of_others() -> None:
    assert len(folder_imports()) > 15
    assert circle(folder_imports()) == []


def test_a_circle_of_imports_is_seen() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert set(circle({"a": {"b"}, "b": {"c"}, "c": {"a"}})) == {"a", "b", "c"}


def loaded_by(module: str) -> set[str]:
    """Our modules that are there when this one is imported."""
    words = f"import sys, {module}; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True).stdout.split()
    return {name.removeprefix("trunkline.") for name in found if name.startswith("trunkline.")}


def test_a_role_loads_no_demo_and_the_command_line_nothing_that_its_command_does_not_ask_for() -> None:
    assert [name for name in loaded_by("trunkline.gateway.process") if room(name) in {"demo", "gateway.command"}] == []
    commands = loaded_by("trunkline.gateway.command.main")
    assert "gateway.command.roles" in commands
    assert {name for name in commands if room(name) != "gateway.command"} == {"gateway", "config", "config.errors"}


def test_views_read_and_tell_and_leave_pages_and_answers_to_others() -> None:
    told = {"aiohttp", "jinja2", "markupsafe"}
    views = {path: path.read_text(encoding="utf-8") for path in files_below(ROOT / "desk" / "views", "*.py")}
    package = ("trunkline", "desk", "views")
    wrong = [
        f"{path.name}:{line}: {name}"
        for path, source in views.items()
        for line, name in imports(package, source)
        if name.split(".")[0] in told or name.split(".")[:3] == ["trunkline", "desk", "pages"]
    ]

    assert len(views) > 15
    assert wrong == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_lock_files_name_hashes_and_no_hosts(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()

    assert any("--hash=sha256:" in line for line in lines)
    assert [line for line in lines if "://" in line or "index-url" in line or "find-links" in line] == []
