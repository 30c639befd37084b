"""The layers of the code: what each package reads and gives, and what it may import.

The table in ARCHITECTURE.md is written from this, and ``tests/test_architecture.py`` holds the imports to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Layer:
    """A package and what it may import: packages of ours besides itself, of others besides the standard library."""

    name: str
    reads: str
    gives: str
    ours: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


_TEXT: Final = ("diagnostics", "formats")

LAYERS: Final = (
    Layer(
        "otel",
        "manifests",
        "names, units, conventions; telemetry of a service",
        others=("opentelemetry",),
    ),
    Layer("diagnostics", "–", "positions, problems, codes, suggestions, reports"),
    Layer("formats", "text", "YAML with positions, JSON, Markdown, durations, RE2", ("diagnostics",), ("yaml",)),
    Layer("promql", "text", "trees, problems, values", _TEXT, ("numpy", "yaml")),
    Layer("alertmanager", "text", "configurations, findings, deliveries", _TEXT, ("yaml",)),
    Layer("collector", "Collector YAML", "findings", _TEXT, ("yaml",)),
    Layer("semconv", "a registry as plain values", "findings", (*_TEXT, "otel")),
    Layer(
        "grafana",
        "grafanalib objects, dashboards",
        "dashboards as plain values, findings",
        (*_TEXT, "otel", "promql"),
        ("attr", "grafanalib", "yaml"),
    ),
    Layer("language", "YAML", "`Catalog`", (*_TEXT, "otel", "promql"), ("pydantic", "pydantic_core", "yaml")),
    Layer(
        "planning",
        "`Catalog`",
        "`Plan`",
        (*_TEXT, "otel", "promql", "alertmanager", "collector", "semconv", "language"),
        ("yaml",),
    ),
    Layer(
        "targets",
        "`Plan`",
        "`Artifact`s",
        (*_TEXT, "artifact", "otel", "promql", "alertmanager", "grafana", "language", "planning"),
        ("grafanalib",),
    ),
    Layer("output", "`Artifact`s", "files, all or none", (*_TEXT, "artifact")),
    Layer(
        "comparison",
        "two sets of artefacts",
        "what changed, in meaning",
        (*_TEXT, "otel", "promql", "alertmanager", "language", "planning", "output"),
        ("yaml",),
    ),
    Layer(
        "baseline",
        "rows of data, `Baseline` documents",
        "`Baseline` documents; drift, statistics",
        (*_TEXT, "language"),
        ("duckdb", "numpy"),
    ),
    Layer("cli", "everything", "text on a terminal; the only place that prints", ("*",), ("numpy",)),
)
"""From the bottom up."""

BEGIN: Final = "<!-- Written by tools/reference_pages.py from tools/reference/layers.py. -->\n"
END: Final = "<!-- End of the table. -->\n"


def table() -> str:
    """Return the layers as a table of Markdown."""
    rows = [_row("Package", "Reads", "Gives", "May import, besides itself"), "|---|---|---|---|\n"]
    for layer in LAYERS:
        imports = ", ".join(f"`{name}`" for name in (*layer.ours, *layer.others) if name != "*")
        named = "all of ours" if layer.ours == ("*",) else imports or "nothing but the standard library"
        rows.append(_row(f"`{layer.name}`", layer.reads, layer.gives, named))
    return "".join(rows)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


def within(text: str) -> str:
    """Return a document with the table between its marks; raises ValueError where it has none."""
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError("ARCHITECTURE.md has lost the marks of its table")
    return f"{head}{BEGIN}{table()}{END}{tail}"
