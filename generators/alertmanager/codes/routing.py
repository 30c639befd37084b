"""Problems of the file as such, and of the routing tree."""

from __future__ import annotations

from collections.abc import Mapping

from generators.alertmanager.codes.code import Code, error, refused, warning

FILE: Mapping[str, Code] = {
    "M001": refused(
        "The file is not YAML",
        "The text cannot be read, so nothing else was checked.",
        "route: {receiver: default",
        "route: {receiver: default}",
    ),
    "M002": refused(
        "Unknown key",
        "Alertmanager refuses keys that it does not know, so a slip of the pen stops a reload.",
        "route: {reciever: default}",
        "route: {receiver: default}",
    ),
    "M003": refused(
        "Value of the wrong kind",
        "The value is not of the kind that this key takes: a duration, a URL, a list, a mapping, true or false.",
        "group_wait: 30 seconds",
        "group_wait: 30s",
    ),
    "M004": refused(
        "Key given twice",
        "A mapping holds each key once; the second value would hide the first.",
        "route: {receiver: a, receiver: b}",
        "route: {receiver: b}",
    ),
    "M005": warning(
        "More than one document",
        "Alertmanager reads the first document of a file and ignores the others without a word.",
        "route: {receiver: a}\n---\nreceivers: [{name: a}]",
        "route: {receiver: a}\nreceivers: [{name: a}]",
    ),
}

ROUTES: Mapping[str, Code] = {
    "M010": refused(
        "No route",
        "Without a root route Alertmanager does not know what to do with an alert.",
        "receivers: [{name: default}]",
        "route: {receiver: default}\nreceivers: [{name: default}]",
    ),
    "M011": refused(
        "The root route has no receiver",
        "The root takes every alert that no other route wants, so it has to name a receiver.",
        "route: {group_by: [alertname]}",
        "route: {receiver: default, group_by: [alertname]}",
    ),
    "M012": refused(
        "The root route is restricted",
        "The root takes every alert at any time: it has no matchers, no time intervals and no `continue`.",
        "route: {receiver: default, matchers: ['severity=\"page\"']}",
        "route: {receiver: default, routes: [{matchers: ['severity=\"page\"']}]}",
    ),
    "M013": refused(
        "Undefined receiver",
        "A route names a receiver that is not in `receivers`.",
        "route: {receiver: defualt}",
        "route: {receiver: default}",
    ),
    "M014": refused(
        "Undefined time interval",
        "A route names a time interval that is not in `time_intervals`.",
        "mute_time_intervals: [nigth]",
        "mute_time_intervals: [night]",
    ),
    "M015": refused(
        "Grouping that cannot be",
        "Label names are not empty and stand once; `...` (every label) stands alone.",
        "group_by: [alertname, alertname]",
        "group_by: [alertname]",
    ),
    "M016": refused(
        "Interval of zero",
        "group_interval and repeat_interval are longer than zero.",
        "repeat_interval: 0s",
        "repeat_interval: 4h",
    ),
    "M017": warning(
        "Empty group_by below the root",
        "On older servers an empty list did not replace the parent's grouping; a list of labels always does.",
        "routes: [{group_by: []}]",
        "routes: [{group_by: [alertname]}]",
    ),
    "M018": warning(
        "Repeats do not fit the group's rhythm",
        "A notification is repeated when the group is next flushed, so a repeat_interval that is shorter than the "
        "group_interval, or no multiple of it, comes later than it says.",
        "group_interval: 5m\nrepeat_interval: 12m",
        "group_interval: 5m\nrepeat_interval: 15m",
    ),
    "M020": refused(
        "Invalid label name",
        "`match`, `match_re` and their kind take classic label names: letters, digits and underscores.",
        "match: {service.name: churn}",
        "matchers: ['service_name=\"churn\"']",
    ),
    "M021": refused(
        "Invalid matcher",
        "A matcher is a label name, one of = != =~ !~, and a value in double quotes.",
        "matchers: ['severity is page']",
        "matchers: ['severity=\"page\"']",
    ),
    "M022": refused(
        "Invalid regular expression",
        "Alertmanager uses RE2: no look-around, no back-references. Patterns match the whole value.",
        "matchers: ['team=~\"(?!growth).*\"']",
        "matchers: ['team!~\"growth.*\"']",
    ),
    "M023": warning(
        "Matcher that parsers read differently",
        "Alertmanager has an old and a new parser. What only the old one reads stops working in UTF-8 strict mode.",
        "matchers: ['team=~growth|fraud[0-9]{1}']",
        "matchers: ['team=~\"growth|fraud[0-9]\"']",
    ),
    "M024": warning(
        "Deprecated matchers",
        "`match`, `match_re`, `source_match` and their kind are deprecated and know classic label names only.",
        "match: {severity: page}",
        "matchers: ['severity=\"page\"']",
    ),
    "M025": error(
        "Route that is never reached",
        "An earlier sibling without `continue` takes every alert that this route could take, so its receiver is never "
        "told.",
        "routes: [{receiver: a}, {receiver: b, matchers: ['severity=\"page\"']}]",
        "routes: [{receiver: b, matchers: ['severity=\"page\"']}, {receiver: a}]",
    ),
    "M026": error(
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
