"""The type of an expression, without checking it."""

from __future__ import annotations

from generators.promql.syntax.ast import (
    Binary,
    Call,
    Expr,
    MatrixSelector,
    NumberLiteral,
    StringLiteral,
    Subquery,
    Unary,
    ValueType,
)
from generators.promql.syntax.functions import FUNCTIONS


def type_of(expr: Expr) -> ValueType:
    """Return the type of what ``expr`` evaluates to.

    Unknown functions count as functions that return an instant vector.  So do holes, though a scalar may fill them.
    """
    match expr:
        case NumberLiteral():
            return ValueType.SCALAR
        case StringLiteral():
            return ValueType.STRING
        case MatrixSelector() | Subquery():
            return ValueType.MATRIX
        case Unary():
            return type_of(expr.expr)
        case Call():
            signature = FUNCTIONS.get(expr.function)
            return signature.returns if signature else ValueType.VECTOR
        case Binary():
            scalars = type_of(expr.left) is ValueType.SCALAR and type_of(expr.right) is ValueType.SCALAR
            return ValueType.SCALAR if scalars else ValueType.VECTOR
    return ValueType.VECTOR


DESCRIPTIONS: dict[ValueType, str] = {
    ValueType.SCALAR: "a scalar",
    ValueType.VECTOR: "an instant vector",
    ValueType.MATRIX: "a range vector",
    ValueType.STRING: "a string",
}
"""What messages call each type."""
