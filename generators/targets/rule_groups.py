"""Rule groups as the plain values of a Prometheus rule file, the same for every target that holds rules."""

from __future__ import annotations

from collections.abc import Iterable

from generators.planning.plan import Alerting, Group, Pairs, Plan, Recording, Rule
from generators.promql.durations import format_duration
from generators.targets.characters import one_line
from generators.targets.expressions import pretty
from generators.targets.yaml_text import Commented


def rule_groups(groups: Iterable[Group], prometheus_version: str) -> list[object]:
    """Return the value of ``groups:`` for a server of that major version, keys in their usual order."""
    return [_group(group, with_offset=prometheus_version != "2") for group in groups]


def prometheus_version(plan: Plan) -> str:
    """Return the major version of the server that evaluates the rules."""
    return plan.catalog.platform.prometheus_version


def _group(group: Group, *, with_offset: bool) -> dict[str, object]:
    """Lower a group; ``query_offset`` exists since Prometheus 2.53 and would make an older server refuse the file."""
    fields: dict[str, object] = {"name": group.name, "interval": format_duration(group.interval_ms)}
    if group.query_offset_ms and with_offset:
        fields["query_offset"] = format_duration(group.query_offset_ms)
    fields["rules"] = [_rule(rule) for rule in group.rules]
    return fields


def _rule(rule: Rule) -> object:
    return _recording(rule) if isinstance(rule, Recording) else _alerting(rule)


def _recording(rule: Recording) -> object:
    fields: dict[str, object] = {"record": rule.record, "expr": pretty(rule.expr)}
    _put_pairs(fields, "labels", rule.labels)
    return Commented(_words(rule), fields) if rule.description else fields


def _words(rule: Recording) -> str:
    words = f"{one_line(rule.description).removesuffix('.')}."
    return words if rule.unit in {"", "1"} else f"{words} Unit: {rule.unit}."


def _alerting(rule: Alerting) -> object:
    fields: dict[str, object] = {"alert": rule.alert, "expr": pretty(rule.expr)}
    if rule.for_ms:
        fields["for"] = format_duration(rule.for_ms)
    if rule.keep_firing_for_ms:
        fields["keep_firing_for"] = format_duration(rule.keep_firing_for_ms)
    _put_pairs(fields, "labels", rule.labels)
    _put_pairs(fields, "annotations", rule.annotations)
    if rule.promise_ms is None:
        return fields
    return Commented(f"Notifies within {whole_seconds(rule.promise_ms)} of the first failing request.", fields)


def _put_pairs(fields: dict[str, object], key: str, pairs: Pairs) -> None:
    if pairs:
        fields[key] = dict(pairs)


def whole_seconds(milliseconds: int) -> str:
    """Return a bound as a duration, rounded up to seconds."""
    return format_duration(-(-milliseconds // 1000) * 1000)
