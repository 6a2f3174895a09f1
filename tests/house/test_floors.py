"""The order of the floors: a file imports only from its own or a lower floor, and files of an app make no circle."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from django.conf import settings

FLOORS = ["aimprogress", "members", "suppliers", "humanitarian", "risks"]
ROOT = Path(settings.BASE_DIR)

pytestmark = pytest.mark.house


def modules() -> dict[str, Path]:
    found = {}
    for floor in FLOORS:
        for path in (ROOT / floor).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(name: str, path: Path) -> Iterator[tuple[str, bool]]:
    """(module, at import time?) of every import; one inside a function happens later and cannot make a circle."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    tree = ast.parse(path.read_text())
    late = {id(node) for f in ast.walk(tree) if isinstance(f, ast.FunctionDef | ast.AsyncFunctionDef) for node in ast.walk(f)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) not in late) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, *([node.module] if node.module else [])])
            yield base, id(node) not in late
            yield from ((f"{base}.{alias.name}", id(node) not in late) for alias in node.names)


def test_no_file_imports_from_a_higher_floor():
    upward = [
        f"{name} imports {target}"
        for name, path in modules().items()
        for target, _ in imported(name, path)
        if target.split(".")[0] in FLOORS and FLOORS.index(target.split(".")[0]) > FLOORS.index(name.split(".")[0])
    ]
    assert not upward, upward


def test_the_files_make_no_circle():
    known = modules()
    graph = {
        name: {
            target
            for target, now in imported(name, path)
            if now and target in known and target != name and not name.startswith(target + ".")
        }
        for name, path in known.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(" -> ".join(circle.args[1]))


def test_the_core_knows_nothing_of_the_servers_that_run_it():
    """It runs as well on a PostgreSQL of somebody else's; what both need stands beside `environment.py`."""
    wrong = [
        f"{name} imports {target}"
        for name, path in modules().items()
        for target, _ in imported(name, path)
        if name.startswith("aimprogress.core.") and target.startswith("aimprogress.embedded")
    ]
    assert not wrong, wrong
