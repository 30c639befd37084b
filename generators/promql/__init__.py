"""PromQL in pure Python."""

from __future__ import annotations

from generators.promql.parser import parse
from generators.promql.printer import format  # noqa: A004 - `promql.format`, the field's word
from generators.promql.problems import Problem, Severity

__all__ = ["Problem", "Severity", "format", "parse"]
