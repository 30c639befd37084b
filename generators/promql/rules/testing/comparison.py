"""Compares what a test expects with what came: by labels first, then value by value, with the nearest series."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from generators.promql.engine.series.labels import METRIC_NAME, Labels, format_labels
from generators.promql.templates.numbers import format_float

TOLERANCE = 1e-9
"""Relative difference between values that counts as equal, unless promtool's exactness is asked for."""

Same = Callable[[float, float], bool]


def exactly(expected: float, got: float) -> bool:
    """Compare as promtool does: bit for bit, and NaN equals nothing."""
    return expected == got


def fuzzily(expected: float, got: float) -> bool:
    """Compare as promtool does with ``fuzzy_compare``: the neighbouring number is equal too."""
    return expected == got or got in (math.nextafter(expected, math.inf), math.nextafter(expected, -math.inf))


def closely(expected: float, got: float) -> bool:
    """Compare with a tolerance; NaN equals NaN."""
    if math.isnan(expected) or math.isnan(got):
        return math.isnan(expected) and math.isnan(got)
    return expected == got or math.isclose(expected, got, rel_tol=TOLERANCE, abs_tol=1e-12)


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference, in a line or two."""

    text: str


def compare_samples(
    expected: Sequence[tuple[Labels, float]], got: Sequence[tuple[Labels, float]], same: Same
) -> tuple[Difference, ...]:
    """Return what is missing, what is too much, and which values differ."""
    left, right = _by_labels(expected), _by_labels(got)
    return tuple(Difference(text) for text in _sample_lines(left, right, same))


def _by_labels(samples: Sequence[tuple[Labels, float]]) -> dict[Labels, list[float]]:
    found: dict[Labels, list[float]] = {}
    for labels, value in samples:
        found.setdefault(labels, []).append(value)
    return found


def _sample_lines(left: dict[Labels, list[float]], right: dict[Labels, list[float]], same: Same) -> Iterator[str]:
    spare = [labels for labels in right if labels not in left]
    for labels, values in left.items():
        found = right.get(labels)
        if found is None:
            near = nearest(labels, spare)
            hint = f"; nearest is {series(near)} ({label_difference(labels, near)})" if near is not None else ""
            yield f"missing {series(labels)} {_shown(values)}{hint}"
        elif len(found) != len(values) or not all(same(*pair) for pair in zip(values, found, strict=True)):
            yield f"{series(labels)} is {_shown(found)}, expected {_shown(values)}{_distance(values, found)}"
    for labels in spare:
        yield f"unexpected {series(labels)} {_shown(right[labels])}"


def _shown(values: Sequence[float]) -> str:
    return ", ".join(format_float(value) for value in values)


def _distance(expected: Sequence[float], got: Sequence[float]) -> str:
    if len(expected) != 1 or len(got) != 1 or not math.isfinite(expected[0] - got[0]):
        return ""
    return f" (off by {format_float(got[0] - expected[0], 'g', 3)})"


def nearest(labels: Labels, others: Sequence[Labels]) -> Labels | None:
    """Return the label set that differs in the fewest labels."""
    return min(others, key=lambda other: (len(set(labels) ^ set(other)), other), default=None)


def label_difference(expected: Labels, got: Labels) -> str:
    """Say in which labels two sets differ."""
    left, right = dict(expected), dict(got)
    parts = []
    for name in sorted(left.keys() | right.keys()):
        if left.get(name) == right.get(name):
            continue
        if name not in right:
            parts.append(f"has no {name}")
        elif name not in left:
            parts.append(f'has {name}="{right[name]}"')
        else:
            parts.append(f'{name} is "{right[name]}" instead of "{left[name]}"')
    return ", ".join(parts)


def series(labels: Labels) -> str:
    """Write a series with its name before the braces."""
    name = dict(labels).get(METRIC_NAME, "")
    rest = tuple(pair for pair in labels if pair[0] != METRIC_NAME)
    return name + (format_labels(rest) if rest or not name else "")


AlertText = tuple[Labels, tuple[tuple[str, str], ...]]
"""Labels and annotations of an alert."""


def compare_alerts(expected: Sequence[AlertText], got: Sequence[AlertText]) -> tuple[Difference, ...]:
    """Return which alerts are missing or too many, and where annotations differ."""
    missing, spare = list(expected), []
    for alert in got:
        if alert in missing:
            missing.remove(alert)
        else:
            spare.append(alert)
    lines: list[str] = []
    for labels, texts in missing:
        twin = next((alert for alert in spare if alert[0] == labels), None)
        if twin is not None:
            spare.remove(twin)
            lines += _annotation_lines(labels, dict(texts), dict(twin[1]))
            continue
        near = nearest(labels, [alert[0] for alert in spare])
        hint = f"; nearest is {series(near)} ({label_difference(labels, near)})" if near is not None else ""
        lines.append(f"not firing: {series(labels)}{hint}")
    lines += (f"firing unexpectedly: {series(labels)}" for labels, _ in spare)
    return tuple(Difference(line) for line in lines)


def _annotation_lines(labels: Labels, expected: dict[str, str], got: dict[str, str]) -> Iterator[str]:
    for name in sorted(expected.keys() | got.keys()):
        if expected.get(name) == got.get(name):
            continue
        if name not in expected:
            yield f'{series(labels)}: unexpected annotation {name}="{got[name]}"'
        elif name not in got:
            yield f"{series(labels)}: annotation {name} is missing"
        else:
            yield f'{series(labels)}: annotation {name} is "{got[name]}", expected "{expected[name]}"'
