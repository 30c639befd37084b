"""How fast rule files are checked and tested, beside promtool in the same run."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import model_rules
from benchmarks.rows import Process, Row, measured

MODELS = 100
DAY = 1_440
WATCHSPEC = (sys.executable, "-m", "generators.cli")


def measure() -> Iterator[Row]:
    """Measure a check, then a test of a thousand rules, as whole processes."""
    with tempfile.TemporaryDirectory() as folder:
        rules, tests = Path(folder) / "rules.yml", Path(folder) / "tests.yml"
        rules.write_text(model_rules.rules(MODELS), encoding="utf-8")
        tests.write_text(model_rules.unit_tests(MODELS, rules.name), encoding="utf-8")
        yield from _check(rules)
        yield from _test(f"1,000 rules, {MODELS * model_rules.SERIES_PER_MODEL:,} series, 181 ticks", tests, 20)
        rules.write_text(model_rules.rules(MODELS // 10), encoding="utf-8")
        tests.write_text(model_rules.unit_tests(MODELS // 10, rules.name, DAY), encoding="utf-8")
        yield from _test("100 rules, 530 series, a day of 1,441 ticks", tests, 50)


def _check(rules: Path) -> Iterator[Row]:
    ours = measured((*WATCHSPEC, "lint", "rules", "--checks", "promtool", str(rules)), 7)
    theirs = _promtool("promtool", ("check", "rules", str(rules)), 7)
    older = _promtool("promtool-2", ("check", "rules", str(rules)), 7)
    name = "lint rules, promtool's checks only, 1,000 rules, processor time"
    peer = f"promtool 3.15 {_said(theirs)}, promtool 2.42 {_said(older)}; ours {_said(ours)}"
    if theirs is None:
        yield Row(name, ours.processor, "s", peer=peer)
    else:
        yield Row(f"{name}: of promtool's", ours.processor / theirs.processor, "times", 1.3, peer=peer)
    everything = measured((*WATCHSPEC, "lint", "rules", str(rules)))
    yield Row("… with all checks", everything.processor, "s", peer="promtool has no such checks")


def _test(what: str, tests: Path, aim: float) -> Iterator[Row]:
    ours = measured((*WATCHSPEC, "test", "--compat", "promtool", str(tests)), 5)
    theirs = _promtool("promtool", ("test", "rules", str(tests)), 1)
    peer = f"promtool 3.15 {_said(theirs)}; ours {_said(ours)}"
    name = f"test, {what}"
    if theirs is None:
        yield Row(f"{name}, processor time", ours.processor, "s", peer=peer)
        return
    yield Row(f"{name}: faster than promtool", theirs.processor / ours.processor, "times", aim, True, peer)
    yield Row("… peak memory", ours.memory, "MiB", theirs.memory, peer=f"promtool 3.15 {theirs.memory:.0f} MiB")


def _promtool(name: str, arguments: Sequence[str], repeats: int) -> Process | None:
    """Run a promtool of the folder WATCHSPEC_TOOLS, or of the path; None where there is none."""
    found = shutil.which(name, path=os.environ.get("WATCHSPEC_TOOLS"))
    return None if found is None else measured((found, *arguments), repeats)


def _said(run: Process | None) -> str:
    if run is None:
        return "is not installed"
    return f"{run.processor:.2f} s of processor time, {run.seconds:.2f} s by the clock"
