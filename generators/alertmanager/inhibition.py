"""Which alerts silence which, while alerts come and go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from generators.alertmanager.config import Config, InhibitRule
from generators.alertmanager.matchers import matches_all

Labels: TypeAlias = tuple[tuple[str, str], ...]
"""A label set as sorted pairs: the identity of an alert."""


@dataclass(slots=True)
class Inhibitor:
    """The firing alerts that are a source of some rule, found by the labels that have to be equal."""

    config: Config
    _sources: dict[tuple[int, tuple[str, ...]], dict[Labels, bool]] = field(default_factory=dict)
    """Rule and equal values → firing sources, and whether each also matches the rule's target side."""

    def fire(self, alert: Labels) -> None:
        """Note that an alert is firing."""
        labels = dict(alert)
        for index, rule in enumerate(self.config.inhibit_rules):
            if matches_all(rule.source, labels):
                key = (index, _equal_values(rule, labels))
                self._sources.setdefault(key, {})[alert] = matches_all(rule.target, labels)

    def resolve(self, alert: Labels) -> None:
        """Note that an alert fires no longer."""
        labels = dict(alert)
        for index, rule in enumerate(self.config.inhibit_rules):
            self._sources.get((index, _equal_values(rule, labels)), {}).pop(alert, None)

    def silences(self, alert: Labels) -> bool:
        """Whether a firing alert silences this one, by the rule of ``routing.inhibits``."""
        labels = dict(alert)
        for index, rule in enumerate(self.config.inhibit_rules):
            sources = self._sources.get((index, _equal_values(rule, labels)))
            if sources and matches_all(rule.target, labels):
                two_sided = matches_all(rule.source, labels)
                if any(not (two_sided and also_target) for also_target in sources.values()):
                    return True
        return False


def _equal_values(rule: InhibitRule, labels: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(labels.get(label, "") for label in rule.equal)
