"""Fleet rules: the same for all models, so their number does not grow with the fleet.

Tiles are increments of counters over five minutes, summed over replicas.  ``increase`` over exactly one tile never
sees the step between the last sample of one tile and the first of the next, so it looks one export interval further
back and is scaled; an offset lets late samples arrive first.  The offset stands in the expression and not in the
group's ``query_offset``, which servers before 2.53 do not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TypeAlias

from generators.diagnostics import Code, Position, Problem
from generators.language.catalog import Deployment, Environment, Measure, Platform, Tile
from generators.language.resolve.applicability import references
from generators.language.values.currencies import shared_unit
from generators.planning.expressions import binary, increase, number, selector, total
from generators.planning.formulas import Filling, of_one_model
from generators.planning.groups import group
from generators.planning.names import IDENTITY, pairs
from generators.planning.plan import Group, Pairs, Recording
from generators.promql.syntax.ast import Duration, Expr
from otel.names import label_name

PACKS_DISAGREE = Code(
    "P405",
    "Packs disagree",
    "A fleet rule is the same for all models, so one series has one expression.",
    "record: model:accuracy:ratio7d  # another promql",
    "record: model:clinical_accuracy:ratio7d",
)

Key: TypeAlias = tuple[str, Pairs]
"""A recording: its name, and the labels that its rule adds."""

TILE_MS = 300_000
ROUNDING_MS = 1000
"""What is added to the way of a sample, for clocks that differ."""


def fleet_groups(
    deployments: Iterable[tuple[Deployment, Filling]], environment: Environment, platform: Platform
) -> tuple[tuple[Group, ...], tuple[Problem, ...]]:
    """Return the rules that all models of an environment share: tiles, then measures by interval."""
    problems: list[Problem] = []
    tiles: dict[str, Recording] = {}
    measures: dict[Key, tuple[Recording, int, frozenset[str]]] = {}
    for deployment, filling in deployments:
        for tile in deployment.tiles.values():
            _add_tile(tiles, tile, deployment, filling, platform)
        for measure in deployment.measures.values():
            if not of_one_model(measure.formula.template):
                _add_measure(measures, measure, filling, environment, problems)
    limit = platform.rules_per_group
    groups = [*group("fleet-tiles", TILE_MS, (tiles[name] for name in sorted(tiles)), limit)]
    for interval in sorted({each[1] for each in measures.values()}):
        ordered = _in_order({name: each for name, each in measures.items() if each[1] == interval})
        groups += group(f"fleet-measures-{interval // 1000}s", interval, ordered, limit)
    return tuple(groups), tuple(problems)


def model_measures(deployment: Deployment, filling: Filling, labels: Mapping[str, str]) -> tuple[Recording, ...]:
    """Return the measures that depend on facts of one model, such as its Kubernetes namespace."""
    return tuple(
        Recording(
            record=measure.record,
            expr=filling.single(measure.formula),
            labels=pairs(labels),
            unit=measure.unit,
            description=measure.description,
            provenance=(measure.position,),
        )
        for measure in deployment.measures.values()
        if of_one_model(measure.formula.template)
    )


def tile_expression(counter: str, keep: Iterable[str], export_ms: int, delay_ms: int) -> Expr:
    """Return the increments of a counter over one tile, as of one export and its transport ago."""
    reach = TILE_MS + export_ms
    labels = (*IDENTITY, *(label_name(key) for key in keep))
    late = replace(selector(counter), offset=Duration(export_ms + delay_ms + ROUNDING_MS))
    return binary("/", total(increase(late, reach), labels), number(Decimal(reach) / Decimal(TILE_MS)))


def _add_tile(
    tiles: dict[str, Recording], tile: Tile, deployment: Deployment, filling: Filling, platform: Platform
) -> None:
    record = filling.series[tile.id]
    if record not in tiles:
        counter = deployment.metrics[tile.metric]
        tiles[record] = Recording(
            record=record,
            expr=tile_expression(
                filling.series[tile.metric],
                tile.keep,
                deployment.environment.export_interval_ms,
                platform.transport_delay_ms,
            ),
            labels=(),
            unit=counter.unit,
            description=f"Increments in five minutes, over all replicas: {counter.description}",
            provenance=(tile.position,),
        )
    else:
        tiles[record] = _of_all(tiles[record], deployment.metrics[tile.metric].unit)


def _add_measure(
    measures: dict[Key, tuple[Recording, int, frozenset[str]]],
    measure: Measure,
    filling: Filling,
    environment: Environment,
    problems: list[Problem],
) -> None:
    expr = filling.fleet(measure.formula)
    labels = tuple((label_name(key), value) for key, value in measure.labels)
    known = measures.get((measure.record, labels))
    if known is None:
        recording = Recording(measure.record, expr, labels, measure.unit, measure.description, (measure.position,))
        reads = frozenset(filling.series[name] for name, _ in references(measure.formula))
        interval = measure.interval_ms or environment.evaluation_interval_ms
        measures[measure.record, labels] = recording, interval, reads
    elif known[0].expr is not expr and known[0].expr != expr:
        problems.append(_conflict(measure, known[0].provenance[0]))
    else:
        measures[measure.record, labels] = (_of_all(known[0], measure.unit), *known[1:])


def _of_all(recording: Recording, unit: str) -> Recording:
    """Return a recording of several models, of which one more has a unit."""
    return recording if recording.unit == unit else replace(recording, unit=shared_unit((recording.unit, unit)))


def _conflict(measure: Measure, other: Position) -> Problem:
    message = f"`{measure.record}` is recorded for the whole fleet, and packs disagree on how"
    related = (("the other expression", other),)
    return Problem(PACKS_DISAGREE, message, measure.position, "give this measure another `record`", related=related)


def _in_order(measures: Mapping[Key, tuple[Recording, int, frozenset[str]]]) -> Iterator[Recording]:
    """Yield measures after those that they read, else by name."""
    waiting = dict(sorted(measures.items()))
    while waiting:
        unknown = {record for record, _ in waiting}
        ready = [key for key, (_, _, reads) in waiting.items() if not (reads - {key[0]}) & unknown]
        for key in ready:
            yield waiting.pop(key)[0]
