"""Which column of the data is which feature, label, score, prediction, time or segment of a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from generators.baseline.codes import MISSING_COLUMN
from generators.baseline.engines import TableColumn
from generators.diagnostics import NOWHERE, Problem, did_you_mean
from generators.language.catalog import Feature, Model


@dataclass(frozen=True, slots=True)
class Names:
    """Names of columns as a person gave them; empty where there is none.

    ``classes`` translates how data write a class into what the spec calls it.
    """

    time: str = ""
    label: str = ""
    score: str = ""
    prediction: str = ""
    key: str = ""
    row: str = ""
    classes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Roles:
    """Columns by what they hold; None where the data have none."""

    features: Mapping[str, tuple[Feature, TableColumn]]
    segments: Mapping[str, TableColumn]
    time: TableColumn | None
    label: TableColumn | None
    score: TableColumn | None
    prediction: TableColumn | None
    key: TableColumn | None
    row: TableColumn | None
    classes: Mapping[str, str]


_ROLES: Final = ("time", "label", "score", "prediction", "key", "row")


def assign(
    model: Model, columns: Sequence[TableColumn], names: Names, features: Iterable[str] | None = None
) -> tuple[Roles, tuple[tuple[str, Problem], ...]]:
    """Return the columns of a model's data, and what is missing, each with the feature that it is about.

    Features that nothing counts, texts and categories without values, need no column. A column has the name of its
    feature, apart from case and from the characters between words.
    """
    by_name = {each.name: each for each in columns}
    folded: dict[str, list[TableColumn]] = {}
    for each in columns:
        folded.setdefault(_folded(each.name), []).append(each)
    problems: list[tuple[str, Problem]] = []
    found: dict[str, tuple[Feature, TableColumn]] = {}
    wanted = None if features is None else set(features)
    for feature in model.features:
        if not is_counted(feature) or (wanted is not None and feature.name not in wanted):
            continue
        alike = folded.get(_folded(feature.name), [])
        column = by_name.get(feature.name) or (alike[0] if len(alike) == 1 else None)
        if column is None:
            problems.append((feature.name, _missing(f"feature `{feature.name}`", feature.name, by_name)))
        else:
            found[feature.name] = (feature, column)
    roles: dict[str, TableColumn | None] = {}
    for role in _ROLES:
        name = getattr(names, role)
        roles[role] = by_name.get(name)
        if name and name not in by_name:
            problems.append(("", _missing(f"--{'id' if role == 'row' else role}", name, by_name)))
    segments = {name: by_name[name] for name in model.segments if name in by_name}
    return Roles(found, segments, classes=names.classes, **roles), tuple(problems)


def is_counted(feature: Feature) -> bool:
    """Tell whether the values of a feature have bins."""
    return feature.type in ("number", "boolean") or (feature.type == "category" and bool(feature.values))


def _missing(what: str, name: str, columns: Mapping[str, TableColumn]) -> Problem:
    listed = sorted(columns)
    shown = ", ".join(listed[:20]) + (" …" if len(listed) > 20 else "")
    return Problem(
        MISSING_COLUMN,
        f"{what}: the data have no column `{name}`",
        NOWHERE,
        did_you_mean(name, columns) or f"columns: {shown}",
    )


def _folded(name: str) -> str:
    return "_".join("".join(each if each.isalnum() else " " for each in name.casefold()).split())
