from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import targets_plans as plans
import yaml

from generators import promql
from generators.targets.prometheus import rules as prometheus_rules

PRODUCTION = "production/prometheus/retail/churn.rules.yaml"


def test_each_environment_has_a_file_for_the_fleet_and_one_for_each_model() -> None:
    assert sorted(plans.by_path(prometheus_rules.TARGET.artifacts(plans.plan()))) == sorted(
        f"{environment}/prometheus/{file}.rules.yaml"
        for environment in ("production", "staging")
        for file in ("fleet", "bank/fraud", "retail/churn")
    )


def test_a_file_reads_back_as_the_rules_of_the_plan() -> None:
    planned = plans.model_plan(plans.model(), plans.environment("production"))
    read = yaml.safe_load(plans.by_path(prometheus_rules.TARGET.artifacts(plans.plan()))[PRODUCTION])
    assert [group["name"] for group in read["groups"]] == ["retail.churn-slo-availability", "retail.churn-alerts"]
    alerts = read["groups"][1]
    assert alerts["interval"] == "1m"
    warning, critical = alerts["rules"]
    assert list(warning) == ["alert", "expr", "for", "keep_firing_for", "labels", "annotations"]
    assert (warning["for"], warning["keep_firing_for"]) == ("3h", "5m")
    assert "for" not in critical
    assert critical["annotations"] == dict(planned.groups[1].rules[1].annotations)
    assert promql.parse(warning["expr"])[0] == planned.groups[1].rules[0].expr


def test_a_file_says_what_it_is_made_of_and_how_to_change_it() -> None:
    head = plans.by_path(prometheus_rules.TARGET.artifacts(plans.plan()))[PRODUCTION].split("groups:")[0]
    assert "do not edit" in head
    assert "watchspec render" in head
    assert all(f"\n#   {file}\n" in head for file in plans.FILES)


def test_descriptions_and_promises_are_comments() -> None:
    text = plans.by_path(prometheus_rules.TARGET.artifacts(plans.plan()))[PRODUCTION]
    assert "      # Share of failed requests.\n      - record: slo:sli_error:ratio_rate5m\n" in text
    assert "      # Notifies within 46s of the first failing request.\n      - alert: FeatureDrift\n" in text


def test_groups_have_only_fields_that_prometheus_2_knows_too() -> None:
    for text in plans.by_path(prometheus_rules.TARGET.artifacts(plans.plan(version="2"))).values():
        assert all(set(group) == {"name", "interval", "rules"} for group in yaml.safe_load(text)["groups"])


def test_hostile_text_stays_text() -> None:
    planned = plans.model_plan(plans.model(), plans.environment("production"))
    hostile = "x: 1\n  - record: evil # no\r\u2028\u0085 yes: {{ 1 }}"
    group = planned.groups[0]
    recording = replace(group.rules[0], description=hostile, labels=(("on", hostile),))
    changed = replace(planned, groups=(replace(group, name=hostile, rules=(recording,)),), files=(hostile,))
    environment = replace(plans.plan().environments[0], models=(changed,))
    text = plans.by_path(prometheus_rules.TARGET.artifacts(replace(plans.plan(), environments=(environment,))))[
        PRODUCTION
    ]
    read = yaml.safe_load(text)
    assert read["groups"][0]["name"] == hostile
    assert len(read["groups"][0]["rules"]) == 1
    assert read["groups"][0]["rules"][0]["labels"] == {"on": hostile}


@pytest.mark.oracle
@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
@pytest.mark.parametrize("version", ["2", "3"])
def test_promtool_accepts_every_file(tmp_path: Path, version: str) -> None:
    files = []
    for index, artifact in enumerate(prometheus_rules.TARGET.artifacts(plans.plan(version="2"))):
        file = tmp_path / f"{index}.yaml"
        file.write_text(artifact.text)
        files.append(str(file))
    result = subprocess.run(["promtool", "check", "rules", *files], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
