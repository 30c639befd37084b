"""Feeds broken PromQL, templates, test series and rule files to their readers, which must answer with problems.

Run as ``python tests/differential/fuzz_promql.py [INPUTS [SEED]]``.  An input is an example from this repository that
was cut, spliced, doubled and sprinkled with tokens.  Each has two seconds of processor time, and a reader may neither
raise, nor hang, nor contradict itself.  What fails is printed with the number that makes it again.
"""

from __future__ import annotations

import json
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from types import FrameType

import yaml

from generators import promql
from generators.promql.engine import SeriesDescription, parse_series
from generators.promql.labels.algebra import labels_of
from generators.promql.rules import read_rules
from generators.promql.rules.expressions import parse_and_check
from generators.promql.rules.lint import lint
from generators.promql.rules.reader import read_yaml
from generators.promql.rules.testing.document import read_unit_tests
from generators.promql.templates import ALERTMANAGER, parse_template
from generators.promql.templates.expansion import expand

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 2.0
LONGEST = 4_000
RULE_FILES = ("rendered/production/prometheus/rules/*.yaml", "rendered/**/*.rules.yaml", "tests/promql/examples/*.yaml")
TOKENS = {
    "expression": r"""
        ( ) { } [ ] [5m] [5m:] [1h:1m] , " ' ` \ # @ @start() offset -1w by( without(job) on(job) group_left() ignoring(
        bool and or unless atan2 ^ - + == =~ !~ sum rate( topk(1, count_values( inf nan 0x 1e 1_0 5m 1h5 $x fill(
        anchored smoothed histogram_quantile(0.9, __name__ le label_replace( “ é ((((( ))))) ---- {} =~"("
    """,
    "template": r"""
        {{ }} {{- -}} {{/* */}} | ( ) $labels.job $value $x := = . .. end if else range with define template block break
        continue nil " ` 'a' printf humanize query first index slice len eq and 1e400 0x -1 % %d %! %999999d
        reReplaceAll toTime humanizeTimestamp sortByLabel args \
    """,
    "series": r"""
        x 0+1x5 1x _ _x3 stale {{ }} {{schema:1} sum:2}} x99999999999 - + inf nan 0x1f 1e400 " ' \ { } = , {a="b"} é .
    """,
    "rules": r"""
        groups: name: rules: record: alert: expr: for: labels: { } [ ] : - &a *a <<: !!binary !x --- ... | >- " ' # ?
        %YAML tests: eval_time: values: null ~ 5m interval: limit: query_offset:
    """,
}
"""What is sprinkled over the examples."""
ODD = (" ", "\n", "\t", "\n  ", "\0", "\ufeff", "\ud800", "\U0001f600")


class HangError(BaseException):
    """An input took too long."""


def _time_is_up(_: int, __: FrameType | None) -> None:
    raise HangError


@cache
def examples(kind: str) -> tuple[str, ...]:
    """Return texts of a kind from the repository."""
    files = [path.read_text(encoding="utf-8") for pattern in RULE_FILES for path in sorted(ROOT.glob(pattern))]
    if kind == "rules":
        return tuple(text[:LONGEST] for text in files)
    documents = [yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) for text in files]  # noqa: S506
    rules = [rule for each in documents for group in each.get("groups", ()) for rule in group["rules"]]
    if kind == "expression":
        return tuple(dict.fromkeys(rule["expr"] for rule in rules))
    if kind == "template":
        goldens = json.loads((ROOT / "tests/promql/template_goldens.json").read_text(encoding="utf-8"))
        texts = [text for rule in rules for text in rule.get("annotations", {}).values()]
        return tuple(dict.fromkeys([*texts, *_texts(goldens)]))
    tests = [test for each in documents for test in each.get("tests", ())]
    found = [f"{entry['series']} {entry['values']}" for test in tests for entry in test["input_series"]]
    return (*dict.fromkeys(found), 'x{a="b"} 1+2x3 _ stale {{schema:1 sum:2 buckets:[1 2]}}x2')


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for part in parts for text in _texts(part)]


def made(kind: str, random: Random) -> str:
    """Return a broken text of a kind."""
    known = examples(kind)
    text = random.choice(known) if random.random() < 0.9 else ""
    for _ in range(random.choice((0, 1, 1, 2, 3, 5, 8, 20))):
        start = random.randint(0, len(text))
        end = min(len(text), start + random.choice((0, 0, 1, 1, 2, 5, 20, 200)))
        match random.randrange(6):
            case 0 | 1:
                piece = random.choice((*TOKENS[kind].split(), *ODD))
            case 2:
                piece = chr(random.choice((random.randrange(32, 127), random.randrange(0x10FFFF))))
            case 3:
                other = random.choice(known)
                cut = random.randint(0, len(other))
                piece = other[cut : cut + random.randint(0, 80)]
            case 4:
                piece = text[start:end] * random.choice((2, 3, 30))
            case _:
                piece = ""
        text = text[:start] + piece + text[end:]
    return text[:LONGEST]


def read_expression(text: str) -> None:
    """Read, check, print and analyse an expression; what is printed must read as the same."""
    expr, problems = promql.parse(text)
    alone = problems if expr is None else (*problems, *promql.check(expr))
    assert repr(parse_and_check(text, promql.PROMETHEUS_3)) == repr((expr, alone)), "a shared tree is another"
    promql.parse(text, template=True)
    if expr is None:
        assert problems, "no tree, and no reason"
        return
    labels_of(expr, lambda _: None, text)
    for printed in (promql.format(expr), promql.pretty(expr)):
        again, wrong = promql.parse(printed)
        assert not wrong, f"printed as {printed!r}, which does not read"
        assert again == expr or "NaN" in printed, f"printed as {printed!r}, which reads as another"


def read_template(text: str) -> None:
    """Parse a template and expand it."""
    template, problems = parse_template(text)
    parse_template(text, ALERTMANAGER)
    assert template is not None or problems, "no template, and no reason"
    if template is not None:
        labels = {"job": "api", "instance": "a:9090"}
        expand(
            template, labels, 0.125, {}, "http://prometheus", query=lambda _: [(labels, 1.0)], timestamp=1e9, alert="A"
        )


def read_series(text: str) -> None:
    """Read a series in the notation of tests."""
    found = parse_series(text)
    if not isinstance(found, SeriesDescription):
        assert found.error is not None, "no series, and no reason"


def read_file(text: str) -> None:
    """Read a file as rules, with all checks, and as unit tests."""
    file, problems = read_rules(text)
    assert file is not None or problems, "no file, and no reason"
    if file is not None:
        list(lint(file, text=text))
    document, _ = read_yaml(text)
    if document is not None:
        read_unit_tests(document.root)


READERS: dict[str, Callable[[str], None]] = {
    "expression": read_expression,
    "template": read_template,
    "series": read_series,
    "rules": read_file,
}
SHARES = ("expression",) * 4 + ("template",) * 3 + ("series",) * 2 + ("rules",)


def attempt(seed: int, number: int) -> tuple[str, str, str]:
    """Read one input; return its kind, its text, and what went wrong, empty if nothing did."""
    random = Random(f"{seed}/{number}")  # noqa: S311 - reproducible, not secret
    kind = random.choice(SHARES)
    text = made(kind, random)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        READERS[kind](text)
    except HangError:
        return kind, text, f"more than {SECONDS:g} s"
    except Exception:
        return kind, text, traceback.format_exc(limit=-3)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return kind, text, ""


def main(arguments: list[str]) -> int:
    inputs, seed = [*map(int, arguments), *(100_000, 1)[len(arguments) :]]
    signal.signal(signal.SIGVTALRM, _time_is_up)
    counts: Counter[str] = Counter()
    wrong = 0
    start = time.perf_counter()
    for number in range(inputs):
        kind, text, failure = attempt(seed, number)
        counts[kind] += 1
        if failure:
            wrong += 1
            sys.stdout.write(f"seed {seed}, input {number}, {kind} {text!r}\n{failure}\n")
    told = ", ".join(f"{count} of kind {kind}" for kind, count in sorted(counts.items()))
    seconds = time.perf_counter() - start
    sys.stdout.write(f"seed {seed}: {inputs} inputs ({told}) in {seconds:.0f} s, {wrong} failures\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
