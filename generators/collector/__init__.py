"""Lint of OpenTelemetry Collector configurations, anybody's: what `otelcol validate` passes and production does not.

``lint(text, file)``    a configuration's text → problems with line and column
``check(document)``     a configuration as plain values → findings with the path of keys
``CODES``               every code with what it means

Imports nothing else of ours.
"""

from generators.collector.checking import check
from generators.collector.codes import CODES, Code
from generators.collector.findings import Finding, Problem, Severity
from generators.collector.linting import lint

__all__ = ["CODES", "Code", "Finding", "Problem", "Severity", "check", "lint"]
