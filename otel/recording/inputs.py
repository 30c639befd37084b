"""Inputs of a model in whatever holds them, as rows of features by name: nobody's library is imported.

| given | read as |
|---|---|
| a mapping | a row |
| a dataclass, a pydantic or attrs object, a named tuple, a row of SQLAlchemy | a row, if it has a declared feature |
| a pandas Series with names | a row |
| a DataFrame of pandas or polars, a table of pyarrow | its rows |
| a numpy array as long, or as wide, as the spec has features | a row, or rows, in the order of the spec |
| a list or tuple of any of these | their rows |
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

WHAT_CAN_BE_READ: Final = (
    "a mapping of features by name, a dataclass or pydantic object, a pandas Series, a DataFrame, "
    "or an array of as many numbers as the spec has features, in its order"
)


class Columns(NamedTuple):
    """Several rows of features: the column of each, and how many rows there are."""

    columns: Mapping[str, Any]
    rows: int


Inputs: TypeAlias = Mapping[str, Any] | Columns
"""One row of features by name, or several."""


def read_inputs(value: Any, names: Sequence[str]) -> Inputs | None:
    """Return the inputs that a value holds, ``names`` being the features of the spec; None if it cannot be read.

    Never raises, whatever the value does when it is looked at.
    """
    if type(value) is dict:  # nearly always, and quicker to see
        return value
    try:
        if isinstance(value, Mapping):
            return value
        if value is None or isinstance(value, (str, bytes, bytearray, int, float, complex, type)):
            return None
        readers = (_fields, _table, _array, _list)
        return next((found for reader in readers if (found := reader(value, names)) is not None), None)
    except Exception:  # a value of somebody else's type may raise anything when it is asked
        return None


def first_inputs(values: Iterable[Any], names: Sequence[str]) -> Inputs | None:
    """Return the inputs of the first value that can be read; mappings go first, for `self` may be a dataclass."""
    listed = list(values)
    for value in listed:
        if isinstance(value, Mapping):
            return value
    return next((found for value in listed if (found := read_inputs(value, names)) is not None), None)


def _fields(value: Any, names: Sequence[str]) -> Inputs | None:
    """Read an object with declared fields, if one of them is a feature."""
    kind = type(value)
    as_mapping = getattr(value, "_mapping", None)
    if isinstance(as_mapping, Mapping):
        return as_mapping
    for marker in ("model_fields", "__dataclass_fields__", "__attrs_attrs__", "_fields"):
        fields = getattr(kind, marker, None)
        if fields is not None and not callable(fields):
            found = [each if isinstance(each, str) else each.name for each in fields]
            if set(found) & set(names):
                return {name: getattr(value, name, None) for name in found}
    return None


def _table(value: Any, names: Sequence[str]) -> Inputs | None:
    """Read what has columns, or names for its values."""
    columns = getattr(value, "columns", getattr(value, "column_names", None))
    if columns is not None and not callable(columns) and callable(getattr(value, "__getitem__", None)):
        titles = getattr(value, "column_names", columns)
        found = {str(title): value[title] for title in titles}
        rows = len(value)
        if rows == 1:
            return {title: _first(column) for title, column in found.items()}
        return Columns(found, rows)
    to_dict = getattr(value, "to_dict", None)
    if callable(to_dict) and hasattr(value, "index"):
        row = to_dict()
        return row if isinstance(row, Mapping) and set(row) & set(names) else None
    return None


def _first(column: Any) -> Any:
    listed: Callable[[], Any] | None = next(
        (method for name in ("tolist", "to_list", "to_pylist") if callable(method := getattr(column, name, None))), None
    )
    return (list(column) if listed is None else listed())[0]


def _array(value: Any, names: Sequence[str]) -> Inputs | None:
    """Read an array whose last dimension is as long as the spec has features."""
    shape = getattr(value, "shape", None)
    if not isinstance(shape, tuple) or not names or not shape or shape[-1] != len(names):
        return None
    if len(shape) == 1:
        listed = value.tolist() if hasattr(value, "tolist") else list(value)
        return dict(zip(names, listed, strict=True))
    if len(shape) != 2:
        return None
    if shape[0] == 1:
        return _array(value[0], names)
    return Columns({name: value[:, place] for place, name in enumerate(names)}, int(shape[0]))


def _list(value: Any, names: Sequence[str]) -> Inputs | None:
    """Read a list of rows."""
    if not isinstance(value, (list, tuple)) or not value:
        return None
    parts = [read_inputs(each, names) for each in value]
    rows = [each for each in parts if isinstance(each, Mapping)]
    if len(rows) != len(parts):
        return None
    if len(rows) == 1:
        return rows[0]
    found = dict.fromkeys(name for row in rows for name in row)
    return Columns({name: [row.get(name) for row in rows] for name in found}, len(rows))
