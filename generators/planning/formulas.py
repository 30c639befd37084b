"""Filling the holes of a formula: metrics, tiles and measures become series, ``$by`` becomes labels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from generators.language.catalog import Deployment, Formula, Platform, Template
from generators.language.resolve.names import label, renames_labels
from generators.planning.names import IDENTITY, identity_matchers, prometheus_names
from generators.promql.syntax.ast import Expr, Matcher, MatchOp, VectorSelector
from generators.promql.syntax.holes import fill
from generators.promql.syntax.renaming import rename_labels
from generators.promql.syntax.walk import selectors, transform

TEXT_HOLES = ("namespace", "deployment", "service")
"""Facts of a model that matchers may use as ``$name`` inside their value."""

_TEXT_HOLE = re.compile(rf"\$({'|'.join(TEXT_HOLES)})\b")


@dataclass(frozen=True, slots=True)
class Filling:
    """What a deployment's formulas read: series names by hole, and the facts of its matchers."""

    series: Mapping[str, str]
    facts: Mapping[str, str]
    matchers: tuple[Matcher, ...]
    prefix: str
    gen_ai: str
    _singles: dict[str, Expr] = field(default_factory=dict, compare=False, repr=False)

    def fleet(self, formula: Formula) -> Expr:
        """Return the formula over all models: identity labels are kept by ``$by``."""
        return _filled(formula.template, self._used(formula), IDENTITY, self.prefix, self.gen_ai)

    def single(self, formula: Formula) -> Expr:
        """Return the formula for this model alone: what is read through a hole is selected by identity.

        Equal formulas give the same tree, which then is laid out once.
        """
        if formula.text not in self._singles:
            self._singles[formula.text] = self._single(formula)
        return self._singles[formula.text]

    def _single(self, formula: Formula) -> Expr:
        series = {name: VectorSelector(record, self.matchers) for name, record in self._used(formula)}
        filled = fill(
            _spelled(formula.template, self.prefix, self.gen_ai), {**series, **_labels(formula.template, IDENTITY)}
        )
        return transform(filled, self._with_facts) if of_one_model(formula.template) else filled

    def _used(self, formula: Formula) -> tuple[tuple[str, str], ...]:
        return tuple((name, self.series[name]) for name in formula.template.holes if name in self.series)

    def _with_facts(self, node: Expr) -> Expr:
        if not isinstance(node, VectorSelector) or not any("$" in matcher.value for matcher in node.matchers):
            return node
        return replace(node, matchers=tuple(self._with_fact(matcher) for matcher in node.matchers))

    def _with_fact(self, matcher: Matcher) -> Matcher:
        is_pattern = matcher.op in (MatchOp.REGEX, MatchOp.NOT_REGEX)

        def fact(found: re.Match[str]) -> str:
            value = self.facts[found[1]]
            return re.escape(value).replace("\\-", "-") if is_pattern else value

        return replace(matcher, value=_TEXT_HOLE.sub(fact, matcher.value))


def filling(deployment: Deployment, platform: Platform) -> Filling:
    """Return what the formulas of a deployment read."""
    series: dict[str, str] = {}
    for metric in deployment.metrics.values():
        series |= prometheus_names(metric, platform)
    for tile in deployment.tiles.values():
        series[tile.id] = tile_record(series[tile.metric])
    for measure in deployment.measures.values():
        series[measure.id] = measure.record
    model = deployment.model
    facts = {"namespace": model.namespace, "deployment": model.deployment, "service": model.service}
    return Filling(series, facts, identity_matchers(deployment), platform.prefix, platform.gen_ai)


def tile_record(counter: str) -> str:
    """Return the name of a counter's tiles: ``ml_confusion_total`` → ``model:ml_confusion:increase5m``."""
    return f"model:{counter.removesuffix('_total')}:increase5m"


@lru_cache(maxsize=4096)
def of_one_model(template: Template) -> bool:
    """Whether a formula depends on the facts of one model, so that it cannot be a rule of the whole fleet."""
    return any(_TEXT_HOLE.search(matcher.value) for node in selectors(template.expr) for matcher in node.matchers)


def _spelled(template: Template, prefix: str, gen_ai: str) -> Expr:
    """Return a formula with labels as the platform calls them."""
    if not renames_labels(prefix, gen_ai):
        return template.expr
    return rename_labels(template.expr, lambda name: label(name, prefix, gen_ai))


def _labels(template: Template, by: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {"by": by} if "by" in template.holes else {}


@lru_cache(maxsize=4096)
def _filled(
    template: Template, used: tuple[tuple[str, str], ...], by: tuple[str, ...], prefix: str, gen_ai: str
) -> Expr:
    """Fill a formula; packs are shared by many models, so each result is kept."""
    values: dict[str, Expr | tuple[str, ...]] = {name: VectorSelector(series) for name, series in used}
    return fill(_spelled(template, prefix, gen_ai), {**values, **_labels(template, by)})
