from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import targets_plans as plans
import yaml

from generators import alertmanager
from generators.artifact import Artifact
from generators.targets import alertmanager as alertmanager_config

needs_amtool = pytest.mark.skipif(shutil.which("amtool") is None, reason="amtool is not installed")

LABELS = {"alertname": "FeatureDrift", "severity": "critical", "tenant": "retail", "model": "churn"}
ANNOTATIONS = {
    "summary": "Inputs <!channel> & more",
    "description": "First line.\n[second](line)",
    "threshold": "> 0.25",
    "owner": "growth-ml, #growth",
    "runbook_url": "https://runbooks.example.com/churn",
    "dashboard_url": "https://grafana.example.com/d/churn",
}


def files(folder: Path) -> list[Artifact]:
    artifacts = list(alertmanager_config.emit(plans.plan()))
    for artifact in artifacts:
        path = folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.text, "utf-8")
    return artifacts


def test_the_configuration_is_the_planned_one_below_a_comment() -> None:
    text = plans.by_path(list(alertmanager_config.emit(plans.plan())))["production/alertmanager/alertmanager.yaml"]
    planned = plans.plan().environments[0].alertmanager
    assert text.startswith("# Who is told about the alerts of production.\n")
    assert yaml.safe_load(text) == yaml.safe_load(alertmanager.emit(planned))
    assert alertmanager.load(text)[0] == planned


def test_the_message_texts_are_where_the_configuration_looks_for_them() -> None:
    paths = [artifact.path for artifact in alertmanager_config.emit(plans.plan())]
    assert all(Path("x").joinpath(path).match("alertmanager/templates/*.tmpl") for path in paths[1::2])
    assert len(paths) == 4


@pytest.mark.oracle
@needs_amtool
def test_amtool_accepts_the_configuration_with_its_message_texts(tmp_path: Path) -> None:
    for artifact in files(tmp_path):
        if artifact.path.endswith(".yaml"):
            command = ["amtool", "check-config", str(tmp_path / artifact.path)]
            result = subprocess.run(command, capture_output=True, text=True, check=False)
            assert result.returncode == 0, result.stdout + result.stderr
            assert "1 templates" in result.stdout


def message(
    folder: Path, name: str, alerts: int = 1, status: str = "firing", kind: str = "text", **changes: str
) -> str:
    """Expand a template with the original tool, as text or as HTML."""
    files(folder)
    annotations = ANNOTATIONS | changes
    alert = {
        "status": status,
        "labels": LABELS,
        "annotations": annotations,
        "startsAt": "2026-11-21T12:00:00Z",
        "endsAt": "2026-11-21T13:30:00Z",
    }
    data = {
        "receiver": "growth-ml/chat",
        "status": status,
        "alerts": [alert] * alerts,
        "groupLabels": {"model": "churn"},
        "commonLabels": LABELS,
        "commonAnnotations": annotations,
        "externalURL": "http://alertmanager",
    }
    (folder / "data.json").write_text(json.dumps(data))
    command = [
        *("amtool", "template", "render", f"--template.data={folder / 'data.json'}", f"--template.type={kind}"),
        f"--template.glob={folder / 'production/alertmanager/templates/*.tmpl'}",
        f'--template.text={{{{ template "{name}" . }}}}',
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.oracle
@needs_amtool
def test_titles_say_how_bad_what_and_where(tmp_path: Path) -> None:
    assert message(tmp_path, "email.default.subject") == "CRITICAL: Inputs <!channel> & more - churn (retail)"
    assert message(tmp_path, "pagerduty.default.description", 3) == "CRITICAL: FeatureDrift, 3 alerts - churn (retail)"
    assert message(tmp_path, "opsgenie.default.message", status="resolved").startswith("RESOLVED: ")


@pytest.mark.oracle
@needs_amtool
def test_slack_messages_mention_nobody_by_accident(tmp_path: Path) -> None:
    for name in ("slack.default.title", "slack.default.text", "slack.default.fallback"):
        text = message(tmp_path, name)
        assert "&lt;!channel&gt; &amp; more" in text
        assert "<!channel" not in text


@pytest.mark.oracle
@needs_amtool
@pytest.mark.parametrize("name", ["slack.default.text", "msteams.default.text", "opsgenie.default.description"])
def test_messages_lead_to_the_first_steps(tmp_path: Path, name: str) -> None:
    text = message(tmp_path, name)
    assert ANNOTATIONS["runbook_url"] in text
    assert ANNOTATIONS["dashboard_url"] in text
    assert "since Sat 21 Nov 12:00 UTC" in text
    assert "Owner: growth-ml, #growth" in text


@pytest.mark.oracle
@needs_amtool
def test_mails_hold_no_markup_but_ours(tmp_path: Path) -> None:
    page = message(
        tmp_path, "email.default.html", kind="html", description="<script>x</script>", dashboard_url="javascript:x"
    )
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert 'href="https://runbooks.example.com/churn"' in page
    assert "javascript:" not in page


@pytest.mark.oracle
@needs_amtool
def test_many_alerts_make_a_message_of_ten(tmp_path: Path) -> None:
    text = message(tmp_path, "slack.default.text", 25)
    assert text.count("First line.") == 10
    assert "Only the first 10 of 25 alerts are shown." in text


@pytest.mark.oracle
@needs_amtool
def test_an_alert_without_annotations_still_has_a_name(tmp_path: Path) -> None:
    nothing = dict.fromkeys(ANNOTATIONS, "")
    for name in ("slack.default.text", "email.default.html", "msteams.default.text", "opsgenie.default.message"):
        assert "FeatureDrift" in message(tmp_path, name, **nothing)


def test_a_head_comment_cannot_end_early() -> None:
    plan = plans.plan()
    [environment, *_] = plan.environments
    hostile = plans.replace_files(environment, "specs/*/}}{{ x }}.yaml")
    text = plans.by_path(list(alertmanager_config.emit(plans.replace_environments(plan, hostile))))[
        "production/alertmanager/templates/watchspec.tmpl"
    ]
    assert text.index("*/ -}}") > text.index("{{ x }}")
