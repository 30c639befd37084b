"""The tables of conventions are consistent, and agree with the published package."""

from __future__ import annotations

import importlib
import itertools

import pytest

from otel import semconv
from otel.genai import DEFAULT_PROFILE, PROFILES, GenAiProfile
from otel.units import parse_unit

MODULES = ("error", "http", "k8s", "server", "service", "deployment", "otel", "gen_ai")


def published(part: str, modules: tuple[str, ...]) -> set[str]:
    found: set[str] = set()
    for name in modules:
        module = importlib.import_module(f"opentelemetry.semconv._incubating.{part}.{name}_{part}")
        found |= {value for value in vars(module).values() if isinstance(value, str)}
    return found


def test_upstream_attribute_keys_are_published() -> None:
    ours = {
        value
        for name, value in vars(semconv).items()
        if name.startswith(("SERVICE_", "DEPLOYMENT_", "K8S_", "HTTP_RE", "HTTP_ROUTE", "SERVER_"))
        and isinstance(value, str)
    }
    assert "k8s.deployment.name" in ours
    assert ours <= published("attributes", MODULES)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())
def test_bucket_edges_rise_and_units_parse(profile: GenAiProfile) -> None:
    for metric in profile.metrics.values():
        assert all(low < high for low, high in itertools.pairwise(metric.edges))
        assert str(parse_unit(metric.unit)) == metric.unit


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())
def test_generative_ai_attribute_keys_are_published(profile: GenAiProfile) -> None:
    assert set(profile.attributes.values()) <= published("attributes", ("gen_ai",))


def test_the_duration_edges_double_from_ten_milliseconds() -> None:
    edges = DEFAULT_PROFILE.metrics["operation_duration"].edges
    assert edges[0] == 0.01
    assert edges[-1] == 81.92
    assert DEFAULT_PROFILE.metrics["token_usage"].edges[-1] == 67108864.0
    assert DEFAULT_PROFILE.metrics["agent_duration"].edges[-1] == 409.6


def test_a_profile_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        DEFAULT_PROFILE.metrics["x"] = DEFAULT_PROFILE.metrics["tool_duration"]  # type: ignore[index]
