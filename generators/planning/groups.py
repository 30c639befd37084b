"""Rule groups: names, and how large one may get where a hosted ruler sets a limit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from generators.planning.plan import Group, Rule


def group(name: str, interval_ms: int, rules: Iterable[Rule], limit: int | None) -> Iterator[Group]:
    """Yield a group, or several in order where it has more rules than the limit; none if it has no rules."""
    found: Sequence[Rule] = tuple(rules)
    size = limit or max(len(found), 1)
    parts = [found[start : start + size] for start in range(0, len(found), size)]
    for index, part in enumerate(parts, start=1):
        title = name if len(parts) == 1 else f"{name}-{index}"
        yield Group(title, interval_ms, tuple(part))
