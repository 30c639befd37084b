"""What packs and defaults tune must exist somewhere: a default may be for what only some models have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generators.diagnostics import Problem, did_you_mean
from generators.formats.yaml.nodes import Entry, Mapping, Scalar, at
from generators.language.catalog import Better
from generators.language.resolve.alerts import unknown_measure
from generators.language.resolve.applicability import DEFINING, NOTHING_TO_TUNE, addition
from generators.language.resolve.generic_alerts import generic_name


def tuned_in_vain(tuning: Iterable[Mapping], specs: Iterable[Mapping]) -> Iterator[Problem]:
    """Yield a problem for each item that ``tuning`` changes and that none of ``specs``, models included, declares."""
    known: dict[str, set[str]] = {section: set() for section in DEFINING}
    for spec in specs:
        for section in DEFINING:
            known[section].update(entry.key for entry in _items(spec, section) if _defines(entry, section))
        known["alerts"].update(generic_name(each.key, _direction(each)) for each in _items(spec, "measures"))
    for spec in tuning:
        for section in DEFINING:
            for entry in _items(spec, section):
                if entry.key not in known[section] and not _defines(entry, section):
                    message = (
                        f"no pack and no model declares `{entry.key}` under `{section}`, so there is nothing to tune"
                    )
                    help_ = did_you_mean(entry.key, known[section]) or addition(section)
                    yield Problem(NOTHING_TO_TUNE, message, entry.key_position, help_)
        for entry in _items(spec, "quality"):
            if entry.key not in known["measures"]:
                yield unknown_measure(entry.key, entry.key_position, known["measures"])


def _items(spec: Mapping, section: str) -> tuple[Entry, ...]:
    node = spec.get(section)
    return node.entries if isinstance(node, Mapping) else ()


def _direction(measure: Entry) -> Better:
    better = at(measure.value, "better")
    return Better(better.text) if isinstance(better, Scalar) else Better.NEITHER


def _defines(entry: Entry, section: str) -> bool:
    return isinstance(entry.value, Mapping) and not {*DEFINING[section]}.isdisjoint(entry.value.keys())
