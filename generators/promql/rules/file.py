"""Rule files: text → checked model.  All problems are reported at once; rules with errors are left out of the model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generators.diagnostics import Severity
from generators.formats.yaml.nodes import Scalar
from generators.promql.profiles import PROMETHEUS_3, Profile
from generators.promql.rules.document import GroupText, RuleText, milliseconds, read_document, rule_documents, text_of
from generators.promql.rules.model import AlertingRule, Group, Origin, RecordingRule, Rule, RuleFile
from generators.promql.rules.problems import RuleProblem, by_place
from generators.promql.rules.promtool import check_group_names, check_label_names, check_rule, duplicate_rules
from generators.promql.rules.reader import read_yaml, second_document
from generators.promql.rules.sources import Source
from generators.promql.syntax.ast import Expr


def read_rules(
    text: str, path: str = "", *, profile: Profile = PROMETHEUS_3, ignore_unknown: bool = False
) -> tuple[RuleFile | None, tuple[RuleProblem, ...]]:
    """Read a rule file, or a manifest's resources with rules, and make the checks of ``promtool check rules``.

    The file is None where the text is not YAML.  ``path`` is only remembered.  Duplicate rules and further documents
    are warnings, everything else that promtool refuses is an error.
    """
    yaml_file, problems = read_yaml(text)
    if yaml_file is None:
        return None, problems
    found = [*problems, *second_document(yaml_file)]
    source = Source(text.removeprefix("\ufeff"))
    built: list[Group] = []
    for root in rule_documents(yaml_file):  # each becomes a file of its own
        groups, shape = read_document(root, ignore_unknown=ignore_unknown)
        found += (*shape, *check_group_names(groups), *duplicate_rules(groups))
        built += (_group(group, source, profile, found) for group in groups)
    return RuleFile(tuple(built), path), by_place(found)


def _group(group: GroupText, source: Source, profile: Profile, found: list[RuleProblem]) -> Group:
    found += check_label_names(group.labels, profile)
    rules: list[Rule] = []
    for number, rule in enumerate(group.rules, start=1):
        expr, problems = check_rule(rule, source, profile)
        found += (problem.about(group.name, number, rule.name) for problem in problems)
        if expr is not None and not _has_errors(problems):
            rules.append(_rule(rule, expr, source, number))
    return Group(
        group.name,
        tuple(rules),
        group.interval,
        group.query_offset,
        group.limit,
        {name.text: value.content for name, value in group.labels},
        Origin(group.place, source, dict(_scalars("labels", group.labels))),
    )


def _has_errors(problems: Iterable[RuleProblem]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in problems)


def _rule(rule: RuleText, expr: Expr, source: Source, number: int) -> Rule:
    labels = {name.text: value.content for name, value in rule.labels}
    origin = Origin(rule.place, source, dict(_all_scalars(rule)), number)
    if text_of(rule.record):
        return RecordingRule(text_of(rule.record), expr, labels, origin)
    annotations = {name.text: value.content for name, value in rule.annotations}
    waits = (milliseconds(rule.for_), milliseconds(rule.keep_firing_for))
    return AlertingRule(text_of(rule.alert), expr, *waits, labels, annotations, origin)


def _all_scalars(rule: RuleText) -> Iterator[tuple[str, Scalar]]:
    single = {
        "record": rule.record,
        "alert": rule.alert,
        "expr": rule.expr,
        "for": rule.for_,
        "keep_firing_for": rule.keep_firing_for,
    }
    yield from ((key, scalar) for key, scalar in single.items() if scalar is not None)
    yield from _scalars("labels", rule.labels)
    yield from _scalars("annotations", rule.annotations)


def _scalars(prefix: str, pairs: tuple[tuple[Scalar, Scalar], ...]) -> Iterator[tuple[str, Scalar]]:
    return ((f"{prefix}.{name.text}", value) for name, value in pairs)
