"""Runbooks: a page for every alert of every model, and indexes that lead there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from generators.artifact import Artifact
from generators.formats.markdown import bullets, escape, heading, link, relative
from generators.planning.plan import ModelEverywhere, Plan
from generators.targets import files
from generators.targets.docs.alert_pages import INDEX, AlertPage, alert_pages, fleet_pages, model_pages
from generators.targets.docs.runbook_page import page_text
from generators.targets.target import Target


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``docs/runbooks/fleet/<Alert>.md``, the index of that folder, and the one that leads to every model."""
    yield from _folder(fleet_pages(plan))
    subjects = [list(group) for _, group in groupby(alert_pages(plan), key=lambda page: page.index)]
    if subjects:
        yield Artifact(INDEX, _index(subjects), _sources([page for pages in subjects for page in pages]))


def emit_model(everywhere: ModelEverywhere) -> Iterator[Artifact]:
    """Render ``docs/runbooks/<tenant>/<model>/<Alert>.md``, and the index of the folder."""
    yield from _folder(model_pages(everywhere))


def _folder(pages: Sequence[AlertPage]) -> Iterator[Artifact]:
    """Yield the pages about one subject, with their index."""
    by_alert = {page.alert: page for page in pages}
    with_symptoms = [(page, page.symptoms) for page in pages]
    for page, symptoms in with_symptoms:
        related = [other for other, its in with_symptoms if other is not page and not symptoms.isdisjoint(its)]
        yield Artifact(page.path, page_text(page, related, by_alert), page.sources)
    if pages:
        yield Artifact(pages[0].index, _index_of_one(pages), _sources(pages))


def _sources(pages: Sequence[AlertPage]) -> tuple[str, ...]:
    return tuple(sorted({file for page in pages for file in page.sources}))


def _index(subjects: Sequence[Sequence[AlertPage]]) -> str:
    """Return the page that leads to every model."""
    entries = (f"{link(pages[0].subject, relative(pages[0].index, INDEX))}: {_count(len(pages))}" for pages in subjects)
    introduction = "One page for each alert: what it means, what to do first, and who is told."
    return files.page_text([heading(1, "Runbooks"), introduction, bullets(entries)])


def _index_of_one(pages: Sequence[AlertPage]) -> str:
    """Return the page that leads to every alert of a model, or of the fleet."""
    index = pages[0].index
    back = link("All runbooks", relative(INDEX, index))
    title = heading(1, f"Alerts of {pages[0].subject}")
    return files.page_text([title, bullets(_entry(page) for page in pages), back])


def _count(number: int) -> str:
    return f"{number} alert{'' if number == 1 else 's'}"


def _entry(page: AlertPage) -> str:
    """Return the line of a page: its link, and how grave the alert can be in which environment."""
    levels: dict[str, set[str]] = {}
    for firing in page.firings:
        levels.setdefault(firing.place, set()).add(firing.rule.level.value)
    words = "; ".join(f"{place}: {', '.join(sorted(found))}" for place, found in levels.items())
    return f"{link(page.alert, relative(page.path, page.index))} – {escape(words)}"


TARGET: Final = Target("docs/runbooks", of_plan=emit, of_model=emit_model)
