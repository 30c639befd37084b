"""Every code that the linter of dashboards knows, with the name of its rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Code:
    """A rule: its code, the name that Grafana's dashboard linter has for it (or ours), and what it asks for."""

    code: str
    rule: str
    asks: str


_ROWS = (
    ("D801", "template-datasource", "A variable `datasource` chooses where figures are read from."),
    ("D802", "template-job", "Where series carry `job`, a variable narrows them by it."),
    ("D803", "template-instance", "Where series carry `instance`, a variable narrows them by it."),
    ("D804", "template-label-promql", "The query of a variable is a function of PromQL that can be read."),
    ("D805", "template-on-time-change-reload", "Variables are asked again when the time range changes."),
    ("D806", "panel-datasource", "Every panel reads the data source that the variable chooses."),
    ("D807", "panel-title-description", "Every panel has a title and a description."),
    ("D808", "panel-units", "Every panel with numbers says their unit."),
    ("D809", "panel-no-targets", "Every panel that draws data asks for some."),
    ("D810", "target-promql", "Every query is PromQL that can be read."),
    ("D811", "target-rate-interval", "Rates and increases of raw counters look back over `$__rate_interval`."),
    ("D812", "target-job", "Series that carry `job` are narrowed by its variable."),
    ("D813", "target-instance", "Series that carry `instance` are narrowed by its variable."),
    ("D814", "target-counter-agg", "A counter is read through a rate, never as it is."),
    ("D815", "uneditable-dashboard", "A generated dashboard cannot be edited in the browser."),
    ("D816", "target-logql", "A query of logs selects a stream, and its brackets close."),
    ("D817", "target-logql-auto", "A query of logs looks back over `$__auto`."),
    ("D820", "dashboard-uid", "A uid is set, at most 40 of a-z, A-Z, 0-9, `-`, `_`, and no other dashboard has it."),
    ("D821", "panel-id", "Every panel has an id of its own."),
    ("D822", "panel-overlap", "Panels stay within 24 columns and do not lie on one another."),
    ("D823", "target-ref-id", "Every query of a panel has a letter of its own."),
    ("D824", "variable-matcher", "A variable of several values is matched by `=~`."),
    ("D825", "threshold-steps", "Steps ascend, and the first begins at null."),
    ("D826", "link-target", "Links between dashboards lead somewhere."),
    ("D827", "schema-version", "The schema is one that Grafana 11 to 13 need not migrate from afar."),
    ("D828", "quantile-le", "A quantile of buckets keeps `le`."),
    ("D829", "panel-no-value", "A panel without data says so in words."),
    ("D830", "fixed-datasource", "Variables and annotations read the data source that the variable chooses."),
    ("D831", "unknown-variable", "Queries and links read variables that exist."),
    ("D832", "panel-link", "Every panel leads onward."),
    ("D833", "panel-budget", "What is open at first asks no more than 60 queries."),
    ("D834", "status-colours", "Status is not told by red against green."),
)

CODES: Final = {code: Code(code, rule, asks) for code, rule, asks in _ROWS}
