"""``explain collector``: every key of a Collector's configuration, its value, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from generators.cli.commands.explain.explanation import Explanation
from generators.cli.unknown_names import unknown
from generators.language.catalog.collector import Tier
from generators.planning.collector.plan import Configuration, Origin
from generators.planning.plan import Plan

BASE = "the base, as written by hand"
_LONG = 100


def explain_collector(names: Sequence[str], environment: str | None, plan: Plan) -> Explanation:
    """Return the keys of a tier (``agent``, ``gateway``), all of them or those below a key such as ``processors``."""
    tier, keys = names[0], names[1:]
    if tier not in set(Tier):
        raise unknown("tier of Collectors", tier, Tier)
    found = [
        (each.environment.name, configuration)
        for each in plan.environments
        if each.collector and environment in {None, each.environment.name}
        for configuration in each.collector.configurations
        if configuration.tier == tier
    ]
    if not found:
        raise unknown("environment with Collectors", environment or "", _environments(plan))
    data = [entry for place, configuration in found for entry in _entries(place, configuration, keys)]
    if not data:
        known = (".".join(origin.path[:count]) for _, each in found for origin in each.leaves for count in (1, 2))
        raise unknown("key", ".".join(keys), known)
    return Explanation("\n\n".join(_text(entry) for entry in data), data)


def _environments(plan: Plan) -> Iterator[str]:
    yield from (each.environment.name for each in plan.environments if each.collector)


def _entries(place: str, configuration: Configuration, keys: Sequence[str]) -> Iterator[dict[str, Any]]:
    for origin in sorted(configuration.leaves, key=lambda each: each.path):
        name = ".".join(origin.path)
        if not keys or any(name == key or name.startswith(f"{key}.") for key in keys):
            yield {
                "environment": place,
                "key": name,
                "value": _value(configuration, origin),
                "why": origin.why or BASE,
                "places": [str(each) for each in origin.places],
            }


def _value(configuration: Configuration, origin: Origin) -> Any:
    value: Any = configuration.document
    for step in origin.path:
        value = value[step]
    return value


def _text(entry: dict[str, Any]) -> str:
    shown = str(entry["value"])
    short = shown if len(shown) <= _LONG else f"{shown[:_LONG]}…"
    lines = [f"{entry['environment']}  {entry['key']}: {short}", f"  {entry['why']}"]
    return "\n".join([*lines, *(f"  {place}" for place in entry["places"])])
