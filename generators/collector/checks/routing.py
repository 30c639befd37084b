"""Routing: what no condition matches has somewhere to go, and every route leads to a pipeline."""

from __future__ import annotations

from collections.abc import Iterator

from generators.collector.view import View, items, mapping, texts
from generators.diagnostics import Code, Finding

ROUTE_TO_NOWHERE = Code(
    "C925",
    "Route to nowhere",
    "What no condition matches needs a default, and each route leads to a pipeline that receives from it.",
    "routing: {table: […]}",
    "routing: {default_pipelines: [logs/default], table: […]}",
)


def routing(view: View) -> Iterator[Finding]:
    """Yield routes that lose data."""
    behind = {name: {each.name for each in view.pipelines if name in each.receivers} for name in _names(view)}
    for component in view.of("connectors", "routing"):
        default = texts(component.settings.get("default_pipelines"))
        if not default:
            message = "what matches no route is dropped in silence"
            yield Finding(ROUTE_TO_NOWHERE, message, component.path, "write `default_pipelines: […]`")
        reached = set(default)
        for index, each in enumerate(items(component.settings.get("table"))):
            targets = texts(mapping(each).get("pipelines"))
            reached |= set(targets)
            for name in targets:
                if name not in behind[component.name]:
                    message = f"pipeline `{name}` does not receive from `{component.name}`"
                    path = (*component.path, "table", index, "pipelines")
                    yield Finding(ROUTE_TO_NOWHERE, message, path, "name the connector among its `receivers`")
        for name in sorted(behind[component.name] - reached):
            message = f"no route of `{component.name}` leads here"
            yield Finding(
                ROUTE_TO_NOWHERE, message, ("service", "pipelines", name), "add a route, or remove the pipeline"
            )


def _names(view: View) -> list[str]:
    return [each.name for each in view.of("connectors", "routing")]
