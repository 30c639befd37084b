"""What a spec lets out beyond the usual: features in the log of predictions, and what is said to and by an LLM.

A key that one model opened is open for this model only.  Of the features it is open for those that the spec names,
whatever the service sends.  What looks personal in their texts is masked here, and not with everything else, because
that would make one text of the whole map.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from generators.language.catalog import Deployment, Model
from generators.planning.collector.masks import all_masked
from generators.planning.collector.ottl import any_of, attribute, equals, keep, of_service, quoted
from otel.genai import PROFILES
from otel.semconv import MODEL_NAME, PREDICTION_FEATURES

MESSAGES: Final = ("input_messages", "output_messages")
"""Prompts and answers, by their names in profiles of the GenAI conventions."""


@dataclass(frozen=True, slots=True)
class OpenContent:
    """Keys that pass, and statements that close them again for whoever did not ask for it."""

    span_keys: tuple[str, ...]
    log_keys: tuple[str, ...]
    spans: tuple[str, ...]
    logs: tuple[str, ...]

    @property
    def ignored(self) -> tuple[str, ...]:
        """Keys whose values are masked already."""
        return self.log_keys


def open_content(deployments: Iterable[Deployment], gen_ai: str) -> OpenContent:
    """Return what the models of an environment open."""
    models = [each.model for each in deployments]
    talking = [each for each in models if each.llm and each.llm.content]
    logging = [each for each in models if each.logged]
    profile = PROFILES[gen_ai].attributes
    messages = tuple(profile[name] for name in MESSAGES if name in profile) if talking else ()
    return OpenContent(
        span_keys=messages,
        log_keys=(PREDICTION_FEATURES,) if logging else (),
        spans=tuple(f"delete_key(span.attributes, {quoted(key)}) where {_not_of(talking)}" for key in messages),
        logs=tuple(_features(logging)) if logging else (),
    )


def _features(models: Sequence[Model]) -> Iterable[str]:
    features = attribute("log", PREDICTION_FEATURES)
    others = f"{_not_of(models, 'log')} or not IsMap({features})"
    yield f"delete_key(log.attributes, {quoted(PREDICTION_FEATURES)}) where {features} != nil and ({others})"
    yield f"flatten({features}) where {features} != nil"
    for model in models:
        yield f"{keep(features, model.logged)} where {features} != nil and {_of(model, 'log')}"
    yield f"{all_masked(features)} where {features} != nil"


def _not_of(models: Iterable[Model], owner: str = "span") -> str:
    return f"not ({any_of(_of(each, owner) for each in models)})"


def _of(model: Model, owner: str) -> str:
    return f"{of_service(model.service, model.namespace)} and {equals(attribute(owner, MODEL_NAME), model.name)}"
