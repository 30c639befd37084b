"""Attributes that are numbers, and stay so: their digits would pass for a card's, and a mask makes text of them.

What tells apart is the type: under these keys numbers pass as they are, and whatever else stands there is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from generators.planning.collector.ottl import quoted
from otel import semconv
from otel.genai import PROFILES

PREDICTION: Final = (
    semconv.PREDICTION_CONFIDENCE,
    semconv.PREDICTION_SCORE,
    semconv.PREDICTION_VALUE,
    semconv.PREDICTION_LATENCY,
)


def number_keys(prefix: str, gen_ai: str) -> tuple[str, ...]:
    """Return the keys whose values are numbers with many digits."""
    profile = PROFILES[gen_ai].attributes
    score = profile.get("evaluation_score")
    return (*PREDICTION, f"{prefix}.evaluation.score", *([score] if score else []))


def only_numbers(where: str, keys: Iterable[str], condition: str = "") -> Iterator[str]:
    """Yield statements that drop what is no number, from a map such as ``span.attributes``."""
    for key in keys:
        value = f"{where}[{quoted(key)}]"
        stated = f"{condition} and " if condition else ""
        wrong = f"{value} != nil and not (IsDouble({value}) or IsInt({value}))"
        yield f"delete_key({where}, {quoted(key)}) where {stated}{wrong}"
