"""The registry of the example organisation: complete, valid, versioned, and made of its specs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from semconv_version import MAJOR

from generators.diagnostics import Problem, Severity
from generators.language.sources import Source, read_specs
from generators.pipeline import Compiled, compile_plan
from generators.planning.conventions import Conventions, conventions, version_problems
from generators.planning.conventions.upstream import upstreams
from generators.semconv import allows_breaking, check, parse_version
from generators.targets.semconv import emit
from otel.genai import PROFILES

SPECS = Path(__file__).parents[2] / "specs"
STAGES = ["ml.receive_request", "ml.feature_vectorize", "ml.model_infer", "ml.post_process"]
HOSTILE = "Ends: *here* {{ .x }} `a` <b> \\n | # - [x](javascript:y)"


@cache
def compiled(edits: tuple[tuple[str, str, str], ...] = ()) -> Compiled:
    """Compile our specs, with edits (part of a file's name, what to replace, by what)."""
    return compile_plan(tuple(_edited(source, edits) for source in read_specs(SPECS)))


def _edited(source: Source, edits: tuple[tuple[str, str, str], ...]) -> Source:
    text = source.data.decode()
    for file, old, new in edits:
        if file in source.file:
            assert old in text, f"{old} is not in {source.file}"
            text = text.replace(old, new, 1)
    return Source(source.file, text.encode())


def made(*edits: tuple[str, str, str]) -> Conventions:
    result = compiled(edits)
    assert result.plan is not None
    return conventions(result.plan.catalog.platform, result.plan.environments)


def files(*edits: tuple[str, str, str]) -> dict[str, str]:
    plan = compiled(edits).plan
    assert plan is not None
    return {each.path: each.text for each in emit(plan)}


def of_codes(problems: tuple[Problem, ...], *codes: str) -> list[Problem]:
    return [problem for problem in problems if problem.code in codes]


def by_name(root: str, name: str = "name", *edits: tuple[str, str, str]) -> dict[str, Mapping[str, Any]]:
    return {each[name]: each for each in made(*edits).registry[root]}


def test_the_files_are_those_of_a_registry_and_read_back_as_planned() -> None:
    assert {path.removeprefix("semconv/") for path in files()} == {
        "manifest.yaml",
        "attributes.yaml",
        "metrics.yaml",
        "spans.yaml",
        "events.yaml",
        "entities.yaml",
    }
    read = {path.removeprefix("semconv/").removesuffix(".yaml"): yaml.safe_load(text) for path, text in files().items()}
    assert read.pop("manifest") == made().manifest
    assert read == made().files


def test_our_registry_follows_every_rule() -> None:
    assert of_codes(compiled().problems, "P421", "P422", "P423", "P424", "P425", "P426") == []
    assert check(made().registry, [each.registry for each in made().dependencies]) == ()


def test_no_attribute_of_ours_is_taken_out_of_a_rule() -> None:
    assert [each["key"] for each in made().registry["attributes"] if "annotations" in each] == []


def test_references_upstream_need_the_dependencies() -> None:
    unresolved = {finding.rule for finding in check(made().registry)}
    assert unresolved == {"unresolved_attribute", "unresolved_refinement"}


def test_every_metric_of_every_model_is_in_the_registry_once() -> None:
    plan = compiled().plan
    assert plan is not None
    emitted = {each.name for place in plan.environments for model in place.models for each in model.instruments}
    own, refined = by_name("metrics"), by_name("metric_refinements", "ref")
    assert emitted == own.keys() | refined.keys()
    assert not own.keys() & refined.keys()


def test_metrics_say_level_series_buckets_owner_and_data_protection() -> None:
    found = by_name("metrics")
    assert {each["requirement_level"] for each in found.values()} == {"recommended"}
    facts = {name: each["annotations"]["watchspec"] for name, each in found.items()}
    assert all(each["prometheus"] and each["owners"] and each["models"] for each in facts.values())
    assert "ml_prediction_duration_seconds_bucket" in facts["ml.prediction.duration"]["prometheus"]
    assert 0.3 in facts["ml.prediction.duration"]["buckets"]["health/screening"]
    assert facts["ml.override.count"]["dpia"]["health/screening"].startswith("DPIA-2031: Health data.")


def test_generative_ai_names_come_from_the_profile_and_are_never_defined() -> None:
    profile = PROFILES["genai-2026-08"]
    assert not [key for key in by_name("attributes", "key") if key.startswith("gen_ai.")]
    assert not [name for name in by_name("metrics") if name.startswith("gen_ai.")]
    assert by_name("metric_refinements", "ref").keys() <= {each.name for each in profile.metrics.values()}
    assert {each["ref"] for each in made().registry["span_refinements"]} == {
        "gen_ai.inference.client",
        "gen_ai.execute_tool.internal",
    }
    assert [each["schema_url"] for each in made().manifest["dependencies"]] == [
        "https://opentelemetry.io/schemas/1.44.0",
        "https://opentelemetry.io/schemas/gen-ai-dev/1.42.0-dev",
    ]


def test_each_profile_has_one_version_of_the_core_conventions() -> None:
    for version in PROFILES:
        urls = [each.schema_url for each in upstreams(version)]
        assert len([url for url in urls if "/schemas/1." in url]) == 1
        known = frozenset(key for each in upstreams(version) for key in each.names("attributes"))
        assert set(PROFILES[version].attributes.values()) <= known


def test_names_that_the_profile_does_not_have_are_a_warning() -> None:
    edit = ("specs/platform", "    prefix: ml", "    prefix: ml\n    gen_ai: core-1.36")
    found = of_codes(compiled((edit,)).problems, "P422")
    assert {problem.severity for problem in found} == {Severity.WARNING}
    assert "version `core-1.36` of the GenAI conventions has no metric `gen_ai.invoke_agent.duration`" in {
        problem.message for problem in found
    }
    assert {"ml.llm.call", "ml.tool.call"} <= by_name("spans", "type", edit).keys()


def test_spans_are_the_stages_of_a_prediction_in_order() -> None:
    spans = by_name("spans", "type")
    assert [name for name in spans if name in STAGES] == STAGES
    assert [spans[name]["kind"] for name in STAGES] == ["server", "internal", "internal", "internal"]
    assert "prediction.confidence" in {each["ref"] for each in spans["ml.model_infer"]["attributes"]}


def test_events_and_entities_are_there() -> None:
    assert set(by_name("events")) == {"ml.prediction.logged", "ml.evaluation.result", "ml.feedback.received"}
    assert set(by_name("entities", "type")) == {"model", "baseline"}


def test_an_organisation_without_language_models_has_no_calls_of_them() -> None:
    sources = [source for source in read_specs(SPECS) if "support-assistant" not in source.file]
    found = compile_plan(sources)
    assert found.plan is not None
    alone = conventions(found.plan.catalog.platform, found.plan.environments)
    assert "span_refinements" not in alone.registry
    assert "event_refinements" not in alone.registry


def test_values_of_metrics_are_enums_and_those_of_models_are_examples() -> None:
    attributes = by_name("attributes", "key")
    assert {each["id"] for each in attributes["ml.check"]["type"]["members"]} >= {"missing", "schema", "outlier"}
    assert attributes["ml.feature"]["type"] == "string"
    assert attributes["ml.class"]["type"] == "string"


def added(
    file: str, name: str = "ml.orders", kind: str = "counter", unit: str = '"{order}"', text: str = "Orders."
) -> Any:
    old = "\n  prediction:"
    line = f"\n  metrics: {{orders: {{name: {name}, instrument: {kind}, unit: {unit}, description: {text}}}}}"
    return (f"models/{file}", old, line + old)


def test_one_name_with_two_units_is_a_problem_with_both_places() -> None:
    problems = compiled((added("screening"), added("cultivar", unit='"{item}"'))).problems
    (found,) = of_codes(problems, "P421")
    assert found.severity is Severity.ERROR
    assert {found.position.file, found.related[0][1].file} == {
        "specs/models/screening.yaml",
        "specs/models/cultivar.yaml",
    }
    assert "`{item}`" in found.message
    assert "`{order}`" in found.message


def test_one_name_with_two_descriptions_is_a_warning() -> None:
    problems = compiled((added("screening"), added("cultivar", text="Other."))).problems
    assert [found.severity for found in of_codes(problems, "P421")] == [Severity.WARNING]


def test_equal_definitions_of_two_models_are_one_metric() -> None:
    edits = (added("screening"), added("cultivar"))
    assert compiled(edits).problems == ()
    assert by_name("metrics", "name", *edits)["ml.orders"]["annotations"]["watchspec"]["models"] == [
        "health/screening",
        "wine/cultivar",
    ]


@pytest.mark.parametrize(
    ("name", "unit", "code"),
    [
        ("ml.prediction.count.orders", '"{order}"', "P425"),
        ("http.server.request.duration", "ms", "P422"),
    ],
)
def test_rules_of_weaver_point_to_the_line_of_the_spec(name: str, unit: str, code: str) -> None:
    found = of_codes(compiled((added("screening", name, unit=unit),)).problems, code)
    assert [problem.position.file for problem in found][:1] == ["specs/models/screening.yaml"]


def test_a_bare_attribute_of_a_spec_is_a_warning() -> None:
    attribute = added("screening", text="Orders., attributes: {region: {values: [emea], description: Where.}}")
    (found,) = of_codes(compiled((attribute,)).problems, "P424")
    assert found.position.file == "specs/models/screening.yaml"
    assert found.severity is Severity.WARNING


def test_hostile_texts_come_back_as_they_were() -> None:
    edit = added("screening", text="'" + HOSTILE + "'")
    read = yaml.safe_load(files(edit)["semconv/metrics.yaml"])
    (metric,) = [each for each in read["metrics"] if each["name"] == "ml.orders"]
    assert metric["brief"].startswith(HOSTILE.partition("\\")[0])


def version(major: int, minor: int = 0) -> tuple[str, str, str]:
    """The edit that gives our conventions another version."""
    return ("specs/platform", f"semconv: {{version: {MAJOR}.0.0}}", f"semconv: {{version: {major}.{minor}.0}}")


def breaks(edit: Callable[[dict[str, str]], None], *edits: tuple[str, str, str]) -> tuple[Problem, ...]:
    committed = files()
    edit(committed)
    plan = compiled(edits).plan
    assert plan is not None
    return version_problems(plan.catalog.platform, plan.environments, committed)


def retyped(committed: dict[str, str]) -> None:
    text = committed["semconv/metrics.yaml"]
    committed["semconv/metrics.yaml"] = text.replace('unit: "{prediction}"', 'unit: "{thing}"', 1)


def test_nothing_breaks_while_nothing_changes_or_nothing_is_committed() -> None:
    assert breaks(lambda _: None) == ()
    assert breaks(dict.clear) == ()


def test_a_breaking_change_is_a_problem_until_the_version_says_so() -> None:
    (found,) = breaks(retyped)
    assert (found.code, found.severity) == ("P427", Severity.ERROR)
    assert f"version: {MAJOR + 1}.0.0" in found.help
    assert breaks(retyped, version(MAJOR, 1))
    assert breaks(retyped, version(MAJOR + 1)) == ()


def test_a_removed_model_metric_breaks_at_the_platform() -> None:
    (found,) = breaks(lambda committed: committed.update(files(added("screening"))))
    assert found.message.startswith("metric `ml.orders` is gone")
    assert found.position.file == "specs/platform.yaml"


def test_the_version_never_falls() -> None:
    committed = files(version(MAJOR, 1))
    plan = compiled().plan
    assert plan is not None
    found = version_problems(plan.catalog.platform, plan.environments, committed)
    assert [problem.code for problem in found] == ["P428"]


def test_a_broken_committed_file_is_no_traceback() -> None:
    assert breaks(lambda committed: committed.update({"semconv/metrics.yaml": "metrics: [\n{"})) == ()


@pytest.mark.parametrize(
    ("older", "newer", "allowed"),
    [("1.2.3", "2.0.0", True), ("1.2.3", "1.3.0", False), ("0.2.0", "0.3.0", True), ("0.2.0", "0.2.1", False)],
)
def test_a_new_major_version_announces_a_break(older: str, newer: str, *, allowed: bool) -> None:
    one, two = parse_version(older), parse_version(newer)
    assert one is not None
    assert two is not None
    assert allows_breaking(one, two) is allowed


@pytest.mark.parametrize("text", ["", "1.0", "1.0.0\n", "01.0.0", "v1.0.0", "1.0.0-dev"])
def test_other_texts_are_no_versions(text: str) -> None:
    assert parse_version(text) is None
