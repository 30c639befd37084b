"""Plain-text layout: tables with aligned columns, and names with their values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[str]], right: Collection[int] = ()) -> str:
    """Return rows under a header; the columns numbered in ``right`` are aligned at their right edge."""
    lines = [tuple(header), *(tuple(row) for row in rows)]
    widths = [max(len(line[index]) for line in lines) for index in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if index in right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def named_values(rows: Iterable[tuple[str, str]], indent: str = "  ") -> str:
    """Return names and values under each other; rows without a value are left out, long values go on below."""
    stated = [(name, value) for name, value in rows if value]
    width = max((len(name) for name, _ in stated), default=0)
    gap = f"\n{indent}{' ' * width}  "
    return "\n".join(f"{indent}{name.ljust(width)}  {gap.join(value.splitlines())}" for name, value in stated)


def plural(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
