"""Uids of dashboards and titles of their folders: the same text from the same names, unique among environments.

Names are DNS labels, so an underscore between them keeps ``a-b`` of ``c`` apart from ``a`` of ``b-c``.
"""

from __future__ import annotations

import hashlib
from typing import Final

from generators.language.catalog import Deployment, Environment

LONGEST: Final = 40
"""Most characters that Grafana accepts."""

_DIGITS = 10


def model_uid(deployment: Deployment, topic: str = "") -> str:
    """Return the uid of a model's dashboard; without a topic, of the one that alerts lead to."""
    model = deployment.model
    names = (model.tenant, model.name, deployment.environment.name)
    return f"{_fitted('_'.join(names), LONGEST - len(topic) - 1)}_{topic}" if topic else uid(*names)


def fleet_uid(environment: Environment) -> str:
    """Return the uid of the overview of an environment."""
    return uid("fleet", environment.name)


def folder_title(directory: str, environment: Environment) -> str:
    """Return what Grafana calls a directory of dashboards: the tenant's, or `_fleet`, with the environment."""
    owner = directory.removeprefix("_").capitalize() if directory.startswith("_") else directory
    return f"{owner} ({environment.name})"


def uid(*names: str) -> str:
    """Return names as a uid; one that is too long ends in a digest instead."""
    return _fitted("_".join(names), LONGEST)


def _fitted(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
    return f"{text[: length - _DIGITS - 1]}_{digest}"


def is_cut(*names: str) -> bool:
    """Whether the uid of these names ends in a digest, so that it cannot be put together from labels."""
    return len("_".join(names)) > LONGEST
