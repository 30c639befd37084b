"""Rule unit-test files, as promtool reads them: their shape, with positions, before anything is run."""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from datetime import UTC, datetime

from generators.diagnostics import Code
from generators.formats.yaml.marks import Place
from generators.formats.yaml.nodes import Node, Scalar, text_at
from generators.promql.engine.series.labels import Labels, from_mapping
from generators.promql.rules.fields import FieldReader
from generators.promql.rules.problems import RuleProblem

GROUP_ORDERED_TWICE = Code(
    "Q641",
    "a group stands twice in the order of evaluation",
    "Each group runs once in every round.",
    "group_eval_order: [a, b, a]",
    "group_eval_order: [a, b]",
)
NO_ALERT_NAME = Code(
    "Q642",
    "an alert test without `alertname`",
    "The test asks for all firing alerts of one name.",
    "{eval_time: 5m, exp_alerts: []}",
    "{eval_time: 5m, alertname: Down, exp_alerts: []}",
)


FILE_KEYS = ("rule_files", "evaluation_interval", "group_eval_order", "fuzzy_compare", "tests")
TEST_KEYS = (
    *("interval", "name", "input_series", "alert_rule_test", "promql_expr_test"),
    *("external_labels", "external_url", "start_timestamp"),
)
SERIES_KEYS = ("series", "values")
ALERT_KEYS = ("eval_time", "alertname", "exp_alerts")
EXPECTED_ALERT_KEYS = ("exp_labels", "exp_annotations")
EXPRESSION_KEYS = ("expr", "eval_time", "exp_samples")
SAMPLE_KEYS = ("labels", "value", "histogram")
MINUTE = 60_000


@dataclass(frozen=True, slots=True)
class InputSeries:
    """A series of the notation ``name{labels} 0+1x5``."""

    series: Scalar
    values: Scalar


@dataclass(frozen=True, slots=True)
class ExpectedAlert:
    """Labels (without ``alertname``) and annotations of an alert that must be firing."""

    labels: Labels
    annotations: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AlertTest:
    """At a time, in ms from the start, exactly these alerts of a name are firing."""

    place: Place
    eval_time: int
    alertname: str
    expected: tuple[ExpectedAlert, ...]


@dataclass(frozen=True, slots=True)
class ExpectedSample:
    """Labels in the notation of series, and a value; a ``histogram`` replaces the value."""

    place: Place
    labels: Scalar | None
    value: float
    histogram: str


@dataclass(frozen=True, slots=True)
class ExpressionTest:
    """At a time, in ms from the start, an expression has exactly these elements."""

    place: Place
    expr: Scalar
    eval_time: int
    expected: tuple[ExpectedSample, ...]


@dataclass(frozen=True, slots=True)
class UnitTest:
    """One test group; ``start`` is in Unix ms, ``interval`` (ms) lies between samples of the input."""

    place: Place
    name: str
    interval: int
    start: int
    inputs: tuple[InputSeries, ...]
    alerts: tuple[AlertTest, ...]
    expressions: tuple[ExpressionTest, ...]
    external_labels: Labels
    external_url: str

    @property
    def last_time(self) -> int:
        """The latest time that is asked about, in ms from the start."""
        asked = [alert.eval_time for alert in self.alerts] + [case.eval_time for case in self.expressions]
        return max(asked, default=0)


@dataclass(frozen=True, slots=True)
class UnitTestFile:
    """A whole test file."""

    rule_files: tuple[str, ...] = ()
    evaluation_interval: int = MINUTE
    group_eval_order: tuple[str, ...] = ()
    fuzzy_compare: bool = False
    tests: tuple[UnitTest, ...] = field(default=())


def read_unit_tests(root: Node | None, *, ignore_unknown: bool = False) -> tuple[UnitTestFile, tuple[RuleProblem, ...]]:
    """Read a test file's tree, with everything that is wrong in its shape."""
    reader = _Reader(ignore_unknown)
    return reader.file(root), tuple(reader.problems)


class _Reader(FieldReader):
    """Turns nodes into tests."""

    def file(self, root: Node | None) -> UnitTestFile:
        keys = self.mapping(root, "a test file", FILE_KEYS)
        interval = self.duration(keys, "evaluation_interval") or MINUTE
        order = tuple(self.texts(keys, "group_eval_order"))
        for name in sorted({name for name in order if order.count(name) > 1}):
            self.report(
                GROUP_ORDERED_TWICE, f"group name repeated in evaluation order: {name}", keys["group_eval_order"].place
            )
        return UnitTestFile(
            tuple(self.texts(keys, "rule_files")),
            interval,
            order,
            self.text(keys, "fuzzy_compare").lower() == "true",
            tuple(self.test(node, number, interval) for number, node in enumerate(self.items(keys, "tests"))),
        )

    def test(self, node: Node, number: int, interval: int) -> UnitTest:
        keys = self.mapping(node, "a test", TEST_KEYS)
        return UnitTest(
            node.place,
            self.text(keys, "name") or f"unnamed#{number}",
            self.duration(keys, "interval") or interval,
            self.converted(keys, "start_timestamp", _unix_milliseconds, 0),
            tuple(self.series(item) for item in self.items(keys, "input_series")),
            tuple(self.alert(item) for item in self.items(keys, "alert_rule_test")),
            tuple(self.expression(item) for item in self.items(keys, "promql_expr_test")),
            from_mapping(dict(_texts(self.pairs(keys, "external_labels")))),
            self.text(keys, "external_url"),
        )

    def series(self, node: Node) -> InputSeries:
        keys = self.mapping(node, "an input series", SERIES_KEYS)
        empty = text_at(node, "")
        return InputSeries(self.scalar(keys, "series") or empty, self.scalar(keys, "values") or empty)

    def alert(self, node: Node) -> AlertTest:
        keys = self.mapping(node, "an alert test", ALERT_KEYS)
        name = self.text(keys, "alertname")
        if not name:
            self.report(NO_ALERT_NAME, "an alert test needs an `alertname`", node.place)
        expected = tuple(self.expected_alert(item) for item in self.items(keys, "exp_alerts"))
        return AlertTest(node.place, self.duration(keys, "eval_time") or 0, name, expected)

    def expected_alert(self, node: Node) -> ExpectedAlert:
        keys = self.mapping(node, "an expected alert", EXPECTED_ALERT_KEYS)
        return ExpectedAlert(_texts(self.pairs(keys, "exp_labels")), _texts(self.pairs(keys, "exp_annotations")))

    def expression(self, node: Node) -> ExpressionTest:
        keys = self.mapping(node, "an expression test", EXPRESSION_KEYS)
        expected = tuple(self.sample(item) for item in self.items(keys, "exp_samples"))
        expr = self.scalar(keys, "expr") or text_at(node, "")
        return ExpressionTest(node.place, expr, self.duration(keys, "eval_time") or 0, expected)

    def sample(self, node: Node) -> ExpectedSample:
        keys = self.mapping(node, "an expected sample", SAMPLE_KEYS)
        value = self.converted(keys, "value", _number, 0.0)
        return ExpectedSample(node.place, self.scalar(keys, "labels"), value, self.text(keys, "histogram"))

    def texts(self, keys: Dictionary[str, Node], key: str) -> list[str]:
        """Return a list of text."""
        return [node.content for node in self.items(keys, key) if isinstance(node, Scalar)]


def _texts(pairs: tuple[tuple[Scalar, Scalar], ...]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name.text, value.content) for name, value in pairs))


def _number(text: str) -> float:
    try:
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan").replace("_", ""))
    except ValueError:
        raise ValueError(f"`{text}` is not a number") from None


def _unix_milliseconds(text: str) -> int:
    try:
        return round(float(text) * 1000)
    except ValueError:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(f"`{text}` is no Unix time in seconds, and none as 2026-03-01T08:00:00Z") from None
        return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
