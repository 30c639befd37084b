"""The import graph of the whole has no cycles, imports for type checkers and inside functions included."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import generators

ROOT = Path(generators.__file__).parents[1]


def modules() -> dict[str, ast.Module]:
    """Every module of ours by its name."""
    files = sorted(path for folder in ("otel", "generators") for path in (ROOT / folder).rglob("*.py"))
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in files}
    return {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in names.items()}


def graph(trees: Mapping[str, ast.Module]) -> dict[str, set[str]]:
    """Each module with those that it imports; what is imported from a package counts as the module that holds it."""

    def imported(tree: ast.Module) -> Iterable[str]:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)

    def owner(name: str) -> str:
        while name and name not in trees:
            name = name.rpartition(".")[0]
        return name

    return {name: {owner(each) for each in imported(tree)} - {"", name} for name, tree in trees.items()}


def circle(edges: Mapping[str, set[str]]) -> list[str]:
    """Return modules of which each imports the next and the last is the first; none if there is no such circle."""
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return list(error.args[1])[::-1]
    return []


def test_no_module_imports_itself_by_a_detour() -> None:
    assert circle(graph(modules())) == []


def test_a_circle_would_be_found() -> None:
    trees = {
        "a": ast.parse("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from b import B"),
        "b": ast.parse("def f():\n    from c import x"),
        "c": ast.parse("import a"),
        "d": ast.parse("import a"),
    }
    assert set(circle(graph(trees))) == set("abc")
