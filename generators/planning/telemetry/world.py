"""The closed world: every series that a formula reads is emitted, recorded, or declared external, with its labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from generators.diagnostics import Code, Position, Problem, did_you_mean
from generators.language.catalog import Formula, Platform
from generators.planning.names import IDENTITY, SCRAPED, VERSION
from generators.planning.plan import Instrument
from generators.planning.telemetry.scrapes import series
from generators.promql.checks.expressions import check
from generators.promql.labels.algebra import labels_of, why_missing
from generators.promql.labels.label_set import UNKNOWN, LabelSet, label_set
from generators.promql.profiles import PROMETHEUS_2, PROMETHEUS_3, Profile
from generators.promql.syntax.ast import Expr, VectorSelector
from generators.promql.syntax.walk import selectors
from otel.names import InstrumentKind

LOST_PLACEHOLDER = Code(
    "A505",
    "Lost placeholder",
    "The text reads a label that the alert does not carry.",
    'summary: "{featur} drifts"',
    'summary: "{feature} drifts"',
)
UNKNOWN_SERIES = Code(
    "P406",
    "Unknown series",
    "Nothing emits or records the series, and it is not declared external.",
    "promql: up_time",
    "external: {up_time: {type: gauge, labels: [job], source: node}}",
)
IDENTITY_IS_LOST = Code(
    "P407",
    "Identity is lost",
    "A measure keeps the labels that say whose value it is.",
    "promql: sum(rate($hits[5m]))",
    "promql: sum by ($by) (rate($hits[5m]))",
)
LABEL_TOO_MANY = Code(
    "P408",
    "Label too many",
    "A measure carries the identity labels and those of `keep`, nothing else.",
    "promql: sum by ($by, code) (…)",
    "keep: [code]",
)
SELECTOR_WITHOUT_NAME = Code(
    "P409",
    "Selector without name",
    "A selector without a metric name reads whatever is there.",
    'promql: {job="a"}',
    "promql: $hits",
)

ALWAYS = ("ALERTS", "ALERTS_FOR_STATE", "up", "target_info")
"""Series that Prometheus itself makes."""


def profile_of(platform: Platform) -> Profile:
    """Return the dialect of PromQL that the platform's server speaks."""
    base = PROMETHEUS_2 if platform.prometheus_version == "2" else PROMETHEUS_3
    return replace(base, experimental=platform.experimental_functions)


@dataclass(frozen=True, slots=True)
class World:
    """The labels of every series that exists in an environment, by name."""

    series: Mapping[str, LabelSet]
    profile: Profile

    def schema(self, selector: VectorSelector) -> LabelSet | None:
        """Return the labels of a selected series, as the label algebra asks for them."""
        return self.series.get(selector.name) if selector.name else None

    def problems(self, expr: Expr, formula: Formula) -> tuple[Problem, ...]:
        """Return what is wrong with a filled formula: unknown series, impossible labels, wrong dialect."""
        unknown = tuple(self._unknown(expr, formula))
        if unknown:
            return unknown
        _, found = labels_of(expr, self.schema, formula.text)
        dialect = check(expr, self.profile)
        return tuple(finding.at(formula.place(finding.span)) for finding in (*dialect, *found))

    def labels(self, expr: Expr) -> LabelSet:
        """Return what is known of the labels of a filled formula's result."""
        return labels_of(expr, self.schema)[0]

    def carries(self, expr: Expr, formula: Formula, wanted: Iterable[str]) -> Iterator[Problem]:
        """Yield a problem unless the result has exactly the wanted labels."""
        found, names = self.labels(expr), frozenset(wanted)
        lost: dict[Position, list[tuple[str, str]]] = {}
        for label in sorted(names - found.sure):
            reason = why_missing(expr, self.schema, label, formula.text)
            place = formula.place(reason[0]) if reason else formula.position
            lost.setdefault(place, []).append((label, f": {reason[1]}" if reason else ""))
        for place, missing in lost.items():
            labels = ", ".join(f"`{label}`" for label, _ in missing)
            message = f"the result does not surely carry {labels}{missing[0][1]}"
            yield Problem(IDENTITY_IS_LOST, message, place, "keep them: `sum by ($by) (…)`")
        for label in sorted(found.named - names - {"__name__"}) if not lost else ():
            message = f"the result carries `{label}` besides the identity labels"
            yield Problem(
                LABEL_TOO_MANY, message, formula.position, "aggregate it away, or list its attribute under `keep`"
            )

    def _unknown(self, expr: Expr, formula: Formula) -> Iterator[Problem]:
        for selector in selectors(expr):
            if selector.name is None:
                message = "a selector without a metric name reads whatever is there"
                yield Problem(SELECTOR_WITHOUT_NAME, message, formula.place(selector.span), "name the series")
            elif selector.name not in self.series:
                near = did_you_mean(selector.name, self.series)
                help_ = near or "declare it under `metrics`, or as `external` in the platform"
                message = f"nothing emits or records `{selector.name}`"
                yield Problem(UNKNOWN_SERIES, message, formula.place(selector.span), help_)


def instrument_series(instruments: Iterable[Instrument]) -> Iterator[tuple[str, LabelSet]]:
    """Yield the Prometheus series of instruments with their labels."""
    for instrument in instruments:
        sure = [*IDENTITY, *SCRAPED, VERSION, *(each.label for each in instrument.attributes if not each.optional)]
        maybe = [each.label for each in instrument.attributes if each.optional]
        for name in instrument.prometheus:
            bucket = instrument.kind is InstrumentKind.HISTOGRAM and name.endswith("_bucket")
            yield name, label_set("__name__", *sure, *(("le",) if bucket else ()), maybe=maybe)


def external_series(platform: Platform) -> Iterator[tuple[str, LabelSet]]:
    """Yield the series of other systems: they surely carry what is declared, and may carry more."""
    for name in ALWAYS:
        yield name, UNKNOWN
    for external in platform.external.values():
        for name in series(external):
            yield name, replace(label_set("__name__", *external.labels), open=True)


def recorded(labels: Iterable[str]) -> LabelSet:
    """Return the labels of a recording."""
    return label_set("__name__", *labels)


def merged(pairs: Iterable[tuple[str, LabelSet]]) -> dict[str, LabelSet]:
    """Return labels by name; where models differ, what holds for all of them."""
    result: dict[str, LabelSet] = {}
    for name, labels in pairs:
        known = result.get(name)
        result[name] = labels if known is None or known == labels else known.union(labels)
    return result


def lost_placeholder(name: str, place: Position, known: Iterable[str]) -> Problem:
    """Return the problem of a text that reads a label which its alert does not have."""
    help_ = did_you_mean(name, known) or f"it may use {', '.join(f'{{{each}}}' for each in sorted(known))}"
    return Problem(LOST_PLACEHOLDER, f"the text reads `{{{name}}}`, which the alert does not carry", place, help_)
