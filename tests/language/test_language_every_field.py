"""Whatever can be wrong with the value of a field is one error at its line, for every field that people write."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple, get_args, get_origin

import pytest

import generators
from generators.diagnostics import Problem, Severity, errors
from generators.formats.yaml.nodes import Entry, Mapping, Node, Scalar, Sequence
from generators.formats.yaml.reader import load_bytes
from generators.language.documents import load
from generators.language.resolve.stage import resolve
from generators.language.shapes import KINDS, base
from generators.language.shapes.fields import Path as KeyPath
from generators.language.shapes.fields import form, keys, shapes_at
from generators.language.sources import Source, read_specs
from generators.pipeline import compile_artifacts, compile_plan

ROOT = Path(generators.__file__).parents[1]
SPECS = tuple(
    Source(f"specs/{each.file.partition('/')[2]}", each.data)
    for each in read_specs(Path(__file__).parent / "every_field")
)
BASES = tuple(each for each in read_specs(ROOT / "specs") if each.file.startswith("collector-config"))

TEXTS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "DurationText": (("wrong unit", "5 parsecs"), ("zero", "0s"), ("out of range", "3000y")),
    "QuantityText": (("wrong unit", "5 parsecs"), ("wrong dimension", "5 By"), ("no number", "much")),
    "ComparisonText": (("wrong unit", "< 5 parsecs"), ("wrong dimension", "< 5 By"), ("no number", "< much")),
    "PromQLText": (("no expression", "sum("), ("unknown reference", "$nosuch")),
    "UnitText": (("wrong unit", "parsecs"),),
    "Name": (("unknown reference", "nosuch"),),
    "Identifier": (("unknown reference", "nosuch"),),
    "AlertName": (("unknown reference", "NoSuch"),),
    "AttributeKey": (("unknown reference", "no.such"),),
    "FeatureName": (("unknown reference", "nosuch"),),
}
"""Mistakes in the texts whose grammar is read after the shape, by the type of the field."""

FREE: Final = {
    "metadata.name", "service.name", "service.namespace", "service.deployment", "llm.tools", "vertical.container",
    "metrics.name", "slos.symptom", "alerts.symptom", "attributes.span", "span.attribute",
    "privacy.hash", "keep.resource", "keep.spans", "keep.logs",
}  # fmt: skip
"""Fields that give a name, or name what nothing of ours knows."""

AT_ONCE: Final = {
    "labels.delay", "kpis.for", "for.info", "for.warning", "for.critical", "alerts.keep_firing_for", "horizontal.for",
    "telemetry.transport_delay", "timing.group_wait", "urgent.group_wait",
}  # fmt: skip
"""Durations of which nothing is enough."""

ELSEWHERE: Final = {"measures.keep": "the expression is told of, which may be what is wrong"}
"""Mistakes that are told at another line, and why."""


class Mistake(NamedTuple):
    """What is wrong, with which field, and the stretch of a line that is replaced."""

    kind: str
    field: str
    file: str
    line: int
    column: int
    length: int
    text: str


@cache
def mistakes() -> tuple[Mistake, ...]:
    """Each mistake once for each field of each kind of document."""
    found: dict[tuple[str, ...], Mistake] = {}
    for source in SPECS:
        for document in load_bytes(source.data, source.file)[0]:
            assert isinstance(document, Mapping)
            shape = KINDS[_text(document.get("kind"))]
            for path, value, entry in values(document, ()):
                named = tuple(step for index, step in enumerate(path) if step in keys(shape, path[:index]))
                name = ".".join(str(step) for step in named[-2:])
                for kind, text, stretch in wrong(shape, path, value, entry):
                    place = stretch.position
                    if place.line == place.end_line and len(path) > 1:
                        length = place.end_column - place.column
                        mistake = Mistake(kind, name, source.file, place.line, place.column, length, text)
                        found.setdefault((shape.__name__, *map(str, named), str(type(path[-1])), kind, text), mistake)
    return tuple(found.values())


def values(node: Node, path: KeyPath) -> Iterator[tuple[KeyPath, Node, Entry | None]]:
    """Every value with its path, and its entry where it has a key."""
    match node:
        case Mapping():
            for entry in node.entries:
                yield (*path, entry.key), entry.value, entry
                yield from values(entry.value, (*path, entry.key))
        case Sequence():
            for index, item in enumerate(node.items):
                yield (*path, index), item, None
                yield from values(item, (*path, index))
        case _:
            pass


def wrong(shape: type, path: KeyPath, value: Node, entry: Entry | None) -> Iterator[tuple[str, str, Node]]:
    """What can be wrong with a value, as kind, text and what the text replaces."""
    fixed = path[-1] if entry else path[-2] if len(path) > 1 else None
    if fixed not in keys(shape, path[:-1] if entry else path[:-2]):
        return
    if entry is not None:
        yield "misspelt key", f"{entry.key}x", entry.name
    yield "wrong type", "[[wrong]]", value
    if not isinstance(value, Scalar):
        return
    for name, texts in TEXTS.items():
        if form(shape, path) is _form(getattr(base, name)):
            yield from ((kind, text, value) for kind, text in texts)
    for each in constraints(shape, path):
        if get_origin(each) is Literal:
            yield "unlisted", "nosuch", value
        elif getattr(each, "pattern", None):
            yield "malformed", '"?!"', value
        for key, by in (("ge", -1), ("gt", 0), ("le", 1), ("lt", 0)):
            if getattr(each, key, None) is not None:
                yield "out of bounds", str(getattr(each, key) + by), value


def constraints(shape: type, path: KeyPath) -> Iterator[Any]:
    """The literals and constraints that a field is annotated with."""
    owners = shapes_at(shape, path[:-1] if isinstance(path[-1], str) else path[:-2])
    key = path[-1] if isinstance(path[-1], str) else path[-2]
    for owner in owners:
        for name, info in owner.model_fields.items():
            if key == (info.alias or name):
                yield from info.metadata if isinstance(path[-1], str) else ()
                yield from _inside(info.annotation, item=isinstance(path[-1], int))


def _inside(annotation: Any, *, item: bool = False) -> Iterator[Any]:
    """The literals and constraints of an annotation, or those of the items of its lists."""
    origin = get_origin(annotation)
    if origin is list:
        yield from _inside(get_args(annotation)[0]) if item else ()
    elif origin is Annotated:
        yield from (each for more in annotation.__metadata__ for each in getattr(more, "metadata", (more,)) if not item)
        yield from _inside(get_args(annotation)[0], item=item)
    elif origin is Literal:
        yield from () if item else (annotation,)
    elif origin is not dict:
        for each in get_args(annotation):
            yield from _inside(each, item=item)


def _form(annotated: Any) -> base.Form:
    (found,) = (each for each in get_args(annotated)[1:] if isinstance(each, base.Form))
    return found


def _text(node: Node | None) -> str:
    assert isinstance(node, Scalar)
    return node.text


def changed(mistake: Mistake) -> tuple[Source, ...]:
    """The specs with the mistake in them."""
    (source,) = (each for each in SPECS if each.file == mistake.file)
    lines = source.data.decode().split("\n")
    line, start = lines[mistake.line - 1], mistake.column - 1
    lines[mistake.line - 1] = line[:start] + mistake.text + line[start + mistake.length :]
    made = Source(source.file, "\n".join(lines).encode())
    return (*(made if each is source else each for each in SPECS), *BASES)


def problems(mistake: Mistake) -> tuple[Problem, ...]:
    """The errors that follow, as far as the compiler has to go to find one."""
    sources = changed(mistake)
    shape = load(each for each in sources if each.file == mistake.file).problems
    return shape or errors(resolve(sources)[1]) or errors(compile_plan(sources).problems)


def is_no_mistake(mistake: Mistake) -> bool:
    free = mistake.kind == "unknown reference" and mistake.field in FREE
    return free or (mistake.kind == "zero" and mistake.field in AT_ONCE)


def test_the_specs_that_mistakes_are_planted_in_are_right() -> None:
    compiled = compile_artifacts((*SPECS, *BASES))
    assert [each for each in compiled.problems if each.severity is Severity.ERROR] == []
    assert compiled.artifacts


def test_every_field_that_people_write_is_in_them() -> None:
    used = set()
    for source in SPECS:
        for document in load_bytes(source.data, source.file)[0]:
            assert isinstance(document, Mapping)
            shape = KINDS[_text(document.get("kind"))]
            for path, _, entry in values(document, ()):
                used |= {_declared(owner, str(path[-1])) for owner in shapes_at(shape, path[:-1]) if entry}
    every = {field for name, shape in KINDS.items() if name != "Baseline" for field in fields(shape, set())}
    assert every - used == set()


def fields(annotation: Any, seen: set[Any]) -> Iterator[tuple[str, str]]:
    """Every field below a shape, by the shape that declares it."""
    if isinstance(annotation, type) and issubclass(annotation, base.Shape) and annotation not in seen:
        seen.add(annotation)
        for name, info in annotation.model_fields.items():
            yield _declared(annotation, info.alias or name)
            yield from fields(info.annotation, seen)
    for each in get_args(annotation):
        yield from fields(each, seen)


def _declared(shape: type[base.Shape], key: str) -> tuple[str, str]:
    names = {info.alias or name: name for name, info in shape.model_fields.items()}
    owners = [each for each in shape.__mro__ if names.get(key) in vars(each).get("__annotations__", {})]
    return (owners[-1] if owners else shape).__name__, key


def test_there_are_mistakes_of_every_kind() -> None:
    kinds = [each.kind for each in mistakes()]
    assert len(kinds) >= 1000
    assert {*kinds} == {
        *(kind for texts in TEXTS.values() for kind, _ in texts),
        *("misspelt key", "wrong type", "unlisted", "malformed", "out of bounds"),
    }


@pytest.mark.parametrize("part", range(6))
def test_a_mistake_is_one_error_at_its_line(part: int) -> None:
    missed = []
    for mistake in mistakes()[part::6]:
        if not is_no_mistake(mistake):
            found = problems(mistake)
            lines = {(each.position.file, each.position.line) for each in found}
            here = mistake.field in ELSEWHERE or lines == {(mistake.file, mistake.line)}
            if len(found) != 1 or not here:
                missed.append((mistake, [f"{each.position} {each.code} {each.message}" for each in found]))
    assert missed == []


def test_what_is_no_mistake_is_none() -> None:
    """Fields that are listed as free, or as at once, take what elsewhere is a mistake."""
    passed = {each.field for each in mistakes() if is_no_mistake(each)}
    assert passed == FREE | AT_ONCE
    zero = [each for each in mistakes() if each.kind == "zero" and each.field in AT_ONCE]
    assert [each for each in zero if problems(each)] == []
