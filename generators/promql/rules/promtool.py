"""The checks of ``promtool check rules``: names, keys, expressions and templates of every rule, and duplicates.

Sources: ``model/rulefmt/rulefmt.go`` and ``cmd/promtool/main.go`` of Prometheus 3.15.  Messages are promtool's own
where it has one; the place is the closest one known, down to the column inside an expression or template.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum

from generators.diagnostics import Code, Severity, TextFinding
from generators.formats.yaml.nodes import Scalar
from generators.promql.profiles import PROMETHEUS_3, Profile
from generators.promql.rules.document import GroupText, RuleText, milliseconds, text_of
from generators.promql.rules.expressions import parse_and_check
from generators.promql.rules.problems import RuleProblem
from generators.promql.rules.sources import Source
from generators.promql.syntax.ast import Expr
from generators.promql.templates import parse_template

NAMELESS_GROUP = Code(
    "Q607", "a group without a name", "Every group needs a name.", "- rules: []", "- name: slo\n  rules: []"
)
GROUP_NAME_TWICE = Code(
    "Q608",
    "two groups of one name",
    "Group names are unique within a file.",
    "groups: [{name: slo}, {name: slo}]",
    "groups: [{name: slo-page}, {name: slo-ticket}]",
)
RULE_LABEL_NAME = Code(
    "Q609",
    "a label that cannot have this name",
    "A rule may not set `__name__` as a label, and before version 3 names are letters, digits and underscores.",
    "labels: {__name__: x}",
    "record: x",
)
ANNOTATION_NAME = Code(
    "Q611",
    "an annotation that cannot have this name",
    "Names of annotations follow the rules for labels.",
    "annotations: {'': x}",
    "annotations: {summary: x}",
)
RULE_KIND = Code(
    "Q612",
    "a rule that is neither a recording nor an alert, or both",
    "Exactly one of `record` and `alert` makes a rule.",
    "{record: a, alert: A, expr: up}",
    "{alert: A, expr: up == 0}",
)
NO_EXPRESSION = Code(
    "Q613", "a rule without an expression", "There is nothing to evaluate.", "{record: a}", "{record: a, expr: up}"
)
ALERT_FIELD = Code(
    "Q615",
    "a field that only alerts have",
    "`for`, `keep_firing_for` and `annotations` mean nothing for a recording.",
    "{record: a, expr: up, for: 5m}",
    "{record: a, expr: up}",
)
RECORDING_NAME = Code(
    "Q616",
    "a name that a recording cannot have",
    "Braces in `record` are usually an expression in the wrong place.",
    'record: up{job="a"}',
    "record: job:up:sum",
)
DUPLICATE_RULES = Code(
    "Q620",
    "two rules of one name and the same labels",
    "They write the same series: of two values at one time only the first is kept. promtool calls this lint.",
    "{record: a, expr: x}, {record: a, expr: y}",
    "{record: a, expr: x}, {record: b, expr: y}",
    Severity.WARNING,
)


METRIC_NAME = "__name__"
_CLASSIC_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_CLASSIC_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


class Exit(IntEnum):
    """How promtool would end."""

    CLEAN = 0
    ERRORS = 1
    LINT = 3


def exit_code(problems: Iterable[RuleProblem], *, lint_fatal: bool = False) -> Exit:
    """Classify problems: 1 for any error; 3 where only lint was found and ``lint_fatal`` is asked for; else 0."""
    found = tuple(problems)
    if any(problem.severity is Severity.ERROR for problem in found):
        return Exit.ERRORS
    if lint_fatal and any(problem.kind == DUPLICATE_RULES for problem in found):
        return Exit.LINT
    return Exit.CLEAN


def check_group_names(groups: Sequence[GroupText]) -> Iterator[RuleProblem]:
    """Every group has a name, and no two the same."""
    seen: set[str] = set()
    for group in groups:
        if not group.name:
            yield RuleProblem(NAMELESS_GROUP, "Groupname must not be empty", group.place)
        elif group.name in seen:
            message = f'groupname: "{group.name}" is repeated in the same file'
            yield RuleProblem(GROUP_NAME_TWICE, message, group.place, "rename one, or put the rules together")
        seen.add(group.name)


def check_label_names(labels: Sequence[tuple[Scalar, Scalar]], profile: Profile) -> Iterator[RuleProblem]:
    """Labels have names that may stand in a rule."""
    for name, _ in labels:
        if not is_label_name(name.text, profile) or name.text == METRIC_NAME:
            remedy = "a rule's name is set with `record`" if name.text == METRIC_NAME else ""
            yield RuleProblem(RULE_LABEL_NAME, f"invalid label name: {name.text}", name.place, remedy)


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
            problems.append(RuleProblem(ANNOTATION_NAME, f"invalid annotation name: {name.text}", name.place))
    if text_of(rule.alert):
        problems += _check_templates(rule, source)
    return expr, problems


def _check_kind(rule: RuleText) -> Iterator[RuleProblem]:
    record, alert = text_of(rule.record), text_of(rule.alert)
    if record and alert and rule.record is not None:
        yield RuleProblem(RULE_KIND, "only one of 'record' and 'alert' must be set", rule.record.place)
    if not record and not alert:
        yield RuleProblem(RULE_KIND, "one of 'record' or 'alert' must be set", rule.place)


def _check_expression(rule: RuleText, source: Source, profile: Profile) -> tuple[Expr | None, list[RuleProblem]]:
    if rule.expr is None or not rule.expr.content.strip():
        place = rule.place if rule.expr is None else rule.expr.place
        return None, [RuleProblem(NO_EXPRESSION, "field 'expr' must be set in rule", place)]
    expr, problems = parse_and_check(rule.expr.content, profile)
    return expr, [_located(problem, rule.expr, source) for problem in problems]


def _located(problem: TextFinding, scalar: Scalar, source: Source, prefix: str = "") -> RuleProblem:
    place = source.place(scalar, problem.span)
    return RuleProblem(problem.kind, prefix + problem.message, place, problem.help)


def _check_recording(rule: RuleText, profile: Profile) -> Iterator[RuleProblem]:
    record = rule.record
    assert record is not None  # noqa: S101 - the caller saw its text
    if rule.annotations:
        place = rule.annotations[0][0].place
        yield RuleProblem(ALERT_FIELD, "invalid field 'annotations' in recording rule", place, "only alerts have them")
    for key, scalar in (("for", rule.for_), ("keep_firing_for", rule.keep_firing_for)):
        if milliseconds(scalar):
            place = rule.place if scalar is None else scalar.place
            yield RuleProblem(ALERT_FIELD, f"invalid field '{key}' in recording rule", place, "only alerts have it")
    if not is_metric_name(record.content, profile):
        yield RuleProblem(RECORDING_NAME, f"invalid recording rule name: {record.content}", record.place)
    if "{" in record.content or "}" in record.content:
        message = f"braces present in the recording rule name; should it be in expr?: {record.content}"
        yield RuleProblem(RECORDING_NAME, message, record.place)


def _check_templates(rule: RuleText, source: Source) -> Iterator[RuleProblem]:
    for kind, pairs in (("label", rule.labels), ("annotation", rule.annotations)):
        for name, value in pairs:
            for problem in parse_template(value.content)[1]:
                yield _located(problem, value, source, f'{kind} "{name.text}": ')


def duplicate_rules(groups: Sequence[GroupText]) -> Iterator[RuleProblem]:
    """Find rules of the same name and labels in one file, as promtool's lint; expressions are not compared."""
    seen: dict[tuple[str, tuple[tuple[str, str], ...]], int] = {}
    for group in groups:
        shared = {name.text: value.content for name, value in group.labels}
        for number, rule in enumerate(group.rules, start=1):
            own = {name.text: value.content for name, value in rule.labels}
            merged = tuple(sorted({**shared, **own}.items()))
            first = seen.get((rule.name, merged))
            seen.setdefault((rule.name, merged), rule.place.line)
            if first is not None and rule.name:
                yield _duplicate(rule, merged, first).about(group.name, number, rule.name)


def _duplicate(rule: RuleText, labels: Sequence[tuple[str, str]], first: int) -> RuleProblem:
    shown = ", ".join(f'{name}="{value}"' for name, value in labels)
    message = f"duplicate rule: {rule.name}{{{shown}}} is also in line {first}"
    remedy = "rules of the same name and labels overwrite each other's results; give one a label more"
    return RuleProblem(DUPLICATE_RULES, message, rule.place, remedy)
