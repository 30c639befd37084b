from __future__ import annotations

from generators.promql.conformance import run

SCRIPT = """
load 1m
  one_total@st -30s
  one_total 5
  often_total@st -10s -10s -10s -5s
  often_total 10 20 30 40
  plain_total{x="1"} 0+60x9

# A start inside the range stands for a sample of zero: 5 in two minutes.
eval instant at 0 rate(one_total[2m])
  {} 0.041666666666666664

# Every sample started anew, so each counts in full, the first one from its start.
eval instant at 3m increase(often_total[4m])
  {} 100

eval instant at 3m resets(often_total[4m])
  {} 3

eval instant at 3m irate(often_total[4m])
  {} 0.6666666666666666

eval instant at 2m start_timestamp(often_total)
  {} 110

eval instant at 5m rate({__name__=~"one_total|plain_total"}[2m])
  {x="1"} 1
"""

OVERLAP = """
load 1m
  late_total@st -30s -80s
  late_total 1 2

eval instant at 1m rate(late_total[2m])
  expect warn regex: overlaps with previous sample timestamp for metric "late_total" \\(1:6\\)
  {} 0.016666666666666666
"""


def test_start_times_make_resets_and_zero_samples() -> None:
    report = run(SCRIPT)
    assert report.failures == ()
    assert report.passed == 6


def test_a_start_before_the_previous_sample_is_warned_about() -> None:
    assert run(OVERLAP).failures == ()
