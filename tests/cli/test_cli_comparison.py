import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import committed
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.comparison import Change, ChangeSet, Impact, compare_artifacts, read_facts
from generators.comparison.expressions import differences
from generators.comparison.reports.data import data_report
from generators.comparison.reports.markdown import markdown_report
from generators.comparison.reports.text import sentence, text_report
from generators.promql import parse

SPECS = Path(__file__).parents[2] / "specs"
RULES = "production/prometheus/health/screening.rules.yaml"
MANIFEST = "instruments/health/screening.json"
ALERTMANAGER = "production/alertmanager/alertmanager.yaml"


@pytest.fixture(scope="module")
def tree() -> dict[str, str]:
    # Comparing takes as long as there are files, and two environments are enough to compare.
    others = ("local/",)
    return {each.path: each.text for each in committed.compiled().artifacts if not each.path.startswith(others)}


def changed(tree: Mapping[str, str], path: str, edit: Callable[[str], str]) -> ChangeSet:
    after = edit(tree[path])
    assert after != tree[path], "the edit does nothing"
    return compare_artifacts(tree, {**tree, path: after})


def sentences(comparison: ChangeSet) -> list[str]:
    return [f"{change.subject}: {sentence(change)}" for change in comparison.changes]


def edited_json(edit: Callable[[dict], None]) -> Callable[[str], str]:
    def apply(text: str) -> str:
        document = json.loads(text)
        edit(document)
        return json.dumps(document, indent=2)

    return apply


def edited_yaml(edit: Callable[[dict], None]) -> Callable[[str], str]:
    def apply(text: str) -> str:
        document = yaml.safe_load(text)
        edit(document)
        return yaml.safe_dump(document)

    return apply


def rule(document: dict, name: str, severity: str = "critical") -> dict:
    rules = (rule for group in document["groups"] for rule in group["rules"])
    return next(each for each in rules if each.get("alert") == name and each["labels"]["severity"] == severity)


def test_a_tree_does_not_differ_from_itself(tree):
    assert not compare_artifacts(tree, dict(tree))
    assert compare_artifacts(tree, dict(tree)).changes == ()


def test_rewriting_a_rule_file_in_other_yaml_changes_no_meaning(tree):
    comparison = changed(tree, RULES, edited_yaml(lambda document: None))
    assert sentences(comparison) == [f"files: file {RULES}: text changed"]


def test_every_file_that_differs_is_accounted_for_by_some_change(tree):
    for path in sorted(tree)[::12]:
        if path != "index.json":
            assert compare_artifacts(tree, {**tree, path: tree[path] + "\n\n"}).changes, path


@settings(derandomize=True, deadline=None, max_examples=15)
@given(data=st.data())
def test_removing_files_is_adding_them_seen_from_the_other_side(tree, data):
    gone = data.draw(st.sets(st.sampled_from(sorted(tree)), min_size=1, max_size=4))
    rest = {path: text for path, text in tree.items() if path not in gone}
    forth, back = compare_artifacts(tree, rest), compare_artifacts(rest, tree)
    swap = {"added": "removed", "removed": "added"}

    def key(change: Change, what: str) -> tuple[str, ...]:
        return change.subject, change.kind, what, *sorted(change.names), *change.places

    whole = [change for change in forth.changes if change.what != "changed"]
    mirrored = [change for change in back.changes if change.what != "changed"]
    names = {name for change in whole for name in [(change.kind, swap[change.what], each) for each in change.names]}
    assert names == {(change.kind, change.what, each) for change in mirrored for each in change.names}
    assert bool(forth.changes) == bool(forth.files)
    assert bool(back.changes) == bool(back.files)
    assert forth.files == back.files == len(gone - {"index.json"})


def test_a_threshold_that_is_reached_later_is_weaker(tree):
    def edit(document: dict) -> None:
        alert = rule(document, "LatencyHigh")
        alert["expr"] = alert["expr"].replace("> 0.6", "> 0.9")
        alert["annotations"]["threshold"] = "900 ms"

    (change,) = changed(tree, RULES, edited_yaml(edit)).changes
    assert change.impact is Impact.WEAKER
    assert re.fullmatch(r"alert LatencyHigh.* \(production\): threshold 600 ?ms → 900 ms", sentence(change))


def test_a_limit_that_no_text_states_is_told_as_it_stands_in_the_expression(tree):
    edit = edited_yaml(
        lambda document: rule(document, "LatencyHigh").update(
            expr=rule(document, "LatencyHigh")["expr"].replace("> 0.6", "> 0.5")
        )
    )
    (change,) = changed(tree, RULES, edit).changes
    assert (change.field, change.detail, change.impact) == ("limit", "0.6 → 0.5", Impact.OTHER)


def test_for_and_severity_say_before_and_after(tree):
    def edit(document: dict) -> None:
        alert = rule(document, "LatencyHigh")
        alert["for"] = "1h"
        alert["labels"]["severity"] = "info"

    found = changed(tree, RULES, edited_yaml(edit)).changes
    said = {change.field: (change.before, change.after, change.impact) for change in found}
    assert said["for"][1:] == ("1h", Impact.WEAKER)
    assert said["severity"] == ("critical", "info", Impact.WEAKER)
    assert said["notifies"][2] is Impact.WEAKER
    assert all(change.what == "changed" for change in found)


def test_an_objective_is_told_in_percent(tree):
    def edit(document: dict) -> None:
        for group in document["groups"]:
            for each in group["rules"]:
                if each.get("record") == "sloth_slo_info" and each["labels"]["sloth_slo"] == "availability":
                    each["labels"]["sloth_objective"] = "99.95"

    (change,) = changed(tree, RULES, edited_yaml(edit)).changes
    assert re.fullmatch(r"objective availability \(production\): objective [\d.]+ % → 99\.95 %", sentence(change))


def test_a_renamed_metric_breaks_the_alerts_that_read_it(tree):
    edit = edited_json(lambda document: document["metrics"]["duration"].update(name="ml.elsewhere"))
    (change,) = changed(tree, MANIFEST, edit).changes
    assert change.impact is Impact.BREAKING
    assert "name ml.prediction.duration → ml.elsewhere" in sentence(change)
    assert "LatencyHigh" in change.note


def test_removed_attribute_values_and_edges_break_and_added_ones_do_not(tree):
    def remove(document: dict) -> None:
        document["metrics"]["duration"]["buckets"].remove(0.3)

    def add(document: dict) -> None:
        document["metrics"]["duration"]["buckets"].append(100)

    assert changed(tree, MANIFEST, edited_json(remove)).changes[0].impact is Impact.BREAKING
    (added,) = changed(tree, MANIFEST, edited_json(add)).changes
    assert (added.impact, added.detail) == (Impact.OTHER, "+100")


def test_series_of_a_tenant_are_summed(tree):
    def edit(document: dict) -> None:
        document["environments"]["production"]["series"] += 120

    found = sentences(changed(tree, MANIFEST, edited_json(edit)))
    assert any(re.fullmatch(r"tenant health: series \(production\) .* \+120 \(\+\d+\.\d %\)", each) for each in found)


def test_a_route_says_whom_it_tells_now(tree):
    def edit(document: dict) -> None:
        team = document["route"]["routes"][0]["routes"][0]
        (critical,) = [each for each in team["routes"] if each["matchers"] == ['severity="critical"']]
        critical["receiver"] = "diagnostics/chat"

    comparison = changed(tree, ALERTMANAGER, edited_yaml(edit))
    found = sentences(comparison)
    route = "routing of alerts: route tenant health, team diagnostics, severity critical (production): "
    assert f"{route}receiver diagnostics/page+chat → diagnostics/chat" in found
    assert any(change.field == "notifies" and change.impact is Impact.WEAKER for change in comparison.changes)


def test_every_file_that_came_or_went_is_accounted_for(tree):
    for path in ("instruments/health/screening.json", RULES, ALERTMANAGER, "production/prometheus/fleet.rules.yaml"):
        rest = {name: text for name, text in tree.items() if name != path}
        assert compare_artifacts(tree, rest).changes
        assert compare_artifacts(rest, tree).changes
        assert compare_artifacts({}, {path: tree[path]}).changes
        assert compare_artifacts({path: tree[path]}, {}).changes


def test_an_environment_that_came_is_one_change(tree):
    before = {path: text for path, text in tree.items() if not path.startswith("staging/")}
    kinds = {(change.kind, change.what) for change in compare_artifacts(before, tree).changes}
    assert ("environment", "added") in kinds
    assert ("alert", "added") not in kinds


def test_what_cannot_be_read_is_compared_as_text(tree):
    for path in (RULES, MANIFEST, ALERTMANAGER):
        for text in ("", "\x00", "[", "{}", "\udcff", "groups: 3", '{"metrics": 4}'):
            comparison = compare_artifacts(tree, {**tree, path: text})
            assert comparison.changes, (path, text)
            assert text_report(comparison, lambda words, _: words)


def test_differences_of_expressions_name_the_smallest_part():
    def between(before: str, after: str) -> list[tuple[str, str, str]]:
        left, right = parse(before)[0], parse(after)[0]
        assert left is not None
        assert right is not None
        return [(each.what, each.before, each.after) for each in differences(left, right)]

    assert between("rate(a[5m])", "rate(a[10m])") == [("window", "5m", "10m")]
    assert between('a{b="c"} > 1', 'a{b="d"} > 2') == [("matcher", 'b="c"', 'b="d"'), ("limit", "1", "2")]
    assert between("a + 1", "a + 2") == [("number", "1", "2")]
    assert between("a offset 5m", "a") == [("offset", "5m", "none")]
    assert between("sum by (a) (b)", "sum by (c) (b)")[0][0] == "expression"
    assert between("a", "rate(a[5m])")[0][0] == "expression"
    assert between("a[5m:1m]", "a[5m]")[0][0] == "expression"
    assert between("max(a)", "max(a)") == []


def test_markdown_is_inert_and_fits_a_comment(tree):
    evil = "</details><script>alert(1)</script>|`[x](http://evil)"
    document = yaml.safe_load(tree[RULES])
    document["groups"][0]["rules"] = [
        {"alert": f"{evil}{number}", "expr": "up", "labels": {"severity": evil}} for number in range(2000)
    ]
    text = markdown_report(compare_artifacts(tree, {**tree, RULES: yaml.safe_dump(document)}))
    assert "<script>" not in text
    assert not re.search(r"(?<!\\)\]\(http", text)
    assert len(text) < 65_536


def test_text_shows_control_characters_instead_of_obeying_them(tree):
    edit = edited_yaml(lambda document: rule(document, "LatencyHigh")["labels"].update(team="\x1b[31mred"))
    assert "\x1b" not in text_report(changed(tree, RULES, edit), lambda words, _: words)


def test_data_is_json_and_counts_agree(tree):
    edit = edited_json(lambda document: document["model"].update(version="99"))
    data = json.loads(json.dumps(data_report(changed(tree, MANIFEST, edit))))
    assert data["different"] is True
    assert sum(data["counts"].values()) == len(data["changes"]) == 1
    assert data["changes"][0]["text"] == "model screening: version 3.2.0 → 99"


def test_facts_cover_every_rule_of_every_file(tree):
    rules = sum(
        len(group["rules"])
        for path, text in tree.items()
        if path.endswith(".rules.yaml")
        for group in yaml.safe_load(text)["groups"]
    )
    facts = read_facts(tree)
    metadata = 4 * len(list(facts.of("objective")))
    assert len(list(facts.of("alert", "recording"))) + metadata == rules
