"""Diagnostics: what is wrong, where, and how to mend it, the same for every package.

A check returns ``Problem`` values, each of a ``Code`` that is a constant beside the check. Only ``cli`` prints them, by
``text_report`` or ``machine_report``; ``catalogue`` collects the codes for ``watchspec explain`` and the docs.
"""

from generators.diagnostics.code import Code, Severity
from generators.diagnostics.finding import Finding, Locator, Path, TextFinding, in_words, located
from generators.diagnostics.position import NOWHERE, Position, Span, point, stretch
from generators.diagnostics.problem import LIBRARY_NAME, Problem, errors, sort_problems
from generators.diagnostics.suggestion import did_you_mean, nearest

__all__ = [
    "LIBRARY_NAME",
    "NOWHERE",
    "Code",
    "Finding",
    "Locator",
    "Path",
    "Position",
    "Problem",
    "Severity",
    "Span",
    "TextFinding",
    "did_you_mean",
    "errors",
    "in_words",
    "located",
    "nearest",
    "point",
    "sort_problems",
    "stretch",
]
