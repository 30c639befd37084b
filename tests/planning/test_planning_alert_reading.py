"""Every alert of every pack at every level, as somebody reads it who was woken by it."""

import re
from dataclasses import dataclass
from functools import cache

import pytest
from dashboards_plan import dashboards, everything

from generators.formats.durations import format_duration
from generators.planning.plan import Alerting, Group, ModelPlan
from generators.promql.syntax.ast import VectorSelector
from generators.promql.syntax.walk import selectors
from generators.promql.templates import parse_template
from generators.promql.templates.expansion import expand

VALUE = 0.6543


@dataclass(frozen=True)
class Read:
    """An alert with what surrounds it, and its texts for one value."""

    rule: Alerting
    group: Group
    model: ModelPlan
    summary: str
    description: str

    @property
    def name(self) -> str:
        return f"{self.rule.alert}-{self.rule.level.value}{self.labels.get('tier', '')}-{self.model.model}"

    @property
    def labels(self) -> dict[str, str]:
        return dict(self.rule.labels)

    @property
    def template(self) -> str:
        texts = dict(self.rule.annotations)
        return f"{texts['summary']} {texts['description']}"


def read(rule: Alerting, group: Group, model: ModelPlan) -> Read:
    texts = dict(rule.annotations)
    labels = {**dict.fromkeys(rule.instance, "Something"), **dict(rule.labels)}

    def shown(text: str) -> str:
        template, problems = parse_template(text)
        assert template is not None, problems
        return expand(template, labels, VALUE)

    return Read(rule, group, model, shown(texts["summary"]), shown(texts["description"]))


@cache
def alerts() -> tuple[Read, ...]:
    """Each alert at each level and tier, of the first model that has it, and all that our own specs state."""
    found: dict[tuple[str, ...], Read] = {}
    for environment in everything().environments:
        for model in environment.models if environment.environment.name == "production" else ():
            for group in model.groups:
                for rule in group.rules:
                    if isinstance(rule, Alerting):
                        own = "" if model.model.startswith(("complete-", "minimal-")) else model.model
                        key = (rule.alert, rule.level.value, dict(rule.labels).get("tier", ""), own)
                        if key not in found:
                            found[key] = read(rule, group, model)
    return tuple(found.values())


def each(which: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(which, alerts(), ids=lambda alert: alert.name)


@each("alert")
def test_the_texts_say_what_where_how_much_since_when_and_what_to_do(alert: Read) -> None:
    rule, text = alert.rule, f"{alert.summary} {alert.description}"
    assert alert.model.model in alert.summary
    assert f"({alert.model.tenant}, {alert.model.environment})" in alert.description
    if rule.threshold:
        assert "$value" in alert.template
        assert rule.threshold in alert.description
        assert re.search(r"\b(above|below|more than|less than)\b", alert.description)
    if dict(rule.labels).get("tier") is None:
        assert format_duration(rule.for_ms) in alert.description or re.search(r"\bfor (an|two) hours?\b", text)
    for label in set(rule.instance) - {"slo", "kpi"}:
        assert f"$labels.{label}" in alert.template, label
    if rule.runbook.steps:
        assert "First step: " in alert.description


@each("alert")
def test_the_texts_are_whole_sentences_without_holes(alert: Read) -> None:
    for text in (alert.summary, alert.description):
        assert not re.search(r"[{}‹›]|serieses|<no value>|<error|\$(labels|value)|  |\.\.|,\.|%!", text), text
        assert text[0].isupper() or text[0].isdigit() or text.split(" ")[0].split(":")[0] == alert.model.model, text
    assert alert.description.endswith((".", "!", "?")), alert.description
    assert not alert.summary.endswith(".")
    assert len(alert.summary) <= 160


@each("alert")
def test_an_alert_fires_at_its_second_evaluation_at_the_earliest(alert: Read) -> None:
    assert alert.rule.for_ms >= alert.group.interval_ms, (alert.rule.for_ms, alert.group.interval_ms)


@each("alert")
def test_its_dashboard_exists_and_shows_what_it_judges(alert: Read) -> None:
    address = dict(alert.rule.annotations)["dashboard_url"]
    pages = {page.uid: page for page, model in dashboards(everything()) if model is alert.model}
    page = pages[address.rpartition("/")[2]]
    read = {one.name for panel in page.panels for query in panel.queries for one in selectors(query.expr)}
    judged = [one.name for one in selectors(alert.rule.expr) if isinstance(one, VectorSelector)]
    about = {record for record in judged if record and record.startswith(("model", "slo:sli_error"))}
    if about and page.topic not in ("health", "slo"):
        assert not read.isdisjoint(about), (page.topic, sorted(about))
