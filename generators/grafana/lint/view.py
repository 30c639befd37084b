"""A dashboard as the rules look at it: panels without their rows, queries as trees, variables by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from generators.diagnostics import Code, Path
from generators.grafana.lint.finding import DashboardFinding
from generators.grafana.lint.queries import Read, read
from generators.promql.syntax.ast import Expr, VectorSelector

PROMQL: Final = "promql"
LOGQL: Final = "logql"
_LANGUAGES: Final = {
    "prometheus": PROMQL,
    "grafana-amazonprometheus-datasource": PROMQL,
    "grafana-azureprometheus-datasource": PROMQL,
    "loki": LOGQL,
}
"""What each type of data source reads under ``expr``; others have a language that is not judged."""

_NO_NAME: Final = ("", "-- Mixed --", "default")


@dataclass(frozen=True)
class Query:
    """One query of a panel."""

    panel: Mapping[str, Any]
    target: Mapping[str, Any]
    text: str
    read: Read

    @property
    def expr(self) -> Expr | None:
        """Its tree, if it could be read."""
        return self.read.expr

    @property
    def place(self) -> str:
        """Where it is: panel and letter."""
        return f"{self.panel.get('title', '')} {self.target.get('refId', '')}".strip()


@dataclass(frozen=True)
class View:
    """A dashboard, as far as rules have to know it; ``paths`` has the path of each object by its identity."""

    data: Mapping[str, Any]
    paths: Mapping[int, Path] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Its title."""
        return str(self.data.get("title") or "")

    @cached_property
    def top(self) -> tuple[Mapping[str, Any], ...]:
        """What lies on it: panels and rows; those of the rows that dashboards had before Grafana 5, too."""
        old = (panel for row in self.data.get("rows") or () for panel in row.get("panels") or ())
        return (*(self.data.get("panels") or ()), *old)

    @cached_property
    def panels(self) -> tuple[Mapping[str, Any], ...]:
        """Its panels, those in rows included, rows excluded."""
        return tuple(_flat(self.top))

    @cached_property
    def variables(self) -> Mapping[str, Mapping[str, Any]]:
        """Its variables by name."""
        found = (self.data.get("templating") or {}).get("list") or ()
        return {str(each.get("name")): each for each in found}

    @cached_property
    def queries(self) -> tuple[Query, ...]:
        """Its queries of Prometheus, read."""
        return tuple(
            _query(panel, target)
            for panel in self.panels
            for target in panel.get("targets") or ()
            if target.get("expr") and self.language(panel, target) == PROMQL
        )

    def language(self, panel: Mapping[str, Any], target: Mapping[str, Any]) -> str:
        """Return the language of a query: by the type of its data source or of the variable that chooses it.

        A data source that is known by its name alone is taken for what the dashboard's first one is.
        """
        for source in (target.get("datasource"), panel.get("datasource")):
            type_ = str(source.get("type") or "") if isinstance(source, dict) else ""
            name = source_name(source)
            if type_ and type_ != "datasource":
                return _LANGUAGES.get(type_, "")
            variable = self.variables.get(name.strip("${}"))
            if name.startswith("$") and variable is not None:
                return _LANGUAGES.get(str(variable.get("query")), "")
            if name not in _NO_NAME:
                break
        chosen = [each for each in self.variables.values() if each.get("type") == "datasource"]
        return _LANGUAGES.get(str(chosen[0].get("query")), "") if chosen else PROMQL

    def chooses(self, source: Any) -> bool:
        """Whether a data source is one that a variable chooses."""
        variable = self.variables.get(source_name(source).strip("${}"))
        return variable is not None and variable.get("type") == "datasource"

    def finding(
        self,
        kind: Code,
        place: str,
        message: str,
        help_: str = "",
        *,
        at: tuple[Mapping[str, Any], *tuple[str, ...]] | None = None,
        offset: int | None = None,
    ) -> DashboardFinding:
        """Return a finding about this dashboard: ``at`` an object of it, and a key there."""
        path = (*self.paths.get(id(at[0]), ()), *at[1:]) if at else ()
        return DashboardFinding(kind, message, path, help_, self.title, place, offset)


def source_name(source: Any) -> str:
    """Return the uid or name by which a data source is referred to."""
    return str((source.get("uid") if isinstance(source, dict) else source) or "")


def _flat(panels: Any) -> Iterator[Mapping[str, Any]]:
    for panel in panels:
        if panel.get("type") == "row":
            yield from _flat(panel.get("panels") or ())
        else:
            yield panel


def _query(panel: Mapping[str, Any], target: Mapping[str, Any]) -> Query:
    text = str(target["expr"])
    return Query(panel, target, text, read(text))


def carries_scrape_labels(selector: VectorSelector) -> bool:
    """Whether a series can carry ``job`` and ``instance``: it was neither recorded nor made by Prometheus itself."""
    name = selector.name or ""
    return not selector.hole and ":" not in name and name not in ("ALERTS", "ALERTS_FOR_STATE")
