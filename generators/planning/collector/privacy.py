"""What leaves a node: declared attributes only, persons hashed with a key, and what looks personal masked.

One group of statements for each context: a flat list runs in the lowest one, and spans without events would then keep
everything.  A failing statement refuses the batch, so that nothing passes unstripped; the SDK sends it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from generators.language.catalog import Deployment, Environment, Platform
from generators.language.catalog.collector import Collector
from generators.planning.collector.attributes import PassingAttributes
from generators.planning.collector.content import open_content
from generators.planning.collector.masks import PATTERN, masked
from generators.planning.collector.numbers import number_keys, only_numbers
from generators.planning.collector.ottl import attribute, equals, keep, of_service, quoted
from generators.planning.collector.plan import Setting
from generators.planning.collector.words import words
from otel.semconv import DEPLOYMENT_ENVIRONMENT_NAME, SERVICE_INSTANCE_ID, SERVICE_NAMESPACE, TENANT_ID

DECLARED = "transform/declared"
PSEUDONYM = "redaction/pseudonym"
PERSONAL = "redaction/personal"

NO_LINKS = "set(span.links, span.links) where Len(span.links) > 0"
"""The Collector empties the list before it copies it onto itself. A test with the real one holds it to that."""

_LOST: Final = 'metric.metadata["watchspec.lost"]'
"""Mark of a metric whose points lost an attribute. Nobody else's metadata, nor this, leaves the agent."""

_COUNTED: Final = 'set(datapoint.cache["keys"], Len(datapoint.attributes))'
_MARKED: Final = f'set({_LOST}, true) where Len(datapoint.attributes) != datapoint.cache["keys"]'
_UNMARKED: Final = "keep_keys(metric.metadata, [])"
_ADDED_UP: Final = (
    f'aggregate_on_attributes("sum") where {_LOST} == true and '
    "(metric.type == METRIC_DATA_TYPE_SUM or metric.type == METRIC_DATA_TYPE_HISTOGRAM)"
)
"""Points that a dropped attribute told apart are added up; otherwise all but one would be lost in silence.

Adding up costs more than all else that an agent does, so it is done where something was dropped.
"""


def privacy(
    passing: PassingAttributes,
    deployments: Sequence[Deployment],
    environment: Environment,
    collector: Collector,
    platform: Platform,
    more: tuple[Sequence[str], Sequence[str]],
) -> Iterator[Setting]:
    """Yield the processors; ``more`` holds further statements about spans and about log records."""
    own = open_content(deployments, platform.gen_ai)
    numbers = number_keys(platform.prefix, platform.gen_ai)
    stated = collector.privacy
    places = (stated.position,)
    kept = words(stated.confidential)
    resource = [*_identity(deployments, environment), keep("resource.attributes", passing.resource)]
    spans = [keep("span.attributes", passing.spans), *only_numbers("span.attributes", numbers), *own.spans, *_masked()]
    events = _group(
        keep("spanevent.attributes", passing.events),
        *only_numbers("spanevent.attributes", numbers),
        masked("spanevent.name"),
        *kept.events,
    )
    points = [_COUNTED, keep("datapoint.attributes", passing.datapoints), _MARKED]
    logs = [
        keep("log.attributes", passing.logs),
        *only_numbers("log.attributes", numbers),
        *own.logs,
        f"{keep('log.body', passing.body)} where IsMap(log.body)",
        *only_numbers("log.body", numbers, "IsMap(log.body)"),
        masked("log.event_name"),
    ]
    value = {
        "error_mode": "propagate",
        "trace_statements": [*_groups(resource, [*spans, *kept.spans, *more[0]]), events],
        "metric_statements": [*_groups(resource, points), _group(_ADDED_UP, _UNMARKED)],
        "log_statements": _groups(resource, [*logs, *kept.logs, *more[1]]),
    }
    why = "Attributes that no spec declares do not pass; tenant and environment are what the specs say, not the sender."
    yield Setting(("processors", DECLARED), value, why, places, sealed=True)
    if stated.hashed:
        why = f"Persons become a keyed hash; without {stated.key} the agent does not start."
        yield Setting(("processors", PSEUDONYM), _pseudonym(stated.hashed, stated.key), why, places, sealed=True)
    why = "Mail addresses, card and phone numbers are masked wherever they still stand."
    yield Setting(
        ("processors", PERSONAL), _personal((*stated.hashed, *numbers, *own.ignored)), why, places, sealed=True
    )


def steps(collector: Collector) -> tuple[str, ...]:
    """Return the processors of spans and logs in their order: drop before hashing, mask last."""
    return (DECLARED, *((PSEUDONYM,) if collector.privacy.hashed else ()), PERSONAL)


def _identity(deployments: Iterable[Deployment], environment: Environment) -> Iterator[str]:
    """Yield who telemetry belongs to: by namespace where all of its services have one tenant, else by service."""
    by_namespace: dict[str, set[str]] = {}
    for each in deployments:
        by_namespace.setdefault(each.model.namespace, set()).add(each.model.tenant)
    yield f"set({attribute('resource', DEPLOYMENT_ENVIRONMENT_NAME)}, {quoted(environment.label)})"
    yield f"delete_key(resource.attributes, {quoted(TENANT_ID)})"
    for namespace, tenants in sorted(by_namespace.items()):
        if namespace and len(tenants) == 1:
            condition = equals(attribute("resource", SERVICE_NAMESPACE), namespace)
            yield f"set({attribute('resource', TENANT_ID)}, {quoted(min(tenants))}) where {condition}"
    services = {(each.model.service, each.model.namespace, each.model.tenant) for each in deployments}
    for service, namespace, tenant in sorted(services):
        if not namespace or len(by_namespace[namespace]) > 1:
            condition = of_service(service, namespace)
            yield f"set({attribute('resource', TENANT_ID)}, {quoted(tenant)}) where {condition}"


def _groups(resource: Sequence[str], own: Sequence[str]) -> list[object]:
    return [_group(*resource), _group("keep_keys(scope.attributes, [])"), _group(*own)]


def _group(*statements: str) -> dict[str, object]:
    return {"statements": list(statements)}


def _masked() -> list[str]:
    """Return what spans hold besides attributes; links are dropped, since nothing can look into theirs."""
    return [masked("span.name"), masked("span.status.message"), 'set(span.trace_state, "")', NO_LINKS]


def _pseudonym(keys: Sequence[str], variable: str) -> dict[str, object]:
    names = "|".join(key.replace(".", r"\.") for key in keys)
    return {
        "allow_all_keys": True,
        "redact_all_types": True,
        "blocked_key_patterns": [f"^(?:{names})$$"],
        "hash_function": "hmac-sha256",
        "hmac_key": f"${{env:{variable}}}",
        "summary": "silent",
    }


def _personal(apart: Sequence[str]) -> dict[str, object]:
    return {
        "allow_all_keys": True,
        "redact_all_types": True,
        "ignored_keys": [*apart, SERVICE_INSTANCE_ID],
        "blocked_values": [PATTERN],
        "summary": "silent",
    }
