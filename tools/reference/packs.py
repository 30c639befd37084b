"""``packs.md`` and ``metrics.md``: what the built-in packs measure, promise and alert about."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from generators.formats.markdown import bullets, code, document, escape, heading, table
from generators.language.documents import Document, load
from generators.language.resolve.reading import Reading
from generators.language.sources import read_library
from generators.planning.names import STRATEGIES
from otel.names import InstrumentKind, series_names


@cache
def packs() -> dict[str, Document]:
    """The built-in packs by name."""
    loaded = load(read_library()).loaded
    return {each.name: each for each in sorted(loaded, key=lambda each: each.name) if each.kind == "Pack"}


def page() -> str:
    """Return the page of packs."""
    intro = (
        "A pack says how a kind of model is watched. A model names one as its `task`, and further ones under `packs`; "
        "an item applies where the model declares what it requires. What a pack builds on is not repeated here. "
        "`watchspec explain model` prints what a model has in the end."
    )
    readings = {name: Reading(each.spec, []) for name, each in packs().items()}
    tasks = [name for name, reading in readings.items() if reading.flag("task", default=False)]
    lists = (
        heading(2, "Tasks"),
        bullets(_entry(name, readings[name]) for name in tasks),
        heading(2, "Further packs"),
        bullets(_entry(name, readings[name]) for name in readings if name not in tasks),
    )
    sections = (block for name, reading in readings.items() for block in _pack(name, reading))
    return document((heading(1, "Packs"), intro, *lists, *sections))


def metrics_page() -> str:
    """Return the page of all metrics."""
    intro = (
        "Every metric that a built-in pack declares: what the service emits, and what Prometheus 3 calls it. The "
        "prefix `ml.` is the platform's `telemetry.prefix`. Besides its own attributes, every metric carries "
        "`model.name` and `model.version`."
    )
    rows = [
        (code(reading.text("name")), _prometheus(reading), *_kind_and_unit(reading), _attributes(reading), *words)
        for name, each in packs().items()
        for _, reading in Reading(each.spec, []).children("metrics")
        if reading.has("instrument")
        for words in [(escape(reading.text("description")), f"[{name}](packs.md#{name})")]
    ]
    header = ("Metric", "In Prometheus", "Instrument", "Unit", "Attributes", "What is measured", "Pack")
    return document((heading(1, "Metrics"), intro, table(header, sorted(rows))))


def _entry(name: str, reading: Reading) -> str:
    return f"[{name}](#{name}): {escape(reading.text('description'))}"


def _pack(name: str, reading: Reading) -> Iterator[str]:
    yield heading(2, name)
    yield escape(reading.text("description"))
    below = reading.texts("extends")
    if below:
        yield f"Builds on {', '.join(f'[{each}](#{each})' for each in below)}."
    for title, block in (
        ("Metrics", _metrics(reading)),
        ("Measures", _measures(reading)),
        ("Thresholds", _thresholds(reading)),
        ("Objectives", _objectives(reading)),
        ("Alerts", _alerts(reading)),
    ):
        if block:
            yield f"**{title}**"
            yield block


def _metrics(reading: Reading) -> str:
    rows = [
        (
            code(entry.key),
            code(each.text("name")),
            *_kind_and_unit(each),
            _needs(each),
            escape(each.text("description")),
        )
        for entry, each in reading.children("metrics")
        if each.has("name")
    ]
    return table(("Name", "Metric", "Instrument", "Unit", "Requires", "What is measured"), rows) if rows else ""


def _measures(reading: Reading) -> str:
    rows = [
        (
            code(entry.key),
            code(each.text("unit", "1")),
            each.text("better"),
            _needs(each),
            escape(each.text("description")),
        )
        for entry, each in reading.children("measures")
        if each.has("promql")
    ]
    return table(("Measure", "Unit", "Better", "Requires", "What the value says"), rows) if rows else ""


def _thresholds(reading: Reading) -> str:
    rows = [
        (code(entry.key), *(code(each.text(level)) if each.has(level) else "" for level in LEVELS))
        for entry, each in reading.children("quality")
    ]
    return table(("Measure", *map(str.capitalize, LEVELS)), rows) if rows else ""


def _objectives(reading: Reading) -> str:
    rows = [
        (code(entry.key), escape(each.text("objective")), escape(each.text("window")), escape(each.text("description")))
        for entry, each in reading.children("slos")
    ]
    return table(("Objective", "Good", "Window", "What is promised"), rows) if rows else ""


def _alerts(reading: Reading) -> str:
    rows = [
        (
            code(entry.key),
            code(each.text("measure")) if each.has("measure") else "",
            _limits(each),
            _needs(each),
            escape(each.text("summary")),
        )
        for entry, each in reading.children("alerts")
        if each.has("measure") or each.has("promql")
    ]
    return table(("Alert", "Compares", "Fires", "Requires", "What it says"), rows) if rows else ""


def _limits(reading: Reading) -> str:
    """Return the alert's own limits by severity; those of a measure without any stand among the thresholds."""
    own = [
        f"{level} {key} {code(reading.child(key).text(level))}"
        for key in ("above", "below")
        for level in LEVELS
        if reading.child(key).has(level)
    ]
    return ", ".join(own) or reading.text("severity")


LEVELS = ("info", "warning", "critical")


def _kind_and_unit(reading: Reading) -> tuple[str, str]:
    return reading.text("instrument"), code(reading.text("unit", "1")) if reading.text("unit", "1") else ""


def _attributes(reading: Reading) -> str:
    return ", ".join(code(entry.key) for entry, _ in reading.children("attributes"))


def _needs(reading: Reading) -> str:
    return ", ".join(reading.texts("requires"))


def _prometheus(reading: Reading) -> str:
    kind = InstrumentKind(reading.text("instrument"))
    names = series_names(reading.text("name"), kind, reading.text("unit", "1"), STRATEGIES["prometheus-3"])
    return ", ".join(map(code, names))
