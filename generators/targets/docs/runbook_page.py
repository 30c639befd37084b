"""The page of an alert: what it means, who is affected, what to do first, and how it came to you."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from generators import promql
from generators.formats.durations import format_duration
from generators.formats.markdown import (
    bullets,
    code,
    escape,
    fence,
    heading,
    link,
    numbered,
    paragraphs,
    relative,
    table,
)
from generators.planning.alerts.references import parts
from generators.promql.syntax.ast import VectorSelector
from generators.promql.syntax.walk import selectors
from generators.targets import files
from generators.targets.docs.alert_pages import AlertPage, Firing
from generators.targets.docs.deliveries import deliveries
from generators.targets.expressions import pretty
from generators.targets.rule_groups import whole_seconds

_GENERAL_STEPS = (
    "Open the dashboard and see when it began, and whether it is one replica, one segment, or everything.",
    "Compare with the last deployment, the last change of the specs, and the health of what the model depends on.",
    "If users are affected and the cause is not clear within minutes, roll back first and analyse afterwards.",
)
_ACTION = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_LABEL = re.compile(r"\$labels\.([A-Za-z_][A-Za-z0-9_]*)")


def page_text(page: AlertPage, related: Sequence[AlertPage], pages: Mapping[str, AlertPage]) -> str:
    """Return the page as Markdown; ``related`` and ``pages`` (by alert) are pages about the same model."""
    return files.page_text(
        (
            heading(1, f"{page.alert}: {page.name}" if page.name else page.alert),
            _opening(page),
            *_meaning(page),
            *_impact(page),
            *_steps(page, pages),
            *_rollback(page),
            *_conditions(page),
            *_routing(page),
            *_escalation(page),
            *_owner(page),
            *_related(page, related),
            *_queries(page),
        )
    )


def readable(template: str) -> str:
    """Return the text of an annotation with its template actions as words: ``‹feature›``, ``‹value›``."""
    return _ACTION.sub(_action_words, template)


def _action_words(found: re.Match[str]) -> str:
    action = found[1]
    if action.startswith('"') and action.endswith('"'):
        return action[1:-1]
    label = _LABEL.search(action)
    return f"‹{label[1]}›" if label else "‹value›"


def _opening(page: AlertPage) -> str:
    if page.model is None:
        return "An alert of the monitoring itself; it belongs to no single model."
    model = page.model
    domain = f", {escape(model.domain)}" if model.domain else ""
    words = f"Alert of model **{escape(page.name)}** of tenant **{escape(page.tenant)}**{domain}."
    return f"{words} {escape(model.description)}".rstrip()


def _meaning(page: AlertPage) -> Iterator[str]:
    yield heading(2, "What it means")
    meanings = _distinct(firing.rule.runbook.meaning for firing in page.firings)
    annotations = _distinct(
        readable(dict(firing.rule.annotations).get(name, ""))
        for name in ("summary", "description")
        for firing in page.firings
    )
    for text in meanings or annotations:
        yield from paragraphs(text)


def _impact(page: AlertPage) -> Iterator[str]:
    impacts = _distinct(firing.rule.runbook.impact for firing in page.firings)
    symptoms = _distinct(firing.labels.get("symptom", "") for firing in page.firings)
    if impacts or symptoms:
        yield heading(2, "Who is affected")
        for text in impacts:
            yield from paragraphs(text)
        if symptoms:
            yield f"Its label `symptom` is {', '.join(code(symptom) for symptom in symptoms)}."


def _step(step: str, pages: Mapping[str, AlertPage], here: AlertPage) -> str:
    """Return a step as inline Markdown; an alert leads to its page, and what panels show is set off."""
    inline = ""
    for part in parts(step):
        if isinstance(part, str):
            inline += _spaced(part)
        elif part.kind == "alert" and part.name in pages:
            inline += link(part.words, relative(pages[part.name].path, here.path))
        else:
            inline += f"**{escape(part.words)}**"
    return inline


def _spaced(text: str) -> str:
    """Return text in the middle of a line, with the spaces at its ends."""
    return f"{' ' * text[:1].isspace()}{escape(text)}{' ' * text[-1:].isspace()}" if text.strip() else " "


def _steps(page: AlertPage, pages: Mapping[str, AlertPage]) -> Iterator[str]:
    yield heading(2, "First steps")
    steps = _distinct(step for firing in page.firings for step in firing.rule.runbook.steps)
    yield numbered(_step(step, pages, page) for step in steps or _GENERAL_STEPS)
    links = [
        link(f"Dashboard in {firing.place}", url)
        for firing in _by_environment(page.firings)
        if (url := _dashboard(firing))
    ]
    if links:
        yield bullets(links)


def _dashboard(firing: Firing) -> str:
    return dict(firing.rule.annotations).get("dashboard_url", "")


def _rollback(page: AlertPage) -> Iterator[str]:
    own = _distinct(firing.rule.runbook.rollback for firing in page.firings)
    texts = own or _distinct([page.model.rollback if page.model else ""])
    if texts:
        yield heading(2, "Rollback")
        for text in texts:
            yield from paragraphs(text)


def _conditions(page: AlertPage) -> Iterator[str]:
    yield heading(2, "When it fires")
    header = ("Environment", "Severity", "Priority", "Tier", "Threshold", "For", "Goes on for", "Notified within")
    yield table(header, _distinct(_condition(firing) for firing in page.firings))


def _condition(firing: Firing) -> tuple[str, ...]:
    rule, labels = firing.rule, firing.labels
    promise = "" if rule.promise_ms is None else whole_seconds(rule.promise_ms)
    cells = (
        *(firing.place, rule.level.value, labels.get("priority", ""), labels.get("tier", ""), rule.threshold),
        format_duration(rule.for_ms) if rule.for_ms else "at once",
        format_duration(rule.keep_firing_for_ms) if rule.keep_firing_for_ms else "",
        promise,
    )
    return tuple(escape(cell) for cell in cells)


def _queries(page: AlertPage) -> Iterator[str]:
    """Yield the expressions of the first environment, then what they read; the others differ by their numbers."""
    first = [firing for firing in page.firings if firing.place == page.firings[0].place]
    yield heading(2, f"Queries in {escape(page.firings[0].place)}")
    levels: dict[str, list[str]] = {}
    for firing in first:
        words = " ".join(filter(None, (firing.rule.level.value, firing.labels.get("tier", ""))))
        levels.setdefault(pretty(firing.rule.expr), []).append(words)
    for text, words_of_all in levels.items():
        if len(levels) > 1:
            yield heading(3, escape(", ".join(words_of_all)))
        yield fence(text, "promql")
    read = (VectorSelector(each.name, each.matchers) for firing in first for each in selectors(firing.rule.expr))
    yield heading(3, "What they read")
    yield fence("\n".join(_distinct(map(promql.format, read))), "promql")


def _owner(page: AlertPage) -> Iterator[str]:
    team = page.team
    if team is None:
        return
    yield heading(2, "Owner")
    about = f" {escape(team.description)}" if team.description else ""
    yield f"Team **{escape(team.name)}**.{about}"
    yield f"Contact: {escape(team.contact)}"


def _routing(page: AlertPage) -> Iterator[str]:
    rows = _distinct(tuple(map(escape, row)) for firing in page.firings for row in deliveries(firing))
    if rows:
        yield heading(2, "Who is told")
        yield table(("Environment", "Severity", "Receiver", "Waits", "Repeats every", "Only in", "Never in"), rows)


def _escalation(page: AlertPage) -> Iterator[str]:
    escalated = any(firing.labels.get("escalate") == "true" for firing in page.firings)
    if page.team and page.team.escalation and escalated:
        yield heading(2, "Escalation")
        yield "While a critical alert goes on firing:"
        yield bullets(
            f"after {format_duration(stage.after_ms)}: {escape(stage.receiver)}" for stage in page.team.escalation
        )


def _related(page: AlertPage, related: Iterable[AlertPage]) -> Iterator[str]:
    items = list(_objectives(page))
    items += [
        link(f"Rules in {firing.place}", relative(firing.rules_file, page.path))
        for firing in _by_environment(page.firings)
    ]
    items += [f"Alert {link(other.alert, relative(other.path, page.path))}" for other in related]
    items.append(link(f"All alerts of {page.subject}", relative(page.index, page.path)))
    yield heading(2, "Related")
    yield bullets(items)


def _objectives(page: AlertPage) -> Iterator[str]:
    """Yield each promise once, with the environments that it is made in where others have another."""
    promised: dict[tuple[str, str], list[str]] = {}
    for place, each in page.objectives:
        text = f"{escape(each.objective)} over {escape(each.window)}. {escape(each.description)}".rstrip()
        promised.setdefault((each.slo, text), []).append(escape(place))
    for (name, text), places in promised.items():
        where = f" in {', '.join(places)}" if len(promised) > 1 else ""
        yield f"Objective **{escape(name)}**{where}: {text}"


def _by_environment(firings: Iterable[Firing]) -> list[Firing]:
    return list({firing.place: firing for firing in firings}.values())


Item = TypeVar("Item", str, tuple[str, ...])


def _distinct(items: Iterable[Item]) -> list[Item]:
    """Return what is not empty, each once, in order."""
    return list(dict.fromkeys(item for item in items if item))
