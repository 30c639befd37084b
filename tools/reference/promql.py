"""``promql.md``: the functions and aggregations that the checker and the engine know."""

from __future__ import annotations

from typing import Final

from generators.formats.markdown import code, document, heading, table
from generators.promql.syntax.ast import ValueType
from generators.promql.syntax.functions import AGGREGATES, FUNCTIONS, Aggregation, Signature

_TYPES: Final = {
    ValueType.SCALAR: "scalar",
    ValueType.VECTOR: "instant vector",
    ValueType.MATRIX: "range vector",
    ValueType.STRING: "string",
}
_OLDEST: Final = (2, 42)


def page() -> str:
    """Return the page."""
    intro = (
        "Functions and aggregations of PromQL, as Prometheus 2.42 to 3.15 have them. Experimental ones need "
        "`experimental_functions: true` under `prometheus` of the platform, and the flag of the server."
    )
    functions = [_function(each) for _, each in sorted(FUNCTIONS.items())]
    aggregations = [_aggregation(each) for _, each in sorted(AGGREGATES.items())]
    return document(
        (
            heading(1, "PromQL"),
            intro,
            heading(2, "Functions"),
            table(("Function", "Takes", "Gives", "Since", "Until", "Experimental"), functions),
            heading(2, "Aggregations"),
            table(("Aggregation", "Parameter", "Since", "Experimental"), aggregations),
        )
    )


def _function(each: Signature) -> tuple[str, ...]:
    until = "" if each.until > (90, 0) else _version(each.until)
    stable = "" if each.stable <= each.since else "yes" if each.stable > (90, 0) else f"before {_version(each.stable)}"
    return code(each.name), _arguments(each), _TYPES[each.returns], _since(each.since), until, stable


def _arguments(each: Signature) -> str:
    required = [_TYPES[kind] for kind in each.arguments[: each.required]]
    if not each.optional:
        return ", ".join(required) or "nothing"
    last = _TYPES[each.arguments[-1]]
    more = f"any number of {last}s" if each.optional < 0 else f"up to {each.optional} {last}s"
    return ", ".join([*required, more if each.optional != 1 else f"perhaps {_article(last)}"])


def _article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def _aggregation(each: Aggregation) -> tuple[str, ...]:
    parameter = "" if each.parameter is None else _TYPES[each.parameter]
    return code(each.name), parameter, _since(each.since), "yes" if each.experimental else ""


def _since(version: tuple[int, int]) -> str:
    return "" if version <= _OLDEST else _version(version)


def _version(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))
