"""The instruments manifest: what was reviewed of one model, as its service reads it at start.

``watchspec render`` writes one JSON file a model, ``instruments/<tenant>/<model>.json``; its schema lies beside it.  A
manifest that cannot be read is a :class:`ManifestError` when the service starts, never an exception at a prediction.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from otel.semconv import METRIC_PREFIX

VERSION: Final = 1
"""The version of the format that this runtime reads."""

KINDS: Final = frozenset({"counter", "updowncounter", "gauge", "histogram"})
"""Kinds of instruments."""

VARIABLE: Final = "WATCHSPEC_INSTRUMENTS"
"""Environment variable with the path of a manifest, or of a folder of them."""


class ManifestError(ValueError):
    """The manifest cannot be used; the message says what is wrong, where, and how to mend it."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a metric; a derived one follows from the others, or from the model."""

    key: str
    values: tuple[str, ...]
    optional: bool
    derived: bool


@dataclass(frozen=True, slots=True)
class Metric:
    """One instrument: OpenTelemetry name, kind, unit (UCUM), bucket edges in that unit, bounded attributes.

    ``kind`` is ``counter``, ``updowncounter``, ``gauge`` or ``histogram``.  ``cells`` are blocks of combinations, where
    not every combination of values exists: each says which values go with each other, and with all of other attributes.
    """

    id: str
    name: str
    kind: str
    unit: str
    description: str
    buckets: tuple[float, ...]
    attributes: tuple[Attribute, ...]
    cells: tuple[Mapping[str, tuple[str, ...]], ...] = ()

    @property
    def given(self) -> tuple[Attribute, ...]:
        """The attributes whose values a caller gives, in the order in which the recorder takes them."""
        return tuple(each for each in self.attributes if not each.derived)

    def combinations(self) -> Iterator[tuple[str | None, ...]]:
        """Return the values of each series, in the order of the given attributes; None where one is absent."""
        every = {each.key: (*each.values, *((None,) if each.optional else ())) for each in self.given}
        for block in self.cells or (every,):
            yield from product(*(block.get(each.key, every[each.key]) for each in self.given))


@dataclass(frozen=True, slots=True)
class Feature:
    """An input: its type, what is plausible, its bins, and what the baseline knows of it.

    ``edges`` are the inner edges of a number's bins, ``bin_values`` the values of a category that have a bin of their
    own; both are empty if the feature is not binned.  ``mean`` and ``deviation`` are in the unit of the feature.
    """

    name: str
    type: str
    range: tuple[float, float] | None = None
    values: tuple[str, ...] = ()
    edges: tuple[float, ...] = ()
    bin_values: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    missing: float = 0.0
    mean: float | None = None
    deviation: float | None = None
    design_effect: float = 1.0


@dataclass(frozen=True, slots=True)
class Reference:
    """What an answer looked like in the reference data: the share of each bin, and of rows without a value."""

    shares: tuple[float, ...]
    missing: float = 0.0
    design_effect: float = 1.0


@dataclass(frozen=True, slots=True)
class Output:
    """What the model answers: classes in the order of the spec, or a number with its bins."""

    classes: tuple[str, ...] = ()
    positive: str = ""
    threshold: float | None = None
    low_confidence: float | None = None
    edges: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelFacts:
    """How the truth comes back: usual delay in seconds, labelled share from 0 to 1, and from whom."""

    delay_seconds: float | None = None
    sample: float | None = None
    source: str = "system"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one model emits in one environment.

    ``logged`` says whether predictions are logged one by one, with ``logged_features`` of their inputs;
    ``groups`` are those of each protected attribute, and nothing is said of fewer cases than ``minimum_group``;
    ``exceptions`` what of an exception goes to spans: ``redacted`` text, or its ``type`` alone.
    """

    name: str
    tenant: str
    version: str
    task: str
    sha256: str
    framework: str
    resource: Mapping[str, str]
    export_interval_seconds: float
    features: Mapping[str, Feature]
    output: Output
    labels: LabelFacts
    segments: Mapping[str, tuple[str, ...]]
    metrics: Mapping[str, Metric]
    baseline_version: str = ""
    baseline_rows: int = 0
    outputs: Mapping[str, Reference] = field(default_factory=dict)
    logged: bool = False
    logged_features: tuple[str, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    minimum_group: int = 0
    gen_ai: str = ""
    exceptions: str = "redacted"
    llm: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def prefix(self) -> str:
        """First part of the names of our metrics and events, as the platform chose it."""
        duration = self.metrics.get("duration")
        return duration.name.partition(".")[0] if duration else METRIC_PREFIX


def load_manifest(
    model: str, source: str | os.PathLike[str] | Traversable | None = None, environment: str | None = None
) -> Manifest:
    """Read the manifest of ``model``, which is a name or ``tenant/name``.

    ``source`` is a file, a folder as rendered, or a package resource; the environment variable WATCHSPEC_INSTRUMENTS is
    the default.  ``environment`` is a name or a label of the spec; without it, what all environments share is read.
    Raises :class:`ManifestError`.
    """
    place = source if source is not None else os.environ.get(VARIABLE)
    if place is None:
        raise ManifestError(
            f"no instruments manifest for model `{model}`: pass `manifest=`, or set {VARIABLE} to a file or "
            "folder that `watchspec render` wrote (rendered/instruments)"
        )
    root = place if isinstance(place, Traversable) and not isinstance(place, str) else Path(place)
    file = _file(root, model)
    try:
        document = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ManifestError(f"{file}: cannot be read: {error.strerror}; check the path and its permissions") from error
    except ValueError as error:
        raise ManifestError(f"{file}: not JSON: {error}; render it again with `watchspec render`") from error
    return parse_manifest(document, model, environment, str(file))


def parse_manifest(document: Any, model: str, environment: str | None = None, where: str = "manifest") -> Manifest:
    """Return the manifest that a JSON document holds.  Raises :class:`ManifestError`, which names ``where``."""
    version = document.get("manifest") if isinstance(document, dict) else None
    if version != VERSION:
        raise ManifestError(
            f"{where}: manifest version {version!r}, but this runtime reads {VERSION}; "
            "render with the version of Watchspec that the service installs"
        )
    try:
        found = _manifest(document, _environment(document, environment, where))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, ManifestError):
            raise
        raise ManifestError(f"{where}: not an instruments manifest ({error!r}); render it again") from error
    if model not in (found.name, f"{found.tenant}/{found.name}"):
        raise ManifestError(
            f"{where}: describes model `{found.tenant}/{found.name}`, not `{model}`; pass the file of that model"
        )
    return found


def _file(place: Traversable, model: str) -> Traversable:
    """Return the file of a model; a folder holds ``<tenant>/<model>.json`` or ``<model>.json``."""
    if not place.is_dir():
        if not place.is_file():
            raise ManifestError(f"{place}: no such file or folder; `watchspec render` writes rendered/instruments")
        return place
    if place.joinpath("instruments").is_dir():  # the whole of what was rendered
        place = place.joinpath("instruments")
    tenant, _, name = model.rpartition("/")
    folders = [each for each in place.iterdir() if each.is_dir() and tenant in ("", each.name)]
    candidates = [each.joinpath(f"{name}.json") for each in (place, *sorted(folders, key=lambda each: each.name))]
    files = [each for each in candidates if each.is_file()]
    if len(files) == 1:
        return files[0]
    if files:
        raise ManifestError(f"{place}: model `{model}` exists in several tenants; write `tenant/{name}`")
    known = sorted(
        f"{folder.name}/{each.name[:-5]}"
        for folder in folders
        for each in folder.iterdir()
        if each.name.endswith(".json")
    )
    raise ManifestError(f"{place}: no model `{model}`; there are: {', '.join(known) or 'none'}")


def _environment(document: Mapping[str, Any], wanted: str | None, where: str) -> str | None:
    """Return the name of the environment that is meant by a name or label; None means what all share."""
    if wanted is None:
        return None
    labels: dict[str, str] = {
        name: each["resource"].get("deployment.environment.name", name)
        for name, each in document["environments"].items()
    }
    for name, label in labels.items():
        if wanted in (name, label):
            return name
    raise ManifestError(
        f"{where}: the model does not run in environment `{wanted}`; its spec says: {', '.join(sorted(labels))}"
    )


def _manifest(document: Mapping[str, Any], environment: str | None) -> Manifest:
    model = document["model"]
    baseline, fairness = document.get("baseline", {}), document.get("fairness", {})
    environments = document["environments"]
    here = environments[environment] if environment else next(iter(environments.values()))
    return Manifest(
        name=model["name"],
        tenant=model["tenant"],
        version=model.get("version", ""),
        task=model["task"],
        sha256=model.get("sha256", ""),
        framework=model.get("framework", ""),
        resource=MappingProxyType({**document["resource"], **(here["resource"] if environment else {})}),
        export_interval_seconds=float(here["export_interval_seconds"]),
        features=MappingProxyType({name: _feature(name, each) for name, each in document.get("features", {}).items()}),
        output=_output(document.get("prediction", {})),
        labels=_labels(document.get("labels", {})),
        segments=MappingProxyType({name: tuple(values) for name, values in document.get("segments", {}).items()}),
        metrics=MappingProxyType(dict(_metrics(document["metrics"], environment))),
        baseline_version=baseline.get("version", ""),
        baseline_rows=baseline.get("rows", 0),
        outputs=MappingProxyType({name: _output_reference(each) for name, each in baseline.get("outputs", {}).items()}),
        logged="log" in document,
        logged_features=tuple(document.get("log", {}).get("features", ())),
        groups=MappingProxyType({name: tuple(each) for name, each in fairness.get("groups", {}).items()}),
        minimum_group=fairness.get("minimum_group", 0),
        gen_ai=document.get("gen_ai", ""),
        exceptions=document.get("privacy", {}).get("exceptions", "redacted"),
        llm=MappingProxyType(document.get("llm", {})),
    )


def _feature(name: str, fields: Mapping[str, Any]) -> Feature:
    bins = fields.get("bins", {})
    return Feature(
        name=name,
        type=fields["type"],
        range=(float(fields["range"][0]), float(fields["range"][1])) if "range" in fields else None,
        values=tuple(fields.get("values", ())),
        edges=tuple(map(float, bins.get("edges", ()))),
        bin_values=tuple(bins.get("values", ())),
        shares=tuple(fields.get("shares", ())),
        missing=fields.get("missing", 0.0),
        mean=fields.get("mean"),
        deviation=fields.get("deviation"),
        design_effect=fields.get("design_effect", 1.0),
    )


def _output_reference(fields: Mapping[str, Any]) -> Reference:
    return Reference(tuple(fields["shares"]), fields.get("missing", 0.0), fields.get("design_effect", 1.0))


def _output(fields: Mapping[str, Any]) -> Output:
    return Output(
        classes=tuple(fields.get("classes", ())),
        positive=fields.get("positive", ""),
        threshold=fields.get("threshold"),
        low_confidence=fields.get("low_confidence"),
        edges=tuple(map(float, fields.get("bins", {}).get("edges", ()))),
    )


def _labels(fields: Mapping[str, Any]) -> LabelFacts:
    return LabelFacts(fields.get("delay_seconds"), fields.get("sample"), fields.get("source", "system"))


def _metrics(metrics: Mapping[str, Any], environment: str | None) -> list[tuple[str, Metric]]:
    found = []
    for id_, common in metrics.items():
        if environment and environment not in common.get("environments", [environment]):
            continue
        fields = {**common, **(common.get("overrides", {}).get(environment, {}) if environment else {})}
        attributes = (
            Attribute(key, tuple(each["values"]), each.get("optional", False), each.get("derived", False))
            for key, each in (fields.get("attributes") or {}).items()
        )
        if fields["kind"] not in KINDS:
            raise ValueError(f"metric `{id_}` is of kind {fields['kind']!r}")
        metric = Metric(
            id_,
            fields["name"],
            fields["kind"],
            fields["unit"],
            fields["description"],
            tuple(map(float, fields.get("buckets") or ())),
            tuple(attributes),
            tuple({key: tuple(values) for key, values in block.items()} for block in fields.get("cells") or ()),
        )
        found.append((id_, metric))
    return found
