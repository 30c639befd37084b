"""Parts that an expression says more than once are evaluated once.

Drift statistics name the share of a bin four times, and nothing in the language gives it a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from generators.promql.syntax.ast import Aggregate, Binary, Call, Expr
from generators.promql.syntax.printer import format as format_expr
from generators.promql.syntax.walk import walk


def repeated_parts(expr: Expr) -> Mapping[int, int]:
    """Return the identity of every part that occurs again, and of the first one that is equal to it.

    Parts without a call are cheap, and are not looked for.
    """
    calls = [node for node in walk(expr) if isinstance(node, Call)]
    if len(calls) < 2 or not _equal_ones(calls):
        return {}
    return _equal_ones(node for node in walk(expr) if isinstance(node, Aggregate | Binary | Call))


def _equal_ones(nodes: Iterable[Expr]) -> dict[int, int]:
    firsts: dict[tuple[object, ...], list[Expr]] = {}
    found: dict[int, int] = {}
    for node in nodes:
        alike = firsts.setdefault(_kind(node), [])
        first = next((other for other in alike if _same(node, other)), None)
        if first is None:
            alike.append(node)
        else:
            found[id(node)] = found[id(first)] = id(first)
    return found


def _kind(node: Expr) -> tuple[object, ...]:
    match node:
        case Call(function):
            return (Call, function)
        case Aggregate(op):
            return (Aggregate, op)
        case Binary(op):
            return (Binary, op)
    return (type(node),)


def _same(left: Expr, right: Expr) -> bool:
    """Tell whether two parts give the same; 0 equals -0, but is not printed like it."""
    return left == right and format_expr(left) == format_expr(right)
