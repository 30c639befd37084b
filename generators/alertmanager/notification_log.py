"""What an integration has been told of a group, and whether there is anything new to tell."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from generators.alertmanager.inhibition import Labels

RETENTION_MS = 120 * 3_600_000
"""How long Alertmanager keeps its log by default."""

MAINTENANCE_MS = 15 * 60_000
"""How often it deletes what has expired; until then an expired entry counts."""


class Reason(StrEnum):
    """Why a notification is sent, in Alertmanager's own terms."""

    FIRST = "first notification"
    NEW_ALERTS = "new alerts in group"
    ALL_RESOLVED = "all alerts resolved"
    NEW_RESOLVED = "new resolved alerts"
    REPEAT = "repeat interval elapsed"


@dataclass(frozen=True, slots=True)
class Entry:
    """The last notification: its time in milliseconds, and the alerts that it was about."""

    at: int
    firing: frozenset[Labels]
    resolved: frozenset[Labels]
    repeat: int

    def is_expired(self, now: int) -> bool:
        """Whether the log has forgotten this entry; the server is taken to have started at 0."""
        return now // MAINTENANCE_MS * MAINTENANCE_MS > self.at + min(RETENTION_MS, 2 * self.repeat)


def reason_to_notify(
    entry: Entry | None,
    firing: frozenset[Labels],
    resolved: frozenset[Labels],
    *,
    send_resolved: bool,
    repeat: int,
    now: int,
) -> Reason | None:
    """Return why an integration is to be told of a group now, or None. Times are milliseconds.

    The source of the rule is ``notify/dedup_stage.go``. The repeat interval has to have passed *before*
    now, so a repeat that is a multiple of the group interval comes one group interval late.
    """
    if entry is None:
        return Reason.FIRST if firing else None
    if not firing <= entry.firing:
        return Reason.NEW_ALERTS if entry.firing else Reason.FIRST
    if not firing:
        return Reason.ALL_RESOLVED if entry.firing else None
    if send_resolved and not resolved <= entry.resolved:
        return Reason.NEW_RESOLVED
    return Reason.REPEAT if entry.at < now - repeat else None
