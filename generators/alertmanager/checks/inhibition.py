"""Inhibition rules as they stand in the file."""

from __future__ import annotations

from collections.abc import Iterator

from generators.alertmanager.checks.reading import Node, items, nodes, text
from generators.alertmanager.checks.routes import IMPOSSIBLE_GROUPING, check_old_matchers
from generators.diagnostics import Code, Finding, Severity

INHIBITION_WITHOUT_EQUAL = Code(
    "M050",
    "Inhibition without equal labels",
    "One source alert silences every target alert everywhere. Name the labels that tie them together.",
    "equal: []",
    "equal: [model_name, environment]",
    Severity.WARNING,
)
INHIBITION_WITHOUT_MATCHERS = Code(
    "M054",
    "Inhibition without matchers",
    "A side without matchers matches every alert.",
    "target_matchers: []",
    "target_matchers: ['severity=\"ticket\"']",
)

_SIDES = ("source", "target")
_OLD_KEYS = tuple(f"{side}_match{suffix}" for side in _SIDES for suffix in ("", "_re"))


def check_inhibit_rules(document: Node) -> Iterator[Finding]:
    """Check that rules have two sides and labels that tie them together."""
    for rule, path in nodes(document, "inhibit_rules", ()):
        yield from check_old_matchers(rule, path, _OLD_KEYS)
        for side in _SIDES:
            if not any(rule.get(f"{side}{suffix}") for suffix in ("_match", "_match_re", "_matchers")):
                yield Finding(
                    INHIBITION_WITHOUT_MATCHERS, f"the {side} side has no matchers, so every alert is one", path
                )
        if not rule.get("equal"):
            yield Finding(
                INHIBITION_WITHOUT_EQUAL, "`equal` names no label", path, "name the labels that both sides share"
            )
        for label, place in items(rule, "equal", path):
            if not text(label):
                yield Finding(IMPOSSIBLE_GROUPING, "an empty label name", place)
