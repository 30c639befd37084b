"""The catalogue of codes: collected from the modules that define them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType

from generators.diagnostics.code import Code


def codes(packages: Iterable[str]) -> dict[str, Code]:
    """Every code that is a constant of a module of these packages, by id, sorted.

    Raises ``ValueError`` where two constants have one id.
    """
    found: dict[str, Code] = {}
    for module in _modules(packages):
        for code in _constants(module):
            if found.setdefault(code.id, code) != code:
                raise ValueError(f"{module.__name__}: the code {code.id} is defined twice")
    return dict(sorted(found.items()))


def _modules(names: Iterable[str]) -> Iterator[ModuleType]:
    for name in names:
        module = import_module(name)
        yield module
        if hasattr(module, "__path__"):
            inner = (each.name for each in walk_packages(module.__path__, f"{name}."))
            yield from (import_module(each) for each in inner if not each.endswith("__main__"))


def _constants(module: ModuleType) -> Iterator[Code]:
    yield from (value for value in vars(module).values() if isinstance(value, Code))
