from decimal import Decimal
from functools import cache

from library_documents import ROOT, SPEC_FILES, document

from generators.language.catalog import Catalog, Latency, Level
from generators.language.resolve.stage import resolve
from generators.language.sources import read_specs
from generators.planning.plan import Alerting
from generators.planning.stage import plan


@cache
def catalog() -> Catalog:
    result, problems = resolve(read_specs(ROOT / "specs"))
    assert problems == ()
    assert result is not None
    return result


def test_the_example_organisation_is_planned_without_a_problem() -> None:
    assert plan(catalog())[1] == ()


def test_teams_use_every_common_way_to_be_told() -> None:
    kinds = {kind for team in catalog().teams.values() for found in team.receivers.values() for kind, _ in found}
    assert {"pagerduty", "slack", "email", "webhook", "opsgenie", "msteamsv2"} <= kinds


def test_every_team_escalates_after_a_quarter_and_half_an_hour() -> None:
    for team in catalog().teams.values():
        assert [stage.after_ms // 60_000 for stage in team.escalation] == [15, 30]


def test_no_secret_stands_in_a_spec() -> None:
    words = ("key", "password", "secret", "token", "url")
    for path in SPEC_FILES:
        read = document(path)
        for receiver in read["spec"].get("receivers", {}).values() if read["kind"] == "Team" else ():
            for settings in receiver.values():
                credentials = [name for name in settings if any(word in name for word in words)]
                assert all(name.endswith("_file") for name in credentials)


def test_staging_never_pages_and_production_pages_within_a_minute() -> None:
    result, _ = plan(catalog())
    levels = {
        each.environment.name: {
            rule.level
            for model in each.models
            for group in model.groups
            for rule in group.rules
            if isinstance(rule, Alerting)
        }
        for each in result.environments
    }
    assert Level.CRITICAL in levels["production"]
    assert Level.CRITICAL not in levels["staging"]
    production = next(each for each in catalog().environments if each.name == "production")
    assert production.page_within_ms == 60_000


def test_the_smallest_spec_has_three_facts_and_is_watched() -> None:
    smallest = document(ROOT / "specs" / "models" / "demand.yaml")
    assert set(smallest["spec"]) == {"task", "service"}
    watched = next(each for each in catalog().deployments if each.model.name == "demand")
    assert len(watched.alerts) >= 6
    assert {slo.name for slo in watched.slos} == {"availability", "latency"}


def test_models_of_both_tenants_show_silenced_tuned_and_added_alerts() -> None:
    deployed = {(each.environment.name, each.model.name): each for each in catalog().deployments}
    assert {each.model.tenant for each in deployed.values()} == {"health", "wine"}
    screening = {alert.name for alert in deployed["production", "screening"].alerts}
    assert "ScannerSilent" not in {alert.name for alert in deployed["staging", "screening"].alerts}
    assert "LatencyAboveBaseline" not in screening
    assert {"ScannerSilent", "OverridesAbsent", "RecallLow"} <= screening


def test_latency_alerts_stand_at_one_and_a_half_and_two_times_each_objective() -> None:
    for each in catalog().deployments:
        (promised,) = [slo.indicator for slo in each.slos if slo.name == "latency"]
        assert isinstance(promised, Latency)
        (alert,) = [alert for alert in each.limits if alert.name == "LatencyHigh"]
        factors = [level.value.amount / promised.below.amount for level in alert.thresholds]
        lowered = [level.level for level in alert.thresholds] == [Level.INFO]
        assert factors == ([Decimal("1.5")] if lowered else [Decimal("1.5"), 2]), each.model.name
