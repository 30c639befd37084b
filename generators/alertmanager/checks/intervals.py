"""Time intervals as they stand in the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from zoneinfo import ZoneInfo

from generators.alertmanager.checks.reading import Node, items, nodes, text
from generators.alertmanager.checks.receivers import check_names
from generators.alertmanager.config import Range
from generators.alertmanager.intervals import (
    parse_days_of_month,
    parse_months,
    parse_times,
    parse_weekdays,
    parse_years,
)
from generators.alertmanager.problems import Path, Problem, problem

_RANGES: Mapping[str, Callable[[str], Range | str]] = {
    "weekdays": parse_weekdays,
    "days_of_month": parse_days_of_month,
    "months": parse_months,
    "years": parse_years,
}


def check_intervals(document: Node) -> Iterator[Problem]:
    """Check names, ranges and locations of time intervals, under their new and their old key."""
    old = frozenset(text(node.get("name")) for node, _ in nodes(document, "mute_time_intervals", ()))
    yield from check_names(document, "mute_time_intervals", "time interval")
    yield from check_names(document, "time_intervals", "time interval", old)
    for key in ("mute_time_intervals", "time_intervals"):
        for interval, path in nodes(document, key, ()):
            entries = list(nodes(interval, "time_intervals", path))
            if not entries:
                yield problem("M043", f"time interval `{text(interval.get('name'))}` has no entries", path)
            for entry, place in entries:
                yield from _check_entry(entry, place)


def _check_entry(entry: Node, path: Path) -> Iterator[Problem]:
    for times, place in nodes(entry, "times", path):
        found = parse_times(text(times.get("start_time")), text(times.get("end_time")))
        if isinstance(found, str):
            yield problem("M040", found, place, "split what crosses midnight into two ranges")
    for key, parse in _RANGES.items():
        for value, place in items(entry, key, path):
            found = parse(text(value))
            if isinstance(found, str):
                yield problem("M040", found, place)
    for key in ("times", *_RANGES):
        if entry.get(key) in ([], ()):
            yield problem("M043", f"`{key}` is an empty list, which no moment satisfies", (*path, key))
    location = text(entry.get("location"))
    if location and not is_location(location):
        yield problem("M041", f"`{location}` is not a time zone", (*path, "location"), "such as Europe/Berlin or UTC")


def is_location(name: str) -> bool:
    """Whether a name is a zone of the IANA database; ``Local`` is the zone of the server."""
    if name == "Local":
        return True
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True
