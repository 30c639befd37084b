"""All checks over one configuration."""

from __future__ import annotations

from collections.abc import Mapping

from generators.collector.checks import CHECKS
from generators.collector.findings import Finding
from generators.collector.view import view


def check(document: Mapping[str, object]) -> tuple[Finding, ...]:
    """Return what is wrong with a configuration given as plain values."""
    seen = view(document)
    return tuple(dict.fromkeys(finding for each in CHECKS for finding in each(seen)))
