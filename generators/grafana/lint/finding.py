"""One thing that is wrong with a dashboard."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: its code, the dashboard's title, the panel or variable, and how to mend it."""

    code: str
    dashboard: str
    place: str
    message: str
    help: str = ""
