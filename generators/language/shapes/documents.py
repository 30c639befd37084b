"""The envelope of every document, and the table of kinds."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from generators.language.shapes.base import Name, Shape, Text, Tier
from generators.language.shapes.baseline import BaselineSpec
from generators.language.shapes.model import ModelSpec
from generators.language.shapes.organisation import EnvironmentSpec, PlatformSpec, PriceListSpec, TeamSpec
from generators.language.shapes.pack import PackSpec

API_VERSION = "watchspec/v1"


class Metadata(Shape):
    """Name of a document."""

    name: Name
    """Unique among the documents of its kind."""


class ModelMetadata(Shape):
    """Identity and ownership of a model."""

    name: Name
    """Unique within its tenant."""
    tenant: Name
    """The tenant whose data it sees."""
    team: Name
    """The team that owns it and is paged."""
    domain: Text | None = None
    """Business domain, for titles."""
    tier: Tier | None = None
    """How critical the model is."""


class BaselineMetadata(Shape):
    """Identity of a baseline."""

    name: Name
    """Unique within its tenant."""
    tenant: Name
    """The tenant of its model."""


class Envelope(Shape):
    """What every document has."""

    api_version: Literal["watchspec/v1"] = Field(default="watchspec/v1", alias="apiVersion")
    """Version of the language."""


class Model(Envelope):
    """An AI model that is watched."""

    kind: Literal["Model"]
    """The kind."""
    metadata: ModelMetadata
    """Identity and ownership."""
    spec: ModelSpec
    """What it is and what is promised."""


class Team(Envelope):
    """People who own models."""

    kind: Literal["Team"]
    """The kind."""
    metadata: Metadata
    """Its name."""
    spec: TeamSpec
    """How they are reached."""


class Environment(Envelope):
    """A place where models run."""

    kind: Literal["Environment"]
    """The kind."""
    metadata: Metadata
    """Its name."""
    spec: EnvironmentSpec
    """What is different there."""


class Platform(Envelope):
    """The organisation as a whole; there is exactly one."""

    kind: Literal["Platform"]
    """The kind."""
    metadata: Metadata
    """Its name."""
    spec: PlatformSpec
    """What all models share."""


class Pack(Envelope):
    """A reusable way of watching."""

    kind: Literal["Pack"]
    """The kind."""
    metadata: Metadata
    """Its name."""
    spec: PackSpec
    """What it adds."""


class PriceList(Envelope):
    """Prices of LLMs."""

    kind: Literal["PriceList"]
    """The kind."""
    metadata: Metadata
    """Its name."""
    spec: PriceListSpec
    """The prices."""


class Baseline(Envelope):
    """A reference profile, written by a command."""

    kind: Literal["Baseline"]
    """The kind."""
    metadata: BaselineMetadata
    """Its name."""
    spec: BaselineSpec
    """The profile."""


KINDS: dict[str, type[Envelope]] = {
    shape.__name__: shape for shape in (Model, Team, Environment, Platform, Pack, PriceList, Baseline)
}
