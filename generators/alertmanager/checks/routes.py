"""The routing tree as it stands in the file: the root, references, grouping, timers, old matchers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from generators.alertmanager.checks.reading import Node, given, items, mapping, nodes, routes, text
from generators.alertmanager.refusal import Refusal
from generators.diagnostics import Code, Finding, Path, Severity, did_you_mean
from generators.formats.durations import DurationError, parse_duration

NO_ROUTE = Refusal(
    "M010",
    "No route",
    "Without a root route Alertmanager does not know what to do with an alert.",
    "receivers: [{name: default}]",
    "route: {receiver: default}\nreceivers: [{name: default}]",
)
ROOT_WITHOUT_RECEIVER = Refusal(
    "M011",
    "The root route has no receiver",
    "The root takes every alert that no other route wants, so it has to name a receiver.",
    "route: {group_by: [alertname]}",
    "route: {receiver: default, group_by: [alertname]}",
)
RESTRICTED_ROOT = Refusal(
    "M012",
    "The root route is restricted",
    "The root takes every alert at any time: it has no matchers, no time intervals and no `continue`.",
    "route: {receiver: default, matchers: ['severity=\"page\"']}",
    "route: {receiver: default, routes: [{matchers: ['severity=\"page\"']}]}",
)
UNDEFINED_RECEIVER = Refusal(
    "M013",
    "Undefined receiver",
    "A route names a receiver that is not in `receivers`.",
    "route: {receiver: defualt}",
    "route: {receiver: default}",
)
UNDEFINED_INTERVAL = Refusal(
    "M014",
    "Undefined time interval",
    "A route names a time interval that is not in `time_intervals`.",
    "mute_time_intervals: [nigth]",
    "mute_time_intervals: [night]",
)
IMPOSSIBLE_GROUPING = Refusal(
    "M015",
    "Grouping that cannot be",
    "Label names are not empty and stand once; `...` (every label) stands alone.",
    "group_by: [alertname, alertname]",
    "group_by: [alertname]",
)
INTERVAL_OF_ZERO = Refusal(
    "M016",
    "Interval of zero",
    "group_interval and repeat_interval are longer than zero.",
    "repeat_interval: 0s",
    "repeat_interval: 4h",
)
EMPTY_GROUPING = Code(
    "M017",
    "Empty group_by below the root",
    "On older servers an empty list did not replace the parent's grouping; a list of labels always does.",
    "routes: [{group_by: []}]",
    "routes: [{group_by: [alertname]}]",
    Severity.WARNING,
)
INVALID_LABEL_NAME = Refusal(
    "M020",
    "Invalid label name",
    "`match`, `match_re` and their kind take classic label names: letters, digits and underscores.",
    "match: {service.name: churn}",
    "matchers: ['service_name=\"churn\"']",
)
DEPRECATED_MATCHERS = Code(
    "M024",
    "Deprecated matchers",
    "`match`, `match_re`, `source_match` and their kind are deprecated and know classic label names only.",
    "match: {severity: page}",
    "matchers: ['severity=\"page\"']",
    Severity.WARNING,
)

_CLASSIC_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*", re.ASCII)
_RESTRICTIONS = ("match", "match_re", "matchers", "mute_time_intervals", "active_time_intervals", "continue")


def check_routes(document: Node) -> Iterator[Finding]:
    """Check the root route, every reference to a receiver or interval, grouping and timers."""
    if not isinstance(document.get("route"), Mapping):
        yield Finding(NO_ROUTE, "there is no `route`", ("route",), "add a root route with a default receiver")
        return
    yield from _check_root(mapping(document["route"]))
    receivers = {text(node.get("name")) for node, _ in nodes(document, "receivers", ())}
    intervals = {
        text(node.get("name"))
        for key in ("mute_time_intervals", "time_intervals")
        for node, _ in nodes(document, key, ())
    }
    for node, path in routes(document):
        yield from _check_references(node, path, receivers, intervals)
        yield from _check_grouping(node, path)
        yield from _check_timers(node, path)
        yield from check_old_matchers(node, path, ("match", "match_re"))


def _check_root(root: Node) -> Iterator[Finding]:
    if not given(root, "receiver"):
        yield Finding(ROOT_WITHOUT_RECEIVER, "the root route names no receiver", ("route",), "add `receiver:`")
    for key in _RESTRICTIONS:
        if root.get(key):
            yield Finding(RESTRICTED_ROOT, f"the root route has `{key}`", ("route", key), "move it to a child route")


def _check_references(node: Node, path: Path, receivers: set[str], intervals: set[str]) -> Iterator[Finding]:
    receiver = text(node.get("receiver"))
    if receiver and receiver not in receivers:
        place = (*path, "receiver")
        yield Finding(
            UNDEFINED_RECEIVER, f"receiver `{receiver}` is not defined", place, did_you_mean(receiver, receivers)
        )
    for key in ("active_time_intervals", "mute_time_intervals"):
        for value, place in items(node, key, path):
            if text(value) not in intervals:
                yield Finding(
                    UNDEFINED_INTERVAL,
                    f"time interval `{text(value)}` is not defined",
                    place,
                    did_you_mean(text(value), intervals),
                )


def _check_grouping(node: Node, path: Path) -> Iterator[Finding]:
    labels = [text(value) for value, _ in items(node, "group_by", path)]
    place = (*path, "group_by")
    if "..." in labels and len(set(labels)) > 1:
        yield Finding(
            IMPOSSIBLE_GROUPING, "`...` stands beside other labels", place, "keep `...` alone, or name labels only"
        )
    for label, (_, where) in zip(labels, items(node, "group_by", path), strict=True):
        if not label:
            yield Finding(IMPOSSIBLE_GROUPING, "an empty label name", where)
    for label in sorted({label for label in labels if labels.count(label) > 1 and label != "..."}):
        yield Finding(IMPOSSIBLE_GROUPING, f"label `{label}` is given twice", place)
    if node.get("group_by") in ([], ()) and path != ("route",):
        yield Finding(EMPTY_GROUPING, "an empty `group_by` does not replace the parent's on every server", place)


def _check_timers(node: Node, path: Path) -> Iterator[Finding]:
    for key in ("group_interval", "repeat_interval"):
        if key in node and _is_zero(text(node[key])):
            yield Finding(INTERVAL_OF_ZERO, f"`{key}` is zero", (*path, key), "the default is 5m, and 4h for repeats")


def _is_zero(duration: str) -> bool:
    try:
        return parse_duration(duration) == 0
    except DurationError:
        return False  # the check of shapes says that it is no duration


def check_old_matchers(node: Node, path: Path, keys: tuple[str, ...]) -> Iterator[Finding]:
    """Check deprecated mappings of label to value or expression; ``keys`` name them."""
    for key in keys:
        for label in mapping(node.get(key)):
            if not _CLASSIC_LABEL.fullmatch(str(label)):
                yield Finding(INVALID_LABEL_NAME, f"`{label}` is not a classic label name", (*path, key, str(label)))
        if node.get(key):
            yield Finding(DEPRECATED_MATCHERS, f"`{key}` is deprecated", (*path, key), "write the same as `matchers`")
