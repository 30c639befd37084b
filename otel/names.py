"""Prometheus names of OpenTelemetry metrics and attributes, exactly as a Prometheus 3 server computes them.

The rules are those of `prometheus/otlptranslator` 1.0.0, which Prometheus, Mimir and the Collector use, with
the defaults of Prometheus' OTLP receiver.  Where the library departs from the OpenTelemetry specification
(tibibytes, ``_ratio``, underscores in labels) this module follows it: a rule must name a series as stored.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from enum import StrEnum
from typing import Final


class Strategy(StrEnum):
    """``otlp.translation_strategy`` of Prometheus: are names escaped, and do they get suffixes."""

    UNDERSCORE_ESCAPING_WITH_SUFFIXES = "UnderscoreEscapingWithSuffixes"
    UNDERSCORE_ESCAPING_WITHOUT_SUFFIXES = "UnderscoreEscapingWithoutSuffixes"
    NO_UTF8_ESCAPING_WITH_SUFFIXES = "NoUTF8EscapingWithSuffixes"
    NO_TRANSLATION = "NoTranslation"

    @property
    def escapes(self) -> bool:
        """Whether characters outside the classic alphabet become underscores."""
        return self.value.startswith("UnderscoreEscaping")

    @property
    def adds_suffixes(self) -> bool:
        """Whether the unit and the type become suffixes."""
        return self.value.endswith("WithSuffixes")


DEFAULT_STRATEGY: Final = Strategy.UNDERSCORE_ESCAPING_WITH_SUFFIXES


class InstrumentKind(StrEnum):
    """Kinds of instruments, named as in a semantic convention registry."""

    COUNTER = "counter"
    UPDOWNCOUNTER = "updowncounter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class TranslationError(ValueError):
    """The server would drop the series, because no valid Prometheus name comes out."""


MAIN_UNITS: Final = {
    "d": "days", "h": "hours", "min": "minutes", "s": "seconds",
    "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds",
    "By": "bytes", "KiBy": "kibibytes", "MiBy": "mebibytes", "GiBy": "gibibytes", "TiBy": "tibibytes",
    "KBy": "kilobytes", "MBy": "megabytes", "GBy": "gigabytes", "TBy": "terabytes",
    "m": "meters", "V": "volts", "A": "amperes", "J": "joules", "W": "watts", "g": "grams",
    "Cel": "celsius", "Hz": "hertz", "1": "", "%": "percent",
}  # fmt: skip
"""UCUM unit → the word in a metric name; any other unit is taken as it is."""

PER_UNITS: Final = {
    "s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month", "y": "year",
}  # fmt: skip
"""UCUM unit after the slash → the word after ``per_``; ``m`` is a minute here, and a metre in front."""

_TOKENS = re.compile(r"[a-zA-Z0-9:]+")
_TOKENS_AND_UNDERSCORES = re.compile(r"[a-zA-Z0-9:_]+")
_NOT_TOKEN = re.compile(r"[^a-zA-Z0-9:]+")
_NOT_LABEL = re.compile(r"[^a-zA-Z0-9_]")

# What Go's strings.TrimSpace removes; str.strip() would also remove the ASCII separators 0x1c to 0x1f.
_SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def metric_name(
    name: str, kind: InstrumentKind, unit: str, strategy: Strategy = DEFAULT_STRATEGY, namespace: str = ""
) -> str:
    """Return the Prometheus name of an instrument, without the suffixes of a histogram's series.

    >>> metric_name("gen_ai.client.operation.duration", InstrumentKind.HISTOGRAM, "s")
    'gen_ai_client_operation_duration_seconds'

    Raises TranslationError where the server would drop the series.
    """
    if not strategy.escapes:
        return _unescaped_name(name, kind, unit if strategy.adds_suffixes else None, namespace)
    if strategy.adds_suffixes:
        result = _escaped_name_with_suffixes(name, kind, unit, namespace)
    else:
        result = _escaped_name(name, namespace)
    if not result or (result != name and not result.strip("_")):
        raise TranslationError(f"no Prometheus name is left of the metric name {name!r}")
    return result


def series_names(
    name: str, kind: InstrumentKind, unit: str, strategy: Strategy = DEFAULT_STRATEGY, namespace: str = ""
) -> tuple[str, ...]:
    """Return the names of all series that an instrument makes: one, or ``_bucket``, ``_sum``, ``_count``.

    Histograms are those with explicit buckets; an exponential one is a single series under the bare name.
    """
    base = metric_name(name, kind, unit, strategy, namespace)
    if kind is InstrumentKind.HISTOGRAM:
        return (f"{base}_bucket", f"{base}_sum", f"{base}_count")
    return (base,)


def label_name(key: str, strategy: Strategy = DEFAULT_STRATEGY) -> str:
    """Return the label that an attribute becomes, with the defaults of Prometheus' OTLP receiver.

    Runs of underscores survive, a leading digit gets ``key_`` and a single leading underscore gets ``key``.
    Raises TranslationError for a key of which only underscores remain.
    """
    result = _NOT_LABEL.sub("_", key) if strategy.escapes else key
    if strategy.escapes and result[:1].isdigit():
        result = f"key_{result}"
    elif strategy.escapes and result.startswith("_") and not result.startswith("__"):
        result = f"key{result}"
    if not result.strip("_"):
        raise TranslationError(f"no Prometheus label is left of the attribute key {key!r}")
    return result


def job_label(service_name: str, service_namespace: str = "") -> str:
    """Return the value of ``job``: ``namespace/name``, or the bare name without a namespace."""
    return f"{service_namespace}/{service_name}" if service_namespace else service_name


def edge_text(value: float, *, scraped: bool = False) -> str:
    """Return the text of the label ``le`` for a bucket edge.

    Edges that arrive by OTLP are written as the shortest decimal ("1", "0.005", "1000000"); Prometheus 3
    normalises those of *scraped* histograms to a float ("1.0", "1e+06").
    """
    if math.isinf(value) or math.isnan(value):
        return "NaN" if math.isnan(value) else ("+Inf" if value > 0 else "-Inf")
    if not scraped:
        text = format(Decimal(repr(value)), "f")
        return text.removesuffix(".0")
    return _open_metrics_float(value)


def _open_metrics_float(value: float) -> str:
    """Format as Go's shortest ``%g``, which turns to exponents at a million, and keep it a float."""
    if value == 0:
        return "0.0"
    shortest = Decimal(repr(value)).normalize()
    power = shortest.adjusted()
    if -4 <= power < 6:
        text = format(shortest, "f")
        return text if "." in text else f"{text}.0"
    mantissa = format(shortest.scaleb(-power), "f")
    return f"{mantissa}e{power:+03d}"


# --- metric names -------------------------------------------------------------------------------------------


def _escaped_name_with_suffixes(name: str, kind: InstrumentKind, unit: str, namespace: str) -> str:
    tokens = _TOKENS.findall(name)
    tokens += _unit_tokens(tokens, unit)
    if kind is InstrumentKind.COUNTER:
        tokens = [each for each in tokens if each != "total"] + ["total"]
    if kind is InstrumentKind.GAUGE and unit == "1":
        tokens = [each for each in tokens if each != "ratio"] + ["ratio"]
    if namespace:
        tokens.insert(0, namespace)
    return _not_starting_with_a_digit("_".join(tokens))


def _escaped_name(name: str, namespace: str) -> str:
    result = "_".join(_TOKENS_AND_UNDERSCORES.findall(name))
    if namespace:
        return "_".join(_TOKENS_AND_UNDERSCORES.findall(namespace)) + "_" + result
    return _not_starting_with_a_digit(result)


def _unescaped_name(name: str, kind: InstrumentKind, unit: str | None, namespace: str) -> str:
    """Append suffixes where *unit* is given; a suffix already there is cut with the character before it."""
    # Lengths and cuts are in bytes, as in Go; a cut through a longer character leaves no valid text.
    result = (f"{namespace}_{name}" if namespace else name).encode()
    if unit is not None:
        ends: list[str] = []
        main, per = _unit_words(unit)
        for word, applies in (
            ("ratio", unit == "1" and kind is InstrumentKind.GAUGE),
            ("total", kind is InstrumentKind.COUNTER),
            (per, bool(per)),
        ):
            if applies:
                result = _without_suffix(result, word.encode())
                ends.insert(0, f"_{word}")
        if main and not result.endswith(main.encode()):
            ends.insert(0, f"_{main}")
        result += "".join(ends).encode()
    try:
        return result.decode()
    except UnicodeDecodeError:
        raise TranslationError(f"moving the suffix of {name!r} would break a character") from None


def _without_suffix(name: bytes, suffix: bytes) -> bytes:
    cut = len(suffix) + 1
    return name[:-cut] if name.endswith(suffix) and len(name) > cut else name


def _not_starting_with_a_digit(name: str) -> str:
    return f"_{name}" if name[:1] in "0123456789" and name else name


# --- units in metric names ----------------------------------------------------------------------------------


def _unit_words(unit: str) -> tuple[str, str]:
    """Return the words for what stands before and after the first slash; braces drop their whole side."""
    before, _, after = unit.partition("/")
    main, per = before.strip(_SPACES), after.strip(_SPACES)
    main = "" if "{" in main or "}" in main else MAIN_UNITS.get(main, main)
    per = "" if "{" in per or "}" in per else PER_UNITS.get(per, per)
    return main, f"per_{per}" if per else ""


def _unit_tokens(tokens: list[str], unit: str) -> list[str]:
    """Return the tokens that the unit adds: none that occurs anywhere in the name already."""
    main, per = (_clean(word) for word in _unit_words(unit))
    if main in tokens:
        main = ""
    per = "" if per == "per_" else per.removesuffix("_")
    if per in tokens:
        per = ""
    if per:
        main = main.removesuffix("_")
    return [token for token in (main, per) if token]


def _clean(word: str) -> str:
    return _NOT_TOKEN.sub("_", word).removeprefix("_")
