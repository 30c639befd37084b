from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from generators.grafana.layout import COLUMNS, Box, place

SIZES = st.lists(st.tuples(st.integers(1, COLUMNS), st.integers(1, 20)), max_size=40)


@given(SIZES, st.integers(0, 100))
@settings(derandomize=True, deadline=None)
def test_panels_fill_lines_of_24_columns_without_overlap(sizes: list[tuple[int, int]], top: int) -> None:
    boxes = place(sizes, top)
    assert len(boxes) == len(sizes)
    for box, (_, height) in zip(boxes, sizes, strict=True):
        assert box.x >= 0
        assert box.x + box.w <= COLUMNS
        assert box.w >= 1
        assert box.h >= height
        assert box.y >= top
    for one, other in combinations(boxes, 2):
        apart = one.x + one.w <= other.x or other.x + other.w <= one.x
        assert apart or one.y + one.h <= other.y or other.y + other.h <= one.y
    lines: dict[int, list[Box]] = {}
    for box in boxes:
        lines.setdefault(box.y, []).append(box)
    assert all(sum(box.w for box in line) == COLUMNS for line in lines.values())
    assert all(len({box.h for box in line}) == 1 for line in lines.values())


@given(SIZES)
@settings(derandomize=True, deadline=None)
def test_panels_keep_their_order(sizes: list[tuple[int, int]]) -> None:
    places = [(box.y, box.x) for box in place(sizes)]
    assert places == sorted(places)


def test_five_panels_of_a_quarter_make_three_and_two() -> None:
    assert [(box.w, box.y) for box in place([(6, 4)] * 5)] == [(8, 0), (8, 0), (8, 0), (12, 4), (12, 4)]


def test_panels_of_different_widths_share_a_line_where_they_fit() -> None:
    assert place([(12, 8), (6, 8), (6, 4)]) == (Box(0, 0, 12, 8), Box(12, 0, 6, 8), Box(18, 0, 6, 8))
