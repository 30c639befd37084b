"""Metrics, tiles and measures, from a merged spec to the Catalog's values.

Each function reads one item; which items apply to a model is decided in ``applicability``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from generators.diagnostics import Code, Problem, did_you_mean
from generators.formats.yaml.nodes import Scalar, Sequence
from generators.language.catalog import (
    Attribute,
    Better,
    Block,
    Measure,
    Metric,
    Model,
    Noise,
    Platform,
    SpanSource,
    Tile,
)
from generators.language.resolve.applicability import facts
from generators.language.resolve.baselines import EDGES_OUT_OF_ORDER
from generators.language.resolve.bins import blocks, counted, named, profiled, union
from generators.language.resolve.fairness import groups
from generators.language.resolve.items import DAY, MINUTE, SECOND, converted, required
from generators.language.resolve.names import attribute_key, metric_name
from generators.language.resolve.reading import Reading, quantity
from generators.promql.syntax.ast import Binary
from otel.names import InstrumentKind
from otel.semconv import MODEL_NAME, MODEL_VERSION

HISTOGRAM_WITHOUT_BUCKETS = Code(
    "P402",
    "Histogram without buckets",
    "A histogram needs upper edges.",
    "instrument: histogram",
    "{instrument: histogram, buckets: [0.1, 1]}",
)

UNKNOWN_ATTRIBUTE = Code(
    "R339",
    "Unknown attribute",
    "A counter is split by attributes that it has.",
    "hits_5m: {metric: hits, keep: [chanel]}",
    "hits_5m: {metric: hits, keep: [channel]}",
)

PERCENT_OF_A_RATIO = Code(
    "V232",
    "Percent of a ratio",
    "A ratio lies between 0 and 1 and is shown as a percentage; in the unit `%` it would be 100 times too small.",
    'unit: "%", promql: $failed / $all',
    'unit: "1", promql: $failed / $all',
)

SHARES: Final = ("ratio", "share", "coverage")
"""How the last part of a recording's name begins if the value is a share."""
OTHER: Final = "other"
CELLS: Final = (("$binned", "$bins", counted), ("$profiled", "$shares", profiled), ("$protected", "$groups", groups))
"""Lists of which each value of the first goes with some values of the second only."""
BIN_LISTS: Final = ("$bins", "$shares", "$prediction_bins")
"""Lists of which the model decides how many, but not what they are called."""


def metric(id_: str, reading: Reading, model: Model, platform: Platform) -> Metric | None:
    """Read an instrument; None (with problems) if it lacks a name or a kind."""
    if not required(reading, f"metric `{id_}`", ("name", "instrument", "description")):
        return None
    name = metric_name(reading.text("name"), platform)
    unit = reading.unit("unit", "1")
    kind = InstrumentKind(reading.text("instrument"))
    edges = _edges(reading, unit)
    if kind is InstrumentKind.HISTOGRAM and not edges:
        reading.problems.append(
            Problem(
                HISTOGRAM_WITHOUT_BUCKETS,
                f"the histogram `{id_}` has no buckets",
                reading.place(),
                "add `buckets: [0.1, 0.5, 1]`",
            )
        )
    return Metric(
        id=id_,
        name=name,
        kind=kind,
        unit=unit,
        description=reading.text("description"),
        buckets=edges,
        attributes=tuple(
            _attribute(attribute_key(entry.key, platform), each, model)
            for entry, each in reading.children("attributes")
            if not each.has("requires") or facts(model).issuperset(each.texts("requires"))
        ),
        per_model=reading.text("per") == "model",
        personal_data=reading.text("personal_data"),
        position=reading.place("name"),
        cells=_cells(reading, model, platform),
        span=_span(reading.child("span"), model) if reading.has("span") else None,
    )


def _span(reading: Reading, model: Model) -> SpanSource:
    return SpanSource(
        succeeded=reading.text("outcome") == "succeeded",
        attribute=reading.text("attribute"),
        below=model.low_confidence if reading.has("below") else None,
        value=reading.text("value"),
    )


def attributes_of(metric: str, merged: Reading) -> tuple[str, ...]:
    """Return the attributes that a spec states of a metric, whether the model has them or not, and those of all."""
    return (*merged.child("metrics").child(metric).child("attributes").node.keys(), MODEL_NAME, MODEL_VERSION)


def unknown_attributes(
    what: str, names: Iterable[Scalar], known: Iterable[str], platform: Platform
) -> Iterator[Problem]:
    """Yield a problem for each name that is not among the attributes of what is counted."""
    keys = {attribute_key(each, platform): each for each in known}
    for name in names:
        if attribute_key(name.text, platform) not in keys:
            help_ = did_you_mean(name.text, keys.values()) or f"attributes: {', '.join(keys.values()) or 'none'}"
            message = f"{what} is split by `{name.text}`, which what it counts does not have"
            yield Problem(UNKNOWN_ATTRIBUTE, message, name.position, help_)


def tile(id_: str, reading: Reading, platform: Platform) -> Tile | None:
    """Read a tile."""
    if not required(reading, f"tile `{id_}`", ("metric",)):
        return None
    return Tile(id_, reading.text("metric"), _kept(reading, platform), reading.place("metric"))


def measure(id_: str, reading: Reading, platform: Platform) -> Measure | None:
    """Read a measure."""
    if not required(reading, f"measure `{id_}`", ("promql", "record", "description")):
        return None
    parsed = reading.formula("promql")
    if parsed is None:
        return None
    if reading.text("unit") == "%" and isinstance(parsed.expr, Binary) and parsed.expr.op == "/":
        message = f"measure `{id_}` is a ratio, from 0 to 1, in the unit `%`"
        reading.problems.append(
            Problem(PERCENT_OF_A_RATIO, message, reading.place("unit"), 'write `unit: "1"`; it is shown in percent')
        )
    found = len(reading.problems)
    labels = tuple((attribute_key(key, platform), text) for key, text in reading.child("labels").named_texts())
    unit, operation = reading.unit("unit", "1"), reading.text("record").rpartition(":")[2]
    if len(reading.problems) > found:
        return None
    return Measure(
        id=id_,
        description=reading.text("description"),
        unit=unit,
        better=Better(reading.text("better", Better.NEITHER)),
        formula=parsed,
        record=reading.text("record"),
        keep=(*_kept(reading, platform), *(key for key, _ in labels)),
        interval_ms=reading.duration_ms("interval", SECOND, DAY),
        position=reading.place("promql"),
        labels=labels,
        share=reading.flag("share", default=unit == "1" and operation.startswith(SHARES)),
        noise=_noise(id_, reading.child("noise")) if reading.has("noise") else None,
    )


def _noise(id_: str, reading: Reading) -> Noise | None:
    keys = ("statistic", "of", "window", "confirmed", "fewest", "once_in")
    if not required(reading, f"the noise of measure `{id_}`", keys):
        return None
    return Noise(
        statistic=reading.text("statistic"),
        of=reading.text("of"),
        window_ms=reading.duration_or("window", DAY, MINUTE),
        confirmed_ms=reading.duration_or("confirmed", DAY, MINUTE),
        fewest=reading.integer("fewest") or 1,
        once_in=reading.integer("once_in") or 2,
    )


def _kept(reading: Reading, platform: Platform) -> tuple[str, ...]:
    return tuple(attribute_key(key, platform) for key in reading.texts("keep"))


def _edges(reading: Reading, unit: str) -> tuple[Decimal, ...]:
    node = reading.node.get("buckets")
    edges = []
    for item in node.items if isinstance(node, Sequence) else ():
        if isinstance(item, Scalar):
            amount = _in_unit_of(item, unit, reading.problems)
            if amount is not None:
                edges.append(amount)
    if edges != sorted(set(edges)):
        reading.problems.append(
            Problem(
                EDGES_OUT_OF_ORDER,
                "bucket edges rise from one to the next",
                reading.place("buckets"),
                "sort them, each once",
            )
        )
    return tuple(sorted(set(edges)))


def _in_unit_of(scalar: Scalar, unit: str, problems: list[Problem]) -> Decimal | None:
    value = quantity(scalar, problems)
    return None if value is None else converted(value, unit, scalar.position, problems)


def _attribute(key: str, reading: Reading, model: Model) -> Attribute:
    return Attribute(
        key=key,
        description=reading.text("description"),
        values=_values(reading, model),
        optional=reading.flag("optional", default=False),
        derived=reading.flag("derived", default=False),
        position=reading.place(),
        span=reading.text("span"),
        of_model=reading.text("values").startswith("$") and reading.text("values") not in BIN_LISTS,
    )


def _values(reading: Reading, model: Model) -> tuple[str, ...]:
    """Return the values of an attribute; what is not among them counts as `other` where the spec says so."""
    values = _listed(reading, model)
    return (*values, OTHER) if reading.flag("other", default=False) and OTHER not in values else values


def _cells(reading: Reading, model: Model, platform: Platform) -> tuple[Block, ...]:
    """Return which bins go with which features, or groups with protected attributes, where a metric has both."""
    keys = {each.text("values"): attribute_key(entry.key, platform) for entry, each in reading.children("attributes")}
    for whole, parts, found in CELLS:
        if whole in keys and parts in keys:
            return blocks(keys[whole], keys[parts], found(model))
    return ()


def _listed(reading: Reading, model: Model) -> tuple[str, ...]:
    """Return the values that a spec lists, or the model declares."""
    match reading.text("values"):
        case "$features":
            return tuple(feature.name for feature in model.features)
        case "$classes":
            return model.classes
        case "$segments":
            return tuple(f"{name}:{value}" for name, values in model.segments.items() for value in values)
        case "$tiers":
            return tuple(tier.name for tier in model.llm.tiers) if model.llm else ()
        case "$tools":
            return model.llm.tools if model.llm else ()
        case "$binned":
            return tuple(counted(model))
        case "$bins":
            return union(counted(model))
        case "$profiled":
            return tuple(profiled(model))
        case "$shares":
            return union(profiled(model))
        case "$prediction_bins":
            return named(model.prediction_bins) if model.prediction_bins else ()
        case "$protected":
            return tuple(groups(model))
        case "$groups":
            return tuple(dict.fromkeys(group for each in groups(model).values() for group in each))
        case _:
            return reading.texts("values")
