from __future__ import annotations

import re
from dataclasses import replace

import targets_plans as plans
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.planning.plan import Plan
from generators.targets.kubernetes import prometheus_rules
from generators.targets.object_names import label_value, object_name
from generators.targets.prometheus import rules as rule_files

DURATION = re.compile(r"(0|(([0-9]+)y)?(([0-9]+)w)?(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?(([0-9]+)ms)?)")
SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")


def rendered(plan: Plan) -> dict[str, str]:
    return plans.by_path(prometheus_rules.TARGET.artifacts(plan))


def test_the_resource_holds_the_same_rules_as_the_rule_file() -> None:
    resource = yaml.safe_load(rendered(plans.plan())["production/kubernetes/retail.churn.prometheusrule.yaml"])
    files = plans.by_path(rule_files.TARGET.artifacts(plans.plan()))
    rules = yaml.safe_load(files["production/prometheus/retail/churn.rules.yaml"])
    assert resource["spec"] == rules
    assert (resource["apiVersion"], resource["kind"]) == ("monitoring.coreos.com/v1", "PrometheusRule")
    assert all(DURATION.fullmatch(group["interval"]) for group in resource["spec"]["groups"])


def test_a_resource_lies_in_its_models_namespace_and_carries_the_recommended_labels() -> None:
    texts = rendered(plans.plan())
    churn = yaml.safe_load(texts["production/kubernetes/retail.churn.prometheusrule.yaml"])["metadata"]
    assert churn["namespace"] == "ml"
    assert churn["name"] == "retail.churn"
    assert churn["labels"] == {
        "app.kubernetes.io/name": "churn",
        "app.kubernetes.io/instance": "retail.churn",
        "app.kubernetes.io/version": "2.3.0",
        "app.kubernetes.io/component": "model-rules",
        "app.kubernetes.io/part-of": "retail",
        "app.kubernetes.io/managed-by": "watchspec",
    }
    for file in ("fleet", "bank.fraud"):
        metadata = yaml.safe_load(texts[f"staging/kubernetes/{file}.prometheusrule.yaml"])["metadata"]
        assert metadata["namespace"] == "monitoring"


def test_dashes_in_names_do_not_make_two_models_one() -> None:
    twins = (plans.model("b-c", "a"), plans.model("c", "a-b"))
    assert len(rendered(plans.plan(models=twins))) == 2 * (1 + len(twins))


def test_a_large_resource_is_split_without_losing_or_reordering_rules() -> None:
    plan = plans.plan()
    environment = plan.environments[0]
    group = environment.fleet[0]
    groups = tuple(replace(group, name=f"g{index}", rules=group.rules * 500) for index in range(10))
    large = replace(plan, environments=(replace(environment, fleet=groups),))
    text = rendered(large)["production/kubernetes/fleet.prometheusrule.yaml"]
    objects = list(yaml.safe_load_all(text))
    assert len(objects) > 1
    assert [each["metadata"]["name"] for each in objects[:2]] == ["watchspec-fleet", "watchspec-fleet.2"]
    assert [group["name"] for each in objects for group in each["spec"]["groups"]] == [g.name for g in groups]
    assert all(len(yaml.safe_dump(each["spec"]).encode()) <= 512 * 1024 for each in objects)


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=400) | st.text("a.-_A", max_size=400))
def test_any_text_becomes_a_name_and_a_label_value(text: str) -> None:
    assert SUBDOMAIN.fullmatch(object_name(text))
    assert len(object_name(text)) <= 253
    assert VALUE.fullmatch(label_value(text))
    assert len(label_value(text)) <= 63


def test_long_names_stay_apart() -> None:
    assert object_name("a" * 300) != object_name("a" * 301)
    assert label_value("a" * 64) != label_value("a" * 65)
