"""The state of one alert, and how an evaluation changes it.

Source: ``rules/alerting.go`` of Prometheus 3.15.  All times and durations are milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

NEVER = 2**62


class Phase(StrEnum):
    """Phases of an active alert, as in the label ``alertstate``."""

    PENDING = "pending"
    FIRING = "firing"


@dataclass(frozen=True, slots=True)
class State:
    """An active alert: since when it is active and firing, and since when it is only kept firing."""

    phase: Phase
    active_at: int
    fired_at: int = 0
    kept_since: int | None = None


@dataclass(frozen=True, slots=True)
class Waits:
    """``for`` and ``keep_firing_for``."""

    for_: int = 0
    keep_firing_for: int = 0


def advance(state: State | None, now: int, present: bool, waits: Waits) -> State | None:
    """Return the state after an evaluation that did or did not find the alert; None is inactive."""
    if present:
        state = State(Phase.PENDING, now) if state is None else replace(state, kept_since=None)
    elif state is None or state.phase is Phase.PENDING:
        return None
    else:
        since = now if state.kept_since is None else state.kept_since
        if now - since >= waits.keep_firing_for:
            return None
        state = replace(state, kept_since=since)
    held = now - state.active_at >= waits.for_
    if state.phase is Phase.PENDING and held:
        return replace(state, phase=Phase.FIRING, fired_at=now)
    if state.phase is Phase.FIRING and not held:  # after a restoration
        return State(Phase.PENDING, state.active_at)
    return state


def wakes_at(state: State | None, waits: Waits) -> int:
    """Return the earliest time at which the state changes although the alert's presence does not."""
    if state is None:
        return NEVER
    if state.phase is Phase.PENDING:
        return state.active_at + waits.for_
    return NEVER if state.kept_since is None else state.kept_since + waits.keep_firing_for


def restored(state: State, active_at: int, down_at: int, now: int, *, for_: int, grace: int) -> State:
    """Return an alert's state with the time before an outage counted, as ``RestoreForState`` does.

    ``active_at`` and ``down_at`` are value and time of the last stored sample of ALERTS_FOR_STATE.
    """
    remaining = for_ - (down_at - active_at)
    if remaining > 0:
        active_at = now + grace - for_ if remaining < grace else active_at + now - down_at
    return replace(state, active_at=active_at)
