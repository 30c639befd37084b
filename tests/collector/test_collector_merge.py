"""Merging: what the base says stays, what specs say is added, and every leaf knows where it comes from."""

from __future__ import annotations

from typing import Any

import committed
import pytest
import yaml
from collector_world import COLLECTOR, compiled, texts
from hypothesis import given, settings
from hypothesis import strategies as st

from generators import collector as lint
from generators.cli.commands.explain.collectors import BASE, explain_collector
from generators.cli.unknown_names import UnknownNameError
from generators.diagnostics import Position
from generators.formats.yaml.nodes import Mapping
from generators.formats.yaml.reader import load_documents
from generators.language.catalog.collector import Tier
from generators.planning.collector.merge import merge
from generators.planning.collector.plan import Configuration, Path, Setting

HERE = Position("specs/environments/production.yaml", 1, 1, 1, 2)
KEYS = st.sampled_from(["a", "b", "c"])
TREES = st.recursive(
    st.integers(0, 2), lambda inner: st.dictionaries(KEYS, inner, min_size=1, max_size=3), max_leaves=8
)


def base(text: str) -> Mapping:
    (node,), problems = load_documents(text, "collector-config/agent.yaml")
    assert problems == ()
    assert isinstance(node, Mapping)
    return node


def merged(text: str, *stated: tuple[str, object]) -> dict[str, Any]:
    parts = [Setting(tuple(path.split(".")), value, "why", (HERE,)) for path, value in stated]
    result, problems = merge(Tier.AGENT, base(text), parts, ())
    assert problems == ()
    return dict(result.document)


def leaves(tree: object, path: Path = ()) -> dict[Path, object]:
    if isinstance(tree, dict) and tree:
        return {key: value for name, inner in tree.items() for key, value in leaves(inner, (*path, name)).items()}
    return {path: tree}


def test_lists_of_pipelines_are_joined_and_what_only_the_base_names_comes_first() -> None:
    text = "service: {extensions: [a], pipelines: {traces: {processors: [memory_limiter, k8s]}}}"
    pipeline = {"receivers": ["otlp"], "processors": ["strip", "k8s"], "exporters": ["out"]}
    found = merged(text, ("service.pipelines.traces", pipeline), ("service.extensions", ["b", "a"]))
    assert found["service"]["pipelines"]["traces"]["processors"] == ["memory_limiter", "strip", "k8s"]
    assert found["service"]["extensions"] == ["b", "a"]
    assert list(found["service"]["pipelines"]["traces"]) == ["receivers", "processors", "exporters"]


def test_an_entry_for_every_component_lies_below_those_of_its_type() -> None:
    text = "exporters: {otlp/every: {tls: {v: 1, w: 2}, q: 3}, other: {}}"
    found = merged(text, ("exporters.otlp/a.tls.v", 9), ("exporters.otlp/b", {}))
    assert found["exporters"] == {
        "other": {},
        "otlp/a": {"tls": {"v": 9, "w": 2}, "q": 3},
        "otlp/b": {"tls": {"v": 1, "w": 2}, "q": 3},
    }


def test_a_pipeline_that_nothing_feeds_is_left_out() -> None:
    text = "service: {pipelines: {traces: {processors: [x]}, logs: {processors: [x]}}}"
    found = merged(text, ("service.pipelines.logs", {"receivers": ["otlp"], "exporters": ["out"]}))
    assert list(found["service"]["pipelines"]) == ["logs"]


@settings(derandomize=True, deadline=None)
@given(st.dictionaries(KEYS, TREES, min_size=1, max_size=3), st.dictionaries(KEYS, TREES, min_size=1, max_size=3))
def test_without_conflict_the_result_has_all_leaves_of_both_and_each_has_its_origin(one: Any, other: Any) -> None:
    stated = [Setting(("x", key), value, "why", (HERE,)) for key, value in other.items()]
    result, problems = merge(Tier.AGENT, base(yaml.safe_dump({"x": one})), stated, ())
    left, right = leaves({"x": one}), leaves({"x": other})
    if problems:
        clash = [
            p for p in left if any(p[: len(q)] == q or q[: len(p)] == p for q in right) and left.get(p) != right.get(p)
        ]
        assert clash
        assert all(problem.position.file == "collector-config/agent.yaml" for problem in problems)
    else:
        assert leaves(dict(result.document)) == {**left, **right}
        assert {origin.path for origin in result.leaves} == {*left, *right}
        assert all(origin.why == ("why" if origin.path not in left else "") for origin in result.leaves)


@pytest.fixture(scope="module")
def plan() -> Any:
    return committed.plan()


def configurations(plan: Any) -> list[Configuration]:
    return [each for environment in plan.environments for each in environment.collector.configurations]


def test_every_leaf_of_our_configurations_comes_from_the_base_or_from_a_spec(plan: Any) -> None:
    for configuration in configurations(plan):
        assert {origin.path for origin in configuration.leaves} == set(leaves(configuration.document))
        for origin in configuration.leaves:
            assert origin.places
            assert all(each.file.startswith(("collector-config/", "specs/", "library/")) for each in origin.places)


def test_our_rendered_configurations_have_no_finding_and_no_default_for_the_key() -> None:
    found = {path: text for path, text in texts(compiled()).items() if path.endswith(("/agent.yaml", "/gateway.yaml"))}
    assert len(found) == 2
    assert [problem for path, text in found.items() for problem in lint.lint(text, path)] == []
    assert 'hmac_key: "${env:WATCHSPEC_HMAC_KEY}"' in found["production/collector/agent.yaml"]


def test_text_of_specs_is_never_read_as_a_variable() -> None:
    section = COLLECTOR.replace(
        'endpoint: "https://loki.example/otlp"',
        'endpoint: "https://loki.example/otlp", headers: {X-Scope-OrgID: "${env:HOME}"}',
    )
    gateway = yaml.safe_load(texts(compiled(section))["production/collector/gateway.yaml"])
    assert gateway["exporters"]["otlp_http/loki"]["headers"] == {"X-Scope-OrgID": "$${env:HOME}"}


def test_a_key_is_explained_by_its_value_and_its_place(plan: Any) -> None:
    (entry,) = explain_collector(["gateway", "processors.memory_limiter.limit_mib"], "production", plan).data
    assert (entry["value"], entry["why"]) == (1600, BASE)
    assert entry["places"][0].startswith("collector-config/gateway.yaml:")
    found = explain_collector(["agent", "processors.redaction/pseudonym.hmac_key"], None, plan)
    assert {each["environment"] for each in found.data} == {"local", "production", "staging"}
    assert "does not start" in found.text


@pytest.mark.parametrize(
    ("names", "environment"), [(["agnet"], None), (["agent", "procesors"], None), (["agent"], "prod")]
)
def test_what_cannot_be_explained_is_answered_with_what_there_is(
    plan: Any, names: list[str], environment: str | None
) -> None:
    with pytest.raises(UnknownNameError, match=r"did you mean|there are"):
        explain_collector(names, environment, plan)
