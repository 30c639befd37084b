"""Laws of planned dashboards, over models of every task."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest
from dashboards_plan import TASKS, compiled, dashboards, everything, model, production

from generators import promql
from generators.planning.dashboards.panels import Dashboard, Kind, Status, is_variable
from generators.planning.dashboards.uids import LONGEST, uid
from generators.planning.names import IDENTITY, SCRAPED
from generators.planning.plan import ModelPlan, Plan, Recording
from generators.planning.telemetry.world import (
    ALWAYS,
    external_series,
    instrument_series,
    profile_of,
    recorded,
)
from generators.promql.labels.algebra import labels_of
from generators.promql.labels.label_set import UNKNOWN, LabelSet
from generators.promql.syntax.ast import Duration, DurationHole, Expr, MatrixSelector
from generators.promql.syntax.walk import selectors, transform
from otel.names import label_name


def queries(page: Dashboard) -> list[Expr]:
    asked = [query.expr for panel in page.panels for query in panel.queries]
    return [*asked, *(each.expr for each in page.annotations if each.expr is not None)]


def closed(expr: Expr) -> Expr:
    """The expression with a duration in the place of Grafana's."""

    def fill(node: Expr) -> Expr:
        if isinstance(node, MatrixSelector) and isinstance(node.range, DurationHole):
            return replace(node, range=Duration(300_000))
        return node

    return transform(expr, fill)


def written(plan: Plan, environment: str, models: tuple[ModelPlan, ...]) -> dict[str, LabelSet]:
    """Every series of an environment, from the rules and instruments that are planned and from nothing else."""
    found: dict[str, LabelSet] = dict.fromkeys(ALWAYS, UNKNOWN)
    found |= dict(external_series(plan.catalog.platform))
    where = next(each for each in plan.environments if each.environment.name == environment)
    for each in models:
        found |= dict(instrument_series(each.instruments))
        keeps = {measure.record: measure.keep for measure in each.deployment.measures.values()}
        found |= {record: recorded((*IDENTITY, *map(label_name, keep))) for record, keep in keeps.items()}
    groups = [*where.fleet, *(group for each in models for group in each.groups)]
    rules = [rule for group in groups for rule in group.rules if isinstance(rule, Recording)]
    names = {rule.record for rule in rules}
    for rule in rules:
        if rule.labels:
            inner = labels_of(rule.expr, lambda each: found.get(each.name))[0]
            added = [name for name, _ in rule.labels]
            found[rule.record] = recorded((*inner.named, *added))
        else:
            found.setdefault(rule.record, labels_of(rule.expr, lambda each: found.get(each.name))[0])
    return {name: labels for name, labels in found.items() if name in names or name not in keeps_of(models)}


def keeps_of(models: tuple[ModelPlan, ...]) -> set[str]:
    return {measure.record for each in models for measure in each.deployment.measures.values()}


def test_every_query_reads_series_that_are_emitted_or_recorded() -> None:
    plan = everything()
    for page, of in dashboards(plan):
        where = next(each for each in plan.environments if each.environment.name == page.environment)
        known = written(plan, page.environment, (of,) if of else where.models)
        for expr in queries(page):
            for each in selectors(expr):
                assert each.name in known, (page.uid, promql.format(expr))


def test_every_query_is_right_in_the_servers_dialect_and_selects_labels_that_exist() -> None:
    plan = everything()
    profile = profile_of(plan.catalog.platform)
    for page, of in dashboards(replace(plan, environments=plan.environments[:1])):
        where = next(each for each in plan.environments if each.environment.name == page.environment)
        known = written(plan, page.environment, (of,) if of else where.models)
        for expr in queries(page):
            whole = closed(expr)
            assert not promql.check(whole, profile), promql.format(expr)
            _, found = labels_of(whole, lambda each, known=known: known.get(each.name))
            assert not [each for each in found if each.severity == "error"], (promql.format(expr), found)


def test_queries_print_and_parse_to_the_same_tree() -> None:
    for page, _ in dashboards(everything()):
        for expr in queries(page):
            assert promql.parse(promql.format(closed(expr)))[0] == closed(expr)


def test_a_panel_cannot_be_made_of_a_measure_that_the_model_has_not() -> None:
    from generators.planning.dashboards.measures import tile
    from generators.planning.dashboards.subject import Subject
    from generators.planning.formulas import filling

    plan = everything()
    of = model(plan, "minimal-service").deployment
    subject = Subject(of, filling(of, plan.catalog.platform), (), (), plan.catalog.platform)
    with pytest.raises(KeyError):
        tile(subject, "accuracy")


def test_every_measure_and_figure_is_on_some_dashboard_of_its_model() -> None:
    for environment in everything().environments:
        for each in environment.models:
            read = {found.name for page in each.dashboards for expr in queries(page) for found in selectors(expr)}
            measures = each.deployment.measures.values()
            assert {measure.record for measure in measures} <= read, each.model


def test_every_panel_says_what_it_is_and_leads_onward() -> None:
    for page, _ in dashboards(everything()):
        for panel in page.panels:
            assert panel.title, page.uid
            assert len(panel.description) >= 20, (page.uid, panel.title)
            assert panel.links or panel.data_links, (page.uid, panel.title)
            assert panel.queries or panel.kind is Kind.TEXT, (page.uid, panel.title)
            assert panel.no_data


def test_every_series_of_a_panel_has_a_name() -> None:
    for page, _ in dashboards(everything()):
        for panel in page.panels:
            for query in panel.queries:
                named = query.column if panel.kind is Kind.TABLE else query.legend.words or query.legend.labels
                assert named, (page.uid, panel.title)


def test_thresholds_of_a_measure_are_those_of_its_alerts() -> None:
    page = model(everything(), "screening").dashboards[0]
    errors = next(panel for panel in page.panels if panel.title == "Errors")
    latency = next(panel for panel in page.panels if panel.title == "Latency p95")
    steps = ((0.01, Status.INFO), (0.02, Status.WARNING), (0.05, Status.CRITICAL))
    assert errors.thresholds.steps == steps
    assert errors.thresholds.base is Status.OK
    assert latency.thresholds.steps == ((0.45, Status.WARNING), (0.6, Status.CRITICAL))


def test_thresholds_of_what_should_be_high_begin_with_the_worst() -> None:
    pages = model(everything(), "screening").dashboards
    quality = next(page for page in pages if page.topic == "quality")
    accuracy = next(panel for panel in quality.panels if panel.title == "Accuracy")
    assert accuracy.thresholds.base is Status.CRITICAL
    assert accuracy.thresholds.steps == ((0.85, Status.WARNING), (0.92, Status.OK))


def test_steps_of_all_thresholds_ascend() -> None:
    for page, _ in dashboards(everything()):
        for panel in page.panels:
            values = [value for value, _ in panel.thresholds.steps]
            assert values == sorted(set(values)), (page.uid, panel.title)


def test_a_model_is_judged_in_four_large_tiles_first() -> None:
    for name in ("screening", "complete-llm-chat", "minimal-service"):
        first = model(everything(), name).dashboards[0].rows[0].panels
        assert [panel.title for panel in first] == ["Health", "Errors", "Latency p95", "Error budget left"]
        assert {(panel.size.width, panel.size.height) for panel in first} == {(6, 6)}


def test_a_minimal_model_has_dashboards_without_empty_rows() -> None:
    for task in TASKS:
        pages = model(everything(), f"minimal-{task}").dashboards
        assert {"health", "slo"} <= {page.topic for page in pages}, task
        for page in pages:
            assert page.rows
            assert all(row.panels for row in page.rows)
            assert any(panel.queries for panel in page.panels)


def test_pages_of_a_task_are_only_made_for_it() -> None:
    topics = {
        task: {page.topic for page in model(everything(), f"complete-{task}").dashboards}
        for task in ("regression", "llm-chat", "service")
    }
    assert {"llm", "llm-cost"} <= topics["llm-chat"]
    assert not {"llm", "llm-cost"} & (topics["regression"] | topics["service"])
    assert "quality" in topics["regression"]


def test_uids_are_unique_short_and_made_of_names() -> None:
    found = [page.uid for page, _ in dashboards(everything())]
    assert Counter(found).most_common(1)[0][1] == 1
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,40}", each) for each in found)
    assert model(everything(), "screening").dashboards[0].uid == "health_screening_production"


def test_uids_of_long_names_are_cut_and_stay_apart() -> None:
    one, other = uid("a" * 63, "b" * 63, "production"), uid("a" * 63, "b" * 62 + "c", "production")
    assert len(one) == len(other) == LONGEST
    assert one != other
    assert uid("a-b", "c") != uid("a", "b-c")


def test_titles_name_domain_model_and_environment() -> None:
    pages = {page.topic: page for page in model(everything(), "screening").dashboards}
    assert pages["health"].title == "📊 Oncology: screening - production"
    assert pages["quality"].title == "📊 Oncology · Quality: screening - production"


def test_variables_are_those_that_are_read_and_series_of_the_service_can_be_narrowed() -> None:
    for page, _ in dashboards(everything()):
        names = {variable.name for variable in page.variables}
        matchers = [matcher for expr in queries(page) for each in selectors(expr) for matcher in each.matchers]
        read = {matcher.value[1:] for matcher in matchers if is_variable(matcher)}
        assert read <= names, page.uid
        assert names - read <= {"datasource", "environment"}, page.uid
        assert ({"version", *SCRAPED} <= names) == bool(read & {"version", *SCRAPED}), page.uid


def test_alerts_lead_to_dashboards_of_their_model() -> None:
    for environment in everything().environments:
        for each in environment.models:
            uids = {page.uid for page in each.dashboards}
            urls = {
                dict(rule.annotations)["dashboard_url"]
                for group in each.groups
                for rule in group.rules
                if hasattr(rule, "annotations")
            }
            assert {url.rpartition("/d/")[2] for url in urls} <= uids


def test_links_between_dashboards_lead_somewhere() -> None:
    uids = {page.uid for page, _ in dashboards(everything())}
    for page, _ in dashboards(everything()):
        found = [link for panel in page.panels for link in panel.links] + list(page.links)
        for link in found:
            assert not link.uid or link.uid in uids, (page.uid, link)
            assert link.uid or link.url


def test_the_fleet_links_by_tag_where_a_uid_cannot_be_put_together() -> None:
    short = production(compiled()).dashboards[0]
    long = production(everything()).dashboards[0]

    def grid(page: Dashboard) -> tuple[str, ...]:
        return tuple(link.uid for panel in page.panels if panel.title == "Models" for link in panel.data_links)

    assert grid(short) == ("{tenant}_{model}_production", "")
    assert grid(long) == ("",)
    assert "complete-multiclass-classification" in {each.model for each in production(everything()).models}
