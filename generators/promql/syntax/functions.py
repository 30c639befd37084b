"""The functions and aggregations of PromQL: types, arity, and the versions that have them.

From `promql/parser/functions.go` and CHANGELOG.md of prometheus/prometheus 3.15.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from generators.promql.profiles import Profile
from generators.promql.syntax.ast import ValueType

_S, _V, _M, _T = ValueType.SCALAR, ValueType.VECTOR, ValueType.MATRIX, ValueType.STRING
_OLDEST = (2, 42)
_NEVER = (99, 0)


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function takes and returns.

    ``optional`` counts how many arguments may follow the required ones; -1 is any number.  The last of ``arguments``
    is the type of all optional ones; it is required only where ``optional`` is 0.  ``since`` and ``until`` are the
    first version with the function and the first without it; from ``stable`` on it needs no experimental flag.
    """

    name: str
    arguments: tuple[ValueType, ...]
    optional: int = 0
    returns: ValueType = _V
    since: tuple[int, int] = _OLDEST
    until: tuple[int, int] = _NEVER
    stable: tuple[int, int] = _OLDEST

    @property
    def required(self) -> int:
        """The least number of arguments."""
        return len(self.arguments) - 1 if self.optional else len(self.arguments)

    @property
    def most(self) -> int | None:
        """The largest number of arguments; None for any number."""
        return None if self.optional < 0 else self.required + self.optional

    def argument(self, index: int) -> ValueType:
        """Type of an argument, counted from 0."""
        return self.arguments[min(index, len(self.arguments) - 1)]

    def known(self, profile: Profile) -> bool:
        """Whether the version has the function."""
        return self.since <= profile.version < self.until

    def enabled(self, profile: Profile) -> bool:
        """Whether the function works, the version having it."""
        return profile.experimental or profile.version >= self.stable


def _same(names: str, *arguments: ValueType, optional: int = 0, returns: ValueType = _V) -> list[Signature]:
    return [Signature(name, arguments, optional, returns) for name in names.split()]


def _experimental(
    name: str,
    since: tuple[int, int],
    *arguments: ValueType,
    optional: int = 0,
    returns: ValueType = _V,
    stable: tuple[int, int] = _NEVER,
) -> Signature:
    return Signature(name, arguments, optional, returns, since, stable=stable)


_ALL = [
    *_same("abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor ln log10 log2 rad sgn", _V),
    *_same("sin sinh sort sort_desc sqrt tan tanh timestamp histogram_count histogram_sum", _V),
    *_same("absent_over_time avg_over_time changes count_over_time delta deriv idelta increase irate", _M),
    *_same("last_over_time max_over_time min_over_time present_over_time rate resets stddev_over_time", _M),
    *_same("stdvar_over_time sum_over_time", _M),
    *_same("day_of_month day_of_week day_of_year days_in_month hour minute month year", _V, optional=1),
    *_same("pi time", returns=_S),
    *_same("clamp", _V, _S, _S),
    *_same("clamp_max clamp_min", _V, _S),
    *_same("histogram_fraction", _S, _S, _V),
    *_same("histogram_quantile", _S, _V),
    *_same("label_join", _V, _T, _T, _T, optional=-1),
    *_same("label_replace", _V, _T, _T, _T, _T),
    *_same("predict_linear", _M, _S),
    *_same("quantile_over_time", _S, _M),
    *_same("round", _V, _S, optional=1),
    *_same("scalar", _V, returns=_S),
    *_same("vector", _S),
    Signature("holt_winters", (_M, _S, _S), until=(3, 0)),
    Signature("histogram_stddev", (_V,), since=(2, 47)),
    Signature("histogram_stdvar", (_V,), since=(2, 47)),
    Signature("histogram_avg", (_V,), since=(2, 51)),
    _experimental("mad_over_time", (2, 49), _M),
    _experimental("sort_by_label", (2, 49), _V, _T, optional=-1),
    _experimental("sort_by_label_desc", (2, 49), _V, _T, optional=-1),
    _experimental("info", (2, 55), _V, _V, optional=1),
    _experimental("double_exponential_smoothing", (3, 0), _M, _S, _S),
    _experimental("ts_of_last_over_time", (3, 5), _M),
    _experimental("ts_of_max_over_time", (3, 5), _M),
    _experimental("ts_of_min_over_time", (3, 5), _M),
    _experimental("first_over_time", (3, 7), _M, stable=(3, 14)),
    _experimental("ts_of_first_over_time", (3, 7), _M),
    _experimental("histogram_quantiles", (3, 11), _V, _T, _S, _S, optional=9),
    _experimental("end", (3, 12), returns=_S),
    _experimental("range", (3, 12), returns=_S),
    _experimental("start", (3, 12), returns=_S),
    _experimental("step", (3, 12), returns=_S),
    _experimental("max_of", (3, 13), _S, _S, returns=_S),
    _experimental("min_of", (3, 13), _S, _S, returns=_S),
    _experimental("start_timestamp", (3, 14), _V),
]

FUNCTIONS: Final[dict[str, Signature]] = {signature.name: signature for signature in _ALL}
"""Every function of any version, by name."""

RENAMED: Final = {"holt_winters": "double_exponential_smoothing"}
"""Functions that a later version calls otherwise."""


@dataclass(frozen=True, slots=True)
class Aggregation:
    """An aggregation: the type of its parameter, if it takes one, and the versions that have it."""

    name: str
    parameter: ValueType | None = None
    since: tuple[int, int] = _OLDEST
    experimental: bool = False


AGGREGATES: Final[dict[str, Aggregation]] = {
    **{name: Aggregation(name) for name in ("avg", "count", "group", "max", "min", "stddev", "stdvar", "sum")},
    **{name: Aggregation(name, _S) for name in ("bottomk", "quantile", "topk")},
    "count_values": Aggregation("count_values", _T),
    "limitk": Aggregation("limitk", _S, (2, 54), experimental=True),
    "limit_ratio": Aggregation("limit_ratio", _S, (2, 54), experimental=True),
}
"""Every aggregation of any version, by name."""
