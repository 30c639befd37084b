"""Facts of cost: series and rules, summed over the models of a tenant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from generators.comparison.facts.fact import Fact


def cost_facts(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Yield how many series and rules each model and each tenant has in each environment."""
    series: Counter[tuple[str, str]] = Counter()
    rules: Counter[tuple[str, str]] = Counter()
    for fact in facts:
        tenant, _, model = fact.subject.partition("/")
        total = f"tenant {tenant}" if model else fact.subject
        if fact.kind == "cost":
            count = fact.values["series"]
            series[total, fact.place] += count if isinstance(count, int) else 0
        elif fact.kind in {"alert", "recording"}:
            for subject in dict.fromkeys((fact.subject, total)):
                rules[subject, fact.place] += 1
    for (subject, place), count in sorted(series.items()):
        yield Fact(subject, "cost", "series", place, values={"series": count})
    for (subject, place), count in sorted(rules.items()):
        yield Fact(subject, "cost", "rules", place, values={"rules": count})
