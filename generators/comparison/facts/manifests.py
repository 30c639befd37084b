"""Facts of an instruments manifest: the model, and the metrics that its service emits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from generators.comparison.facts.fact import Fact, Prose, Value
from otel.semconv import MODEL_VERSION


def manifest_facts(text: str, path: str, subject: str) -> tuple[Fact, ...]:
    """Return the facts of a manifest; none where it is not one."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    if not isinstance(document, dict) or not isinstance(document.get("metrics"), dict):
        return ()
    name = subject.partition("/")[2]
    return (
        Fact(subject, "model", name, values=_model(document), path=path),
        *_places(document, Fact(subject, "model", name, path=path)),
        *(_metric(id_, each, path, subject) for id_, each in document["metrics"].items() if isinstance(each, dict)),
    )


def _model(document: Mapping[str, Any]) -> dict[str, Value]:
    """Return what is the same in all environments; attributes that only repeat it are left out."""
    own = {key: value for key, value in document.items() if key not in {"$schema", "metrics", "model", "environments"}}
    model = {key: value for key, value in _mapping(document.get("model")).items() if key not in {"name", "tenant"}}
    attributes = {key: value for key, value in _mapping(own.pop("attributes", None)).items() if key != MODEL_VERSION}
    return {**dict(_flat(model, "")), **dict(_flat(own, "")), **dict(_flat(attributes, ""))}


def _places(document: Mapping[str, Any], fact: Fact) -> Iterator[Fact]:
    """Yield what is stated about each environment, and how many series the model has there."""
    for environment, each in _mapping(document.get("environments")).items():
        stated = dict(_flat({key: value for key, value in _mapping(each).items() if key != "series"}, ""))
        yield replace(fact, place=environment, values=stated)
        series = _mapping(each).get("series")
        if isinstance(series, int):
            yield replace(fact, kind="cost", name="series", place=environment, values={"series": series})


def _metric(id_: str, metric: Mapping[str, Any], path: str, subject: str) -> Fact:
    names = _mapping(metric.get("prometheus")).values()
    series = frozenset(name for each in names if isinstance(each, list) for name in each if isinstance(name, str))
    hidden = {"prometheus", "series", "attributes"}
    values: dict[str, Value] = dict(_flat({key: value for key, value in metric.items() if key not in hidden}, ""))
    attributes = {key: _mapping(each) for key, each in _mapping(metric.get("attributes")).items()}
    values["attributes"] = tuple(attributes)
    for key, attribute in attributes.items():
        values[f"values of {key}"] = _texts(attribute.get("values"))
        values[f"label of {key}"] = str(attribute.get("label", ""))
    return Fact(subject, "metric", id_, values=values, path=path, reads=series)


def _flat(value: Any, name: str) -> Iterator[tuple[str, Value]]:
    """Yield the leaves of nested mappings under dotted names."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _flat(each, f"{name}.{key}" if name else str(key))
    elif name.rpartition(".")[2] == "description":
        yield name, Prose(str(value))
    elif isinstance(value, list):
        yield name, _texts(value)
    else:
        yield name, value


def _texts(value: Any) -> tuple[str, ...]:
    """Return a list as texts; numbers as JSON writes them, so that 1 and 1.0 are told apart from nothing else."""
    if not isinstance(value, list):
        return ()
    return tuple(each if isinstance(each, str) else json.dumps(each) for each in value)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
