"""The kind Model: one AI model that serves predictions in production."""

from __future__ import annotations

from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field

from generators.language.shapes.base import (
    DurationText,
    FeatureName,
    Identifier,
    Name,
    QuantityText,
    Shape,
    Text,
    UnitText,
)
from generators.language.shapes.monitoring import LevelsShape, Monitoring, Watching
from generators.language.shapes.organisation import BudgetShape

LabelValue = Annotated[str, Field(min_length=1, max_length=128)]


class ServiceShape(Shape):
    """The service that serves the model."""

    name: Name
    """`service.name` of its telemetry."""
    namespace: Name | None = None
    """`service.namespace` and Kubernetes namespace."""
    deployment: Name | None = None
    """Kubernetes Deployment; the service's name if absent."""
    replicas: int | None = Field(default=None, ge=1, le=10000)
    """Replicas that run at most, for the series budget and for autoscaling."""
    image: str | None = Field(default=None, pattern=r"^[a-z0-9][A-Za-z0-9._/:@-]*$", max_length=300)
    """Its container image, for Compose; the service's name with the model's version as tag if absent."""


class ArtifactShape(Shape):
    """The file that is deployed."""

    short = MappingProxyType({r".+": "sha256"})

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the artefact, in hex."""
    framework: Text | None = None
    """What made it, such as `scikit-learn 1.5`."""
    uri: Text | None = None
    """Where it is kept."""


class FeatureShape(Shape):
    """One input of the model."""

    short = MappingProxyType({r".+": "type"})

    type: Literal["number", "category", "boolean", "text"]
    """Kind of value."""
    unit: UnitText | None = None
    """Unit of a number."""
    range: list[int | float] | None = Field(default=None, min_length=2, max_length=2)
    """Least and greatest plausible number."""
    values: list[LabelValue] | None = None
    """Values of a category."""
    description: Text | None = None
    """What the feature says."""
    max_age: DurationText | None = None
    """How old the value may be when it is used."""


class PredictionShape(Shape):
    """What the model answers."""

    classes: list[LabelValue] | None = Field(default=None, min_length=2)
    """Classes of a classifier."""
    positive: LabelValue | None = None
    """The class whose precision and recall count."""
    threshold: int | float | None = Field(default=None, ge=0, le=1)
    """Score from which the positive class is predicted."""
    low_confidence: int | float | None = Field(default=None, gt=0, lt=1)
    """Confidence below which a prediction counts as unsure."""
    unit: UnitText | None = None
    """Unit of a predicted number."""
    range: list[int | float] | None = Field(default=None, min_length=2, max_length=2)
    """Least and greatest plausible predicted number."""


class PredictionLogShape(Shape):
    """What the log of predictions holds, beside the prediction itself."""

    features: list[FeatureName]
    """Inputs that are written into it. None is by default, for inputs may be personal data."""


class LabelsShape(Shape):
    """How the truth comes back."""

    short = MappingProxyType({r"[0-9.]+ ?%": "sample", r"(human|system)": "source", r"[0-9]+[smhdwy]": "delay"})

    delay: DurationText | None = None
    """How long after the prediction labels usually arrive."""
    sample: QuantityText | None = None
    """Share of predictions that is labelled."""
    source: Literal["human", "system"] | None = None
    """Who says what was right."""


class FairnessShape(Shape):
    """Whether groups of people are treated alike. A criterion is judged where it has thresholds."""

    protected: Annotated[dict[Identifier, list[LabelValue]], Field(min_length=1, max_length=20)]
    """Groups by protected attribute, such as `gender: [female, male, other]`. They are counted, never a feature."""
    minimum_group: int | None = Field(default=None, ge=10, le=1_000_000)
    """Cases that a group needs in a window before anything is said of it; 100 if absent."""
    demographic_parity_difference: LevelsShape | None = None
    """How much less often a group is predicted positive than the group for which that happens most often."""
    equal_opportunity_difference: LevelsShape | None = None
    """How much less often the positive cases of a group are found than those of the best group; needs labels."""
    false_positive_rate_difference: LevelsShape | None = None
    """How much less often the negative cases of a group are predicted positive than those of the group where that
    happens most; needs labels. Together with equal opportunity this is equalised odds."""
    predictive_parity_difference: LevelsShape | None = None
    """How much less often positive predictions are right in a group than in the best one; needs labels."""
    accuracy_difference: LevelsShape | None = None
    """How much less often predictions are right in a group than in the best one; needs labels."""


class TierShape(Shape):
    """One model tier that an LLM application routes requests to."""

    short = MappingProxyType({r".+": "model"})

    model: Text
    """Name of the LLM, as in the price list."""
    provider: Text | None = None
    """`gen_ai.provider.name`."""
    share: QuantityText | None = None
    """Expected share of requests."""


class LlmShape(Shape):
    """What an LLM application uses."""

    tiers: Annotated[dict[Identifier, TierShape], Field(max_length=50)]
    """Model tiers, by role."""
    prices: Name | None = None
    """The PriceList that costs are computed with."""
    tools: list[Identifier] | None = None
    """Tools that the application may call."""
    tokens_per_request: int | None = Field(default=None, ge=1)
    """Typical number of tokens, for estimates of cost."""
    content: Literal["never", "redacted"] | None = None
    """Whether prompts and answers are recorded: `never`, which is the default, or `redacted`, with what looks personal
    masked. They may be personal data all the same."""


class ComplianceShape(Shape):
    """What auditors ask for."""

    short = MappingProxyType({r"(high|limited|minimal|unacceptable)": "risk", r".+": "dpia"})

    dpia: Text | None = None
    """Identifier of the data-protection impact assessment."""
    risk: Literal["unacceptable", "high", "limited", "minimal"] | None = None
    """Risk class under the EU AI Act."""
    standards: list[Name] | None = None
    """Standards that evidence is collected for."""


class ModelSpec(Monitoring):
    """One AI model: what it is, who owns it, what is promised. A pack supplies the rest."""

    description: Text | None = None
    """What the model decides, for whom."""
    task: Name
    """The pack that says how such a model is watched."""
    packs: list[Name] | None = None
    """Further packs, laid over the task's."""
    version: Text | None = None
    """Version that is deployed; the service reports the one it runs."""
    artifact: ArtifactShape | None = None
    """The deployed file."""
    service: ServiceShape | Name
    """The service that serves it: its name, or more."""
    environments: Annotated[list[Name] | dict[Name, Watching | None], Field(max_length=100)] | None = None
    """Environments where it runs, all if absent: a list, or a mapping whose values say what is different there, such as
    `staging: {slos: {latency: {below: 1s}}}`."""
    traffic: QuantityText | None = None
    """Requests that are expected: `12/s`, `3000/d`."""
    features: dict[FeatureName, FeatureShape] | None = None
    """Inputs, by the names that the data have for them; such a name is the value of the attribute `ml.feature`."""
    prediction: PredictionShape | None = None
    """Outputs."""
    prediction_log: PredictionLogShape | None = None
    """What the log of predictions holds."""
    labels: LabelsShape | None = None
    """How the truth comes back."""
    segments: dict[Identifier, list[LabelValue]] | None = None
    """Bounded groups of requests that quality and volume are split by."""
    fairness: FairnessShape | None = None
    """Groups of people between whom the model must not differ, and by how much it may."""
    llm: LlmShape | None = None
    """Tiers, prices and tools of an LLM application."""
    rollback: Text | None = None
    """How to go back to the previous version; shown in every runbook."""
    budget: BudgetShape | None = None
    """Limits for this model, below the platform's."""
    compliance: ComplianceShape | None = None
    """What auditors ask for."""
