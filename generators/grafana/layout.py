"""Where panels stand on the grid: lines of 24 columns, filled without gaps and without overlap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

COLUMNS = 24


@dataclass(frozen=True, slots=True)
class Box:
    """A place on the grid: left, top, width and height."""

    x: int
    y: int
    w: int
    h: int


def place(sizes: Sequence[tuple[int, int]], top: int = 0) -> tuple[Box, ...]:
    """Return the places of panels with these least widths and heights, in order, below ``top``.

    Panels flow from left to right. A line of equal widths shares its panels with its neighbours (five panels of six
    columns make three and two, not four and one); each line is stretched to the full width, and its panels are equally
    high.
    """
    boxes: list[Box] = []
    for line in _lines(sizes):
        height = max(h for _, h in line)
        x = 0
        for width in _stretched([w for w, _ in line]):
            boxes.append(Box(x, top, width, height))
            x += width
        top += height
    return tuple(boxes)


def _lines(sizes: Sequence[tuple[int, int]]) -> Iterator[Sequence[tuple[int, int]]]:
    """Break panels into lines: runs of one size evenly, mixed ones as they fit."""
    waiting: list[tuple[int, int]] = []
    for (width, _), run in groupby(sizes):
        panels = list(run)
        if sum(w for w, _ in waiting) % COLUMNS == 0 and len(panels) * width >= COLUMNS:
            yield from _fitted(waiting)
            waiting = []
            yield from _even(panels, COLUMNS // min(width, COLUMNS))
        else:
            waiting += panels
    yield from _fitted(waiting)


def _even(panels: Sequence[tuple[int, int]], most: int) -> Iterator[Sequence[tuple[int, int]]]:
    count = -(-len(panels) // most)
    start = 0
    for index in range(count):
        size = len(panels) // count + (index < len(panels) % count)
        yield panels[start : start + size]
        start += size


def _fitted(panels: Sequence[tuple[int, int]]) -> Iterator[Sequence[tuple[int, int]]]:
    line: list[tuple[int, int]] = []
    for panel in panels:
        if line and sum(w for w, _ in line) + panel[0] > COLUMNS:
            yield line
            line = []
        line.append(panel)
    if line:
        yield line


def _stretched(widths: Sequence[int]) -> list[int]:
    """Return widths in the same proportion that fill a line."""
    total = sum(min(width, COLUMNS) for width in widths)
    edges, passed = [0], 0
    for width in widths:
        passed += min(width, COLUMNS)
        edges.append(round(passed * COLUMNS / total))
    return [right - left for left, right in pairwise(edges)]
