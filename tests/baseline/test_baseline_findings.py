"""Each thing that can be wrong with data is a problem with its code, its place and a remedy; usual data have none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from baseline_world import NAMES, SPEC, Frame, counted, frame, model, opened, usual

from generators.baseline.codes import ACCEPTABLE
from generators.baseline.document import windows
from generators.baseline.findings import findings, window_findings
from generators.baseline.roles import Names, assign
from generators.diagnostics import Position

NOW = 1_800_000_000.0
HERE = Position("specs/models/loans.yaml", 3, 1, 3, 2)
THERE = Position("specs/models/loans.yaml", 9, 5, 9, 11)
PLACES = {"": HERE, **dict.fromkeys(("income", "debts", "plan", "employed"), THERE)}
SOME = replace(NAMES, key="")


def found(changes: Frame, names: Names = SOME, rows: int = 400) -> list[tuple[str, str]]:
    """Codes and messages about the usual data with some columns replaced."""
    profile, roles = counted({**frame(rows), **changes}, names)
    problems = findings(profile, model(), roles, PLACES, NOW)
    assert all(each.help and each.position in (HERE, THERE) for each in problems)
    assert {each.code for each in problems} <= set(ACCEPTABLE)
    return [(each.code, each.message) for each in problems]


def column(name: str, place: int, value: object) -> Frame:
    """A column with one value replaced."""
    values = frame(400)[name].astype(object)
    values[place] = value
    return {name: values}


def numbers(name: str, place: int, value: float) -> Frame:
    values = frame(400)[name].astype(float)
    values[place] = value
    return {name: values}


def test_usual_data_have_no_problems() -> None:
    assert found({}) == []


TABLE: dict[str, tuple[str, str, Frame]] = {
    "text among numbers": ("N904", "`debts`: 1 of 400 values are no numbers", column("debts", 4, "unknown")),
    "a time where a number is": ("N904", "type TIMESTAMP", {"debts": np.full(400, "2026-01-01", "datetime64[us]")}),
    "nothing there": ("N905", "`debts`: all values are missing", {"debts": np.full(400, np.nan)}),
    "one number": ("N906", "`debts`: all values are 7", {"debts": np.full(400, 7.0)}),
    "one category": ("N906", "`plan`: all values are `pro`", {"plan": np.full(400, "pro", object)}),
    "one truth": ("N906", "`employed`: all values are `true`", {"employed": np.full(400, True)}),
    "infinite": ("N907", "`debts`: 1 infinite value", numbers("debts", 4, -np.inf)),
    "not listed": ("N908", "does not list `gold` (1 of 400 rows)", column("plan", 4, "gold")),
    "an identifier": ("N908", "400 different values", {"plan": np.array([f"c{each}" for each in range(400)], object)}),
    "rows twice": ("N909", "1 row with an id", numbers("row", 4, 5)),
    "labels of another coding": ("N911", "`2` (1)", numbers("outcome", 4, 2)),
    "no labels": ("N905", "the labels", {"outcome": np.full(400, np.nan)}),
    "the future": ("N912", "in the future", numbers("at", 4, 2e9)),
    "no time": ("N912", "1 row without a time", numbers("at", 4, np.nan)),
    "out of range": ("N913", "leave the range from -100 to 100000", {"Income": numbers("Income", 4, 5e6)["Income"]}),
    "a percentage for a score": ("N913", "between 0 and 1", {"score": frame(400)["score"] * 100}),
    "a word for a score": ("N904", "the scores", column("score", 4, "high")),
    "no scores": ("N905", "the scores", {"score": np.full(400, np.nan)}),
}


@pytest.mark.parametrize("case", TABLE)
def test_what_is_wrong_with_data_is_said(case: str) -> None:
    code, words, changes = TABLE[case]
    problems = found(changes)
    assert any(each == code and words in message for each, message in problems), problems


def test_few_rows_are_too_few() -> None:
    assert [code for code, _ in found({}, rows=60)] == ["N910"]


def test_windows_that_were_asked_for_are_long_enough_or_a_problem() -> None:
    told = windows(usual(), ("1h", "1d"))
    problems = window_findings(told, ("1h", "1d"), HERE)
    assert [each.message for each in problems] == ["the data are too few for windows of 1h"]


def missing(names: Names, *left_out: str) -> list[str]:
    data = {name: values for name, values in frame(50).items() if name not in left_out}
    return [f"{each.message}; {each.help}" for _, each in assign(model(), opened(data).columns, names)[1]]


def test_a_missing_column_is_named_with_the_nearest_one() -> None:
    assert "no column `debts`" in missing(Names(), "debts")[0]
    assert "did you mean `outcome`?" in missing(Names(label="outcom"))[0]
    assert "columns: " in missing(Names(time="zzzzzzzzzz"))[0]
    assert "--id" in missing(Names(row="nothing_like_it"))[0]


def test_a_feature_takes_the_column_of_its_name_whatever_stands_between_words() -> None:
    spec = SPEC.replace("debts:", "open_debts:")
    data = {("Open debts" if name == "debts" else name): values for name, values in frame(50).items()}
    roles, problems = assign(model(spec), opened(data).columns, Names())
    assert problems == ()
    assert roles.features["open_debts"][1].name == "Open debts"
    both = {**data, "open.debts": data["Open debts"]}
    assert len(assign(model(spec), opened(both).columns, Names())[1]) == 1


def test_texts_need_no_column() -> None:
    assert missing(Names()) == []
