"""What is wrong with dashboards in classic JSON, anybody's: the rules of Grafana's dashboard linter, and more.

Rules of that linter keep its names. Where they have holes, ours are stricter: all panel types are judged, ``_total``
needs a rate even with labels, and empty lists count as empty. Where they are wrong for recorded series, ours are not:
``job`` and ``instance`` are asked for where a series can carry them (``recorded:names`` and ``ALERTS`` cannot).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from generators.grafana.lint import layout_rules, page_rules, panel_rules, query_rules, variable_rules
from generators.grafana.lint.codes import CODES, Code
from generators.grafana.lint.finding import Finding
from generators.grafana.lint.view import View

RULES = (variable_rules, panel_rules, query_rules, layout_rules, page_rules)


def lint(dashboard: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Return what is wrong with one dashboard, in the order of the rules."""
    view = View(dashboard)
    return tuple(finding for module in RULES for finding in module.find(view))


def lint_all(dashboards: Iterable[Mapping[str, Any]]) -> tuple[Finding, ...]:
    """Return what is wrong with dashboards that are deployed together, links between them included."""
    views = [View(each) for each in dashboards]
    single = [finding for view in views for module in RULES for finding in module.find(view)]
    return (*single, *page_rules.find_together(views))


__all__ = ["CODES", "Code", "Finding", "lint", "lint_all"]
