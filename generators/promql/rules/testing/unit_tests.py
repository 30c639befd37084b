"""Runs rule unit tests: promtool's files, unchanged.

By default groups run at their own intervals, values are compared with a tolerance, and NaN equals NaN.  With
``compat`` everything is as in promtool: one interval for all groups, exact values, input only up to the last tick.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from generators.diagnostics import Code, Severity, Span, TextFinding
from generators.formats.durations import format_duration
from generators.formats.yaml.marks import Place
from generators.promql.engine import SeriesDescription, Storage, parse_series
from generators.promql.engine.results import Floats, Times
from generators.promql.engine.series.labels import Labels, from_mapping
from generators.promql.profiles import PROMETHEUS_3, Profile
from generators.promql.rules.evaluation.groups import evaluate_rules
from generators.promql.rules.evaluation.schedule import Server
from generators.promql.rules.evaluation.tables import run_at
from generators.promql.rules.evaluation.timeline import Timeline
from generators.promql.rules.expressions import parse_and_check
from generators.promql.rules.file import read_rules
from generators.promql.rules.model import RuleFile
from generators.promql.rules.problems import RuleProblem
from generators.promql.rules.reader import nothing, read_yaml
from generators.promql.rules.sources import Source
from generators.promql.rules.testing.comparison import Same, closely, compare_alerts, compare_samples, exactly, fuzzily
from generators.promql.rules.testing.coverage import Coverage, cover, join
from generators.promql.rules.testing.document import (
    AlertTest,
    ExpressionTest,
    InputSeries,
    UnitTest,
    UnitTestFile,
    read_unit_tests,
)

NO_RULE_FILE = Code(
    "Q640",
    "a test names a rule file that is not there",
    "Paths are relative to the test file and may contain `*`.",
    "rule_files: [rule.yml]",
    "rule_files: [rules.yml]",
)
TEST_FAILED = Code(
    "Q645",
    "a test that fails",
    "At the time that the test names, other alerts fire or other values come than it expects. `watchspec query` "
    "shows what an expression gives over the same series.",
    "{eval_time: 1m, alertname: Down, exp_alerts: [{}]}  # the alert has `for: 5m`",
    "{eval_time: 6m, alertname: Down, exp_alerts: [{}]}",
)


MOST_TICKS: Final = 10_000_000
_MOST_AFTER: Final = 10_000
"""Evaluations of a group in one test: nineteen years of minutes."""

Load = Callable[[str], Sequence[tuple[str, str]]]
"""Finds rule files by a path or pattern of a test file: their paths and texts."""


@dataclass(frozen=True, slots=True)
class TestFailure:
    """One failed expectation: where it stands, what it is about, and the differences."""

    __test__ = False

    place: Place
    subject: str
    differences: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join((self.subject, *(f"    {line}" for line in self.differences)))


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What came of one test."""

    name: str
    place: Place
    failures: tuple[TestFailure, ...] = ()


@dataclass(frozen=True, slots=True)
class TestReport:
    """What came of a test file; ``problems`` are its own, or (with their ``path``) those of its rule files.

    ``sources`` are the texts of rule files that have problems.
    """

    __test__ = False

    path: str
    cases: tuple[CaseResult, ...] = ()
    problems: tuple[RuleProblem, ...] = ()
    coverage: Coverage = field(default_factory=Coverage)
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Tell whether every test ran and was satisfied."""
        broken = any(problem.severity is Severity.ERROR for problem in self.problems)
        return not broken and not any(case.failures for case in self.cases)


def files_beside(path: Path) -> Load:
    """Return a loader that resolves patterns relative to the folder of a test file."""

    def load(pattern: str) -> Sequence[tuple[str, str]]:
        root = Path(pattern).anchor if Path(pattern).is_absolute() else ""
        base = Path(root) if root else path.parent
        found = sorted(base.glob(str(Path(pattern).relative_to(root)) if root else pattern))
        return [(str(file), file.read_text(encoding="utf-8")) for file in found if file.is_file()]

    return load


def run_unit_tests(
    text: str,
    path: str,
    load: Load,
    *,
    compat: bool = False,
    profile: Profile = PROMETHEUS_3,
    wanted: Callable[[str], bool] = lambda _: True,
    ignore_unknown: bool = False,
) -> TestReport:
    """Run the tests of a file whose names are wanted; problems of any file stop before the first test."""
    yaml_file, problems = read_yaml(text)
    if yaml_file is None:
        return TestReport(path, problems=problems)
    document, shape = read_unit_tests(yaml_file.root, ignore_unknown=ignore_unknown)
    found = [*problems, *shape, *(() if compat else nothing(yaml_file, "tests"))]
    files: list[RuleFile] = []
    sources: dict[str, str] = {}
    for pattern in document.rule_files:
        files += _rule_files(pattern, load, profile, found, sources)
    if any(problem.severity is Severity.ERROR for problem in found):
        return TestReport(path, problems=tuple(found), sources=sources)
    runner = _Runner(document, tuple(files), profile, compat, Source(text.removeprefix("\ufeff")))
    cases, coverages = [], [Coverage.of(files)]
    for test in document.tests:
        if wanted(test.name):
            case, coverage = runner.run(test)
            cases.append(case)
            coverages.append(coverage)
    return TestReport(path, tuple(cases), tuple(found), join(coverages), sources)


def _rule_files(
    pattern: str, load: Load, profile: Profile, found: list[RuleProblem], texts: dict[str, str]
) -> list[RuleFile]:
    files = []
    try:
        sources = load(pattern)
    except (OSError, ValueError, NotImplementedError) as error:
        found.append(RuleProblem(NO_RULE_FILE, f"{pattern}: {error}", Place(1, 1)))
        return []
    if not sources:
        message = f"no file matches `{pattern}`"
        found.append(
            RuleProblem(NO_RULE_FILE.as_(Severity.WARNING), message, Place(1, 1), "paths are relative to the test file")
        )
    for path, text in sources:
        file, problems = read_rules(text, path, profile=profile)
        found += (replace(problem, path=path) for problem in problems)
        if problems:
            texts[path] = text
        if file is not None:
            files.append(file)
    return files


class _Runner:
    """Runs tests one by one, each with a storage of its own."""

    def __init__(
        self, document: UnitTestFile, files: tuple[RuleFile, ...], profile: Profile, compat: bool, source: Source
    ) -> None:
        self.source = source
        self.document = document
        self.files = _ordered(files, document.group_eval_order)
        self.profile = profile
        self.compat = compat

    def run(self, test: UnitTest) -> tuple[CaseResult, Coverage]:
        """Run one test."""
        step = self.document.evaluation_interval
        last_tick = test.start + test.last_time // step * step
        if test.last_time // step >= MOST_TICKS:
            return CaseResult(test.name, test.place, (_too_long(test, step),)), Coverage()
        storage = Storage()
        failures = _fill(storage, test, last_tick if self.compat else None, self.source)
        if failures:
            return CaseResult(test.name, test.place, failures), Coverage()
        server = Server(
            interval=step,
            same_interval=step if self.compat else 0,
            default_step=step,
            external_labels=test.external_labels,
            external_url=test.external_url,
            profile=self.profile,
        )
        timeline = evaluate_rules(self.files, storage, test.start, test.start + test.last_time, server)
        if timeline.failures:
            return CaseResult(test.name, test.place, _rule_failures(timeline, test)), cover(timeline)
        failures = (
            *(failure for alert in test.alerts for failure in self.check_alert(timeline, test, alert)),
            *(failure for expr in test.expressions for failure in self.check_expression(timeline, test, expr)),
        )
        return CaseResult(test.name, test.place, failures), cover(timeline)

    def check_alert(self, timeline: Timeline, test: UnitTest, alert: AlertTest) -> tuple[TestFailure, ...]:
        """Compare the alerts of a name that are firing."""
        time = test.start + alert.eval_time
        got = [
            (found.labels, tuple(sorted(found.annotations_at(time).items())))
            for found in timeline.firing_at(time, alert.alertname)
        ]
        expected = [
            (self.labels({**dict(wanted.labels), "alertname": alert.alertname}), wanted.annotations)
            for wanted in alert.expected
        ]
        differences = compare_alerts(expected, got)
        subject = f"alert {alert.alertname} at {format_duration(alert.eval_time)}"
        return (TestFailure(alert.place, subject, tuple(d.text for d in differences)),) if differences else ()

    def labels(self, expected: dict[str, str]) -> Labels:
        """Return expected labels; promtool takes empty values literally, and then nothing matches them."""
        return tuple(sorted(expected.items())) if self.compat else from_mapping(expected)

    def check_expression(self, timeline: Timeline, test: UnitTest, case: ExpressionTest) -> tuple[TestFailure, ...]:
        """Compare the elements of an expression."""
        subject = f"expr `{case.expr.content}` at {format_duration(case.eval_time)}"
        expr, problems = parse_and_check(case.expr.content, self.profile)
        errors = [problem for problem in problems if problem.severity is Severity.ERROR]
        if expr is None or errors:
            place = self.source.place(case.expr, errors[0].span)
            return (TestFailure(place, subject, tuple(line for each in errors for line in _told(each))),)
        got, problem = run_at(expr, timeline.storage, test.start + case.eval_time, timeline.server)
        if problem is not None:
            return (TestFailure(case.place, subject, (problem.message,)),)
        expected: list[tuple[Labels, float]] = []
        for sample in case.expected:
            described = parse_series(sample.labels.content if sample.labels and sample.labels.content else "{}")
            if not isinstance(described, SeriesDescription):
                reason = "" if described.error is None else described.error.message
                return (TestFailure(sample.place, subject, (f"labels: {reason}",)),)
            if sample.histogram:
                return (TestFailure(sample.place, subject, ("native histograms cannot be compared",)),)
            expected.append((described.labels, sample.value))
        differences = compare_samples(expected, got, self.same)
        return (TestFailure(case.place, subject, tuple(d.text for d in differences)),) if differences else ()

    @property
    def same(self) -> Same:
        """How values are compared."""
        if not self.compat:
            return closely
        return fuzzily if self.document.fuzzy_compare else exactly


def _ordered(files: tuple[RuleFile, ...], order: tuple[str, ...]) -> tuple[RuleFile, ...]:
    """Return one file a group, in the order in which they are evaluated; those not named count as the first."""
    rank = {name: place for place, name in enumerate(order)}
    single = [RuleFile((group,), file.path) for file in files for group in file.groups]
    return tuple(sorted(single, key=lambda file: rank.get(file.groups[0].name, 0)))


def _told(problem: TextFinding | None) -> tuple[str, ...]:
    """Return the lines that tell of a problem, and how to mend it."""
    if problem is None:
        return ("",)
    return (problem.message, f"help: {problem.help}") if problem.help else (problem.message,)


def _too_long(test: UnitTest, step: int) -> TestFailure:
    """Return the failure of a test that asks for the far future."""
    ticks = test.last_time // step + 1
    message = f"{format_duration(test.last_time)} are {ticks:,} evaluations, and more than {MOST_TICKS:,} are not made"
    return TestFailure(test.place, "its length", (message, "help: ask earlier, or give a longer evaluation_interval"))


def _fill(storage: Storage, test: UnitTest, last: int | None, source: Source) -> tuple[TestFailure, ...]:
    """Load the input series; those that cannot be read are failures.

    Of a series that is given twice the last one counts, as in promtool.  Values count up to twice the test's length.
    """
    failures = []
    most = 2 * (test.last_time // test.interval) + _MOST_AFTER
    series: dict[Labels, _Samples] = {}
    known: dict[int, _Samples] = {}
    for entry in test.inputs:
        described = parse_series(f"{entry.series.content} {entry.values.content}", most)
        if not isinstance(described, SeriesDescription):
            subject = f"series `{entry.series.content}`"
            failures.append(TestFailure(_place(entry, described.error, source), subject, _told(described.error)))
            continue
        samples = known.get(id(described.values))
        if samples is None:
            samples = _samples(described, test, last)
            known[id(described.values)] = samples = samples._replace(times=storage.share(samples.times))
        series[described.labels] = samples
    for labels, samples in series.items():
        storage.add(labels, samples.times, samples.values, samples.opaque)
    return tuple(failures)


def _place(entry: InputSeries, problem: TextFinding | None, source: Source) -> Place:
    """Return where a series is wrong, in its name or in its values."""
    start = 0 if problem is None else problem.span.start
    before = len(entry.series.content) + 1
    if start < before:
        return source.place(entry.series, Span(start, start))
    return source.place(entry.values, Span(start - before, start - before))


class _Samples(NamedTuple):
    """What a series holds, and the description that it comes from: many series of a test share one."""

    times: Times
    values: Floats
    opaque: Times
    origin: Floats


def _samples(described: SeriesDescription, test: UnitTest, last: int | None) -> _Samples:
    times = test.start + test.interval * np.arange(described.values.size, dtype=np.int64)
    within = np.ones(times.size, dtype=bool) if last is None else times <= last
    floats = within & ~described.missing & ~described.histogram
    return _Samples(times[floats], described.values[floats], times[within & described.histogram], described.values)


def _rule_failures(timeline: Timeline, test: UnitTest) -> tuple[TestFailure, ...]:
    """Return what stopped rules: the first failure of each."""
    first = {(failure.group, failure.rule): failure for failure in reversed(timeline.failures)}
    return tuple(
        TestFailure(
            test.place,
            f"rule {failure.name} of group {failure.group} at {format_duration(failure.time - test.start)}",
            (failure.message,),
        )
        for failure in sorted(first.values(), key=lambda failure: failure.time)
    )
