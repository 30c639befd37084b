"""A dashboard as the rules look at it: panels without their rows, queries as trees, variables by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from generators import promql
from generators.grafana.lint.finding import Finding
from generators.promql.ast import Expr, VectorSelector

_FORMATTED = re.compile(r"\$\{([A-Za-z_]\w*)(?::\w+)?\}|\[\[([A-Za-z_]\w*)(?::\w+)?\]\]")
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)[^}]*\})")


@dataclass(frozen=True)
class Query:
    """One query of a panel; ``expr`` is None where it cannot be read, and ``problem`` says why."""

    panel: Mapping[str, Any]
    target: Mapping[str, Any]
    text: str
    expr: Expr | None
    problem: str

    @property
    def place(self) -> str:
        """Where it is: panel and letter."""
        return f"{self.panel.get('title', '')} {self.target.get('refId', '')}".strip()


@dataclass(frozen=True)
class View:
    """A dashboard, as far as rules have to know it."""

    data: Mapping[str, Any]

    @property
    def title(self) -> str:
        """Its title."""
        return str(self.data.get("title", ""))

    @cached_property
    def panels(self) -> tuple[Mapping[str, Any], ...]:
        """Its panels, those in rows included, rows excluded."""
        return tuple(_flat(self.data.get("panels") or ()))

    @cached_property
    def variables(self) -> Mapping[str, Mapping[str, Any]]:
        """Its variables by name."""
        found = (self.data.get("templating") or {}).get("list") or ()
        return {str(each.get("name")): each for each in found}

    @cached_property
    def is_prometheus(self) -> bool:
        """Whether its first data source is a Prometheus."""
        first = next((each for each in self.variables.values() if each.get("type") == "datasource"), None)
        return first is not None and first.get("query") == "prometheus"

    @cached_property
    def queries(self) -> tuple[Query, ...]:
        """Its queries of Prometheus, read."""
        return tuple(
            _query(panel, target)
            for panel in self.panels
            for target in panel.get("targets") or ()
            if self.is_prometheus and target.get("expr")
        )

    def finding(self, code: str, place: str, message: str, help_: str = "") -> Finding:
        """Return a finding about this dashboard."""
        return Finding(code, self.title, place, message, help_)


def _flat(panels: Any) -> Iterator[Mapping[str, Any]]:
    for panel in panels:
        if panel.get("type") == "row":
            yield from _flat(panel.get("panels") or ())
        else:
            yield panel


def _query(panel: Mapping[str, Any], target: Mapping[str, Any]) -> Query:
    text = str(target["expr"])
    expr, problem = read(text)
    return Query(panel, target, text, expr, problem)


def read(text: str) -> tuple[Expr | None, str]:
    """Read PromQL with variables in it; a variable stands for a duration or a series, inside strings for itself."""
    expr, problems = promql.parse(_FORMATTED.sub(lambda found: f"${found[1] or found[2]}", text), template=True)
    errors = [each for each in problems if each.severity == "error"]
    return (None, errors[0].message) if errors else (expr, "")


def variables_read(text: str) -> set[str]:
    """Return the names of variables in a text, without those that Grafana has built in."""
    names = {found[1] or found[2] for found in _VARIABLE.finditer(text)}
    return {name for name in names if not name.startswith("__") and not name.isdigit()}


def carries_scrape_labels(selector: VectorSelector) -> bool:
    """Whether a series can carry ``job`` and ``instance``: it was neither recorded nor made by Prometheus itself."""
    name = selector.name or ""
    return not selector.hole and ":" not in name and name not in ("ALERTS", "ALERTS_FOR_STATE")
