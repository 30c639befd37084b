"""The algebra of units."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from otel.units import ATOMS, ONE, Unit, UnitError, convert, parse_unit, quantity_text, require_compatible

SYMBOLS = st.sampled_from([*ATOMS, "{request}", "{USD}", "{token}", "1000", "1"])
UNITS = st.lists(st.tuples(SYMBOLS, st.sampled_from("./")), min_size=1, max_size=4).map(
    lambda parts: parse_unit(parts[0][0] + "".join(joint + symbol for symbol, joint in parts[1:]))
)


@given(UNITS, UNITS, UNITS)
@settings(derandomize=True, deadline=None)
def test_multiplication_is_associative_and_commutative(a: Unit, b: Unit, c: Unit) -> None:
    assert (a * b) * c == a * (b * c)
    assert a * b == b * a


@given(UNITS, UNITS)
@settings(derandomize=True, deadline=None)
def test_division_undoes_multiplication(a: Unit, b: Unit) -> None:
    assert a * b / b == a
    assert a / a == ONE
    assert a**2 / a == a
    assert a * ONE == a


@given(UNITS)
@settings(derandomize=True, deadline=None)
def test_the_text_of_a_unit_reads_back_as_the_unit(unit: Unit) -> None:
    again = parse_unit(str(unit))
    assert again == unit
    assert str(again) == str(unit)


@given(UNITS)
@settings(derandomize=True, deadline=None)
def test_a_unit_is_compatible_with_its_base_which_has_factor_one(unit: Unit) -> None:
    assert unit.compatible(unit.base)
    assert unit.base.factor == 1


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9))
@settings(derandomize=True, deadline=None)
def test_conversion_there_and_back_is_exact_for_powers_of_ten(value: Decimal) -> None:
    ms, s = parse_unit("ms"), parse_unit("s")
    assert convert(convert(value, ms, s), s, ms) == value


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        ("500", "ms", "s", "0.5"),
        ("80", "%", "1", "0.8"),
        ("2", "h", "min", "120"),
        ("1", "MiBy", "By", "1048576"),
        ("1", "KBy", "kBy", "1"),
        ("3", "{USD}/1000000/{token}", "{USD}/{token}", "0.000003"),
        ("12", "{request}/s", "{request}/min", "720"),
        ("1", "kW.h", "J", "3600000"),
        ("8", "bit", "By", "1"),
    ],
)
def test_values_convert_exactly(value: str, source: str, target: str, expected: str) -> None:
    assert convert(Decimal(value), parse_unit(source), parse_unit(target)) == Decimal(expected)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("s", "{USD}"),
        ("{USD}", "1"),
        ("{request}", "{USD}"),
        ("{request}", "{request}/s"),
        ("By", "s"),
        ("s", "1"),
    ],
)
def test_different_things_do_not_compare(one: str, other: str) -> None:
    with pytest.raises(UnitError, match="measure different things"):
        require_compatible(parse_unit(one), parse_unit(other))


def test_dollars_per_request_times_requests_per_second_are_dollars_per_second() -> None:
    assert parse_unit("{USD}/{request}") * parse_unit("{request}/s") == parse_unit("{USD}/s")


def test_units_are_equal_however_they_are_written() -> None:
    assert parse_unit("Hz") == parse_unit("1/s") == parse_unit("/s")
    assert parse_unit("W.s") == parse_unit("J")
    assert parse_unit("ms") != parse_unit("s")
    assert hash(parse_unit("Hz")) == hash(parse_unit("1/s"))


def test_a_share_is_a_plain_number_of_another_size() -> None:
    assert parse_unit("%").dimensionless
    assert parse_unit("%").factor == Fraction(1, 100)
    assert not parse_unit("{share}").dimensionless


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("0.50", "s", "0.5 s"),
        ("12", "{request}/s", "12 requests/s"),
        ("1", "{request}", "1 request"),
        ("2", "{query}", "2 queries"),
        ("3", "{batch}", "3 batches"),
        ("10", "{series}", "10 series"),
        ("0.05", "{USD}", "0.05 USD"),
        ("80", "%", "80 %"),
        ("0.93", "1", "0.93"),
        ("1E+3", "{false_positive}", "1000 false positives"),
        ("5", "1/s", "5/s"),
        ("-0.0", "By", "0 By"),
    ],
)
def test_quantities_read_well(value: str, unit: str, expected: str) -> None:
    assert quantity_text(Decimal(value), parse_unit(unit)) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("seconds", "write s"),
        ("USD", r"write \{USD\}"),
        ("requests/s", r"write \{request\}"),
        ("class", r"write \{class\}"),
        ("s{wall}", "follows a unit"),
        ("By / s", "contains a space"),
        ("s/", "ends where"),
        ("0", "factor 0"),
        ("{}", "cannot be read"),
        ("s//s", "cannot be read"),
        ("{a}{b}", "follows a unit"),
        ("(s)", "cannot be read"),
    ],
)
def test_a_unit_that_cannot_be_read_is_explained(text: str, message: str) -> None:
    with pytest.raises(UnitError, match=message):
        parse_unit(text)
