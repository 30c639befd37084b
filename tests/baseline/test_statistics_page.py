"""The page about statistics names every function that there is, and none that is not."""

import inspect
import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from generators.baseline import statistics

PAGE = (Path(__file__).parents[2] / "docs" / "statistics.md").read_text("utf-8")
PRIVATE = {"quantiles"}
"""Distributions that the page does not list one by one."""


def functions() -> dict[str, str]:
    """Public functions with their modules."""
    modules = [import_module(f"{statistics.__name__}.{each.name}") for each in iter_modules(statistics.__path__)]
    return {
        name: module.__name__.rpartition(".")[2]
        for module in modules
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
    }


def test_the_page_names_every_statistic() -> None:
    named = set(re.findall(r"`([a-z_]+)`", PAGE))
    known = functions()
    assert {name for name, module in known.items() if module not in PRIVATE and name not in named} <= {"spread"}
    assert {name for name in named if "_" in name and name not in known} == set()


def test_every_statistic_says_what_it_is() -> None:
    modules = [import_module(f"{statistics.__name__}.{each.name}") for each in iter_modules(statistics.__path__)]
    for module in modules:
        for name in functions():
            if (value := vars(module).get(name)) is not None:
                assert (value.__doc__ or "").strip(), name
