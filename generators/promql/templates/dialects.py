"""What is predefined in the templates of rules and of Alertmanager: names of functions and variables."""

from __future__ import annotations

from dataclasses import dataclass

BUILTINS = frozenset(
    (
        *("and", "call", "html", "index", "slice", "js", "len", "not", "or", "print", "printf", "println"),
        *("urlquery", "eq", "ge", "gt", "le", "lt", "ne"),
    )
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """Functions beyond Go's own, and text that is put before every template to declare its variables."""

    name: str
    functions: frozenset[str]
    variables: frozenset[str] = frozenset()
    preamble: str = ""

    def has_function(self, name: str) -> bool:
        """Tell whether a template may call the function."""
        return name in self.functions or name in BUILTINS


RULES = Dialect(
    "rules",
    frozenset(
        (
            *("query", "first", "label", "value", "strvalue", "sortByLabel", "args", "reReplaceAll", "match"),
            *("title", "toUpper", "toLower", "safeHtml", "graphLink", "tableLink", "stripPort", "stripDomain"),
            *("humanize", "humanize1024", "humanizeDuration", "humanizePercentage", "humanizeTimestamp"),
            *("toTime", "toDuration", "now", "parseDuration", "pathPrefix", "externalURL", "urlQueryEscape"),
        )
    ),
    frozenset(("$labels", "$externalLabels", "$externalURL", "$value")),
    "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}",
)
"""Labels and annotations of alerting rules."""

ALERTMANAGER = Dialect(
    "alertmanager",
    frozenset(
        (
            *("toUpper", "toLower", "title", "trimSpace", "join", "match", "safeHtml", "safeUrl", "urlUnescape"),
            *("reReplaceAll", "stringSlice", "routeLabels", "date", "tz", "now", "since", "humanizeDuration"),
            *("toDate", "mustToDate", "toJson", "base64encode", "base64decode", "list", "append", "dict"),
        )
    ),
)
"""Notification templates; they are parsed and checked here, never expanded."""
