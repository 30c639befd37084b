from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.diagnostics import Span
from generators.formats.yaml import reader as reader_module
from generators.promql.profiles import PROMETHEUS_2
from generators.promql.rules import AlertingRule, Exit, RecordingRule, RuleFile, RuleProblem, exit_code, read_rules

GOOD = """\
groups:
- name: slo
  interval: 30s
  query_offset: 1m
  limit: 10
  labels: {team: growth}
  rules:
  - record: job:errors:rate5m
    expr: |
      sum by (job) (
        rate(errors_total[5m])
      )
    labels: {tier: 1, enabled: yes}
  - alert: HighErrors
    expr: job:errors:rate5m > 0.1
    for: 5m
    keep_firing_for: 10m
    annotations:
      summary: "{{ $labels.job }} fails"
"""


def read(text: str) -> tuple[RuleFile, tuple[RuleProblem, ...]]:
    file, problems = read_rules(dedent(text), "rules.yml")
    assert file is not None
    return file, problems


def messages(text: str) -> list[str]:
    return [str(problem) for problem in read_rules(dedent(text))[1]]


def test_a_file_becomes_groups_and_rules() -> None:
    file, problems = read(GOOD)
    assert problems == ()
    (group,) = file.groups
    assert (group.name, group.interval, group.query_offset, group.limit) == ("slo", 30_000, 60_000, 10)
    recording, alert = group.rules
    assert isinstance(recording, RecordingRule)
    assert isinstance(alert, AlertingRule)
    assert recording.labels == {"tier": "1", "enabled": "yes"}
    assert group.labels_of(alert) == {"team": "growth"}
    assert (alert.for_, alert.keep_firing_for) == (300_000, 600_000)


def test_positions_in_block_scalars_are_those_of_the_file() -> None:
    file, _ = read(GOOD)
    origin = file.groups[0].rules[0].origin
    at = origin.text("expr").index("errors_total")
    place = origin.at("expr", Span(at, at + 12))
    assert (place.line, place.column) == (11, 14)


@settings(derandomize=True, deadline=None)
@given(st.text(alphabet="ab \n\"'\\|>-é", max_size=30), st.sampled_from(["|", ">", '"', "'"]))
def test_every_character_of_a_scalar_is_found_again_in_the_file(text: str, style: str) -> None:
    import yaml

    from generators.formats.yaml.nodes import Mapping, Scalar
    from generators.promql.rules.reader import read_yaml
    from generators.promql.rules.sources import Source

    written = yaml.dump({"k": "x" + text}, default_style=style, allow_unicode=True, width=20)
    tree, problems = read_yaml(written)
    assert not problems
    assert tree is not None
    assert isinstance(tree.root, Mapping)
    scalar = tree.root.entries[0][1]
    assert isinstance(scalar, Scalar)
    assert scalar.text == "x" + text
    lines = written.split("\n")
    for offset, character in enumerate(scalar.text):
        if character.isalnum() and character not in "x":
            place = Source(written).place(scalar, Span(offset, offset + 1))
            assert lines[place.line - 1][place.column - 1] in (character, "\\")


def test_all_problems_are_reported_at_once_in_promtools_words() -> None:
    assert messages(
        """\
        groups:
        - name: a
          rules:
          - record: "a{b}"
            expr: up +
            for: 5m
            labels: {__name__: x}
          - alert: B
            record: c
            expr: up
            annotations: {a: "{{ foo }}"}
        - name: a
          rule: []
        """
    ) == [
        '4:13: group "a", rule 1, "a{b}": braces present in the recording rule name; should it be in expr?: a{b}',
        '5:15: group "a", rule 1, "a{b}": unexpected end of the expression; expected an expression',
        '6:10: group "a", rule 1, "a{b}": invalid field \'for\' in recording rule',
        '7:14: group "a", rule 1, "a{b}": invalid label name: __name__',
        "9:13: group \"a\", rule 2, \"B\": only one of 'record' and 'alert' must be set",
        '11:19: group "a", rule 2, "B": invalid field \'annotations\' in recording rule',
        '11:26: group "a", rule 2, "B": annotation "a": function "foo" not defined',
        '12:3: groupname: "a" is repeated in the same file',
        "13:3: a group has no key `rule`",
    ]


def test_rules_with_errors_are_left_out_and_the_others_stay() -> None:
    file, _ = read("groups: [{name: a, rules: [{record: x, expr: up +}, {record: y, expr: up}]}]")
    assert [rule.name for rule in file.groups[0].rules] == ["y"]


def test_a_prometheus_rule_resource_is_read_too() -> None:
    file, problems = read(
        """\
        apiVersion: monitoring.coreos.com/v1
        kind: PrometheusRule
        metadata: {name: x}
        spec:
          groups: [{name: a, partial_response_strategy: warn, rules: [{record: y, expr: up}]}]
        """
    )
    assert problems == ()
    assert [group.name for group in file.groups] == ["a"]


def test_exit_codes_are_promtools() -> None:
    duplicates = "groups: [{name: a, rules: [{record: y, expr: up}, {record: y, expr: down}]}]"
    problems = read(duplicates)[1]
    assert [problem.code for problem in problems] == ["Q620"]
    assert exit_code(problems) is Exit.CLEAN
    assert exit_code(problems, lint_fatal=True) is Exit.LINT
    assert exit_code(read("groups: [{name: ''}]")[1]) is Exit.ERRORS
    assert exit_code(read("")[1]) is Exit.CLEAN


def test_keys_can_be_ignored_on_request() -> None:
    text = "groups: [{name: a, namespace: b, rules: []}]"
    assert [problem.code for problem in read_rules(text)[1]] == ["Q603"]
    assert read_rules(text, ignore_unknown=True)[1] == ()


def test_anchors_merge_keys_and_second_documents() -> None:
    file, problems = read(
        """\
        groups:
        - name: a
          labels: &shared {team: x, tier: a}
          rules: [{record: r, expr: up, labels: {<<: *shared, tier: b}}]
        ---
        more: stuff
        """
    )
    assert file.groups[0].rules[0].labels == {"team": "x", "tier": "b"}
    assert [problem.code for problem in problems] == ["Q606"]


def test_older_versions_refuse_names_that_are_not_classic() -> None:
    text = 'groups: [{name: a, rules: [{record: "a.b", expr: up, labels: {"c.d": e}}]}]'
    assert read_rules(text)[1] == ()
    codes = [problem.code for problem in read_rules(text, profile=PROMETHEUS_2)[1]]
    assert codes == ["Q616", "Q609"]


def test_hostile_files_end_in_a_problem(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 60))
    for text, code in (
        ("[" * 100_000, "Y018"),
        ("- " * 100_000, "Y018"),
        (bomb, "Y013"),
        ("\0", "Y015"),
        ("a: *b", "Y011"),
    ):
        assert code in {problem.code for problem in read_rules(text)[1]}
    monkeypatch.setattr(reader_module, "MAX_SIZE", 10)
    assert read_rules(GOOD)[1][0].code == "Y017"


TOKENS = st.sampled_from(
    [
        *("groups", "rules", "record", "alert", "expr", "labels", ":", ": ", "- ", "\n", "\n  ", "\n    ", "["),
        *("]", "{", "}", "&a ", "*a", '"', "'", "#", "{{", "}}", "up", "5m", "null", "<<", "name", "é", "\t", ",", "?"),
    ]
)


@settings(derandomize=True, deadline=None)
@given(st.lists(TOKENS, max_size=25).map("".join), st.integers(0, len(GOOD)))
def test_no_text_crashes_the_reader(soup: str, at: int) -> None:
    for text in (soup, GOOD[:at] + soup + GOOD[at:]):
        _, problems = read_rules(text)
        lines = text.count("\n") + 2
        assert all(problem.place.line <= lines and problem.message for problem in problems)


RESOURCE = """\
apiVersion: {api}
kind: {kind}
metadata: {{name: {name}}}
spec:
  groups:
  - name: g
    interval: 30s
    rules:
    - {{record: {name}, expr: {expr}}}
"""
OTHER = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: []}\n"


@pytest.mark.parametrize("kind", ["PrometheusRule", "Rules", "ClusterRules", "GlobalRules"])
@pytest.mark.parametrize("before", ["", OTHER + "---\n", OTHER + "---\n" + OTHER + "---\n"])
def test_rules_are_found_in_a_manifest_whatever_stands_before_them(kind: str, before: str) -> None:
    text = before + RESOURCE.format(api="monitoring.example.com/v1", kind=kind, name="a", expr="sum(x")
    file, problems = read_rules(text)
    assert file is not None
    assert [(problem.code, problem.group, problem.rule) for problem in problems] == [("Q004", "g", 1)]
    assert problems[0].place.line == text.count("\n")


def test_resources_of_a_manifest_are_files_of_their_own() -> None:
    two = [RESOURCE.format(api="monitoring.coreos.com/v1", kind="PrometheusRule", name=name, expr="x") for name in "ab"]
    file, problems = read_rules("---\n".join([two[0], OTHER, two[1]]))
    assert file is not None
    assert problems == ()
    assert [rule.name for _, _, rule in file.rules()] == ["a", "b"]


def test_further_documents_of_a_plain_file_are_passed_over_as_prometheus_does() -> None:
    file, problems = read_rules(GOOD + "---\ngroups: [{name: x, nme: y, rules: [*nowhere]}]\n")
    assert file is not None
    assert [problem.code for problem in problems] == ["Q606"]
