"""Generative AI conventions, one frozen profile per version: nothing else names a ``gen_ai`` metric.

The conventions are in development and get renamed.  A profile maps our stable, logical names to the names,
units and advised bucket edges of one version: a platform moves to the next by naming another profile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from otel.names import InstrumentKind


@dataclass(frozen=True, slots=True)
class GenAiMetric:
    """An instrument of the conventions: name, kind, unit (UCUM) and bucket edges in that unit."""

    name: str
    kind: InstrumentKind
    unit: str
    edges: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class GenAiProfile:
    """One version of the conventions: logical name → metric, and logical name → attribute key."""

    version: str
    metrics: Mapping[str, GenAiMetric]
    attributes: Mapping[str, str]


def _doubling(first: float, count: int) -> tuple[float, ...]:
    return tuple(round(first * 2**step, 6) for step in range(count))


_TOKENS = tuple(float(4**power) for power in range(14))
_SECONDS = _doubling(0.01, 14)
_PER_TOKEN = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5)
_FIRST_TOKEN = (
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
)  # fmt: skip
_WORKFLOW = (1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0)
_AGENT = _doubling(0.1, 13)


def _histogram(name: str, unit: str, edges: tuple[float, ...]) -> GenAiMetric:
    return GenAiMetric(f"gen_ai.{name}", InstrumentKind.HISTOGRAM, unit, edges)


_CORE_METRICS = {
    "token_usage": _histogram("client.token.usage", "{token}", _TOKENS),
    "operation_duration": _histogram("client.operation.duration", "s", _SECONDS),
    "request_duration": _histogram("server.request.duration", "s", _SECONDS),
    "time_per_output_token": _histogram("server.time_per_output_token", "s", _PER_TOKEN),
    "time_to_first_token": _histogram("server.time_to_first_token", "s", _FIRST_TOKEN),
}
_AGENT_METRICS = {
    "time_to_first_chunk": _histogram("client.operation.time_to_first_chunk", "s", _SECONDS),
    "time_per_output_chunk": _histogram("client.operation.time_per_output_chunk", "s", _SECONDS),
    "workflow_duration": _histogram("workflow.duration", "s", _WORKFLOW),
    "agent_duration": _histogram("invoke_agent.duration", "s", _AGENT),
    "tool_duration": _histogram("execute_tool.duration", "s", _SECONDS),
}

_CORE_ATTRIBUTES = {
    "operation": "gen_ai.operation.name",
    "request_model": "gen_ai.request.model",
    "response_model": "gen_ai.response.model",
    "response_id": "gen_ai.response.id",
    "finish_reasons": "gen_ai.response.finish_reasons",
    "token_type": "gen_ai.token.type",
    "input_tokens": "gen_ai.usage.input_tokens",
    "output_tokens": "gen_ai.usage.output_tokens",
    "conversation": "gen_ai.conversation.id",
    "agent": "gen_ai.agent.name",
    "tool": "gen_ai.tool.name",
}
_EVALUATION_ATTRIBUTES = {
    "evaluation": "gen_ai.evaluation.name",
    "evaluation_score": "gen_ai.evaluation.score.value",
    "evaluation_label": "gen_ai.evaluation.score.label",
    "evaluation_explanation": "gen_ai.evaluation.explanation",
    "cache_read_tokens": "gen_ai.usage.cache_read.input_tokens",
    "cache_creation_tokens": "gen_ai.usage.cache_creation.input_tokens",
    "reasoning_tokens": "gen_ai.usage.reasoning.output_tokens",
    "workflow": "gen_ai.workflow.name",
    "prompt": "gen_ai.prompt.name",
    "input_messages": "gen_ai.input.messages",
    "output_messages": "gen_ai.output.messages",
    "system_instructions": "gen_ai.system_instructions",
}


def _profile(version: str, metrics: dict[str, GenAiMetric], attributes: dict[str, str]) -> GenAiProfile:
    return GenAiProfile(version, MappingProxyType(metrics), MappingProxyType(attributes))


PROFILES: Final[Mapping[str, GenAiProfile]] = MappingProxyType(
    {
        profile.version: profile
        for profile in (
            _profile("core-1.36", _CORE_METRICS, {**_CORE_ATTRIBUTES, "provider": "gen_ai.system"}),
            _profile(
                "genai-2026-08",
                {**_CORE_METRICS, **_AGENT_METRICS},
                {**_CORE_ATTRIBUTES, **_EVALUATION_ATTRIBUTES, "provider": "gen_ai.provider.name"},
            ),
        )
    }
)
"""Version → profile, oldest first: core before ``gen_ai.provider.name``, and the registry of August 2026."""

DEFAULT_PROFILE: Final = PROFILES["genai-2026-08"]
"""The newest profile that is known."""
