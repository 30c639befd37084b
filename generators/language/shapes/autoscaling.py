"""What a model's replicas may grow to, by whom, and on what sign."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from generators.language.shapes.base import DurationText, Form, Name, QuantityText, Shape

CpuText: TypeAlias = Annotated[
    Annotated[
        str,
        Field(pattern=r"^([1-9][0-9]{0,5}m|[1-9][0-9]{0,3}(\.[0-9]{1,3})?|0\.[0-9]{0,2}[1-9])$"),
    ]
    | Annotated[int, Field(ge=1, le=9999)]
    | Annotated[float, Field(ge=0.001, le=9999)],
    Field(examples=["500m", 2]),
    Form("Cores as Kubernetes writes them: `500m`, `2`.", free=True),
]
MemoryText: TypeAlias = Annotated[
    str, Field(pattern=r"^[1-9][0-9]{0,8}(Ki|Mi|Gi|Ti)$"), Form("Memory as Kubernetes writes it: `512Mi`, `2Gi`.")
]


class ResourcesShape(Shape):
    """Processor and memory of one container."""

    cpu: CpuText | None = None
    """Cores."""
    memory: MemoryText | None = None
    """Memory."""


class VerticalShape(Shape):
    """A VerticalPodAutoscaler, which sets what a container requests by what it has used."""

    enabled: bool | None = None
    """False takes away what another layer asks for."""
    update: Literal["Off", "Initial", "Recreate", "InPlaceOrRecreate"] | None = None
    """How recommendations reach pods, in Kubernetes' words: not at all, which is the default; when pods start; by
    evicting them; or in place, and by evicting them where that cannot be done."""
    container: Name | None = None
    """The container that serves the model; others, such as proxies, are left alone."""
    requests: ResourcesShape | None = None
    """What the container requests in the Deployment: the autoscaler never goes below."""
    most: ResourcesShape | None = None
    """What it never goes above."""


class HorizontalShape(Shape):
    """Replicas by load. `replicas` of the service is the most there will be."""

    enabled: bool | None = None
    """False takes away what another layer asks for."""
    least: int | None = Field(default=None, ge=1, le=10000)
    """Replicas that always run; 2 if absent."""
    cpu: QuantityText | None = None
    """Mean CPU of the replicas, relative to what they request, above which there are more of them: `70%`."""
    latency: QuantityText | None = None
    """95th percentile above which there are more replicas: `250ms`. KEDA reads the recorded series."""
    for_: DurationText | None = Field(default=None, alias="for")
    """How long that must have been so; 5m if absent."""


class AutoscalingShape(Shape):
    """Autoscalers of a model's Deployment on Kubernetes. There are none unless a spec asks for them."""

    vertical: VerticalShape | None = None
    """Larger replicas."""
    horizontal: HorizontalShape | None = None
    """More replicas."""
