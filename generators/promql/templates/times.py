"""Go's time values: moments in UTC, durations, named numbers such as months, and the layouts of ``Format``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SECOND = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAYOUT = re.compile(
    r"2006|January|Jan|Monday|Mon|MST|-0700|-07:00|Z0700|Z07:00|[.,][09]+(?![0-9])|01|02|03|04|05|06|15|PM|pm|_2|1|2|3|4|5"
)


@dataclass(frozen=True, slots=True)
class Named:
    """A number with a name, such as a month; prints as the name."""

    number: int
    name: str
    type_name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Duration:
    """A duration in nanoseconds."""

    nanoseconds: int

    def __str__(self) -> str:
        total = abs(self.nanoseconds)
        sign = "-" if self.nanoseconds < 0 else ""
        if total == 0:
            return "0s"
        for unit, size in (("ns", 1), ("µs", 1_000), ("ms", 1_000_000)):
            if total < size * 1_000:
                return f"{sign}{_decimal(total, size)}{unit}"
        minutes, rest = divmod(total, 60 * SECOND)
        hours, minutes = divmod(minutes, 60)
        seconds = f"{_decimal(rest, SECOND)}s"
        if hours:
            return f"{sign}{hours}h{minutes}m{seconds}"
        return f"{sign}{minutes}m{seconds}" if minutes else f"{sign}{seconds}"


def _decimal(number: int, unit: int) -> str:
    whole, rest = divmod(number, unit)
    fraction = f"{rest:0{len(str(unit)) - 1}d}".rstrip("0") if rest else ""
    return f"{whole}.{fraction}" if fraction else str(whole)


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in UTC, in nanoseconds since 1970."""

    nanoseconds: int

    def __str__(self) -> str:
        return f"{self.layout('2006-01-02 15:04:05.999999999')} +0000 UTC"

    @property
    def calendar(self) -> datetime:
        """The date and time of day, to the second; years outside 1 to 9999 are clamped."""
        try:
            return _EPOCH + timedelta(seconds=self.nanoseconds // SECOND)
        except OverflowError:
            return datetime.max.replace(tzinfo=UTC) if self.nanoseconds > 0 else datetime.min.replace(tzinfo=UTC)

    def layout(self, layout: str) -> str:
        """Write the moment in a Go layout, whose reference time is 2006-01-02 15:04:05."""
        return _LAYOUT.sub(lambda match: self._part(match.group()), layout)

    def _part(self, part: str) -> str:
        calendar = self.calendar
        if part[0] in ".,":
            digits = f"{self.nanoseconds % SECOND:09d}"[: len(part) - 1]
            digits = digits.rstrip("0") if part[1] == "9" else digits
            return part[0] + digits if digits else ""
        return _PARTS[part](calendar)


def _english(names: str) -> tuple[str, ...]:
    return tuple(names.split())


MONTHS = _english("January February March April May June July August September October November December")
WEEKDAYS = _english("Sunday Monday Tuesday Wednesday Thursday Friday Saturday")


def _weekday(calendar: datetime) -> int:
    return calendar.isoweekday() % 7


_PARTS: Mapping[str, Callable[[datetime], str]] = {
    "2006": lambda t: f"{t.year:04d}",
    "06": lambda t: f"{t.year % 100:02d}",
    "January": lambda t: MONTHS[t.month - 1],
    "Jan": lambda t: MONTHS[t.month - 1][:3],
    "01": lambda t: f"{t.month:02d}",
    "1": lambda t: str(t.month),
    "Monday": lambda t: WEEKDAYS[_weekday(t)],
    "Mon": lambda t: WEEKDAYS[_weekday(t)][:3],
    "02": lambda t: f"{t.day:02d}",
    "_2": lambda t: f"{t.day:2d}",
    "2": lambda t: str(t.day),
    "15": lambda t: f"{t.hour:02d}",
    "03": lambda t: f"{(t.hour - 1) % 12 + 1:02d}",
    "3": lambda t: str((t.hour - 1) % 12 + 1),
    "04": lambda t: f"{t.minute:02d}",
    "4": lambda t: str(t.minute),
    "05": lambda t: f"{t.second:02d}",
    "5": lambda t: str(t.second),
    "PM": lambda t: "PM" if t.hour >= 12 else "AM",
    "pm": lambda t: "pm" if t.hour >= 12 else "am",
    "MST": lambda _: "UTC",
    "-0700": lambda _: "+0000",
    "-07:00": lambda _: "+00:00",
    "Z0700": lambda _: "Z",
    "Z07:00": lambda _: "Z",
}


def _month(moment: Moment) -> Named:
    return Named(moment.calendar.month, MONTHS[moment.calendar.month - 1], "time.Month")


def _day_of_week(moment: Moment) -> Named:
    number = _weekday(moment.calendar)
    return Named(number, WEEKDAYS[number], "time.Weekday")


MOMENT_METHODS: Mapping[str, tuple[tuple[str, ...], Callable[..., object]]] = {
    "Year": ((), lambda moment: moment.calendar.year),
    "Month": ((), _month),
    "Day": ((), lambda moment: moment.calendar.day),
    "Hour": ((), lambda moment: moment.calendar.hour),
    "Minute": ((), lambda moment: moment.calendar.minute),
    "Second": ((), lambda moment: moment.calendar.second),
    "Nanosecond": ((), lambda moment: moment.nanoseconds % SECOND),
    "Weekday": ((), _day_of_week),
    "YearDay": ((), lambda moment: moment.calendar.timetuple().tm_yday),
    "Unix": ((), lambda moment: moment.nanoseconds // SECOND),
    "UnixMilli": ((), lambda moment: moment.nanoseconds // 1_000_000),
    "UnixNano": ((), lambda moment: moment.nanoseconds),
    "UTC": ((), lambda moment: moment),
    "String": ((), str),
    "Format": (("string",), lambda moment, layout: moment.layout(layout)),
}
"""Methods of moments: the types of their parameters, and what they compute."""

DURATION_METHODS: Mapping[str, tuple[tuple[str, ...], Callable[..., object]]] = {
    "Hours": ((), lambda duration: duration.nanoseconds / (3600 * SECOND)),
    "Minutes": ((), lambda duration: duration.nanoseconds / (60 * SECOND)),
    "Seconds": ((), lambda duration: duration.nanoseconds / SECOND),
    "Milliseconds": ((), lambda duration: int(duration.nanoseconds / 1_000_000)),
    "Microseconds": ((), lambda duration: int(duration.nanoseconds / 1_000)),
    "Nanoseconds": ((), lambda duration: duration.nanoseconds),
    "String": ((), str),
}
"""Methods of durations."""
