"""Which bins the values of a model are counted in: those of its baseline, else those that follow from its spec.

Numbered bins have two digits. Beside them stand bins that no statistic of shape reads: ``missing`` for what is not
there, ``invalid`` for what has the wrong type or is infinite, ``unseen`` for categories that the spec does not list and
``other`` for those that it lists but that have no bin of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Final

from generators.language.catalog import Baseline, Bins, Block, Feature, Model, Profile
from otel.semconv import OF_PREDICTION, OF_SCORE

EDGES: Final = 15
"""Edges of a range without a baseline, its ends included: 16 bins, the outer ones for what is outside of it."""

OWN_BINS: Final = 20
"""Values of a category that have a bin of their own, without a baseline."""

NUMBERS: Final = ("missing", "invalid")
CATEGORIES: Final = ("other", "unseen", *NUMBERS)


def binned(model: Model) -> Model:
    """Return a model with the bins of its inputs and outputs."""
    features = tuple(replace(each, bins=_feature_bins(each, model.baseline)) for each in model.features)
    return replace(model, features=features, prediction_bins=_prediction_bins(model))


def _feature_bins(feature: Feature, baseline: Baseline | None) -> Bins | None:
    """Return the bins of a feature; None for texts, and for numbers of which neither range nor baseline is known."""
    profile = baseline.features.get(feature.name) if baseline else None
    if profile is not None:
        return profile.bins
    match feature.type:
        case "number":
            return Bins(edges=spread(*feature.range)) if feature.range else None
        case "category":
            return Bins(values=feature.values[:OWN_BINS]) if feature.values else None
        case "boolean":
            return Bins(values=("false", "true"))
        case _:
            return None


def _prediction_bins(model: Model) -> Bins | None:
    """Return the bins of predicted numbers; None for classifiers, and where neither range nor baseline is known."""
    if model.classes:
        return None
    if model.baseline and model.baseline.prediction:
        return model.baseline.prediction.bins
    return Bins(edges=spread(*model.prediction_range)) if model.prediction_range else None


@lru_cache(maxsize=4096)
def spread(low: Decimal, high: Decimal) -> tuple[Decimal, ...]:
    """Return edges of bins of equal width, both ends of the range among them; inner ones to a millionth of it."""
    steps = EDGES - 1
    unit = Decimal(1).scaleb((high - low).adjusted() - 6)
    inner = ((low + (high - low) * step / steps).quantize(unit) for step in range(1, steps))
    return (low, *inner, high)


def numbered(bins: Bins) -> tuple[str, ...]:
    """Return the names of the numbered bins."""
    return _names(len(bins.values) or len(bins.edges) + 1, ())


def named(bins: Bins, kind: str = "number") -> tuple[str, ...]:
    """Return the names of all bins of a number, or of a category or boolean."""
    return _names(len(bins.values) or len(bins.edges) + 1, NUMBERS if kind == "number" else CATEGORIES)


@lru_cache(maxsize=1024)
def _names(count: int, others: tuple[str, ...]) -> tuple[str, ...]:
    return (*(f"{number:02}" for number in range(count)), *others)


def counted(model: Model) -> dict[str, tuple[str, ...]]:
    """Return the features that are counted by bin, with the names of their bins."""
    return {each.name: named(each.bins, each.type) for each in model.features if each.bins is not None}


def profiled(model: Model) -> dict[str, tuple[str, ...]]:
    """Return the features and outputs of which a baseline knows the shares, with the bins that have one."""
    profiles = {**(model.baseline.features if model.baseline else {}), **outputs(model)}
    return {name: (*numbered(profiles[name].bins), "missing") for name in sorted(profiles)}


def outputs(model: Model) -> dict[str, Profile]:
    """Return the profiles of outputs that are counted by bin, by what they are called beside features."""
    if model.baseline is None:
        return {}
    prediction = None if model.classes else model.baseline.prediction
    score = model.baseline.score if model.positive else None
    return {name: each for name, each in ((OF_PREDICTION, prediction), (OF_SCORE, score)) if each is not None}


def union(bins: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the names of all bins, each once: numbered ones first."""
    names = dict.fromkeys(name for each in bins.values() for name in each)
    return (*sorted(name for name in names if name.isdigit()), *(name for name in names if not name.isdigit()))


def blocks(feature: str, bin_: str, bins: Mapping[str, tuple[str, ...]]) -> tuple[Block, ...]:
    """Return which bins go with which features: features with the same bins together; by attribute keys."""
    same: dict[tuple[str, ...], list[str]] = {}
    for name, names in bins.items():
        same.setdefault(names, []).append(name)
    return tuple(((feature, tuple(features)), (bin_, names)) for names, features in same.items())
