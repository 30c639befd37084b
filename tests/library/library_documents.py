"""The library's packs and the example organisation as plain data, read without the compiler that they are for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
PACK_FILES = sorted((ROOT / "generators" / "library" / "packs").glob("*.yaml"))
SPEC_FILES = sorted((ROOT / "specs").rglob("*.yaml"))
SECTIONS = ("metrics", "tiles", "measures", "slos", "quality", "kpis", "alerts")
PARTS = ("bucket", "count", "sum")
FACTS = frozenset({"value", "threshold", "model", "tenant", "environment"})

Item = Mapping[str, Any]


def document(path: Path) -> Item:
    """One document of the library or of the specs."""
    read: Item = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read


@cache
def pack_specs() -> dict[str, Item]:
    """The specs of all packs, by name; an organisation's packs among them."""
    documents = [document(path) for path in (*PACK_FILES, *SPEC_FILES)]
    return {each["metadata"]["name"]: each["spec"] for each in documents if each["kind"] == "Pack"}


def chain(name: str) -> tuple[str, ...]:
    """A pack and all that it extends, most general first, each once."""
    ordered: dict[str, None] = {}
    for below in pack_specs()[name].get("extends", ()):
        ordered |= dict.fromkeys(chain(below))
    return (*ordered, name)


@cache
def combined(*names: str) -> Item:
    """What packs say together with all that they extend."""
    result: dict[str, Any] = {section: {} for section in SECTIONS}
    for name in dict.fromkeys(each for named in names for each in chain(named)):
        spec = pack_specs()[name]
        result = _over(result, {section: spec.get(section, {}) for section in SECTIONS})
    return result


def texts(node: Any, keys: frozenset[str]) -> Iterator[str]:
    """All texts that stand under one of ``keys``, anywhere inside a node."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key in keys and isinstance(value, str):
                yield value
            yield from texts(value, keys)


def formulas(node: Any) -> list[str]:
    """All PromQL inside a node."""
    return list(texts(node, frozenset({"promql", "bad", "good", "total"})))


def read_names(promql: str) -> set[str]:
    """What a formula reads through holes, without ``$by`` and without holes inside strings."""
    outside = re.sub(r'"[^"]*"', '""', promql)
    return set(re.findall(r"\$([a-z][a-z0-9_]*)", outside)) - {"by"}


def readable(spec: Item) -> set[str]:
    """Every name that formulas of a combined spec may read."""
    names = {*spec["tiles"], *spec["measures"]}
    for id_, metric in spec["metrics"].items():
        names |= {f"{id_}_{part}" for part in PARTS} if metric["instrument"] == "histogram" else {id_}
    return names


def label(key: str) -> str:
    """The Prometheus label of an attribute key."""
    return key.replace(".", "_")


def _over(below: dict[str, Any], above: Item) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = _over(dict(old), value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged
