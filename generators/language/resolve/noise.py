"""Noise and drift: what distances from the baseline reach by chance, levels below that, and shifts beyond it.

Chance depends on the rows of the baseline and on the traffic that the model declares.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate, pairwise
from statistics import NormalDist
from typing import Final

from generators.diagnostics import Code, Position, Problem, Severity
from generators.formats.durations import format_duration
from generators.language.catalog import Alert, Level, Measure, Model, Noise, Profile, Threshold
from generators.language.resolve.bins import numbered, outputs, profiled
from generators.language.resolve.levels import RISING
from generators.language.sources import of_library
from otel.semconv import OF_PREDICTION, OF_SCORE

BELOW_NOISE = Code(
    "V235",
    "Level below noise",
    "With few rows in the baseline, or few requests, chance alone goes beyond the level, so that noise and not the "
    "level decides when the alert fires.",
    "feature_drift: {warning: 0.05}  # a baseline of 400 rows",
    "feature_drift: {warning: 0.2}",
    Severity.WARNING,
)
NEVER_ENOUGH = Code(
    "V236",
    "Never enough values",
    "An alert that needs more values than the declared traffic brings in its window never fires.",
    "traffic: 100/d  # drift needs 50 values in six hours",
    "traffic: 500/d",
    Severity.WARNING,
)

NORMAL: Final = NormalDist()
OUTPUTS: Final = {"score": OF_SCORE, "prediction": OF_PREDICTION}
DIGITS: Final = 2
"""Digits of what a remedy suggests, rounded up."""
MISSED: Final = 0.05
"""Probability that one of the two windows misses what is called found: both see it with 90 % at least."""
FARTHEST: Final = 10.0
"""Standard deviations from which on a shift is not called findable any more."""
HALVINGS: Final = 30


def judged(noise: Noise, model: Model) -> dict[str, Profile]:
    """Return the profiles that a measure compares, by the names that series have for them."""
    if model.baseline is None:
        return {}
    if noise.of == "features":
        found = dict(model.baseline.features)
    else:
        found = {name: each for name, each in outputs(model).items() if name == OUTPUTS[noise.of]}
    return {name: each for name, each in found.items() if each.missing < 1}


def floor(noise: Noise, profile: Profile, model: Model) -> float:
    """PSI that a profile reaches by chance: K deff (1/n + 1/N), n from the declared traffic, infinite without.

    K is the chi-square quantile of one bin less than there are (Yurdakul 2018) by Wilson and Hilferty (1931), as
    the rules compute it; all profiles of the baseline share the chance.
    """
    return _constant(noise, profile, model) * (1 / _values(noise.window_ms, profile, model) + 1 / _rows(profile, model))


def found_shift(noise: Noise, profile: Profile, model: Model, level: float) -> float:
    """Shift of a number, in standard deviations, found with 90 % or more once it fills the window; infinite if none is.

    None is where the traffic is too little, or not declared. The number is normal, with the shares that the baseline
    has. PSI over deff (1/n + 1/N) is noncentral chi-square in first order, around the PSI of the moved shares; its
    quantile is that of Patnaik (1949), by Wilson and Hilferty.
    """
    shares = [float(each) for each in profile.shares]
    windows = ((noise.window_ms, level), (noise.confirmed_ms, 0.0))
    if model.traffic is None or len(shares) < 2 or _values(noise.confirmed_ms, profile, model) < noise.fewest:
        return math.inf

    def is_found(shift: float) -> bool:
        moved = _moved(shares, shift)
        return all(_surely(noise, profile, model, window, moved) > least for window, least in windows)

    low, high = 0.0, FARTHEST
    if not is_found(high):
        return math.inf
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if is_found(middle) else (middle, high)
    return high


def promised(alert: Alert, level: Level, measures: Mapping[str, Measure], model: Model) -> str:
    """Return the shifts of numbers that an alert promises to find at a level, or nothing if it promises none."""
    found = []
    for threshold, noise in _on_distances(alert, measures):
        numbers = [each for each in judged(noise, model).values() if each.bins.edges]
        bound = float(threshold.value.amount)
        shifts = sorted(found_shift(noise, each, model, bound) for each in numbers if threshold.level is level)
        if shifts and shifts[-1] < math.inf:
            found.append(f"{_span(shifts, 2)} standard deviations in {format_duration(noise.window_ms)}")
    return ", ".join(found)


def chance(alert: Alert, level: Level, measures: Mapping[str, Measure], model: Model) -> str:
    """Return what chance alone makes of the values that an alert judges at a level, or nothing if that is unknown."""
    found = []
    for threshold, noise in _on_distances(alert, measures) if model.traffic is not None else ():
        floors = sorted(floor(noise, each, model) for each in judged(noise, model).values())
        if floors and threshold.level is level:
            found.append(f"{_span(floors, 3)} {noise.statistic.upper()}")
    return ", ".join(found)


def _on_distances(alert: Alert, measures: Mapping[str, Measure]) -> Iterator[tuple[Threshold, Noise]]:
    """Yield the levels of an alert that distances from the baseline are compared with, and the noise of these."""
    for each in alert.thresholds:
        noise = measures[each.measure].noise if each.measure in measures else None
        if noise is not None:
            yield each, noise


def below_noise(alerts: Iterable[Alert], measures: Mapping[str, Measure], model: Model) -> Iterator[Problem]:
    """Yield a problem for each level that an organisation states and that chance goes beyond."""
    for alert in alerts:
        for threshold, noise in _on_distances(alert, measures):
            floors = {name: floor(noise, each, model) for name, each in judged(noise, model).items()}
            if not of_library(threshold.position) and (found := _beyond(threshold, floors)):
                yield _below(alert, threshold, noise, found, model)


def never_enough(
    alerts: Iterable[Alert], measures: Mapping[str, Measure], model: Model, place: Position
) -> Iterator[Problem]:
    """Yield a problem if the declared traffic never brings the values that drift is judged from; ``place`` is its."""
    for alert in alerts:
        for noise in dict.fromkeys(noise for _, noise in _on_distances(alert, measures)):
            profiles = judged(noise, model).values()
            most = max((_values(noise.confirmed_ms, each, model) for each in profiles), default=math.inf)
            if most < noise.fewest:
                yield _too_few(alert, noise, most, model, place)


def _too_few(alert: Alert, noise: Noise, most: float, model: Model, place: Position) -> Problem:
    window = format_duration(noise.confirmed_ms)
    message = f"`{alert.name}` needs {noise.fewest} values in {window}, and this traffic brings {most:.0f}"
    help_ = (
        f"write `alerts: {{{alert.name}: off}}`, and compare the log of a longer time with "
        f"`watchspec drift {model.name} --data FILE`"
    )
    return Problem(NEVER_ENOUGH, message, place, help_)


def _beyond(threshold: Threshold, floors: Mapping[str, float]) -> dict[str, float]:
    """Return what chance reaches beyond a level, the highest first; nothing where low values are what is told."""
    if threshold.op not in RISING:
        return {}
    found = {name: each for name, each in floors.items() if each >= float(threshold.value.amount)}
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _below(alert: Alert, threshold: Threshold, noise: Noise, found: Mapping[str, float], model: Model) -> Problem:
    profiles = judged(noise, model)
    name, worst = next(iter(found.items()))
    rows, values = _rows(profiles[name], model), _values(noise.window_ms, profiles[name], model)
    traffic = f" and {values:,.0f} in {format_duration(noise.window_ms)}" if values < math.inf else ""
    others = f"; it goes beyond the level for {len(found)} of {len(profiles)} features" if len(profiles) > 1 else ""
    message = (
        f"`{threshold.level}` of `{alert.name}` is {threshold.value}, and chance alone makes {worst:.3f} of "
        f"`{name.lstrip('.')}`, with {rows:,.0f} values in the baseline{traffic}{others}"
    )
    needed = max(_rows_needed(noise, profiles[each], model, float(threshold.value.amount)) for each in found)
    more = f", or profile {_up(needed):,.0f} rows or more" if needed < math.inf else ""
    return Problem(BELOW_NOISE, message, threshold.position, f"write {_up(worst):g} or more{more}")


def _rows_needed(noise: Noise, profile: Profile, model: Model, level: float) -> float:
    """Rows of reference data from which chance stays below a level; infinite where the traffic is too little."""
    constant = _constant(noise, profile, model)
    left = level - constant / _values(noise.window_ms, profile, model)
    return constant / left / (1 - float(profile.missing)) if left > 0 else math.inf


def _surely(noise: Noise, profile: Profile, model: Model, window_ms: int, moved: list[float]) -> float:
    """PSI that a window of moved values exceeds with all probability but ``MISSED``; 0 where it may be noise."""
    n, rows, freedom = _values(window_ms, profile, model), _rows(profile, model), len(moved) - 1
    spread = float(profile.design_effect) * (1 / n + 1 / rows)
    now, then = _smooth(moved, n), _smooth([float(each) for each in profile.shares], rows)
    distance = sum((p - q) * math.log(p / q) for p, q in zip(now, then, strict=True)) / spread
    scale, centre = (freedom + 2 * distance) / (freedom + distance), freedom + distance
    least = scale * _chi_square(centre / scale, MISSED) * spread
    return least if least > _constant(noise, profile, model) * (1 / n + 1 / rows) else 0.0


def _moved(shares: list[float], shift: float) -> list[float]:
    """Return the shares of bins after a standard normal variable with these shares has moved."""
    below = [0.0, *(_normal_below(each, shift) for each in list(accumulate(shares))[:-1]), 1.0]
    return [upper - lower for lower, upper in pairwise(below)]


def _normal_below(share: float, shift: float) -> float:
    return min(max(share, 0.0), 1.0) if not 0 < share < 1 else NORMAL.cdf(NORMAL.inv_cdf(share) - shift)


def _smooth(shares: list[float], sample: float) -> list[float]:
    """Return shares with half a value added to each bin, as the rules add it."""
    return [(each * sample + 0.5) / (sample + 0.5 * len(shares)) for each in shares]


def _chi_square(freedom: float, level: float) -> float:
    """Quantile of the chi-square distribution (Wilson, Hilferty 1931)."""
    ninth = 2 / (9 * freedom)
    return float(freedom * (1 - ninth + NORMAL.inv_cdf(level) * math.sqrt(ninth)) ** 3)


def _constant(noise: Noise, profile: Profile, model: Model) -> float:
    freedom = len(numbered(profile.bins)) - 1
    if freedom < 1:
        return 0.0
    level = 1 - 1 / (noise.once_in * len(profiled(model)))
    return float(profile.design_effect) * _chi_square(freedom, level)


def _values(window_ms: int, profile: Profile, model: Model) -> float:
    """Values that the declared traffic brings in a window; infinitely many where none is declared."""
    if model.traffic is None:
        return math.inf
    return float(model.traffic) * window_ms / 1000 * (1 - float(profile.missing))


def _rows(profile: Profile, model: Model) -> float:
    return (model.baseline.rows if model.baseline else math.inf) * (1 - float(profile.missing))


def _span(numbers: list[float], digits: int) -> str:
    """Return the first and the last of sorted numbers as text, or one of them if they read the same."""
    least, most = (f"{each:.{digits}f}" for each in (numbers[0], numbers[-1]))
    return most if least == most else f"{least} to {most}"


def _up(number: float) -> float:
    """Return a number rounded up to two digits."""
    step = 10.0 ** (math.floor(math.log10(number)) + 1 - DIGITS)
    return float(f"{math.ceil(round(number / step, 9)) * step:.{DIGITS}g}")
