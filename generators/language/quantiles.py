"""Objectives written as quantiles: `p99: 80ms` is `objective: 99%` with `below: 80ms`, in whatever layer it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from generators.diagnostics import Code, Problem
from generators.formats.yaml.nodes import Entry, Mapping
from generators.language.shapes.monitoring import QUANTILES

QUANTILE_AND_MORE = Code(
    "S119",
    "Quantile and more",
    "A quantile with its bound is a whole objective; another one needs a name of its own.",
    "slos: {latency: {p50: 20ms, p99: 80ms}}",
    "slos: {latency: {p99: 80ms}, typical-latency: {p50: 20ms}}",
)
SAID_BY_A_QUANTILE: Final = ("objective", "below", "events", "value")


def without_quantiles(spec: Mapping, problems: list[Problem]) -> Mapping:
    """Return a spec with its quantiles as objectives; layers are laid over each other afterwards.

    What says more than its quantile is a problem, and stays as it is.
    """
    return spec.holding(tuple(_entry(each, problems) for each in spec.entries))


def _entry(entry: Entry, problems: list[Problem]) -> Entry:
    match entry.key, entry.value:
        case "slos", Mapping() as slos:
            return Entry(entry.name, slos.holding(tuple(_objective(each, problems) for each in slos.entries)))
        case "defaults", Mapping() as defaults:
            return Entry(entry.name, without_quantiles(defaults, problems))
        case "environments", Mapping() as places:
            stated = (
                Entry(
                    each.name,
                    without_quantiles(each.value, problems) if isinstance(each.value, Mapping) else each.value,
                )
                for each in places.entries
            )
            return Entry(entry.name, places.holding(tuple(stated)))
        case _:
            return entry


def _objective(entry: Entry, problems: list[Problem]) -> Entry:
    if not isinstance(entry.value, Mapping):
        return entry
    said = [each for each in entry.value.entries if each.key in QUANTILES or each.key in SAID_BY_A_QUANTILE]
    quantile = next((each for each in said if each.key in QUANTILES), None)
    if quantile is None:
        return entry
    if said != [quantile]:
        problems.extend(_more(entry.key, quantile, each) for each in said if each is not quantile)
        return entry
    return Entry(entry.name, entry.value.holding(tuple(_written_out(entry.value, quantile))))


def _written_out(objective: Mapping, quantile: Entry) -> Iterator[Entry]:
    for each in objective.entries:
        if each is quantile:
            name = quantile.name
            yield Entry(
                name._replace(text="objective"), name._replace(text=f"{name.text.removeprefix('p')}%", style="")
            )
            yield Entry(name._replace(text="below"), quantile.value)
        else:
            yield each


def _more(name: str, quantile: Entry, other: Entry) -> Problem:
    message = f"objective `{name}` is `{quantile.key}` already, and `{other.key}` says it in another way"
    help_ = (
        f"write an objective of another name for `{other.key}`"
        if other.key in QUANTILES
        else f"leave `{other.key}` out"
    )
    related = ((f"`{quantile.key}`", quantile.key_position),)
    return Problem(QUANTILE_AND_MORE, message, other.key_position, help_, related=related)
