"""What a person may write: one pydantic model a kind, the single source of the editors' JSON Schema.

Shapes check structure only: which keys exist and what kind of value each takes.  Values with a grammar of their own
(durations, money, PromQL) stay text here and are read by ``generators.language.resolve``, which knows their columns.
"""

from generators.language.shapes.documents import KINDS, Envelope
from generators.language.shapes.metric import MetricShape
from generators.language.shapes.model import FairnessShape, ModelSpec
from generators.language.shapes.monitoring import AlertShape, MeasureShape, Monitoring, SloShape
from generators.language.shapes.organisation import EnvironmentSpec, PlatformSpec, PriceListSpec, TeamSpec
from generators.language.shapes.pack import PackSpec

__all__ = [
    "KINDS",
    "AlertShape",
    "Envelope",
    "EnvironmentSpec",
    "FairnessShape",
    "MeasureShape",
    "MetricShape",
    "ModelSpec",
    "Monitoring",
    "PackSpec",
    "PlatformSpec",
    "PriceListSpec",
    "SloShape",
    "TeamSpec",
]
