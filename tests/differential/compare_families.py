"""Compares rules that are evaluated together, because they differ in a label's value only, with the same one by one.

Run as ``python tests/differential/compare_families.py [SEED [ROUNDS [EXPRESSIONS]]]``.  Every random expression
becomes a recording rule and an alert for each of three models.  What is stored must agree to the last bit, and in its
order; so must alerts and failures.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from random import Random
from unittest import mock

import numpy as np
from random_promql import INTERVAL_MS, LAST_MS, Dialect, Expressions, series

from generators import promql
from generators.promql.engine import Storage
from generators.promql.engine.series.notation import read_series
from generators.promql.rules.evaluation import families
from generators.promql.rules.evaluation.groups import evaluate_rules
from generators.promql.rules.evaluation.schedule import Server
from generators.promql.rules.evaluation.timeline import Timeline
from generators.promql.rules.file import read_rules
from generators.promql.syntax.ast import Expr, Matcher, MatchOp, VectorSelector

MODELS = ("alpha", "be", "gamma-3")
STEP_MS = 300_000
EVALUATION = "generators.promql.rules.evaluation.groups"


def of_model(expr: Expr, model: str) -> str:
    """Return an expression's text with every selector bound to a model."""

    def bind(node: Expr) -> Expr:
        if isinstance(node, VectorSelector):
            return replace(node, matchers=(*node.matchers, Matcher("model", MatchOp.EQUAL, model)))
        return node

    return promql.format(promql.transform(expr, bind))


def rule_file(expressions: list[Expr]) -> str:
    """Return a rule file as JSON, one group a model."""
    groups = []
    for model in MODELS:
        rules: list[dict[str, object]] = []
        for index, expr in enumerate(expressions):
            recorded = f"r{index}"
            rules.append({"record": recorded, "expr": of_model(expr, model), "labels": {"model": model}})
            read = f'sum without (zone) ({recorded}{{model="{model}"}}) > 0'
            rules.append({"alert": f"A{index}", "expr": read, "for": "10m", "labels": {"model": model}})
        groups.append({"name": model, "rules": rules})
    return json.dumps({"groups": groups})


def storage(data: dict[str, list[tuple[str, str]]]) -> Storage:
    """Return the series of all models."""
    found = Storage()
    for model, entries in data.items():
        for name, values in entries:
            described = read_series(f"{name[:-1]},model={json.dumps(model)}}} {values}")
            times = np.arange(described.values.size) * INTERVAL_MS
            kept = ~described.missing
            found.add(described.labels, times[kept], described.values[kept])
    return found


def outcome(timeline: Timeline) -> object:
    """Return all that came of an evaluation, in a form that is equal only if every bit is."""
    kept = [(each.labels, each.timestamps.tolist(), each.values.tobytes()) for each in timeline.storage]
    by_name = [[each.labels for each in timeline.storage.named(name)] for name in ("ALERTS", "ALERTS_FOR_STATE")]
    alerts = [(each.labels, each.active_at, each.fired_at, each.ended_at) for each in timeline.alerts]
    return kept, by_name, alerts, timeline.failures, timeline.refused


def compare_round(seed: int, count: int) -> tuple[bool, int, int]:
    """Return whether one round agrees, how many rules were evaluated together, and how many there were."""
    random = Random(seed)  # noqa: S311 - reproducible, not secret
    dialect = Dialect(modern=True)
    data = {model: series(random, dialect) for model in MODELS}
    generated = Expressions(random, dialect)
    texts = [generated.vector(random.randint(0, 3)) for _ in range(count)]
    file, problems = read_rules(rule_file([expr for expr, _ in map(promql.parse, texts) if expr is not None]))
    if file is None:
        raise ValueError(problems)
    server = Server(same_interval=STEP_MS)
    with mock.patch(f"{EVALUATION}.evaluate_family", side_effect=families.evaluate_family, autospec=True) as family:
        mine = outcome(evaluate_rules([file], storage(data), 0, LAST_MS, server))
    together = sum(len(each.args[0].members) for each in family.call_args_list)
    with mock.patch(f"{EVALUATION}.families", return_value=iter(())):
        theirs = outcome(evaluate_rules([file], storage(data), 0, LAST_MS, server))
    return mine == theirs, together, sum(len(group.rules) for group in file.groups)


def main(arguments: list[str]) -> int:
    seed, rounds, count = [*map(int, arguments), *(1, 10, 20)[len(arguments) :]]
    together = rules = wrong = 0
    for each in range(seed, seed + rounds):
        agrees, family, all_rules = compare_round(each, count)
        together, rules = together + family, rules + all_rules
        if not agrees:
            wrong += 1
            sys.stdout.write(f"seed {each}: rules that were evaluated together differ\n")
    told = f"{rules} rules, {together} of them evaluated together, {wrong} rounds that differ"
    sys.stdout.write(f"families, seeds {seed} to {seed + rounds - 1}: {told}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
