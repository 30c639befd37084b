"""The simulated Alertmanager against what Alertmanager 0.34.2 itself sent, and the rules that it follows."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alertmanager_strategies import configs, label_sets, matcher_lists
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.alertmanager import (
    Config,
    InhibitRule,
    Integration,
    Interval,
    Matcher,
    Receiver,
    Route,
    TimeInterval,
    inhibits,
    load,
)
from generators.alertmanager.inhibition import Inhibitor
from generators.alertmanager.routing import all_deliveries
from generators.alertmanager.simulate import FiringAlert, Notification, simulate

RUNS = sorted(Path(__file__).parent.glob("alertmanager-*-run-*.json"))


@pytest.mark.parametrize("file", RUNS, ids=lambda file: file.stem)
def test_notifications_are_those_of_the_real_server(file: Path) -> None:
    run = json.loads(file.read_text(encoding="utf-8"))
    config, problems = load(run["config"])
    assert config is not None, problems
    alerts = [FiringAlert(one["labels"], one["starts"], one["ends"]) for one in run["alerts"]]
    simulated = [
        (sent.at, sent.receiver, _index(config, sent), sorted(_n(sent.firing)), sorted(_n(sent.resolved)))
        for sent in simulate(config, alerts, run["until"], resend=run["resend"])
    ]
    real = [(at, receiver, index, firing, resolved) for at, receiver, index, firing, resolved in run["notifications"]]
    assert len(simulated) == len(real)
    for sent in simulated:
        same = [one for one in real if list(one[1:]) == list(sent[1:]) and abs(one[0] - sent[0]) < 0.12]
        assert same, sent
        real.remove(min(same, key=lambda one: abs(one[0] - sent[0])))


def _index(config: Config, sent: Notification) -> int:
    (receiver,) = (one for one in config.receivers if one.name == sent.receiver)
    return receiver.integrations.index(sent.integration)


def _n(alerts: tuple[object, ...]) -> list[str]:
    return [one["n"] for one in alerts if isinstance(one, dict)]


def _config(*children: Route, inhibit: tuple[InhibitRule, ...] = (), resolved: bool = True) -> Config:
    hook = Integration("webhook", {"url_file": "/x", "send_resolved": resolved})
    return Config(
        route=Route(
            receiver="a", group_by=("g",), group_wait=30, group_interval=300, repeat_interval=14400, routes=children
        ),
        receivers=(Receiver("a", (hook,)), Receiver("quiet")),
        inhibit_rules=inhibit,
        time_intervals=(TimeInterval("nine-to-five", (Interval(times=((540, 1020),)),)),),
    )


def _times(config: Config, *alerts: FiringAlert, until: float = 86_400, start: str = "2026-03-02") -> list[float]:
    moment = datetime.fromisoformat(start).replace(tzinfo=UTC)
    return [sent.at for sent in simulate(config, alerts, until, start=moment)]


def test_a_repeat_that_is_a_multiple_of_the_group_interval_comes_one_interval_late() -> None:
    assert _times(_config(), FiringAlert({"g": "1"}, 0), until=30_000) == [30, 30 + 14_700, 30 + 29_400]


def test_alerts_of_a_group_that_come_within_group_wait_are_one_notification() -> None:
    alerts = (FiringAlert({"g": "1", "n": "1"}, 0), FiringAlert({"g": "1", "n": "2"}, 29), FiringAlert({"g": "2"}, 29))
    assert _times(_config(), *alerts, until=1000) == [30, 59]


def test_a_later_alert_of_a_group_waits_for_the_next_flush() -> None:
    alerts = (FiringAlert({"g": "1", "n": "1"}, 0), FiringAlert({"g": "1", "n": "2"}, 31))
    assert _times(_config(), *alerts, until=1000) == [30, 330]


def test_the_end_is_told_at_the_next_flush_and_only_if_wanted() -> None:
    alert = FiringAlert({"g": "1"}, 0, 100)
    assert _times(_config(), alert) == [30, 330]
    assert _times(_config(resolved=False), alert) == [30]


def test_an_alert_that_ends_within_group_wait_is_never_told() -> None:
    assert _times(_config(), FiringAlert({"g": "1"}, 0, 20)) == []


def test_an_alert_that_ends_while_inhibited_is_not_reported_again_when_it_comes_back() -> None:
    rule = InhibitRule((Matcher("s", "=", "page"),), (Matcher("s", "=", "ticket"),))
    config = _config(inhibit=(rule,))
    target = {"g": "1", "s": "ticket"}
    source = FiringAlert({"g": "2", "s": "page"}, 200, 3000)
    ends = [FiringAlert(target, 0, 500), FiringAlert(target, 4000), source]
    about_target = [
        sent.at
        for sent in simulate(config, ends, 10_000)
        if any(one["g"] == "1" for one in sent.firing + sent.resolved)
    ]
    assert about_target == [30]


def test_time_intervals_hold_back_until_they_open() -> None:
    config = _config(Route(receiver="a", active_time_intervals=("nine-to-five",)))
    assert _times(config, FiringAlert({"g": "1"}, 0), until=40_000)[0] == 30 + 300 * 108
    muted = _config(Route(receiver="a", mute_time_intervals=("nine-to-five",)))
    assert _times(muted, FiringAlert({"g": "1"}, 10 * 3600), until=86_400)[0] == 10 * 3600 + 30 + 300 * 84


def test_a_receiver_without_integrations_tells_nobody() -> None:
    assert _times(_config(Route(receiver="quiet")), FiringAlert({"g": "1"}, 0)) == []


_rules = st.lists(
    st.builds(InhibitRule, matcher_lists, matcher_lists, st.sampled_from([(), ("team",), ("model", "team")])),
    max_size=3,
)
_alerts = st.lists(
    st.builds(
        FiringAlert,
        label_sets,
        st.integers(0, 2000),
        st.none(),
    ),
    max_size=6,
)


@settings(derandomize=True, deadline=None, max_examples=25)
@given(configs(), _alerts)
def test_order_of_alerts_does_not_matter_and_time_runs_forward(config: Config, alerts: list[FiringAlert]) -> None:
    until = min(4000, 1000 * min(delivery.group_interval for delivery in all_deliveries(config)))
    told = simulate(config, alerts, until)
    assert told == simulate(config, list(reversed(alerts)), until)
    assert [sent.at for sent in told] == sorted(sent.at for sent in told)
    assert all(sent.firing or sent.resolved for sent in told)


@settings(derandomize=True, deadline=None)
@given(_rules, st.lists(label_sets, max_size=5), label_sets)
def test_silencing_agrees_with_the_rule_for_two_alerts(
    rules: list[InhibitRule], sources: list[dict[str, str]], target: dict[str, str]
) -> None:
    config = Config(route=Route(receiver="a"), receivers=(Receiver("a"),), inhibit_rules=tuple(rules))
    inhibitor = Inhibitor(config)
    pairs = [tuple(sorted(source.items())) for source in sources]
    for source in pairs:
        inhibitor.fire(source)
    wanted = any(inhibits(config, source, target) for source in sources)
    assert inhibitor.silences(tuple(sorted(target.items()))) == wanted
    for source in Counter(pairs):
        inhibitor.resolve(source)
    assert not inhibitor.silences(tuple(sorted(target.items())))
