"""``problems.md``: every code with what it means and an example before and after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from generators.cli.commands.explain.codes import all_codes
from generators.diagnostics import Code
from generators.formats.markdown import bullets, document, escape, fence, heading

FAMILIES: Final = (
    ("Y", "YAML", "The text of a file."),
    ("S", "Shapes", "Which keys there are, and what kind of value each takes."),
    ("R", "References", "Names that point to something else, and what does not apply to a model."),
    ("V", "Values and units", "Durations, quantities, shares, prices, and units that must fit."),
    ("C", "Collectors", "Where telemetry goes, and what of it is kept; C9.. is what lint finds in configurations."),
    ("D", "Dashboards", "What lint finds in dashboards of Grafana."),
    ("P", "Planning", "Metrics, series and windows that cannot be had."),
    ("A", "Alerts and routes", "Alerts that cannot fire, explain themselves, or reach their owner."),
    ("B", "Budgets", "What monitoring costs, and what is allowed."),
    ("T", "Output", "Files that cannot be written."),
    ("N", "Data", "Reference data and new ones: what a profile or a comparison cannot be made of."),
    ("Q", "PromQL", "Expressions in specs and in rule files; from Q700 on, what lint finds in rules."),
    ("M", "Alertmanager", "Configurations of Alertmanager, and settings of receivers."),
)
"""First letter of a code, title, what the family is about."""


def page() -> str:
    """Return the page."""
    codes = _codes()
    families = [(letter, title, about) for letter, title, about in FAMILIES if _of(letter, codes)]
    unknown = {entry.id[0] for entry in codes} - {letter for letter, _, _ in families}
    if unknown:
        raise ValueError(f"families without a title: {sorted(unknown)}")
    intro = "Every problem has a code. The same text is printed by `watchspec explain code CODE`."
    contents = bullets(f"[{title}](#{_anchor(title)}): {about}" for _, title, about in families)
    sections = (block for letter, title, about in families for block in _family(title, about, _of(letter, codes)))
    return document((heading(1, "Problems"), intro, contents, *sections))


def _codes() -> list[Code]:
    return list(all_codes().values())


def _of(letter: str, codes: Iterable[Code]) -> list[Code]:
    return [entry for entry in codes if entry.id.startswith(letter)]


def _family(title: str, about: str, codes: Iterable[Code]) -> Iterator[str]:
    yield heading(2, title)
    yield about
    for entry in codes:
        yield heading(3, entry.id)
        yield f"**{escape(_sentence(entry.title))}** {escape(entry.explanation)}"
        yield "Wrong:"
        yield fence(entry.wrong, "text")
        yield "Right:"
        yield fence(entry.right, "text")


def _sentence(title: str) -> str:
    return f"{title[:1].upper()}{title[1:].rstrip('.')}."


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")
