"""What imports what, read from the sources with `ast`: for tests of the architecture."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
FLOORS = ("rnn_core", "figures", "ui", "lessons", "pages", "app")
"""An import points to the same floor or to one further left."""


@cache
def modules(root: Path = ROOT) -> dict[str, Path]:
    """Every module of the product by its dotted name; a package stands for its `__init__.py`."""
    found = {"app": root / "app.py"}
    for floor in FLOORS[:-1]:
        for path in sorted((root / floor).rglob("*.py")):
            name = ".".join(path.relative_to(root).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path
    return found


def imports(path: Path, top_level_only: bool = False) -> Iterator[str]:
    """The dotted names that a file imports; `from x import y` gives "x.y" where that is a module of ours, else "x"."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in tree.body if top_level_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full"
            assert node.module
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in modules() else node.module


@cache
def arrows() -> dict[str, frozenset[str]]:
    """For every module of ours the modules of ours that it imports, inside functions too."""
    ours = modules()
    return {name: frozenset(target for target in imports(path) if target in ours) for name, path in ours.items()}


def floor(module: str) -> str:
    return module.partition(".")[0]


def room(module: str) -> str:
    """The second word of a dotted name: the package or module directly on a floor ("" for the floor's own face)."""
    return module.partition(".")[2].partition(".")[0]


def rooms(of: str) -> dict[str, set[str]]:
    """The rooms of one floor, and to which others of it their arrows point."""
    found: dict[str, set[str]] = {}
    for name, targets in arrows().items():
        if floor(name) == of and room(name):
            to = {room(t) for t in targets if floor(t) == of} - {room(name), ""}
            found.setdefault(room(name), set()).update(to)
    return found


def code_lines(path: Path) -> list[str]:
    """The file without its docstrings and comments."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value = ast.Constant(None)
    return ast.unparse(tree).splitlines()
