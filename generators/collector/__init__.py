"""Lint of OpenTelemetry Collector configurations, anybody's: what `otelcol validate` passes and production does not.

``lint(text, file)``    a configuration's text → problems with their positions
``check(document)``     a configuration as plain values → findings with the path of keys
"""

from generators.collector.linting import check, lint

__all__ = ["check", "lint"]
