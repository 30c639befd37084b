"""Names of packs as a platform calls them: its prefix for `ml`, its version of the GenAI conventions.

Metrics, attributes and labels are renamed here and nowhere else, so that formulas read what services emit.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from generators.language.catalog import Platform
from otel.genai import DEFAULT_PROFILE, PROFILES
from otel.names import label_name
from otel.semconv import METRIC_PREFIX

PACK_PREFIX: Final = f"{METRIC_PREFIX}."
_LABEL_PREFIX: Final = f"{METRIC_PREFIX}_"


def metric_name(name: str, platform: Platform) -> str:
    """Return the name that a metric has on a platform."""
    return _prefixed(name, platform) or _metrics(platform.gen_ai).get(name, name)


def attribute_key(key: str, platform: Platform) -> str:
    """Return the key that an attribute has on a platform."""
    return _prefixed(key, platform) or _keys(platform.gen_ai).get(key, key)


def label(name: str, prefix: str, gen_ai: str) -> str:
    """Return what a label that a formula names is called with a prefix and a version of the GenAI conventions."""
    if name.startswith(_LABEL_PREFIX):
        return f"{prefix}_{name.removeprefix(_LABEL_PREFIX)}"
    return _labels(gen_ai).get(name, name)


def renames_labels(prefix: str, gen_ai: str) -> bool:
    """Whether any label has another name than in packs."""
    return prefix != METRIC_PREFIX or any(new != old for old, new in _keys(gen_ai).items())


def _prefixed(name: str, platform: Platform) -> str:
    return f"{platform.prefix}.{name.removeprefix(PACK_PREFIX)}" if name.startswith(PACK_PREFIX) else ""


@lru_cache(maxsize=8)
def _metrics(version: str) -> dict[str, str]:
    target = PROFILES[version].metrics
    return {each.name: target[key].name for key, each in DEFAULT_PROFILE.metrics.items() if key in target}


@lru_cache(maxsize=8)
def _keys(version: str) -> dict[str, str]:
    target = PROFILES[version].attributes
    return {each: target[key] for key, each in DEFAULT_PROFILE.attributes.items() if key in target}


@lru_cache(maxsize=8)
def _labels(version: str) -> dict[str, str]:
    return {label_name(old): label_name(new) for old, new in _keys(version).items()}
