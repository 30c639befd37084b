"""Every problem that a check of a configuration can report: data for messages and reference pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of problem.

    ``wrong`` and ``right`` are lines of a configuration. ``refused`` says that Alertmanager itself does not
    start with such a file (amtool check-config fails).
    """

    title: str
    explanation: str
    wrong: str
    right: str
    severity: Literal["error", "warning", "info"] = "error"
    refused: bool = False


def _refused(title: str, explanation: str, wrong: str, right: str) -> Code:
    return Code(title, explanation, wrong, right, refused=True)


def _error(title: str, explanation: str, wrong: str, right: str) -> Code:
    return Code(title, explanation, wrong, right)


def _warning(title: str, explanation: str, wrong: str, right: str) -> Code:
    return Code(title, explanation, wrong, right, severity="warning")


_FILE: Mapping[str, Code] = {
    "M001": _refused(
        "The file is not YAML",
        "The text cannot be read, so nothing else was checked.",
        "route: {receiver: default",
        "route: {receiver: default}",
    ),
    "M002": _refused(
        "Unknown key",
        "Alertmanager refuses keys that it does not know, so a slip of the pen stops a reload.",
        "route: {reciever: default}",
        "route: {receiver: default}",
    ),
    "M003": _refused(
        "Value of the wrong kind",
        "The value is not of the kind that this key takes: a duration, a URL, a list, a mapping, true or false.",
        "group_wait: 30 seconds",
        "group_wait: 30s",
    ),
    "M004": _refused(
        "Key given twice",
        "A mapping holds each key once; the second value would hide the first.",
        "route: {receiver: a, receiver: b}",
        "route: {receiver: b}",
    ),
    "M005": _warning(
        "More than one document",
        "Alertmanager reads the first document of a file and ignores the others without a word.",
        "route: {receiver: a}\n---\nreceivers: [{name: a}]",
        "route: {receiver: a}\nreceivers: [{name: a}]",
    ),
}

_ROUTES: Mapping[str, Code] = {
    "M010": _refused(
        "No route",
        "Without a root route Alertmanager does not know what to do with an alert.",
        "receivers: [{name: default}]",
        "route: {receiver: default}\nreceivers: [{name: default}]",
    ),
    "M011": _refused(
        "The root route has no receiver",
        "The root takes every alert that no other route wants, so it has to name a receiver.",
        "route: {group_by: [alertname]}",
        "route: {receiver: default, group_by: [alertname]}",
    ),
    "M012": _refused(
        "The root route is restricted",
        "The root takes every alert at any time: it has no matchers, no time intervals and no `continue`.",
        "route: {receiver: default, matchers: ['severity=\"page\"']}",
        "route: {receiver: default, routes: [{matchers: ['severity=\"page\"']}]}",
    ),
    "M013": _refused(
        "Undefined receiver",
        "A route names a receiver that is not in `receivers`.",
        "route: {receiver: defualt}",
        "route: {receiver: default}",
    ),
    "M014": _refused(
        "Undefined time interval",
        "A route names a time interval that is not in `time_intervals`.",
        "mute_time_intervals: [nigth]",
        "mute_time_intervals: [night]",
    ),
    "M015": _refused(
        "Grouping that cannot be",
        "Label names are not empty and stand once; `...` (every label) stands alone.",
        "group_by: [alertname, alertname]",
        "group_by: [alertname]",
    ),
    "M016": _refused(
        "Interval of zero",
        "group_interval and repeat_interval are longer than zero.",
        "repeat_interval: 0s",
        "repeat_interval: 4h",
    ),
    "M017": _warning(
        "Empty group_by below the root",
        "Before Alertmanager 0.30 an empty list did not replace the parent's grouping; a list of labels always does.",
        "routes: [{group_by: []}]",
        "routes: [{group_by: [alertname]}]",
    ),
    "M018": _warning(
        "Repeats do not fit the group's rhythm",
        "A notification is repeated when the group is next flushed, so a repeat_interval that is shorter than the "
        "group_interval, or no multiple of it, comes later than it says.",
        "group_interval: 5m\nrepeat_interval: 12m",
        "group_interval: 5m\nrepeat_interval: 15m",
    ),
    "M020": _refused(
        "Invalid label name",
        "`match`, `match_re` and their kind take classic label names: letters, digits and underscores.",
        "match: {service.name: churn}",
        "matchers: ['service_name=\"churn\"']",
    ),
    "M021": _refused(
        "Invalid matcher",
        "A matcher is a label name, one of = != =~ !~, and a value in double quotes.",
        "matchers: ['severity is page']",
        "matchers: ['severity=\"page\"']",
    ),
    "M022": _refused(
        "Invalid regular expression",
        "Alertmanager uses RE2: no look-around, no back-references. Patterns match the whole value.",
        "matchers: ['team=~\"(?!growth).*\"']",
        "matchers: ['team!~\"growth.*\"']",
    ),
    "M023": _warning(
        "Matcher that parsers read differently",
        "Alertmanager has an old and a new parser. What only the old one reads stops working in UTF-8 strict mode.",
        "matchers: ['team=~growth|fraud[0-9]{1}']",
        "matchers: ['team=~\"growth|fraud[0-9]\"']",
    ),
    "M024": _warning(
        "Deprecated matchers",
        "`match`, `match_re`, `source_match` and their kind are deprecated and know classic label names only.",
        "match: {severity: page}",
        "matchers: ['severity=\"page\"']",
    ),
    "M025": _error(
        "Route that is never reached",
        "An earlier sibling without `continue` takes every alert that this route could take, so its receiver is never "
        "told.",
        "routes: [{receiver: a}, {receiver: b, matchers: ['severity=\"page\"']}]",
        "routes: [{receiver: b, matchers: ['severity=\"page\"']}, {receiver: a}]",
    ),
    "M026": _error(
        "Route that never matches",
        "The matchers of the route and of its parents contradict one another.",
        "matchers: ['severity=\"page\"', 'severity=\"ticket\"']",
        "matchers: ['severity=~\"page|ticket\"']",
    ),
    "M027": Code(
        "Alert without a route of its own",
        "An alert that is declared to exist matches no route but the root, so only the default receiver is told.",
        "route: {receiver: default}",
        "route: {receiver: default, routes: [{receiver: growth, matchers: ['team=\"growth\"']}]}",
        severity="info",
    ),
}

_RECEIVERS: Mapping[str, Code] = {
    "M030": _refused(
        "Name missing",
        "Receivers and time intervals are referred to by name.",
        "receivers: [{slack_configs: []}]",
        "receivers: [{name: growth, slack_configs: []}]",
    ),
    "M031": _refused(
        "Name used twice",
        "Names of receivers, and of time intervals, are unique.",
        "receivers: [{name: growth}, {name: growth}]",
        "receivers: [{name: growth}, {name: fraud}]",
    ),
    "M032": _warning(
        "Receiver that is never used",
        "No route leads to this receiver, so it is never told anything.",
        "route: {receiver: a}\nreceivers: [{name: a}, {name: b}]",
        "route: {receiver: a}\nreceivers: [{name: a}]",
    ),
    "M033": _refused(
        "Setting missing",
        "The integration cannot work without this setting, and `global` does not supply it either.",
        "email_configs: [{html: hello}]",
        "email_configs: [{to: on-call@example.org}]",
    ),
    "M034": _refused(
        "Settings that exclude one another",
        "Of these settings at most one may be given.",
        "slack_configs: [{api_url: https://a.example, api_url_file: /etc/slack}]",
        "slack_configs: [{api_url_file: /etc/slack}]",
    ),
    "M035": _error(
        "Secret in the file",
        "A configuration is committed and copied; a credential in it has leaked. Give a path, or mount the secret.",
        "routing_key: 0123456789abcdef",
        "routing_key_file: /etc/alertmanager/secrets/pagerduty",
    ),
    "M036": _warning(
        "send_resolved is not stated",
        "Its default is false for e-mail, Slack, WeChat and Rocket.Chat and true for the others; say which you mean.",
        "slack_configs: [{channel: '#growth'}]",
        "slack_configs: [{channel: '#growth', send_resolved: true}]",
    ),
    "M037": _refused(
        "Setting with a value that is not allowed",
        "The setting takes one of a few values.",
        "telegram_configs: [{chat_id: 1, parse_mode: markdown}]",
        "telegram_configs: [{chat_id: 1, parse_mode: Markdown}]",
    ),
}

_INTERVALS: Mapping[str, Code] = {
    "M040": _refused(
        "Time range that cannot be",
        "Times run from 00:00 to 24:00 within one day, weekdays from sunday to saturday, months from january; the "
        "start comes before the end. Split what crosses midnight, the week or the year.",
        "times: [{start_time: '22:00', end_time: '06:00'}]",
        "times: [{start_time: '22:00', end_time: '24:00'}, {start_time: '00:00', end_time: '06:00'}]",
    ),
    "M041": _refused(
        "Unknown location",
        "A location is a zone of the IANA database, such as Europe/Berlin, UTC or Local.",
        "location: Berlin",
        "location: Europe/Berlin",
    ),
    "M042": _warning(
        "Time interval that is never used",
        "No route mutes or activates by this interval.",
        "time_intervals: [{name: night}]",
        "time_intervals: []",
    ),
    "M043": _warning(
        "Time interval that is never active",
        "An interval without entries, or with an empty list in an entry, holds no moment: a route that is active only "
        "then never notifies.",
        "time_intervals: [{name: night, time_intervals: []}]",
        "time_intervals: [{name: night, time_intervals: [{weekdays: [sunday]}]}]",
    ),
}

_INHIBITION: Mapping[str, Code] = {
    "M050": _warning(
        "Inhibition without equal labels",
        "One source alert silences every target alert everywhere. Name the labels that tie them together.",
        "equal: []",
        "equal: [model_name, environment]",
    ),
    "M051": _warning(
        "Inhibition whose sides overlap",
        "An alert can match both sides; such alerts do not silence one another, which is rarely what is meant. Let the "
        "sides differ by one label.",
        "source_matchers: ['team=\"a\"']\ntarget_matchers: ['severity=\"ticket\"']",
        "source_matchers: ['severity=\"page\"']\ntarget_matchers: ['severity=\"ticket\"']",
    ),
    "M052": _error(
        "Equal label that alerts do not carry",
        "Labels that both sides lack count as equal, so the rule silences alerts that have nothing to do with each "
        "other; a label that one side lacks keeps the rule from ever working.",
        "equal: [modle_name]",
        "equal: [model_name]",
    ),
    "M053": _warning(
        "Inhibition that does nothing",
        "No alert that is declared to exist matches this side of the rule.",
        "source_matchers: ['severity=\"pgae\"']",
        "source_matchers: ['severity=\"page\"']",
    ),
    "M054": _error(
        "Inhibition without matchers",
        "A side without matchers matches every alert.",
        "target_matchers: []",
        "target_matchers: ['severity=\"ticket\"']",
    ),
}

CODES: Mapping[str, Code] = {**_FILE, **_ROUTES, **_RECEIVERS, **_INTERVALS, **_INHIBITION}
