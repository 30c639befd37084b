"""Business figures: arithmetic over measures, recorded and compared."""

from __future__ import annotations

from collections.abc import Iterator

from generators.language.catalog import Deployment, Gate, Kpi, Threshold, camel_case
from generators.planning.alerts.conditions import SIDES, Condition, completed, gated
from generators.planning.alerts.texts import shown
from generators.planning.expressions import binary, equal, number, on, selector
from generators.planning.formulas import Filling
from generators.planning.links import BUSINESS
from generators.planning.names import IDENTITY, identity, pairs
from generators.planning.plan import Recording
from generators.promql.syntax.ast import Binary, Expr, NumberLiteral, VectorSelector
from generators.promql.syntax.walk import transform, walk

RECORD = "model:kpi:value"
"""One series for all KPIs, told apart by the label ``kpi``."""

LABEL = "kpi"


def recording(kpi: Kpi, deployment: Deployment, filling: Filling) -> Recording:
    """Return the recording of a business figure."""
    labels = {**identity(deployment), LABEL: kpi.name}
    return Recording(
        record=RECORD,
        expr=_expression(kpi, filling),
        labels=pairs(labels),
        unit=kpi.unit,
        description=kpi.description,
        provenance=(kpi.position,),
    )


def conditions(kpi: Kpi, deployment: Deployment, filling: Filling) -> Iterator[Condition]:
    """Yield the alerts of a business figure, one a level, gated like the alerts on the measures that it reads."""
    recorded = selector(RECORD, (*filling.matchers, equal(LABEL, kpi.name)))
    gates = inherited_gates(kpi, deployment)
    figure = f"The business figure `{kpi.name}` of {{model}} ({{tenant}}, {{environment}}) is {{value}}"
    words, name = kpi.description.rstrip(".") or kpi.name, kpi.name.replace("_", " ")
    for threshold in kpi.thresholds:
        side = SIDES.get(threshold.op, "at")
        yield Condition(
            alert=alert_name(kpi, threshold),
            expr=gated(binary(threshold.op, recorded, number(threshold.value.amount)), gates, deployment, filling),
            level=threshold.level,
            for_ms=threshold.for_ms,
            symptom="business",
            summary=f"{{model}}: {name} is {{value}}, {side} {{threshold}}",
            description=completed(f"{figure}, {side} {{threshold}}. {words}.", side, threshold.for_ms, kpi.runbook),
            unit=kpi.unit,
            threshold=shown(threshold.value.amount, kpi.unit),
            labels={LABEL: kpi.name},
            runbook=kpi.runbook,
            provenance=(kpi.position, threshold.position),
            instance=(LABEL,),
            topic=BUSINESS,
        )


def inherited_gates(kpi: Kpi, deployment: Deployment) -> tuple[Gate, ...]:
    """Return the gates of the alerts on the measures that a figure reads, the strictest of each measure of samples."""
    read = {node.name for node in walk(kpi.formula.expr) if isinstance(node, VectorSelector)}
    strictest: dict[str, Gate] = {}
    for alert in deployment.limits:
        if alert.gate is not None and alert.measure in read:
            known = strictest.setdefault(alert.gate.measure, alert.gate)
            if known.minimum.amount < alert.gate.minimum.amount:
                strictest[alert.gate.measure] = alert.gate
    return tuple(strictest[name] for name in sorted(strictest))


def alert_name(kpi: Kpi, threshold: Threshold) -> str:
    """Return the name of a business figure's alert, which says on which side of its limit it is."""
    return f"{camel_case(kpi.name)}{'High' if threshold.op in ('>', '>=') else 'Low'}"


def _expression(kpi: Kpi, filling: Filling) -> Expr:
    """Return the arithmetic over recorded measures; two measures are matched by identity alone."""

    def fill(node: Expr) -> Expr:
        if isinstance(node, VectorSelector) and node.name is not None:
            return selector(filling.series[node.name], filling.matchers)
        if isinstance(node, Binary) and not _is_number(node.left) and not _is_number(node.right):
            return binary(node.op, node.left, node.right, on(*IDENTITY))
        return node

    return transform(kpi.formula.expr, fill)


def _is_number(expr: Expr) -> bool:
    if isinstance(expr, Binary):
        return _is_number(expr.left) and _is_number(expr.right)
    return isinstance(expr, NumberLiteral)
