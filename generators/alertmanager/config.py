"""An Alertmanager configuration as immutable values.

The tree mirrors the file: what ``None`` means there (inherited from the parent route, or the server's
default), it means here. Times are seconds, as in the rest of Watchspec; ``durations`` prints them. What
does not decide who is told (tracing, event recorder, labels of routes and receivers) is checked in a file
but has no place here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Op: TypeAlias = Literal["=", "!=", "=~", "!~"]
"""How a matcher compares: equal, not equal, matches the anchored regular expression, does not match it."""

Setting: TypeAlias = "bool | int | float | str | Sequence[Setting] | Mapping[str, Setting] | None"
"""A plain YAML value. Sequences are lists, so that a configuration equals what its own text loads as."""

Range: TypeAlias = tuple[int, int]
"""First and last, both included; of minutes, the end is excluded."""

ALL_LABELS = "..."
"""The only entry of a ``group_by`` that makes every label set a group of its own."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """A condition on one label; a missing label has the empty value."""

    label: str
    op: Op
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A node of the routing tree.

    ``None`` inherits from the parent route. Time intervals are never inherited. Times are seconds.
    """

    receiver: str | None = None
    matchers: tuple[Matcher, ...] = ()
    group_by: tuple[str, ...] | None = None
    group_wait: float | None = None
    group_interval: float | None = None
    repeat_interval: float | None = None
    continue_: bool = False
    mute_time_intervals: tuple[str, ...] = ()
    active_time_intervals: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True, slots=True)
class Integration:
    """One way to tell somebody: a kind (``slack``, ``pagerduty``, …) and its settings."""

    kind: str
    settings: Mapping[str, Setting] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Receiver:
    """A named set of integrations; without any, what is routed to it is dropped.

    In the file integrations stand by kind, so give those of one kind next to one another.
    """

    name: str
    integrations: tuple[Integration, ...] = ()


@dataclass(frozen=True, slots=True)
class InhibitRule:
    """While an alert matches ``source``, alerts that match ``target`` and agree on ``equal`` stay silent."""

    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Moments that satisfy every field that is given; a field is satisfied by any of its ranges.

    ``times`` are minutes since midnight (end excluded, 1440 is midnight again), ``weekdays`` 0 (Sunday) to
    6, ``days_of_month`` 1 to 31 or -31 to -1 from the end, ``months`` 1 to 12, ``location`` an IANA zone or
    UTC.
    """

    times: tuple[Range, ...] = ()
    weekdays: tuple[Range, ...] = ()
    days_of_month: tuple[Range, ...] = ()
    months: tuple[Range, ...] = ()
    years: tuple[Range, ...] = ()
    location: str | None = None


@dataclass(frozen=True, slots=True)
class TimeInterval:
    """A named set of moments: those in any of its intervals."""

    name: str
    intervals: tuple[Interval, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A whole configuration; ``global_`` holds the ``global`` block as it stands in the file."""

    route: Route
    receivers: tuple[Receiver, ...]
    inhibit_rules: tuple[InhibitRule, ...] = ()
    time_intervals: tuple[TimeInterval, ...] = ()
    templates: tuple[str, ...] = ()
    global_: Mapping[str, Setting] = field(default_factory=dict, hash=False)
