"""Functions of single values: roots, logarithms, trigonometry, rounding, clamping."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from generators.promql.engine.results import Floats


def _sign(values: Floats) -> Floats:
    return np.where(values < 0, -1.0, np.where(values > 0, 1.0, values))


def _radians(values: Floats) -> Floats:
    return values * np.pi / 180


def _degrees(values: Floats) -> Floats:
    return values * 180 / np.pi


ELEMENTWISE: dict[str, Callable[[Floats], Floats]] = {
    "abs": np.abs,
    "acos": np.arccos,
    "acosh": np.arccosh,
    "asin": np.arcsin,
    "asinh": np.arcsinh,
    "atan": np.arctan,
    "atanh": np.arctanh,
    "ceil": np.ceil,
    "cos": np.cos,
    "cosh": np.cosh,
    "deg": _degrees,
    "exp": np.exp,
    "floor": np.floor,
    "ln": np.log,
    "log10": np.log10,
    "log2": np.log2,
    "rad": _radians,
    "sgn": _sign,
    "sin": np.sin,
    "sinh": np.sinh,
    "sqrt": np.sqrt,
    "tan": np.tan,
    "tanh": np.tanh,
}


def greater(left: Floats, right: Floats) -> Floats:
    """The greater of two values; NaN if either is NaN, but +Inf comes before that, as in Go."""
    infinite = np.isposinf(left) | np.isposinf(right)
    return np.where(infinite, np.inf, np.maximum(left, right))


def lesser(left: Floats, right: Floats) -> Floats:
    """The lesser of two values; NaN if either is NaN, but -Inf comes before that, as in Go."""
    infinite = np.isneginf(left) | np.isneginf(right)
    return np.where(infinite, -np.inf, np.minimum(left, right))


def clamp(values: Floats, low: Floats, high: Floats) -> Floats:
    """Values held between two bounds per step."""
    return greater(low, lesser(high, values))


def round_to(values: Floats, nearest: Floats) -> Floats:
    """Values rounded to multiples of ``nearest``, halves upwards.

    The inverse is used, as Prometheus does, since multiples of 0.1 come out closer.
    """
    inverse = 1.0 / nearest
    rounded: Floats = np.floor(values * inverse + 0.5) / inverse
    return rounded
