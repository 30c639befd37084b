"""Problems of receivers, of time intervals and of inhibition."""

from __future__ import annotations

from collections.abc import Mapping

from generators.alertmanager.codes.code import Code, error, refused, warning

RECEIVERS: Mapping[str, Code] = {
    "M030": refused(
        "Name missing",
        "Receivers and time intervals are referred to by name.",
        "receivers: [{slack_configs: []}]",
        "receivers: [{name: growth, slack_configs: []}]",
    ),
    "M031": refused(
        "Name used twice",
        "Names of receivers, and of time intervals, are unique.",
        "receivers: [{name: growth}, {name: growth}]",
        "receivers: [{name: growth}, {name: fraud}]",
    ),
    "M032": warning(
        "Receiver that is never used",
        "No route leads to this receiver, so it is never told anything.",
        "route: {receiver: a}\nreceivers: [{name: a}, {name: b}]",
        "route: {receiver: a}\nreceivers: [{name: a}]",
    ),
    "M033": refused(
        "Setting missing",
        "The integration cannot work without this setting, and `global` does not supply it either.",
        "email_configs: [{html: hello}]",
        "email_configs: [{to: on-call@example.org}]",
    ),
    "M034": refused(
        "Settings that exclude one another",
        "Of these settings at most one may be given.",
        "slack_configs: [{api_url: https://a.example, api_url_file: /etc/slack}]",
        "slack_configs: [{api_url_file: /etc/slack}]",
    ),
    "M035": error(
        "Secret in the file",
        "A configuration is committed and copied; a credential in it has leaked. Give a path, or mount the secret.",
        "routing_key: 0123456789abcdef",
        "routing_key_file: /etc/alertmanager/secrets/pagerduty",
    ),
    "M036": warning(
        "send_resolved is not stated",
        "Its default is false for e-mail, Slack, WeChat and Rocket.Chat and true for the others; say which you mean.",
        "slack_configs: [{channel: '#growth'}]",
        "slack_configs: [{channel: '#growth', send_resolved: true}]",
    ),
    "M037": refused(
        "Setting with a value that is not allowed",
        "The setting takes one of a few values.",
        "telegram_configs: [{chat_id: 1, parse_mode: markdown}]",
        "telegram_configs: [{chat_id: 1, parse_mode: Markdown}]",
    ),
}

INTERVALS: Mapping[str, Code] = {
    "M040": refused(
        "Time range that cannot be",
        "Times run from 00:00 to 24:00 within one day, weekdays from sunday to saturday, months from january; the "
        "start comes before the end. Split what crosses midnight, the week or the year.",
        "times: [{start_time: '22:00', end_time: '06:00'}]",
        "times: [{start_time: '22:00', end_time: '24:00'}, {start_time: '00:00', end_time: '06:00'}]",
    ),
    "M041": refused(
        "Unknown location",
        "A location is a zone of the IANA database, such as Europe/Berlin, UTC or Local.",
        "location: Berlin",
        "location: Europe/Berlin",
    ),
    "M042": warning(
        "Time interval that is never used",
        "No route mutes or activates by this interval.",
        "time_intervals: [{name: night}]",
        "time_intervals: []",
    ),
    "M043": warning(
        "Time interval that is never active",
        "An interval without entries, or with an empty list in an entry, holds no moment: a route that is active only "
        "then never notifies.",
        "time_intervals: [{name: night, time_intervals: []}]",
        "time_intervals: [{name: night, time_intervals: [{weekdays: [sunday]}]}]",
    ),
}

INHIBITION: Mapping[str, Code] = {
    "M050": warning(
        "Inhibition without equal labels",
        "One source alert silences every target alert everywhere. Name the labels that tie them together.",
        "equal: []",
        "equal: [model_name, environment]",
    ),
    "M051": warning(
        "Inhibition whose sides overlap",
        "An alert can match both sides; such alerts do not silence one another, which is rarely what is meant. Let the "
        "sides differ by one label.",
        "source_matchers: ['team=\"a\"']\ntarget_matchers: ['severity=\"ticket\"']",
        "source_matchers: ['severity=\"page\"']\ntarget_matchers: ['severity=\"ticket\"']",
    ),
    "M052": error(
        "Equal label that alerts do not carry",
        "Labels that both sides lack count as equal, so the rule silences alerts that have nothing to do with each "
        "other; a label that one side lacks keeps the rule from ever working.",
        "equal: [modle_name]",
        "equal: [model_name]",
    ),
    "M053": warning(
        "Inhibition that does nothing",
        "No alert that is declared to exist matches this side of the rule.",
        "source_matchers: ['severity=\"pgae\"']",
        "source_matchers: ['severity=\"page\"']",
    ),
    "M054": error(
        "Inhibition without matchers",
        "A side without matchers matches every alert.",
        "target_matchers: []",
        "target_matchers: ['severity=\"ticket\"']",
    ),
}
