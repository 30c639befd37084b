"""Specs that nobody means: mutations of the committed ones never end in a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from language_cases import organisation

import generators
from generators.diagnostics import Severity, sort_problems
from generators.language.sources import Source, read_specs
from generators.pipeline import compile_plan

ROOT = Path(generators.__file__).parents[1]
SMALL = ("specs/models/demand.yaml", "specs/models/cultivar.yaml")
STRANGE = (
    None, True, 0, -1, 1.5, "", " ", "x", "30s", "5 USD", "$", "$by", "{{ x }}", "{model}", "a" * 300, "\n", "\u202e",
    "é", [], [None], [[]], {}, {"": {}}, {"a": None}, "sum(", "0/0", "=~", "<", "1e400", "-5m",
    "99.9999999999999999999%",
)  # fmt: skip


@cache
def committed() -> tuple[Source, ...]:
    """Platform, teams, prices, packs, one environment and the two smallest models of the example organisation."""
    specs = read_specs(ROOT / "specs")
    return tuple(
        each
        for each in specs
        if each.file in SMALL or not each.file.startswith(("specs/models/", "specs/environments/staging"))
    )


def paths(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield from paths(value, (*path, key))


def at(node: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        node = node[step]
    return node


@st.composite
def mutated(draw: st.DrawFn, sources: tuple[Source, ...]) -> Source:
    """One of the files, with one to three places deleted, replaced, swapped, renamed, or repeated."""
    names = [each.file for each in sources]
    chosen = sources[names.index(draw(st.sampled_from(names)))]
    document = yaml.safe_load(chosen.data)
    for _ in range(draw(st.integers(1, 3))):
        places = [path for path in paths(document) if path]
        if not places:
            break
        path = draw(st.sampled_from(places))
        parent, key = at(document, path[:-1]), path[-1]
        match draw(st.sampled_from(("delete", "replace", "swap", "rename", "repeat"))):
            case "delete":
                del parent[key]
            case "replace":
                parent[key] = deepcopy(draw(st.sampled_from(STRANGE)))
            case "swap":
                alike = [other for other in places if type(at(document, other)) is type(parent[key])]
                parent[key] = deepcopy(at(document, draw(st.sampled_from(alike))))
            case "rename" if isinstance(parent, dict):
                parent[draw(st.sampled_from(("x", "X1", "a-b", "", "enabled", "promql", "é")))] = parent.pop(key)
            case _:
                parent[key] = [parent[key], deepcopy(parent[key])]
    return Source(chosen.file, yaml.dump(document, Dumper=Quiet, allow_unicode=True).encode())


def with_file(sources: tuple[Source, ...], changed: Source) -> tuple[Source, ...]:
    return tuple(changed if each.file == changed.file else each for each in sources)


class Quiet(yaml.SafeDumper):
    """A writer without anchors, which specs seldom have."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def check(sources: tuple[Source, ...]) -> None:
    compiled = compile_plan(sources)
    found = compiled.problems
    assert found == sort_problems(found)
    assert compiled.ok == (not any(each.severity is Severity.ERROR for each in found))
    assert compiled.ok is False or compiled.plan is not None
    for each in found:
        assert each.code
        assert each.message
        assert "Traceback" not in each.message
        lines = {source.file: source.data.count(b"\n") + 1 for source in sources}
        if each.position.file in lines:
            assert 0 <= each.position.line <= lines[each.position.file] + 1


@settings(derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutated(organisation()))
def test_no_change_of_a_small_organisation_ends_in_a_traceback(changed: Source) -> None:
    check(with_file(organisation(), changed))


@settings(derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutated(committed()))
def test_no_change_of_the_committed_specs_ends_in_a_traceback(changed: Source) -> None:
    check(with_file(committed(), changed))


@settings(derandomize=True, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_end_in_a_traceback(data: bytes) -> None:
    check((*organisation(), Source("specs/models/noise.yaml", data)))
