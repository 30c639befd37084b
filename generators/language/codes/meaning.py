"""Codes of planning (P), alerts and routes (A), budget (B) and output (T)."""

from __future__ import annotations

from generators.language.codes.code import Code

PLANNING = (
    Code(
        "P401",
        "No Prometheus name",
        "Nothing is left of the name after translation, so the server would drop the series.",
        "name: _",
        "name: ml.hits",
    ),
    Code(
        "P402",
        "Histogram without buckets",
        "A histogram needs upper edges.",
        "instrument: histogram",
        "{instrument: histogram, buckets: [0.1, 1]}",
    ),
    Code(
        "P403",
        "Unbounded attribute",
        "Each value of an attribute is a series, so values are listed.",
        "attributes: {user: {}}",
        "attributes: {region: {values: [emea, amer]}}",
    ),
    Code(
        "P404",
        "Two metrics, one name",
        "Two metrics translate to one Prometheus name and would mix.",
        "ml.a.b and ml.a_b",
        "ml.a.b and ml.a.c",
    ),
    Code(
        "P405",
        "Packs disagree",
        "A fleet rule is the same for all models, so one series has one expression.",
        "record: model:accuracy:ratio7d  # another promql",
        "record: model:clinical_accuracy:ratio7d",
    ),
    Code(
        "P406",
        "Unknown series",
        "Nothing emits or records the series, and it is not declared external.",
        "promql: up_time",
        "external: {up_time: {type: gauge, labels: [job], source: node}}",
    ),
    Code(
        "P407",
        "Identity is lost",
        "A measure keeps the labels that say whose value it is.",
        "promql: sum(rate($hits[5m]))",
        "promql: sum by ($by) (rate($hits[5m]))",
    ),
    Code(
        "P408",
        "Label too many",
        "A measure carries the identity labels and those of `keep`, nothing else.",
        "promql: sum by ($by, code) (…)",
        "keep: [code]",
    ),
    Code(
        "P409",
        "Selector without name",
        "A selector without a metric name reads whatever is there.",
        'promql: {job="a"}',
        "promql: $hits",
    ),
    Code(
        "P410",
        "Window beyond retention",
        "The objective looks further back than samples are kept.",
        "window: 90d  # retention: 35d",
        "window: 30d",
    ),
)

ALERTS = (
    Code(
        "A501",
        "Alert without summary",
        "One line has to say what is wrong.",
        "alerts: {Slow: {measure: latency_p95}}",
        'alerts: {Slow: {summary: "{model} is slow"}}',
    ),
    Code(
        "A502",
        "No direction",
        "The measure does not say whether high or low is good.",
        "quality: {request_rate: {warning: 5}}",
        "alerts: {Busy: {measure: request_rate, above: {warning: 5}}}",
    ),
    Code(
        "A503",
        "Window too short",
        "A rate needs four exports in its window.",
        "outage: {window: 10s}  # export every 15s",
        "outage: {window: 1m}",
    ),
    Code(
        "A504",
        "Promise cannot be kept",
        "The sum of all delays exceeds what the environment promises.",
        "page_within: 60s  # export_interval: 15s",
        "export_interval: 5s",
    ),
    Code(
        "A505",
        "Lost placeholder",
        "The text reads a label that the alert does not carry.",
        'summary: "{featur} drifts"',
        'summary: "{feature} drifts"',
    ),
    Code(
        "A506",
        "Tier that never fires",
        "The tier's factor times the error budget is more than all events.",
        "objective: 85%",
        "{objective: 85%, tiers: [slow, trickle]}",
    ),
    Code(
        "A507",
        "Two objectives, one id",
        "Ids join tenant, model and objective with dots and dashes; two became the same text.",
        "model a-b, slo c; model a, slo b-c",
        "model a-b, slo c; model a, slo d",
    ),
    Code(
        "A508",
        "Alert misses its owner",
        "The routes lead the alert to somebody else.",
        "notify: {warning: []}",
        "notify: {warning: [channel]}",
    ),
    Code(
        "A509",
        "Idle receiver",
        "Nothing is ever sent to the receiver.",
        "receivers: {spare: …}",
        "notify: {info: [spare]}",
    ),
    Code(
        "A511",
        "Tier slower than the budget",
        "The tier would alert although the budget outlasts the window.",
        "{window: 1d, tiers: [trickle]}",
        "{window: 30d, tiers: [trickle]}",
    ),
    Code(
        "A510",
        "Idle time interval",
        "No route uses the time interval.",
        "time_intervals: {nights: …}",
        "active: {warning: nights}",
    ),
)

BUDGET = (
    Code(
        "B601",
        "Model too expensive",
        "The model needs more series, samples or rules than allowed.",
        "budget: {series: 100}",
        "budget: {series: 5000}",
    ),
    Code(
        "B602",
        "Tenant too expensive",
        "All models of the tenant together need more than allowed.",
        "budget: {tenant: {series: 100}}",
        "budget: {tenant: {series: 50000}}",
    ),
    Code(
        "B603",
        "Environment too expensive",
        "All models of the environment together need more than allowed.",
        "budget: {environment: {rules: 10}}",
        "budget: {environment: {rules: 5000}}",
    ),
)

OUTPUT = (
    Code(
        "T701",
        "Path made twice",
        "Two targets, or two models, would write the same file.",
        "tenant a, model b-c; tenant a, model b-c",
        "tenant a, model b-c; tenant a, model b-d",
    ),
    Code(
        "T702",
        "Paths that differ by case",
        "Some file systems hold only one of two paths that differ by case.",
        "Retail.yaml, retail.yaml",
        "retail.yaml, shop.yaml",
    ),
    Code(
        "T703",
        "Path that cannot be written",
        "A path is not safe on every file system.",
        "../outside.yaml",
        "inside.yaml",
    ),
    Code(
        "T704",
        "Text without UTF-8",
        "A lone surrogate is half a character and has no UTF-8.",
        'description: "\\ud83d"',
        'description: "\U0001f4ca"',
    ),
    Code(
        "T711",
        "Folder that is not ours",
        "The output folder holds something that no run has written.",
        "--rendered /etc",
        "--rendered rendered",
    ),
    Code(
        "T712",
        "Another run is writing",
        "Two runs may not write one folder at once.",
        "two renders at once",
        "one render",
    ),
    Code(
        "T713",
        "Folder could not be written",
        "The file system refused; the old files are untouched.",
        "(a full disk)",
        "(space)",
    ),
)
