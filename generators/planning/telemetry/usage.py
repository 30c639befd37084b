"""How formulas use the metrics that exist: what is known of types, buckets, intervals and values shows mistakes.

The mistakes load without complaint, and give an alert that never fires or always does: a value that is misspelt, the
rate of a gauge, a bound that no histogram has, a window that holds no two samples.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from generators.diagnostics import Code, Problem, did_you_mean
from generators.formats.durations import format_duration
from generators.formats.re2 import compile_regex
from generators.language.catalog import Deployment, Environment, ExternalMetric, Formula, Platform, Threshold
from generators.language.sources import of_library
from generators.planning.formulas import Filling
from generators.planning.plan import Instrument
from generators.promql.rules.lint import Catalogue, Check, Metric, MetricType, Settings, Subject, all_checks
from generators.promql.rules.lint.checks.beyond_buckets import BEYOND_BUCKETS
from generators.promql.rules.model import AlertingRule, Group, RuleFile
from generators.promql.syntax.ast import Binary, Call, Duration, Expr, Matcher, MatchOp, MatrixSelector, VectorSelector
from generators.promql.syntax.walk import selectors, walk
from otel.names import InstrumentKind, label_name

UNKNOWN_VALUE = Code(
    "P412",
    "Value that nothing has",
    "The values of an attribute are declared. A matcher on another one selects nothing, or leaves nothing out.",
    'promql: rate($duration_count{error_type="time_out"}[5m])',
    'promql: rate($duration_count{error_type="timeout"}[5m])',
)
TOO_FEW_EXPORTS = Code(
    "P413",
    "Exports too far apart",
    "A rate needs two samples in its window, and four to survive a late one. Windows of packs begin at five minutes.",
    "export_interval: 5m",
    "export_interval: 15s",
)

CHECKS: Final = (
    *("rate-of-gauge", "counter-without-rate", "delta-of-counter", "short-range", "beyond-buckets", "le-text"),
)
"""Checks of the linter for rules that only the knowledge of metrics makes possible."""
LEAST_SAMPLES: Final = 4
_TYPES: Final[Mapping[InstrumentKind, MetricType]] = {
    InstrumentKind.COUNTER: MetricType.COUNTER,
    InstrumentKind.UPDOWNCOUNTER: MetricType.GAUGE,
    InstrumentKind.GAUGE: MetricType.GAUGE,
    InstrumentKind.HISTOGRAM: MetricType.HISTOGRAM,
}


@dataclass(frozen=True, slots=True)
class Usage:
    """What is known of the series of a model, or of several.

    ``values`` are those that a label can have, by series and label; a label that is not there may have any.
    """

    catalogue: Catalogue
    values: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)

    def problems(self, expr: Expr, formula: Formula) -> Iterator[Problem]:
        """Yield what is wrong with how a filled formula uses metrics; formulas of the library are right."""
        if of_library(formula.position):
            return
        rule = AlertingRule("", expr)
        group = Group("", (rule,))
        subject = Subject(RuleFile((group,)), group, 1, rule, Settings(integer_le_suffix=False), self.catalogue)
        for check in _checks():
            for found in check.find(subject):
                place = formula.position if found.span is None else formula.place(found.span)
                yield Problem(found.kind or check.kind, found.message, place, found.help)
        for selector in selectors(expr):
            for matcher in selector.matchers:
                yield from self._unknown_value(selector, matcher, formula)

    def beyond(self, expr: Expr, thresholds: Iterable[Threshold]) -> Iterator[Problem]:
        """Yield a problem for each threshold that the quantile of a histogram cannot cross."""
        most = self._most(expr)
        for each in thresholds:
            if most is not None and (each.value.amount >= most if each.op == ">" else each.value.amount > most):
                always = "is never above" if each.op in (">", ">=") else "is always below"
                message = f"the quantile {always} `{each.value}`, since the last bucket ends at {most:g}"
                help_ = "give the histogram a bucket above the threshold: `buckets`"
                yield Problem(BEYOND_BUCKETS, message, each.position, help_)

    def _most(self, expr: Expr) -> float | None:
        """Return the greatest value that an expression can have, where that is the end of a histogram's buckets."""
        match expr:
            case Call(function="histogram_quantile"):
                found = [self.catalogue.find(selector) for selector in selectors(expr)]
                return max((each.metric.buckets[-1] for each in found if each and each.metric.buckets), default=None)
            case Binary(op="and" | "unless" | ">" | "<" | ">=" | "<=" | "==" | "!=", left=left):
                return self._most(left)
            case _:
                return None

    def _unknown_value(self, selector: VectorSelector, matcher: Matcher, formula: Formula) -> Iterator[Problem]:
        values = self.values.get(selector.name or "", {}).get(matcher.label)
        if values is None or _selects_some(matcher, values):
            return
        what = "leaves nothing out" if matcher.op in (MatchOp.NOT_EQUAL, MatchOp.NOT_REGEX) else "selects nothing"
        message = f'`{matcher.label}{matcher.op.value}"{matcher.value}"` of `{selector.name}` {what}'
        help_ = did_you_mean(matcher.value, values) or f"values: {', '.join(sorted(values))}"
        yield Problem(UNKNOWN_VALUE, message, formula.place(matcher.span), help_)


@cache
def _checks() -> tuple[Check, ...]:
    return tuple(check for check in all_checks() if check.id in CHECKS)


def _selects_some(matcher: Matcher, values: frozenset[str]) -> bool:
    """Whether a matcher, taken positively, fits one of the values, or the label's absence."""
    if matcher.op in (MatchOp.EQUAL, MatchOp.NOT_EQUAL):
        return matcher.value in {*values, ""}
    pattern = compile_regex(matcher.value)
    return any(pattern.fullmatch(each) for each in {*values, ""})


def usage(parts: Iterable[tuple[Deployment, Filling, tuple[Instrument, ...]]], platform: Platform) -> Usage:
    """Return what is known of the series of some models, and of other systems."""
    metrics = {each.name: _external(each) for each in platform.external.values()}
    values: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for deployment, filling, instruments in parts:
        interval = deployment.environment.export_interval_ms
        of_label: dict[str, set[str]] = defaultdict(set)
        for each in instruments:
            metric = _metric(each, interval)
            metrics[metric.name] = metric
            for attribute in each.attributes:
                of_label[attribute.label].update(attribute.values)
                for name in each.prometheus:
                    values[name][attribute.label].update(attribute.values)
        for record, keep in _recorded(deployment, filling):
            for label in map(label_name, keep):
                if label in of_label:
                    values[record][label] |= of_label[label]
        for measure in deployment.measures.values():
            for key, value in measure.labels:
                values[measure.record][label_name(key)].add(value)
    known = {name: {label: frozenset(found) for label, found in of.items() if found} for name, of in values.items()}
    return Usage(Catalogue(metrics), known)


def _recorded(deployment: Deployment, filling: Filling) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from ((filling.series[tile.id], tile.keep) for tile in deployment.tiles.values())
    yield from ((measure.record, measure.keep) for measure in deployment.measures.values())


def _metric(instrument: Instrument, interval_ms: int) -> Metric:
    name = instrument.prometheus[0]
    if instrument.kind is InstrumentKind.HISTOGRAM:
        name = next(each.removesuffix("_count") for each in instrument.prometheus if each.endswith("_count"))
    return Metric(name, _TYPES[instrument.kind], interval=interval_ms, buckets=instrument.buckets)


def _external(metric: ExternalMetric) -> Metric:
    return Metric(metric.name, MetricType(metric.type))


def too_few_exports(environment: Environment, formulas: Iterable[tuple[str, Formula]]) -> Iterator[Problem]:
    """Yield a problem if windows of the library are shorter than four exports; what people write is told at its line.

    ``formulas`` are what the library computes, by name.
    """
    interval = environment.export_interval_ms
    short = {
        name: min(windows)
        for name, formula in formulas
        if (windows := [each for each in _windows(formula.template.expr) if each < LEAST_SAMPLES * interval])
    }
    if short:
        least = min(short.values())
        message = (
            f"services of `{environment.name}` export every {format_duration(interval)}, so that {len(short)} figures "
            f"of the packs have no value or a wrong one: {', '.join(sorted(short)[:3])}{' …' if len(short) > 3 else ''}"
        )
        help_ = f"export at least every {format_duration(least // LEAST_SAMPLES)}"
        yield Problem(TOO_FEW_EXPORTS, message, environment.export_position or environment.position, help_)


def _windows(expr: Expr) -> Iterator[int]:
    """Yield the ranges of what is read of metrics themselves."""
    for node in walk(expr):
        if isinstance(node, MatrixSelector) and isinstance(node.range, Duration):
            yield node.range.milliseconds
