"""Reads the keys of YAML mappings strictly: what does not belong or is of the wrong kind becomes a problem."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Dictionary
from typing import TypeVar

from generators.diagnostics import Code, did_you_mean
from generators.formats.durations import parse_duration
from generators.formats.yaml.marks import Place
from generators.formats.yaml.nodes import Mapping, Node, Scalar, Sequence
from generators.promql.rules.problems import RuleProblem
from generators.promql.rules.reader import WRONG_KIND

UNKNOWN_KEY = Code(
    "Q603",
    "a key that does not belong here",
    "Prometheus refuses rule files with unknown keys; usually one is misspelt or indented wrongly.",
    "annotation: {summary: down}",
    "annotations: {summary: down}",
)
UNREADABLE_VALUE = Code(
    "Q618", "a value that cannot be read", "A duration or number is written wrongly.", "for: 5 min", "for: 5m"
)


T = TypeVar("T")


class FieldReader:
    """Collects problems while values are taken out of nodes."""

    def __init__(self, ignore_unknown: bool) -> None:
        self.ignore_unknown = ignore_unknown
        self.problems: list[RuleProblem] = []

    def report(self, kind: Code, message: str, place: Place, remedy: str = "") -> None:
        """Note a problem."""
        self.problems.append(RuleProblem(kind, message, place, remedy))

    def mapping(self, node: Node | None, what: str, known: tuple[str, ...] | None = None) -> Dictionary[str, Node]:
        """Return the entries of a mapping; keys that are not known are reported."""
        if node is None or is_null(node):
            return {}
        if not isinstance(node, Mapping):
            self.report(WRONG_KIND, f"{what} must be a mapping of keys to values", node.place)
            return {}
        found = {key.text: value for key, value in node.entries}
        if known is not None and not self.ignore_unknown and not all(map(known.__contains__, found)):
            self.unknown_keys(node, what, known)
        return found

    def unknown_keys(self, node: Mapping, what: str, known: tuple[str, ...]) -> None:
        """Report the keys that are not known."""
        for key, _ in node.entries:
            if key.text not in known:
                remedy = did_you_mean(key.text, known) or f"the keys are {', '.join(known)}"
                self.report(UNKNOWN_KEY, f"{what} has no key `{key.text}`", key.place, remedy)

    def items(self, keys: Dictionary[str, Node], key: str) -> tuple[Node, ...]:
        """Return the items of a list; nothing where it is missing."""
        node = keys.get(key)
        if node is None or is_null(node):
            return ()
        if isinstance(node, Sequence):
            return node.items
        self.report(WRONG_KIND, f"`{key}` must be a list", node.place)
        return ()

    def scalar(self, keys: Dictionary[str, Node], key: str) -> Scalar | None:
        """Return a value that must be text."""
        node = keys.get(key)
        if node is None or isinstance(node, Scalar):
            return node
        self.report(WRONG_KIND, f"`{key}` must be text", node.place)
        return None

    def text(self, keys: Dictionary[str, Node], key: str) -> str:
        """Return text, empty where there is none."""
        scalar = self.scalar(keys, key)
        return "" if scalar is None else scalar.content

    def converted(self, keys: Dictionary[str, Node], key: str, convert: Callable[[str], T], default: T) -> T:
        """Convert a scalar, or report why that cannot be; the default where there is none."""
        scalar = self.scalar(keys, key)
        if scalar is None or scalar.is_null:
            return default
        try:
            return convert(scalar.content)
        except (ValueError, OverflowError) as error:
            self.report(UNREADABLE_VALUE, f"`{key}`: {error}", scalar.place)
            return default

    def duration(self, keys: Dictionary[str, Node], key: str) -> int | None:
        """Return a duration in milliseconds, None where there is none."""
        return self.converted(keys, key, parse_duration, None)

    def pairs(self, keys: Dictionary[str, Node], key: str) -> tuple[tuple[Scalar, Scalar], ...]:
        """Return a mapping of text to text."""
        node = keys.get(key)
        if not isinstance(node, Mapping):
            self.mapping(node, f"`{key}`")
            return ()
        found = []
        for name, value in node.entries:
            if isinstance(value, Scalar):
                found += [] if name.is_null else [(name, value)]  # Prometheus passes over a null key
            else:
                self.report(WRONG_KIND, f"`{name.text}` in `{key}` must be text", value.place)
        return tuple(found)


def is_null(node: Node) -> bool:
    """Tell whether a node stands for nothing."""
    return isinstance(node, Scalar) and node.is_null
