import json
from pathlib import Path

import committed
import pytest
import yaml

from generators import alertmanager, promql
from generators.cli import main
from generators.cli.commands.explain.codes import all_codes, explain_code
from generators.cli.commands.explain.metrics import explain_metric
from generators.cli.commands.explain.models import explain_model
from generators.cli.commands.explain.routes import explain_route
from generators.cli.commands.explain.rules import Choice, explain_alert, explain_rule
from generators.cli.unknown_names import UnknownNameError
from generators.formats.yaml.nodes import plain
from generators.formats.yaml.reader import load_bytes
from generators.language.resolve.expansion import expanded
from generators.language.sources import LIBRARY, read_specs
from generators.pipeline import Compiled

SPECS = Path(__file__).parents[2] / "specs"
ANY = Choice()


@pytest.fixture(scope="module")
def sources():
    return read_specs(SPECS)


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    return committed.compiled()


def test_an_explained_model_reads_as_the_same_spec_again(sources, compiled):
    for each in expanded(sources):
        text = explain_model(f"{each.tenant}/{each.model}", None, each.environment, sources, compiled.catalog).text
        (node,), problems = load_bytes(text.encode(), "explained.yaml")
        assert problems == ()
        assert plain(node) == plain(each.spec)


def test_every_value_of_an_explained_model_has_a_place_that_holds_it(sources, compiled):
    data = explain_model("screening", None, "production", sources, compiled.catalog).data
    files = {each.file: each.data.decode().split("\n") for each in sources}
    for origin in data["origins"]:
        if origin["file"] in files:
            line = files[origin["file"]][origin["line"] - 1]
        else:
            line = (LIBRARY / "packs" / Path(origin["file"]).name).read_text("utf-8").split("\n")[origin["line"] - 1]
        value = data["spec"]
        for step in origin["path"]:
            value = value[step]
        if isinstance(value, str) and "\n" not in value and "'" not in value and ">-" not in line and "\\" not in value:
            assert value.split()[0].strip('"') in line if value else True, origin


def test_the_most_specific_layer_is_named_as_the_origin(sources, compiled):
    found = explain_model("screening", None, "staging", sources, compiled.catalog).data["origins"]
    places = {tuple(each["path"]): each["file"] for each in found}
    assert places["slos", "availability", "objective"] == "specs/environments/staging.yaml"
    assert places["alerts", "VersionSkew", "active"] == "specs/platform.yaml"
    assert places["slos", "latency", "below"] == "specs/models/screening.yaml"
    assert places["metrics", "duration", "name"].startswith("library/")


def test_items_that_do_not_apply_are_marked(sources, compiled):
    lines = explain_model("screening", None, "production", sources, compiled.catalog).text.splitlines()
    (line,) = [line for line in lines if line.startswith("  LatencyAboveBaseline:")]
    assert "does not apply" in line


def test_an_alert_says_what_it_reads_and_where_it_comes_from(compiled):
    (warning, critical) = explain_alert("LatencyHigh", Choice("screening", None, "production"), compiled.plan).data
    assert (warning["severity"], critical["severity"]) == ("warning", "critical")
    assert promql.parse(critical["expression"])[0] is not None
    assert any(place.startswith("specs/models/screening.yaml:") for place in critical["from"])
    assert critical["notifies"] == ["diagnostics/page+chat"]
    assert all(read["made"] for read in critical["reads"])


def test_reading_and_being_read_agree(compiled):
    (accuracy,) = explain_rule("model:accuracy:ratio7d", Choice(environment="production"), compiled.plan).data
    assert "AccuracyLow (health/screening)" in accuracy["read_by"]
    for each in explain_alert("AccuracyLow", Choice("health/screening"), compiled.plan).data:
        assert "model:accuracy:ratio7d" in {read["series"] for read in each["reads"]}


def test_every_rule_can_be_explained_and_names_a_maker_of_every_series(compiled):
    for environment in compiled.plan.environments:
        for group in environment.fleet:
            for rule in group.rules:
                explain = explain_rule if hasattr(rule, "record") else explain_alert
                name = rule.record if hasattr(rule, "record") else rule.alert
                for data in explain(name, Choice(environment=environment.environment.name), compiled.plan).data:
                    assert all(read["made"] for read in data["reads"])
        break


def test_a_metric_goes_by_all_of_its_names(compiled):
    choice = Choice("screening", None, "production")
    names = ("ml.prediction.duration", "ml_prediction_duration_seconds_bucket", "duration")
    first, *others = (explain_metric(name, choice, compiled.plan).data for name in names)
    assert all(other == first for other in others)
    assert "NoResponses (health/screening)" in first[0]["read_by"]


def test_a_metric_of_another_system_says_who_emits_it(compiled):
    (data,) = explain_metric("kube_deployment_spec_replicas", ANY, compiled.plan).data
    assert "kube-state-metrics" in data["description"]
    assert data["read_by"]


def test_a_route_is_the_one_that_alertmanager_takes(compiled):
    pairs = ["tenant=health", "team=diagnostics", "severity=critical"]
    data = explain_route(pairs, None, compiled.plan).data
    for environment in compiled.plan.environments:
        wanted = alertmanager.route(environment.alertmanager, dict(pair.split("=") for pair in pairs))
        here = [each["receiver"] for each in data if each["environment"] == environment.environment.name]
        assert here == [each.receiver for each in wanted]
    # Where an environment redirects its notifications, it says so itself.
    said = ("specs/teams/diagnostics.yaml:", "specs/environments/local.yaml:")
    assert all(place.startswith(said) for each in data for place in each["from"])


@pytest.mark.parametrize(
    ("explain", "hint"),
    [
        (lambda plan: explain_alert("latencyhigh", ANY, plan), "LatencyHigh"),
        (lambda plan: explain_rule("model:acuracy:ratio7d", ANY, plan), "model:accuracy:ratio7d"),
        (lambda plan: explain_metric("ml.prediction.duraton", ANY, plan), "ml.prediction.duration"),
        (lambda plan: explain_route(["sevrity=critical"], None, plan), "severity"),
        (lambda plan: explain_route(["severity=critical"], "prod", plan), "production"),
        (lambda plan: explain_route(["critical"], None, plan), "severity=critical"),
        (lambda plan: explain_alert("LatencyHigh", Choice("nobody"), plan), "health/screening"),
        (lambda plan: explain_code("R30I"), "R30"),
    ],
)
def test_a_name_that_nothing_has_brings_a_suggestion(explain, hint, compiled):
    with pytest.raises(UnknownNameError, match=hint):
        explain(compiled.plan)


def test_a_model_that_does_not_exist_brings_a_suggestion(sources, compiled):
    with pytest.raises(UnknownNameError, match="screening"):
        explain_model("screning", None, None, sources, compiled.catalog)
    with pytest.raises(UnknownNameError, match="production"):
        explain_model("screening", None, "prodution", sources, compiled.catalog)


def test_every_code_of_every_package_is_explained():
    assert {code[0] for code in all_codes()} == set("ABCDMNPQRSTVY")
    for code in all_codes():
        assert explain_code(code.lower()).text.startswith(code)


def test_the_command_prints_json_and_ends_with_the_right_code(capsys):
    assert main(["explain", "code", "R301", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["code"] == "R301"
    assert main(["explain", "code", "nonsense"]) == 2
    assert main(["explain", "code", "R301", "R302"]) == 2
    assert main(["explain", "alert", "LatencyHigh", "--specs", "/nowhere"]) == 2


def test_cost_adds_up_and_shares_are_of_the_limits(capsys):
    assert main(["cost", "--specs", str(SPECS), "--format", "json", "--top", "3"]) == 0
    data = json.loads(capsys.readouterr().out)
    budget = yaml.safe_load((SPECS / "platform.yaml").read_text("utf-8"))["spec"]["budget"]
    assert len(data["metrics"]) == 3
    for environment in ("production", "staging"):
        rows = [row for row in data["scopes"] if row["environment"] == environment]
        (total,) = [row for row in rows if row["scope"] == "environment"]
        for unit in ("series", "samples_per_second", "rules"):
            parts = sum(row[unit]["spent"] for row in rows if row["scope"] in {"tenant", "fleet"})
            models = sum(row[unit]["spent"] for row in rows if row["scope"] in {"model", "fleet"})
            assert parts == pytest.approx(total[unit]["spent"])
            assert models == pytest.approx(total[unit]["spent"])
        assert total["series"]["limit"] == budget["environment"]["series"]
        assert total["series"]["share"] == total["series"]["spent"] / total["series"]["limit"]


def test_cost_of_one_tenant_lists_only_its_models(capsys):
    assert main(["cost", "--specs", str(SPECS), "--tenant", "health", "--environment", "staging"]) == 0
    out = capsys.readouterr().out
    assert "health/screening" in out
    assert "wine" not in out
    assert "production" not in out


@pytest.mark.parametrize("option", [["--tenant", "helth"], ["--environment", "prod"]])
def test_cost_suggests_names(option, capsys):
    assert main(["cost", "--specs", str(SPECS), *option]) == 2
    assert "there is no" in capsys.readouterr().err
