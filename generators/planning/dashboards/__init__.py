"""Dashboards of a plan: one module a dashboard, found by discovery.

A module of this package with a function ``dashboard(subject: Subject) -> Dashboard | None`` makes a page of each model
that has something to show on it. What none of them shows is gathered on one more.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TypeAlias

from generators.language.catalog import Environment, Platform
from generators.planning.dashboards.fleet import overview
from generators.planning.dashboards.fleet_panels import Fleet
from generators.planning.dashboards.more import remainder
from generators.planning.dashboards.subject import Subject
from generators.planning.panels import Dashboard

Page: TypeAlias = Callable[[Subject], Dashboard | None]


def model_dashboards(subject: Subject) -> tuple[Dashboard, ...]:
    """Return the dashboards of a model, the one that alerts lead to first."""
    made = [page for make in pages().values() if (page := make(subject)) is not None]
    rest = remainder(subject, made)
    return tuple(sorted((*made, *([rest] if rest else [])), key=lambda each: (each.topic != "health", each.uid)))


def fleet_dashboards(
    environment: Environment, subjects: Iterable[Subject], platform: Platform
) -> tuple[Dashboard, ...]:
    """Return the dashboards about all models of an environment."""
    made = overview(Fleet(environment, tuple(subjects), platform))
    return (made,) if made is not None else ()


@lru_cache(maxsize=1)
def pages() -> dict[str, Page]:
    """Return what makes the dashboards of a model, by module name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = {name: importlib.import_module(f"{__name__}.{name}") for name in names}
    return {name: module.dashboard for name, module in modules.items() if hasattr(module, "dashboard")}
