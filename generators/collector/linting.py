"""The lint of a configuration: every check over it, and its findings at their places in the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from generators.collector.checks import CHECKS
from generators.collector.view import view
from generators.diagnostics import Code, Finding, Path, Position, Problem, located
from generators.formats.yaml.nodes import Mapping as YamlMapping
from generators.formats.yaml.nodes import Node, at, deepest, plain
from generators.formats.yaml.reader import load
from generators.formats.yaml.schema import GO

NOT_A_CONFIGURATION = Code(
    "C901",
    "Not a configuration",
    "The file is one YAML mapping of sections.",
    "- receivers",
    "receivers: {}",
)


RESOURCE: Final = "OpenTelemetryCollector"
"""The kind of the operator's resource that holds a configuration, under ``spec.config``."""


def check(document: Mapping[str, object]) -> tuple[Finding, ...]:
    """Return what is wrong with a configuration given as plain values."""
    seen = view(document)
    return tuple(dict.fromkeys(finding for each in CHECKS for finding in each(seen)))


def lint(text: str, file: str) -> tuple[Problem, ...]:
    """Return what is wrong with a configuration, sorted by place."""
    loaded = load(text, file, GO)
    if loaded.problems:
        return loaded.problems
    root = loaded.documents[0] if loaded.documents else None
    if len(loaded.documents) > 1:
        second = loaded.documents[1]
        place = Position(file, 1, 1, 1, 1) if second is None else second.position
        return (Problem(NOT_A_CONFIGURATION, "several documents in one file", place, "write one file each"),)
    if not isinstance(root, YamlMapping):
        message, help_ = "a configuration is a mapping of sections", "sections: receivers, processors, …, service"
        return (Problem(NOT_A_CONFIGURATION, message, Position(file, 1, 1, 1, 1), help_),)
    if root.get("apiVersion") and (kind := root.get("kind")):
        return _resource(root, kind, file)
    return located(check(plain(root)), lambda finding: _place(root, finding.path))


def _resource(root: YamlMapping, kind: Node, file: str) -> tuple[Problem, ...]:
    """Return what is wrong with the configuration in a resource: a mapping, in the operator's `v1alpha1` a text."""
    if plain(kind) != RESOURCE:
        message, help_ = "this is a resource of Kubernetes, not a configuration", f"`kind: {RESOURCE}` is read"
        return (Problem(NOT_A_CONFIGURATION, message, kind.position, help_),)
    held = at(root, "spec", "config")
    if isinstance(held, YamlMapping):
        return located(check(plain(held)), lambda finding: _place(held, finding.path))
    place = _place(root, ("spec", "config"))
    if held is not None and isinstance(text := plain(held), str):
        return tuple(replace(each, position=place) for each in lint(text, file))
    help_ = "write `spec: {config: {receivers: …}}`"
    return (Problem(NOT_A_CONFIGURATION, "the resource holds no configuration", place, help_),)


def _place(root: YamlMapping, path: Path) -> Position:
    """Return the place of the deepest known part of a path: its value if that is on its key's line."""
    entry, value = deepest(root, path)
    position = value.position
    if entry is None or entry.key_position.line == position.line == position.end_line:
        return position
    return entry.key_position
