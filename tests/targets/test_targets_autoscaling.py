"""Autoscalers: none unless a spec asks, and each with the limits, signs and floors that the spec says."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from generators.language.sources import Source, read_specs
from generators.pipeline import Compiled, compile_artifacts
from generators.promql.engine import Storage, VectorValue, evaluate
from generators.promql.engine.series.notation import read_series
from generators.promql.syntax.parser import parse

TESTS = Path(__file__).parents[1]
FACTS = json.loads((Path(__file__).parent / "kubernetes_facts.json").read_text("utf-8"))["objects"]
VERTICAL = "{container: api, requests: {cpu: 500m, memory: 1Gi}"
MODES = ("Off", "Initial", "Recreate", "InPlaceOrRecreate")


@cache
def compiled(*asked: str, everywhere: str = "") -> Compiled:
    """A small organisation whose one model asks for autoscalers, or its environment for all models."""
    sources = []
    for each in read_specs(TESTS / "language/wrong_specs/organisation"):
        text = each.data.decode()
        if each.file.endswith("churn.yaml"):
            text += "".join(f"{line}\n" for line in ("  autoscaling:", *(f"    {one}" for one in asked)) if asked)
        elif each.file.endswith("production.yaml"):
            text += "  prometheus_url: https://prometheus.example.org\n"
            text += f"  defaults: {{autoscaling: {everywhere}}}\n" if everywhere else ""
        sources.append(Source(f"specs/{each.file.partition('/')[2]}", text.encode()))
    return compile_artifacts(sources)


def objects(*asked: str, everywhere: str = "") -> dict[str, Any]:
    found = compiled(*asked, everywhere=everywhere)
    assert found.problems == ()
    documents = [
        document
        for each in found.artifacts
        if each.path.startswith("production/kubernetes/")
        for document in yaml.safe_load_all(each.text)
    ]
    made = {
        each["kind"]: each
        for each in documents
        if each["apiVersion"].split("/")[0].endswith(("scaling.k8s.io", "autoscaling", "keda.sh"))
    }
    for each in made.values():
        schema = FACTS[f"{each['apiVersion']}/{each['kind']}"]["schema"]
        jsonschema.Draft202012Validator(schema).validate(each)
    return made


def head(kind: str, *asked: str) -> str:
    (text,) = [each.text for each in compiled(*asked).artifacts if each.path.endswith(f".{kind.lower()}.yaml")]
    return " ".join(line.removeprefix("#").strip() for line in text.partition("\n#\n")[0].splitlines())


@pytest.mark.parametrize(
    "asked",
    [(), (f"vertical: {VERTICAL}, enabled: false}}", "horizontal: {cpu: 70%, enabled: false}")],
    ids=["nothing said", "taken away"],
)
def test_nothing_scales_a_deployment_unless_a_spec_asks(asked: tuple[str, ...]) -> None:
    assert objects(*asked) == {}


def test_an_environment_asks_for_all_its_models_and_a_model_for_less_or_for_nothing() -> None:
    everywhere = "{horizontal: {cpu: 80%, for: 10m}}"
    (made,) = objects(everywhere=everywhere).values()
    assert made["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"] == 80
    (made,) = objects("horizontal: {cpu: 60%}", everywhere=everywhere).values()
    assert made["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"] == 60
    assert made["spec"]["behavior"]["scaleUp"]["stabilizationWindowSeconds"] == 600
    assert objects("horizontal: {enabled: false}", everywhere=everywhere) == {}


@pytest.mark.parametrize("mode", MODES)
def test_a_vertical_autoscaler_never_requests_less_than_the_spec_and_leaves_other_containers_alone(mode: str) -> None:
    made = objects(f"vertical: {VERTICAL}, most: {{memory: 4Gi}}, update: {mode}}}")
    assert set(made) == {"VerticalPodAutoscaler"}
    spec = made["VerticalPodAutoscaler"]["spec"]
    assert spec["updatePolicy"]["updateMode"] == mode
    served, others = spec["resourcePolicy"]["containerPolicies"]
    assert served["minAllowed"] == {"cpu": "500m", "memory": "1Gi"}
    assert served["maxAllowed"] == {"memory": "4Gi"}
    assert others == {"containerName": "*", "mode": "Off"}


@pytest.mark.parametrize("mode", MODES)
def test_the_head_of_a_vertical_autoscaler_says_whether_it_evicts(mode: str) -> None:
    said = head("VerticalPodAutoscaler", f"vertical: {VERTICAL}, update: {mode}}}")
    assert ("EVICTS" in said) == (mode in ("Recreate", "InPlaceOrRecreate"))


@pytest.mark.parametrize(
    ("written", "read"),
    [("500m", "500m"), ('"0.5"', "0.5"), ("2", "2"), ("0x10", "16"), ("25e-2", "0.25"), ("1.0", "1")],
)
def test_cores_are_told_to_kubernetes_as_it_reads_them(written: str, read: str) -> None:
    spec = objects(f"vertical: {{container: api, requests: {{cpu: {written}, memory: 1Gi}}}}")["VerticalPodAutoscaler"][
        "spec"
    ]
    assert spec["resourcePolicy"]["containerPolicies"][0]["minAllowed"]["cpu"] == read


@pytest.mark.parametrize(
    "written", ["0", "-1", "0m", "0.0", ".inf", ".nan", "1e400", "1_000", "true", "500 m", "[1]", "5m5"]
)
def test_cores_that_are_none_are_a_problem_at_their_place(written: str) -> None:
    found = compiled(f"vertical: {{container: api, requests: {{cpu: {written}, memory: 1Gi}}}}").problems
    assert found
    assert all(each.position.file == "specs/models/churn.yaml" and each.help for each in found)


def test_a_vertical_autoscaler_only_recommends_unless_told_otherwise() -> None:
    spec = objects(f"vertical: {VERTICAL}}}")["VerticalPodAutoscaler"]["spec"]
    assert spec["updatePolicy"] == {"updateMode": "Off"}


def test_cpu_alone_needs_nothing_but_kubernetes() -> None:
    made = objects("horizontal: {cpu: 65%, for: 3m}")
    assert set(made) == {"HorizontalPodAutoscaler"}
    spec = made["HorizontalPodAutoscaler"]["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 3)
    assert spec["metrics"][0]["resource"]["target"] == {"type": "Utilization", "averageUtilization": 65}
    assert spec["behavior"]["scaleUp"]["stabilizationWindowSeconds"] == 180
    assert spec["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "churn-api"}


def test_latency_is_asked_for_by_keda_with_a_certificate() -> None:
    made = objects("horizontal: {cpu: 70%, latency: 250ms}")
    assert set(made) == {"ScaledObject", "TriggerAuthentication"}
    cpu, latency = made["ScaledObject"]["spec"]["triggers"]
    assert (cpu["type"], cpu["metadata"]) == ("cpu", {"value": "70"})
    assert latency["metricType"] == "Value"
    assert latency["metadata"]["threshold"] == "0.25"
    assert latency["metadata"]["serverAddress"] == "https://prometheus.example.org"
    assert latency["authenticationRef"]["name"] == made["TriggerAuthentication"]["metadata"]["name"]
    assert made["TriggerAuthentication"]["metadata"]["namespace"] == made["ScaledObject"]["metadata"]["namespace"]


def test_latency_alone_is_the_only_sign() -> None:
    (trigger,) = objects("horizontal: {latency: 2s}")["ScaledObject"]["spec"]["triggers"]
    assert (trigger["type"], trigger["metadata"]["threshold"]) == ("prometheus", "2")


OWN = 'tenant_id="retail",model_name="churn",deployment_environment_name="production"'


@pytest.mark.parametrize(
    ("series", "answer"),
    [
        ((f"model:latency:p95_5m{{{OWN}}} 0.4", f"model:requests:rate5m{{{OWN}}} 3"), [0.4]),
        ((f"model:requests:rate5m{{{OWN}}} 0",), [0]),
        ((), []),
        (('model:latency:p95_5m{tenant_id="bank",model_name="churn"} 9',), []),
    ],
    ids=["busy", "idle", "telemetry is missing", "another model"],
)
def test_the_query_has_one_answer_that_tells_idle_from_unseen(series: tuple[str, ...], answer: list[float]) -> None:
    (trigger,) = objects("horizontal: {latency: 250ms}")["ScaledObject"]["spec"]["triggers"]
    expr, problems = parse(trigger["metadata"]["query"])
    assert expr is not None, problems
    storage = Storage()
    for line in series:
        read = read_series(line)
        storage.add(read.labels, [0], read.values, [])
    value = evaluate(expr, storage, 0).value
    assert isinstance(value, VectorValue)
    assert [sample.value for sample in value.samples] == answer
    assert trigger["metadata"]["ignoreNullValues"] == "false"


def test_what_the_query_reads_is_recorded() -> None:
    made = compiled("horizontal: {latency: 250ms}")
    rules = "".join(each.text for each in made.artifacts if each.path.endswith(".rules.yaml"))
    for record in ("model:latency:p95_5m", "model:requests:rate5m"):
        assert f"record: {record}\n" in rules
