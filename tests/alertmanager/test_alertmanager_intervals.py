"""Time intervals: when they are active, how they are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from alertmanager_strategies import intervals
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.alertmanager import Interval, TimeInterval
from generators.alertmanager.intervals import (
    MONTHS,
    WEEKDAYS,
    active,
    format_range,
    parse_days_of_month,
    parse_months,
    parse_times,
    parse_weekdays,
    parse_years,
)

_moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 12, 31), timezones=st.just(UTC))


def _is_active(moment: datetime, *entries: Interval) -> bool:
    return active(TimeInterval("x", entries), moment)


@pytest.mark.parametrize(
    ("entry", "moment", "wanted"),
    [
        (Interval(times=((540, 1020),)), "2026-03-02T09:00", True),
        (Interval(times=((540, 1020),)), "2026-03-02T16:59:59", True),
        (Interval(times=((540, 1020),)), "2026-03-02T17:00", False),
        (Interval(times=((1320, 1440),)), "2026-03-02T23:59", True),
        (Interval(weekdays=((1, 5),)), "2026-03-01T12:00", False),
        (Interval(weekdays=((0, 0),)), "2026-03-01T12:00", True),
        (Interval(days_of_month=((-3, -1),)), "2026-02-26T00:00", True),
        (Interval(days_of_month=((-3, -1),)), "2026-02-25T00:00", False),
        (Interval(days_of_month=((30, 31),)), "2026-02-28T00:00", False),
        (Interval(days_of_month=((28, 31),)), "2026-02-28T00:00", True),
        (Interval(days_of_month=((1, -1),)), "2026-02-28T00:00", True),
        (Interval(days_of_month=((-31, 2),)), "2026-02-02T00:00", True),
        (Interval(months=((3, 5),), years=((2026, 2026),)), "2026-05-31T23:59", True),
        (Interval(months=((3, 5),), years=((2025, 2025),)), "2026-05-31T23:59", False),
        (Interval(times=((0, 60),), location="Europe/Berlin"), "2026-03-01T23:30", True),
        (Interval(times=((0, 60),), location="Local"), "2026-03-01T23:30", False),
        (Interval(), "2026-03-01T23:30", True),
    ],
)
def test_an_entry_is_active_when_every_field_is(entry: Interval, moment: str, wanted: bool) -> None:
    assert _is_active(datetime.fromisoformat(moment).replace(tzinfo=UTC), entry) is wanted


@settings(derandomize=True, deadline=None)
@given(intervals, intervals, _moments)
def test_entries_are_alternatives_and_none_are_never(first: Interval, second: Interval, moment: datetime) -> None:
    assert _is_active(moment, first, second) == (_is_active(moment, first) or _is_active(moment, second))
    assert not _is_active(moment)


@settings(derandomize=True, deadline=None)
@given(intervals, _moments)
def test_only_the_moment_counts_not_its_zone_and_not_its_seconds(interval: Interval, moment: datetime) -> None:
    wanted = _is_active(moment, interval)
    assert _is_active(moment.astimezone(ZoneInfo("Asia/Kolkata")), interval) == wanted
    minute = moment.replace(second=0, microsecond=0)
    assert _is_active(minute, interval) == _is_active(minute + timedelta(seconds=59), interval)


@pytest.mark.parametrize("text", ["Monday:FRIDAY", "sunday", "tuesday:tuesday"])
def test_weekdays_are_read_without_regard_to_case(text: str) -> None:
    ends = parse_weekdays(text)
    assert not isinstance(ends, str)
    assert parse_weekdays(format_range(ends, WEEKDAYS)) == ends


def test_months_are_names_or_numbers() -> None:
    assert parse_months("january:3") == (1, 3)
    assert format_range((1, 3), MONTHS, base=1) == "january:march"


@pytest.mark.parametrize(
    "wrong",
    [
        parse_weekdays("friday:monday"),
        parse_weekdays("1:5"),
        parse_months("may:march"),
        parse_years("2027:2026"),
        parse_days_of_month("0"),
        parse_days_of_month("32"),
        parse_days_of_month("-1:1"),
        parse_days_of_month("-1:-3"),
        parse_days_of_month("31:-31"),
        parse_days_of_month("1:2:3"),
        parse_times("22:00", "06:00"),
        parse_times("24:01", "24:00"),
        parse_times("9:00", "10:00"),
    ],
)
def test_ranges_that_cannot_be_are_explained(wrong: object) -> None:
    assert isinstance(wrong, str)
