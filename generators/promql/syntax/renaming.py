"""Gives labels other names, wherever an expression names them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final, TypeAlias

from generators.promql.syntax.ast import Aggregate, Binary, Call, Expr, Matching, StringLiteral, VectorSelector
from generators.promql.syntax.walk import transform

Rename: TypeAlias = Callable[[str], str]

_NAMES_LABEL: Final[Mapping[str, Callable[[int], bool]]] = MappingProxyType(
    {
        "label_replace": lambda place: place in (1, 3),
        "label_join": lambda place: place == 1 or place > 2,
        "sort_by_label": lambda place: place > 0,
        "sort_by_label_desc": lambda place: place > 0,
    }
)
"""Function → does its argument at a place name a label."""


def rename_labels(expr: Expr, rename: Rename) -> Expr:
    """Return the tree with other labels in matchers, groupings, matchings and the functions that name labels.

    Holes stay as they are.
    """
    return transform(expr, lambda node: _renamed(node, rename))


def _renamed(node: Expr, rename: Rename) -> Expr:
    match node:
        case VectorSelector(matchers=matchers) if matchers:
            return replace(node, matchers=tuple(replace(each, label=rename(each.label)) for each in matchers))
        case Aggregate(op=op, parameter=parameter, labels=labels):
            named = _argument(parameter, rename) if op == "count_values" and parameter is not None else parameter
            return replace(node, parameter=named, labels=labels and _labels(labels, rename))
        case Binary(matching=Matching() as matching):
            labels, include = _labels(matching.labels, rename), _labels(matching.include, rename)
            return replace(node, matching=replace(matching, labels=labels, include=include))
        case Call(function=function, arguments=arguments) if function in _NAMES_LABEL:
            names = _NAMES_LABEL[function]
            found = (_argument(each, rename) if names(place) else each for place, each in enumerate(arguments))
            return replace(node, arguments=tuple(found))
    return node


def _argument(argument: Expr, rename: Rename) -> Expr:
    return replace(argument, value=rename(argument.value)) if isinstance(argument, StringLiteral) else argument


def _labels(labels: tuple[str, ...], rename: Rename) -> tuple[str, ...]:
    return tuple(each if each.startswith("$") else rename(each) for each in labels)
