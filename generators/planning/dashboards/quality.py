"""Model quality: what is predicted, how surely, how often it is right, for whom, and on how many labels that stands."""

from __future__ import annotations

from collections.abc import Iterator

from generators.planning.dashboards.measures import bars, describe, graph, graphs, onward, tiles
from generators.planning.dashboards.page import DAY_MS, page
from generators.planning.dashboards.panels import (
    HALF,
    LARGE,
    RATE_INTERVAL,
    THIRD,
    Dashboard,
    Kind,
    Legend,
    Panel,
    Query,
    Row,
    Style,
)
from generators.planning.dashboards.subject import Subject
from generators.planning.expressions import call, over, total
from generators.planning.names import VERSION
from generators.promql.syntax.ast import MatrixSelector
from otel.names import label_name
from otel.semconv import ACTUAL, PREDICTED

GRAPHS = (
    ("accuracy", "accuracy_1d"),
    ("precision", "recall", "f1"),
    ("macro_precision", "macro_recall", "macro_f1"),
    ("false_positive_rate",),
    ("auc",),
    ("calibration_error",),
    ("accuracy_change",),
    ("mean_absolute_error", "root_mean_square_error"),
    ("relative_error",),
    ("error_growth",),
    ("bias",),
    ("overestimation",),
    ("interval_coverage",),
    ("wape",),
    ("horizon_wape",),
    ("mase",),
    ("wape_growth",),
    ("forecast_bias",),
    ("forecast_coverage",),
    ("forecast_age",),
    ("missing_1d",),
    ("ndcg",),
    ("click_rate", "click_rate_7d"),
    ("click_rate_change",),
    ("click_rate_by_position",),
    ("empty_ratio",),
    ("cold_ratio", "tail_ratio"),
    ("coverage",),
)
"""Measures of quality; those on one line are drawn in one picture."""

FIRST = ("accuracy", "macro_f1", "f1", "recall", "precision", "auc", "relative_error", "bias", "wape", "mase", "ndcg")
SPLIT = ("class_recall", "class_precision", "class_f1")
SEGMENTS = ("segment_accuracy", "segment_relative_error", "segment_error_ratio", "segment_share")
FEATURES = (
    "feature_missing",
    "feature_malformed",
    "feature_out_of_range",
    "feature_outlier",
    "feature_unseen",
    "feature_stale",
)
LABELS = ("label_coverage", "labels_7d", "human_labels_7d", "labels_by_age", "override_ratio")
VECTORS = ("degenerate_ratio", "truncated_input_ratio", "norm_mean", "norm_shift", "batch_mean", "vectors_made_1h")


def dashboard(subject: Subject) -> Dashboard | None:
    """Return the quality of a model; parts that its task does not know are left out."""
    return page(
        subject,
        "quality",
        "Is the model right, and for whom is it not? Figures stand on labels that arrive late; see how many there are.",
        (
            Row(panels=tuple(_first(subject))),
            Row(title="Quality over time", panels=tuple(_graphs(subject))),
            Row(title="Predictions", panels=tuple(_predictions(subject))),
            Row(title="Confidence", panels=tuple(_confidence(subject))),
            Row(title="Confusion", panels=tuple(_confusion(subject))),
            Row(title="Segments", panels=tuple(bars(subject, name) for name in subject.of(SEGMENTS))),
            Row(title="Vectors", panels=tuple(graphs(subject, VECTORS)), folded=True),
            Row(title="Inputs", panels=tuple(graphs(subject, FEATURES)), folded=True),
            Row(title="Labels and people", panels=tuple(graphs(subject, LABELS)), folded=True),
        ),
        range_ms=7 * DAY_MS,
        refresh_ms=5 * 60_000,
    )


def _first(subject: Subject) -> Iterator[Panel]:
    chosen = [name for name in subject.of(FIRST) if subject.thresholds(name).steps][:3]
    yield from tiles(subject, (*chosen, "low_confidence_ratio", "label_coverage"), LARGE)


def _graphs(subject: Subject) -> Iterator[Panel]:
    for names in GRAPHS:
        found = subject.of(names)
        if found:
            yield graph(subject, found, size=HALF if len(found) > 1 else THIRD)


def _predictions(subject: Subject) -> Iterator[Panel]:
    if subject.has("class_share"):
        yield graph(subject, ("class_share",), "Predictions by class", style=Style.STACKED)
    if subject.emits("predictions"):
        series = MatrixSelector(subject.emitted("predictions"), RATE_INTERVAL)
        yield Panel(
            kind=Kind.TIMESERIES,
            title="Predictions by version",
            description=(
                "Predictions per second of each version. A new version takes over step by step.\n\n"
                "First step: where quality fell with a takeover, go back."
            ),
            unit="{prediction}/s",
            queries=(Query(total(call("rate", series), (VERSION,)), Legend("", (VERSION,))),),
            links=onward(subject, ()),
            minimum=0,
        )


def _confidence(subject: Subject) -> Iterator[Panel]:
    if subject.emits("confidence"):
        series = MatrixSelector(subject.emitted("confidence_bucket"), RATE_INTERVAL)
        yield Panel(
            kind=Kind.HEATMAP,
            title="Distribution of confidence",
            description=(
                "How many predictions were made how surely. A band that moves down is a model that meets what it does "
                "not know.\n\nFirst step: compare segments and inputs since the move."
            ),
            unit="1",
            queries=(Query(total(call("increase", series), ("le",)), Legend("", ("le",))),),
            links=onward(subject, subject.of(("low_confidence_ratio",))),
        )
    yield from graphs(subject, ("low_confidence_ratio",), HALF)
    yield from graphs(subject, ("confidence_mean",), HALF)


def _confusion(subject: Subject) -> Iterator[Panel]:
    if "confusion_5m" in subject.deployment.tiles:
        true_and_predicted = tuple(label_name(f"{subject.platform.prefix}.{key}") for key in (ACTUAL, PREDICTED))
        counted = call("sum_over_time", over(subject.recorded("confusion_5m"), 7 * DAY_MS))
        yield Panel(
            kind=Kind.MATRIX,
            title="Confusion of seven days",
            description=(
                "Labelled predictions of the last seven days: rows are what was true, columns what was predicted. "
                f"The diagonal is right.\n\n{describe(subject, subject.of(('accuracy',)))}"
            ),
            unit="{label}",
            queries=(Query(total(counted, true_and_predicted), Legend("", true_and_predicted), instant=True),),
            links=onward(subject, subject.of(("accuracy",))),
            no_data="no labels yet",
        )
    for name in subject.of(SPLIT):
        yield bars(subject, name)
