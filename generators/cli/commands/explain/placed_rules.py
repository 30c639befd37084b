"""Every rule and series of a plan, and who reads whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from generators.planning.plan import Alerting, EnvironmentPlan, Group, ModelPlan, Plan, Recording, Rule
from generators.promql.syntax.ast import MatchOp, VectorSelector
from generators.promql.syntax.walk import selectors


@dataclass(frozen=True, slots=True)
class Placed:
    """A rule with its group, its environment, and its model unless it is the fleet's."""

    rule: Rule
    group: Group
    environment: EnvironmentPlan
    model: ModelPlan | None

    @property
    def name(self) -> str:
        """The alert or the series."""
        return self.rule.alert if isinstance(self.rule, Alerting) else self.rule.record

    @property
    def owner(self) -> str:
        """``tenant/model``, or the fleet."""
        return f"{self.model.tenant}/{self.model.model}" if self.model else "fleet"

    @property
    def place(self) -> str:
        """The environment's name."""
        return self.environment.environment.name

    def reads(self) -> Iterator[VectorSelector]:
        """Yield the selectors of the expression."""
        return (each for each in selectors(self.rule.expr) if each.name)


def placed(plan: Plan) -> Iterator[Placed]:
    """Yield every rule, environment by environment, the fleet's first."""
    for environment in plan.environments:
        yield from _of(environment.fleet, environment, None)
        for model in environment.models:
            yield from _of(model.groups, environment, model)


def _of(groups: Iterable[Group], environment: EnvironmentPlan, model: ModelPlan | None) -> Iterator[Placed]:
    for group in groups:
        for rule in group.rules:
            yield Placed(rule, group, environment, model)


def readers(series: str, labels: Mapping[str, str], rules: Iterable[Placed]) -> list[Placed]:
    """Return the rules that read a series; ``labels`` are those that it surely carries."""
    return [each for each in rules if any(_selects(selector, series, labels) for selector in each.reads())]


def writers(selector: VectorSelector, rules: Iterable[Placed]) -> list[Placed]:
    """Return the recordings that a selector may read."""
    return [
        each
        for each in rules
        if isinstance(each.rule, Recording) and _selects(selector, each.rule.record, dict(each.rule.labels))
    ]


def _selects(selector: VectorSelector, series: str, labels: Mapping[str, str]) -> bool:
    """Whether a selector may read a series; only equalities are looked at."""
    return selector.name == series and all(
        labels.get(matcher.label, matcher.value) == matcher.value
        for matcher in selector.matchers
        if matcher.op is MatchOp.EQUAL
    )
