"""Alerts that nobody wrote: a measure with thresholds that no alert compares gets one.

It is a layer below all that a spec says under ``alerts``, so it can be tuned and silenced by its name like any other.
An alert that is switched off still compares its measure: what is silenced comes back under no other name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from generators.formats.yaml.nodes import NOTHING, Entry, Scalar, text_at
from generators.formats.yaml.nodes import Mapping as MappingNode
from generators.language.catalog import Better, Measure
from generators.language.resolve.layering import lay_mapping_over
from generators.language.resolve.reading import Reading

OWN_LEVELS: Final = ("above", "below")


def generic_name(measure: str, better: Better) -> str:
    """Return what the alert of a measure is called that has no alert of its own: `RecallLow`."""
    words = "".join(part.capitalize() for part in measure.split("_"))
    return f"{words}{'Low' if better is Better.HIGHER else 'High'}"


def with_generic_alerts(merged: Reading, measures: Mapping[str, Measure], file: str) -> Reading:
    """Return a spec with an alert for each measure whose thresholds under ``quality`` no alert compares.

    Thresholds that a model states in its own ``file`` always make an alert; those of a pack do not once an alert has
    levels of its own.
    """
    written = dict(_alerts(merged))
    generic: dict[str, MappingNode] = {}
    for entry in levels(merged):
        measure = measures.get(entry.key)
        if measure is None:
            continue
        stated = entry.key_position.file == file
        comparing = [each for each in written.values() if entry.key in (each.text("measure"), *each.texts("measures"))]
        if all(stated and has_own_levels(each) for each in comparing):
            generic[generic_name(measure.id, measure.better)] = _node(measure, entry.name)
    if not generic:
        return merged
    below = NOTHING.holding(tuple(Entry(text_at(node, name), node) for name, node in generic.items()))
    own = merged.node.entry("alerts") or Entry(text_at(merged.node, "alerts"), merged.node)
    place = own.value if isinstance(own.value, MappingNode) else merged.node
    above = place.holding(tuple(_without_levels(each, generic) for each in _entries(merged)))
    alerts = lay_mapping_over(below, above)
    others = tuple(entry for entry in merged.node.entries if entry.key != "alerts")
    return replace(merged, node=merged.node.holding((*others, Entry(own.name, alerts))))


def levels(merged: Reading) -> Iterator[Entry]:
    """Yield the measures that have thresholds; those that are `off` have none."""
    node = merged.node.get("quality")
    for entry in node.entries if isinstance(node, MappingNode) else ():
        if isinstance(entry.value, MappingNode):
            yield entry


def has_own_levels(alert: Reading) -> bool:
    """Whether an alert says itself what its measure is compared with."""
    return any(alert.has(key) for key in OWN_LEVELS)


def _alerts(merged: Reading) -> Iterator[tuple[str, Reading]]:
    return ((entry.key, each) for entry, each in merged.children("alerts"))


def _entries(merged: Reading) -> tuple[Entry, ...]:
    node = merged.node.get("alerts")
    return node.entries if isinstance(node, MappingNode) else ()


def _without_levels(entry: Entry, generic: Mapping[str, MappingNode]) -> Entry:
    """Take its own levels from an alert that has the name of a generic one: a model has stated others."""
    if entry.key not in generic or not isinstance(entry.value, MappingNode):
        return entry
    kept = tuple(each for each in entry.value.entries if each.key not in OWN_LEVELS)
    return Entry(entry.name, entry.value.holding(kept))


def _node(measure: Measure, place: Scalar) -> MappingNode:
    texts = {
        "measure": measure.id,
        "summary": f"{measure.description.rstrip('.')}: {{value}}, threshold {{threshold}}",
        "symptom": "quality",
    }
    entries = tuple(Entry(text_at(place, key), text_at(place, text)) for key, text in texts.items())
    return MappingNode(entries, place.source, place.start, place.end)
