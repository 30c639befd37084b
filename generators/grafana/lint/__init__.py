"""What is wrong with dashboards in classic JSON, anybody's: the rules of Grafana's dashboard linter, and more.

Rules of that linter keep its names. Where they have holes, ours are stricter: all panel types are judged, ``_total``
needs a rate even with labels, and empty lists count as empty. Where they are wrong for recorded series, ours are not:
``job`` and ``instance`` are asked for where a series can carry them (``recorded:names`` and ``ALERTS`` cannot).

``lint(dashboard)``, ``lint_all(dashboards)``   plain values → findings with the path of keys
``lint_files({name: text})``                    files that are deployed together → problems with line and column
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from generators.diagnostics import Problem, sort_problems
from generators.grafana.lint import layout_rules, page_rules, panel_rules, query_rules, variable_rules
from generators.grafana.lint.files import Dashboard, read
from generators.grafana.lint.finding import DashboardFinding
from generators.grafana.lint.shape import Shaped, shaped
from generators.grafana.lint.view import View

RULES = (variable_rules, panel_rules, query_rules, layout_rules, page_rules)


def lint(dashboard: Mapping[str, Any]) -> tuple[DashboardFinding, ...]:
    """Return what is wrong with one dashboard, in the order of the rules."""
    return _single(shaped(dashboard))


def lint_all(dashboards: Iterable[Mapping[str, Any]]) -> tuple[DashboardFinding, ...]:
    """Return what is wrong with dashboards that are deployed together, links between them included."""
    found = [shaped(each) for each in dashboards]
    together = page_rules.find_together([_view(each) for each in found])
    return (*(finding for each in found for finding in _single(each)), *(finding for _, finding in together))


def lint_files(texts: Mapping[str, str]) -> tuple[Problem, ...]:
    """Return what is wrong with files of dashboards that are deployed together, by file and place.

    Links between dashboards are judged where there are several: a single one is rarely the only one of its Grafana.
    """
    problems: list[Problem] = []
    dashboards: list[Dashboard] = []
    for file, text in texts.items():
        found, wrong = read(text, file)
        dashboards += found
        problems += wrong
    all_shaped = [shaped(each.data) for each in dashboards]
    for dashboard, each in zip(dashboards, all_shaped, strict=True):
        problems += [dashboard.problem(finding) for finding in _single(each)]
    if len(dashboards) > 1:
        together = page_rules.find_together([_view(each) for each in all_shaped])
        problems += [dashboards[index].problem(finding) for index, finding in together]
    return sort_problems(problems)


def _view(dashboard: Shaped) -> View:
    return View(dashboard.data, dashboard.paths)


def _single(dashboard: Shaped) -> tuple[DashboardFinding, ...]:
    view = _view(dashboard)
    return (*dashboard.findings, *(finding for module in RULES for finding in module.find(view)))


__all__ = ["DashboardFinding", "lint", "lint_all", "lint_files"]
