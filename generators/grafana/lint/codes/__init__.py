"""Every code that the linter of dashboards knows, with what its page in the docs says."""

from __future__ import annotations

from typing import Final

from generators.grafana.lint.codes.code import Code
from generators.grafana.lint.codes.panels import PANELS, QUERIES
from generators.grafana.lint.codes.whole import VARIABLES, WHOLE

CODES: Final[dict[str, Code]] = {
    code.code: code for code in sorted((*WHOLE, *VARIABLES, *PANELS, *QUERIES), key=lambda code: code.code)
}

__all__ = ["CODES", "Code"]
