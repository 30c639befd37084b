"""Codes of shapes (S) and of references (R)."""

from __future__ import annotations

from generators.language.codes.code import Code

SHAPES = (
    Code(
        "S101",
        "Not a mapping",
        "A document consists of keys and values.",
        "- a\n- b",
        "apiVersion: watchspec/v1\nkind: Team",
    ),
    Code(
        "S102",
        "Not a document of this language",
        "`apiVersion` names the version of the language.",
        "apiVersion: v1",
        "apiVersion: watchspec/v1",
    ),
    Code("S103", "Unknown kind", "`kind` says what a document describes.", "kind: Modle", "kind: Model"),
    Code(
        "S104",
        "Unknown key",
        "The key does not exist here; it would be ignored in silence otherwise.",
        "trafic: 12/s",
        "traffic: 12/s",
    ),
    Code(
        "S105",
        "Missing key",
        "The key has to be there.",
        "spec: {task: regression}",
        "spec: {task: regression, service: sales-api}",
    ),
    Code("S106", "Not one of the values", "The key takes one of a few values.", "tier: urgent", "tier: critical"),
    Code(
        "S107",
        "Not well formed",
        "The text does not have the form that it needs, such as a DNS label.",
        "name: My Model",
        "name: my-model",
    ),
    Code(
        "S108",
        "Wrong kind of value",
        "Text, number, list and mapping are not interchangeable.",
        "version: 2.0",
        'version: "2.0"',
    ),
    Code(
        "S109",
        "Value out of bounds",
        "The value is too long, too short, too small or too large.",
        "replicas: 0",
        "replicas: 3",
    ),
    Code(
        "S110",
        "Alert without condition",
        "An alert compares a measure or has an expression of its own, never both.",
        "alerts: {Slow: {severity: warning}}",
        "alerts: {Slow: {measure: latency_p95, above: {warning: 1s}}}",
    ),
    Code(
        "S111",
        "Alert without severity",
        "An expression does not say how bad it is.",
        "alerts: {Down: {promql: absent($info)}}",
        "alerts: {Down: {promql: absent($info), severity: critical}}",
    ),
    Code(
        "S112",
        "Incomplete item",
        "After all layers are merged, the item still lacks a key that it needs.",
        "metrics: {hits: {instrument: counter}}",
        "metrics: {hits: {name: ml.hits, instrument: counter, description: Hits.}}",
    ),
    Code(
        "S113",
        "Objective without indicator",
        "An objective says what a good event is in exactly one way.",
        "slos: {speed: {objective: 99%}}",
        "slos: {speed: {objective: 99%, below: 500ms}}",
    ),
    Code(
        "S114",
        "Events without total",
        "A ratio of events needs all events and either the bad or the good ones.",
        "events: {bad: $failures}",
        "events: {bad: $failures, total: $requests}",
    ),
    Code(
        "S115",
        "Limit without measure",
        "A value against a limit needs the measure and one limit.",
        "value: {measure: cost}",
        "value: {measure: cost, max: 5 USD}",
    ),
    Code(
        "S116",
        "Events that are not a selector",
        "Events are counted by rate and increase, so they are selectors of counters.",
        "bad: rate($failures[5m])",
        "bad: $failures",
    ),
)

REFERENCES = (
    Code(
        "R301", "Unknown measure", "No pack and no spec declares the measure.", "measure: acuracy", "measure: accuracy"
    ),
    Code(
        "R302",
        "Does not apply",
        "The item needs something that the model does not declare.",
        "quality: {accuracy: {warning: 0.9}}  # no labels",
        "labels: {delay: 1d}",
    ),
    Code(
        "R303",
        "Unknown name in PromQL",
        "A name after `$` is a metric, tile or measure of the spec or its packs.",
        "promql: rate($requets[5m])",
        "promql: rate($requests[5m])",
    ),
    Code(
        "R304",
        "Unknown receiver",
        "The team declares no receiver of that name.",
        "notify: {critical: [pagr]}",
        "notify: {critical: [pager]}",
    ),
    Code(
        "R305",
        "Unknown time interval",
        "The platform declares no time interval of that name.",
        "active: {warning: office}",
        "active: {warning: business-hours}",
    ),
    Code(
        "R306",
        "Unknown pack",
        "There is no built-in pack and no pack of the organisation of that name.",
        "task: classificaton",
        "task: binary-classification",
    ),
    Code("R307", "Packs in a circle", "A pack cannot build on itself.", "extends: [itself]", "extends: [service]"),
    Code(
        "R308",
        "Positive class unknown",
        "The positive class is one of the classes.",
        "{classes: [a, b], positive: c}",
        "{classes: [a, b], positive: b}",
    ),
    Code(
        "R309",
        "Listed twice",
        "A value stands once in a list that bounds series.",
        "classes: [a, a]",
        "classes: [a, b]",
    ),
    Code(
        "R310", "Unknown price list", "There is no PriceList of that name.", "prices: pricelist", "prices: llm-prices"
    ),
    Code(
        "R311",
        "Model without price",
        "The price list does not know the LLM, so its cost would be counted as nothing.",
        "model: gpt-unknown",
        "model: gpt-known",
    ),
    Code(
        "R313",
        "Measure of itself",
        "A measure is computed from others, not from itself.",
        "a: {promql: $a + 1}",
        "a: {promql: $b + 1}",
    ),
    Code(
        "R314",
        "Not a task",
        "The pack adds to others but does not say how a kind of model is watched.",
        "task: resources",
        "task: regression",
    ),
    Code(
        "R315",
        "Unknown environment",
        "There is no Environment of that name.",
        "environments: [prod]",
        "environments: [production]",
    ),
    Code(
        "R316",
        "Declared twice",
        "Names are unique among the documents of a kind, those of models within a tenant.",
        "name: churn  # twice",
        "name: churn-eu",
    ),
    Code(
        "R317",
        "No platform",
        "One document of kind Platform describes the organisation.",
        "(no file)",
        "kind: Platform",
    ),
    Code(
        "R318",
        "More than one platform",
        "There is exactly one document of kind Platform.",
        "kind: Platform  # twice",
        "kind: Platform",
    ),
    Code("R319", "Unknown tenant", "Tenants are declared by the platform.", "tenant: retial", "tenant: retail"),
    Code(
        "R320",
        "Unknown team",
        "There is no Team of that name, so nobody would be paged.",
        "team: growht",
        "team: growth",
    ),
    Code(
        "R322",
        "Nothing to tune",
        "The item changes something that no pack of the model declares.",
        "alerts: {LatencyHgh: {for: 5m}}",
        "alerts: {LatencyHigh: {for: 5m}}",
    ),
    Code(
        "R323",
        "Tile of no counter",
        "A tile is the increments of a counter over five minutes; gauges and histograms have none.",
        "hits_5m: {metric: temperature}",
        "hits_5m: {metric: hits}",
    ),
    Code(
        "R321", "Unknown burn-rate tier", "Tiers are those of the window catalogue.", "tiers: [quick]", "tiers: [fast]"
    ),
)
