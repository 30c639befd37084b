"""Compares the engine with promtool on random data and random expressions.

Run as ``python tests/differential/compare_promql.py PROMTOOL [SEED [ROUNDS [EXPRESSIONS]]]``; each round is one rule
test file. promtool prints what it got for every expression, to full precision, which is compared here.
"""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from random_promql import INTERVAL_MS, LAST_MS, Dialect, Expressions, eval_time, series

from generators.formats.durations import format_duration
from generators.promql.engine import ScalarValue, Storage, VectorValue, evaluate
from generators.promql.engine.series.labels import Labels
from generators.promql.engine.series.notation import read_series
from generators.promql.profiles import PROMETHEUS_2, PROMETHEUS_3, Profile
from generators.promql.syntax.parser import parse

TOLERANCE = 1e-9
_FAILED = re.compile(r'    expr: (".*?"), time: (\S+?)(?:,\n|, )', re.MULTILINE)
_SAMPLE = re.compile(r'(\{(?:[^"{}]|"(?:[^"\\]|\\.)*")*\}) (\S+?)(?:, |$)')


@dataclass(frozen=True, slots=True)
class Question:
    """An expression at a time in ms."""

    expr: str
    moment: int


def write_test(path: Path, data: list[tuple[str, str]], questions: list[Question]) -> None:
    document = {
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": format_duration(INTERVAL_MS),
                "input_series": [{"series": name, "values": values} for name, values in data],
                "promql_expr_test": [
                    *(
                        {
                            "expr": question.expr,
                            "eval_time": format_duration(question.moment),
                            "exp_samples": [{"labels": '{impossible="yes"}', "value": 12345.678}],
                        }
                        for question in questions
                    ),
                    {"expr": "vector(1)", "eval_time": format_duration(LAST_MS * 2), "exp_samples": []},
                ],
            }
        ],
    }
    path.write_text(json.dumps(document))


def ask(promtool: str, path: Path) -> str:
    finished = subprocess.run([promtool, "test", "rules", str(path)], capture_output=True, text=True, check=False)
    return finished.stdout + finished.stderr


def read_answers(output: str, questions: list[Question]) -> list[dict[Labels, float] | str]:
    """Per question, what promtool got, or its error."""
    answers: list[dict[Labels, float] | str] = []
    heads = list(re.finditer(r"^    expr: ", output, re.MULTILINE))
    for head, following in zip(heads, [*heads[1:], None], strict=False):
        block = output[head.start() : following.start() if following else len(output)]
        got = re.search(r"^        got: (.*)$", block, re.MULTILINE)
        if got is None:
            error = re.search(r"err: (.*)", block)
            answers.append(error.group(1) if error else "unreadable: " + block)
        else:
            answers.append(_samples(got.group(1)))
    return answers


def _samples(text: str) -> dict[Labels, float]:
    if text == "nil":
        return {}
    return {read_series(match[1] + " 0").labels: float(match[2]) for match in _SAMPLE.finditer(text)}


def load(data: list[tuple[str, str]]) -> Storage:
    storage = Storage()
    for name, values in data:
        described = read_series(f"{name} {values}")
        times = np.arange(described.values.size) * INTERVAL_MS
        kept = ~described.missing
        storage.add(described.labels, times[kept], described.values[kept])
    return storage


def own_answer(storage: Storage, question: Question, profile: Profile) -> dict[Labels, float] | str:
    expr, problems = parse(question.expr)
    if expr is None:
        return "parse: " + "; ".join(problem.message for problem in problems)
    result = evaluate(expr, storage, question.moment, profile=profile)
    if result.error is not None:
        return result.error.message
    if isinstance(result.value, ScalarValue):
        return {(): result.value.value}
    assert isinstance(result.value, VectorValue)
    return {sample.labels: sample.value for sample in result.value.samples}


def close(left: float, right: float) -> bool:
    if left == right or (math.isnan(left) and math.isnan(right)):
        return True
    return abs(left - right) <= TOLERANCE * max(abs(left), abs(right)) or abs(left - right) < 1e-300


def difference(mine: dict[Labels, float] | str, theirs: dict[Labels, float] | str) -> str | None:
    if isinstance(mine, str) or isinstance(theirs, str):
        return None if isinstance(mine, str) and isinstance(theirs, str) else f"{mine!s:.300} | {theirs!s:.300}"
    if mine.keys() != theirs.keys():
        return f"labels: only ours {mine.keys() - theirs.keys()}, only theirs {theirs.keys() - mine.keys()}"
    wrong = [
        f"{labels}: {mine[labels]!r} | {theirs[labels]!r}" for labels in mine if not close(mine[labels], theirs[labels])
    ]
    return "; ".join(wrong) or None


def compare_round(promtool: str, seed: int, count: int, *, modern: bool) -> list[str]:
    """All disagreements of one round, as text."""
    random = Random(seed)  # noqa: S311 - reproducible, not secret
    dialect = Dialect(modern)
    data = series(random, dialect)
    expressions = Expressions(random, dialect)
    questions = [Question(expressions.vector(random.randint(0, 3)), eval_time(random)) for _ in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "test.yml"
        write_test(path, data, questions)
        output = ask(promtool, path)
    answers = read_answers(output, questions)
    if len(answers) != count + 1:
        return [f"promtool answered {len(answers)} of {count + 1}: {output[:500]}"]
    storage = load(data)
    profile = PROMETHEUS_3 if modern else PROMETHEUS_2
    found = []
    for question, theirs in zip(questions, answers, strict=False):
        wrong = difference(own_answer(storage, question, profile), theirs)
        if wrong is not None:
            found.append(f"seed {seed}: {question.expr} at {question.moment}\n    {wrong}")
    return found


def is_modern(promtool: str) -> bool:
    """Whether it is Prometheus 3's; a promtool built from source does not say its version."""
    version = subprocess.run([promtool, "--version"], capture_output=True, text=True, check=False)
    return "version 2." not in version.stdout + version.stderr


def main(arguments: list[str]) -> int:
    promtool, *numbers = arguments
    seed, rounds, count = [*map(int, numbers), *(1, 5, 200)[len(numbers) :]]
    modern = is_modern(promtool)
    total = 0
    for each in range(seed, seed + rounds):
        found = compare_round(promtool, each, count, modern=modern)
        total += len(found)
        for text in found:
            sys.stdout.write(text + "\n")
    version = "Prometheus 3" if modern else "Prometheus 2"
    asked = f"{rounds * count} expressions, {total} disagreements above {TOLERANCE:g}"
    sys.stdout.write(f"{version}, seeds {seed} to {seed + rounds - 1}: {asked}\n")
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
