"""Specs that nobody means: mutations of the committed ones never end in a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from language_cases import organisation

import generators
from generators.diagnostics import Severity, sort_problems
from generators.language.documents import load
from generators.language.shapes.problems import MOST
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


def codes(*sources: Source) -> set[str]:
    compiled = compile_plan(sources)
    assert compiled.plan is None or not compiled.ok or compiled.problems == ()
    return {each.code for each in compiled.problems}


def named(file: str, text: str) -> tuple[Source, ...]:
    """The small organisation with a file in place of another, or more."""
    return (*(each for each in organisation() if each.file != file), Source(file, text.encode()))


CHURN = "specs/models/churn.yaml"
MODEL = next(each for each in organisation() if each.file == CHURN).data.decode()
TOO_MUCH = {
    "long texts": (f"  description: {'a' * 20_000}\n", "S109"),
    "steps": (f"  alerts: {{ErrorsHigh: {{runbook: {{steps: [{'a, ' * 60}]}}}}}}\n", "S109"),
    "alerts": ("  alerts:\n" + "".join(f"    A{each}: {{for: 5m}}\n" for each in range(600)), "S109"),
    "environments": (f"  environments: [{', '.join(f'e{each}' for each in range(200))}]\n", "S109"),
    "tiers": (f"  llm: {{tiers: {{{', '.join(f't{each}: {{model: m}}' for each in range(60))}}}}}\n", "S109"),
    "a long name": (f"  task: {'a' * 20_000}\n", "S107"),
    "a long number": (f"  traffic: {'1' * 20_000}/s\n", "V202"),
    "a large exponent": ("  traffic: 1e999999999/s\n", "V207"),
    "parentheses": (f"  kpis: {{a: {{value: '{'(' * 20_000}accuracy'}}}}\n", "Q012"),
    "lists": (f"  features: {'[' * 20_000}\n", "Y018"),
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_nobody_could_read_is_refused_by_its_own_limit(name: str) -> None:
    text, code = TOO_MUCH[name]
    text = MODEL.replace("  task: scoring\n", "") + text if "task" in text else MODEL + text
    found = compile_plan(named(CHURN, text)).problems
    assert code in {each.code for each in found}
    assert all(len(each.message) < 500 for each in found)


def test_a_document_with_thousands_of_wrong_keys_tells_the_first_and_how_many_there_are() -> None:
    found = load([Source(CHURN, (MODEL + "".join(f"  key{each}: 1\n" for each in range(5000))).encode())]).problems
    assert len(found) == MOST
    assert found[-1].message.endswith("and 4900 more values of this document are wrong")


def test_a_file_of_megabytes_is_not_read() -> None:
    assert "S121" in codes(*named("specs/models/large.yaml", "# large\n" * 600_000))


def test_a_file_whose_name_is_not_utf_8_is_told() -> None:
    assert codes(*named("specs/models/caf\udce9.yaml", MODEL.replace("churn", "other"))) == {"S120"}


@pytest.mark.parametrize("text", ["", "---\n# nothing\n"])
def test_a_platform_file_without_a_document_is_no_platform(text: str) -> None:
    assert codes(*named("specs/platform.yaml", text)) == {"R317", "Y016"}


@pytest.mark.parametrize("names", [{"otlp": None}, [["otlp"]], [{"otlp": {}}], [None, 1]])
@pytest.mark.parametrize("key", ["receivers", "processors", "exporters"])
def test_a_base_whose_lists_and_mappings_are_swapped_is_told(names: Any, key: str) -> None:
    base = next(each for each in committed() if each.file == "collector-config/agent.yaml")
    document = yaml.safe_load(base.data)
    for pipeline in document["service"]["pipelines"].values():
        pipeline[key] = names
    check(with_file(committed(), Source(base.file, yaml.safe_dump(document).encode())))
