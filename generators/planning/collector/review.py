"""A merged configuration under the lint that anybody's gets; findings are shown where their key was written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from generators import collector as lint
from generators.language.problems import NOWHERE, Position, Problem, Severity
from generators.planning.collector_plan import Configuration

NOT_BUILT: Final = "C903"
"""A component that we cannot build into the distribution; elsewhere it is only unknown to us."""


def review(configuration: Configuration) -> Iterator[Problem]:
    """Yield what `otelcol validate` would miss."""
    for found in lint.check(configuration.document):
        where = f", at {'.'.join(str(step) for step in found.path)}" if found.path else ""
        message = f"{configuration.tier}: {found.message}{where}"
        grave = "error" if found.code == NOT_BUILT else found.severity
        yield Problem(found.code, message, _place(configuration, found.path), found.help, Severity(grave))


def _place(configuration: Configuration, path: tuple[str | int, ...]) -> Position:
    """Return the place of the leaf that shares most of a path."""
    best, shared = NOWHERE, -1
    for origin in configuration.leaves:
        common = _common(origin.path, path)
        if common > shared and origin.places:
            best, shared = origin.places[0], common
    return best


def _common(one: tuple[str | int, ...], other: tuple[str | int, ...]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count
