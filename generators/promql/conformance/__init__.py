"""Running Prometheus' own language tests (promqltest scripts) against this engine."""

from __future__ import annotations

from generators.promql.conformance.runner import CaseFailure, Report, run

__all__ = ["CaseFailure", "Report", "run"]
