"""Prometheus' own language tests, as far as they are data."""

from __future__ import annotations

from pathlib import Path

import pytest

from generators.promql.conformance import run

SCRIPTS = sorted((Path(__file__).parent / "promqltest").glob("*.test"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_every_float_case_of_the_original_suite_holds(script: Path) -> None:
    report = run(script.read_text())
    assert report.failures == ()
    assert report.passed > 0


SCRIPT = """
load 1m
  a_total{x="1"} 0+60x10
  b{x="1"} 1 2 {{schema:0 sum:1 count:1}}

# Comments end a block.
eval instant at 5m rate(a_total[5m])
  {x="1"} 1

eval instant at 5m a_total + on() a_total
  {} 600

eval instant at 5m rate(a_total[5m])
  {x="1"} 2

eval instant at 2m b
  {x="1"} 1

eval range from 0 to 2m step 1m a_total
  expect no_warn
  a_total{x="1"} 0 60 120

eval_fail instant at 0 label_replace(a_total, "x", "", "x", "(")

eval instant at 5m quantile(2, a_total)
  expect warn msg: PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)
  {} +Inf

eval instant at 0 1 / 0
  +Inf
eval instant at 0 "text"
  expect string "text"

clear

eval instant at 5m a_total
"""


def test_a_script_counts_what_holds_what_does_not_and_what_needs_native_histograms() -> None:
    report = run(SCRIPT)
    assert (report.passed, report.failed, report.skipped) == (8, 1, 1)
    assert report.failures[0].line == 13
    assert report.failures[0].expression == "rate(a_total[5m])"
    assert "is 1.0, not 2.0" in report.failures[0].message


def test_a_missing_and_a_surplus_series_are_failures() -> None:
    script = 'load 1m\n  a{x="1"} 1\n  a{x="2"} 2\n\neval instant at 0 a\n  a{x="1"} 1\n\neval instant at 0 a{x="1"}\n'
    missing = 'eval instant at 0 vector(1)\n  {} 1\n  {x="1"} 1\n'
    assert run(script).failed == 2
    assert run(missing).failed == 1
