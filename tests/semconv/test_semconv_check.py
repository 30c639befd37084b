"""The rules on registries that are not ours: small ones, written for one rule each."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.semconv import Level, check, compare, merged

Definition = dict[str, Any]


def attribute(key: str = "shop.region", type_: object = "string", **more: object) -> Definition:
    return {"key": key, "type": type_, "brief": "Where.", "stability": "development", **more}


def metric(name: str = "shop.orders", **more: object) -> Definition:
    base = {"name": name, "instrument": "counter", "unit": "{order}", "brief": "Orders.", "stability": "development"}
    return {**base, **more}


def enum(*members: Definition) -> Definition:
    return {"members": list(members)}


def registry(**roots: object) -> Definition:
    return {"file_format": "definition/2", **roots}


def rules(found: Definition, *dependencies: Definition) -> set[tuple[str, str]]:
    return {(finding.rule, finding.name) for finding in check(found, dependencies)}


GOOD = registry(
    attributes=[attribute(), attribute("shop.kind", enum({"id": "web", "value": "Web"}, {"id": "shop"}))],
    attribute_groups=[{"id": "common", "visibility": "internal", "attributes": [{"ref": "shop.region"}]}],
    metrics=[metric(attributes=[{"ref_group": "common"}, {"ref": "shop.kind", "requirement_level": "opt_in"}])],
    spans=[
        {
            "type": "shop.checkout",
            "kind": "server",
            "name": {"note": "`checkout`"},
            "brief": "A checkout.",
            "stability": "development",
        }
    ],
    events=[{"name": "shop.paid", "brief": "Paid.", "stability": "development", "entity_associations": ["shop"]}],
    entities=[{"type": "shop", "brief": "A shop.", "stability": "development", "identity": [{"ref": "shop.region"}]}],
)


def test_a_registry_that_follows_the_rules_has_no_finding() -> None:
    assert check(GOOD) == ()


def test_files_of_a_registry_are_joined() -> None:
    parts = [{"file_format": "definition/2", root: GOOD[root]} for root in GOOD if root != "file_format"]
    assert merged(parts) == GOOD
    assert merged([{"metrics": [1]}, {"metrics": [2]}]) == {"metrics": [1, 2]}


@pytest.mark.parametrize(
    ("roots", "expected"),
    [
        ({"attributes": [attribute("nonamespace")]}, ("attribute_name_namespace", "nonamespace")),
        ({"attributes": [attribute("shop.Region")]}, ("attribute_name_format", "shop.Region")),
        ({"attributes": [attribute("shop._region")]}, ("attribute_name_format", "shop._region")),
        ({"attributes": [attribute("1shop.region")]}, ("attribute_name_format", "1shop.region")),
        ({"attributes": [attribute(brief=" ")]}, ("empty_brief", "shop.region")),
        ({"attributes": [attribute(), attribute()]}, ("duplicate_attribute", "shop.region")),
        (
            {"attributes": [attribute("shop.a_b"), attribute("shop.a.b")]},
            ("attribute_constant_collision", "shop.a.b"),
        ),
        (
            {"attributes": [attribute("shop.region"), attribute("shop.region.code")]},
            ("attribute_namespace_collision", "shop.region"),
        ),
        ({"attributes": [attribute(type_=enum({"id": "Bad_Id"}))]}, ("enum_member_id_format", "shop.region")),
        ({"attributes": [attribute(type_=enum({"id": "a"}, {"id": "a"}))]}, ("enum_member_collision", "shop.region")),
        (
            {"attributes": [attribute(type_=enum({"id": "a", "value": 1}, {"id": "b", "value": 1}))]},
            ("enum_member_collision", "shop.region"),
        ),
        (
            {"attributes": [attribute(type_=enum({"id": "a.b"}, {"id": "a_b"}))]},
            ("enum_member_collision", "shop.region"),
        ),
        ({"attributes": [attribute(type_=enum())]}, ("empty_enum", "shop.region")),
        ({"metrics": [metric("Shop.Orders")]}, ("metric_name_format", "Shop.Orders")),
        ({"metrics": [metric(brief="Orders")]}, ("metric_brief_period", "shop.orders")),
        ({"metrics": [metric(), metric("shop.orders.open")]}, ("metric_namespace_collision", "shop.orders")),
        ({"metrics": [metric("shop.a_b"), metric("shop.a.b")]}, ("metric_constant_collision", "shop.a_b")),
        ({"metrics": [metric(attributes=[{"ref": "shop.lost"}])]}, ("unresolved_attribute", "shop.orders")),
        ({"metrics": [metric(attributes=[{"ref_group": "lost"}])]}, ("unresolved_group", "shop.orders")),
        (
            {"attributes": [attribute("shop.any", "any")], "metrics": [metric(attributes=[{"ref": "shop.any"}])]},
            ("attribute_complex_type", "shop.orders"),
        ),
        (
            {"metric_refinements": [{"id": "shop.more", "ref": "shop.lost"}]},
            ("unresolved_refinement", "shop.more"),
        ),
        (
            {"events": [{"name": "shop.paid", "brief": "P.", "stability": "stable", "entity_associations": ["x"]}]},
            ("unknown_entity_association", "shop.paid"),
        ),
        (
            {
                "attributes": [attribute("event.name")],
                "events": [
                    {"name": "shop.paid", "brief": "P.", "stability": "stable", "attributes": [{"ref": "event.name"}]}
                ],
            },
            ("event_name_attribute_forbidden", "shop.paid"),
        ),
        (
            {"entities": [{"type": "shop", "brief": "A shop.", "stability": "stable", "identity": []}]},
            ("stability_entity_no_identity", "shop"),
        ),
        (
            {"attributes": [attribute()], "metrics": [metric(stability="stable", attributes=[{"ref": "shop.region"}])]},
            ("stability_metric_experimental_attribute", "shop.orders"),
        ),
        (
            {"attributes": [attribute(deprecated={"reason": "renamed", "renamed_to": "shop.place"})]},
            ("deprecation_attribute_renamed_to_invalid", "shop.region"),
        ),
        (
            {
                "attributes": [
                    attribute(deprecated={"reason": "renamed", "renamed_to": "shop.place"}),
                    attribute("shop.place", "int"),
                ]
            },
            ("deprecation_attribute_renamed_to_type_mismatch", "shop.region"),
        ),
        (
            {"metrics": [metric(deprecated={"reason": "renamed", "renamed_to": "shop.gone"})]},
            ("deprecation_metric_renamed_to_invalid", "shop.orders"),
        ),
        ({"metrics": [metric(instrument="exponential")]}, ("shape", "shop.orders")),
        ({"metrics": [metric(buckets=[1])]}, ("shape", "shop.orders")),
        ({"metrics": [metric(requirement_level="required")]}, ("shape", "shop.orders")),
        ({"attributes": [attribute(type_="text")]}, ("shape", "shop.region")),
        ({"attributes": [attribute(deprecated={"reason": "obsoleted"})]}, ("shape", "shop.region")),
        ({"groups": []}, ("shape", "")),
        ({"file_format": "definition/1"}, ("shape", "")),
    ],
)
def test_each_rule_finds_what_breaks_it(roots: Definition, expected: tuple[str, str]) -> None:
    assert expected in rules({**registry(), **roots})


def test_what_annotations_take_out_of_a_policy_is_no_finding() -> None:
    exception = {"naming_conventions": {"policy_exceptions": ["metric_namespace_collision", "attribute_namespace"]}}
    found = registry(
        attributes=[attribute("region", annotations=exception)],
        metrics=[metric(), metric("shop.orders.open", annotations=exception)],
    )
    assert check(found) == ()


def test_opt_in_attributes_may_be_less_stable_than_their_metric() -> None:
    level = {"opt_in": "Only for tests."}
    uses = [{"ref": "shop.region", "requirement_level": level}]
    assert check(registry(attributes=[attribute()], metrics=[metric(stability="stable", attributes=uses)])) == ()


def test_a_renamed_attribute_leads_to_a_living_one_of_the_same_type() -> None:
    renamed = attribute(deprecated={"reason": "renamed", "renamed_to": "shop.place"})
    assert check(registry(attributes=[renamed, attribute("shop.place", enum({"id": "north"}))])) == ()


def test_dependencies_resolve_references_and_may_not_be_redefined() -> None:
    core = registry(attributes=[attribute("error.type")], metrics=[metric("http.duration")])
    own = registry(
        metrics=[metric(attributes=[{"ref": "error.type"}])],
        metric_refinements=[{"id": "shop.http", "ref": "http.duration"}],
    )
    assert rules(own) == {("unresolved_attribute", "shop.orders"), ("unresolved_refinement", "shop.http")}
    assert rules(own, core) == set()
    assert rules(registry(attributes=[attribute("error.type")]), core) == {("redefined_attribute", "error.type")}


def test_groups_that_contain_themselves_are_found_and_end() -> None:
    groups = [
        {"id": "a", "visibility": "internal", "attributes": [{"ref_group": "b"}]},
        {"id": "b", "visibility": "internal", "attributes": [{"ref_group": "a"}]},
    ]
    found = registry(attribute_groups=groups, metrics=[metric(attributes=[{"ref_group": "a"}])])
    assert ("circular_group", "shop.orders") in rules(found)


def test_a_registry_breaks_nothing_of_itself() -> None:
    assert compare(GOOD, GOOD) == ()
    assert compare({}, GOOD) == ()


BREAKS = [
    ("attributes", 1, None, "compatibility_attribute_missing"),
    ("attributes", 0, {"type": "int"}, "compatibility_attribute_changed_type"),
    ("attributes", 0, {"key": "shop.place"}, "compatibility_attribute_missing"),
    ("attributes", 1, {"type": enum({"id": "web", "value": "Web"})}, "compatibility_enum_member_missing"),
    (
        "attributes",
        1,
        {"type": enum({"id": "web", "value": "W"}, {"id": "shop"})},
        "compatibility_enum_member_changed_value",
    ),
    ("attributes", 1, {"type": "string"}, "compatibility_attribute_changed_type"),
    ("metrics", 0, None, "compatibility_metric_missing"),
    ("metrics", 0, {"name": "shop.order"}, "compatibility_metric_missing"),
    ("metrics", 0, {"unit": "1"}, "compatibility_metric_changed_unit"),
    ("metrics", 0, {"instrument": "gauge"}, "compatibility_metric_changed_instrument"),
    ("metrics", 0, {"attributes": []}, "compatibility_metric_dropped_attribute"),
    ("spans", 0, {"kind": "client"}, "compatibility_span_changed_kind"),
    ("spans", 0, None, "compatibility_span_missing"),
    ("events", 0, None, "compatibility_event_missing"),
    ("entities", 0, {"identity": [{"ref": "shop.kind"}]}, "compatibility_entity_changed_identity"),
]


@pytest.mark.parametrize(("root", "index", "change", "rule"), BREAKS)
def test_what_readers_lose_is_a_break(root: str, index: int, change: Definition | None, rule: str) -> None:
    newer = copy.deepcopy(GOOD)
    if change is None:
        del newer[root][index]
    else:
        newer[root][index].update(change)
    assert rule in {finding.rule for finding in compare(GOOD, newer)}


@pytest.mark.parametrize(
    "change",
    [
        {"attributes": [*GOOD["attributes"], attribute("shop.new")]},
        {"metrics": [*GOOD["metrics"], metric("shop.returns")]},
        {
            "metrics": [
                {**GOOD["metrics"][0], "brief": "All orders.", "deprecated": {"reason": "obsoleted", "note": "x"}}
            ]
        },
        {"attribute_groups": []},
    ],
)
def test_additions_texts_deprecation_and_internal_groups_break_nothing(change: Definition) -> None:
    found = compare(GOOD, {**GOOD, **change})
    assert {finding.rule for finding in found} <= {"compatibility_metric_dropped_attribute"}
    assert "attribute_groups" in change or found == ()


def test_what_was_stable_may_not_become_unstable() -> None:
    older = registry(attributes=[attribute(stability="stable")], metrics=[metric(stability="stable")])
    newer = registry(attributes=[attribute()], metrics=[metric()])
    assert {finding.rule for finding in compare(older, newer)} == {
        "compatibility_attribute_changed_stability",
        "compatibility_metric_changed_stability",
    }


def test_a_refinement_that_says_so_takes_the_place_of_a_signal() -> None:
    base = metric("shop.base")
    kept = {"id": "shop.orders", "ref": "shop.base"}
    annotated = {**kept, "annotations": {"compatibility": {"policy_exceptions": ["metric_missing"]}}}
    older = registry(metrics=[base, metric()])
    assert compare(older, registry(metrics=[base]))
    rules_left = {finding.rule for finding in compare(older, registry(metrics=[base], metric_refinements=[annotated]))}
    assert "compatibility_metric_missing" not in rules_left


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "ref", "type", "members"]), inner)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["attributes", "metrics", "spans", "events", "entities", "imports"]), JSON))
@settings(derandomize=True, deadline=None)
def test_any_data_is_checked_without_a_traceback(found: Definition) -> None:
    assert all(finding.level is Level.VIOLATION for finding in check(found))
    assert compare(found, found) == ()
