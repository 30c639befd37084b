"""Further figures: measures that no other page shows, such as those of an organisation's own packs."""

from __future__ import annotations

from collections.abc import Iterable

from generators.planning.dashboards.measures import graphs
from generators.planning.dashboards.page import page
from generators.planning.dashboards.panels import Dashboard, Row
from generators.planning.dashboards.subject import Subject
from generators.promql.syntax.walk import selectors


def remainder(subject: Subject, others: Iterable[Dashboard]) -> Dashboard | None:
    """Return a page of the measures that no panel of the others reads, or None."""
    read = {
        each.name
        for dashboard in others
        for panel in dashboard.panels
        for query in panel.queries
        for each in selectors(query.expr)
    }
    measures = subject.deployment.measures
    judged = [name for name in measures if measures[name].record not in read and subject.thresholds(name).steps]
    rest = [name for name in measures if measures[name].record not in read and name not in judged]
    return page(
        subject,
        "more",
        "Measures of the model that have no place on its other pages; those with thresholds come first.",
        (
            Row(title="With thresholds", panels=tuple(graphs(subject, judged))),
            Row(title="Samples and others", panels=tuple(graphs(subject, rest)), folded=bool(judged)),
        ),
    )
