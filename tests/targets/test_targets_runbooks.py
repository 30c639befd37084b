from __future__ import annotations

import posixpath
import re
from dataclasses import replace

import targets_plans as plans

from generators.language.catalog import Level, Runbook
from generators.planning.plan import Alerting, Group, Plan
from generators.targets.docs import runbooks
from generators.targets.docs.runbook_page import readable
from generators.targets.prometheus import rules as prometheus_rules

PAGE = "docs/runbooks/retail/churn/FeatureDrift.md"
LINK = re.compile(r"(?<!\\)\]\(([^)]*)\)")


def rendered(plan: Plan) -> dict[str, str]:
    return plans.by_path(runbooks.TARGET.artifacts(plan))


def with_alerts(plan: Plan, *alerts: Alerting) -> Plan:
    """Give the first model of the first environment these alerts alone."""
    environment = plan.environments[0]
    model = replace(environment.models[-1], groups=(Group("g", 30_000, alerts),))
    return replace(plan, environments=(replace(environment, models=(model,)),))


def an_alert(name: str = "FeatureDrift", **changes: object) -> Alerting:
    made = plans.alert(name, Level.WARNING, "0.1", plans.identity("churn", "retail", "production"))
    return replace(made, **changes)  # type: ignore[arg-type]


def test_every_alert_of_every_model_has_a_page() -> None:
    assert sorted(rendered(plans.plan())) == [
        "docs/runbooks/README.md",
        "docs/runbooks/bank/fraud/FeatureDrift.md",
        "docs/runbooks/bank/fraud/README.md",
        PAGE,
        "docs/runbooks/retail/churn/README.md",
    ]


def test_indexes_lead_to_every_page() -> None:
    pages = rendered(plans.plan())
    assert "- [retail/churn](retail/churn/README.md): 1 alert\n" in pages["docs/runbooks/README.md"]
    entry = "- [FeatureDrift](FeatureDrift.md) – production: critical, warning; staging: warning\n"
    assert entry in pages["docs/runbooks/retail/churn/README.md"]


def test_a_page_merges_environments_and_levels() -> None:
    page = rendered(plans.plan())[PAGE]
    assert "| production | warning | 0.1 | 3h | 5m |  |" in page
    assert "| production | critical | 0.25 | at once | 5m | 46s |" in page
    assert "| staging | warning | 0.1 | 3h | 5m |  |" in page
    assert page.count("Inputs differ from the training data.") == 1
    assert page.count("```promql\n") == 1 + 1


def test_a_page_answers_what_a_person_asks() -> None:
    page = rendered(plans.plan())[PAGE]
    for heading in (
        "What it means",
        "Who is affected",
        "First steps",
        "Rollback",
        "Queries in production",
        "Owner",
        "Who is told",
    ):
        assert f"\n## {heading}\n" in page
    assert "1. Look at the drift board." in page
    assert "argocd app rollback churn" in page
    assert "Contact: \\#growth-ml on Slack" in page
    assert "| production | critical | growth-ml/page | 5s | 4h |" in page
    assert "(https://grafana.example.com/d/retail-churn?var-environment=production)" in page


def test_no_relative_link_is_dead() -> None:
    plan = plans.plan()
    pages = rendered(plan)
    there = set(pages) | set(plans.by_path(prometheus_rules.TARGET.artifacts(plan)))
    links = [
        (path, target)
        for path, text in pages.items()
        for target in LINK.findall(text)
        if not target.startswith("https://")
    ]
    assert len(links) == 12
    for path, target in links:
        assert posixpath.normpath(posixpath.join(posixpath.dirname(path), target)) in there, (path, target)


def test_an_alert_without_a_runbook_still_has_first_steps_and_its_texts() -> None:
    page = rendered(with_alerts(plans.plan(), an_alert(runbook=Runbook())))[PAGE]
    assert "roll back first" in page
    assert "PSI of ‹feature› is ‹value›. It was below 0.1." in page


def test_alerts_of_one_symptom_lead_to_one_another() -> None:
    labels = (("severity", "warning"), ("symptom", "slow"), ("slo", "availability"))
    alerts = (an_alert("Slow", labels=labels), an_alert("Slower", labels=labels), an_alert("Other"))
    pages = rendered(with_alerts(plans.plan(), *alerts))
    assert "Alert [Slower](Slower.md)" in pages["docs/runbooks/retail/churn/Slow.md"]
    assert "Other.md" not in pages["docs/runbooks/retail/churn/Slow.md"]
    assert (
        "Objective **availability**: 99.5% over 30d. Requests are answered."
        in pages["docs/runbooks/retail/churn/Slow.md"]
    )


def test_alerts_of_the_fleet_have_pages_of_their_own() -> None:
    plan = plans.plan()
    environment = replace(plan.environments[0], fleet=(Group("fleet", 30_000, (an_alert("Escalation"),)),), models=())
    pages = rendered(replace(plan, environments=(environment,)))
    assert sorted(pages) == [
        "docs/runbooks/README.md",
        "docs/runbooks/fleet/Escalation.md",
        "docs/runbooks/fleet/README.md",
    ]
    assert (
        "[Rules in production](../../../production/prometheus/fleet.rules.yaml)"
        in pages["docs/runbooks/fleet/Escalation.md"]
    )


def test_an_alert_of_the_fleet_tells_the_owner_of_the_model_that_it_is_about() -> None:
    escalation = an_alert("Escalation", expr=plans.expression('ALERTS{team="growth-ml"}'), labels=())
    plan = plans.plan()
    environment = replace(plan.environments[0], fleet=(Group("fleet", 30_000, (escalation,)),))
    page = rendered(replace(plan, environments=(environment,)))["docs/runbooks/fleet/Escalation.md"]
    assert page.count("| production | warning | growth-ml/chat |") == 1
    stranger = replace(escalation, expr=plans.expression('ALERTS{team="nobody"}'))
    environment = replace(environment, fleet=(Group("fleet", 30_000, (stranger,)),))
    page = rendered(replace(plan, environments=(environment,)))["docs/runbooks/fleet/Escalation.md"]
    assert "Who is told" not in page


def test_expressions_that_differ_stand_under_their_levels() -> None:
    alerts = (an_alert(), an_alert(level=Level.CRITICAL, expr=plans.expression("up > 1")))
    page = rendered(with_alerts(plans.plan(), *alerts))[PAGE]
    assert "### critical\n\n```promql\nup > 1\n```" in page
    assert '### What they read\n\n```promql\nml:feature:psi{model_name="churn"}\nup\n```' in page


def test_free_text_of_a_spec_stays_text() -> None:
    hostile = "<img src=x onerror=alert(1)> [x](javascript:y) | a |\n\n# not a heading\n```\nx"
    alert = an_alert(threshold=hostile, runbook=Runbook(hostile, hostile, (hostile,), hostile))
    page = rendered(with_alerts(plans.plan(), alert))[PAGE]
    outside = re.sub(r"```promql\n.*?\n```", "", page, flags=re.DOTALL).replace("<!--", "", 1).replace("-->", "", 1)
    assert not re.search(r"(?<!\\)[<>]", outside)
    assert not re.search(r"^#+ not", outside, re.MULTILINE)
    assert "```" not in outside
    assert {target for target in LINK.findall(outside) if ":" in target} == {
        "https://grafana.example.com/d/retail-churn?var-environment=production"
    }


def test_template_actions_become_words() -> None:
    assert readable('{{ $labels.model }} at {{ $value | printf "%.2f" }} {{ "{{" }}x') == "‹model› at ‹value› {{x"
