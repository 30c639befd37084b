"""One mistake planted in the committed specs is one error, in its file and at its line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import generators
from generators.cli.history import against_committed
from generators.diagnostics import Problem, errors
from generators.formats.yaml.nodes import Entry, Mapping, Node, Scalar, Sequence
from generators.formats.yaml.reader import load_bytes
from generators.language.documents import load
from generators.language.shapes import KINDS
from generators.language.shapes.fields import Path as KeyPath
from generators.language.shapes.fields import keys
from generators.language.sources import Source, read_specs
from generators.pipeline import compile_plan

ROOT = Path(generators.__file__).parents[1]
RENDERED = ROOT / "rendered"
EVERY = 24
"""Of how many mistakes one goes through the whole compiler: what follows depends on the document that is missing."""
FILES = read_specs(ROOT / "specs")
SPECS = tuple(each for each in FILES if each.file.startswith("specs/"))


class Planted(NamedTuple):
    """A change of one stretch of a line: what the mistake is, and where."""

    kind: str
    path: KeyPath
    file: str
    line: int
    column: int
    length: int
    text: str


def planted() -> Iterator[Planted]:
    """Mistakes of each kind, once for each field of the language that the committed specs use."""
    seen: set[tuple[str, str, KeyPath]] = set()
    for source in SPECS:
        for document in load_bytes(source.data, source.file)[0]:
            assert isinstance(document, Mapping)
            kind = document.get("kind")
            assert isinstance(kind, Scalar)
            for path, entry in entries(document, ()):
                fixed = path[-1] in keys(KINDS[kind.text], path[:-1])
                for mistake in mistakes(path, entry, fixed=fixed):
                    key = (kind.text, mistake.kind, field(KINDS[kind.text], path))
                    if key not in seen:
                        seen.add(key)
                        yield mistake


def field(shape: type, path: KeyPath) -> KeyPath:
    """A path in which names that people choose are left out."""
    return tuple(step for index, step in enumerate(path) if step in keys(shape, path[:index]))


def entries(node: Node, path: KeyPath) -> Iterator[tuple[KeyPath, Entry]]:
    """Every entry of every mapping, with its path."""
    match node:
        case Mapping():
            for entry in node.entries:
                yield (*path, entry.key), entry
                yield from entries(entry.value, (*path, entry.key))
        case Sequence():
            for index, item in enumerate(node.items):
                yield from entries(item, (*path, index))
        case _:
            pass


def mistakes(path: KeyPath, entry: Entry, *, fixed: bool) -> Iterator[Planted]:
    """What can be wrong with one entry: its key misspelt, its value of another type."""
    place, value = entry.key_position, entry.value
    if fixed and len(path) > 1:
        yield Planted("misspelt key", path, place.file, place.line, place.column, len(entry.key), f"{entry.key}x")
    where = value.position
    if isinstance(value, Scalar) and where.line == where.end_line and fixed:
        length = where.end_column - where.column
        yield Planted("wrong type", path, where.file, where.line, where.column, length, "[[wrong]]")


@cache
def all_planted() -> tuple[Planted, ...]:
    return tuple(planted())


def organisation(mistake: Planted) -> Iterator[Source]:
    """The committed specs, of the models only the one that the mistake is in, or a small one."""
    model = Path(mistake.file).name if Path(mistake.file).parts[1] in ("models", "baselines") else "demand.yaml"
    for each in FILES:
        parts = Path(each.file).parts
        if parts[1] not in ("models", "baselines") or parts[2] in (model, "demand.yaml"):
            yield each


def errors_of(mistake: Planted) -> tuple[Problem, ...]:
    """The errors that are told with the mistake in the specs, those of comparing with what is rendered among them."""
    files = tuple(_changed(each, mistake) if each.file == mistake.file else each for each in organisation(mistake))
    return errors(against_committed(compile_plan(files), RENDERED).problems)


def _changed(source: Source, mistake: Planted) -> Source:
    lines = source.data.decode().split("\n")
    line, start = lines[mistake.line - 1], mistake.column - 1
    lines[mistake.line - 1] = line[:start] + mistake.text + line[start + mistake.length :]
    return Source(source.file, "\n".join(lines).encode())


def test_there_are_mistakes_of_every_kind_of_document() -> None:
    assert len(all_planted()) >= 100
    assert {Path(each.file).parts[1] for each in all_planted()} >= {
        "models",
        "teams",
        "environments",
        "packs",
        "prices",
    }


def told(found: Iterable[Problem]) -> list[str]:
    return [f"{each.position.file}:{each.position.line} {each.code} {each.message}" for each in found]


def is_told_once(mistake: Planted, found: tuple[Problem, ...]) -> bool:
    return [(each.position.file, each.position.line) for each in found] == [(mistake.file, mistake.line)]


def test_a_planted_mistake_is_one_problem_of_its_document_at_its_line() -> None:
    wrong = []
    for mistake in all_planted():
        (source,) = (each for each in SPECS if each.file == mistake.file)
        found = load([_changed(source, mistake)]).problems
        if not is_told_once(mistake, found):
            wrong.append((mistake, told(found)))
    assert wrong == []


@pytest.mark.parametrize("part", range(4))
def test_nothing_is_told_that_follows_from_a_document_that_cannot_be_read(part: int) -> None:
    wrong = []
    for mistake in (*_identity(), *all_planted()[::EVERY])[part::4]:
        found = errors_of(mistake)
        if not is_told_once(mistake, found):
            wrong.append((mistake, told(found)))
    assert wrong == []


def _identity() -> tuple[Planted, ...]:
    """Mistakes in what a document is: its version, its kind, its name."""
    return tuple(each for each in all_planted() if len(each.path) == 1 or each.path[0] == "metadata")
