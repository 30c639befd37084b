"""How a comparison with a baseline is printed: a table with what drifted first, or JSON with everything."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from typing import Any, Final

from generators.baseline.comparison import ALARMS, Accuracy, Comparison, Question, Report, State
from generators.baseline.measures import MEASURES
from generators.cli.console import GREEN, RED, Console
from generators.cli.tables import plural, table

_CAUSES: Final = 5
_CHANCE: Final = 0.01
_RATES: Final = {
    "missing": "missing",
    "invalid": "invalid",
    "unseen": "of values that the spec does not list",
    "out_of_range": "outside the outer edges",
}


def add_question_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which statistic decides, and where."""
    group = parser.add_argument_group("drift")
    group.add_argument("--statistic", choices=tuple(MEASURES), default="psi", help="what decides (default: psi)")
    group.add_argument(
        "--warning", metavar="X", type=_threshold, help="value from which drift matters (default: the statistic's)"
    )
    group.add_argument("--critical", metavar="X", type=_threshold, help="value from which it is critical")
    help_ = f"probability of any false alarm in one comparison (default: {ALARMS:g})"
    group.add_argument("--alarms", metavar="P", type=_probability, default=ALARMS, help=help_)


def _threshold(text: str) -> float:
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"`{text}` is no positive number")
    return value


def _probability(text: str) -> float:
    value = float(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"`{text}` is not between 0 and 1")
    return value


def question(arguments: argparse.Namespace) -> Question:
    """Return what the options ask."""
    return Question(arguments.statistic, arguments.warning, arguments.critical, arguments.alarms)


def print_report(report: Report, facts: dict[str, Any], console: Console) -> int:
    """Print a report and return the exit code: 1 on drift."""
    console.progress("")
    if console.json:
        console.data({**facts, **_data(report)})
    elif not console.quiet or report.drifts:
        console.write("\n".join(_text(report, console)))
    return 1 if report.drifts else 0


def _text(report: Report, console: Console) -> Iterator[str]:
    rows = sorted((*report.features, *report.outputs), key=lambda each: _ORDER[each.state])
    yield table(("name", "statistic", "value", "noise", "threshold", "n", "state"), map(_row, rows), right=(2, 3, 4, 5))
    for each in rows:
        yield from _notes(each)
    if moved := sum(each.interpolated for each in rows):
        yield f"  edges differ; the new shares of {plural(moved, 'feature')} are interpolated"
    if few := [each.needed for each in rows if each.state is State.FEW and each.needed is not None]:
        needed = "with a larger baseline" if math.isinf(max(few)) else f"with {math.ceil(max(few)):,} values each"
        yield f"  too few samples: noise would stay below the critical threshold of PSI {needed}"
    known = sum(each.state not in (State.UNKNOWN, State.MISMATCH) for each in report.features)
    summary = f"{len(report.drifted)} of {plural(known, 'feature')} drifted ({_percent(report.share)})"
    outputs = [each.name for each in report.outputs if each.state is State.DRIFT]
    summary += f", and the {' and the '.join(outputs)}" if outputs else ""
    yield ""
    if report.accuracy is not None:
        yield from _accuracy(report.accuracy)
    yield console.paint(summary, RED if report.drifts else GREEN)


_ORDER: Final = {State.DRIFT: 0, State.MISMATCH: 1, State.UNKNOWN: 2, State.FEW: 3, State.OK: 4}


def _row(each: Comparison) -> tuple[str, ...]:
    state = f"{each.state} ({each.level})" if each.level else str(each.state)
    deciding = each.distances.get(each.statistic)
    if deciding is None:
        return each.name, each.statistic, "", "", "", str(each.n or ""), state
    threshold = deciding.critical if deciding.level == "critical" else deciding.warning
    values = (deciding.value, deciding.floor, threshold)
    return each.name, each.statistic, *(f"{value:.3f}" for value in values), f"{each.n:,}", state


def _notes(each: Comparison) -> Iterator[str]:
    for name, rate in each.rates.items():
        if rate.drifts:
            grown = f"{_percent(rate.baseline)} → {_percent(rate.value)}"
            yield f"  {each.name}: {grown} {_RATES[name]}, up to {_percent(rate.bound)} is chance"


def _accuracy(accuracy: Accuracy) -> Iterator[str]:
    lost = accuracy.before - accuracy.now
    change = (
        f"accuracy {_percent(accuracy.before)} → {_percent(accuracy.now)} in {plural(accuracy.rows, 'labelled row')}"
    )
    if accuracy.p_value > _CHANCE:
        yield f"{change}, which is within chance"
        return
    yield change
    if lost <= 0:
        return
    yield "where it was lost, by what the bins of one feature tell:"
    rows = (
        (each.name, f"{each.score:.2f}", f"{100 * each.loss.mix:+.1f}", f"{100 * each.loss.within:+.1f}")
        for each in accuracy.blames[:_CAUSES]
        if each.score > 0
    )
    yield table(("name", "score", "points by mix", "points within"), rows, right=(1, 2, 3))
    yield ""


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _data(report: Report) -> dict[str, Any]:
    found: dict[str, Any] = {
        "drift": report.drifts,
        "share": report.share,
        "level": report.level,
        "features": [_comparison(each) for each in report.features],
        "outputs": [_comparison(each) for each in report.outputs],
    }
    if report.accuracy is not None:
        found["accuracy"] = {
            "before": report.accuracy.before,
            "now": report.accuracy.now,
            "rows": report.accuracy.rows,
            "p_value": report.accuracy.p_value,
            "causes": [
                {
                    "feature": each.name,
                    "score": each.score,
                    "mix": each.loss.mix,
                    "within": each.loss.within,
                    "unevenness": each.loss.unevenness,
                }
                for each in report.accuracy.blames
            ],
        }
    return found


def _comparison(each: Comparison) -> dict[str, Any]:
    deciding = each.distances.get(each.statistic)
    return {
        "name": each.name,
        "state": str(each.state),
        "level": each.level,
        "statistic": each.statistic,
        "value": deciding.value if deciding else None,
        "noise": deciding.floor if deciding else None,
        "warning": deciding.warning if deciding else None,
        "critical": deciding.critical if deciding else None,
        "n": each.n,
        "baseline_n": each.baseline_n,
        "debiased_psi": each.debiased,
        "mean_shift_z": each.shift,
        "needed": None if each.needed is None or math.isinf(each.needed) else math.ceil(each.needed),
        "interpolated": each.interpolated,
        "distances": {name: {"value": one.value, "noise": one.floor} for name, one in each.distances.items()},
        "rates": {
            name: {"value": one.value, "baseline": one.baseline, "bound": one.bound, "drift": one.drifts}
            for name, one in each.rates.items()
        },
    }
