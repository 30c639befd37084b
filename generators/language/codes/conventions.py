"""Codes of the semantic conventions: names, definitions and versions of what is emitted."""

from __future__ import annotations

from generators.language.codes.code import Code

CONVENTIONS = (
    Code(
        "P421",
        "One name, two definitions",
        "A metric means the same for all models of the organisation: the instrument, the unit and the description.",
        "unit: ms  # another model has s",
        "unit: s",
    ),
    Code(
        "P422",
        "Not what OpenTelemetry defines",
        "The name belongs to OpenTelemetry, which gives it another instrument or unit, or does not have it.",
        "{name: http.server.request.duration, unit: ms}",
        "{name: http.server.request.duration, unit: s}",
    ),
    Code(
        "P423",
        "Malformed name",
        "Names are lowercase words and digits, joined by `.` or `_`, and begin with a letter.",
        "name: ML.Hits",
        "name: ml.hits",
    ),
    Code(
        "P424",
        "Name without a namespace",
        "An attribute without a namespace may mean something else in the telemetry of another system.",
        "attributes: {region: {values: [emea]}}",
        "attributes: {shop.region: {values: [emea]}}",
    ),
    Code(
        "P425",
        "Names in each other's way",
        "A name may not be the namespace of another one, and two names may not differ in dots and underscores only.",
        "ml.hits and ml.hits.made",
        "ml.hits.all and ml.hits.made",
    ),
    Code(
        "P426",
        "Against the conventions",
        "OpenTelemetry's Weaver would refuse the registry of conventions that the specs make up.",
        'description: ""',
        "description: Requests that were refused.",
    ),
    Code(
        "P427",
        "Breaking change of telemetry",
        "What is committed was removed, or got another type, unit or meaning; dashboards elsewhere may read it.",
        "version: 1.0.0  # and a metric is gone",
        "version: 2.0.0",
    ),
    Code(
        "P428",
        "Version falls",
        "The conventions that are committed have a later version.",
        "version: 1.0.0  # 2.0.0 is committed",
        "version: 2.0.1",
    ),
)
