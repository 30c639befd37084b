"""Evaluates rule groups over a span of time as a server does.

Each rule is evaluated once for all of its ticks, in an order in which everything it reads is already there; only
rules that read their own or later output go tick by tick.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from generators.promql.engine import Storage
from generators.promql.engine.labels import METRIC_NAME, Labels, with_labels
from generators.promql.engine.results import Times
from generators.promql.rules.alert_history import Alerts, LabelRule, histories, identities, restore
from generators.promql.rules.alert_state import Waits
from generators.promql.rules.dependencies import Placed, blocks, written_by
from generators.promql.rules.model import AlertingRule, Group, Rule, RuleFile
from generators.promql.rules.schedule import Server, Stretch, stretches
from generators.promql.rules.states_written import alert_series
from generators.promql.rules.stepwise import DUPLICATE_RECORDING, Stepper
from generators.promql.rules.tables import Table, limited, query, relabel, store
from generators.promql.rules.timeline import RuleFailure, RuleOutcome, Timeline, querier


def evaluate_rules(
    files: Iterable[RuleFile], storage: Storage, start: int, end: int, server: Server | None = None
) -> Timeline:
    """Evaluate all groups from start to end (Unix milliseconds, both included); what they record joins the storage.

    Groups are taken in the given order where they are due at the same time.
    """
    evaluation = _Evaluation(storage, server or Server(), start, end)
    for file in files:
        for group in file.groups:
            evaluation.add(group, file.path)
    return evaluation.run()


class _Evaluation:
    """The rules in order, with the ticks of each, and what has come of them so far."""

    def __init__(self, storage: Storage, server: Server, start: int, end: int) -> None:
        self.storage = storage
        self.server = server
        self.start = start
        self.end = end
        self.placed: list[Placed] = []
        self.groups: list[tuple[Group, int]] = []
        self.ticks: list[tuple[Stretch, ...]] = []
        self.results: list[list[Table | Alerts]] = []
        self.refused: list[RuleFailure] = []
        self.contested: frozenset[str] = frozenset()

    def add(self, group: Group, path: str) -> None:
        """Take up a group."""
        ticks = stretches(group, path, self.server, self.start, self.end)
        for number, rule in enumerate(group.rules, start=1):
            self.placed.append(Placed(rule, self.server.offset_of(group), group))
            self.groups.append((group, number))
            self.ticks.append(ticks)
            self.results.append([])

    def run(self) -> Timeline:
        """Evaluate block by block."""
        written = written_by(self.placed)
        self.contested = written.contested(lambda name: bool(self.storage.named(name)))
        for block in blocks(self.placed, written):
            if len(block) == 1:
                self.at_once(block[0])
            else:
                self.step_by_step(sorted(set(block)))
        outcomes = tuple(self.outcome(index) for index in range(len(self.placed)))
        return Timeline(outcomes, self.storage, self.server, self.start, self.end, tuple(self.refused))

    def outcome(self, index: int) -> RuleOutcome:
        """Return what one rule did."""
        group, number = self.groups[index]
        tables = tuple(result for result in self.results[index] if isinstance(result, Table))
        alerts = tuple(result for result in self.results[index] if isinstance(result, Alerts))
        return RuleOutcome(group, number, self.placed[index].rule, tables, alerts)

    def at_once(self, index: int) -> None:
        """Evaluate a rule for all ticks of each stretch at once."""
        group, rule, offset = self.groups[index][0], self.placed[index].rule, self.placed[index].offset
        for number, times in enumerate(self.ticks[index]):
            result = query(rule.expr, self.storage, times, offset, self.server)
            if isinstance(rule, AlertingRule):
                self.results[index].append(self.alerts(index, rule, result, restarted=number > 0))
                continue
            table = limited(relabel(result, _renaming(group, rule), DUPLICATE_RECORDING), group.limit)
            self.write(index, table)
            self.results[index].append(table)

    def write(self, index: int, table: Table) -> None:
        """Store what a rule yields, and note samples that are refused because another rule was first."""
        group, number = self.groups[index]
        refused = store(table, self.storage, self.placed[index].offset, self.contested)
        self.refuse(group, number, table.times, refused)

    def refuse(self, group: Group, number: int, times: Times, refused: Mapping[int, str]) -> None:
        """Note that samples were refused."""
        name = group.rules[number - 1].name
        self.refused += (
            RuleFailure(group.name, number, name, int(times[tick]), message) for tick, message in refused.items()
        )

    def alerts(self, index: int, rule: AlertingRule, result: Table, *, restarted: bool) -> Alerts:
        """Work out the alerts of a stretch, and write the series that tell of them."""
        group = self.groups[index][0]
        labelling = LabelRule.of(group, rule)
        table, sources = identities(
            result, labelling, self.server, lambda time: querier(self.storage, time, self.server)
        )
        waits = Waits(rule.for_, rule.keep_firing_for)
        table, changes = histories(table, waits, group.limit)
        if restarted:
            changes = {
                labels: restore(found, labels, table, self.storage, waits, self.server)
                for labels, found in changes.items()
            }
        self.write(index, alert_series(table, changes, labelling.texts, first=2 if restarted else 0))
        return Alerts(result, table, sources, changes)

    def step_by_step(self, block: Sequence[int]) -> None:
        """Evaluate rules together, tick by tick; in each stretch they start anew."""
        for number in range(max(len(self.ticks[index]) for index in block)):
            steppers = {
                index: self.stepper(index, self.ticks[index][number])
                for index in block
                if number < len(self.ticks[index])
            }
            due = sorted((int(time), index) for index, stepper in steppers.items() for time in stepper.times)
            for _, index in due:
                steppers[index].step(self.storage)
            for index, stepper in steppers.items():
                self.results[index].append(stepper.outcome())
                self.refuse(*self.groups[index], stepper.times, stepper.refused)

    def stepper(self, index: int, times: Times) -> Stepper:
        """Return a rule ready to go through ticks."""
        group, placed = self.groups[index][0], self.placed[index]
        return Stepper(group, placed.rule, times, placed.offset, self.server, self.contested)


def _renaming(group: Group, rule: Rule) -> Callable[[Labels], Labels]:
    changes = [*group.labels_of(rule).items(), (METRIC_NAME, rule.name)]
    return lambda labels: with_labels(labels, changes)
