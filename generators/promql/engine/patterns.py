"""Regular expressions of matchers and label_replace, in RE2's dialect, matched against whole values."""

from __future__ import annotations

import re

from generators.diagnostics import Span
from generators.formats.re2 import RegexError, compile_regex
from generators.promql.engine.results import BAD_LABELS, Failure


def compile_anchored(expression: str, span: Span, *, dot_all: bool, place: str = "") -> re.Pattern[str]:
    """The compiled expression, for use with ``fullmatch``; one that RE2 would refuse is an error."""
    try:
        return compile_regex(expression, dot_all)
    except RegexError as error:
        where = f" in {place}" if place else ""
        message = f"invalid regular expression{where}: {expression}"
        raise Failure(BAD_LABELS, message, span, str(error)) from error
