"""Which part of an expression brings the labels: arguments of functions, sides of operators."""

from __future__ import annotations

from typing import Final

from generators.promql.syntax.ast import Binary, Call, Expr, NumberLiteral, Unary, ValueType
from generators.promql.syntax.functions import FUNCTIONS, Signature

_WITH_LABELS = (ValueType.VECTOR, ValueType.MATRIX)

_SCALAR_FUNCTIONS: Final = frozenset(
    name for name, signature in FUNCTIONS.items() if signature.returns is ValueType.SCALAR
)


def _position(signature: Signature) -> int | None:
    if signature.returns is ValueType.SCALAR:
        return None
    return next((place for place, kind in enumerate(signature.arguments) if kind in _WITH_LABELS), None)


_POSITIONS: Final = {name: _position(signature) for name, signature in FUNCTIONS.items()}


def vector_argument(node: Call) -> Expr | None:
    """Return the argument whose labels the result takes over; None if the result has no labels.

    Date functions without an argument work on ``vector(time())``.  An unknown function is taken for one that works
    on its first argument.
    """
    position = _POSITIONS.get(node.function, 0)
    return node.arguments[position] if position is not None and position < len(node.arguments) else None


def is_scalar(expr: Expr) -> bool:
    """Whether the expression is a scalar, which has no labels and matches everything."""
    match expr:
        case NumberLiteral():
            return True
        case Call():
            return expr.function in _SCALAR_FUNCTIONS
        case Binary():
            return is_scalar(expr.right) and is_scalar(expr.left)  # chains grow to the left
        case Unary():
            return is_scalar(expr.expr)
    return False
