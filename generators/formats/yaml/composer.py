"""YAML events → one document's nodes, with a stack of our own, so that depth and size are bounded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from generators.diagnostics import Code, Position, Problem, did_you_mean
from generators.formats.yaml.marks import (
    YamlText,
    content_start,
    empty_position,
    scalar_position,
    segments,
)
from generators.formats.yaml.nodes import Entry, Mapping, Node, Scalar, Sequence
from generators.formats.yaml.schema import Plain, resolve

DUPLICATE_KEY = Code(
    "Y007",
    "Duplicate key",
    "A key occurs twice in one mapping. Most YAML readers drop one of the two silently.",
    "window: 30d\nwindow: 7d",
    "window: 30d",
)
KEY_NOT_TEXT = Code(
    "Y008",
    "Key is not text",
    "A key is a number, true, false, empty, a list or a mapping.",
    "1: low",
    '"1": low',
)
MERGE_KEY = Code(
    "Y009",
    "Merge key",
    "`<<` belongs to YAML 1.1; readers disagree on it. Defaults and packs share settings instead.",
    "a: &a {x: 1}\nb: {<<: *a}",
    "a: {x: 1}\nb: {x: 1}",
)
YAML_TAG = Code(
    "Y010",
    "Tag",
    "Values have the type they look like; tags such as `!!str` are not used.",
    "v: !!str 1",
    'v: "1"',
)
UNKNOWN_ANCHOR = Code(
    "Y011",
    "Unknown anchor",
    "An alias has no anchor of its name before it in its document.",
    "b: *a",
    "a: &a 1\nb: *a",
)
RECURSIVE_ANCHOR = Code(
    "Y012",
    "Anchor contains itself",
    "An alias stands inside the value that it stands for.",
    "a: &a [*a]",
    "a: []",
)
ALIAS_EXPLOSION = Code(
    "Y013",
    "Aliases expand to too much",
    "Aliases of aliases repeat so many values that reading them all would take the compiler down.",
    "a: &a [x, x]\nb: &b [*a, *a]  # … and so on",
    "a: [x, x]",
)
NESTED_TOO_DEEPLY = Code(
    "Y018",
    "Nested too deeply",
    "Lists and mappings are nested deeper than any spec.",
    "[[[[…]]]]",
    "[1]",
)
YAML_NUMBER_OUT_OF_RANGE = Code(
    "Y019",
    "Number out of range",
    "A number has too many digits, or is too large.",
    "v: 1e999",
    "v: 1e99",
)

MAX_DEPTH: Final = 64
"""Levels of lists and mappings; specs need fewer than ten."""

MAX_ALIASED_NODES: Final = 100_000
"""Nodes that aliases may repeat in one document."""


class DocumentRefused(Exception):  # noqa: N818 - control flow, not an error of ours
    """The document is too deep or too large to go on with; ``problem`` says so."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def too_deep(place: Position) -> Problem:
    """Return the problem of a document that is nested too deeply at ``place``."""
    message = f"lists and mappings are nested more than {MAX_DEPTH} levels deep"
    return Problem(NESTED_TOO_DEEPLY, message, place, "flatten the document")


@dataclass(slots=True)
class _Collection:
    """A list or mapping whose end has not been read."""

    is_mapping: bool
    is_flow: bool
    anchor: str | None
    start: Position
    items: list[Node] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    keys: dict[str, Position] = field(default_factory=dict)
    expects_key: bool = True
    key: tuple[str, Position] | None = None
    last: Position | None = None
    size: int = 1


class DocumentBuilder:
    """Reads the events between the start and the end of one document."""

    def __init__(self, source: YamlText) -> None:
        self._source = source
        self._open: list[_Collection] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._aliased = 0
        self._root: Node | None = None
        self.problems: list[Problem] = []

    def build(self, events: Iterator[Event]) -> Node | None:
        """Return the document's root; None if it has no content.

        Raises DocumentRefused when it is too deep or its aliases multiply, and what the parser raises.
        """
        for event in events:
            if isinstance(event, ScalarEvent):
                self._scalar(event)
            elif isinstance(event, MappingStartEvent | SequenceStartEvent):
                self._start(event)
            elif isinstance(event, MappingEndEvent | SequenceEndEvent):
                self._end(event)
            elif isinstance(event, AliasEvent):
                self._alias(event)
            elif isinstance(event, DocumentEndEvent):
                break
        return self._root

    # --- scalars ---

    def _scalar(self, event: ScalarEvent) -> None:
        style = event.style or ""
        text = event.value
        if not style and not text and event.anchor is None and event.tag is None:
            if not self._open:
                return
            position = empty_position(self._source, event)
        else:
            position = scalar_position(self._source, event)
        if event.tag is not None:
            self._refuse_tag(event, position)
        where = segments(self._source, text, position, style)
        value: Plain = text if style else self._resolve(text, position)
        self._add(Scalar(value, text, bool(style), position, where), 1, event.anchor)

    def _resolve(self, text: str, position: Position) -> Plain:
        try:
            return resolve(text)
        except OverflowError:
            shown = text if len(text) <= 20 else f"{text[:20]}…"
            self._report(
                YAML_NUMBER_OUT_OF_RANGE,
                f"the number {shown} is out of range",
                position,
                "quote it if it is meant as text",
            )
            return text

    # --- collections ---

    def _start(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        start = self._source.position(event)
        if event.anchor is not None or event.tag is not None:
            after = content_start(self._source, event)
            if event.tag is not None:
                self._refuse_tag(event, start)
            start = self._source.span(after, after)
        if len(self._open) >= MAX_DEPTH:
            raise DocumentRefused(too_deep(start))
        is_mapping = isinstance(event, MappingStartEvent)
        self._open.append(_Collection(is_mapping, bool(event.flow_style), event.anchor, start))

    def _end(self, event: MappingEndEvent | SequenceEndEvent) -> None:
        done = self._open.pop()
        start = done.start
        end = done.last if done.last and not done.is_flow else self._source.position(event)
        position = Position(start.file, start.line, start.column, end.end_line, end.end_column)
        node: Node
        items = tuple(done.items)
        node = Mapping(tuple(done.entries), position) if done.is_mapping else Sequence(items, position)
        self._add(node, done.size, done.anchor)

    # --- putting together ---

    def _add(self, node: Node, size: int, anchor: str | None, written: Position | None = None) -> None:
        """Put a node where it belongs; ``written`` is the place of the alias that stands for it."""
        if anchor is not None:
            self._anchors[anchor] = (node, size)
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        parent.size += size
        parent.last = written or node.position
        if not parent.is_mapping:
            parent.items.append(node)
        elif parent.expects_key:
            parent.key = self._key(node, written or node.position, parent)
            parent.expects_key = False
        else:
            if parent.key is not None:
                parent.entries.append(Entry(*parent.key, node))
            parent.expects_key = True

    def _key(self, node: Node, position: Position, parent: _Collection) -> tuple[str, Position] | None:
        """Return the text of a key; None when its entry cannot be kept."""
        if not isinstance(node, Scalar):
            self._refuse_complex_key(position)
            return None
        key = node.text
        if not node.quoted and key == "<<":
            help_ = "repeat the entries, or move what is shared into `defaults` or a pack"
            self._report(MERGE_KEY, "merge keys (`<<`) are not part of YAML 1.2", position, help_)
            return None
        if not isinstance(node.value, str):
            kind = _KINDS[type(node.value)]
            shown = key or "''"
            self._report(KEY_NOT_TEXT, f"the key {shown} is {kind}, not text", position, f'quote it: "{key}"')
        if key in parent.keys:
            first = parent.keys[key]
            self._report(
                DUPLICATE_KEY,
                f"the key `{key}` occurs twice in the same mapping",
                position,
                "keep one of the two",
                (("first defined here", first),),
            )
            return None
        parent.keys[key] = position
        return key, position

    def _refuse_complex_key(self, position: Position) -> None:
        message = "a list or mapping cannot be a key"
        help_ = "keys are text; if this is a template such as `{{ name }}`, quote it"
        self._report(KEY_NOT_TEXT, message, position, help_)

    # --- anchors, aliases, tags ---

    def _alias(self, event: AliasEvent) -> None:
        position = self._source.position(event)
        name = event.anchor or ""
        if any(collection.anchor == name for collection in self._open):
            message = f"the alias `*{name}` stands inside the value that it stands for"
            self._report(RECURSIVE_ANCHOR, message, position, "write out the value that is meant")
        elif name not in self._anchors:
            help_ = did_you_mean(name, self._anchors) or f"put `&{name}` before the value that is meant"
            self._report(UNKNOWN_ANCHOR, f"no anchor `&{name}` comes before this alias", position, help_)
        else:
            node, size = self._anchors[name]
            self._aliased += size
            if self._aliased > MAX_ALIASED_NODES:
                message = f"aliases repeat more than {MAX_ALIASED_NODES} values"
                raise DocumentRefused(
                    Problem(ALIAS_EXPLOSION, message, position, "write out what is meant, without nested aliases")
                )
            self._add(node, size, None, position)
            return
        self._add(Scalar(None, "null", False, position), 1, None)

    def _refuse_tag(self, event: ScalarEvent | MappingStartEvent | SequenceStartEvent, position: Position) -> None:
        tag = (event.tag or "").replace("tag:yaml.org,2002:", "!!")
        help_ = "remove it; quote the value if it is meant as text"
        self._report(YAML_TAG, f"the tag `{tag}` is not allowed: values have the type they look like", position, help_)

    def _report(
        self,
        code: Code,
        message: str,
        position: Position,
        help_: str,
        related: tuple[tuple[str, Position], ...] = (),
    ) -> None:
        self.problems.append(Problem(code, message, position, help_, related=related))


_KINDS: Final[dict[type, str]] = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    type(None): "empty",
}
