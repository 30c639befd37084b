"""Which alerts depend on a series, directly or through recordings."""

from __future__ import annotations

from generators.comparison.facts import FLEET, Fact, Facts


def alerts_that_read(fact: Fact, facts: Facts) -> tuple[str, ...]:
    """Return the names of the alerts that read a metric or recording; those of the same model, if it is a model's."""
    names = set(fact.reads) if fact.kind == "metric" else {fact.name}
    fleet = fact.subject == FLEET
    rules = [each for each in facts.of("recording", "alert") if fleet or each.subject in {FLEET, fact.subject}]
    grown = True
    while grown:
        found = {rule.name for rule in rules if rule.kind == "recording" and not names.isdisjoint(rule.reads)}
        grown = not found <= names
        names |= found
    return tuple(sorted({rule.name for rule in rules if rule.kind == "alert" and not names.isdisjoint(rule.reads)}))
