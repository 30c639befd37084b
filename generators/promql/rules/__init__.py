"""Rule files: read, checked, linted, evaluated and tested, without a server."""

from __future__ import annotations

from generators.formats.yaml.marks import Place
from generators.promql.rules.file import read_rules
from generators.promql.rules.model import AlertingRule, Group, RecordingRule, Rule, RuleFile
from generators.promql.rules.problems import RuleProblem
from generators.promql.rules.promtool import Exit, exit_code

__all__ = [
    "AlertingRule",
    "Exit",
    "Group",
    "Place",
    "RecordingRule",
    "Rule",
    "RuleFile",
    "RuleProblem",
    "exit_code",
    "read_rules",
]
