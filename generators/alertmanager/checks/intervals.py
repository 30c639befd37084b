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
from generators.alertmanager.refusal import Refusal
from generators.diagnostics import Code, Finding, Path, Severity

IMPOSSIBLE_RANGE = Refusal(
    "M040",
    "Time range that cannot be",
    "Times run from 00:00 to 24:00 within one day, weekdays from sunday to saturday, months from january; the "
    "start comes before the end. Split what crosses midnight, the week or the year.",
    "times: [{start_time: '22:00', end_time: '06:00'}]",
    "times: [{start_time: '22:00', end_time: '24:00'}, {start_time: '00:00', end_time: '06:00'}]",
)
UNKNOWN_LOCATION = Refusal(
    "M041",
    "Unknown location",
    "A location is a zone of the IANA database, such as Europe/Berlin, UTC or Local.",
    "location: Berlin",
    "location: Europe/Berlin",
)
INTERVAL_NEVER_ACTIVE = Code(
    "M043",
    "Time interval that is never active",
    "An interval without entries, or with an empty list in an entry, holds no moment: a route that is active "
    "only then never notifies.",
    "time_intervals: [{name: night, time_intervals: []}]",
    "time_intervals: [{name: night, time_intervals: [{weekdays: [sunday]}]}]",
    Severity.WARNING,
)

_RANGES: Mapping[str, Callable[[str], Range | str]] = {
    "weekdays": parse_weekdays,
    "days_of_month": parse_days_of_month,
    "months": parse_months,
    "years": parse_years,
}


def check_intervals(document: Node) -> Iterator[Finding]:
    """Check names, ranges and locations of time intervals, under their new and their old key."""
    old = frozenset(text(node.get("name")) for node, _ in nodes(document, "mute_time_intervals", ()))
    yield from check_names(document, "mute_time_intervals", "time interval")
    yield from check_names(document, "time_intervals", "time interval", old)
    for key in ("mute_time_intervals", "time_intervals"):
        for interval, path in nodes(document, key, ()):
            entries = list(nodes(interval, "time_intervals", path))
            if not entries:
                yield Finding(
                    INTERVAL_NEVER_ACTIVE, f"time interval `{text(interval.get('name'))}` has no entries", path
                )
            for entry, place in entries:
                yield from _check_entry(entry, place)


def _check_entry(entry: Node, path: Path) -> Iterator[Finding]:
    for times, place in nodes(entry, "times", path):
        found = parse_times(text(times.get("start_time")), text(times.get("end_time")))
        if isinstance(found, str):
            yield Finding(IMPOSSIBLE_RANGE, found, place, "split what crosses midnight into two ranges")
    for key, parse in _RANGES.items():
        for value, place in items(entry, key, path):
            found = parse(text(value))
            if isinstance(found, str):
                yield Finding(IMPOSSIBLE_RANGE, found, place)
    for key in ("times", *_RANGES):
        if entry.get(key) in ([], ()):
            yield Finding(INTERVAL_NEVER_ACTIVE, f"`{key}` is an empty list, which no moment satisfies", (*path, key))
    location = text(entry.get("location"))
    if location and not is_location(location):
        yield Finding(
            UNKNOWN_LOCATION, f"`{location}` is not a time zone", (*path, "location"), "such as Europe/Berlin or UTC"
        )


def is_location(name: str) -> bool:
    """Whether a name is a zone of the IANA database; ``Local`` is the zone of the server."""
    if name == "Local":
        return True
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True
