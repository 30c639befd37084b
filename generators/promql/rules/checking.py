"""Rule files: text → what promtool would say of it, without building rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from generators.promql.problems import Severity
from generators.promql.profiles import PROMETHEUS_3, Profile
from generators.promql.rules.document import GroupText, read_document
from generators.promql.rules.expressions import only_check
from generators.promql.rules.problems import RuleProblem, by_place
from generators.promql.rules.promtool import check_group_names, check_label_names, check_rule, duplicate_rules
from generators.promql.rules.reader import read_yaml, second_document
from generators.promql.rules.sources import Source


class Written(NamedTuple):
    """A file as it is written: its groups (None where it is not YAML), and what is wrong with their shape."""

    source: Source
    groups: tuple[GroupText, ...] | None
    problems: tuple[RuleProblem, ...]


def read_groups(text: str, *, ignore_unknown: bool = False) -> Written:
    """Read the groups of a rule file, and check all but their rules one by one."""
    source = Source(text)
    yaml_file, problems = read_yaml(text)
    if yaml_file is None:
        return Written(source, None, problems)
    groups, shape = read_document(yaml_file.root, ignore_unknown=ignore_unknown)
    found = (*problems, *second_document(yaml_file), *shape, *check_group_names(groups), *duplicate_rules(groups))
    return Written(source, groups, found)


def check_rules(
    text: str, *, profile: Profile = PROMETHEUS_3, ignore_unknown: bool = False
) -> tuple[int | None, tuple[RuleProblem, ...]]:
    """Make the checks of ``promtool check rules``: the number of sound rules (None for no YAML), and all problems.

    The problems are those of ``read_rules``, in less than half of the time where rules are alike.
    """
    written = read_groups(text, ignore_unknown=ignore_unknown)
    found = [*written.problems]
    if written.groups is None:
        return None, tuple(found)
    sound = 0
    for group in written.groups:
        found += check_label_names(group.labels, profile)
        for number, rule in enumerate(group.rules, start=1):
            _, problems = check_rule(rule, written.source, profile, only_check)
            found += (problem.about(group.name, number, rule.name) for problem in problems)
            sound += not has_errors(problems)
    return sound, by_place(found)


def has_errors(problems: Iterable[RuleProblem]) -> bool:
    """Tell whether a rule with these problems would be refused."""
    return any(problem.severity is Severity.ERROR for problem in problems)
