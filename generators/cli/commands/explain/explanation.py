"""An explanation: what ``explain`` prints, for people and as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is printed for people, and the same as data."""

    text: str
    data: Any
