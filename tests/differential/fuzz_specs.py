"""Feeds broken trees of specs, packs and Collector bases to the compiler, which must answer with problems.

Run as ``python tests/differential/fuzz_specs.py [TREES [SEED]]``.  A tree is an organisation that uses every field of
the language, in which one to three places of one file were deleted, replaced, swapped, renamed, doubled, turned from a
list into a mapping or back, or taken from another file; or, by name, one in which a single value is very large.  The
compiler may neither raise nor take longer than ``SECONDS`` of processor time or more than ``BYTES`` of memory, and the
artefacts of a tree that it accepts have unique paths.  What fails is printed with the number that makes it again.
"""

from __future__ import annotations

import resource
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from copy import deepcopy
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, TypeAlias

import yaml

import generators
from generators.language.sources import COLLECTOR_BASES, Source, read_specs
from generators.pipeline import compile_artifacts

ROOT = Path(generators.__file__).parents[1]
EVERY_FIELD = ROOT / "tests" / "language" / "every_field"
SECONDS = 5.0
BYTES = 1 << 30
SIZE = 100_000
LARGE: dict[str, tuple[str, Callable[[int], str]]] = {
    "one long word": ("spec.description", lambda size: "a" * size),
    "an address that never ends": ("spec.description", lambda size: "a." * (size // 2)),
    "backticks": ("spec.rollback", lambda size: "`" * size),
    "a long name": ("metadata.team", lambda size: "g" * size),
    "unknown keys": ("spec.prediction", lambda size: _keys(size, "key", "1")),
    "alerts to tune": ("spec.alerts", lambda size: _keys(size, "Alert", "{for: 5m}")),
    "thresholds": ("spec.quality", lambda size: _keys(size, "measure", "{warning: 1}")),
    "environments": ("spec.environments", lambda size: f"[{_many(size, 'e')}]"),
    "a long number": ("spec.traffic", lambda size: f"{'1' * size}/s"),
    "a large exponent": ("spec.traffic", lambda size: f"1e{size}99/s"),
    "a long duration": ("spec.labels.delay", lambda size: "1h" * (size // 2)),
    "a long unit": ("spec.kpis.profit.unit", lambda size: f"'{'s.' * (size // 2)}s'"),
    "parentheses": ("spec.kpis.profit.value", lambda size: f"'{'(' * size}accuracy{')' * size}'"),
    "signs": ("spec.kpis.profit.value", lambda size: f"'{'-' * size}accuracy'"),
    "a long sum": ("spec.kpis.profit.value", lambda size: f"'{'accuracy + ' * (size // 11)}accuracy'"),
    "alternations": ("spec.alerts.QueueLong.promql", lambda size: f"'$sold{{a=~\"{_many(size, 'x', '|')}\"}}'"),
    "repetitions": ("spec.alerts.QueueLong.promql", lambda _: "'$sold{a=~\"((a{1,1000}){1,1000}){1,1000}\"}'"),
    "labels": ("spec.alerts.QueueLong.promql", lambda size: f"'sum by ({_many(size, 'l')}) ($sold)'"),
    "placeholders": ("spec.alerts.QueueLong.summary", lambda size: f"'{{{_many(size, 'n', '}{')}}}'"),
    "braces": ("spec.alerts.QueueLong.summary", lambda size: f"'{'{' * size}'"),
    "steps": ("spec.alerts.SalesLow.runbook", lambda size: f"{{steps: [{_many(size, 's')}]}}"),
    "segments": ("spec.segments.region", lambda size: f"[{_many(size, 'v')}]"),
    "tiers": ("spec.llm.tiers", lambda size: _keys(size, "t", "{model: gpt-small}")),
    "lists in lists": ("spec.features", lambda size: "[" * size),
    "mappings in mappings": ("spec.features", lambda size: "{a: " * size),
    "a file of megabytes": ("spec.description", lambda size: "word " * size * 10),
}
"""Where a value stands in the model's spec, and how it grows; what once took minutes is among them."""
WAYS = ("delete", "replace", "swap", "rename", "double", "turn", "graft")
KEYS = ("x", "X1", "a-b", "", "enabled", "promql", "é", "$by", "a" * 200)
STRANGE: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, "", " ", "x", "30s", "0s", "5 USD", "$", "$by", "{{ x }}", "{model}", "a" * 300, "\n",
    "\u202e", "é", [], [None], [[]], {}, {"": {}}, {"a": None}, "sum(", "0/0", "=~", "<", "1e400", "-5m", "9" * 400,
    "99.9999999999999999999%", [{}, [[]]], {"a": [{"b": [0]}]},
)  # fmt: skip
Steps: TypeAlias = tuple[Any, ...]


class Failure(NamedTuple):
    """The number or name of a tree, the file that was changed, and what the compiler did."""

    number: int | str
    file: str
    what: str


@cache
def organisation() -> tuple[Source, ...]:
    """The specs that use every field, with the hand-written bases of this repository's Collectors."""
    specs = (Source(f"specs/{each.file.partition('/')[2]}", each.data) for each in read_specs(EVERY_FIELD))
    bases = (each for each in read_specs(ROOT / "specs") if each.file.startswith(COLLECTOR_BASES))
    return (*specs, *bases)


@cache
def documents() -> dict[str, Any]:
    return {each.file: yaml.safe_load(each.data) for each in organisation()}


def places(node: Any, steps: Steps = ()) -> Iterator[Steps]:
    yield steps
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield from places(value, (*steps, key))


def at(node: Any, steps: Steps) -> Any:
    for step in steps:
        node = node[step]
    return node


def tree(number: int, seed: int) -> tuple[Source, ...]:
    """Return the organisation with one file changed."""
    random = Random(f"{seed}/{number}")  # noqa: S311 - no secret is made of it
    file = random.choice(sorted(documents()))
    document = deepcopy(documents()[file])
    for _ in range(random.randint(1, 3)):
        found = [steps for steps in places(document) if steps]
        if found:
            change(document, random.choice(found), random)
    text = yaml.dump(document, Dumper=Plain, allow_unicode=True)
    changed = Source(file, text.encode())
    return tuple(changed if each.file == file else each for each in organisation())


def change(document: Any, steps: Steps, random: Random) -> None:
    """Change one place of a document."""
    parent, key = at(document, steps[:-1]), steps[-1]
    value = parent[key]
    match random.choice(WAYS):
        case "delete":
            del parent[key]
        case "replace":
            parent[key] = deepcopy(random.choice(STRANGE))
        case "swap":
            parent[key] = deepcopy(at(document, random.choice(list(places(document)))))
        case "rename" if isinstance(parent, dict):
            parent[random.choice(KEYS)] = parent.pop(key)
        case "turn" if isinstance(value, dict):
            parent[key] = random.choice(([*value], [{name: each} for name, each in value.items()]))
        case "turn" if isinstance(value, list):
            parent[key] = {each if isinstance(each, str) else str(index): each for index, each in enumerate(value)}
        case "graft":
            other = documents()[random.choice(sorted(documents()))]
            parent[key] = deepcopy(at(other, random.choice(list(places(other)))))
        case _:
            parent[key] = [value, deepcopy(value)]


class Plain(yaml.SafeDumper):
    """A writer without anchors, which specs seldom have."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _keys(size: int, name: str, value: str) -> str:
    return f"{{{', '.join(f'{name}{each}: {value}' for each in range(size // 20))}}}"


def _many(size: int, name: str, between: str = ", ") -> str:
    return between.join(f"{name}{each}" for each in range(size // 8))


def large(name: str, size: int) -> tuple[Source, ...]:
    """Return the organisation with one large value in the model's spec."""
    path, value = LARGE[name]
    file = "specs/models/score.yaml"
    document = deepcopy(documents()[file])
    *parents, key = path.split(".")
    at(document, tuple(parents))[key] = "LARGE"
    text = yaml.dump(document, Dumper=Plain, width=1 << 30).replace("LARGE", value(size))
    return tuple(Source(file, text.encode()) if each.file == file else each for each in organisation())


def failure(number: int | str, seed: int) -> Failure | None:
    """Compile a tree by its number, or by its name; return what went wrong in the compiler itself."""
    sources = tree(number, seed) if isinstance(number, int) else large(number, SIZE)
    file = next(each.file for each, whole in zip(sources, organisation(), strict=True) if each is not whole)
    began = time.process_time()
    try:
        compiled = compile_artifacts(sources)
    except Exception:
        return Failure(number, file, traceback.format_exc(limit=-3))
    took = time.process_time() - began
    if took > SECONDS:
        return Failure(number, file, f"took {took:.1f} s")
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    if used > BYTES:
        return Failure(number, file, f"took {used >> 20} MiB")
    paths = [each.path for each in compiled.artifacts]
    if len({*paths}) < len(paths):
        return Failure(number, file, "wrote one path twice")
    return None if paths or compiled.problems else Failure(number, file, "neither artefacts nor a problem")


def _share(work: tuple[Sequence[int | str], int]) -> list[Failure]:
    numbers, seed = work
    return [found for number in numbers if (found := failure(number, seed)) is not None]


def main(arguments: list[str]) -> int:
    """Compile trees in two processes; return the exit code."""
    trees, seed = (int(each) for each in (*arguments, *("2000", "1")[len(arguments) :]))
    every = (*LARGE, *range(trees))
    with ProcessPoolExecutor(2) as pool:
        failures = [each for found in pool.map(_share, [(every[0::2], seed), (every[1::2], seed)]) for each in found]
    for each in failures:
        sys.stdout.write(f"tree {each.number} of seed {seed}, {each.file}:\n{each.what}\n")
    sys.stdout.write(f"{len(every)} trees, seed {seed}: {len(failures)} failures\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
