"""Rule files: read, checked, linted, evaluated and tested, without a server."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from generators.promql.rules.checking import check_rules
from generators.promql.rules.problems import Place, RuleProblem
from generators.promql.rules.promtool import Exit, exit_code

if TYPE_CHECKING:
    from generators.promql.rules.file import read_rules
    from generators.promql.rules.model import AlertingRule, Group, RecordingRule, Rule, RuleFile
else:
    _LATER = {
        "read_rules": "file",
        **dict.fromkeys(("AlertingRule", "Group", "RecordingRule", "Rule", "RuleFile"), "model"),
    }

    def __getattr__(name: str) -> object:
        """Import on first use what checks do without."""
        if name not in _LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


__all__ = [
    "AlertingRule",
    "Exit",
    "Group",
    "Place",
    "RecordingRule",
    "Rule",
    "RuleFile",
    "RuleProblem",
    "check_rules",
    "exit_code",
    "read_rules",
]
