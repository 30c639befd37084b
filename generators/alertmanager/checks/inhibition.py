"""Inhibition rules as they stand in the file."""

from __future__ import annotations

from collections.abc import Iterator

from generators.alertmanager.checks.reading import Node, items, nodes, text
from generators.alertmanager.checks.routes import check_old_matchers
from generators.alertmanager.problems import Problem, problem

_SIDES = ("source", "target")
_OLD_KEYS = tuple(f"{side}_match{suffix}" for side in _SIDES for suffix in ("", "_re"))


def check_inhibit_rules(document: Node) -> Iterator[Problem]:
    """Check that rules have two sides and labels that tie them together."""
    for rule, path in nodes(document, "inhibit_rules", ()):
        yield from check_old_matchers(rule, path, _OLD_KEYS)
        for side in _SIDES:
            if not any(rule.get(f"{side}{suffix}") for suffix in ("_match", "_match_re", "_matchers")):
                yield problem("M054", f"the {side} side has no matchers, so every alert is one", path)
        if not rule.get("equal"):
            yield problem("M050", "`equal` names no label", path, "name the labels that both sides share")
        for label, place in items(rule, "equal", path):
            if not text(label):
                yield problem("M015", "an empty label name", place)
