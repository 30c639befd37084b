"""A kind of problem."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """What a code means, and the smallest example that has the problem and that does not."""

    code: str
    title: str
    explanation: str
    wrong: str
    right: str
