"""Refusals: the codes of errors for which Alertmanager does not start, as amtool check-config says too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from generators.diagnostics import Code, Finding


@dataclass(frozen=True, slots=True)
class Refusal(Code):
    """The code of an error for which Alertmanager does not start."""


def is_refused(findings: Iterable[Finding]) -> bool:
    """Whether Alertmanager would not start with a file in which these were found."""
    return any(isinstance(finding.kind, Refusal) for finding in findings)
