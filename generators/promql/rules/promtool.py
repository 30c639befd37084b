"""The checks of ``promtool check rules``: names, keys, expressions and templates of every rule, and duplicates.

Sources: ``model/rulefmt/rulefmt.go`` and ``cmd/promtool/main.go`` of Prometheus 3.15.  Messages are promtool's own
where it has one; the place is the closest one known, down to the column inside an expression or template.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum

from generators.promql.problems import Problem, Severity
from generators.promql.profiles import PROMETHEUS_3, Profile
from generators.promql.rules.document import GroupText, RuleText, milliseconds, text_of
from generators.promql.rules.expressions import parse_and_check
from generators.promql.rules.problems import RuleProblem
from generators.promql.rules.reader import Scalar
from generators.promql.rules.sources import Source
from generators.promql.syntax.ast import Expr
from generators.promql.templates import parse_template

METRIC_NAME = "__name__"
_CLASSIC_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_CLASSIC_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


class Exit(IntEnum):
    """How promtool would end."""

    CLEAN = 0
    ERRORS = 1
    LINT = 3


DUPLICATE_RULES = "Q620"


def exit_code(problems: Iterable[RuleProblem], *, lint_fatal: bool = False) -> Exit:
    """Classify problems: 1 for any error; 3 where only lint was found and ``lint_fatal`` is asked for; else 0."""
    found = tuple(problems)
    if any(problem.severity is Severity.ERROR for problem in found):
        return Exit.ERRORS
    if lint_fatal and any(problem.code == DUPLICATE_RULES for problem in found):
        return Exit.LINT
    return Exit.CLEAN


def check_group_names(groups: Sequence[GroupText]) -> Iterator[RuleProblem]:
    """Every group has a name, and no two the same."""
    seen: set[str] = set()
    for group in groups:
        if not group.name:
            yield RuleProblem("Q607", "Groupname must not be empty", group.place)
        elif group.name in seen:
            message = f'groupname: "{group.name}" is repeated in the same file'
            yield RuleProblem("Q608", message, group.place, "rename one, or put the rules together")
        seen.add(group.name)


def check_label_names(labels: Sequence[tuple[Scalar, Scalar]], profile: Profile) -> Iterator[RuleProblem]:
    """Labels have names that may stand in a rule."""
    for name, _ in labels:
        if not is_label_name(name.text, profile) or name.text == METRIC_NAME:
            remedy = "a rule's name is set with `record`" if name.text == METRIC_NAME else ""
            yield RuleProblem("Q609", f"invalid label name: {name.text}", name.place, remedy)


def is_label_name(name: str, profile: Profile) -> bool:
    """Tell whether a label may have this name: any text since Prometheus 3, classic names before."""
    return bool(name) if profile.version >= (3, 0) else _CLASSIC_LABEL.fullmatch(name) is not None


def is_metric_name(name: str, profile: Profile) -> bool:
    """Tell whether a metric may have this name."""
    return bool(name) if profile.version >= (3, 0) else _CLASSIC_METRIC.fullmatch(name) is not None


def check_rule(
    rule: RuleText, source: Source, profile: Profile = PROMETHEUS_3
) -> tuple[Expr | None, list[RuleProblem]]:
    """Check one rule; return its expression too, None where it cannot be parsed."""
    problems = list(_check_kind(rule))
    expr, found = _check_expression(rule, source, profile)
    problems += found
    if text_of(rule.record):
        problems += _check_recording(rule, profile)
    problems += check_label_names(rule.labels, profile)
    for name, _ in rule.annotations:
        if not is_label_name(name.text, profile):
            problems.append(RuleProblem("Q611", f"invalid annotation name: {name.text}", name.place))
    if text_of(rule.alert):
        problems += _check_templates(rule, source)
    return expr, problems


def _check_kind(rule: RuleText) -> Iterator[RuleProblem]:
    record, alert = text_of(rule.record), text_of(rule.alert)
    if record and alert and rule.record is not None:
        yield RuleProblem("Q612", "only one of 'record' and 'alert' must be set", rule.record.place)
    if not record and not alert:
        yield RuleProblem("Q612", "one of 'record' or 'alert' must be set", rule.place)


def _check_expression(rule: RuleText, source: Source, profile: Profile) -> tuple[Expr | None, list[RuleProblem]]:
    if rule.expr is None or not rule.expr.value.strip():
        place = rule.place if rule.expr is None else rule.expr.place
        return None, [RuleProblem("Q613", "field 'expr' must be set in rule", place)]
    expr, problems = parse_and_check(rule.expr.value, profile)
    return expr, [_located(problem, rule.expr, source) for problem in problems]


def _located(problem: Problem, scalar: Scalar, source: Source, prefix: str = "") -> RuleProblem:
    place = source.place(scalar, problem.span)
    return RuleProblem(problem.code, prefix + problem.message, place, problem.help, problem.severity)


def _check_recording(rule: RuleText, profile: Profile) -> Iterator[RuleProblem]:
    record = rule.record
    assert record is not None  # noqa: S101 - the caller saw its text
    if rule.annotations:
        place = rule.annotations[0][0].place
        yield RuleProblem("Q615", "invalid field 'annotations' in recording rule", place, "only alerts have them")
    for key, scalar in (("for", rule.for_), ("keep_firing_for", rule.keep_firing_for)):
        if milliseconds(scalar):
            place = rule.place if scalar is None else scalar.place
            yield RuleProblem("Q615", f"invalid field '{key}' in recording rule", place, "only alerts have it")
    if not is_metric_name(record.value, profile):
        yield RuleProblem("Q616", f"invalid recording rule name: {record.value}", record.place)
    if "{" in record.value or "}" in record.value:
        message = f"braces present in the recording rule name; should it be in expr?: {record.value}"
        yield RuleProblem("Q616", message, record.place)


def _check_templates(rule: RuleText, source: Source) -> Iterator[RuleProblem]:
    for kind, pairs in (("label", rule.labels), ("annotation", rule.annotations)):
        for name, value in pairs:
            for problem in parse_template(value.value)[1]:
                yield _located(problem, value, source, f'{kind} "{name.text}": ')


def duplicate_rules(groups: Sequence[GroupText]) -> Iterator[RuleProblem]:
    """Find rules of the same name and labels in one file, as promtool's lint; expressions are not compared."""
    seen: dict[tuple[str, tuple[tuple[str, str], ...]], int] = {}
    for group in groups:
        shared = {name.text: value.value for name, value in group.labels}
        for number, rule in enumerate(group.rules, start=1):
            own = {name.text: value.value for name, value in rule.labels}
            merged = tuple(sorted({**shared, **own}.items()))
            first = seen.get((rule.name, merged))
            seen.setdefault((rule.name, merged), rule.place.line)
            if first is not None and rule.name:
                yield _duplicate(rule, merged, first).about(group.name, number, rule.name)


def _duplicate(rule: RuleText, labels: Sequence[tuple[str, str]], first: int) -> RuleProblem:
    shown = ", ".join(f'{name}="{value}"' for name, value in labels)
    message = f"duplicate rule: {rule.name}{{{shown}}} is also in line {first}"
    remedy = "rules of the same name and labels overwrite each other's results; give one a label more"
    return RuleProblem(DUPLICATE_RULES, message, rule.place, remedy, Severity.WARNING)
