"""The shape of a rule file: groups and rules as they are written, with strict keys, before anything is parsed."""

from __future__ import annotations

from dataclasses import dataclass

from generators.formats.durations import parse_duration
from generators.formats.yaml.marks import Place
from generators.formats.yaml.nodes import Mapping, Node, Scalar
from generators.promql.rules.fields import FieldReader
from generators.promql.rules.problems import RuleProblem
from generators.promql.rules.reader import TOO_LARGE, Yaml

FILE_KEYS = ("groups",)
GROUP_KEYS = ("name", "interval", "query_offset", "limit", "rules", "labels")
RULE_KEYS = ("record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations")
RESOURCE_KEYS = ("apiVersion", "kind", "metadata", "spec", "status")
RESOURCE_GROUP_KEYS = (*GROUP_KEYS, "partial_response_strategy")
RESOURCES = ("PrometheusRule", "Rules", "ClusterRules", "GlobalRules")
"""Kinds of Kubernetes resources with groups in their spec: the operator's, and those of Google's managed Prometheus."""
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
    return "" if scalar is None else scalar.content


def milliseconds(scalar: Scalar | None) -> int:
    """Return the duration of a scalar; 0 where it is missing, or no duration, which is reported elsewhere."""
    try:
        return parse_duration(text_of(scalar)) if text_of(scalar) else 0
    except ValueError:
        return 0


def kind_of(root: Node | None) -> str:
    """Return the kind of a Kubernetes resource; empty for anything else."""
    entries = root.entries if isinstance(root, Mapping) else ()
    return next((value.content for key, value in entries if key.text == "kind" and isinstance(value, Scalar)), "")


def rule_documents(yaml_file: Yaml) -> tuple[Node | None, ...]:
    """Return the roots that hold rules: the first document, or those of a manifest that are resources with rules."""
    return tuple(root for root in yaml_file.manifest if kind_of(root) in RESOURCES) or (yaml_file.root,)


def read_document(
    root: Node | None, *, ignore_unknown: bool = False
) -> tuple[tuple[GroupText, ...], list[RuleProblem]]:
    """Read the groups of a rule file or of a resource with rules, with everything that is wrong in its shape."""
    reader = _Reader(ignore_unknown)
    return reader.document(root), reader.problems


class _Reader(FieldReader):
    """Turns nodes into groups and rules."""

    rules = 0

    def document(self, root: Node | None) -> tuple[GroupText, ...]:
        kind = kind_of(root)
        self.mapping(root, "a rule file")
        group_keys: tuple[str, ...] = GROUP_KEYS
        if kind in RESOURCES:
            spec = self.mapping(root, f"a {kind}", RESOURCE_KEYS).get("spec")
            keys = self.mapping(spec, f"the spec of a {kind}", FILE_KEYS)
            group_keys = RESOURCE_GROUP_KEYS
        else:
            keys = self.mapping(root, "a rule file", FILE_KEYS) if isinstance(root, Mapping) else {}
        return tuple(self.group(node, group_keys) for node in self.items(keys, "groups"))

    def group(self, node: Node, known: tuple[str, ...]) -> GroupText:
        keys = self.mapping(node, "a group", known)
        rules = self.items(keys, "rules")
        self.rules += len(rules)
        if self.rules > MAX_RULES:
            message = f"more than {MAX_RULES:,} rules; the rest is not read"
            self.report(TOO_LARGE, message, node.place, "split the file")
            rules = ()
        return GroupText(
            node.place,
            self.text(keys, "name"),
            self.duration(keys, "interval"),
            self.duration(keys, "query_offset"),
            self.converted(keys, "limit", _whole_number, 0),
            self.pairs(keys, "labels"),
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
            self.pairs(keys, "labels"),
            self.pairs(keys, "annotations"),
        )


def _whole_number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"`{text}` is not a whole number") from None
