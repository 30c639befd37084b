"""The results that Prometheus' own language tests expect lie within the bounds that the algebra states."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from generators.promql.conformance.runner import load
from generators.promql.conformance.script import Clear, Eval, Load, read_script
from generators.promql.engine.series.labels import METRIC_NAME, get
from generators.promql.engine.series.storage import Storage
from generators.promql.labels.algebra import LabelSet, labels_of
from generators.promql.syntax.ast import VectorSelector
from generators.promql.syntax.parser import parse
from generators.promql.syntax.walk import walk

NEVER_MATCHING = {"Q101", "Q102", "Q103", "Q104"}


SCRIPTS = sorted((Path(__file__).parent / "promqltest").glob("*.test"))


def cases(script: Path) -> Iterator[tuple[Eval, Storage]]:
    """Every evaluation that succeeds, with the series that are loaded then."""
    storage = Storage()
    for statement in read_script(script.read_text(encoding="utf-8")):
        if isinstance(statement, Clear):
            storage = Storage()
        elif isinstance(statement, Load):
            load(storage, statement)
        elif not statement.expects("fail"):
            yield statement, storage


def labels_in(storage: Storage, selector: VectorSelector) -> LabelSet | None:
    if selector.name is None:
        return None
    names = [
        frozenset(label for label, _ in series.labels) - {METRIC_NAME}
        for series in storage
        if get(series.labels, METRIC_NAME) == selector.name
    ]
    sure = frozenset.intersection(*names) if names else frozenset[str]()
    return LabelSet(sure, frozenset().union(*names) - sure)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_expected_results_lie_within_the_bounds(script: Path) -> None:
    for case, storage in cases(script):
        expr, _ = parse(case.expr)
        assert expr is not None
        bounds, problems = labels_of(expr, partial(labels_in, storage), case.expr)
        for series in case.series:
            # The original runs with delayed name removal, under which names live longer.
            labels = {label for label, _ in series.labels} - {METRIC_NAME}
            where = f"line {case.line}: {case.expr} gives {labels}, not {bounds}"
            assert bounds.sure - {METRIC_NAME} <= labels, where
            assert all(bounds.may_have(label) for label in labels), where
        empty_matters = not any(getattr(node, "function", "").startswith("absent") for node in walk(expr))
        if case.series and empty_matters and getattr(expr, "op", "") not in ("or", "unless"):
            assert not NEVER_MATCHING & {problem.code for problem in problems}, f"line {case.line}: {case.expr}"
