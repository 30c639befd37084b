"""``explain alert`` and ``explain rule``: what a rule says, where it comes from, what it reads, who reads it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from generators import alertmanager, promql
from generators.cli.commands.explain.explanation import Explanation
from generators.cli.commands.explain.placed_rules import Placed, placed, readers, writers
from generators.cli.tables import named_values
from generators.cli.unknown_names import UnknownNameError, unknown
from generators.formats.durations import format_duration
from generators.language.resolve.noise import chance, promised
from generators.planning.plan import Alerting, ModelPlan, Plan, Recording


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of several rules of a name are meant; None for all."""

    model: str | None = None
    tenant: str | None = None
    environment: str | None = None

    def takes(self, each: Placed) -> bool:
        """Whether a rule is among those that are meant."""
        wanted_tenant, _, model = (self.model or "").rpartition("/")
        tenant = self.tenant or wanted_tenant
        return (
            (not model or (each.model is not None and each.model.model == model))
            and (not tenant or (each.model is not None and each.model.tenant == tenant))
            and self.environment in {None, each.place}
        )


def explain_alert(name: str, choice: Choice, plan: Plan) -> Explanation:
    """Return what the alerts of a name say, in every model and environment that is meant."""
    rules = list(placed(plan))
    return _explained("alert", name, [each for each in rules if isinstance(each.rule, Alerting)], choice, rules, plan)


def explain_rule(name: str, choice: Choice, plan: Plan) -> Explanation:
    """Return what the rules that record a series say, in every model and environment that is meant."""
    rules = list(placed(plan))
    found = [each for each in rules if isinstance(each.rule, Recording)]
    return _explained("rule that records", name, found, choice, rules, plan)


def _explained(
    what: str, name: str, candidates: list[Placed], choice: Choice, rules: list[Placed], plan: Plan
) -> Explanation:
    named = [each for each in candidates if each.name == name]
    if not named:
        raise unknown(what, name, (each.name for each in candidates))
    found = [each for each in named if choice.takes(each)]
    if not found:
        places = ", ".join(sorted({f"{each.owner} ({each.place})" for each in named}))
        raise UnknownNameError(f"`{name}` is not there, but in: {places}")
    data = [_data(each, rules, plan) for each in found]
    return Explanation("\n\n".join(_text(each, one) for each, one in zip(found, data, strict=True)), data)


def _data(each: Placed, rules: list[Placed], plan: Plan) -> dict[str, Any]:
    rule = each.rule
    same = [other for other in rules if other.place == each.place]
    fields: dict[str, Any] = {
        "name": each.name,
        "kind": "alert" if isinstance(rule, Alerting) else "recording",
        "of": each.owner,
        "environment": each.place,
        "expression": promql.pretty(rule.expr),
        "group": each.group.name,
        "interval": format_duration(each.group.interval_ms),
        "labels": dict(rule.labels),
        "from": [str(place) for place in rule.provenance],
        "reads": _reads(each, same, plan),
    }
    if isinstance(rule, Alerting):
        told = alertmanager.route(each.environment.alertmanager, {"alertname": rule.alert, **dict(rule.labels)})
        fields |= {
            "for": format_duration(rule.for_ms),
            "keep_firing_for": format_duration(rule.keep_firing_for_ms),
            "severity": rule.level.value,
            "threshold": rule.threshold,
            "promise": format_duration(rule.promise_ms) if rule.promise_ms is not None else "",
            **_drift(each.model, rule),
            "annotations": dict(rule.annotations),
            "notifies": [one.receiver for one in told],
            "read_by": [],
        }
    else:
        found = readers(rule.record, dict(rule.labels), same)
        fields |= {"unit": rule.unit, "description": rule.description, "read_by": _names(found)}
    return fields


def _drift(model: ModelPlan | None, rule: Alerting) -> dict[str, str]:
    """Return what an alert about drift promises to find, and what chance makes."""
    deployment = model.deployment if model else None
    alert = next((one for one in deployment.alerts if one.name == rule.alert), None) if deployment else None
    if alert is None or deployment is None:
        return {"finds": "", "chance": ""}
    of = deployment.measures, deployment.model
    return {"finds": promised(alert, rule.level, *of), "chance": chance(alert, rule.level, *of)}


def _reads(each: Placed, rules: list[Placed], plan: Plan) -> list[dict[str, str]]:
    """Return the series that a rule reads, and what makes each."""
    found: dict[str, str] = {}
    for selector in each.reads():
        name = selector.name or ""
        recordings = writers(selector, rules)
        if recordings:
            found[name] = f"recorded by {recordings[0].owner}, {_first(recordings[0].rule.provenance)}"
        else:
            found.setdefault(name, _emitter(name, each, plan))
    return [{"series": name, "made": made} for name, made in found.items()]


def _emitter(series: str, each: Placed, plan: Plan) -> str:
    """Say which instrument emits a series, or which other system."""
    models = [each.model] if each.model else each.environment.models
    for model in models:
        for instrument in model.instruments:
            if series in instrument.prometheus:
                return f"metric {instrument.name}, {_first(instrument.provenance)}"
    external = plan.catalog.platform.external.get(series)
    return f"emitted by {external.source}, {external.position}" if external else "made by Prometheus"


def _first(places: Iterable[object]) -> str:
    return next((str(place) for place in places), "")


def _names(rules: Iterable[Placed]) -> list[str]:
    return list(dict.fromkeys(f"{each.name} ({each.owner})" for each in rules))


def _text(each: Placed, data: dict[str, Any]) -> str:
    alert = data["kind"] == "alert"
    severity = f" ({data['severity']})" if alert else ""
    head = f"{data['kind']} {each.name}{severity} of {each.owner} in {each.place}"
    threshold = [("threshold", data["threshold"]), ("for", data["for"])] if alert else []
    rows = [
        ("says", data["annotations"].get("summary", "") if alert else data["description"]),
        ("expression", data["expression"]),
        *threshold,
        ("keeps firing", data["keep_firing_for"] if alert and data["keep_firing_for"] != "0s" else ""),
        ("promise", f"notifies within {data['promise']} of the first failing request" if data.get("promise") else ""),
        ("chance", f"makes {data['chance']}; less is never told" if data.get("chance") else ""),
        ("finds", f"a move of {data['finds']}, with 90 %" if data.get("finds") else ""),
        ("unit", data.get("unit", "")),
        ("evaluated", f"every {data['interval']} in group {data['group']}"),
        ("labels", "\n".join(f"{name}={value}" for name, value in data["labels"].items())),
        ("notifies", ", ".join(data.get("notifies", []))),
        ("reads", "\n".join(f"{one['series']}: {one['made']}" for one in data["reads"])),
        ("read by", "\n".join(data["read_by"])),
        ("from", "\n".join(data["from"])),
    ]
    return f"{head}\n{named_values(rows)}"
