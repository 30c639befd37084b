"""Rule groups over time: states, series and sending; and two ways of evaluation against each other."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.promql.engine import SeriesDescription, Storage, parse_series
from generators.promql.rules import read_rules
from generators.promql.rules.evaluation import groups as evaluate_module
from generators.promql.rules.evaluation.alert_state import Phase, State, Waits, advance
from generators.promql.rules.evaluation.dependencies import Block
from generators.promql.rules.evaluation.groups import evaluate_rules
from generators.promql.rules.evaluation.schedule import Outage, Server
from generators.promql.rules.evaluation.sending import sent
from generators.promql.rules.evaluation.timeline import Timeline

MINUTE = 60_000


def filled(*series: str, step: int = MINUTE) -> Storage:
    storage = Storage()
    for text in series:
        described = parse_series(text)
        assert isinstance(described, SeriesDescription)
        kept = ~described.missing
        times = step * np.arange(described.values.size, dtype=np.int64)
        storage.add(described.labels, times[kept], described.values[kept])
    return storage


def run(rules: str, *series: str, minutes: int, **server: Any) -> Timeline:
    text = rules if rules.startswith("groups") else "groups: [{name: g, rules: [" + rules + "]}]"
    file, problems = read_rules(text, "rules.yml")
    assert file is not None
    assert not [problem for problem in problems if problem.code != "Q620"], problems
    return evaluate_rules([file], filled(*series), 0, minutes * MINUTE, Server(**server))


def samples(timeline: Timeline, name: str) -> dict[str, list[tuple[int, float]]]:
    return {
        ",".join(f"{key}={value}" for key, value in series.labels if key != "__name__"): [
            (int(time) // MINUTE, float(value)) for time, value in zip(series.timestamps, series.values, strict=True)
        ]
        for series in timeline.storage.named(name)
    }


ALERT = "{alert: A, expr: x > 0, for: 2m, keep_firing_for: 2m}"


def minutes(timeline: Timeline) -> list[tuple[int | None, ...]]:
    return [
        tuple(None if time is None else time // MINUTE for time in (a.active_at, a.fired_at, a.resolved_at))
        for a in timeline.alerts
    ]


@pytest.mark.parametrize(
    ("rule", "values", "expected"),
    [
        ("{alert: A, expr: x > 0}", "0 1 1 0 0", [(1, 1, 3)]),
        ("{alert: A, expr: x > 0, for: 2m}", "0 1 1 0 0", [(1, None, None)]),
        ("{alert: A, expr: x > 0, for: 2m}", "0 1 1 1 1 0", [(1, 3, 5)]),
        ("{alert: A, expr: x > 0, for: 90s}", "0 1 1 1 0", [(1, 3, 4)]),
        ("{alert: A, expr: x > 0, keep_firing_for: 2m}", "1 0 0 0 0", [(0, 0, 3)]),
        ("{alert: A, expr: x > 0, keep_firing_for: 2m}", "1 0 0 1 0 0 0", [(0, 0, 6)]),
        ("{alert: A, expr: x > 0, keep_firing_for: 2m}", "1 0 0 0 1 0 0 0", [(0, 0, 3), (4, 4, 7)]),
        (ALERT, "1 1 0 1 1 1 0 1 0 0 0 0", [(0, None, None), (3, 5, 10)]),
    ],
)
def test_an_alert_goes_through_its_states(rule: str, values: str, expected: list[tuple[int, ...]]) -> None:
    assert minutes(run(rule, f"x {values}", minutes=len(values.split()) - 1)) == expected


def test_recordings_end_in_a_stale_marker_when_a_series_disappears() -> None:
    timeline = run("{record: r, expr: x > 1, labels: {a: b}}", "x 1 2 3 1 4", minutes=4)
    recorded = samples(timeline, "r")["a=b"]
    assert [time for time, _ in recorded] == [1, 2, 3, 4]
    assert np.isnan(recorded[2][1])


def test_the_alerts_series_tell_the_states() -> None:
    timeline = run("{alert: A, expr: x > 0, for: 1m}", "x 1 1 0", minutes=2)
    alerts = samples(timeline, "ALERTS")
    assert [time for time, value in alerts["alertname=A,alertstate=pending"] if value == 1] == [0]
    assert [time for time, value in alerts["alertname=A,alertstate=firing"] if value == 1] == [1]
    assert samples(timeline, "ALERTS_FOR_STATE")["alertname=A"][0] == (0, 0.0)


def test_groups_keep_their_own_interval_offset_and_labels() -> None:
    rules = "groups: [{name: g, interval: 2m, query_offset: 1m, labels: {t: g}, rules: [{record: r, expr: x}]}]"
    assert samples(run(rules, "x 0+1x10", minutes=6), "r")["t=g"] == [(-1 + 2, 1.0), (3, 3.0), (5, 5.0)]
    same = run(rules, "x 0+1x10", minutes=3, same_interval=MINUTE)
    assert [time for time, _ in samples(same, "r")["t=g"]] == [0, 1, 2]


def test_a_rule_that_fails_at_one_tick_works_at_the_others() -> None:
    series = ('x{a="1"} 1 1 1', 'y{a="1",b="1"} 1 1 1', 'y{a="1",b="2"} _ 1 stale')
    timeline = run("{record: r, expr: x * on (a) y}", *series, minutes=2)
    assert [failure.time // MINUTE for failure in timeline.failures] == [1]
    assert [time for time, _ in samples(timeline, "r")["a=1"]] == [0, 2]


def test_labels_that_make_two_elements_one_fail_the_rule() -> None:
    series = ('x{a="1"} 1 1', 'x{a="2"} _ 1')
    recording = run("{record: r, expr: x, labels: {a: z}}", *series, minutes=1)
    alert = run("{alert: A, expr: x > 0, labels: {a: z}}", *series, minutes=1)
    for timeline in (recording, alert):
        assert [failure.time // MINUTE for failure in timeline.failures] == [1]
        assert "same labelset" in timeline.failures[0].message


def test_a_breached_limit_fails_the_rule_and_ends_its_alerts() -> None:
    rules = "groups: [{name: g, limit: 1, rules: [{alert: A, expr: x > 0}]}]"
    timeline = run(rules, 'x{a="1"} 1 1 1 1', 'x{a="2"} 0 1 0 0', minutes=3)
    assert [failure.message for failure in timeline.failures] == ["exceeded limit of 1 with 2 alerts"]
    ended = [(a.active_at // MINUTE, a.ended_at and a.ended_at // MINUTE, a.resolved_at) for a in timeline.alerts]
    assert ended == [(0, 1, None), (2, None, None)]


def test_two_rules_of_one_series_are_settled_by_order() -> None:
    timeline = run("{record: r, expr: x}, {record: r, expr: x + 1}", "x 1 2", minutes=1)
    assert samples(timeline, "r")[""] == [(0, 1.0), (1, 2.0)]
    assert "duplicate sample for timestamp 60000" in timeline.failures[1].message


def test_a_rule_may_count_on_its_own_past() -> None:
    timeline = run("{record: n, expr: (n offset 1m or vector(0)) + 1}", minutes=3)
    assert samples(timeline, "n")[""] == [(0, 1.0), (1, 2.0), (2, 3.0), (3, 4.0)]


def test_a_template_in_a_label_makes_the_identity() -> None:
    rule = "{alert: A, expr: x > 0, for: 1m, labels: {v: '{{ $value }}'}, annotations: {s: 'at {{ $value }}'}}"
    timeline = run(rule, "x 1 1 2 3 3 3", minutes=5)
    assert minutes(timeline) == [(0, 1, 2), (2, None, None), (3, 4, None)]
    (alert,) = timeline.firing_at(5 * MINUTE, "A")
    assert dict(alert.labels) == {"alertname": "A", "v": "3"}
    assert alert.annotations_at(5 * MINUTE) == {"s": "at 3"}


def test_annotations_can_query_the_storage() -> None:
    rule = """{alert: A, expr: x > 0, annotations: {s: '{{ query "sum(y)" | first | value }}'}}"""
    timeline = run(rule, "x 1", 'y{a="1"} 3', 'y{a="2"} 4', minutes=0)
    assert timeline.alerts[0].annotations_at(0) == {"s": "7"}


def test_sending_skips_a_tick_when_interval_and_resend_delay_are_equal() -> None:
    timeline = run("{alert: A, expr: x > 0}", "x 1x5 0x30", minutes=36, external_labels=(("region", "eu"),))
    times = [(entry.time // MINUTE, entry.resolved) for entry in sent(timeline)]
    assert times[:4] == [(0, False), (2, False), (4, False), (6, True)]
    assert times[-1] == (20, True)
    first = sent(timeline)[0]
    assert dict(first.labels) == {"alertname": "A", "region": "eu"}
    assert (first.starts_at, first.ends_at) == (0, 4 * MINUTE)


def test_a_restart_restores_long_waits_only() -> None:
    rules = "{alert: Long, expr: x > 0, for: 30m}, {alert: Short, expr: x > 0, for: 5m}"
    outage = (Outage(20 * MINUTE + 1, 25 * MINUTE),)
    timeline = run(rules, "x 1x80", minutes=80, outages=outage)
    fired = {alert.name: [] for alert in timeline.alerts}
    for alert in timeline.alerts:
        fired[alert.name].append(None if alert.fired_at is None else alert.fired_at // MINUTE)
    # 20 of 30 minutes were over when the server went down; the outage of 6 minutes up to restoration does not count
    assert fired["Long"] == [None, 36]
    assert fired["Short"] == [5, 30]


VALUES = st.lists(st.sampled_from(["0", "1", "2", "_", "stale", "3"]), min_size=8, max_size=14).map(" ".join)
EXPRESSIONS = st.sampled_from(
    [
        "x",
        'x{a="1"}',
        "sum by (a) (x)",
        "r",
        "q",
        "max_over_time(x[2m])",
        "rate(x[3m])",
        "x * on (a) group_left () y",
    ]
)
WAITS = st.sampled_from(["", ", for: 1m", ", for: 2m", ", keep_firing_for: 2m", ", for: 90s, keep_firing_for: 3m"])
LABELS = st.sampled_from(["", ", labels: {v: '{{ $value }}'}", ", labels: {a: z}", ", labels: {a: ''}"])
RECORDING = st.tuples(st.sampled_from(["r", "q"]), EXPRESSIONS).map(
    lambda pair: f"{{record: {pair[0]}, expr: '{pair[1]}'}}"
)
ALERTING = st.tuples(EXPRESSIONS, st.sampled_from([" > 0", " > 1", ""]), WAITS, LABELS).map(
    lambda parts: f"{{alert: A, expr: '{parts[0]}{parts[1]}'{parts[2]}{parts[3]}}}"
)


def outcome(timeline: Timeline) -> Any:
    series = {
        entry.labels: (entry.timestamps.tolist(), entry.values.view(np.uint64).tolist()) for entry in timeline.storage
    }
    alerts = [(a.labels, a.active_at, a.fired_at, a.ended_at, a.resolved_at) for a in timeline.alerts]
    return series, sorted(alerts, key=repr), sorted((f.rule, f.time, f.message) for f in timeline.failures)


@settings(derandomize=True, deadline=None)
@given(
    st.lists(RECORDING | ALERTING, min_size=1, max_size=4).map(", ".join),
    st.tuples(VALUES, VALUES, VALUES),
    st.sampled_from(["", "interval: 2m, ", "limit: 1, ", "query_offset: 1m, "]),
)
def test_all_ticks_at_once_and_tick_by_tick_agree(rules: str, values: tuple[str, ...], options: str) -> None:
    text = "groups: [{name: g, " + options + "rules: [" + rules + "]}]"
    series = [f"{name} {run_of}" for name, run_of in zip(('x{a="1"}', 'x{a="2"}', 'y{a="1"}'), values, strict=True)]
    with pytest.MonkeyPatch.context() as patch:
        at_once = outcome(run(text, *series, minutes=13))
        patch.setattr(evaluate_module, "blocks", lambda rules, _: (Block(tuple(range(len(rules))) * 2, 0),))
        stepwise = outcome(run(text, *series, minutes=13))
    assert at_once == stepwise


@settings(derandomize=True, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=40), st.integers(0, 5), st.integers(0, 5))
def test_an_alert_fires_only_after_its_wait_and_is_kept_only_for_its_time(
    presence: list[bool], wait: int, keep: int
) -> None:
    state: State | None = None
    waits = Waits(wait, keep)
    for now, present in enumerate(presence):
        state = advance(state, now, present, waits)
        if state is None:
            assert not present
        elif state.phase is Phase.FIRING:
            assert state.fired_at - state.active_at >= wait
            assert present or now - (state.kept_since or 0) < keep
