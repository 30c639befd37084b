"""Changes as plain data, for JSON."""

from __future__ import annotations

from typing import Any

from generators.comparison.changes import Change, ChangeSet
from generators.comparison.impact import Impact
from generators.comparison.reports.text import sentence


def data_report(comparison: ChangeSet) -> dict[str, Any]:
    """Return changes and their counts."""
    return {
        "different": bool(comparison),
        "files": comparison.files,
        "counts": {impact.value: comparison.count(impact) for impact in Impact},
        "changes": [_change(change) for change in comparison.changes],
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "impact": change.impact.value,
        "subject": change.subject,
        "kind": change.kind,
        "names": list(change.names),
        "environments": list(change.places),
        "what": change.what,
        "field": change.field,
        "before": change.before,
        "after": change.after,
        "text": sentence(change, most=len(change.names)),
    }
