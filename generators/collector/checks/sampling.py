"""Tail sampling: policies that panic, repeat a name, or have a type that does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from generators.collector.view import Component, View, items, mapping, mappings
from generators.diagnostics import Code, Finding, Severity, did_you_mean
from generators.formats.durations import DurationError, parse_go_duration

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

WAIT_BELOW_A_BOUND = Code(
    "C937",
    "Wait below a latency bound",
    "A trace is judged after the wait; a span that is slower arrives later, and shares the fate of its early ones.",
    "decision_wait: 5s; latency: {threshold_ms: 10000}",
    "decision_wait: 20s; latency: {threshold_ms: 10000}",
    Severity.WARNING,
)

USUAL_WAIT = 30 * 10**9
TYPES = (
    "always_sample", "and", "boolean_attribute", "bytes_limiting", "composite", "drop", "latency", "not",
    "numeric_attribute", "ottl_condition", "probabilistic", "rate_limiting", "span_count", "status_code",
    "string_attribute", "trace_flags", "trace_state",
)  # fmt: skip


def sampling(view: View) -> Iterator[Finding]:
    """Yield what is wrong with policies."""
    for component in view.of("processors", "tail_sampling"):
        yield from _policies(component)
        yield from _wait(component)


def _wait(component: Component) -> Iterator[Finding]:
    """Compare the wait, in nanoseconds, with every latency policy, also within `and`, `not`, `drop` and `composite`."""
    stated = component.settings.get("decision_wait")
    try:
        wait = parse_go_duration(str(stated)) if stated is not None else USUAL_WAIT
    except DurationError:
        return
    for path, values in mappings(component.settings.get("policies"), (*component.path, "policies")):
        bound = mapping(values.get("latency")).get("threshold_ms")
        if isinstance(bound, int) and wait <= bound * 10**6:
            message = f"traces are judged after {wait // 10**6} ms, before a span of {bound} ms has ended"
            help_ = "make `decision_wait` longer than the bound and the way of a span together"
            yield Finding(WAIT_BELOW_A_BOUND, message, (*path, "latency", "threshold_ms"), help_)


def _policies(component: Component) -> Iterator[Finding]:
    names: set[str] = set()
    policies = items(component.settings.get("policies"))
    if not policies:
        yield Finding(SAMPLING_POLICY, "there is no policy: every trace is dropped", component.path, "write `policies`")
    for index, each in enumerate(policies):
        policy, path = mapping(each), (*component.path, "policies", index)
        kind, name = str(policy.get("type", "")), str(policy.get("name", ""))
        if kind not in TYPES:
            help_ = did_you_mean(kind, TYPES) or f"types: {', '.join(TYPES)}"
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
