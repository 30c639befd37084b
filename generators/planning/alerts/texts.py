"""Texts of alerts: placeholders become Go-template actions or plain text, everything else stays inert."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from decimal import Decimal

from generators.formats.durations import format_duration
from generators.promql.templates import escape
from otel.units import ONE, Unit, parse_unit, quantity_text

_PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


def placeholders(text: str) -> tuple[tuple[str, int, int], ...]:
    """Return the placeholders of a text with the offsets of their braces."""
    return tuple((match[1], match.start(), match.end()) for match in _PLACEHOLDER.finditer(text))


def with_labels(text: str, labels: Collection[str], prefix: str) -> str:
    """Return a text in which placeholders are named as the labels that they read.

    The prefix of a label may be left out: ``{feature}`` reads ``ml_feature``, unless there is a label ``feature``.
    """

    def label(found: re.Match[str]) -> str:
        long = f"{prefix}_{found[1]}"
        return f"{{{long}}}" if found[1] not in labels and long in labels else found[0]

    return _PLACEHOLDER.sub(label, text)


def template(text: str, facts: Mapping[str, str], unit: str) -> str:
    """Return a text as a Go template: facts are written out, ``{value}`` is formatted by its unit.

    Any other placeholder reads the label of its name.
    """
    parts: list[str] = []
    end = 0
    for name, start, stop in placeholders(text):
        parts += [escape(text[end:start]), _action(name, facts, unit)]
        end = stop
    return "".join([*parts, escape(text[end:])])


def _action(name: str, facts: Mapping[str, str], unit: str) -> str:
    if name == "value":
        return value_action(unit)
    return escape(facts[name]) if name in facts else f"{{{{ $labels.{name} }}}}"


def value_action(unit: str) -> str:
    """Return the action that prints the alert's value for people."""
    parsed = parse_unit(unit) if unit else ONE
    if unit in ("1", "%"):
        return "{{ $value | humanizePercentage }}" if unit == "1" else "{{ $value | humanize }} %"
    if parsed.dimension == parse_unit("s").dimension:
        return _converted("humanizeDuration", parsed)
    if parsed.dimension == parse_unit("By").dimension:
        return f"{_converted('humanize1024', parsed)}B"
    words = quantity_text(Decimal(2), parsed).removeprefix("2").strip()
    currency = words[:3].isupper() and words[:3].isalpha()
    number = '{{ $value | printf "%.2f" }}' if currency else "{{ $value | humanize }}"
    return f"{number} {escape(words)}".rstrip()


def _converted(function: str, unit: Unit) -> str:
    return f"{{{{ $value | {function} }}}}" if unit.factor == 1 else f"{{{{ $value | humanize }}}} {escape(str(unit))}"


def shown(amount: Decimal, unit: str) -> str:
    """Return a threshold for people: times as Prometheus writes them (``450ms``, ``2d``), shares as percentages."""
    if unit == "1":
        return quantity_text(amount * 100, parse_unit("%"))
    if unit == "s" and amount > 0 and amount * 1000 == int(amount * 1000):
        return format_duration(int(amount * 1000))
    return quantity_text(amount, parse_unit(unit) if unit else ONE)
