"""Models: identity, ownership, inputs and outputs, and what reference data of them looks like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from generators.diagnostics import Position
from generators.language.catalog.organisation import Budget, PriceList, Team


@dataclass(frozen=True, slots=True)
class Bins:
    """How values are counted: numbers between inner ``edges``, or a bin for each of ``values``.

    Bin k of n edges holds what is at least edge k-1 and less than edge k, so that there are n+1 of them.
    """

    edges: tuple[Decimal, ...] = ()
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feature:
    """An input of a model; without ``bins`` its values are not counted by bin."""

    name: str
    type: str
    unit: str
    range: tuple[Decimal, Decimal] | None
    values: tuple[str, ...]
    description: str
    max_age_ms: int | None
    bins: Bins | None = None


@dataclass(frozen=True, slots=True)
class ReferenceWindow:
    """What statistics were in windows of the reference data: by name their mean, deviation and 99th percentile."""

    windows: int
    values: int
    design_effect: Decimal
    statistics: Mapping[str, tuple[Decimal, Decimal, Decimal]]


@dataclass(frozen=True, slots=True)
class Profile:
    """What reference data looks like: a share for each bin, and the share of rows without a value.

    ``invalid``, ``other`` and ``unseen`` are shares of rows, too. ``labelled`` and ``right`` count rows whose answer
    is known, and is right, by all bins in the order of ``bins.named``; they are empty without labels. ``quantiles``
    go by name from ``minimum`` to ``maximum``.
    """

    bins: Bins
    shares: tuple[Decimal, ...]
    missing: Decimal
    mean: Decimal | None
    deviation: Decimal | None
    position: Position
    invalid: Decimal = Decimal(0)
    other: Decimal = Decimal(0)
    unseen: Decimal = Decimal(0)
    quantiles: Mapping[str, Decimal] = field(default_factory=dict)
    design_effect: Decimal = Decimal(1)
    windows: Mapping[str, ReferenceWindow] = field(default_factory=dict)
    labelled: tuple[int, ...] = ()
    right: tuple[int, ...] = ()
    importance: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Baseline:
    """The reference data of a model; ``version`` is on every series that is counted in its bins."""

    name: str
    version: str
    rows: int
    source: str
    features: Mapping[str, Profile]
    prediction: Profile | None
    score: Profile | None
    position: Position


@dataclass(frozen=True, slots=True)
class LlmTier:
    """A model tier of an LLM application."""

    name: str
    model: str
    provider: str
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class Llm:
    """What an LLM application uses; ``content`` tells that prompts and answers are recorded, redacted."""

    tiers: tuple[LlmTier, ...]
    prices: PriceList | None
    tools: tuple[str, ...]
    tokens_per_request: int | None
    content: bool = False


@dataclass(frozen=True, slots=True)
class Model:
    """An AI model: identity, ownership and facts, the same in every environment.

    ``traffic`` is in requests per second. ``logged`` names the features that the log of predictions holds.
    ``protected`` holds the groups of each protected attribute; nothing is said of fewer than ``minimum_group`` cases.
    """

    name: str
    tenant: str
    team: Team
    domain: str
    tier: str
    description: str
    task: str
    version: str
    sha256: str
    framework: str
    service: str
    namespace: str
    deployment: str
    replicas: int
    traffic: Decimal | None
    features: tuple[Feature, ...]
    classes: tuple[str, ...]
    positive: str
    threshold: Decimal | None
    low_confidence: Decimal | None
    prediction_unit: str
    label_delay_ms: int | None
    label_sample: Decimal | None
    label_source: str
    segments: Mapping[str, tuple[str, ...]]
    llm: Llm | None
    rollback: str
    dpia: str
    risk: str
    standards: tuple[str, ...]
    budget: Budget
    position: Position
    prediction_range: tuple[Decimal, Decimal] | None = None
    logged: tuple[str, ...] = ()
    baseline: Baseline | None = None
    prediction_bins: Bins | None = None
    image: str = ""
    protected: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    minimum_group: int = 0
