"""Evaluates rule groups over a span of time as a server does.

Each rule is evaluated once for all of its ticks, in an order in which everything it reads is already there; only
rules that read their own or later output go tick by tick.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from generators.promql.engine import Storage
from generators.promql.engine.results import Times
from generators.promql.engine.series.labels import METRIC_NAME, Labels, with_labels
from generators.promql.rules.evaluation.alert_history import Alerts, LabelRule, histories, identities, restore
from generators.promql.rules.evaluation.alert_series import alert_series
from generators.promql.rules.evaluation.alert_state import Waits
from generators.promql.rules.evaluation.dependencies import Placed, blocks, written_by
from generators.promql.rules.evaluation.families import Due, evaluate_family, families
from generators.promql.rules.evaluation.schedule import Server, Stretch, stretches
from generators.promql.rules.evaluation.stepwise import DUPLICATE_RECORDING, Stepper
from generators.promql.rules.evaluation.tables import Table, limited, query, relabel, store
from generators.promql.rules.evaluation.timeline import RuleFailure, RuleOutcome, Timeline, querier
from generators.promql.rules.model import AlertingRule, Group, Rule, RuleFile


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
        self.refused: dict[int, list[RuleFailure]] = {}
        self.ahead: dict[tuple[int, int], Table] = {}
        """What families of rules yield, by rule and stretch."""
        self.ranks: dict[Labels, int] = {}
        """Series that rules have written, with the place that the rule has where they run one by one."""
        self.contested: frozenset[str] = frozenset()

    def add(self, group: Group, path: str) -> None:
        """Take up a group."""
        ticks = tuple(map(self.storage.share, stretches(group, path, self.server, self.start, self.end)))
        for number, rule in enumerate(group.rules, start=1):
            self.placed.append(Placed(rule, self.server.offset_of(group), group))
            self.groups.append((group, number))
            self.ticks.append(ticks)
            self.results.append([])

    def run(self) -> Timeline:
        """Evaluate block by block."""
        written = written_by(self.placed)
        self.contested = written.contested(lambda name: bool(self.storage.named(name)))
        order = blocks(self.placed, written)
        if all(len(block.rules) == 1 for block in order) and not any(map(_queries, self.placed)):
            self.by_depth([(block.rules[0], block.depth) for block in order])
        else:
            for block in order:
                if len(block.rules) == 1:
                    self.at_once(block.rules[0])
                else:
                    self.step_by_step(sorted(set(block.rules)))
        outcomes = tuple(self.outcome(index) for index in range(len(self.placed)))
        refused = tuple(failure for index in sorted(self.refused) for failure in self.refused[index])
        return Timeline(outcomes, self.storage, self.server, self.start, self.end, refused)

    def by_depth(self, order: Sequence[tuple[int, int]]) -> None:
        """Evaluate rules, given with their depths, so that those that are alike come together.

        Every other rule then finds the series as if all had been evaluated in the given order.
        """
        ranks = {index: rank for rank, (index, _) in enumerate(order)}
        for depth in range(max((depth for _, depth in order), default=-1) + 1):
            level = [index for index, at in order if at == depth]
            self.evaluate_families(level)
            for index in level:
                self.at_once(index, ranks[index])
            self.storage.arrange(self.ranks)

    def evaluate_families(self, rules: Sequence[int]) -> None:
        """Evaluate those rules that are alike; none may read what another writes."""
        for number in range(max((len(self.ticks[index]) for index in rules), default=0)):
            due = (
                Due(index, self.placed[index].rule, self.ticks[index][number], self.placed[index].offset)
                for index in rules
                if number < len(self.ticks[index])
            )
            for family in families(due):
                tables = evaluate_family(family, self.storage, self.server) or {}
                self.ahead |= {(index, number): table for index, table in tables.items()}

    def outcome(self, index: int) -> RuleOutcome:
        """Return what one rule did."""
        group, number = self.groups[index]
        tables = tuple(result for result in self.results[index] if isinstance(result, Table))
        alerts = tuple(result for result in self.results[index] if isinstance(result, Alerts))
        return RuleOutcome(group, number, self.placed[index].rule, tables, alerts)

    def at_once(self, index: int, rank: int = 0) -> None:
        """Evaluate a rule for all ticks of each stretch at once; new series are noted under ``rank``."""
        group, rule, offset = self.groups[index][0], self.placed[index].rule, self.placed[index].offset
        for number, times in enumerate(self.ticks[index]):
            ahead = self.ahead.pop((index, number), None)
            result = query(rule.expr, self.storage, times, offset, self.server) if ahead is None else ahead
            if isinstance(rule, AlertingRule):
                self.results[index].append(self.alerts(index, rule, result, rank, restarted=number > 0))
                continue
            table = limited(relabel(result, _renaming(group, rule), DUPLICATE_RECORDING), group.limit)
            self.write(index, table, rank)
            self.results[index].append(table)

    def write(self, index: int, table: Table, rank: int) -> None:
        """Store what a rule yields, and note samples that are refused because another rule was first."""
        self.ranks |= {labels: rank for labels in table.labels if labels not in self.storage}
        refused = store(table, self.storage, self.placed[index].offset, self.contested)
        self.refuse(index, table.times, refused)

    def refuse(self, index: int, times: Times, refused: Mapping[int, str]) -> None:
        """Note that samples were refused."""
        group, number = self.groups[index]
        name = group.rules[number - 1].name
        self.refused.setdefault(index, []).extend(
            RuleFailure(group.name, number, name, int(times[tick]), message) for tick, message in refused.items()
        )

    def alerts(self, index: int, rule: AlertingRule, result: Table, rank: int, *, restarted: bool) -> Alerts:
        """Work out the alerts of a stretch, and write the series that tell of them."""
        if not result.labels:
            return Alerts(result, result, {}, {})
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
        self.write(index, alert_series(table, changes, labelling.texts, first=2 if restarted else 0), rank)
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
                self.refuse(index, stepper.times, stepper.refused)

    def stepper(self, index: int, times: Times) -> Stepper:
        """Return a rule ready to go through ticks."""
        group, placed = self.groups[index][0], self.placed[index]
        return Stepper(group, placed.rule, times, placed.offset, self.server, self.contested)


def _queries(placed: Placed) -> bool:
    """Tell whether labels of a rule may query series, which `blocks` knows nothing of."""
    rule = placed.rule
    return isinstance(rule, AlertingRule) and any("query" in text for text in placed.group.labels_of(rule).values())


def _renaming(group: Group, rule: Rule) -> Callable[[Labels], Labels]:
    changes = [*group.labels_of(rule).items(), (METRIC_NAME, rule.name)]
    return lambda labels: with_labels(labels, changes)
