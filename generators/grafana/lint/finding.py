"""One thing that is wrong with a dashboard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""Keys and indices from the top of a dashboard."""

Place: TypeAlias = tuple[int, int, int, int]
"""Line, column, end line, end column: from 1, the end exclusive."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: its code, the dashboard's title, the panel or variable, and how to mend it.

    ``path`` says where in the dashboard; ``offset`` is the character of the text there, where one is to blame.
    """

    code: str
    dashboard: str
    place: str
    message: str
    help: str = ""
    path: Path = ()
    offset: int | None = None
