"""Profile → the document Baseline, as YAML: the same profile gives the same bytes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import numpy as np

from generators.baseline.decimals import below, beside, share, significant
from generators.baseline.profile import Confusion, Counts, Labels, Profile
from generators.baseline.profiling import SHOWN, WINDOWS
from generators.baseline.statistics.distances import Array
from generators.baseline.statistics.quality import (
    accuracy,
    area_under_curve,
    calibration_error,
    isotonic,
    uncertainty_coefficient,
)
from generators.baseline.windows import Window, day_shape, week_shape, window
from generators.formats.yaml_printer import format_key, format_text
from generators.language.catalog import Model

_WIDTH: Final = 110
_HEAD: Final = "# Written by `watchspec baseline`; do not edit."


@dataclass(frozen=True, slots=True)
class About:
    """What a document says of itself: its version, where the data came from, and the codes that were accepted."""

    version: str
    source: str
    accepted: tuple[str, ...] = ()


Windows = Mapping[str, Mapping[str, Window | None]]
"""By feature (``score`` and ``prediction`` among them, after a dot) and length."""


def windows(profile: Profile, lengths: Iterable[str]) -> Windows:
    """Return what statistics were in windows of the data, by feature and length."""
    wanted = tuple(lengths)
    everything = {**profile.features, ".score": profile.score, ".prediction": profile.prediction}
    return {
        name: {each: _window(counts, profile.first_hour, each) for each in wanted}
        for name, counts in everything.items()
        if counts is not None
    }


def _window(counts: Counts, first_hour: int, name: str) -> Window | None:
    return window(counts, first_hour, WINDOWS[name] // 3600, counts.effects.get(name, 1.0))


def document(profile: Profile, model: Model, found: Windows, about: About) -> str:
    """Return the document as YAML; features stand in the order of the spec."""
    lines = [
        _HEAD,
        "apiVersion: watchspec/v1",
        "kind: Baseline",
        f"metadata: {{name: {format_key(model.name)}, tenant: {format_key(model.tenant)}}}",
        "spec:",
        f"  model: {format_text(model.name)}",
        f"  version: {_quoted(about.version)}",
        f"  rows: {profile.rows}",
        f"  source: {format_text(about.source)}",
        *_data(profile, about),
        "  features:",
    ]
    for name, counts in profile.features.items():
        lines += [f"    {format_key(name)}:", *_profile(counts, found.get(name, {}), "      ")]
    for name, each in (("prediction", profile.prediction), ("score", profile.score)):
        if each is not None:
            lines += [f"  {name}:", *_profile(each, found.get(f".{name}", {}), "    ")]
    if profile.labels is not None:
        lines += ["  quality:", *_quality(profile.labels)]
    lines += _segments(profile)
    if profile.hourly is not None:
        lines += _listed("hours", _shares(day_shape(profile.hourly, profile.first_hour)), "  ")
        lines += _listed("weekdays", _shares(week_shape(profile.hourly, profile.first_hour)), "  ")
    return "\n".join((*lines, ""))


def usual_version(profile: Profile) -> str:
    """Return a version that follows from data and question alone."""
    return f"{profile.content[:8]}-{profile.query[:4]}"


def _data(profile: Profile, about: About) -> Iterator[str]:
    yield "  data:"
    yield f"    content: {_quoted(profile.content)}"
    yield f"    query: {_quoted(profile.query)}"
    if profile.period is not None:
        yield f"    begin: {_quoted(_time(profile.period[0]))}"
        yield f"    end: {_quoted(_time(profile.period[1]))}"
    if about.accepted:
        yield f"    accepted: [{', '.join(about.accepted)}]"


def _profile(counts: Counts, found: Mapping[str, Window | None], indent: str) -> Iterator[str]:
    if counts.bins.edges:
        yield from _listed("edges", [_plain(edge) for edge in counts.bins.edges], indent)
    else:
        yield from _listed("values", [format_key(value) for value in counts.bins.values], indent)
    yield from _listed("shares", _shares(counts.own), indent)
    rows = int(counts.counts.sum())
    for name in ("missing", "invalid", "other", "unseen"):
        if counts.other(name):
            yield f"{indent}{name}: {_plain(share(counts.other(name), rows))}"
    numbers = counts.numbers
    if numbers is not None:
        yield f"{indent}mean: {_plain(beside(numbers.mean, numbers.deviation))}"
        yield f"{indent}deviation: {_plain(significant(numbers.deviation))}"
        if len(numbers.quantiles) == len(SHOWN):
            known = {"minimum": numbers.least, **numbers.quantiles, "maximum": numbers.greatest}
            yield from _mapped("quantiles", {name: _plain(below(value)) for name, value in known.items()}, indent)
    if effect := counts.effects.get(""):
        yield f"{indent}design_effect: {_plain(significant(effect, 4))}"
    told = {length: each for length, each in found.items() if each is not None}
    if told:
        yield f"{indent}windows:"
        for length, each in told.items():
            yield f"{indent}  {length}:"
            yield from _window_lines(each, f"{indent}    ")
    if counts.labelled is not None and counts.right is not None:
        yield from _listed("labelled", [str(int(each)) for each in counts.labelled], indent)
        yield from _listed("right", [str(int(each)) for each in counts.right], indent)
    if counts.answers:
        importance = uncertainty_coefficient(list(counts.answers.values()))
        yield f"{indent}importance: {_plain(significant(importance, 4))}"
    if counts.segments:
        yield f"{indent}segments:"
        for segment, values in counts.segments.items():
            yield f"{indent}  {segment}:"
            for value, rows_ in values.items():
                yield from _listed(format_key(value), [str(int(each)) for each in rows_], f"{indent}    ")


def _window_lines(each: Window, indent: str) -> Iterator[str]:
    yield f"{indent}windows: {each.windows}"
    yield f"{indent}values: {each.values}"
    if each.design_effect > 1:
        yield f"{indent}design_effect: {_plain(significant(each.design_effect, 4))}"
    for name, spread in each.statistics.items():
        shown = {"mean": spread.mean, "deviation": spread.deviation, "p99": spread.p99}
        yield from _mapped(name, {key: _plain(significant(value, 4)) for key, value in shown.items()}, indent)


def _quality(labels: Labels) -> Iterator[str]:
    yield f"    labels: {labels.rows}"
    if labels.confusion:
        yield from _confusion(labels.confusion, "    ")
        yield f"    accuracy: {_plain(significant(accuracy(labels.confusion)))}"
    if labels.positives is not None and labels.negatives is not None and labels.score_sums is not None:
        totals = labels.positives + labels.negatives
        area = area_under_curve(labels.positives, labels.negatives)
        if totals.sum():
            if not math.isnan(area):
                yield f"    auc: {_plain(significant(area))}"
            error = calibration_error(labels.positives, totals, labels.score_sums)
            yield f"    calibration_error: {_plain(significant(error))}"
            rising = isotonic(labels.positives / np.maximum(totals, 1), totals)
            yield from _listed("calibration", [_plain(significant(float(each))) for each in rising], "    ")
    if labels.errors is not None:
        for name, value in zip(("mean_absolute_error", "root_mean_square_error", "bias"), labels.errors, strict=True):
            yield f"    {name}: {_plain(significant(value))}"


def _confusion(confusion: Confusion, indent: str) -> Iterator[str]:
    classes = sorted({name for pair in confusion for name in pair})
    yield f"{indent}confusion:"
    for actual in classes:
        row = {predicted: str(confusion.get((actual, predicted), 0)) for predicted in classes}
        yield from _mapped(format_key(actual), row, f"{indent}  ")


def _segments(profile: Profile) -> Iterator[str]:
    if not profile.segments:
        return
    quality = profile.labels.segments if profile.labels is not None else {}
    yield "  segments:"
    for segment, values in profile.segments.items():
        yield f"    {segment}:"
        for value in sorted(values):
            yield f"      {format_key(value)}:"
            yield f"        rows: {values[value]}"
            if confusion := quality.get(segment, {}).get(value):
                yield from _confusion(confusion, "        ")


def _shares(counts: Array) -> list[str]:
    total = int(counts.sum())
    return [_plain(share(int(each), total)) for each in counts]


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(math.floor(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _quoted(text: str) -> str:
    """Print a text that could be taken for a number."""
    return (
        f'"{text}"'
        if text[:1].isalnum() and text.replace("-", "").replace(":", "").replace(".", "").isalnum()
        else format_text(text)
    )


def _plain(value: Decimal) -> str:
    text = f"{value + 0:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _mapped(key: str, values: Mapping[str, str], indent: str) -> Iterator[str]:
    return _wrapped(f"{indent}{key}: {{", [f"{format_key(name)}: {value}" for name, value in values.items()], "}")


def _listed(key: str, items: Sequence[str], indent: str) -> Iterator[str]:
    return _wrapped(f"{indent}{key}: [", items, "]")


def _wrapped(head: str, items: Sequence[str], end: str) -> Iterator[str]:
    """Yield items on as many lines as they need, each whole."""
    line = head
    for place, item in enumerate(items):
        piece = item + (end if place == len(items) - 1 else ",")
        if len(line) + len(piece) + 1 > _WIDTH and line.strip() != head.strip():
            yield line.rstrip()
            line = " " * len(head)
        line += piece + ("" if piece.endswith(end) and place == len(items) - 1 else " ")
    yield line.rstrip() if items else f"{head}{end}"
