"""Time intervals: when one is active, and how its ranges are written."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from generators.alertmanager.config import Config, Interval, Range, TimeInterval

WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00", re.ASCII)
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}", re.ASCII)


def active(interval: TimeInterval, moment: datetime) -> bool:
    """Whether a moment lies in a named interval. ``moment`` has to know its zone.

    ``Local``, the zone of the server, is taken for UTC. A location that is no zone raises KeyError
    (zoneinfo.ZoneInfoNotFoundError); ``check`` reports it as M041.
    """
    return any(_contains(one, moment) for one in interval.intervals)


def any_active(config: Config, names: Iterable[str], moment: datetime) -> bool:
    """Whether a moment lies in any of the named intervals; undefined names are never active."""
    wanted = set(names)
    return any(interval.name in wanted and active(interval, moment) for interval in config.time_intervals)


def _contains(interval: Interval, moment: datetime) -> bool:
    local = moment.astimezone(_zone(interval.location))
    minute = local.hour * 60 + local.minute
    days = calendar.monthrange(local.year, local.month)[1]
    return (
        (not interval.times or any(first <= minute < end for first, end in interval.times))
        and (not interval.days_of_month or any(_in_days(days, one, local.day) for one in interval.days_of_month))
        and _in_any(interval.months, local.month)
        and _in_any(interval.weekdays, local.isoweekday() % 7)
        and _in_any(interval.years, local.year)
    )


def _zone(location: str | None) -> tzinfo:
    return UTC if location in {None, "Local"} else ZoneInfo(location)


def _in_any(ranges: tuple[Range, ...], value: int) -> bool:
    return not ranges or any(first <= value <= last for first, last in ranges)


def _in_days(days: int, wanted: Range, day: int) -> bool:
    """Whether a day is in a range of a month of ``days`` days; negative ends count from its end."""
    first, last = (end if end > 0 else days + 1 + end for end in wanted)
    return first <= days and first <= day <= min(last, days)


def format_times(times: Range) -> dict[str, str]:
    """Write minutes since midnight as the start and end time of the file."""
    start, end = (f"{minute // 60:02d}:{minute % 60:02d}" for minute in times)
    return {"start_time": start, "end_time": end}


def format_range(ends: Range, names: tuple[str, ...] = (), base: int = 0) -> str:
    """Write a range as ``first:last``, or one value; ``names`` stand for numbers from ``base`` on."""
    first, last = (names[end - base] if base <= end < base + len(names) else str(end) for end in ends)
    return first if first == last else f"{first}:{last}"


def parse_times(start: str, end: str) -> Range | str:
    """Read a start and an end time as minutes; a string says what is wrong."""
    for text in (start, end):
        if not _TIME.fullmatch(text):
            return f"`{text}` is not a time from 00:00 to 24:00"
    first, last = (int(text[:2]) * 60 + int(text[3:]) for text in (start, end))
    return (first, last) if first < last else f"the start {start} is not before the end {end}"


def parse_weekdays(text: str) -> Range | str:
    """Read ``monday:friday``; a string says what is wrong."""
    ends = _ends(text, WEEKDAYS, base=0, numbers=False)
    if not isinstance(ends, str) and ends[0] > ends[1]:
        return f"`{text}` starts after it ends; weeks start on sunday"
    return ends


def parse_months(text: str) -> Range | str:
    """Read ``march:may`` or ``3:5``; a string says what is wrong."""
    ends = _ends(text, MONTHS, base=1, numbers=True)
    if not isinstance(ends, str) and ends[0] > ends[1]:
        return f"`{text}` starts after it ends; years start in january"
    return ends


def parse_years(text: str) -> Range | str:
    """Read ``2026:2028``; a string says what is wrong."""
    ends = _ends(text, (), base=0, numbers=True)
    return f"`{text}` starts after it ends" if not isinstance(ends, str) and ends[0] > ends[1] else ends


def parse_days_of_month(text: str) -> Range | str:
    """Read ``1:5`` or ``-3:-1``; a string says what is wrong."""
    ends = _ends(text, (), base=0, numbers=True)
    if isinstance(ends, str):
        return ends
    first, last = ends
    if not all(1 <= abs(end) <= 31 for end in ends):
        return f"`{text}` is out of range: days are 1 to 31, or -31 to -1 from the month's end"
    if first < 0 < last:
        return f"`{text}` starts from the month's end but ends from its start"
    if (first if first > 0 else 28 + first) > (last if last > 0 else 28 + last):
        return f"`{text}` always starts after it ends"
    return ends


def _ends(text: str, names: tuple[str, ...], base: int, numbers: bool) -> Range | str:
    parts = text.lower().split(":")
    if len(parts) > 2:
        return f"`{text}` is not a range `first:last`"
    found = []
    for part in parts:
        if part in names:
            found.append(names.index(part) + base)
        elif numbers and _NUMBER.fullmatch(part):
            found.append(int(part))
        else:
            return f"`{part}` is not {'one of ' + ', '.join(names) if names else 'a number'}"
    return (found[0], found[-1])
