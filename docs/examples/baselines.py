"""Write the baselines of the example models from the data sets that come with scikit-learn.

    python docs/examples/baselines.py specs/baselines

Needs scikit-learn and nothing from the network; the same data give the same bytes.  A baseline of your own is made the
same way from the rows that your model was trained on: replace ``DATA``.

Edges are quantiles of the data, rounded down to six digits, close together in the tails, which deciles do not see;
equal ones are merged.  A bin holds what is at least its lower edge and less than its upper one.  Shares are counted
with the rounded edges.  The deviation is that of the rows, not an estimate for a population behind them.
"""

from __future__ import annotations

import math
import sys
import textwrap
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Context, Decimal
from pathlib import Path
from typing import Any, Final

import numpy as np
from sklearn import datasets

QUANTILES: Final = (0.001, 0.01, 0.05, *(tenth / 10 for tenth in range(1, 10)), 0.95, 0.99, 0.999)
DIGITS: Final = 6
WIDTH: Final = 110


@dataclass(frozen=True, slots=True)
class Source:
    """Where the rows of a model's baseline come from."""

    tenant: str
    load: Callable[[], Any]
    words: str


DATA: Final = {
    "screening": Source("health", datasets.load_breast_cancer, "Wisconsin breast cancer, load_breast_cancer"),
    "progression": Source("health", datasets.load_diabetes, "Diabetes, centred and scaled, load_diabetes"),
    "cultivar": Source("wine", datasets.load_wine, "Wine recognition, load_wine"),
}
VERSION: Final = "2026-10-01"


def main(folder: Path) -> None:
    """Write one file for each model."""
    folder.mkdir(parents=True, exist_ok=True)
    for model in DATA:
        (folder / f"{model}.yaml").write_text(baseline(model), "utf-8", newline="\n")


def baseline(model: str) -> str:
    """Return the baseline of a model as YAML; features stand in the order of the columns."""
    source = DATA[model]
    rows = source.load()
    lines = [
        "# Written by docs/examples/baselines.py; do not edit. What it was made of and how is said there.",
        "apiVersion: watchspec/v1",
        "kind: Baseline",
        f"metadata: {{name: {model}, tenant: {source.tenant}}}",
        "spec:",
        f"  model: {model}",
        f'  version: "{VERSION}"',
        f"  rows: {len(rows.data)}",
        f'  source: "{source.words}"',
        "  features:",
    ]
    for column, name in enumerate(rows.feature_names):
        lines += [f"    {name.replace(' ', '_').replace('/', '_')}:", *_profile(rows.data[:, column].tolist())]
    return "\n".join((*lines, ""))


def _profile(values: Sequence[float]) -> Iterator[str]:
    """Yield the profile of a column without missing values."""
    edges = sorted({_down(edge) for edge in np.quantile(values, QUANTILES).tolist()})
    counts = [0] * (len(edges) + 1)
    inner = [float(edge) for edge in edges]
    for value in values:
        counts[bisect_right(inner, value)] += 1
    mean = math.fsum(values) / len(values)
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / len(values))
    yield from _listed("edges", [_plain(edge) for edge in edges])
    yield from _listed("shares", [_plain(Decimal(f"{count / len(values):.8f}")) for count in counts])
    last = Decimal(1).scaleb(Decimal(deviation).adjusted() + 1 - DIGITS)
    yield f"      mean: {_plain(Decimal(mean).quantize(last))}"
    yield f"      deviation: {_plain(Decimal(deviation).quantize(last))}"


def _down(value: float) -> Decimal:
    """Return a number with six digits that is not above it; what differs in the twelfth is noise of arithmetic."""
    steady = Context(prec=2 * DIGITS).create_decimal(Decimal(value))
    return Context(prec=DIGITS, rounding=ROUND_FLOOR).plus(steady)


def _plain(value: Decimal) -> str:
    text = f"{value + 0:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _listed(key: str, items: Sequence[str]) -> Iterator[str]:
    """Yield a list in brackets, on as many lines as it needs."""
    head = f"      {key}: ["
    yield from textwrap.wrap(f"{', '.join(items)}]", WIDTH, initial_indent=head, subsequent_indent=" " * len(head))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
