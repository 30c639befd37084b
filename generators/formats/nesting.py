"""Depth of YAML: one bound for all that PyYAML composes or loads, and the name of its own complaint about depth.

Where PyYAML gives up by itself depends on its release, on libyaml's and on the stack of Python; a verdict may not.
"""

from __future__ import annotations

from typing import Any, Final

import yaml
from yaml.events import CollectionEndEvent, CollectionStartEvent, Event

MAX_DEPTH: Final = 100
"""Levels of lists and mappings."""

FAST_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's loader where PyYAML was built with it."""


class NestingError(yaml.MarkedYAMLError):
    """Lists and mappings are nested more than ``MAX_DEPTH`` levels deep; ``problem_mark`` is where they begin to be."""

    def __init__(self, mark: Any) -> None:
        super().__init__(None, None, "nested too deeply", mark)


def is_too_deep(error: Exception) -> bool:
    """Tell whether PyYAML, libyaml (which scans ahead, from 0.2.6 up to 1,000 levels) or we gave up for depth."""
    problem = error.problem if isinstance(error, yaml.MarkedYAMLError) else None
    return isinstance(error, NestingError | RecursionError) or "nesting depth" in (problem or "")


class BoundedLoader(yaml.SafeLoader):
    """PyYAML's loader in Python, which composes nodes down to ``MAX_DEPTH``. Raises NestingError."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Return the next node, as PyYAML does."""
        if self._depth >= MAX_DEPTH and self.check_event(CollectionStartEvent):
            event: Event = self.peek_event()  # type: ignore[no-untyped-call]
            raise NestingError(event.start_mark)
        self._depth += 1
        node: yaml.Node | None = super().compose_node(parent, index)
        self._depth -= 1
        return node


def load_plain(text: str) -> Any:
    """Return the plain values of one document. Raises yaml.YAMLError, for depth NestingError."""
    depth = 0
    try:
        for event in yaml.parse(text, Loader=FAST_LOADER):
            depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise NestingError(event.start_mark)
    except yaml.MarkedYAMLError as error:
        if is_too_deep(error):
            raise NestingError(error.problem_mark) from None
        raise
    return yaml.load(text, FAST_LOADER)  # noqa: S506 - a loader of plain values
