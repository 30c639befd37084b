"""Metrics of a deployment as instruments: Prometheus names, bucket edges, series counts."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from math import prod

from generators.diagnostics import Code, Problem
from generators.language.catalog import Attribute, Deployment, Latency, Metric, Platform, Slo
from generators.language.resolve.items import THRESHOLD_UNIT
from generators.planning.names import prometheus_names
from generators.planning.plan import Instrument, InstrumentAttribute
from otel.names import InstrumentKind, TranslationError, label_name
from otel.units import UnitError, convert, parse_unit

NO_PROMETHEUS_NAME = Code(
    "P401",
    "No Prometheus name",
    "Nothing is left of the name after translation, so the server would drop the series.",
    "name: _",
    "name: ml.hits",
)
UNBOUNDED_ATTRIBUTE = Code(
    "P403",
    "Unbounded attribute",
    "Each value of an attribute is a series, so values are listed.",
    "attributes: {user: {}}",
    "attributes: {region: {values: [emea, amer]}}",
)
SHARED_METRIC_NAME = Code(
    "P404",
    "Two metrics, one name",
    "Two metrics translate to one Prometheus name and would mix.",
    "ml.a.b and ml.a_b",
    "ml.a.b and ml.a.c",
)


def instruments(deployment: Deployment, platform: Platform) -> tuple[tuple[Instrument, ...], tuple[Problem, ...]]:
    """Return what the service of a model emits, by id."""
    problems: list[Problem] = []
    edges = _objective_edges(deployment.slos, deployment, problems)
    found = [
        _instrument(metric, edges.get(metric.id, ()), platform, problems)
        for _, metric in sorted(deployment.metrics.items())
    ]
    made = tuple(each for each in found if each is not None)
    return made, (*problems, *_clashes(made))


def _instrument(
    metric: Metric, edges: Iterable[Decimal], platform: Platform, problems: list[Problem]
) -> Instrument | None:
    try:
        names = tuple(prometheus_names(metric, platform).values())
    except TranslationError as error:
        problems.append(Problem(NO_PROMETHEUS_NAME, str(error), metric.position, "choose a name with letters in it"))
        return None
    for attribute in metric.attributes:
        if not attribute.values and not attribute.derived:
            message = f"the values of `{attribute.key}` of metric `{metric.id}` are not bounded"
            problems.append(Problem(UNBOUNDED_ATTRIBUTE, message, attribute.position, "list them under `values`"))
    buckets = tuple(sorted({*metric.buckets, *edges}))
    return Instrument(
        id=metric.id,
        name=metric.name,
        prometheus=names,
        kind=metric.kind,
        unit=metric.unit,
        description=metric.description,
        buckets=tuple(float(edge) for edge in buckets),
        attributes=tuple(_attribute(attribute) for attribute in metric.attributes),
        per_model=metric.per_model,
        personal_data=metric.personal_data,
        series=_series(metric, len(buckets)),
        provenance=(metric.position,),
        cells=metric.cells,
        span=metric.span,
    )


def _attribute(attribute: Attribute) -> InstrumentAttribute:
    return InstrumentAttribute(
        attribute.key,
        label_name(attribute.key),
        attribute.description,
        attribute.values,
        attribute.optional,
        attribute.derived,
        attribute.span,
    )


def _series(metric: Metric, buckets: int) -> int:
    """Return the number of series of one replica and one model version; a histogram has +Inf, sum and count too."""
    together = {key for block in metric.cells for key, _ in block}
    free = (each for each in metric.attributes if not each.derived and each.key not in together)
    combinations = prod(len(each.values) + each.optional for each in free)
    if metric.cells:
        combinations *= sum(prod(len(values) for _, values in block) for block in metric.cells)
    return combinations * (buckets + 3 if metric.kind is InstrumentKind.HISTOGRAM else 1)


def _objective_edges(
    slos: Iterable[Slo], deployment: Deployment, problems: list[Problem]
) -> dict[str, tuple[Decimal, ...]]:
    """Return the bounds of latency objectives: each becomes a bucket edge, so that its share is exact.

    Where buckets end before twice the bound, one more ends at four times: alerts stand at multiples of the bound, and a
    quantile is never above the last edge.
    """
    edges: dict[str, tuple[Decimal, ...]] = {}
    for slo in slos:
        match slo.indicator:
            case Latency(metric=id_, below=below, position=position):
                bound = latency_bound(slo.indicator, deployment.metrics[id_].unit)
                if bound is None:
                    message = f"`{below}` is in `{below.unit}`, but `{id_}` is in `{deployment.metrics[id_].unit}`"
                    problems.append(Problem(THRESHOLD_UNIT, message, position, "write a duration, such as `500ms`"))
                else:
                    ends = 2 * bound < max(deployment.metrics[id_].buckets, default=0)
                    edges[id_] = (*edges.get(id_, ()), bound, *(() if ends else (4 * bound,)))
    return edges


def latency_bound(latency: Latency, unit: str) -> Decimal | None:
    """Return the bound of a latency objective in the histogram's unit; None if it measures something else."""
    try:
        return convert(latency.below.amount, latency.below.unit, parse_unit(unit))
    except UnitError:
        return None


def _clashes(made: tuple[Instrument, ...]) -> Iterable[Problem]:
    """Yield a problem for each two instruments that become one Prometheus name."""
    first: dict[str, Instrument] = {}
    for instrument in made:
        for name in instrument.prometheus:
            other = first.setdefault(name, instrument)
            if other is not instrument:
                message = f"metrics `{other.name}` and `{instrument.name}` both become `{name}` in Prometheus"
                related = (("the other one", other.provenance[0]),)
                yield Problem(
                    SHARED_METRIC_NAME, message, instrument.provenance[0], "rename one of them", related=related
                )
