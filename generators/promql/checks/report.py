"""Collects the problems of one expression."""

from __future__ import annotations

from typing import TypeAlias

from generators.diagnostics import Code, Span, TextFinding
from generators.promql.checks.types import DESCRIPTIONS
from generators.promql.profiles import FLAGS, SINCE, Feature, Profile
from generators.promql.syntax.ast import Expr, MatrixSelector, ValueType, VectorSelector
from generators.promql.syntax.printer import format as format_expr

EXPERIMENTAL = Code(
    "Q040",
    "an experimental part of the language",
    "It works only if Prometheus is started with the flag that the message names. Elsewhere the rule file is "
    "refused as a whole.",
    "max_of(1, 2)",
    "max(vector(1) or on () vector(2))",
)
NOT_IN_VERSION = Code(
    "Q041",
    "something that this version of Prometheus does not have",
    "It came with a later version, or went away with an earlier one.",
    "holt_winters(load[1h], 0.5, 0.5)",
    "avg_over_time(load[1h])",
)


Known: TypeAlias = ValueType | None
"""A type, or None where a hole or an earlier mistake hides it."""


class Report:
    """Problems found so far, under one version of Prometheus."""

    __slots__ = ("problems", "profile")

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.problems: list[TextFinding] = []

    def add(self, kind: Code, message: str, span: Span, help_: str = "") -> None:
        """Add an error."""
        self.problems.append(TextFinding(kind, message, span, help_))

    def expect(self, expr: Expr, found: Known, wanted: ValueType, kind: Code, place: str) -> None:
        """Add an error if the type of ``expr`` is not the one that ``place`` takes."""
        if found is not None and found is not wanted:
            self.wrong_type(expr, found, kind, place, DESCRIPTIONS[wanted], _remedy(expr, found, wanted))

    def wrong_type(self, expr: Expr, found: ValueType, kind: Code, place: str, wanted: str, help_: str = "") -> None:
        """Add an error about the type of ``expr``."""
        self.add(kind, f"{place} takes {wanted}, but got {DESCRIPTIONS[found]}", expr.span, help_)

    def need(self, feature: Feature, span: Span) -> None:
        """Add an error if the version lacks a feature, or keeps it behind a flag that is off."""
        if self.profile.allows(feature):
            return
        if not self.profile.has(feature):
            help_ = "this came with Prometheus {}.{}".format(*SINCE[feature])
            self.add(NOT_IN_VERSION, f"{self.profile.name} does not know {feature}", span, help_)
        else:
            help_ = f"start Prometheus with --enable-feature={FLAGS[feature]}"
            self.add(EXPERIMENTAL, f"{self.profile.name} keeps {feature} behind a flag", span, help_)


def _remedy(expr: Expr, found: ValueType, wanted: ValueType) -> str:
    if wanted is ValueType.MATRIX and isinstance(expr, VectorSelector):
        return f"add a range, such as `{_shortened(expr)}[5m]`"
    if wanted is ValueType.MATRIX and found is ValueType.VECTOR:
        return "turn it into a range with a subquery, such as `(…)[30m:1m]`"
    if wanted is ValueType.VECTOR and isinstance(expr, MatrixSelector):
        return "delete the range, or put it into a function such as `rate(…)`"
    if wanted is ValueType.VECTOR and found is ValueType.SCALAR:
        return "make it a vector with `vector(…)`"
    if wanted is ValueType.SCALAR and found is ValueType.VECTOR:
        return "make it a scalar with `scalar(…)`"
    if wanted is ValueType.STRING:
        return "put it in quotes"
    return ""


def _shortened(expr: VectorSelector) -> str:
    text = format_expr(VectorSelector(expr.name, expr.matchers, hole=expr.hole))
    return text if len(text) <= 60 else "…"
