from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.diagnostics import NOWHERE, Code, Position, Problem, Severity, sort_problems
from generators.diagnostics.machine_report import render_github, render_json
from generators.diagnostics.text_report import render_text, visible

steady = settings(derandomize=True, deadline=None)


def kind(name: str, severity: Severity = Severity.ERROR) -> Code:
    return Code(name, "Title", "Explanation.", "wrong", "right", severity)


LINE = "    revenue_protected: {value: (acuracy - 0.80) * 1000000}"
CHURN = "\n" * 23 + LINE + "\n"
PROBLEM = Problem(
    kind("R301"),
    "metric `acuracy` is not recorded for model `churn`",
    Position("specs/models/churn.yaml", 24, 33, 24, 40),
    "did you mean `accuracy`?",
)


def render(problem: Problem, text: str, width: int = 100) -> list[str]:
    return render_text([problem], {"f.yaml": text}, width=width).splitlines()


def at(column: int, end: int, line: int = 1, end_line: int = 0) -> Problem:
    return Problem(kind("Y001"), "message", Position("f.yaml", line, column, end_line or line, end))


def test_a_problem_looks_as_the_design_shows() -> None:
    assert render_text([PROBLEM], {"specs/models/churn.yaml": CHURN}) == (
        "specs/models/churn.yaml:24:33  error R301  metric `acuracy` is not recorded for model `churn`\n"
        "   24 |     revenue_protected: {value: (acuracy - 0.80) * 1000000}\n"
        "      |                                 ^^^^^^^\n"
        "   help: did you mean `accuracy`?\n"
    )


def test_problems_are_sorted_and_parted_by_a_blank_line() -> None:
    text = render_text([at(3, 4, 2), at(1, 2, 1)], {"f.yaml": "ab\ncd e\n"})
    assert text == (
        "f.yaml:1:1  error Y001  message\n   1 | ab\n     | ^\n"
        "\n"
        "f.yaml:2:3  error Y001  message\n   2 | cd e\n     |   ^\n"
    )


def test_no_problems_are_no_text() -> None:
    assert render_text([], {}) == ""


def test_notes_show_their_own_lines() -> None:
    problem = Problem(
        kind("Y007"),
        "twice",
        Position("f.yaml", 2, 1, 2, 2),
        related=(("first defined here", Position("f.yaml", 1, 1, 1, 2)),),
    )
    assert render(problem, "a: 1\na: 2\n")[3:] == ["   note: first defined here, f.yaml:1:1", "   1 | a: 1", "     | ^"]


def test_a_problem_without_a_place_or_a_source_is_one_line() -> None:
    assert render_text([Problem(kind("P401"), "none", NOWHERE)], {}) == "error P401  none\n"
    assert render_text([PROBLEM], {}).count("\n") == 2


def test_carets_stand_below_wide_letters_and_tabs() -> None:
    assert render(at(4, 6), "é日 日本: x")[1:] == ["   1 | é日 日本: x", "     |     ^^^^"]
    assert render(at(2, 3), "\tx")[1:] == ["   1 |     x", "     |     ^"]
    assert render(at(2, 3), "e\u0301x"[:2] + "x")[2] == "     |  ^"


def test_a_stretch_of_several_lines_is_marked_to_the_end_of_its_first() -> None:
    assert render(at(3, 2, 1, 3), "a: xyz  \nb\nc\n")[2] == "     |   ^^^^"


def test_an_empty_stretch_has_one_caret() -> None:
    assert render(at(3, 3), "a:")[2] == "     |   ^"


def test_escapes_of_terminals_are_made_visible() -> None:
    problem = Problem(kind("Y001"), "bad \x1b[31m\r\n", Position("f\x07.yaml", 1, 1, 1, 2), "help \u202e \x7f")
    text = render_text([problem], {"f\x07.yaml": "\x1b[2J x"})
    assert "\x1b" not in text
    assert text.splitlines() == [
        "f␇.yaml:1:1  error Y001  bad ␛[31m␍␊",
        "   1 | ␛[2J x",
        "     | ^",
        "   help: help <202E> ␡",
    ]


def test_colours_change_nothing_but_colours() -> None:
    sources = {"specs/models/churn.yaml": CHURN}
    coloured = render_text([PROBLEM], sources, colour=True)
    assert "\x1b[1;31m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render_text([PROBLEM], sources)


def columns(text: str) -> int:
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide


@settings(steady)
@given(st.data())
def test_carets_mark_what_is_meant_however_long_the_line_and_narrow_the_terminal(data: st.DataObject) -> None:
    line = data.draw(st.text("ab 日本é:{", min_size=1, max_size=200).filter(str.strip))
    start = data.draw(st.integers(0, len(line) - 1))
    end = data.draw(st.integers(start + 1, len(line)))
    width = data.draw(st.integers(40, 120))
    _, shown, marks = render(at(start + 1, end + 1), line, width)
    assert columns(shown) <= width
    before, caret = marks.index("^"), marks.count("^")
    assert marks == marks[:7].ljust(before) + "^" * caret
    cells = "".join(letter * columns(letter) for letter in shown)
    marked = cells[before : before + caret]
    meant = "".join(letter * columns(letter) for letter in line[start:end])
    assert meant.startswith(marked)
    if columns(line) + 7 <= width:
        assert marked == meant


@steady
@given(st.text(max_size=40))
def test_visible_text_has_no_character_that_a_terminal_obeys(text: str) -> None:
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", visible(text))


def test_json_holds_everything() -> None:
    document = json.loads(render_json([PROBLEM, Problem(kind("Y016", Severity.WARNING), "é", NOWHERE)]))
    assert document["counts"] == {"error": 1, "warning": 1, "info": 0}
    assert document["problems"][1] == {
        "code": "R301",
        "severity": "error",
        "message": "metric `acuracy` is not recorded for model `churn`",
        "help": "did you mean `accuracy`?",
        "position": {"file": "specs/models/churn.yaml", "line": 24, "column": 33, "end_line": 24, "end_column": 40},
        "related": [],
    }


@pytest.mark.parametrize(
    ("severity", "command"), [(Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "notice")]
)
def test_github_gets_a_command_of_its_own_severities(severity: Severity, command: str) -> None:
    assert render_github([Problem(kind("Y001", severity), "m", NOWHERE)]) == f"::{command} title=Y001::m\n"


def test_github_commands_escape_what_would_end_them() -> None:
    problem = Problem(kind("Y001"), "50%\r\nof a: b", Position("a,b:%\n.yaml", 1, 2, 1, 5), "x")
    assert render_github([problem]) == (
        "::error file=a%2Cb%3A%25%0A.yaml,line=1,endLine=1,col=2,endColumn=4,title=Y001::50%25%0D%0Aof a: b%0Ahelp: x\n"
    )


@steady
@given(st.text(max_size=30), st.text(max_size=30))
def test_a_github_command_is_always_one_line_and_reads_back(message: str, file: str) -> None:
    text = render_github([Problem(kind("Y001"), message, Position(file, 1, 1, 1, 2))])
    assert text.count("\n") == 1
    assert "\r" not in text
    _, properties, data = text[:-1].split("::", 2)
    assert data.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%") == message
    if file:
        written = properties.split(" ", 1)[1].split(",")[0].removeprefix("file=")
        for escape, letter in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
            written = written.replace(escape, letter)
        assert written == file


def test_files_that_people_can_change_come_before_those_of_the_library() -> None:
    places = ("library/requests.yaml", "specs/models/churn.yaml", "collector-config/agent.yaml")
    problems = [replace(at(1, 1, 1), position=Position(file, 1, 1, 1, 1)) for file in places]
    assert [each.position.file for each in sort_problems(problems)] == [places[2], places[1], places[0]]
