"""Agreement with what others wrote: promqltest cases of Prometheus, and the Rust parser of GreptimeTeam."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import promql_parser
import pytest
from hypothesis import given, settings
from promql_strategies import expressions, typed

from generators.formats.durations import LONGEST
from generators.promql import PROMETHEUS_3, Severity, check, format, parse, pretty  # noqa: A004
from generators.promql.syntax.ast import Binary, Expr, MatrixSelector, Subquery, VectorSelector
from generators.promql.syntax.walk import durations, walk, walk_duration

EXPERIMENTAL = PROMETHEUS_3.with_experimental()
_EVAL = re.compile(r"\s*eval(?:_\w+)?\s+(?:instant\s+at\s+\S+|range\s+from\s+\S+\s+to\s+\S+\s+step\s+\S+)\s+(.*)")


SCRIPTS = sorted((Path(__file__).parent / "promqltest").glob("*.test"))


def conformance_expressions() -> Iterator[str]:
    for path in SCRIPTS:
        for line in path.read_text(encoding="utf-8").splitlines():
            if match := _EVAL.match(line):
                yield match[1]


def refused(text: str) -> bool:
    expr, problems = parse(text)
    return expr is None or any(each.severity is Severity.ERROR for each in check(expr, EXPERIMENTAL)) or bool(problems)


def test_every_conformance_case_is_read_checked_and_printed() -> None:
    texts = list(conformance_expressions())
    assert len(texts) > 500
    for text in texts:
        expr, problems = parse(text)
        assert expr is not None, (text, problems)
        assert check(expr, EXPERIMENTAL) == (), text
        assert parse(format(expr))[0] == expr
        assert parse(pretty(expr, 30))[0] == expr


# --- the Rust parser -------------------------------------------------------------------------------------


def gap(text: str) -> str:
    """Why the Rust parser, which follows Prometheus 3.8, is wrong about an expression; empty where it is right."""
    expr, _ = parse(text)
    if expr is None:
        return ""
    nodes = list(walk(expr))
    if any(isinstance(node, Binary) and node.op in ("</", ">/") for node in nodes):
        return "it has no trim operators"
    if any(isinstance(node, VectorSelector) and node.modifier for node in nodes):
        return "it has no anchored and smoothed"
    if re.search(
        r"\b(anchored|smoothed|max_of|min_of|step|range|start_timestamp|start|end|histogram_quantiles)\b", text
    ):
        return "it does not know words that came after 3.8"
    parts = [part for node in nodes for duration in durations(node) for part in walk_duration(duration)]
    if any(type(part).__name__ != "Duration" for part in parts):
        return "it has no arithmetic on durations"
    if re.search(r"\binfo\b", text):
        return "it does not check the second argument of info, nor lets it be empty"
    if any(getattr(part, "milliseconds", 0) > LONGEST for part in parts):
        return "it does not limit durations"
    if any(getattr(part, "milliseconds", 1) == 0 for part in parts) or re.search(r"\b0s\b", text):
        return "it refuses durations of zero"
    if any(isinstance(node, MatrixSelector | Subquery) and "[-" in text for node in nodes):
        return "it accepts negative ranges"
    return ""


def rust_refuses(text: str) -> bool:
    try:
        promql_parser.parse(text)
    except ValueError:
        return True
    return False


def test_the_rust_parser_agrees_on_the_conformance_cases() -> None:
    verdicts = Counter((refused(text), rust_refuses(text)) for text in conformance_expressions() if not gap(text))
    assert verdicts[True, False] == verdicts[False, True] == 0
    assert verdicts[False, False] > 400


@settings(derandomize=True, deadline=None)
@given(typed)
def test_the_rust_parser_accepts_what_the_checker_accepts(expr: Expr) -> None:
    text = format(expr)
    assert not refused(text)
    assert gap(text) or not rust_refuses(text), text


WRONG = (
    """
rate(up) | sum(1) | up[5m] + 1 | up + bool 1 | 1 > 2 | up or 0 | up and on (a) group_left () b | up + on (a) 1
a * on (x) group_left (x) b | -'x' | sum_over_time(up[5m][1h:]) | up{__name__="b"} | {a=~".*"} | {} | up{a=~"("}
rate(up[0s]) | nosuch(up) | round() | round(up, 1, 2) | topk(up, up) | count_values(1, up) | up{a=b} | a = b
sum(x) by | sum( | a b | rate(a)[5m] | (a) offset 5m | a offset | a offset 1m offset 2m | a @ 1 @ 2 | a @ Inf
sum() | sum(a, b) | topk(a) | a[5m | a[1m1h] | a + | * a | a ** b | f(a,) | "a | {a="b" | bool | on | a[5m:1m:1m]
""".replace("\n", " | ")
    .strip(" |")
    .split(" | ")
)


@pytest.mark.parametrize("text", WRONG)
def test_the_rust_parser_refuses_what_we_refuse(text: str) -> None:
    assert refused(text)
    assert rust_refuses(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("+'a'", "it does not check the operand of +"),
        ("+a[5m]", "it does not check the operand of +"),
        ('sum by ("") (a)', "it lets labels be empty"),
        ("1 + fill (0) 2", "it does not check fill between scalars"),
        ("limitk(a, a)", "it does not check the parameter of limitk"),
        ("info(a, b)", "it does not check the second argument of info"),
        ("a offset 300y", "it does not limit durations"),
        ("1e309", "it reads a number that is too large as infinity"),
    ],
)
def test_the_rust_parser_is_known_to_accept_what_prometheus_refuses(text: str, reason: str) -> None:
    assert refused(text), reason
    assert not rust_refuses(text), reason


@settings(derandomize=True, deadline=None)
@given(expressions)
def test_the_rust_parser_accepts_whatever_tree_we_accept(expr: Expr) -> None:
    text = format(expr)
    # Bytes that are no UTF-8 do not pass through its interface.
    if not gap(text) and text.isprintable() and "\\" not in text and not refused(text):
        assert not rust_refuses(text), text
