"""Compares alert states with promtool's, over random rules whose conditions come and go at random.

Run as ``python tests/differential/compare_alerts.py PROMTOOL [SEED [ROUNDS [RULES]]]``; each round is one rule file of
so many alerts, and one test file that asks for ALERTS and ALERTS_FOR_STATE at every tick. promtool's answers are
compared with what our evaluation stored.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from compare_promql import Question, ask, difference, is_modern, read_answers

from generators.formats.durations import format_duration
from generators.promql.engine import Storage
from generators.promql.engine.series.labels import Labels
from generators.promql.engine.series.notation import read_series
from generators.promql.profiles import PROMETHEUS_2, PROMETHEUS_3
from generators.promql.rules import read_rules
from generators.promql.rules.evaluation.groups import evaluate_rules
from generators.promql.rules.evaluation.schedule import Server
from generators.promql.rules.evaluation.tables import run_at
from generators.promql.syntax.parser import parse

TICKS = 45
MINUTE_MS = 60_000
ASKED = ("ALERTS", "ALERTS_FOR_STATE", "firing:count", "flapping:sum")


def rule(random: Random, number: int) -> dict[str, Any]:
    """Return an alert on the metric of its number; its label may follow the value, which changes its identity."""
    labels = random.choice(
        ({}, {"severity": "page"}, {"size": "{{ if gt $value 5.0 }}large{{ else }}small{{ end }}"}, {"job": ""})
    )
    fields: dict[str, Any] = {
        "alert": f"Alert{number}",
        "expr": f"metric_{number} > {random.choice((0, 0, 3))}",
        "labels": labels,
    }
    hold, keep = random.choice((0, 0, 1, 2, 3, 7, 15)), random.choice((0, 0, 1, 2, 5, 11))
    if hold:
        fields["for"] = random.choice((f"{hold}m", f"{hold * 60 - 30}s"))
    if keep:
        fields["keep_firing_for"] = random.choice((f"{keep}m", f"{keep * 60 - 30}s"))
    return fields


def pattern(random: Random) -> str:
    """Return values that switch between on and off after runs of random length, with gaps and stale markers."""
    values: list[str] = []
    longest = random.choice((1, 3, 6, 20))
    while len(values) < TICKS:
        kind = random.choice(("on", "on", "off", "gap", "stale"))
        length = random.randint(1, longest)
        if kind == "on":
            values += [str(random.choice((1, 4, 9))) for _ in range(length)]
        elif kind == "off":
            values += ["0"] * length
        else:
            values += [kind.replace("gap", "_")] + ["_"] * (length - 1)
    return " ".join(values[:TICKS])


def rule_file(random: Random, count: int) -> str:
    """Return a file of alerts, and of recordings that read their states."""
    alerts = [rule(random, number) for number in range(count)]
    after = {"record": "firing:count", "expr": 'count by (alertname) (ALERTS{alertstate="firing"})'}
    before = {"record": "flapping:sum", "expr": "sum(changes(ALERTS_FOR_STATE[5m]))"}
    return json.dumps({"groups": [{"name": "states", "rules": [before, *alerts, after]}]})


def unit_test(path: Path, data: list[tuple[str, str]], questions: list[Question]) -> str:
    """Return a test file whose every expectation fails, so that promtool prints what it got."""
    impossible = [{"labels": '{impossible="yes"}', "value": 12345.678}]
    asked = [
        {"expr": each.expr, "eval_time": format_duration(each.moment), "exp_samples": impossible} for each in questions
    ]
    case = {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in data],
        "promql_expr_test": asked,
    }
    return json.dumps({"rule_files": [path.name], "evaluation_interval": "1m", "tests": [case]})


def own_answers(text: str, data: list[tuple[str, str]], questions: list[Question], *, modern: bool) -> list[Any]:
    """Return what our evaluation stored, as an instant query finds it."""
    profile = PROMETHEUS_3 if modern else PROMETHEUS_2
    storage = Storage()
    for name, values in data:
        described = read_series(f"{name} {values}")
        kept = ~described.missing
        storage.add(described.labels, (np.arange(kept.size) * MINUTE_MS)[kept], described.values[kept])
    file, problems = read_rules(text, profile=profile)
    assert file is not None, problems
    server = Server(same_interval=MINUTE_MS, profile=profile)
    evaluate_rules([file], storage, 0, (TICKS - 1) * MINUTE_MS, server)
    answers: list[dict[Labels, float] | str] = []
    for question in questions:
        expr, _ = parse(question.expr)
        assert expr is not None
        samples, problem = run_at(expr, storage, question.moment, server)
        answers.append(dict(samples) if problem is None else problem.message)
    return answers


def compare_round(promtool: str, seed: int, count: int, *, modern: bool) -> tuple[list[str], int]:
    """Return all disagreements of one round, as text, and how many samples promtool had."""
    random = Random(seed)  # noqa: S311 - reproducible, not secret
    text = rule_file(random, count)
    data = [
        (f'metric_{number}{{instance="{instance}",job="j"}}', pattern(random))
        for number in range(count)
        for instance in range(random.choice((1, 2, 3)))
    ]
    questions = [Question(name, tick * MINUTE_MS) for tick in range(TICKS) for name in ASKED]
    with tempfile.TemporaryDirectory() as folder:
        rules, path = Path(folder) / "rules.yml", Path(folder) / "test.yml"
        rules.write_text(text)
        path.write_text(unit_test(rules, data, questions))
        output = ask(promtool, path)
    theirs = read_answers(output, questions)
    if len(theirs) != len(questions):
        return [f"seed {seed}: promtool answered {len(theirs)} of {len(questions)}: {output[:500]}"], 0
    mine = own_answers(text, data, questions, modern=modern)
    found = [
        f"seed {seed}: {question.expr} at {question.moment // MINUTE_MS}m\n    {wrong}"
        for question, own, their in zip(questions, mine, theirs, strict=True)
        if (wrong := difference(own, their)) is not None
    ]
    return found, sum(map(len, theirs))


def main(arguments: list[str]) -> int:
    promtool, *numbers = arguments
    seed, rounds, count = [*map(int, numbers), *(1, 5, 40)[len(numbers) :]]
    modern = is_modern(promtool)
    total = samples = 0
    for each in range(seed, seed + rounds):
        found, compared = compare_round(promtool, each, count, modern=modern)
        samples += compared
        total += len(found)
        sys.stdout.writelines(f"{text}\n" for text in found)
    version = "Prometheus 3" if modern else "Prometheus 2"
    counted = f"{rounds * count} alerts, {samples} samples of their states, {total} disagreements"
    sys.stdout.write(f"{version}, seeds {seed} to {seed + rounds - 1}: {counted}\n")
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
