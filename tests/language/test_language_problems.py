from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import generators
from generators.diagnostics import NOWHERE, Code, Position, Problem, Severity, did_you_mean, sort_problems
from generators.diagnostics.catalogue import codes
from generators.formats.yaml.reader import load_documents

ROOT = Path(generators.__file__).parent
CODES = codes(("generators",))
APART = {"alertmanager", "collector", "grafana", "cli", "codes"}
"""Folders whose codes are tables still."""
METRICS = ["accuracy", "balanced_accuracy", "latency", "requests", "psi", "log_loss", "f1", "recall", "precision"]


def kind(name: str, severity: Severity = Severity.ERROR) -> Code:
    return Code(name, "Title", "Explanation.", "wrong", "right", severity)


def at(line: int, column: int = 1, file: str = "f.yaml") -> Position:
    return Position(file, line, column, line, column + 1)


def test_problems_are_sorted_by_place_and_given_once() -> None:
    ordered = [
        Problem(kind("Y001"), "b", at(1, 1, "a.yaml")),
        Problem(kind("Y001"), "a", at(2, 1)),
        Problem(kind("Y001"), "b", at(2, 1)),
        Problem(kind("Y002"), "a", at(2, 1)),
        Problem(kind("Y001"), "a", at(2, 5)),
        Problem(kind("Y001"), "a", at(10, 1)),
    ]
    assert sort_problems([*reversed(ordered), *ordered]) == tuple(ordered)


def test_a_position_reads_as_file_line_column() -> None:
    assert str(Position("specs/models/churn.yaml", 24, 18, 24, 25)) == "specs/models/churn.yaml:24:18"
    assert str(NOWHERE) == ""


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("acuracy", "accuracy"),
        ("accurcay", "accuracy"),
        ("accuracyy", "accuracy"),
        ("Accuracy", "accuracy"),
        ("log-loss", "log_loss"),
        ("logloss", "log_loss"),
        ("loss_log", "log_loss"),
        ("PSI", "psi"),
        ("pis", "psi"),
        ("recal", "recall"),
        ("percision", "precision"),
        ("balanced", "balanced_accuracy"),
        ("request", "requests"),
    ],
)
def test_slips_of_typing_are_understood(word: str, meant: str) -> None:
    assert did_you_mean(word, METRICS) == f"did you mean `{meant}`?"


@pytest.mark.parametrize("word", ["", "x", "zebra", "throughput", "a" * 1000])
def test_nothing_is_suggested_where_nothing_is_near(word: str) -> None:
    assert did_you_mean(word, METRICS) == ""


@settings(derandomize=True, deadline=None)
@given(st.permutations(["bat", "cat", "hat", "rat"]))
def test_ties_do_not_depend_on_the_order_of_candidates(candidates: list[str]) -> None:
    assert did_you_mean("xat", candidates) == "did you mean `bat`?"


def test_no_code_is_quoted_outside_of_its_definition() -> None:
    definition = re.compile(r'Code\(\s*"([A-Z]\d{3})"')
    for path in sorted(ROOT.rglob("*.py")):
        if APART & set(path.relative_to(ROOT).parts):
            continue
        text = path.read_text(encoding="utf-8")
        assert sorted(re.findall(r'"([YSVRPABTNQ]\d{3}|C8\d\d)"', text)) == sorted(definition.findall(text)), path


def test_codes_are_sorted_and_explained() -> None:
    assert list(CODES) == sorted(CODES)
    for name, code in CODES.items():
        assert name == code.id
        assert all(dataclasses.astuple(code))
        assert code.explanation.endswith(".")


# Their wrong examples stand for what no example can show.
UNSHOWN = {"Y013", "Y014", "Y015", "Y017", "Y018"}
# Well-formed YAML that only a document of the language has no use for; the table of wrong specs has it.
WELL_FORMED = {"Y024"}


@pytest.mark.parametrize("code", [code for code in CODES.values() if code.id[0] == "Y"], ids=str)
def test_the_examples_of_yaml_codes_are_wrong_and_right(code: object) -> None:
    assert isinstance(code, type(CODES["Y001"]))
    _, right = load_documents(code.right, "f.yaml")
    assert right == ()
    if code.id not in UNSHOWN | WELL_FORMED:
        _, wrong = load_documents(code.wrong, "f.yaml")
        assert [problem.code for problem in wrong] == [code.id]
