"""Tail sampling: policies that panic, repeat a name, or have a type that does not exist."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from generators.collector.view import Component, View, items, mapping
from generators.diagnostics import Code, Finding

FRACTION_WHERE_WHOLE_NUMBERS_ARE_COMPARED = Code(
    "C923",
    "Fraction where whole numbers are compared",
    "`numeric_attribute` makes 0 of 0.5, and the Collector panics.",
    "numeric_attribute: {max_value: 0.5}",
    "ottl_condition: {span: ['span.attributes[\"confidence\"] < 0.5']}",
)
SAMPLING_POLICY = Code(
    "C924",
    "Sampling policy",
    "A policy has a known type and a name of its own; without policies every trace is dropped.",
    "type: latancy",
    "type: latency",
)

TYPES = (
    "always_sample", "and", "boolean_attribute", "bytes_limiting", "composite", "drop", "latency", "not",
    "numeric_attribute", "ottl_condition", "probabilistic", "rate_limiting", "span_count", "status_code",
    "string_attribute", "trace_flags", "trace_state",
)  # fmt: skip


def sampling(view: View) -> Iterator[Finding]:
    """Yield what is wrong with policies."""
    for component in view.of("processors", "tail_sampling"):
        yield from _policies(component)


def _policies(component: Component) -> Iterator[Finding]:
    names: set[str] = set()
    policies = items(component.settings.get("policies"))
    if not policies:
        yield Finding(SAMPLING_POLICY, "there is no policy: every trace is dropped", component.path, "write `policies`")
    for index, each in enumerate(policies):
        policy, path = mapping(each), (*component.path, "policies", index)
        kind, name = str(policy.get("type", "")), str(policy.get("name", ""))
        if kind not in TYPES:
            near = difflib.get_close_matches(kind, TYPES, 1)
            help_ = f"did you mean `{near[0]}`?" if near else f"types: {', '.join(TYPES)}"
            yield Finding(SAMPLING_POLICY, f"there is no policy of type `{kind}`", (*path, "type"), help_)
        if name in names:
            yield Finding(SAMPLING_POLICY, f"two policies are called `{name}`", (*path, "name"), "rename one of them")
        names.add(name)
        numeric = mapping(policy.get("numeric_attribute"))
        for key in ("min_value", "max_value"):
            value = numeric.get(key)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
                message = "it compares whole numbers; a fraction becomes 0, and the Collector panics on the first trace"
                help_ = 'write an `ottl_condition`: `span.attributes["…"] < 0.5`'
                yield Finding(
                    FRACTION_WHERE_WHOLE_NUMBERS_ARE_COMPARED, message, (*path, "numeric_attribute", key), help_
                )
