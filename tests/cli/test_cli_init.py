import json
from pathlib import Path

import pytest
import yaml

from generators.cli import main
from generators.cli.commands.init import _tasks
from generators.cli.commands.init.first_specs import Start, collector_bases, files

ROOT = Path(__file__).parents[2]
PAGES = ("--repository", "https://git.halden.example/watch.git", "--grafana", "https://grafana.halden.example/")


@pytest.mark.parametrize("task", _tasks())
def test_a_new_folder_compiles_without_a_problem_for_every_task(task, tmp_path, capsys):
    specs = tmp_path / "specs"
    assert main(["init", str(specs), "--task", task, *PAGES]) == 0
    assert "watchspec check" in capsys.readouterr().out
    assert main(["check", "--specs", str(specs), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "problems": []}


def test_a_new_folder_renders_and_does_not_differ_from_what_was_rendered(tmp_path, capsys):
    specs = tmp_path / "specs"
    assert main(["init", str(specs), "--format", "json", *PAGES]) == 0
    assert main(["render", "--specs", str(specs), "--quiet"]) == 0
    assert main(["render", "--specs", str(specs), "--check"]) == 0
    capsys.readouterr()
    assert main(["diff", "--specs", str(specs), "--exit-code"]) == 0
    assert capsys.readouterr().out == "no differences\n"


def test_a_folder_with_anything_in_it_is_left_alone(tmp_path, capsys):
    (tmp_path / "mine").write_text("precious")
    assert main(["init", str(tmp_path)]) == 2
    assert main(["init", str(tmp_path / "mine")]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    assert (tmp_path / "mine").read_text() == "precious"
    assert "nothing was written" in capsys.readouterr().err


def test_bases_of_the_collectors_are_those_that_we_use_ourselves():
    own = {f"collector-config/{path.name}": path.read_text() for path in (ROOT / "collector-config").glob("*.yaml")}
    assert collector_bases() == own


def test_an_environment_of_a_new_folder_can_be_given_collectors(tmp_path, capsys):
    specs = tmp_path / "specs"
    assert main(["init", str(specs), "--yes"]) == 0
    assert str(tmp_path / "collector-config/agent.yaml") in capsys.readouterr().out
    with (specs / "environments/production.yaml").open("a") as file:
        file.write("  collector:\n    gateway: {address: 'gateway:4317'}\n    backends:\n")
        file.write("      all: {kind: otlp, endpoint: 'https://store.example'}\n")
        file.write("    default: {metrics: all, traces: all, logs: all}\n")
    assert main(["render", "--specs", str(specs), "--quiet"]) == 0
    assert (tmp_path / "rendered/production/collector/agent.yaml").exists()


def test_missing_bases_can_be_written_later_and_others_are_left_alone(tmp_path, capsys):
    specs = tmp_path / "specs"
    mine = tmp_path / "collector-config/agent.yaml"
    mine.parent.mkdir()
    mine.write_text("precious")
    assert main(["init", str(specs), "--collector"]) == 0
    assert capsys.readouterr().out.startswith(f"+ {tmp_path}/collector-config/gateway.yaml\n")
    assert main(["init", str(specs), "--collector", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "files": []}
    assert mine.read_text() == "precious"
    assert not specs.exists()


@pytest.mark.parametrize(
    "options",
    [
        ["--tenant", "Not A Name"],
        ["--model", "../escape"],
        ["--team", ""],
        ["--service", "a" * 64],
        ["--task", "binary-clasification"],
        ["--organisation", " "],
        ["--model", "a\n"],
    ],
)
def test_wrong_answers_write_nothing(options, tmp_path, capsys):
    assert main(["init", str(tmp_path / "specs"), *options]) == 2
    assert not (tmp_path / "specs").exists()
    assert capsys.readouterr().err.startswith("watchspec: ")


def test_a_slip_in_the_task_brings_a_suggestion(tmp_path, capsys):
    assert main(["init", str(tmp_path / "specs"), "--task", "binary-clasification"]) == 2
    assert "`binary-classification`" in capsys.readouterr().err


@pytest.mark.parametrize("organisation", ["A: b # c", "'\"\\", "\u202eevil", "- x", "null", "{{ .X }}", "line\nbreak"])
def test_any_name_of_an_organisation_survives(organisation):
    made = files(Start(organisation, "a", "b", "c", "service", "d", "", ""))
    assert yaml.safe_load(made["platform.yaml"])["spec"]["organisation"] == organisation


def test_nothing_secret_is_written_and_names_that_look_like_other_values_stay_names():
    made = files(Start("x", "1", "0", "null", "service", "on", "", ""))
    model = yaml.safe_load(made["models/null.yaml"])
    assert model["metadata"] == {"name": "null", "tenant": "1", "team": "0"}
    assert model["spec"]["service"]["name"] == "on"
    assert "https://" not in "".join(made.values())


def test_alerts_lead_to_the_repository_and_to_grafana_where_these_are_known(tmp_path):
    specs = tmp_path / "specs"
    assert main(["init", str(specs), *PAGES]) == 0
    assert yaml.safe_load((specs / "platform.yaml").read_text())["spec"]["links"] == {
        "runbook": "https://git.halden.example/watch/blob/main/rendered/docs/runbooks/{tenant}/{model}/{alert}.md",
        "repository": "https://git.halden.example/watch.git",
        "dashboard": "https://grafana.halden.example/d/{dashboard}",
    }
