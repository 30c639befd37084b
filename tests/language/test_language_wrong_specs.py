from __future__ import annotations

import re
from functools import cache

import pytest
from language_cases import Case, cases, organisation

from generators.diagnostics import Problem, sort_problems
from generators.diagnostics.catalogue import codes
from generators.pipeline import compile_artifacts

CODES = codes(("generators",))

FAMILIES = "YSRVPABT"
"""Families of codes whose problems the language and planning find; Collectors have tests of their own."""

CONVENTIONS = "P42"
"""Codes of the conventions of telemetry, which have tests of their own."""

ELSEWHERE = {
    **dict.fromkeys(("Y012", "Y013", "Y014", "Y017", "Y018", "Y022"), "in the tests of reading YAML"),
    **dict.fromkeys(("S120", "S121"), "about files, in the tests of hostile specs"),
    "A508": "every level of a team has a receiver or nobody; the check proves it",
    "P401": "names start with a letter, or the shape is wrong (S107)",
    "T701": "names are unique (R316), and no target writes two files for one name",
    "T704": "YAML has no escape for half a character (Y021)",
    **dict.fromkeys(("T721", "T722"), "in the tests of Kubernetes objects: they take hundreds of KiB"),
    **dict.fromkeys(("T711", "T712", "T713", "T714"), "about the folder, not about specs"),
}
"""Codes that no case below causes, and why not."""


@cache
def problems(case: Case) -> tuple[Problem, ...]:
    return compile_artifacts(case.sources).problems


def test_the_organisation_that_cases_change_is_right() -> None:
    compiled = compile_artifacts(organisation())
    assert compiled.problems == ()
    assert compiled.artifacts


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.title)
def test_a_wrong_spec_has_exactly_these_problems_in_these_places(case: Case) -> None:
    assert case.annotated(problems(case)) == case.text


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.title)
def test_problems_are_sorted_told_once_and_say_how_to_go_on(case: Case) -> None:
    found = problems(case)
    assert found == sort_problems(found)
    assert len({(each.code, each.message, each.position) for each in found}) == len(found)
    for each in found:
        assert each.position.file
        assert each.message == each.message.strip()
        assert not each.message.endswith(".")


def test_every_code_is_caused_by_a_case_or_cannot_be() -> None:
    caused = {problem.code for case in cases() for problem in problems(case)}
    own = {code for code in CODES if code[0] in FAMILIES and not code.startswith(CONVENTIONS)}
    assert own - caused == ELSEWHERE.keys()
    assert caused <= CODES.keys()


def test_there_are_cases_for_every_family() -> None:
    caused = {problem.code[0] for case in cases() for problem in problems(case)}
    assert caused == set(f"{FAMILIES}QM")
    assert len(cases()) >= 60


def test_titles_are_unique() -> None:
    titles = [case.title for case in cases()]
    assert len(set(titles)) == len(titles)


def test_the_library_is_never_blamed_for_a_wrong_spec() -> None:
    for case in cases():
        assert not [each for each in problems(case) if re.match("library/", each.position.file)]
