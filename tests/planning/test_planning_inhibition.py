"""What hides what, and how many pages a failure is: the planned rules and routes of every committed environment."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from shutil import which
from socket import socket

import pytest
from planning_specs import committed_plan

from generators import alertmanager
from generators.alertmanager import Config, FiringAlert, Receiver, simulate
from generators.alertmanager.inhibition import Inhibitor, Labels
from generators.language.catalog import Level
from generators.planning.objectives.tiers import tiers
from generators.planning.plan import Alerting, EnvironmentPlan, ModelPlan

ENVIRONMENTS = committed_plan().environments
MODELS = [(each, model) for each in ENVIRONMENTS for model in each.models]
LEVELS = tuple(Level)
TIERS = ("outage", *(tier.name for tier in tiers()))


def labels(rule: Alerting, instance: str = "one") -> Labels:
    """The labels of an alert: what its series carry has the value ``instance``, unless the rule sets it."""
    carried = {**dict.fromkeys(rule.instance, instance), **dict(rule.labels), "alertname": rule.alert}
    return tuple(sorted((label, value) for label, value in carried.items() if value))


def hides(source: Alerting, target: Alerting, *, same_instance: bool) -> bool:
    """What is promised: the same alert at a graver level, a faster tier, or a named cause; always the same thing."""
    fixed = dict(source.labels).keys() | dict(target.labels).keys()
    common = set(source.instance) & set(target.instance) - fixed
    if common and not same_instance:
        return False
    graver = LEVELS.index(source.level) > LEVELS.index(target.level)
    if source.alert == target.alert and graver:
        return dict(source.labels).get("slo") == dict(target.labels).get("slo")
    first, second = (dict(rule.labels) for rule in (source, target))
    if "tier" in first and first.get("slo") == second.get("slo"):
        return TIERS.index(first["tier"]) < TIERS.index(second["tier"])
    return source.alert in target.hidden_by and (graver or source.level is Level.CRITICAL)


@pytest.mark.parametrize(("place", "model"), MODELS, ids=lambda each: getattr(each, "model", ""))
def test_an_alert_is_hidden_by_a_graver_level_of_itself_or_a_named_cause_and_by_nothing_else(
    place: EnvironmentPlan, model: ModelPlan
) -> None:
    for source in model.alerts:
        inhibitor = Inhibitor(place.alertmanager)
        inhibitor.fire(labels(source))
        for target in model.alerts:
            for instance in ("one", "another"):
                if labels(target, instance) != labels(source):
                    expected = hides(source, target, same_instance=instance == "one")
                    assert inhibitor.silences(labels(target, instance)) == expected, (source.alert, target.alert)


def test_nothing_is_hidden_by_another_model_or_environment() -> None:
    for place in ENVIRONMENTS:
        for source in place.models[0].alerts:
            inhibitor = Inhibitor(place.alertmanager)
            inhibitor.fire(labels(source))
            assert not any(inhibitor.silences(labels(rule)) for model in place.models[1:] for rule in model.alerts)


def test_no_alert_hides_itself_through_others() -> None:
    for _, model in MODELS:
        causes = {rule.alert: rule.hidden_by for rule in model.alerts}
        for name, own in causes.items():
            seen: set[str] = set()
            open_ = list(own)
            while open_:
                cause = open_.pop()
                assert cause != name
                if cause not in seen:
                    seen.add(cause)
                    open_ += causes.get(cause, ())


OUTAGE = ("AvailabilityBurn", "LatencyBurn", "ErrorRateHigh", "LatencyHigh", "ProviderFailing")
"""What fires while every request fails by a timeout, all levels and tiers of it."""


def paged(config: Config, firing: list[FiringAlert], until: float) -> list[alertmanager.Notification]:
    """The notifications that a receiver with `page` in its name gets, one for each time that all its parts are told."""
    sent = simulate(config, firing, until)
    return [each for each in sent if "page" in each.receiver and each.integration == sent[0].integration]


@pytest.mark.parametrize(
    "model", [model for place, model in MODELS if place.environment.name == "production"], ids=lambda each: each.model
)
def test_a_total_outage_is_one_page_while_it_lasts_and_one_incident_until_its_end(model: ModelPlan) -> None:
    (place,) = (each for each in ENVIRONMENTS if each.environment.name == "production")
    rules = [rule for rule in model.alerts if rule.alert in OUTAGE]
    outages = [rule for rule in rules if dict(rule.labels).get("tier") == "outage"]
    assert outages
    assert len(rules) >= 8
    hour = 3600.0
    firing = [
        # The outage tier fires at once and ends with the outage; windows remember longer.
        FiringAlert(
            dict(labels(rule)),
            60 if rule in outages else 300 + rule.for_ms / 1000,
            hour if rule in outages else 2 * hour,
        )
        for rule in rules
    ]
    told = paged(place.alertmanager, firing, 3 * hour)
    during = [each for each in told if each.at < hour and each.firing]
    assert [each["alertname"] for each in during[0].firing] == ["AvailabilityBurn"]
    assert all(each.reason == "repeat interval passed" or each is during[0] for each in during), during
    assert {each.group_key for each in told if any(one["symptom"] == "availability" for one in each.firing)} == {
        during[0].group_key
    }


ALERTMANAGER = next(
    (
        str(found)
        for folder in sorted(Path.home().glob(".cache/watchspec/tools-*"), key=lambda each: -each.stat().st_mtime)
        if (found := folder / "alertmanager").exists()
    ),
    which("alertmanager"),
)


@contextmanager
def serving(config: Config, folder: Path) -> Iterator[str]:
    """Alertmanager with the routes and inhibitions of a configuration and receivers that tell nobody; its address."""
    quiet = replace(config, receivers=tuple(Receiver(each.name) for each in config.receivers), templates=(), global_={})
    (folder / "alertmanager.yaml").write_text(alertmanager.emit(quiet))
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [
        *(str(ALERTMANAGER), f"--config.file={folder / 'alertmanager.yaml'}", f"--storage.path={folder / 'data'}"),
        *(f"--web.listen-address={address}", "--cluster.listen-address="),
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield address
        finally:
            process.terminate()


def asked(address: str, body: object = None) -> list[dict[str, dict[str, object]]]:
    """Get the alerts of a server, or post some; wait for a server that starts."""
    for _ in range(100):
        connection = HTTPConnection(address, timeout=5)
        try:
            given = {} if body is None else {"body": json.dumps(body), "headers": {"Content-Type": "application/json"}}
            connection.request("GET" if body is None else "POST", "/api/v2/alerts", **given)  # type: ignore[arg-type]
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status == HTTPStatus.OK, text
            return [] if body is not None else json.loads(text)
        except ConnectionError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise TimeoutError(address)


@pytest.mark.oracle
@pytest.mark.skipif(ALERTMANAGER is None, reason="alertmanager is not installed")
def test_alertmanager_hides_the_same(tmp_path: Path) -> None:
    (place,) = (each for each in ENVIRONMENTS if each.environment.name == "production")
    sources = [rule for model in place.models for rule in model.alerts if rule.level is Level.CRITICAL]
    targets = [rule for model in place.models for rule in model.alerts]
    firing = {labels(rule) for rule in sources[::3]} | {labels(rule, way) for rule in targets for way in ("one", "two")}
    inhibitor = Inhibitor(place.alertmanager)
    for each in firing:
        inhibitor.fire(each)
    with serving(place.alertmanager, tmp_path) as address:
        asked(address, [{"labels": dict(each)} for each in sorted(firing)])
        theirs: dict[Labels, bool] = {}
        expected = {each: inhibitor.silences(each) for each in firing}
        for _ in range(100):  # it works out what is inhibited a little later
            found = asked(address)
            theirs = {_labels_of(each): bool(each["status"]["inhibitedBy"]) for each in found}
            if theirs == expected:
                break
            time.sleep(0.1)
    assert theirs == expected
    assert 0 < sum(expected.values()) < len(expected)


def _labels_of(alert: dict[str, dict[str, object]]) -> Labels:
    return tuple(sorted((name, str(value)) for name, value in alert["labels"].items()))


@pytest.mark.parametrize(("place", "model"), MODELS, ids=lambda each: getattr(each, "model", ""))
def test_a_failure_with_another_symptom_pages_although_the_first_has_been_told(
    place: EnvironmentPlan, model: ModelPlan
) -> None:
    """A later critical alert that joins the group of an earlier one is an update of its incident, and wakes nobody.

    Alerts with one symptom are one incident: what they are about is looked at together.
    """
    critical = {dict(rule.labels)["symptom"]: rule for rule in model.alerts if rule.level is Level.CRITICAL}
    for first in critical.values():
        for second in critical.values():
            if first is second or hides(first, second, same_instance=True) or hides(second, first, same_instance=True):
                continue
            firing = [FiringAlert(dict(labels(first)), 0), FiringAlert(dict(labels(second)), 60)]
            told = simulate(place.alertmanager, firing, until=100)
            known = {each.group_key for each in told if each.at < 60}
            later = [each for each in told if each.at >= 60 and dict(labels(second)) in [*map(dict, each.firing)]]
            assert known
            assert later, (first.alert, second.alert)
            assert all(each.group_key not in known for each in later), (first.alert, second.alert)
