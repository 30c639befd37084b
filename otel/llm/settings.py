"""What the manifest says of an LLM application: its tiers with their prices, its names, whether content may be kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from otel.genai import DEFAULT_PROFILE, PROFILES, GenAiProfile
from otel.llm.reply import Usage
from otel.manifest import Manifest, ManifestError


@dataclass(frozen=True, slots=True)
class Prices:
    """Exact prices of one token, in the currency of the manifest."""

    input: Decimal
    output: Decimal
    cached_input: Decimal
    reasoning: Decimal
    cache_write: Decimal | None = None

    def cost(self, usage: Usage) -> Decimal:
        """Return what a call costs.

        Cached input and reasoning are parts of input and output, and are paid for once, at their own price.  Tokens
        that were written to a cache cost what input does, unless a price of their own is known.
        """
        written = self.input if self.cache_write is None else self.cache_write
        return (
            (usage.input - usage.cached - usage.created) * self.input
            + usage.created * written
            + usage.cached * self.cached_input
            + (usage.output - usage.reasoning) * self.output
            + usage.reasoning * self.reasoning
        )


@dataclass(frozen=True, slots=True)
class Tier:
    """A model tier: which LLM serves it, whose it is, and what it costs (None if the price list does not know)."""

    name: str
    model: str
    provider: str
    prices: Prices | None


@dataclass(frozen=True, slots=True)
class LlmSettings:
    """What a service needs to know to measure its calls."""

    profile: GenAiProfile
    tiers: Mapping[str, Tier]
    declared: frozenset[str]
    content: bool

    def tier(self, name: str) -> Tier:
        """Return a tier; one that the spec does not declare has no model and no price."""
        return self.tiers.get(name) or Tier(name, "", "", None)


def llm_settings(manifest: Manifest) -> LlmSettings:
    """Return the settings of a manifest.  Raises :class:`ManifestError` if its profile of GenAI names is unknown."""
    profile = PROFILES.get(manifest.gen_ai) if manifest.gen_ai else DEFAULT_PROFILE
    if profile is None:
        raise ManifestError(
            f"model {manifest.name}: GenAI profile `{manifest.gen_ai}` is unknown to this runtime; "
            f"it knows {', '.join(PROFILES)}: upgrade it, or render with one of these"
        )
    tiers = {name: _tier(name, fields) for name, fields in manifest.llm.get("tiers", {}).items()}
    return LlmSettings(profile, tiers, frozenset(manifest.metrics), manifest.llm.get("content") is True)


def attribute_values(manifest: Manifest, metric: str) -> Mapping[str, tuple[str, ...]]:
    """Return the values that each attribute of a metric may have; empty if the spec does not have the metric."""
    found = manifest.metrics.get(metric)
    return {each.key: each.values for each in found.attributes} if found else {}


def _tier(name: str, fields: Mapping[str, Any]) -> Tier:
    prices = fields.get("price_per_token")
    exact = Prices(**{kind: Decimal(price) for kind, price in prices.items()}) if prices else None
    return Tier(name, fields.get("model", ""), fields.get("provider", ""), exact)
