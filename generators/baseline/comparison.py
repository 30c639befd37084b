"""Distributions of each feature, compared as rules do it: how far, how far by chance, and whether it matters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np

from generators.baseline.measures import FEWEST, MEASURES, Measure
from generators.baseline.profile import Counts
from generators.baseline.profile import Profile as Profiled
from generators.baseline.statistics.attribution import Evidence, Loss, loss, ranking
from generators.baseline.statistics.distances import Array, additive_shares
from generators.baseline.statistics.nulls import (
    debiased_psi,
    family_level,
    least_sample,
    mean_shift,
    psi_mean,
    share_bound,
)
from generators.baseline.statistics.proportions import two_proportions
from generators.language.catalog import Baseline, Bins, Profile

ALARMS: Final = 1e-4
"""Probability that a model without drift is said to drift, all its features together."""

LEAST_CHANGE: Final = 0.01
"""Change of a rate that matters: one percentage point."""

RATES: Final = ("missing", "invalid", "unseen", "out_of_range")


class State(StrEnum):
    """What can be said of a feature."""

    OK = "ok"
    DRIFT = "drift"
    FEW = "too few samples"
    UNKNOWN = "no baseline"
    MISMATCH = "version mismatch"


@dataclass(frozen=True, slots=True)
class Distance:
    """A statistic: its value, the bound that chance keeps below, and from where on it matters."""

    value: float
    floor: float
    warning: float
    critical: float

    @property
    def level(self) -> str:
        """``critical``, ``warning`` or nothing: effect and significance together."""
        if self.value <= self.floor or self.value < self.warning:
            return ""
        return "critical" if self.value >= self.critical else "warning"


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of rows (``out_of_range``: of values), what it was, and what it has to exceed to matter."""

    value: float
    baseline: float
    bound: float

    @property
    def drifts(self) -> bool:
        """Whether it grew by more than chance and by a percentage point."""
        return self.value > max(self.bound, self.baseline + LEAST_CHANGE)


@dataclass(frozen=True, slots=True)
class Sample:
    """Counts by numbered bin, with rates among all rows, and what is known of the mean."""

    bins: Bins
    counts: Array
    rates: Mapping[str, float]
    rows: float
    mean: float | None = None
    deviation: float | None = None
    design_effect: float = 1.0

    @property
    def values(self) -> float:
        """Values in numbered bins."""
        return float(self.counts.sum())


@dataclass(frozen=True, slots=True)
class Comparison:
    """One feature, score or prediction, compared.

    ``statistic`` names the distance that decides; all that apply are in ``distances``. ``shift`` is the mean's change
    in standard errors. ``interpolated`` tells that edges differ, so that counts were moved into those of the
    baseline.
    """

    name: str
    state: State
    statistic: str
    level: str = ""
    n: int = 0
    baseline_n: int = 0
    distances: Mapping[str, Distance] = field(default_factory=dict)
    rates: Mapping[str, Rate] = field(default_factory=dict)
    debiased: float | None = None
    shift: float | None = None
    needed: float | None = None
    interpolated: bool = False


@dataclass(frozen=True, slots=True)
class Blame:
    """A feature's part in a loss of accuracy, with the rank's score."""

    name: str
    score: float
    loss: Loss


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Accuracy of before and now, with labelled rows, and what each feature has to do with the change.

    ``p_value`` is the probability of so large a difference by chance, by the test of two proportions.
    """

    before: float
    now: float
    rows: int
    p_value: float
    blames: tuple[Blame, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Features, then score and prediction; ``accuracy`` where both sides have labels."""

    features: tuple[Comparison, ...]
    outputs: tuple[Comparison, ...]
    level: float
    accuracy: Accuracy | None = None

    @property
    def drifted(self) -> tuple[Comparison, ...]:
        """Features that drifted."""
        return tuple(each for each in self.features if each.state is State.DRIFT)

    @property
    def share(self) -> float:
        """Share of drifted features among those that have a baseline."""
        known = [each for each in self.features if each.state not in (State.UNKNOWN, State.MISMATCH)]
        return len(self.drifted) / len(known) if known else 0.0

    @property
    def drifts(self) -> bool:
        """Whether anything drifted."""
        return bool(self.drifted) or any(each.state is State.DRIFT for each in self.outputs)


@dataclass(frozen=True, slots=True)
class Question:
    """Which statistic decides, and where: thresholds are the statistic's own where None; ``alarms`` of all features."""

    statistic: str = "psi"
    warning: float | None = None
    critical: float | None = None
    alarms: float = ALARMS


def of_counts(counts: Counts) -> Sample:
    """Counted data."""
    rows = float(counts.counts.sum())
    rates = {name: counts.other(name) / rows if rows else 0.0 for name in ("missing", "invalid", "unseen")}
    mean, deviation = (counts.numbers.mean, counts.numbers.deviation) if counts.numbers else (None, None)
    effect = max(counts.effects.values(), default=1.0)
    return Sample(counts.bins, counts.own, rates, rows, mean, deviation, effect)


def of_profile(profile: Profile, rows: int) -> Sample:
    """Reference data as they were written down."""
    rates = {"missing": profile.missing, "invalid": profile.invalid, "unseen": profile.unseen}
    there = rows * float(1 - profile.missing - profile.invalid - profile.unseen - profile.other)
    counts = np.array([float(share) for share in profile.shares]) * there
    mean, deviation = (None if each is None else float(each) for each in (profile.mean, profile.deviation))
    effects = [profile.design_effect, *(each.design_effect for each in profile.windows.values())]
    shares = {name: float(each) for name, each in rates.items()}
    return Sample(profile.bins, counts, shares, float(rows), mean, deviation, float(max(effects)))


def drift(baseline: Baseline, profiled: Profiled, features: Iterable[str], question: Question) -> Report:
    """Compare counted data with a model's baseline; ``features`` are all that the model counts, in order."""
    pairs = {
        name: (
            of_profile(baseline.features[name], baseline.rows) if name in baseline.features else None,
            of_counts(profiled.features[name]) if name in profiled.features else None,
        )
        for name in features
    }
    outputs = {
        name: (of_profile(then, baseline.rows), of_counts(now))
        for name, then, now in (
            ("score", baseline.score, profiled.score),
            ("prediction", baseline.prediction, profiled.prediction),
        )
        if then is not None and now is not None
    }
    report = compared(pairs, outputs, question)
    return Report(report.features, report.outputs, report.level, _accuracy(baseline, profiled, report.features))


def difference(old: Baseline, new: Baseline, question: Question) -> Report:
    """Compare two baselines, the newer one as if its data were those of now."""
    names = [*old.features, *(name for name in new.features if name not in old.features)]

    def sides(name: str) -> tuple[Sample | None, Sample | None]:
        then, now = old.features.get(name), new.features.get(name)
        return (of_profile(then, old.rows) if then else None, of_profile(now, new.rows) if now else None)

    outputs = {
        name: (of_profile(then, old.rows), of_profile(now, new.rows))
        for name, then, now in (("score", old.score, new.score), ("prediction", old.prediction, new.prediction))
        if then is not None and now is not None
    }
    return compared({name: sides(name) for name in names}, outputs, question)


def compared(
    features: Mapping[str, tuple[Sample | None, Sample | None]],
    outputs: Mapping[str, tuple[Sample, Sample]],
    question: Question,
) -> Report:
    """Compare samples of before and now; the level is that of one of all tests."""
    tests = sum(then is not None and now is not None for then, now in features.values()) + len(outputs)
    level = family_level(question.alarms, tests)
    return Report(
        tuple(_comparison(name, then, now, level, question) for name, (then, now) in features.items()),
        tuple(_comparison(name, then, now, level, question) for name, (then, now) in outputs.items()),
        level,
    )


def _comparison(name: str, then: Sample | None, now: Sample | None, level: float, question: Question) -> Comparison:
    measure = MEASURES[question.statistic]
    if then is None or now is None:
        return Comparison(name, State.UNKNOWN, measure.name)
    if bool(then.bins.edges) != bool(now.bins.edges):
        return Comparison(name, State.MISMATCH, measure.name)
    if measure.ordered and not then.bins.edges:
        measure = MEASURES["psi"]
    old, new, moved = _in_same_bins(then, now)
    effect, n, before = max(then.design_effect, now.design_effect), float(new.sum()), float(old.sum())
    distances = _distances(old, new, bool(then.bins.edges), level, effect, question, measure)
    rates = _rates(then, now, old, new, level, effect)
    deciding = distances.get(measure.name)
    state, severity = _state(n, deciding, rates)
    return Comparison(
        name=name,
        state=state,
        statistic=measure.name,
        level=severity,
        n=round(n),
        baseline_n=round(before),
        distances=distances,
        rates=rates,
        debiased=float(debiased_psi(distances["psi"].value, len(old), n, before, effect)) if distances else None,
        shift=_shift(then, now, n, before, effect),
        needed=least_sample(level, len(old), distances["psi"].critical, before, effect) if distances else None,
        interpolated=moved,
    )


def _state(n: float, deciding: Distance | None, rates: Mapping[str, Rate]) -> tuple[State, str]:
    """Say what can be said; a distance below a floor that lies above every threshold says nothing."""
    worse = any(each.drifts for each in rates.values())
    if deciding is None or n < FEWEST:
        return (State.DRIFT, "warning") if worse else (State.FEW, "")
    if deciding.level or worse:
        return State.DRIFT, deciding.level or "warning"
    return (State.FEW, "") if deciding.floor >= deciding.critical else (State.OK, "")


def _distances(
    old: Array, new: Array, ordered: bool, level: float, effect: float, question: Question, deciding: Measure
) -> dict[str, Distance]:
    if not old.sum() or not new.sum():
        return {}
    q, p = additive_shares(old), additive_shares(new)
    found = {}
    for name, measure in MEASURES.items():
        if measure.ordered and not ordered:
            continue
        own = measure is deciding and name == question.statistic
        warning = question.warning if own and question.warning is not None else measure.warning
        critical = question.critical if own and question.critical is not None else max(measure.critical, warning)
        floor = float(measure.bound(level, q, float(new.sum()), float(old.sum()), effect))
        found[name] = Distance(float(measure.distance(p, q)), floor, warning, critical)
    return found


def _rates(then: Sample, now: Sample, old: Array, new: Array, level: float, effect: float) -> dict[str, Rate]:
    found = {}
    if then.rows and now.rows:
        for name in ("missing", "invalid", "unseen"):
            if name != "unseen" or then.bins.values:
                before, value = then.rates.get(name, 0.0), now.rates.get(name, 0.0)
                found[name] = Rate(value, before, float(share_bound(level, before, now.rows, then.rows, effect)))
    if then.bins.edges and len(then.bins.edges) > 1 and old.sum() and new.sum():
        before, value = ((each[0] + each[-1]) / each.sum() for each in (old, new))
        bound = float(share_bound(level, float(before), float(new.sum()), float(old.sum()), effect))
        found["out_of_range"] = Rate(float(value), float(before), bound)
    return found


def _shift(then: Sample, now: Sample, n: float, before: float, effect: float) -> float | None:
    if then.mean is None or now.mean is None or not then.deviation or not n or not before:
        return None
    return float(mean_shift(now.mean, n, then.mean, then.deviation, before, effect))


def _in_same_bins(then: Sample, now: Sample) -> tuple[Array, Array, bool]:
    """Return counts of both in the bins of before; numbers between other edges are spread evenly inside their bins."""
    if then.bins == now.bins:
        return then.counts, now.counts, False
    if then.bins.values:
        names = [*then.bins.values, *(each for each in now.bins.values if each not in then.bins.values)]
        sides = (dict(zip(each.bins.values, each.counts, strict=True)) for each in (then, now))
        old, new = (np.array([side.get(name, 0.0) for name in names]) for side in sides)
        return old, new, False
    places = [float(edge) for edge in now.bins.edges]
    below = np.cumsum(now.counts)[:-1]
    reached = np.interp([float(edge) for edge in then.bins.edges], places, below, left=0.0, right=now.values)
    return then.counts, np.diff(np.concatenate(([0.0], reached, [now.values]))), True


def _accuracy(baseline: Baseline, profiled: Profiled, features: Iterable[Comparison]) -> Accuracy | None:
    """Return what each feature has to do with a change of accuracy, where both sides know right from wrong."""
    evidence: dict[str, Evidence] = {}
    sides: tuple[Array, ...] = ()
    for each in features:
        then, counts = baseline.features.get(each.name), profiled.features.get(each.name)
        if then is None or counts is None or counts.labelled is None or counts.right is None or not any(then.labelled):
            continue
        if counts.labelled.any() and "psi" in each.distances:
            sides = (np.array(then.labelled, float), np.array(then.right, float), counts.labelled, counts.right)
            floor = float(psi_mean(len(counts.own), each.n, each.baseline_n))
            weight = 1.0 if then.importance is None else float(then.importance)
            evidence[each.name] = Evidence(each.distances["psi"].value, floor, weight, loss(*sides))
    if not evidence:
        return None
    old, good, new, kept = (float(side.sum()) for side in sides)
    blames = tuple(Blame(name, score, evidence[name].loss) for name, score in ranking(evidence).items())
    return Accuracy(good / old, kept / new, round(new), two_proportions(kept, new, good, old).p_value, blames)
