"""Alertmanager configurations in pure Python: build, check, route, emit, load, simulate.

A configuration is a tree of immutable values (``config``). It is checked without a server, more strictly than
``amtool check-config`` does, and every finding has a code, a path and a remedy::

    slack = Integration("slack", {"channel": "#growth", "api_url_file": "/etc/slack", "send_resolved": True})
    config = Config(
        route=Route(
            receiver="default",
            group_by=("alertname",),
            routes=(Route(receiver="growth", matchers=(Matcher("team", "=", "growth"),)),),
        ),
        receivers=(Receiver("default"), Receiver("growth", (slack,))),
    )
    check(config)  # () when nothing is wrong
    route(config, {"team": "growth"})[0].receiver  # "growth"
    simulate(config, [FiringAlert({"team": "growth"}, starts=0)], until=3600)  # who is told, and when
    text = emit(config)  # the YAML that Alertmanager reads
    load(text, "alertmanager.yaml")  # (Config or None, problems with line and column)

The semantics are Alertmanager 0.34's. Nothing here needs a network or a clock.
"""

from generators.alertmanager.check import check, check_document
from generators.alertmanager.checks.declared import AlertLabels
from generators.alertmanager.config import (
    ALL_LABELS,
    Config,
    InhibitRule,
    Integration,
    Interval,
    Matcher,
    Receiver,
    Route,
    TimeInterval,
)
from generators.alertmanager.emit import emit
from generators.alertmanager.load import load
from generators.alertmanager.matchers import format_matcher, matches, matches_all
from generators.alertmanager.refusal import is_refused
from generators.alertmanager.routing import Delivery, group_key, group_labels, inhibits, route
from generators.alertmanager.simulate import FiringAlert, Notification, simulate

__all__ = [
    "ALL_LABELS",
    "AlertLabels",
    "Config",
    "Delivery",
    "FiringAlert",
    "InhibitRule",
    "Integration",
    "Interval",
    "Matcher",
    "Notification",
    "Receiver",
    "Route",
    "TimeInterval",
    "check",
    "check_document",
    "emit",
    "format_matcher",
    "group_key",
    "group_labels",
    "inhibits",
    "is_refused",
    "load",
    "matches",
    "matches_all",
    "route",
    "simulate",
]
