"""Lint for rules: classes of mistakes that load without complaint and fail at night.

A check is a file in ``checks``, found by discovery.  Those that need to know metrics stay quiet without a catalogue.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from generators.promql.rules.lint import checks as _checks
from generators.promql.rules.lint.catalogue import Catalogue, Metric, MetricType
from generators.promql.rules.lint.check import Check, Finding, Settings, Subject
from generators.promql.rules.lint.suppressions import Suppression, read_suppressions, unused
from generators.promql.rules.model import Group, RecordingRule, RuleFile
from generators.promql.rules.problems import RuleProblem, by_place

__all__ = ["Catalogue", "Check", "Finding", "Metric", "MetricType", "Settings", "Subject", "all_checks", "lint"]


@cache
def all_checks() -> tuple[Check, ...]:
    """Return every check, ordered by id."""
    modules = (import_module(f"{_checks.__name__}.{found.name}") for found in iter_modules(_checks.__path__))
    return tuple(sorted((module.CHECK for module in modules), key=lambda check: check.id))


def lint(
    file: RuleFile,
    *,
    text: str = "",
    catalogue: Catalogue | None = None,
    settings: Settings | None = None,
    today: date | None = None,
    only: Collection[str] | None = None,
) -> tuple[RuleProblem, ...]:
    """Return what the checks find in a file's rules, and what is wrong with its suppressions.

    ``text`` is the file as it was read, for suppressions; a built file has none.  Without ``today`` no suppression
    has ended.  ``only`` names the checks to make by their ids; None makes all.
    """
    known = frozenset(check.id for check in all_checks())
    rules = tuple(file.rules())
    lines = sorted(rule.origin.place.line for _, _, rule in rules)
    suppressions, problems = read_suppressions(text, lines, known, today)
    found = list(problems)
    used: set[Suppression] = set()
    chosen = tuple(check for check in all_checks() if only is None or check.id in only)
    recorded = _recorded(file)
    for group, number, rule in rules:
        subject = Subject(file, group, number, rule, settings or Settings(), catalogue, recorded)
        for check, problem in _problems(subject, chosen):
            line = rule.origin.place.line
            covering = [suppression for suppression in suppressions if suppression.covers(check.id, line)]
            used.update(covering)
            if not covering:
                found.append(problem.about(group.name, number, rule.name))
    made = {check.id for check in chosen}
    found += (unused(each) for each in suppressions if each not in used and each.check in made)
    return by_place(found)


def _recorded(file: RuleFile) -> Mapping[str, tuple[tuple[Group, int, RecordingRule], ...]]:
    places: dict[str, list[tuple[Group, int, RecordingRule]]] = defaultdict(list)
    for group, number, rule in file.rules():
        if isinstance(rule, RecordingRule):
            places[rule.record].append((group, number, rule))
    return {name: tuple(where) for name, where in places.items()}


def _problems(subject: Subject, checks: tuple[Check, ...]) -> Iterator[tuple[Check, RuleProblem]]:
    for check in checks:
        if check.needs_catalogue and subject.catalogue is None:
            continue
        for finding in check.find(subject):
            place = subject.rule.origin.at(finding.key, finding.span)
            yield check, RuleProblem(finding.kind or check.kind, finding.message, place, finding.help)
