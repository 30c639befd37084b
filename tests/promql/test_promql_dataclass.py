from __future__ import annotations

import dataclasses
import math
import pickle
from dataclasses import field

import pytest

from generators.promql.ast import NOWHERE, Matcher, MatchOp, NumberLiteral, Span
from generators.promql.dataclass import dataclass, replace


@dataclass(frozen=True, slots=True)
class Point:
    """A value with all kinds of fields."""

    x: float
    y: float = 0.0
    names: list[str] = field(default_factory=list)
    note: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Thing:
    """A value that is only equal to itself."""

    x: int


def test_values_are_made_by_place_by_name_and_from_defaults() -> None:
    assert (Point(1).x, Point(1).y, Point(1).names, Point(x=2, y=3).y) == (1, 0.0, [], 3)
    assert Point(1).names is not Point(1).names
    with pytest.raises(TypeError, match="missing"):
        Point()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword"):
        Point(1, z=2)  # type: ignore[call-arg]


def test_values_are_equal_by_the_fields_that_are_compared() -> None:
    assert Point(1, 2, note="a") == Point(1, 2, note="b")
    assert Point(1, 2) != Point(1, 3)
    assert hash(NumberLiteral(2.0, span=Span(1, 2))) == hash(NumberLiteral(2.0))
    assert Thing(1) != Thing(1)
    assert NumberLiteral(math.nan) == NumberLiteral(float("nan"))


def test_values_show_as_those_of_the_standard_library() -> None:
    assert repr(Point(1, 2.5, ["a"])) == "Point(x=1, y=2.5, names=['a'])"


def test_values_cannot_be_changed() -> None:
    point = Point(1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        del point.y
    assert not hasattr(point, "__dict__")


def test_values_are_changed_copied_and_matched_as_those_of_the_standard_library() -> None:
    point = Point(1, 2, ["a"], "note")
    assert replace(point, y=3) == dataclasses.replace(point, y=3) == Point(1, 3, ["a"])
    assert replace(point, y=3).note == "note"
    with pytest.raises(TypeError, match="unexpected keyword"):
        replace(point, z=3)  # type: ignore[call-arg]
    assert [each.name for each in dataclasses.fields(point)] == ["x", "y", "names", "note"]
    matcher = Matcher("a", MatchOp.EQUAL, "b")
    restored = pickle.loads(pickle.dumps(matcher))  # noqa: S301 - our own value
    assert (restored, restored.span) == (matcher, NOWHERE)
    match point:
        case Point(x, y):
            assert (x, y) == (1, 2)
