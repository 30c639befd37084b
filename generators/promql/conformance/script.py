"""Reading promqltest scripts: ``clear``, ``load``, ``eval`` and what each evaluation is expected to give."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import takewhile

from generators.diagnostics import Code
from generators.formats.durations import parse_duration
from generators.promql.engine.go_text import parse_float
from generators.promql.engine.results import Failure
from generators.promql.engine.series.labels import Labels
from generators.promql.engine.series.notation import SeriesDescription, read_series
from generators.promql.syntax.literals import unquote

UNREADABLE_SCRIPT = Code(
    "Q321",
    "a conformance script cannot be read",
    "Scripts consist of `clear`, `load` and `eval` with their expectations, as in Prometheus' folder "
    "`promql/promqltest/testdata`.",
    "evaluate 1 + 1",
    "eval instant at 0 1 + 1\n  2",
)


_LOAD = re.compile(r"load(?P<nhcb>_with_nhcb)?\s+(?P<step>\S+)\Z")
_INSTANT = re.compile(r"eval(?:_(?P<mode>fail|warn|ordered|info))?\s+instant\s+(?:at\s+(?P<at>\S+))?\s+(?P<expr>.+)\Z")
_RANGE = re.compile(
    r"eval(?:_(?P<mode>fail|warn|info))?\s+range\s+from\s+(?P<start>\S+)\s+to\s+(?P<end>\S+)\s+step\s+(?P<step>\S+)\s+"
    r"(?P<expr>.+)\Z"
)
_EXPECT = re.compile(
    r"expect\s+(?P<kind>ordered|fail|warn|no_warn|info|no_info)(?:\s+(?P<how>regex|msg):(?P<text>.+))?\Z"
)
_EXPECT_RANGE = re.compile(r"expect range vector\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\Z")
_EXPECT_STRING = "expect string"
_PLACE = re.compile(r"\A[0-9]+:[0-9]+: ")
_START_ITEM = re.compile(
    r"(?:(?P<gap>_)|(?P<start>[+-]?[0-9]+[a-z]*?)(?P<step>[+-][0-9]+[a-z]*?)?)(?:x(?P<times>[0-9]+))?"
)


class ScriptError(ValueError):
    """A script that cannot be read; the message names the line."""


@dataclass(frozen=True, slots=True)
class Clear:
    """Empties the storage."""


@dataclass(frozen=True, slots=True)
class Load:
    """Puts series into the storage, a sample every ``step`` ms from 0.

    With ``custom_buckets``, classic histograms are there as native ones, too. ``starts`` go with the series.
    """

    line: int
    step: int
    series: tuple[SeriesDescription, ...]
    custom_buckets: bool
    starts: tuple[StartTimes | None, ...]


@dataclass(frozen=True, slots=True)
class StartTimes:
    """Start times of a series' samples, in ms from each sample's own time; None where they are unknown."""

    labels: Labels
    offsets: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A text that a message must equal or match; ``pattern`` None and ``message`` None accept any.

    Some errors of the original start with a place, ``22:37:``; ours have it in their span, and count it differently.
    """

    message: str | None = None
    pattern: re.Pattern[str] | None = None

    def accepts(self, text: str) -> bool:
        """Whether a message is as expected."""
        if self.pattern is not None:
            return self.pattern.search(text) is not None
        return self.message is None or _PLACE.sub("", self.message) == text


@dataclass(slots=True)
class Eval:
    """An evaluation and its expectations; times are ms. ``step`` None means an instant query."""

    line: int
    expr: str
    start: int
    end: int
    step: int | None
    texts: dict[str, list[Text]] = field(default_factory=dict)
    series: list[SeriesDescription] = field(default_factory=list)
    scalar: float | None = None
    string: str | None = None
    samples: tuple[int, int, int] | None = None

    def expects(self, kind: str) -> bool:
        """Whether a kind of expectation (fail, warn, ordered…) is stated."""
        return kind in self.texts


def read_script(text: str) -> list[Clear | Load | Eval]:
    """The statements of a script; raises `ScriptError`."""
    lines = ["" if line.strip().startswith("#") else line.strip() for line in text.split("\n")]
    statements: list[Clear | Load | Eval] = []
    place = 0
    while place < len(lines):
        if not lines[place]:
            place += 1
            continue
        block = list(takewhile(bool, lines[place:]))
        try:
            statement, read = _statement(place + 1, block)
        except (ValueError, Failure) as error:
            raise ScriptError(f"line {place + 1}: {error}") from error
        statements.append(statement)
        place += read
    return statements


def _statement(number: int, block: list[str]) -> tuple[Clear | Load | Eval, int]:
    """The statement at the start of a block of lines, and how many of them belong to it."""
    word = block[0].split()[0].lower()
    if word == "clear":
        return Clear(), 1
    if word.startswith("load"):
        return _load(number, block), len(block)
    if word.startswith("eval"):
        return _eval(number, block)
    raise ValueError(f"unknown command {word}")


def _load(number: int, block: list[str]) -> Load:
    match = _LOAD.match(block[0])
    if match is None:
        raise ValueError("a load needs a step, as in `load 5m`")
    step = parse_duration(match["step"])
    series: list[SeriesDescription] = []
    starts: list[StartTimes | None] = []
    pending = None
    for line in block[1:]:
        if line.split()[0].endswith("@st"):
            pending = _start_times(line)
            continue
        series.append(read_series(line))
        if pending and (pending.labels != series[-1].labels or len(pending.offsets) != series[-1].values.size):
            raise ValueError("the start times do not fit the series that follows")
        starts.append(pending)
        pending = None
    return Load(number, step, tuple(series), match["nhcb"] is not None, tuple(starts))


def _start_times(line: str) -> StartTimes:
    """``metric{labels}@st -1m _x2 30s+10sx3``: start times relative to the samples."""
    metric, *items = line.split()
    offsets: list[int | None] = []
    for item in items:
        match = _START_ITEM.fullmatch(item)
        if match is None:
            raise ValueError(f"unknown start time {item}")
        times = match["times"]
        if match["gap"]:
            offsets.extend([None] * int(times or 1))
            continue
        start, step = (_signed_duration(match[name] or "0") for name in ("start", "step"))
        offsets.extend(start + step * index for index in range(int(times) + 1 if times else 1))
    return StartTimes(read_series(metric.removesuffix("@st")).labels, tuple(offsets))


def _signed_duration(text: str) -> int:
    duration = parse_duration(text.lstrip("+-"))
    return -duration if text.startswith("-") else duration


def _eval(number: int, block: list[str]) -> tuple[Eval, int]:
    instant, ranged = _INSTANT.match(block[0]), _RANGE.match(block[0])
    if instant is not None:
        at = parse_duration(instant["at"] or "0")
        case = Eval(number, instant["expr"], at, at, None)
        mode = instant["mode"]
    elif ranged is not None:
        start, end, step = (parse_duration(ranged[name]) for name in ("start", "end", "step"))
        case = Eval(number, ranged["expr"], start, end, step)
        mode = ranged["mode"]
    else:
        raise ValueError("an eval is `eval instant at <time> <expr>` or `eval range from <t> to <t> step <d> <expr>`")
    if mode:
        case.texts[mode] = [Text()]
    for read, line in enumerate(block[1:], start=2):
        if not _expectation(case, line):
            return case, read
    return case, len(block)


def _expectation(case: Eval, line: str) -> bool:
    """Take in one line of expectations; False when no more may follow."""
    if case.expects("fail") and line.startswith("expected_fail_"):
        kind, _, text = line.removeprefix("expected_fail_").partition(" ")
        case.texts["fail"] = [Text(text.strip()) if kind == "message" else Text(pattern=re.compile(text.strip()))]
        return False
    ranged = _EXPECT_RANGE.match(line)
    if ranged:
        start, end, step = (parse_duration(part) for part in ranged.groups())
        case.samples = (start, end, step)
    elif line.startswith(_EXPECT_STRING):
        case.string = unquote(line.removeprefix(_EXPECT_STRING).strip())
    elif line.split(maxsplit=1)[0] == "expect":
        match = _EXPECT.match(line)
        if match is None:
            raise ValueError(f"unknown expectation: {line}")
        case.texts.setdefault(match["kind"], []).append(_text(match["how"], (match["text"] or "").strip()))
    else:
        number = _number(line)
        if number is not None:
            case.scalar = number
            return False
        case.series.append(read_series(line))
    return True


def _text(how: str | None, text: str) -> Text:
    if how is None:
        return Text()
    return Text(text) if how == "msg" else Text(pattern=re.compile(text))


def _number(text: str) -> float | None:
    try:
        return float(int(text, 0))
    except ValueError:
        return parse_float(text)
