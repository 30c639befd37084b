"""The shape of a rule file: groups and rules as they are written, with strict keys, before anything is parsed."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from difflib import get_close_matches

from generators.promql.durations import parse_duration
from generators.promql.problems import Severity
from generators.promql.rules.problems import Place, RuleProblem
from generators.promql.rules.reader import Mapping, Node, Scalar, Sequence

FILE_KEYS = ("groups",)
GROUP_KEYS = ("name", "interval", "query_offset", "limit", "rules", "labels")
RULE_KEYS = ("record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations")
RESOURCE_KEYS = ("apiVersion", "kind", "metadata", "spec", "status")
RESOURCE_GROUP_KEYS = (*GROUP_KEYS, "partial_response_strategy")
RESOURCE = "PrometheusRule"
MAX_RULES = 200_000


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule as it is written; a key that is not there is None or empty."""

    place: Place
    record: Scalar | None
    alert: Scalar | None
    expr: Scalar | None
    for_: Scalar | None
    keep_firing_for: Scalar | None
    labels: tuple[tuple[Scalar, Scalar], ...]
    annotations: tuple[tuple[Scalar, Scalar], ...]

    @property
    def name(self) -> str:
        """The alert's name, or else the record's."""
        return text_of(self.alert) or text_of(self.record)


@dataclass(frozen=True, slots=True)
class GroupText:
    """A group as it is written; durations are in milliseconds, None where not given."""

    place: Place
    name: str
    interval: int | None
    query_offset: int | None
    limit: int
    labels: tuple[tuple[Scalar, Scalar], ...]
    rules: tuple[RuleText, ...]


def text_of(scalar: Scalar | None) -> str:
    """Return the value of a scalar that may be missing."""
    return "" if scalar is None else scalar.value


def milliseconds(scalar: Scalar | None) -> int:
    """Return the duration of a scalar; 0 where it is missing, or no duration, which is reported elsewhere."""
    try:
        return parse_duration(text_of(scalar)) if text_of(scalar) else 0
    except ValueError:
        return 0


def read_document(
    root: Node | None, *, ignore_unknown: bool = False
) -> tuple[tuple[GroupText, ...], list[RuleProblem]]:
    """Read the groups of a rule file or of a PrometheusRule resource, with everything that is wrong in its shape."""
    reader = _Reader(ignore_unknown)
    return reader.document(root), reader.problems


class _Reader:
    """Turns nodes into groups and rules, and collects problems."""

    def __init__(self, ignore_unknown: bool) -> None:
        self.ignore_unknown = ignore_unknown
        self.problems: list[RuleProblem] = []
        self.rules = 0

    def document(self, root: Node | None) -> tuple[GroupText, ...]:
        if root is None or (isinstance(root, Scalar) and root.is_null):
            return ()
        keys = self.mapping(root, "a rule file", None)
        group_keys: tuple[str, ...] = GROUP_KEYS
        kind = keys.get("kind")
        if isinstance(kind, Scalar) and kind.value == RESOURCE:
            self.unknown(root, f"a {RESOURCE}", RESOURCE_KEYS)
            spec = keys.get("spec")
            keys = {} if spec is None else self.mapping(spec, f"the spec of a {RESOURCE}", FILE_KEYS)
            group_keys = RESOURCE_GROUP_KEYS
        else:
            self.unknown(root, "a rule file", FILE_KEYS)
        return tuple(self.group(node, group_keys) for node in self.sequence(keys.get("groups"), "groups"))

    def group(self, node: Node, known: tuple[str, ...]) -> GroupText:
        keys = self.mapping(node, "a group", known)
        rules = self.sequence(keys.get("rules"), "rules")
        self.rules += len(rules)
        if self.rules > MAX_RULES:
            message = f"more than {MAX_RULES:,} rules; the rest is not read"
            self.report("Q602", message, node.place, "split the file")
            rules = ()
        return GroupText(
            node.place,
            text_of(self.scalar(keys, "name")),
            self.duration(keys, "interval"),
            self.duration(keys, "query_offset"),
            self.integer(keys, "limit"),
            self.pairs(keys.get("labels"), "labels"),
            tuple(self.rule(rule) for rule in rules),
        )

    def rule(self, node: Node) -> RuleText:
        keys = self.mapping(node, "a rule", RULE_KEYS)
        for key in ("for", "keep_firing_for"):
            self.duration(keys, key)
        return RuleText(
            node.place,
            self.scalar(keys, "record"),
            self.scalar(keys, "alert"),
            self.scalar(keys, "expr"),
            self.scalar(keys, "for"),
            self.scalar(keys, "keep_firing_for"),
            self.pairs(keys.get("labels"), "labels"),
            self.pairs(keys.get("annotations"), "annotations"),
        )

    def mapping(self, node: Node, what: str, known: tuple[str, ...] | None) -> Dictionary[str, Node]:
        """Return the entries of a mapping; unknown keys are reported."""
        if not isinstance(node, Mapping):
            if not (isinstance(node, Scalar) and node.is_null):
                self.report("Q604", f"{what} must be a mapping of keys to values", node.place)
            return {}
        if known is not None:
            self.unknown(node, what, known)
        return {key.text: value for key, value in node.entries}

    def unknown(self, node: Node, what: str, known: tuple[str, ...]) -> None:
        """Report keys that do not belong."""
        if self.ignore_unknown or not isinstance(node, Mapping):
            return
        for key, _ in node.entries:
            if key.text not in known:
                close = get_close_matches(key.text, known, n=1)
                remedy = f"did you mean `{close[0]}`?" if close else f"the keys are {', '.join(known)}"
                self.report("Q603", f"{what} has no key `{key.text}`", key.place, remedy)

    def sequence(self, node: Node | None, what: str) -> tuple[Node, ...]:
        """Return the items of a list."""
        if node is None or (isinstance(node, Scalar) and node.is_null):
            return ()
        if not isinstance(node, Sequence):
            self.report("Q604", f"`{what}` must be a list", node.place)
            return ()
        return node.items

    def scalar(self, keys: Dictionary[str, Node], key: str) -> Scalar | None:
        """Return a value that must be text."""
        node = keys.get(key)
        if node is None or isinstance(node, Scalar):
            return node
        self.report("Q604", f"`{key}` must be text", node.place)
        return None

    def duration(self, keys: Dictionary[str, Node], key: str) -> int | None:
        """Return a duration in milliseconds."""
        node = self.scalar(keys, key)
        return None if node is None or not node.value else self.parsed(node, parse_duration)

    def integer(self, keys: Dictionary[str, Node], key: str) -> int:
        """Return a whole number, 0 where there is none."""
        node = self.scalar(keys, key)
        return 0 if node is None or not node.value else self.parsed(node, int, "must be a whole number") or 0

    def parsed(self, node: Scalar, convert: Callable[[str], int], message: str = "") -> int | None:
        """Convert a scalar, or report why that cannot be."""
        try:
            return convert(node.value)
        except ValueError as error:
            self.report("Q618", message or str(error), node.place)
            return None

    def pairs(self, node: Node | None, what: str) -> tuple[tuple[Scalar, Scalar], ...]:
        """Return a mapping of text to text."""
        if node is None:
            return ()
        entries = self.mapping(node, f"`{what}`", None)
        if not entries or not isinstance(node, Mapping):
            return ()
        found = []
        for key, value in node.entries:
            if isinstance(value, Scalar):
                found.append((key, value))
            else:
                self.report("Q604", f"`{key.text}` in `{what}` must be text", value.place)
        return tuple(found)

    def report(self, code: str, message: str, place: Place, remedy: str = "") -> None:
        self.problems.append(RuleProblem(code, message, place, remedy, Severity.ERROR))
