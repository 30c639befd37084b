"""Versions of a registry: three numbers, of which the first that may change says what a change may break."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

Version: TypeAlias = tuple[int, int, int]

PATTERN: Final = r"^(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})$"
"""What a version looks like, as a regular expression."""


def parse_version(text: str) -> Version | None:
    """Read ``1.2.3``; None for anything else."""
    found = re.match(PATTERN, text, re.ASCII)
    return (int(found[1]), int(found[2]), int(found[3])) if found and "\n" not in text else None


def allows_breaking(older: Version, newer: Version) -> bool:
    """Whether the step announces a break: a new major version, or a new minor version below 1.0.0."""
    return newer[0] > older[0] or (newer[0] == older[0] == 0 and newer[1] > older[1])


def next_breaking(version: Version) -> str:
    """Return the next version that may break."""
    return f"{version[0] + 1}.0.0" if version[0] else f"0.{version[1] + 1}.0"
