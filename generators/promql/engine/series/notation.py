"""Series notation of promtool's tests: ``requests_total{code="500"} 0+10x5 _ stale 7``.

Items: ``a`` one value, ``axn`` n+1 times a, ``a+bxn`` and ``a-bxn`` n+1 values with a step, ``_`` and ``_xn`` missing
samples, ``stale`` the end of a series, and ``{{…}}`` native histograms, which are kept as opaque values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from generators.diagnostics import Span
from generators.promql.engine.results import BAD_SERIES, Failure, Floats, Mask, Result
from generators.promql.engine.series.labels import METRIC_NAME, Labels, from_mapping
from generators.promql.engine.series.storage import STALE
from generators.promql.syntax.literals import unquote

_NUMBER = r"[+-]?(?:inf|nan|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?)"
_ITEM = re.compile(
    rf"(?:(?P<gap>_)|(?P<stale>stale)|(?P<start>{_NUMBER})(?P<slope>{_NUMBER.replace('?', '', 1)})?)"
    r"(?:x(?P<times>[0-9]+))?(?=\s|\Z)",
    re.IGNORECASE,
)
_HISTOGRAM = re.compile(r"\{\{[^{}]*\}\}(?:[+-]\{\{[^{}]*\}\}(?=x))?(?:x(?P<times>[0-9]+))?(?=\s|\Z)")
_HEXADECIMAL = re.compile(r"[+-]?0x[0-9a-f]+(?=\s|\Z)", re.IGNORECASE)
_PLAIN_RUN = re.compile(r"(?:-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?[ \t]+){4,}")
_SPACE = re.compile(r"[ \t\r\n]*")
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|`[^`]*`')
_EXAMPLE = 'write a series as name{label="value"} 0+1x5 _ stale'
MOST_VALUES = 10_000_000
"""Values of one series; more is a slip, and would take all memory."""
_SHORT, _FEW = 200, 10_000
"""Characters and values of items that are remembered."""


_PLAIN_LABELS = re.compile(r'[a-zA-Z_:][a-zA-Z0-9_:]*\{(?:[a-zA-Z_][a-zA-Z0-9_]*=""(?:,(?!\})|(?=\})))*\}')
"""A series whose values are left out."""


@dataclass(frozen=True, slots=True, eq=False)
class SeriesDescription:
    """A series of the notation: labels, and for every place a value, a gap or an opaque native histogram."""

    labels: Labels
    values: Floats
    missing: Mask
    histogram: Mask


def parse_series(text: str, most: int | None = None) -> SeriesDescription | Result:
    """A series with its values; a `Result` with an error whose span counts from the start of the text.

    Of values beyond the first ``most`` only the notation is read: ``0x10000000`` is how people write "for ever".
    """
    try:
        return read_series(text, most)
    except Failure as failure:
        return Result(None, error=failure.problem)


def read_series(text: str, most: int | None = None) -> SeriesDescription:
    """As `parse_series`, but problems are raised; for use inside the engine."""
    labels, place = _labels(text)
    if place < len(text) and not text[place].isspace():
        raise _problem("a space must follow the labels", place, place + 1)
    values, missing, histogram = _known_items(text[place:], most) or _items(text, place, most)
    return SeriesDescription(labels, values, missing, histogram)


def _items(text: str, place: int, most: int | None) -> tuple[Floats, Mask, Mask]:
    """Values from a place on, with what is missing and what is a histogram; they are shared and cannot be written."""
    runs = list(_runs(text, place, most))
    values = np.concatenate([run[0] for run in runs]) if runs else np.empty(0)
    kinds = np.repeat(np.array([run[1] for run in runs], dtype=np.int8), [run[0].size for run in runs])
    found = (values, kinds == _GAP, kinds == _OPAQUE)
    for array in found:
        array.flags.writeable = False
    return found


@lru_cache(maxsize=256)
def _known_items(text: str, most: int | None) -> tuple[Floats, Mask, Mask] | None:
    """As `_items`, for texts that many series of a test share; None for those that are long or wrong."""
    if len(text) > _SHORT:
        return None
    try:
        found = _items(text, 0, most)
    except Failure:
        return None
    return found if found[0].size <= _FEW else None


def _problem(message: str, start: int, end: int) -> Failure:
    return Failure(BAD_SERIES, message, Span(start, end), _EXAMPLE)


def _skip(text: str, place: int) -> int:
    space = _SPACE.match(text, place)
    return space.end() if space else place


def _labels(text: str) -> tuple[Labels, int]:
    """The label set at the start of a text, and where it ends."""
    end = text.find("}") + 1
    pieces = text[:end].split('"')
    places = _plain_places(tuple(pieces[::2]))
    if places and "\\" not in text[:end] and "\n" not in text[:end]:
        pieces[0] = pieces[0].partition("{")[0]
        return tuple([(name, value) for name, at in places if (value := pieces[at])]), end
    place = _skip(text, 0)
    pairs: dict[str, str] = {}
    metric = _METRIC.match(text, place)
    if metric:
        pairs[METRIC_NAME] = metric.group()
        place = metric.end()
    opening = _skip(text, place)
    if not text.startswith("{", opening) or text.startswith("{{", opening):
        if metric is None:
            raise _problem("a series starts with a metric name or `{`", place, place + 1)
        return from_mapping(pairs), place
    place = _skip(text, opening + 1)
    while not text.startswith("}", place):
        name, value, place = _pair(text, place)
        if name in pairs:
            raise _problem(f"label `{name}` is given twice", place, place + 1)
        pairs[name] = value
        place = _skip(text, place)
        if text.startswith(",", place):
            place = _skip(text, place + 1)
        elif not text.startswith("}", place):
            raise _problem("`,` or `}` must follow a label", place, place + 1)
    return from_mapping(pairs), place + 1


@lru_cache(maxsize=256)
def _plain_places(between: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    """Names of labels in order, each with the place of its value, for a text that double quotes part.

    ``between`` is what stands outside of quotes: many series of a test have it in common. The metric's name comes at
    place 0. Nothing is returned where it is no plain series, or has a label twice.
    """
    text = '""'.join(between)
    if not _PLAIN_LABELS.fullmatch(text):
        return ()
    names = [METRIC_NAME, *re.findall(r'[{,]([^=]+)=""', text)]
    if len(set(names)) < len(names):
        return ()
    return tuple(sorted((name, max(0, 2 * place - 1)) for place, name in enumerate(names)))


def _pair(text: str, place: int) -> tuple[str, str, int]:
    """One label, or a quoted metric name; with the place after it."""
    name = _NAME.match(text, place) or _STRING.match(text, place)
    if name is None:
        raise _problem("a label name must stand here", place, place + 1)
    plain = _string(name.group(), place) if name.group()[0] in "\"'`" else name.group()
    equals = _skip(text, name.end())
    if not text.startswith("=", equals):
        if plain == name.group():
            raise _problem("`=` must follow a label name", equals, equals + 1)
        return METRIC_NAME, plain, name.end()
    value = _STRING.match(text, _skip(text, equals + 1))
    if value is None:
        raise _problem("a quoted label value must stand here", equals + 1, equals + 2)
    return plain, _string(value.group(), value.start()), value.end()


def _string(text: str, place: int) -> str:
    try:
        return unquote(text)
    except ValueError as error:
        raise _problem(str(error), place, place + len(text)) from error


_FLOAT, _GAP, _OPAQUE = 0, 1, 2


def _runs(text: str, place: int, most: int | None) -> Iterator[tuple[Floats, int]]:
    """The items one after another: values and their kind."""
    count = 0
    for (values, kind), end in _items_from(text, place, most):
        kept = values if most is None else values[: most - count]
        count += kept.size
        if count > MOST_VALUES:
            raise _too_many(place, end)
        yield kept, kind


def _too_many(start: int, end: int) -> Failure:
    problem = _problem(f"a series of more than {MOST_VALUES:,} values is not read", start, end).problem
    return Failure(problem.kind, problem.message, problem.span, "give it fewer repetitions, or a longer interval")


def _items_from(text: str, place: int, most: int | None) -> Iterator[tuple[tuple[Floats, int], int]]:
    place = _skip(text, place)
    while place < len(text):
        plain = _PLAIN_RUN.match(text, place)
        if plain:
            yield (np.array(plain.group().split(), dtype=np.float64), _FLOAT), plain.end()
            place = plain.end()
            continue
        item = _HISTOGRAM.match(text, place)
        if item:
            yield (np.zeros(_repeats(item, 1, most)), _OPAQUE), item.end()
        else:
            item = _ITEM.match(text, place) or _HEXADECIMAL.match(text, place)
            if item is None:
                word = text[place:].split(maxsplit=1)[0]
                message = f"`{word}` is not a value, `_`, `stale` or a repetition such as 0+1x5"
                raise _problem(message, place, place + len(word))
            found = _expand(item, most) if item.re is _ITEM else (np.array([float(int(item.group(), 16))]), _FLOAT)
            yield found, item.end()
        place = _skip(text, item.end())


def _repeats(item: re.Match[str], extra: int, most: int | None) -> int:
    times = item.group("times")
    count = 1 if times is None else int(times) + extra
    if most is not None:
        return min(count, most)
    if count > MOST_VALUES:
        raise _too_many(*item.span())
    return count


def _expand(item: re.Match[str], most: int | None) -> tuple[Floats, int]:
    if item.group("gap"):
        return np.zeros(_repeats(item, 0, most)), _GAP
    if item.group("stale"):
        return np.full(_repeats(item, 1, most), STALE), _FLOAT
    start, slope = float(item.group("start")), item.group("slope")
    if slope is None:
        return np.full(_repeats(item, 1, most), start), _FLOAT
    if item.group("times") is None:
        raise _problem(f"`{item.group()}` needs a number of repetitions, such as x5", *item.span())
    steps = np.full(_repeats(item, 1, most), float(slope))
    steps[0] = start
    return np.cumsum(steps), _FLOAT
