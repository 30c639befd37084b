"""What of a merged spec applies to one model in one environment.

An item applies when it is enabled, the model declares what it requires, and everything that it reads applies.  Packs
may offer more than a model can use, so their items drop out in silence; what a model's own file asks for and
cannot have is a problem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeVar

from generators.diagnostics import Code, Position, Problem, did_you_mean
from generators.formats.yaml.nodes import Entry, Node, Scalar, at
from generators.formats.yaml.nodes import Mapping as MappingNode
from generators.language.catalog import Formula, Measure, Metric, Model, Tile
from generators.language.resolve.bins import counted
from generators.language.resolve.reading import Reading
from generators.promql.syntax.ast import VectorSelector
from generators.promql.syntax.walk import walk
from otel.names import InstrumentKind

INAPPLICABLE = Code(
    "R302",
    "Does not apply",
    "The item needs something that the model does not declare.",
    "quality: {accuracy: {warning: 0.9}}  # no labels",
    "labels: {delay: 1d}",
)
UNKNOWN_NAME_IN_PROMQL = Code(
    "R303",
    "Unknown name in PromQL",
    "A name after `$` is a metric, tile or measure of the spec or its packs.",
    "promql: rate($requets[5m])",
    "promql: rate($requests[5m])",
)
CIRCULAR_MEASURE = Code(
    "R313",
    "Measure of itself",
    "A measure is computed from others, not from itself.",
    "a: {promql: $a + 1}",
    "a: {promql: $b + 1}",
)
NOTHING_TO_TUNE = Code(
    "R322",
    "Nothing to tune",
    "The item changes something that no pack of the model declares.",
    "alerts: {LatencyHgh: {for: 5m}}",
    "alerts: {LatencyHigh: {for: 5m}}",
)

Item = TypeVar("Item")
Needs = Iterable[tuple[str, Position]]
HISTOGRAM_PARTS = ("bucket", "count", "sum")


DEFINING: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "metrics": ("name", "instrument"),
        "tiles": ("metric",),
        "measures": ("promql",),
        "slos": ("below", "events", "value"),
        "kpis": ("value",),
        "alerts": ("measure", "measures", "promql"),
        "panels": ("page",),
    }
)
"""Keys without which an item of a section only tunes another layer's."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a deployment's items may read, and where a person wrote things that must work.

    ``file`` is the model's own. Facts of the model and names of items that cannot be read are ``unread``: what follows
    from their absence is told to nobody.
    """

    merged: Reading
    facts: frozenset[str]
    file: str
    unread_facts: frozenset[str] = frozenset()
    unread: set[str] = field(default_factory=set)

    def entries(self, section: str) -> Iterator[tuple[Entry, Reading]]:
        """The items of a section that are enabled and whose requirements the model meets."""
        for entry, reading in self.merged.children(section):
            if not any(reading.has(key) for key in DEFINING[section]):
                self._nothing_to_tune(entry, section)
                continue
            if not reading.flag("enabled", default=True):
                continue
            missing = [need.text for need in reading.scalars("requires") if need.text not in self.facts]
            if not missing:
                yield entry, reading
            elif not self.unread_facts.isdisjoint(missing):
                self.unread.add(entry.key)
            elif entry.key_position.file == self.file:
                self._unmet(entry, missing)

    def declared(self, *sections: str) -> set[str]:
        """The names of all items of some sections, whether they apply or not."""
        return {entry.key for section in sections for entry in self._section(section)}

    def _section(self, section: str) -> tuple[Entry, ...]:
        node = self.merged.node.get(section)
        return node.entries if isinstance(node, MappingNode) else ()

    def _nothing_to_tune(self, entry: Entry, section: str) -> None:
        """Defaults may tune what only some models have; a model may not tune what it does not have."""
        if entry.key_position.file == self.file:
            others = self.declared(section) - {entry.key}
            help_ = did_you_mean(entry.key, others) or addition(section)
            message = f"no pack of this model declares `{entry.key}` under `{section}`, so there is nothing to tune"
            self.merged.problems.append(Problem(NOTHING_TO_TUNE, message, entry.key_position, help_))

    def unavailable(self, reader: str, name: str, place: Position) -> None:
        """Report that what a person wrote reads something that this model does not have."""
        if place.file == self.file and not self.is_unread(name):
            message = f"{reader} reads `{name}`, which does not apply to this model"
            self.merged.problems.append(Problem(INAPPLICABLE, message, place, self._remedy(name)))

    def is_unread(self, name: str) -> bool:
        """Whether a name is that of something that a spec states and that cannot be read."""
        return name in self.unread or _histogram(name) in self.unread

    def _remedy(self, name: str) -> str:
        """Return what makes a measure, tile or metric apply, as far as it says so itself."""
        metric = _histogram(name)
        for section, item in (("measures", name), ("tiles", name), ("metrics", name), ("metrics", metric)):
            reading = self.merged.child(section).child(item)
            if not reading.flag("enabled", default=True):
                return f"`{item}` is switched off under `{section}` by `enabled: false`"
            missing = [need for need in reading.texts("requires") if need not in self.facts]
            if missing:
                return _HELP.get(missing[0], f"declare `{missing[0]}`")
        return "see what it requires: `watchspec explain model`"

    def _unmet(self, entry: Entry, missing: list[str]) -> None:
        needs = " and ".join(f"`{each}`" for each in missing)
        message = f"`{entry.key}` needs {needs}, which this model does not declare"
        self.merged.problems.append(
            Problem(INAPPLICABLE, message, entry.key_position, f"{_HELP.get(missing[0], 'declare it')}, or remove this")
        )


def _histogram(name: str) -> str:
    """Return the histogram that a name reads a part of, or the name."""
    return next((name.removesuffix(f"_{part}") for part in HISTOGRAM_PARTS if name.endswith(f"_{part}")), name)


_HELP = {
    "features": "add `features:`",
    "classes": "add `prediction.classes`",
    "positive": "add `prediction.positive`",
    "labels": "add `labels:`",
    "segments": "add `segments:`",
    "confidence": "add `prediction.low_confidence`",
    "traffic": "add `traffic:`",
    "llm": "add `llm:`",
    "prices": "add `llm.prices`",
    "artifact": "add `artifact.sha256`",
    "bins": "add `features:` with `range` or `values`",
    "prediction_bins": "add `prediction.range`, or profile predictions in a document of kind Baseline",
    "baseline": "add a document of kind Baseline",
    "protected": "add `fairness.protected`",
}


def addition(section: str) -> str:
    """Return how an item is added that nothing declares yet."""
    return f"to add it, give it {' or '.join(f'`{key}`' for key in DEFINING[section])}"


def facts(model: Model) -> frozenset[str]:
    """Return what the model declares, by the names that ``requires`` uses."""
    declared = {
        "features": model.features,
        "classes": model.classes,
        "positive": model.positive,
        "labels": model.label_delay_ms is not None or model.label_sample is not None or model.label_source,
        "segments": model.segments,
        "confidence": model.low_confidence is not None,
        "traffic": model.traffic is not None,
        "llm": model.llm,
        "prices": model.llm and model.llm.prices,
        "artifact": model.sha256,
        "bins": counted(model),
        "prediction_bins": model.prediction_bins,
        "baseline": model.baseline and model.baseline.features,
        "protected": model.protected,
    }
    return frozenset(name for name, value in declared.items() if value)


def unread_facts(spec: MappingNode, declared: frozenset[str]) -> frozenset[str]:
    """Return the facts that a model's spec states and that cannot be read."""
    return frozenset(name for name, path in _STATED.items() if name not in declared and _says(at(spec, *path)))


def _says(node: Node | None) -> bool:
    """Whether a value says anything: null and an empty mapping say nothing."""
    return bool(node.entries) if isinstance(node, MappingNode) else isinstance(node, Scalar) and not node.is_null


_STATED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "traffic": ("traffic",),
        "labels": ("labels",),
        "confidence": ("prediction", "low_confidence"),
        "prices": ("llm", "prices"),
    }
)
"""Where specs state the facts that can be wrong in themselves."""


def references(formula: Formula) -> Iterator[tuple[str, Position]]:
    """Yield the names that a formula reads through holes, with their places."""
    for node in walk(formula.expr):
        if isinstance(node, VectorSelector) and node.hole and node.name is not None:
            yield node.name, formula.place(node.span)


def plain_references(formula: Formula) -> Iterator[tuple[str, Position]]:
    """Yield the bare names of a KPI's arithmetic, with their places."""
    for node in walk(formula.expr):
        if isinstance(node, VectorSelector) and node.name is not None:
            yield node.name, formula.place(node.span)


def plain_names(formula: Formula) -> set[str]:
    """Return the names of the series that a formula reads without a hole: those of other systems."""
    return {
        node.name for node in walk(formula.expr) if isinstance(node, VectorSelector) and node.name and not node.hole
    }


def series_names(metrics: Iterable[Metric]) -> Iterator[str]:
    """Yield the names under which formulas read metrics: a histogram has three."""
    for metric in metrics:
        if metric.kind is InstrumentKind.HISTOGRAM:
            yield from (f"{metric.id}_{part}" for part in HISTOGRAM_PARTS)
        else:
            yield metric.id


def readable(metrics: Mapping[str, Metric], tiles: Mapping[str, Tile], measures: Mapping[str, Measure]) -> set[str]:
    """Return every name that a formula may read."""
    return {*series_names(metrics.values()), *tiles, *measures}


def select(
    items: Mapping[str, Item],
    needs: Callable[[Item], Needs],
    known: set[str],
    scope: Scope,
    *,
    grows: bool = False,
) -> dict[str, Item]:
    """Return the items whose needs are met; with ``grows``, items may need each other.

    What reads something that was left out is left out as well; what reads an unknown name is a problem.
    """
    chosen: dict[str, Item] = {}
    waiting = {name: needs(item) for name, item in items.items()}
    available = set(known)
    while True:
        ready = [name for name, needed in waiting.items() if all(need in available for need, _ in needed)]
        if not ready:
            break
        for name in ready:
            chosen[name] = items[name]
            del waiting[name]
        if not grows:
            break
        available.update(ready)
    _spread(scope, waiting)
    for name, needed in waiting.items():
        _report(name, [each for each in needed if each[0] not in available], items, available, scope)
    return {name: chosen[name] for name in items if name in chosen}


def _spread(scope: Scope, waiting: Mapping[str, Needs]) -> None:
    """Mark what reads something that cannot be read, or that does not exist, as unread itself."""
    declared = _all_names(scope)
    found = True
    while found:
        found = False
        for name, needed in waiting.items():
            wrong = (need not in declared or scope.is_unread(need) for need, _ in needed)
            if name not in scope.unread and any(wrong):
                scope.unread.add(name)
                found = True


def _report(
    name: str, unmet: list[tuple[str, Position]], items: Mapping[str, Item], available: set[str], scope: Scope
) -> None:
    declared = _all_names(scope)
    for need, place in unmet:
        if scope.is_unread(need):
            continue
        if need not in declared:
            help_ = did_you_mean(need, available) or "declare it under `metrics`, `tiles` or `measures`"
            scope.merged.problems.append(
                Problem(UNKNOWN_NAME_IN_PROMQL, f"`{name}` reads `{need}`, which is not declared", place, help_)
            )
        elif need in items and _circular(name, items):
            scope.merged.problems.append(
                Problem(CIRCULAR_MEASURE, f"measure `{name}` is computed from itself", place, "break the circle")
            )
        else:
            scope.unavailable(f"`{name}`", need, place)


def _circular(name: str, items: Mapping[str, Item]) -> bool:
    item = items[name]
    if not isinstance(item, Measure):
        return False
    seen: set[str] = set()
    stack = [item]
    while stack:
        for need, _ in references(stack.pop().formula):
            other = items.get(need)
            if need == name:
                return True
            if isinstance(other, Measure) and need not in seen:
                seen.add(need)
                stack.append(other)
    return False


def _all_names(scope: Scope) -> set[str]:
    metrics = scope.declared("metrics")
    parts = {f"{name}_{part}" for name in metrics for part in HISTOGRAM_PARTS}
    return metrics | parts | scope.declared("tiles", "measures")
