"""The command ``query``."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from generators import promql
from generators.cli.commands.query.output import as_answer, as_chart, as_text
from generators.cli.commands.query.times import read_step, read_time
from generators.cli.console import Console
from generators.cli.profile_options import add_profile_arguments, profile_of
from generators.cli.reporting import of_expression, report
from generators.diagnostics import Severity
from generators.formats.durations import parse_duration
from generators.promql.engine import Limits, MatrixValue, Result, Storage, evaluate
from generators.promql.engine.series.files import read_data

FORMATS = ("text", "json")
_MOST_STEPS: Final = 1_000_000
_EPILOG: Final = """\
data, by the ending of the file:
  .json     an answer of /api/v1/query_range or /api/v1/query
  .csv      columns timestamp (Unix seconds or RFC 3339), value, and one for each label
  .parquet  the same columns; needs pyarrow
  other     series as in promtool's tests, below lines such as `load 30s`:
            requests_total{job="api"} 0+10x60

times: Unix seconds, RFC 3339, `start`, `end`, a duration such as 90m after the first sample, -5m before the last.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("expression", metavar="EXPR", help="the expression")
    parser.add_argument("--data", metavar="FILE", type=Path, required=True, help="the series")
    parser.add_argument("--at", metavar="T", help="evaluate at one time (default: end)")
    parser.add_argument("--from", metavar="A", dest="start", help="evaluate from here on (default: start)")
    parser.add_argument("--to", metavar="B", help="up to here (default: end)")
    parser.add_argument("--step", metavar="S", help="every so often: a duration or seconds (default: 1m)")
    parser.add_argument("--chart", action="store_true", help="draw curves instead of listing values")
    add_profile_arguments(parser)
    parser.add_argument("--lookback", metavar="D", default="5m", help="how old a sample may be (default: 5m)")
    parser.add_argument("--limit-samples", metavar="N", type=int, help="refuse to read more samples than this")


@dataclass(frozen=True, slots=True)
class _Span:
    """When to evaluate, in Unix ms; ``step`` is 0 for a single time."""

    start: int
    end: int
    step: int


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Read the data, evaluate, print."""
    text = arguments.expression
    profile = profile_of(arguments)
    expr, problems = promql.parse(text)
    if expr is not None:
        problems = (*problems, *promql.check(expr, profile))
    if expr is None or any(each.severity is Severity.ERROR for each in problems):
        return _refused(problems, "expression", text, console)
    console.progress(f"reading {arguments.data}")
    storage, unreadable = read_data(arguments.data)
    if storage is None:
        source = _text_of(arguments.data)
        return _refused(unreadable, str(arguments.data), source, console)
    try:
        span = _span(arguments, storage)
        lookback, limits = parse_duration(arguments.lookback), _limits(arguments)
    except ValueError as error:
        return console.fail(str(error), code=2)
    console.progress("evaluating")
    result = evaluate(
        expr,
        storage,
        span.start,
        span.end if span.step else None,
        span.step,
        profile=profile,
        lookback_ms=lookback,
        limits=limits,
        query=text,
    )
    console.progress("")
    return _print(result, span, text, arguments, console)


def _refused(problems: tuple[promql.TextFinding, ...], file: str, text: str, console: Console) -> int:
    if console.json:
        errors = [each.message for each in problems if each.severity is Severity.ERROR]
        console.data({"status": "error", "errorType": "bad_data", "error": "; ".join(errors)})
    else:
        report(of_expression(problems, file, text), {file: text}, console)
    return 1


def _print(result: Result, span: _Span, text: str, arguments: argparse.Namespace, console: Console) -> int:
    if console.json:
        console.data(as_answer(result, span.start))
        return 0 if result.error is None else 1
    for note in (*result.warnings, *result.infos):
        console.err.write(f"{note}\n")
    if result.value is None:
        failed = (result.error,) if result.error is not None else ()
        return _refused(failed, "expression", text, console)
    if arguments.chart and isinstance(result.value, MatrixValue) and span.step:
        console.write(as_chart(result.value, span.start, span.end, span.step, console.width))
    else:
        console.write(as_text(result.value, span.start))
    return 0


def _span(arguments: argparse.Namespace, storage: Storage) -> _Span:
    """Return when to evaluate; raises ValueError."""
    first = min((int(series.timestamps[0]) for series in storage if series.timestamps.size), default=0)
    last = max((int(series.timestamps[-1]) for series in storage if series.timestamps.size), default=0)
    ranged = arguments.start or arguments.to or arguments.step or arguments.chart
    if arguments.at is not None and ranged:
        raise ValueError("--at asks for one time; --from, --to, --step and --chart ask for many")
    if not ranged:
        at = read_time(arguments.at or "end", first, last)
        return _Span(at, at, 0)
    start, end = read_time(arguments.start or "start", first, last), read_time(arguments.to or "end", first, last)
    step = read_step(arguments.step or "1m")
    if end < start:
        raise ValueError("--to lies before --from")
    if (end - start) // step >= _MOST_STEPS:
        raise ValueError(f"more than {_MOST_STEPS:,} steps; take a longer --step")
    return _Span(start, end, step)


def _limits(arguments: argparse.Namespace) -> Limits:
    most = arguments.limit_samples
    if most is None:
        return Limits()
    if most < 1:
        raise ValueError("--limit-samples must be at least 1")
    return Limits(samples=most)


def _text_of(path: Path) -> str:
    """Return the text of a file for excerpts of it; empty where there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""
