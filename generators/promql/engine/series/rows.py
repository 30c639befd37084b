"""Samples as rows of a timestamp, a value and labels, as CSV and Parquet hold them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import numpy as np

from generators.diagnostics import Span
from generators.promql.engine.go_text import parse_float
from generators.promql.engine.results import BAD_SERIES, Failure

TIME: Final = "timestamp"
VALUE: Final = "value"
LOOKS: Final = "columns: timestamp, value, and one for each label"
_FARTHEST: Final = 2**62
"""Milliseconds from 1970."""


def check_columns(names: Iterable[str]) -> None:
    """Raise `Failure` where there is no time or no value."""
    missing = {TIME, VALUE} - set(names)
    if missing:
        raise Failure(BAD_SERIES, f"no column {' and no column '.join(sorted(missing))}", Span(0, 0), LOOKS)


def number_of(text: object) -> float | None:
    """The number that a text says, None where it says none."""
    return parse_float(str(text).strip())


def milliseconds_of(text: object) -> int | None:
    """Milliseconds of a time in Unix seconds or RFC 3339; None where the text is no time."""
    seconds = number_of(text)
    if seconds is not None:
        return milliseconds(seconds) if np.isfinite(seconds) and abs(seconds) * 1000 < _FARTHEST else None
    try:
        parsed = datetime.fromisoformat(str(text).strip())
    except ValueError:
        return None
    return None if parsed.tzinfo is None else milliseconds(parsed.timestamp())


def milliseconds(seconds: float) -> int:
    """Whole milliseconds of a time in seconds; raises OverflowError for what is no time."""
    found = round(seconds * 1000)
    if abs(found) > _FARTHEST:
        raise OverflowError(f"{seconds} is no time in Unix seconds")
    return found
