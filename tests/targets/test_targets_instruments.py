from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import jsonschema
import targets_plans as plans
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.formats.json_printer import format_json
from generators.planning.plan import Plan
from generators.targets.service import instruments

CHURN = "instruments/retail/churn.json"


def rendered(plan: Plan) -> dict[str, Any]:
    return {artifact.path: json.loads(artifact.text) for artifact in instruments.TARGET.artifacts(plan)}


def with_model(plan: Plan, **changes: object) -> Plan:
    """Change the facts of every model in every environment."""
    environments = []
    for environment in plan.environments:
        models = []
        for model in environment.models:
            facts = replace(model.deployment.model, **changes)  # type: ignore[arg-type]
            models.append(replace(model, deployment=replace(model.deployment, model=facts)))
        environments.append(replace(environment, models=tuple(models)))
    return replace(plan, environments=tuple(environments))


def test_there_is_one_manifest_for_each_model_and_their_schema() -> None:
    assert sorted(rendered(plans.plan())) == ["instruments/bank/fraud.json", CHURN, "schema/instruments.schema.json"]


def test_manifests_obey_their_schema() -> None:
    for plan in (plans.plan(), with_model(plans.plan(), llm=plans.llm(), version="", features=(), threshold=None)):
        files = rendered(plan)
        schema = files.pop("schema/instruments.schema.json")
        jsonschema.Draft202012Validator.check_schema(schema)
        for manifest in files.values():
            jsonschema.Draft202012Validator(schema).validate(manifest)


def test_everything_in_the_schema_is_described() -> None:
    schema = rendered(plans.plan())["schema/instruments.schema.json"]
    assert [path for path, part in properties(schema, "") if not part.get("description")] == []


def properties(schema: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for word in ("properties", "$defs"):
        for name, part in schema.get(word, {}).items():
            yield f"{path}/{name}", part
            yield from properties(part, f"{path}/{name}")


def test_a_manifest_says_who_and_where() -> None:
    manifest = rendered(plans.plan())[CHURN]
    assert manifest["manifest"] == 1
    assert manifest["model"]["sha256"] == "9f" * 32
    assert manifest["attributes"] == {"model.name": "churn", "model.version": "2.3.0"}
    assert manifest["resource"]["service.namespace"] == "ml"
    assert manifest["environments"] == {
        "production": {
            "resource": {"deployment.environment.name": "production"},
            "export_interval_seconds": 5,
            "series": 3 * 22,
        },
        "staging": {
            "resource": {"deployment.environment.name": "staging"},
            "export_interval_seconds": 15,
            "series": 3 * 22,
        },
    }


def test_a_manifest_says_what_may_be_recorded() -> None:
    metrics = rendered(plans.plan())[CHURN]["metrics"]
    assert metrics["duration"]["buckets"] == [0.1, 0.5, 1]
    assert metrics["duration"]["attributes"]["error.type"] == {
        "label": "error_type",
        "description": "Class of error",
        "values": ["timeout", "_OTHER"],
        "optional": True,
    }
    assert metrics["feature_bin"]["attributes"]["bin"]["derived"] is True
    assert metrics["feature_bin"]["prometheus"] == {
        "prometheus-3": ["ml_feature_bin_total"],
        "mimir": ["ml_feature_bin"],
        "remote-write": ["ml_feature_bin_total"],
    }


def test_inputs_outputs_and_labels_are_there_with_plain_numbers() -> None:
    manifest = rendered(plans.plan())[CHURN]
    assert manifest["features"]["tenure_months"]["range"] == [0, 120]
    assert manifest["features"]["plan"] == {
        "type": "category",
        "values": ["basic", "plus", "pro"],
        "max_age_seconds": 86400,
    }
    assert manifest["prediction"] == {
        "classes": ["stay", "churn"],
        "positive": "churn",
        "threshold": 0.5,
        "low_confidence": 0.7,
    }
    assert manifest["labels"] == {"delay_seconds": 2592000, "sample": 0.1, "source": "system"}
    assert manifest["segments"] == {"region": ["emea", "amer", "apac"]}


def test_prices_are_exact_decimals_as_text() -> None:
    llm = rendered(with_model(plans.plan(), llm=plans.llm()))[CHURN]["llm"]
    assert llm["currency"] == "USD"
    assert llm["tiers"]["cheap"]["price_per_token"] == {
        "input": "0.00000015",
        "output": "0.0000006",
        "cached_input": "0.000000075",
        "reasoning": "0.0000006",
    }
    assert Decimal(llm["tiers"]["cheap"]["price_per_token"]["cached_input"]) == Decimal("7.5E-8")
    assert llm["tiers"]["local"] == {"model": "unpriced"}


def test_environments_are_told_apart_only_where_they_differ() -> None:
    plan = plans.plan()
    assert "overrides" not in json.dumps(rendered(plan)[CHURN])
    production, staging = plan.environments
    duration, feature_bin = plans.instruments()
    changed = replace(duration, buckets=(0.25,), series=12, personal_data="Yes.")
    models = tuple(replace(model, instruments=(changed,)) for model in staging.models)
    metrics = rendered(replace(plan, environments=(production, replace(staging, models=models))))[CHURN]["metrics"]
    assert metrics["duration"]["buckets"] == [0.1, 0.5, 1]
    assert metrics["duration"]["overrides"] == {"staging": {"buckets": [0.25], "personal_data": "Yes.", "series": 12}}
    assert "environments" not in metrics["duration"]
    assert metrics["feature_bin"]["environments"] == ["production"]
    assert feature_bin.id == "feature_bin"


SCALAR = st.text() | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUE = st.recursive(SCALAR, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@settings(derandomize=True, deadline=None)
@given(VALUE)
def test_json_reads_back_as_the_same_value(value: object) -> None:
    assert json.loads(format_json(value)) == value


def test_short_lists_stand_on_one_line() -> None:
    assert format_json({"a": [1, 2], "b": [{"c": []}], "d": {}}) == (
        '{\n  "a": [1, 2],\n  "b": [\n    {\n      "c": []\n    }\n  ],\n  "d": {}\n}\n'
    )
    assert format_json(["x" * 60, "y" * 60]).count("\n") == 4
