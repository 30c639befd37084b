"""The problems that rule files, templates and rule tests can have: one entry a code, as in ``promql.codes``.

``Q50x`` is about templates, ``Q60x`` to ``Q62x`` about rule files, ``Q63x`` and ``Q64x`` about running and testing
them, ``Q79x`` about suppressions.  The checks of the linter (``Q70x`` to ``Q72x``) bring their own pages.
"""

from __future__ import annotations

from generators.promql.problems import Code
from generators.promql.rules.lint import all_checks

_TEMPLATES = (
    Code(
        "Q501",
        "a template cannot be parsed",
        "Labels and annotations of alerts are Go templates. Prometheus refuses a rule file with a broken one.",
        "summary: '{{ if $labels.job }}down'",
        "summary: '{{ if $labels.job }}down{{ end }}'",
    ),
    Code(
        "Q502",
        "a template calls a function that is not there",
        "Rules and Alertmanager have different functions: `join` and `date` are Alertmanager's, `humanize` and "
        "`query` those of rules.",
        "summary: '{{ $value | humanise }}'",
        "summary: '{{ $value | humanize }}'",
    ),
    Code(
        "Q503",
        "a template reads a variable that is not there",
        "Rules have `$labels`, `$externalLabels`, `$externalURL` and `$value`; others must be declared with `:=`.",
        "summary: '{{ $lables.job }}'",
        "summary: '{{ $labels.job }}'",
    ),
)

_FILES = (
    Code("Q601", "the file is not YAML", "Nothing in it can be read.", "groups: [", "groups: []"),
    Code(
        "Q602",
        "the file is too large or nested too deeply",
        "A file of that size is almost always a mistake, and would take long to evaluate.",
        "one file of 300,000 rules",
        "several files",
    ),
    Code(
        "Q603",
        "a key that does not belong here",
        "Prometheus refuses rule files with unknown keys; usually one is misspelt or indented wrongly.",
        "annotation: {summary: down}",
        "annotations: {summary: down}",
    ),
    Code("Q604", "a value of the wrong kind", "A list, a mapping or text is expected here.", "rules: up", "rules: []"),
    Code(
        "Q605",
        "a key that stands twice",
        "YAML forbids it, and readers disagree about which one counts.",
        "labels: {a: x, a: y}",
        "labels: {a: y}",
    ),
    Code(
        "Q606",
        "a second YAML document",
        "Prometheus reads only the first document of a file; the rules of the others do not exist.",
        "groups: [...]\n---\ngroups: [...]",
        "groups: [..., ...]",
    ),
    Code("Q607", "a group without a name", "Every group needs a name.", "- rules: []", "- name: slo\n  rules: []"),
    Code(
        "Q608",
        "two groups of one name",
        "Group names are unique within a file.",
        "groups: [{name: slo}, {name: slo}]",
        "groups: [{name: slo-page}, {name: slo-ticket}]",
    ),
    Code(
        "Q609",
        "a label that cannot have this name",
        "A rule may not set `__name__` as a label, and before version 3 names are letters, digits and underscores.",
        "labels: {__name__: x}",
        "record: x",
    ),
    Code(
        "Q611",
        "an annotation that cannot have this name",
        "Names of annotations follow the rules for labels.",
        "annotations: {'': x}",
        "annotations: {summary: x}",
    ),
    Code(
        "Q612",
        "a rule that is neither a recording nor an alert, or both",
        "Exactly one of `record` and `alert` makes a rule.",
        "{record: a, alert: A, expr: up}",
        "{alert: A, expr: up == 0}",
    ),
    Code(
        "Q613", "a rule without an expression", "There is nothing to evaluate.", "{record: a}", "{record: a, expr: up}"
    ),
    Code(
        "Q615",
        "a field that only alerts have",
        "`for`, `keep_firing_for` and `annotations` mean nothing for a recording.",
        "{record: a, expr: up, for: 5m}",
        "{record: a, expr: up}",
    ),
    Code(
        "Q616",
        "a name that a recording cannot have",
        "Braces in `record` are usually an expression in the wrong place.",
        'record: up{job="a"}',
        "record: job:up:sum",
    ),
    Code("Q618", "a value that cannot be read", "A duration or number is written wrongly.", "for: 5 min", "for: 5m"),
    Code(
        "Q619",
        "a file with nothing in it",
        "Whatever should have been written there was lost; promtool is content with such a file.",
        "# to do",
        "groups: []",
    ),
    Code(
        "Q620",
        "two rules of one name and the same labels",
        "They write the same series: of two values at one time only the first is kept. promtool calls this lint.",
        "{record: a, expr: x}, {record: a, expr: y}",
        "{record: a, expr: x}, {record: b, expr: y}",
    ),
    Code(
        "Q630",
        "an expression of the wrong type",
        "A rule or test needs a vector or a scalar, not a range or a string.",
        "expr: up[5m]",
        "expr: max_over_time(up[5m])",
    ),
    Code(
        "Q640",
        "a test names a rule file that is not there",
        "Paths are relative to the test file and may contain `*`.",
        "rule_files: [rule.yml]",
        "rule_files: [rules.yml]",
    ),
    Code(
        "Q641",
        "a group stands twice in the order of evaluation",
        "Each group runs once in every round.",
        "group_eval_order: [a, b, a]",
        "group_eval_order: [a, b]",
    ),
    Code(
        "Q642",
        "an alert test without `alertname`",
        "The test asks for all firing alerts of one name.",
        "{eval_time: 5m, exp_alerts: []}",
        "{eval_time: 5m, alertname: Down, exp_alerts: []}",
    ),
    Code(
        "Q645",
        "a test that fails",
        "At the time that the test names, other alerts fire or other values come than it expects. `watchspec query` "
        "shows what an expression gives over the same series.",
        "{eval_time: 1m, alertname: Down, exp_alerts: [{}]}  # the alert has `for: 5m`",
        "{eval_time: 6m, alertname: Down, exp_alerts: [{}]}",
    ),
)

_SUPPRESSIONS = (
    Code(
        "Q790",
        "a suppression that is not understood, or lacks its end or reason",
        "Whoever reads the rule next must learn why the check is off, and somebody must look again.",
        "# watchspec disable regex",
        "# watchspec disable regex until 2027-01-01: the old name goes with release 9",
    ),
    Code(
        "Q791",
        "a suppression of a check that does not exist",
        "Usually the id is misspelt.",
        "# watchspec disable regexp until 2027-01-01: old name",
        "# watchspec disable regex until 2027-01-01: old name",
    ),
    Code(
        "Q792",
        "a suppression whose end has passed",
        "It switches nothing off any more.",
        "# watchspec disable regex until 2020-01-01: old name",
        "# watchspec disable regex until 2027-01-01: old name",
    ),
    Code(
        "Q793",
        "a suppression that nothing needs",
        "The rule was mended; the comment only hides what comes next.",
        "# watchspec disable regex until 2027-01-01: old name",
        "no comment",
    ),
)


def rule_codes() -> tuple[Code, ...]:
    """Return the pages of all problems of templates, rule files, lint and tests, ordered by code."""
    checks = (Code(check.code, check.title, check.explanation, check.wrong, check.right) for check in all_checks())
    return tuple(sorted((*_TEMPLATES, *_FILES, *checks, *_SUPPRESSIONS), key=lambda code: code.code))
