"""Rule groups as the text of a Prometheus rule file, the same for every target that holds rules."""

from __future__ import annotations

import re
from collections.abc import Iterable

from generators.formats.characters import one_line
from generators.formats.durations import format_duration
from generators.formats.yaml_printer import Commented, format_yaml
from generators.planning.plan import Alerting, Group, Pairs, Recording, Rule
from generators.targets.expressions import pretty
from generators.targets.identity_cache import cached_by_identity


def rule_groups(groups: Iterable[Group], indent: str = "") -> str:
    """Return groups as YAML, from the key ``groups`` on, indented as far as a surrounding document needs."""
    text = f"groups:\n{''.join(map(group_text, groups))}"
    return _LINE.sub(indent, text) if indent else text


@cached_by_identity
def group_text(group: Group) -> str:
    """Return one group as an item of the list under ``groups:``."""
    return format_yaml({"groups": [_group(group)]}).removeprefix("groups:\n")


_LINE = re.compile("^(?=.)", re.MULTILINE)
"""The start of each line that is not empty."""


def _group(group: Group) -> dict[str, object]:
    return {
        "name": group.name,
        "interval": format_duration(group.interval_ms),
        "rules": [_rule(rule) for rule in group.rules],
    }


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
