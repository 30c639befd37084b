from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.diagnostics import Position
from generators.diagnostics.catalogue import codes
from generators.formats.yaml.nodes import Mapping, Scalar
from generators.formats.yaml.reader import load_documents
from generators.language.values.comparisons import Comparison, ComparisonOp, parse_comparison
from generators.language.values.durations import parse_duration
from generators.language.values.quantities import parse_decimal, parse_quantity
from generators.language.values.value_problem import ValueProblem, as_problem
from otel.units import parse_unit

CODES = codes(("generators",))

steady = settings(derandomize=True, deadline=None)


def problem_of(read: object, text: str) -> ValueProblem:
    assert callable(read)
    with pytest.raises(ValueProblem) as caught:
        read(text)
    return caught.value


# --- durations ---


def test_a_wrong_duration_is_pointed_at_inside_the_value() -> None:
    problem = problem_of(parse_duration, "1h5min")
    assert (problem.kind.id, problem.offset, problem.length, problem.help) == ("V201", 3, 3, "write `5m`")
    assert problem_of(parse_duration, "").offset is None


EXAMPLES = {
    "V201": parse_duration,
    "V202": parse_quantity,
    "V203": parse_quantity,
    "V205": parse_comparison,
    "V207": parse_quantity,
}


@pytest.mark.parametrize("code", EXAMPLES)
def test_the_examples_of_value_codes_are_wrong_and_right(code: str) -> None:
    wrong, right = CODES[code].wrong.split(": ")[-1], CODES[code].right.split(": ")[-1]
    assert problem_of(EXAMPLES[code], wrong).kind.id == code
    assert EXAMPLES[code](right)


# --- quantities ---

QUANTITIES = {
    "99.5%": ("0.995", "1"),
    "0.995": ("0.995", "1"),
    "20000": ("20000", "1"),
    "-1.50": ("-1.50", "1"),
    "1e3": ("1000", "1"),
    "500ms": ("0.5", "s"),
    "0.25s": ("0.25", "s"),
    "1h30m": ("5400", "s"),
    "30d": ("2592000", "s"),
    "1y": ("31536000", "s"),
    "10 seconds": ("10", "s"),
    "12/s": ("12", "1/s"),
    "3/min": ("3", "1/min"),
    "3/m": ("3", "1/min"),
    "1000/d": ("1000", "1/d"),
    "100 requests/s": ("100", "{request}/s"),
    "2 queries": ("2", "{query}"),
    "3 batches/h": ("3", "{batch}/h"),
    "0.05 USD": ("0.05", "{USD}"),
    "0.15 USD/1M tokens": ("0.15", "{USD}/1000000/{token}"),
    "0.05 USD/1000 requests": ("0.05", "{USD}/1000/{request}"),
    "0.05 USD/1k {request}": ("0.05", "{USD}/1000/{request}"),
    "512MiB": ("536870912", "By"),
    "2 GB": ("2000000000", "By"),
    "100 MB/s": ("100000000", "By/s"),
    "20 {request}": ("20", "{request}"),
    "3 kW.h": ("3", "kW.h"),
    "5%/h": ("0.05", "1/h"),
    "20 {a/b}": ("20", "{a/b}"),
}


@pytest.mark.parametrize(("text", "amount", "unit"), [(text, *expected) for text, expected in QUANTITIES.items()])
def test_quantities_are_read_exactly(text: str, amount: str, unit: str) -> None:
    quantity = parse_quantity(text)
    assert (quantity.amount, quantity.unit) == (Decimal(amount), parse_unit(unit))
    assert str(quantity) == text


WRONG = {
    "": ("V202", None, "20000"),
    "abc": ("V202", 0, "20000"),
    " 5": ("V202", 0, "remove"),
    "$5": ("V202", 0, "`5 USD`"),
    "€0.15/1M tokens": ("V202", 0, "`0.15 EUR/1M tokens`"),
    "20,000": ("V202", 2, "write `20000`, or `20.000`"),
    "20_000": ("V202", 2, "write `20000`"),
    "٣": ("V202", 0, "20000"),
    "NaN": ("V207", None, "number"),
    "inf": ("V207", None, "number"),
    "1e999": ("V207", None, "digits"),
    "1e-999": ("V207", None, "digits"),
    "9" * 100: ("V207", None, "digits"),
    "1" + "/s" * 200: ("V202", None, "number"),
    "5k": ("V203", 1, "zeros"),
    "5mb": ("V203", 1, "`MB`"),
    "12 parsec": ("V203", 3, "{parsec}"),
    "100 reqests/s": ("V203", 4, "`requests`"),
    "100 requests/secnd": ("V203", 13, "`second`"),
    "5/": ("V203", 1, "unit"),
    "5//s": ("V203", 1, "unit"),
    "12/0": ("V203", 3, ""),
    "1 d99999999": ("V203", 2, "one digit"),
    "1h30": ("V201", 2, "`30m`"),
    "1h 30m": ("V201", 2, "`1h30m`"),
}


@pytest.mark.parametrize(("text", "code", "offset", "remedy"), [(text, *expected) for text, expected in WRONG.items()])
def test_a_wrong_quantity_is_pointed_at_and_mended(text: str, code: str, offset: int | None, remedy: str) -> None:
    problem = problem_of(parse_quantity, text)
    assert (problem.kind.id, problem.offset) == (code, offset)
    assert remedy in problem.help


READERS = (parse_quantity, parse_decimal, parse_duration, parse_comparison)
PIECES = [*"01.-e%/smhkMB< =日٣", "{x}", "USD", "tokens", ".."]


@settings(steady)
@given(st.text(max_size=20) | st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_any_text_is_read_or_refused_with_a_place_inside_it(text: str) -> None:
    for read in READERS:
        problem: ValueProblem | None = None
        try:
            read(text)
        except ValueProblem as error:
            problem = error
        if problem is not None:
            assert re.fullmatch(r"V20\d", problem.kind.id)
            assert problem.message
            if problem.offset is not None:
                assert 0 <= problem.offset < problem.offset + problem.length <= len(text)


@steady
@given(st.decimals(-(10**12), 10**12, places=6))
def test_no_digit_of_a_number_is_lost(number: Decimal) -> None:
    assert parse_decimal(format(number, "f")) == number
    assert parse_quantity(f"{number:f}%").amount * 100 == number


# --- comparisons ---


@pytest.mark.parametrize(
    ("text", "op", "value"),
    [("< 20000", "<", "20000"), (">= 0.8", ">=", "80%"), ("> 500ms", ">", "0.5s"), ("!= 0", "!=", "0")],
)
def test_comparisons_have_an_operator_and_a_quantity(text: str, op: str, value: str) -> None:
    comparison = parse_comparison(text)
    assert comparison == Comparison(ComparisonOp(op), parse_quantity(value))
    assert str(comparison) == text


@pytest.mark.parametrize(
    ("text", "code", "remedy"),
    [
        ("= 5", "V205", "`==`"),
        ("=> 5", "V205", "`>=`"),
        ("≥ 5", "V205", "`>=`"),
        ("<> 3", "V205", "`!=`"),
        ("5", "V205", "start with"),
        ("", "V205", "start with"),
        ("<", "V205", "after it"),
        ("< abc", "V202", "20000"),
    ],
)
def test_a_wrong_comparison_comes_with_a_remedy(text: str, code: str, remedy: str) -> None:
    problem = problem_of(parse_comparison, text)
    assert problem.kind.id == code
    assert remedy in problem.help


def test_a_value_problem_points_into_the_line_of_the_file() -> None:
    (document,), _ = load_documents('a: {limit: "< 12 parsec"}\n', "f.yaml")
    assert isinstance(document, Mapping)
    inner = document.get("a")
    assert isinstance(inner, Mapping)
    scalar = inner.get("limit")
    assert isinstance(scalar, Scalar)
    problem = as_problem(problem_of(parse_comparison, scalar.text), scalar)
    assert problem.position == Position("f.yaml", 1, 18, 1, 24)
