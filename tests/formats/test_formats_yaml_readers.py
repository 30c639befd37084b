"""Every reader of YAML says that a file is too deep, in its own words, whichever library gives up first."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import yaml

from generators.alertmanager import load as load_alertmanager
from generators.collector.linting import lint as lint_collector
from generators.comparison.facts.conventions import convention_facts
from generators.formats.yaml import reader as documents
from generators.grafana.lint import lint_files
from generators.promql.rules.reader import read_yaml

DEEP = {
    "flow lists": lambda depth: "[" * depth + "]" * depth,
    "flow lists without an end": lambda depth: "[" * depth,
    "flow mappings": lambda depth: "{a: " * depth + "1" + "}" * depth,
    "flow lists over many lines": lambda depth: "[\n" * depth + "]\n" * depth,
    "items of items": lambda depth: "- " * depth + "1",
    "keys of keys": lambda depth: "".join(f"{' ' * level}a:\n" for level in range(depth)) + " " * depth + "1",
    "items of keys": lambda depth: "".join(f"{'  ' * level}- a:\n" for level in range(depth)),
    "complex keys": lambda depth: "? " * depth + "1",
}

VERDICTS: dict[str, Callable[[str], str]] = {
    "specs": lambda text: "|".join(problem.code for problem in documents.load_documents(text, "f.yaml")[1]),
    "rules": lambda text: "|".join(problem.code for problem in read_yaml(text)[1]),
    "alertmanager": lambda text: "|".join(problem.code for problem in load_alertmanager(text)[1]),
    "collector": lambda text: "|".join(problem.code for problem in lint_collector(text, "f.yaml")),
    "dashboards": lambda text: "|".join(problem.code for problem in lint_files({"f.yaml": f"---\n{text}"})),
    "conventions": lambda text: str(convention_facts(text, "f.yaml")),
}
SAID = {
    "specs": "Y018",
    "rules": "Y018",
    "alertmanager": "Y018",
    "collector": "Y018",
    "dashboards": "Y018",
    "conventions": "()",
}


def _use(monkeypatch: pytest.MonkeyPatch, loader: type) -> None:
    monkeypatch.setattr(documents, "FAST_LOADER", loader)


@pytest.mark.parametrize("library", ["CSafeLoader", "SafeLoader"])
@pytest.mark.parametrize("depth", [120, 1500])
@pytest.mark.parametrize("shape", DEEP)
@pytest.mark.parametrize("what", VERDICTS)
def test_a_deep_file_is_too_deep_for_every_reader(
    what: str, shape: str, depth: int, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _use(monkeypatch, getattr(yaml, library))
    said = VERDICTS[what](DEEP[shape](depth))
    assert SAID[what] in said
    assert "nesting depth" not in said


@pytest.mark.parametrize("what", VERDICTS)
@pytest.mark.parametrize("shape", DEEP)
def test_what_a_file_may_nest_is_not_too_deep(what: str, shape: str) -> None:
    assert what == "conventions" or SAID[what] not in VERDICTS[what](DEEP[shape](20))


def test_aliases_nest_and_may_not_contain_themselves() -> None:
    chain = "a0: &a0 [1]\n" + "".join(f"a{level}: &a{level} [*a{level - 1}]\n" for level in range(1, 500))
    for what in ("specs", "alertmanager", "collector", "dashboards"):
        assert "Y018" in VERDICTS[what](chain)
        assert "Y012" in VERDICTS[what]("a: &a [*a]")
