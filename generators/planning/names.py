"""Names: Prometheus names of instruments, identity labels of a model, and ids that rules and routes share."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from generators.language.catalog import Deployment, Metric, Platform, Slo
from generators.planning.expressions import equal
from generators.planning.plan import Pairs
from generators.promql.syntax.ast import Matcher
from otel.names import InstrumentKind, Strategy, label_name, series_names
from otel.semconv import DEPLOYMENT_ENVIRONMENT_NAME, MODEL_NAME, MODEL_VERSION, TENANT_ID

STRATEGIES: Final[Mapping[str, Strategy]] = MappingProxyType(
    {
        "prometheus-3": Strategy.UNDERSCORE_ESCAPING_WITH_SUFFIXES,
        "mimir": Strategy.UNDERSCORE_ESCAPING_WITHOUT_SUFFIXES,
        "remote-write": Strategy.UNDERSCORE_ESCAPING_WITH_SUFFIXES,
    }
)
"""How each backend translates by default; Mimir adds no suffixes unless told to."""

TENANT: Final = label_name(TENANT_ID)
MODEL: Final = label_name(MODEL_NAME)
ENVIRONMENT: Final = label_name(DEPLOYMENT_ENVIRONMENT_NAME)
VERSION: Final = label_name(MODEL_VERSION)
IDENTITY: Final = (TENANT, MODEL, ENVIRONMENT)
"""Labels that say whose value a series is; ``$by`` in packs."""

SCRAPED: Final = ("job", "instance")
"""Labels that every series of a service has besides."""


ACRONYMS: Final[Mapping[str, str]] = MappingProxyType(
    {"cpu": "CPU", "gpu": "GPU", "auc": "AUC", "f1": "F1", "wape": "WAPE", "mase": "MASE", "ndcg": "NDCG"}
)
"""Parts of names of measures that are not written as words."""


def measure_title(name: str) -> str:
    """Return the name of a measure as words: ``latency_p95`` → ``Latency p95``."""
    first, *rest = (ACRONYMS.get(word, word) for word in name.split("_"))
    return " ".join((first[:1].upper() + first[1:], *rest))


def prometheus_names(metric: Metric, platform: Platform) -> dict[str, str]:
    """Return the series of an instrument by the names that formulas use for them."""
    names = series_names(metric.name, metric.kind, metric.unit, STRATEGIES[platform.translation])
    if metric.kind is InstrumentKind.HISTOGRAM:
        return {f"{metric.id}_{name.rpartition('_')[2]}": name for name in names}
    return {metric.id: names[0]}


def identity(deployment: Deployment) -> dict[str, str]:
    """Return the identity labels of a model in an environment."""
    return {
        TENANT: deployment.model.tenant,
        MODEL: deployment.model.name,
        ENVIRONMENT: deployment.environment.label,
    }


def identity_matchers(deployment: Deployment) -> tuple[Matcher, ...]:
    """Return the matchers that select a model's series."""
    return tuple(equal(label, value) for label, value in identity(deployment).items())


def pairs(labels: Mapping[str, str]) -> Pairs:
    """Return labels as sorted pairs; rules of a model have most of theirs in common, and share them."""
    return tuple(_pair(name, value) for name, value in sorted(labels.items()))


@lru_cache(maxsize=4096)
def _pair(name: str, value: str) -> tuple[str, str]:
    return name, value


def sloth_service(deployment: Deployment) -> str:
    """Return the service that sloth's consumers group objectives by; the dot keeps tenant and model apart."""
    return f"{deployment.model.tenant}.{deployment.model.name}"


def sloth_id(deployment: Deployment, slo: Slo) -> str:
    """Return the id of an objective, as sloth builds it: service, dash, name."""
    return f"{sloth_service(deployment)}-{slo.name}"
