"""YAML events → one document's nodes, with a stack of our own, so that depth and size are bounded.

Nodes get offsets, not positions, and what only specs refuse is looked at only for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentEndEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from generators.diagnostics import Code, Position, Problem, did_you_mean
from generators.formats.yaml.marks import YamlText, content_start
from generators.formats.yaml.nodes import WHERE_LAST_ENDS, Entry, Mapping, Node, Scalar, Sequence, end_of

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

MAX_DEPTH: Final = 100
"""Levels of lists and mappings, those that aliases stand for included."""

MAX_ALIASED_NODES: Final = 400_000
"""Nodes that aliases may repeat in one document; up to here Go's yaml bears 99 of a hundred to be repeated."""

MERGE: Final = "<<"
_MERGE_TAG: Final = "tag:yaml.org,2002:merge"


class DocumentRefused(Exception):  # noqa: N818 - control flow, not an error of ours
    """The document is too deep or too large to go on with; ``problem`` says so."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def too_deep(place: Position) -> Problem:
    """Return the problem of a document that is nested too deeply at ``place``."""
    message = f"lists and mappings are nested more than {MAX_DEPTH} levels deep"
    return Problem(NESTED_TOO_DEEPLY, message, place, "flatten the document")


class _Anchored(NamedTuple):
    """A node with a name: how many nodes it has, and how many levels."""

    node: Node
    size: int
    height: int


class _Opened(NamedTuple):
    """A collection whose end has not been read, and what was known outside of it when it began."""

    siblings: list[Node]
    event: CollectionStartEvent
    nodes: int
    reach: int


class Composer:
    """Puts one document together from the events between its start and its end."""

    def __init__(self, source: YamlText) -> None:
        self.problems: list[Problem] = []
        self._source = source
        self._strict = source.schema.is_strict
        self._stack: list[_Opened] = []
        self._anchors: dict[str, _Anchored] = {}
        self._aliased = 0
        self._last_alias: tuple[list[Node], int, int] | None = None
        """The siblings of the last alias, how many these were with it, and where it ends."""

    def compose(self, get_event: Callable[[], Any]) -> Node | None:
        """Return the document's root; None if it has no content.

        Raises DocumentRefused when it is too deep or its aliases multiply, and what the parser raises.
        """
        source, strict, stack = self._source, self._strict, self._stack
        roots: list[Node] = []
        siblings = roots
        nodes = reach = 0
        while (kind := (event := get_event()).__class__) is not DocumentEndEvent:
            if kind is ScalarEvent:
                start, end = event.start_mark.index, event.end_mark.index
                written = (event.value, event.style or "", event.tag or "", start, end, source)
                scalar: Scalar = tuple.__new__(Scalar, written)  # as Scalar(*written), without a call in between
                siblings.append(scalar)
                nodes += 1
                if event.anchor is not None:
                    self._anchors[event.anchor] = _Anchored(scalar, 1, 0)
                if strict:
                    self._check_scalar(scalar)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                if len(stack) >= MAX_DEPTH:
                    raise DocumentRefused(too_deep(source.span(_start(source, event), _start(source, event))))
                stack.append(_Opened(siblings, event, nodes, reach))
                siblings = []
                nodes += 1
                reach = len(stack)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                children = siblings
                siblings, opened, before, outside = stack.pop()
                node = self._close(children, opened, event)
                siblings.append(node)
                if opened.anchor is not None:
                    self._anchors[opened.anchor] = _Anchored(node, nodes - before, reach - len(stack))
                reach = max(reach, outside)
            elif kind is AliasEvent:
                node, size, height = self._alias(event)
                siblings.append(node)
                nodes += size
                reach = max(reach, len(stack) + height)
                self._last_alias = (siblings, len(siblings), event.end_mark.index)
        root = roots[0]
        return None if isinstance(root, Scalar) and root.start == root.end else root

    # --- scalars and collections ---

    def _check_scalar(self, scalar: Scalar) -> None:
        """Report what specs do not take: tags, and numbers that cannot be kept."""
        if scalar.tag:
            self._refuse_tag(scalar.tag, scalar.position)
        if scalar.style:
            return
        text = scalar.text
        try:
            self._source.schema.resolve(text)
        except OverflowError:
            shown = text if len(text) <= 20 else f"{text[:20]}…"
            self._report(
                YAML_NUMBER_OUT_OF_RANGE,
                f"the number {shown} is out of range",
                scalar.position,
                "quote it if it is meant as text",
            )

    def _close(self, children: list[Node], opened: CollectionStartEvent, closing: Event) -> Node:
        """Turn a finished collection into a node."""
        source = self._source
        start = _start(source, opened)
        if self._strict and opened.tag is not None:
            begin, _ = offsets(opened)
            self._refuse_tag(opened.tag, source.span(begin, offsets(opened)[1]))
        end = offsets(closing)[1] if opened.flow_style or not children else WHERE_LAST_ENDS
        if end == WHERE_LAST_ENDS and self._last_alias is not None:
            siblings, count, alias_end = self._last_alias
            if siblings is children and count == len(children):
                end = alias_end
        if opened.__class__ is SequenceStartEvent:
            return Sequence(tuple(children), source, start, end)
        keys, values = children[::2], children[1::2]
        names = {key[0] for key in keys if key.__class__ is Scalar}
        if len(names) == len(keys) and MERGE not in names and not (self._strict and _has_other_keys(keys)):
            new = tuple.__new__
            entries = tuple([new(Entry, pair) for pair in zip(keys, values, strict=True)])
            return Mapping(entries, source, start, end)
        end = end_of(values[-1]) if end == WHERE_LAST_ENDS else end
        return Mapping(self._unusual(keys, values), source, start, end)

    def _unusual(self, keys: list[Node], values: list[Node]) -> tuple[Entry, ...]:
        """Return the entries of a mapping that has merge keys, keys that occur twice, or keys that are no text."""
        entries: dict[str, Entry] = {}
        merges: dict[str, Entry] = {}
        for key, value in zip(keys, values, strict=True):
            if not isinstance(key, Scalar):
                help_ = "keys are text; if this is a template such as `{{ name }}`, quote it"
                self._report(KEY_NOT_TEXT, "a list or mapping cannot be a key", key.position, help_)
            elif _is_merge(key):
                for entry in self._merged(key, value):
                    merges.setdefault(entry.key, entry)
            elif key.text in entries:
                self._report(
                    DUPLICATE_KEY,
                    f"the key `{key.text}` occurs twice in the same mapping",
                    key.position,
                    "keep one of the two",
                    (("first defined here", entries[key.text].key_position),),
                )
            else:
                if self._strict and not isinstance(key.value, str):
                    message = f"the key {key.text or repr('')} is {_KINDS[type(key.value)]}, not text"
                    self._report(KEY_NOT_TEXT, message, key.position, f'quote it: "{key.text}"')
                entries[key.text] = Entry(key, value)
        return (*entries.values(), *(entry for name, entry in merges.items() if name not in entries))

    def _merged(self, key: Scalar, value: Node) -> Iterator[Entry]:
        """Yield the entries that a merge key refers to, the most important first."""
        if self._strict:
            help_ = "repeat the entries, or move what is shared into `defaults` or a pack"
            self._report(MERGE_KEY, "merge keys (`<<`) are not part of YAML 1.2", key.position, help_)
            return
        for each in value.items if isinstance(value, Sequence) else (value,):
            if isinstance(each, Mapping):
                yield from each.entries
            else:
                help_ = "put the alias of a mapping, or a list of such aliases, behind it"
                self._report(MERGE_KEY, "a merge key (`<<`) takes a mapping", key.position, help_)

    # --- aliases and tags ---

    def _alias(self, event: AliasEvent) -> _Anchored:
        """Return what an alias stands for; null where that is nothing."""
        start, end = offsets(event)
        name = event.anchor or ""
        if any(opened.event.anchor == name for opened in self._stack):
            message = f"the alias `*{name}` stands inside the value that it stands for"
            self._report(RECURSIVE_ANCHOR, message, self._source.span(start, end), "write out the value that is meant")
        elif name not in self._anchors:
            help_ = did_you_mean(name, self._anchors) or f"put `&{name}` before the value that is meant"
            message = f"no anchor `&{name}` comes before this alias"
            self._report(UNKNOWN_ANCHOR, message, self._source.span(start, end), help_)
        else:
            anchored = self._anchors[name]
            self._aliased += anchored.size
            if self._aliased > MAX_ALIASED_NODES:
                message = f"aliases repeat more than {MAX_ALIASED_NODES} values"
                help_ = "write out what is meant, without nested aliases"
                raise DocumentRefused(Problem(ALIAS_EXPLOSION, message, self._source.span(start, end), help_))
            if len(self._stack) + anchored.height > MAX_DEPTH:
                raise DocumentRefused(too_deep(self._source.span(start, end)))
            return anchored
        return _Anchored(Scalar("null", "", "", start, end, self._source), 1, 0)

    def _refuse_tag(self, tag: str, position: Position) -> None:
        shown = tag.replace("tag:yaml.org,2002:", "!!")
        help_ = "remove it; quote the value if it is meant as text"
        self._report(
            YAML_TAG, f"the tag `{shown}` is not allowed: values have the type they look like", position, help_
        )

    def _report(
        self,
        code: Code,
        message: str,
        position: Position,
        help_: str,
        related: tuple[tuple[str, Position], ...] = (),
    ) -> None:
        self.problems.append(Problem(code, message, position, help_, related=related))


def _start(source: YamlText, event: CollectionStartEvent) -> int:
    start, end = offsets(event)
    return start if event.anchor is None and event.tag is None else content_start(source.text, start, end)


def _is_merge(key: Scalar) -> bool:
    return key.text == MERGE and not key.style and key.tag in ("", _MERGE_TAG)


def _has_other_keys(keys: list[Node]) -> bool:
    return any(not isinstance(key, Scalar) or not isinstance(key.value, str) for key in keys)


def offsets(event: Event) -> tuple[int, int]:
    """Return the offsets of an event's start and end."""
    start, end = event.start_mark, event.end_mark
    return (start.index if start else 0), (end.index if end else 0)


_KINDS: Final[dict[type, str]] = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    type(None): "empty",
}
