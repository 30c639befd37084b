"""Attributes that follow from others: a caller never gives them, so they cannot contradict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from otel.genai import DEFAULT_PROFILE, PROFILES
from otel.manifest import Manifest, Metric
from otel.semconv import ACTUAL, BASELINE_VERSION, CELL, MODEL_ARTIFACT_SHA256, MODEL_FRAMEWORK, PREDICTED

Rule: TypeAlias = Callable[[Mapping[str, str]], str | None]
"""From the attributes that were given to the value of a derived one; None if it is absent."""


def derivations(manifest: Manifest) -> Mapping[str, Rule]:
    """Return the rule of each derived attribute that this runtime knows, by key."""
    profile = PROFILES.get(manifest.gen_ai, DEFAULT_PROFILE).attributes
    prefix = manifest.prefix
    actual, predicted = f"{prefix}.{ACTUAL}", f"{prefix}.{PREDICTED}"
    tiers = manifest.llm.get("tiers", {})

    def of_tier(fact: str) -> Rule:
        return lambda given: tiers.get(given.get("llm.tier", ""), {}).get(fact)

    def always(value: str) -> Rule:
        return lambda _: value or None

    return {
        f"{prefix}.{CELL}": lambda given: confusion_cell(manifest.output.positive, given[actual], given[predicted]),
        profile["request_model"]: of_tier("model"),
        profile["provider"]: of_tier("provider"),
        BASELINE_VERSION: always(manifest.baseline_version),
        MODEL_ARTIFACT_SHA256: always(manifest.sha256),
        MODEL_FRAMEWORK: always(manifest.framework),
    }


def derived_attributes(metric: Metric, rules: Mapping[str, Rule], given: Mapping[str, str]) -> dict[str, str]:
    """Return the derived attributes of one series of a metric."""
    found = {each.key: rules[each.key](given) for each in metric.attributes if each.derived and each.key in rules}
    return {key: value for key, value in found.items() if value is not None}


def confusion_cell(positive: str, actual: str, predicted: str) -> str:
    """Return the cell of the confusion matrix, seen from the positive class if there is one."""
    if not positive:
        return "correct" if actual == predicted else "incorrect"
    verdict = "true" if (actual == positive) == (predicted == positive) else "false"
    return f"{verdict}_{'positive' if predicted == positive else 'negative'}"
