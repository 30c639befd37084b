"""What a manifest says of the model itself: identity, inputs, outputs, labels, segments, tiers and prices."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias

from generators.language.catalog import Baseline, Bins, Feature, Llm, LlmTier, Model, PriceList, Profile
from generators.language.resolve.bins import outputs
from generators.language.resolve.fairness import groups
from otel.semconv import (
    K8S_DEPLOYMENT_NAME,
    K8S_NAMESPACE_NAME,
    MODEL_NAME,
    MODEL_VERSION,
    SERVICE_NAME,
    SERVICE_NAMESPACE,
    TENANT_ID,
)

Object: TypeAlias = dict[str, object]


def identity(model: Model) -> Object:
    """Return who the model is."""
    return _present(
        {
            "name": model.name,
            "tenant": model.tenant,
            "version": model.version,
            "task": model.task,
            "description": model.description,
            "sha256": model.sha256,
            "framework": model.framework,
        }
    )


def resource(model: Model) -> Object:
    """Return the resource attributes that are the same in every environment."""
    return _present(
        {
            SERVICE_NAME: model.service,
            SERVICE_NAMESPACE: model.namespace,
            TENANT_ID: model.tenant,
            K8S_NAMESPACE_NAME: model.namespace,
            K8S_DEPLOYMENT_NAME: model.deployment,
        }
    )


def attributes(model: Model) -> Object:
    """Return the attributes that every metric carries."""
    return _present({MODEL_NAME: model.name, MODEL_VERSION: model.version})


def facts(model: Model) -> Object:
    """Return what the runtime bins, classifies and prices by; what the spec leaves out is absent."""
    baseline = model.baseline
    profiles = baseline.features if baseline else {}
    features = sorted(model.features, key=lambda each: each.name)
    return _present(
        {
            "baseline": _baseline(baseline, outputs(model)) if baseline else None,
            "features": {each.name: _feature(each, profiles.get(each.name)) for each in features},
            "prediction": _prediction(model),
            "log": _present({"features": list(model.logged)}),
            "labels": _labels(model),
            "segments": {name: list(model.segments[name]) for name in sorted(model.segments)},
            "fairness": _fairness(model) if model.protected else None,
            "llm": _llm(model.llm) if model.llm else None,
        }
    )


def _baseline(baseline: Baseline, profiles: Mapping[str, Profile]) -> Object:
    """Return what answers are compared with; features have their own beside them."""
    found = {
        name: {
            key: value for key, value in _reference(profile).items() if key in ("shares", "missing", "design_effect")
        }
        for name, profile in profiles.items()
    }
    return {"version": baseline.version, "rows": baseline.rows, **({"outputs": found} if found else {})}


def _feature(feature: Feature, profile: Profile | None) -> Object:
    return _present(
        {
            "type": feature.type,
            "unit": feature.unit,
            "range": [number(end) for end in feature.range] if feature.range else None,
            "values": list(feature.values),
            "description": feature.description,
            "max_age_seconds": _seconds(feature.max_age_ms),
            "bins": _bins(feature.bins),
            **_reference(profile),
        }
    )


def _bins(bins: Bins | None) -> Object | None:
    if bins is None:
        return None
    return {"values": list(bins.values)} if bins.values else {"edges": [number(edge) for edge in bins.edges]}


def _reference(profile: Profile | None) -> Object:
    """Return what the reference data looked like."""
    if profile is None:
        return {}
    return {
        "shares": [number(share) for share in profile.shares],
        "missing": number(profile.missing),
        "mean": number(profile.mean),
        "deviation": number(profile.deviation),
        "design_effect": number(profile.design_effect),
    }


def _prediction(model: Model) -> Object:
    profile = model.baseline.prediction if model.baseline else None
    return _present(
        {
            "classes": list(model.classes),
            "positive": model.positive,
            "threshold": number(model.threshold),
            "low_confidence": number(model.low_confidence),
            "unit": model.prediction_unit,
            "bins": _bins(model.prediction_bins or (profile.bins if profile else None)),
        }
    )


def _labels(model: Model) -> Object:
    return _present(
        {
            "delay_seconds": _seconds(model.label_delay_ms),
            "sample": number(model.label_sample),
            "source": model.label_source,
        }
    )


def _fairness(model: Model) -> Object:
    return {
        "groups": {name: list(listed) for name, listed in groups(model).items()},
        "minimum_group": model.minimum_group,
    }


def _llm(llm: Llm) -> Object:
    return _present(
        {
            "tiers": {tier.name: _tier(tier, llm.prices) for tier in sorted(llm.tiers, key=lambda tier: tier.name)},
            "currency": llm.prices.currency if llm.prices else "",
            "tools": list(llm.tools),
            "tokens_per_request": llm.tokens_per_request,
            "content": llm.content or None,
        }
    )


def _tier(tier: LlmTier, prices: PriceList | None) -> Object:
    """Return a tier; prices are per token, exact, hence text."""
    price = prices.prices.get(tier.model) if prices else None
    kinds = ("input", "output", "cached_input", "reasoning")
    return _present(
        {
            "model": tier.model,
            "provider": tier.provider,
            "share": number(tier.share),
            "price_per_token": {kind: format(getattr(price, kind), "f") for kind in kinds} if price else None,
        }
    )


def number(value: Decimal | None) -> int | float | None:
    """Return a decimal as the nearest JSON number."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _seconds(milliseconds: int | None) -> int | float | None:
    return None if milliseconds is None else number(Decimal(milliseconds) / 1000)


def _present(fields: Object) -> Object:
    """Leave out what the spec does not say."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}
