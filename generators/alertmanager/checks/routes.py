"""The routing tree as it stands in the file: the root, references, grouping, timers, old matchers."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping

from generators.alertmanager.checks.reading import Node, given, items, mapping, nodes, routes, text
from generators.alertmanager.problems import Path, Problem, problem
from generators.formats.durations import parse_duration

_CLASSIC_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*", re.ASCII)
_RESTRICTIONS = ("match", "match_re", "matchers", "mute_time_intervals", "active_time_intervals", "continue")


def check_routes(document: Node) -> Iterator[Problem]:
    """Check the root route, every reference to a receiver or interval, grouping and timers."""
    if not isinstance(document.get("route"), Mapping):
        yield problem("M010", "there is no `route`", ("route",), "add a root route with a default receiver")
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


def _check_root(root: Node) -> Iterator[Problem]:
    if not given(root, "receiver"):
        yield problem("M011", "the root route names no receiver", ("route",), "add `receiver:`")
    for key in _RESTRICTIONS:
        if root.get(key):
            yield problem("M012", f"the root route has `{key}`", ("route", key), "move it to a child route")


def _check_references(node: Node, path: Path, receivers: set[str], intervals: set[str]) -> Iterator[Problem]:
    receiver = text(node.get("receiver"))
    if receiver and receiver not in receivers:
        place = (*path, "receiver")
        yield problem("M013", f"receiver `{receiver}` is not defined", place, _near(receiver, receivers))
    for key in ("active_time_intervals", "mute_time_intervals"):
        for value, place in items(node, key, path):
            if text(value) not in intervals:
                yield problem(
                    "M014", f"time interval `{text(value)}` is not defined", place, _near(text(value), intervals)
                )


def _check_grouping(node: Node, path: Path) -> Iterator[Problem]:
    labels = [text(value) for value, _ in items(node, "group_by", path)]
    place = (*path, "group_by")
    if "..." in labels and len(set(labels)) > 1:
        yield problem("M015", "`...` stands beside other labels", place, "keep `...` alone, or name labels only")
    for label, (_, where) in zip(labels, items(node, "group_by", path), strict=True):
        if not label:
            yield problem("M015", "an empty label name", where)
    for label in sorted({label for label in labels if labels.count(label) > 1 and label != "..."}):
        yield problem("M015", f"label `{label}` is given twice", place)
    if node.get("group_by") in ([], ()) and path != ("route",):
        yield problem("M017", "an empty `group_by` does not replace the parent's on every server", place)


def _check_timers(node: Node, path: Path) -> Iterator[Problem]:
    for key in ("group_interval", "repeat_interval"):
        if key in node and parse_duration(text(node[key])) == 0:
            yield problem("M016", f"`{key}` is zero", (*path, key), "the default is 5m, and 4h for repeats")


def check_old_matchers(node: Node, path: Path, keys: tuple[str, ...]) -> Iterator[Problem]:
    """Check deprecated mappings of label to value or expression; ``keys`` name them."""
    for key in keys:
        for label in mapping(node.get(key)):
            if not _CLASSIC_LABEL.fullmatch(str(label)):
                yield problem("M020", f"`{label}` is not a classic label name", (*path, key, str(label)))
        if node.get(key):
            yield problem("M024", f"`{key}` is deprecated", (*path, key), "write the same as `matchers`")


def _near(name: str, known: set[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f"did you mean `{near[0]}`?" if near else ""
