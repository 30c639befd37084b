"""Wrong input about Collectors: one problem, at its place, with a remedy; and nothing is rendered."""

from __future__ import annotations

import re

import pytest
import yaml
from collector_world import COLLECTOR, MODELS, ROOT, compiled, environment, sources, texts

from generators.diagnostics import Problem, Severity
from generators.diagnostics.catalogue import codes

AGENT = (ROOT / "collector-config/agent.yaml").read_text()
GATEWAY = (ROOT / "collector-config/gateway.yaml").read_text()

# what stands in the environment's section | what stands there instead | code | text at the place | words of the message
CASES = [
    ("kind: tempo,", "kind: tempoo,", "S106", "tempoo", "`tempoo`"),
    ("traces: tempo,", "traces: temop,", "C802", "temop", "no backend `temop`"),
    ("logs: loki}", "logs: tempo}", "C802", "tempo", "takes no logs"),
    (", logs: loki}", "}", "C808", "collector", "tenant `health` has models here, but no backend for logs"),
    ("https://loki", "http://loki", "C803", '"http://loki.example/otlp"', "plain text"),
    ("https://localhost", "http://localhost", "C803", '"http://localhost:4317"', "plain text"),
    ('kind: loki, endpoint: "https://loki.example/otlp"', "kind: loki", "C805", "loki", "needs `endpoint`"),
    ("kind: tempo, endpoint", "kind: x-ray, endpoint", "C805", "tempo", "needs `region`"),
    (
        'kind: tempo, endpoint: "https://tempo.example"',
        'kind: x-ray, region: eu-west-1, endpoint: "https://tempo.example"',
        "C805",
        '"https://tempo.example"',
        "follows from its region",
    ),
    (
        'endpoint: "https://loki.example/otlp"',
        'endpoint: "https://loki.example/otlp", headers: {Authorization: Bearer x}',
        "C804",
        "Authorization",
        "secret",
    ),
    (
        'endpoint: "https://loki.example/otlp"',
        'endpoint: "https://loki.example/otlp", retention: 30d',
        "C807",
        "collector",
        "logs are wanted for 90d, but `loki` keeps them for 30d",
    ),
    (
        'endpoint: "https://loki.example/otlp"',
        'endpoint: "https://loki.example/otlp", index: 7d',
        "C807",
        "collector",
        "an index of logs is wanted for 2w",
    ),
    ("derive:", "retention: {logs: 7d}\n    derive:", "C807", "retention", "would outlive"),
    ("wine/demand:", "wine/demnad:", "C810", "wine/demnad", "no model `wine/demnad`"),
    ("tenants: {wine:", "tenants: {wien:", "R319", "wien", "no tenant `wien`"),
    ("derive:", "sampling: {keep: 10/s}\n    derive:", "C806", "10/s", "not a share"),
    ("derive:", "sampling: {keep: 101%}\n    derive:", "C806", "101%", "not a share"),
    ("derive:", "privacy: {key: '${env:KEY:-abc}'}\n    derive:", "S107", "'${env:KEY:-abc}'", "not well formed"),
    ("derive:", "privacy: {hash: ['a b']}\n    derive:", "S107", "'a b'", "not well formed"),
    ("gateway.example:4317", "gateway.example", "S107", '"gateway.example"', "not well formed"),
]

# which base | what stands in it | what instead | code | line that the problem is on | words of the message
BASES = [
    ("agent", "receivers:\n  otlp:", "receivers:\n  otlp: [", "Y004", "  otlp: [", "is not closed"),
    ("agent", "receivers:\n  otlp:", "receivers: 1\nreceivers:\n  otlp:", "Y007", "receivers:", "receivers"),
    (
        "gateway",
        "num_traces: 100000",
        "decision_wait: 99s",
        "C809",
        "decision_wait: 99s",
        "tail_sampling.decision_wait",
    ),
    (
        "agent",
        "processors:\n",
        "processors:\n  redaction/personal: {allow_all_keys: false}\n",
        "C809",
        "redaction/personal: {allow_all_keys: false}",
        "redaction/personal.allow_all_keys",
    ),
    (
        "agent",
        "processors:\n",
        "processors:\n  redaction/personal: {allowed_values: ['.*']}\n",
        "C809",
        "allowed_values",
        "redaction/personal.allowed_values",
    ),
    (
        "agent",
        "  pipelines:\n",
        "  pipelines:\n    traces/raw:\n"
        "      {receivers: [otlp], processors: [memory_limiter], exporters: [otlp_grpc/gateway]}\n",
        "C812",
        "receivers: [otlp]",
        "leave the node as it came",
    ),
    ("agent", "  memory_limiter: {", "  memory_limiterr: {", "C903", "memory_limiterr", "`memory_limiterr`"),
    ("agent", "check_interval: 1s, ", "", "C934", "memory_limiter", "check_interval"),
    (
        "agent",
        "    metrics: {processors: [memory_limiter, filter/empty]}",
        "    metrics: {processors: []}",
        "C908",
        "metrics",
        "limiter",
    ),
    ("agent", 'min_version: "1.3"', 'min_version: "1.2"', "C917", 'min_version: "1.2"', "TLS 1.2"),
    ("gateway", "storage: file_storage", "storage: file_store", "C922", "storage: file_store", "`file_store`"),
    ("gateway", "{env:WATCHSPEC_GRPC:-0.0.0.0:4317}", "{env:WATCHSPEC_GRPC}", "C918", "WATCHSPEC_GRPC", "may be unset"),
    (
        "agent",
        "service:\n  extensions: [health_check, file_storage]",
        "service:\n  extensions: [file_storage]",
        "C906",
        "health_check",
        "never started",
    ),
]


def only(found: tuple[Problem, ...], code: str) -> Problem:
    matching = [each for each in found if each.code == code]
    assert matching, [(each.code, each.message) for each in found]
    return matching[0]


@pytest.mark.parametrize(("here", "instead", "code", "place", "words"), CASES)
def test_wrong_specs_are_problems_at_their_place(here: str, instead: str, code: str, place: str, words: str) -> None:
    assert COLLECTOR.count(here) == 1
    section = COLLECTOR.replace(here, instead)
    result = compiled(section)
    problem = only(result.problems, code)
    line = environment(section).splitlines()[problem.position.line - 1]
    shown = line[problem.position.column - 1 : problem.position.end_column - 1]
    assert problem.position.file == "specs/environments/production.yaml"
    assert shown == place
    assert words in problem.message
    assert problem.help
    assert result.artifacts == ()


@pytest.mark.parametrize(("base", "here", "instead", "code", "line", "words"), BASES)
def test_wrong_bases_are_problems_at_their_place(
    base: str, here: str, instead: str, code: str, line: str, words: str
) -> None:
    text = {"agent": AGENT, "gateway": GATEWAY}[base].replace(here, instead)
    result = compiled(**{base: text})
    problem = only(result.problems, code)
    assert problem.position.file == f"collector-config/{base}.yaml"
    assert line in text.splitlines()[problem.position.line - 1]
    assert words in problem.message
    assert problem.help


@pytest.mark.parametrize("base", ["agent", "gateway"])
def test_a_missing_base_is_a_problem_of_the_environment(base: str) -> None:
    problem = only(compiled(**{base: ""}).problems, "C801")
    assert f"collector-config/{base}.yaml" in problem.message
    assert problem.position.file == "specs/environments/production.yaml"


@pytest.mark.parametrize("text", ["[]", "a: 1\n---\nb: 2", "5"])
def test_a_base_that_is_no_mapping_is_a_problem_of_the_base(text: str) -> None:
    problem = only(compiled(agent=text).problems, "C801")
    assert problem.position.file == "collector-config/agent.yaml"


def test_a_version_of_a_part_that_there_is_not_is_a_problem() -> None:
    platform = next(each.data.decode() for each in sources() if each.file == "specs/platform.yaml")
    wrong = platform + "  collector: {components: {tail_samplin: 0.157.0}}\n"
    problem = only(compiled(platform=wrong).problems, "C811")
    assert problem.help == "did you mean `tail_sampling`?"
    assert problem.position.file == "specs/platform.yaml"


@pytest.mark.parametrize(
    ("below", "wait", "needed"), [("300ms", "7s", "8s"), ("10s", "10s", "17s"), ("29500ms", "36s", "37s")]
)
def test_a_wait_that_ends_before_slow_predictions_arrive_is_said(below: str, wait: str, needed: str) -> None:
    models = MODELS.replace("below: 300ms", f"below: {below}")
    chosen = COLLECTOR + f"    sampling: {{wait: {wait}}}\n"
    result = compiled(chosen, all=models)
    problem = only(result.problems, "C813")
    assert problem.severity is Severity.WARNING
    assert f"may arrive {needed} after" in problem.message
    assert [words for words, _ in problem.related] == ["the bound"]
    assert texts(result)
    computed = yaml.safe_load(texts(compiled(all=models))["production/collector/gateway.yaml"])
    assert computed["processors"]["tail_sampling"]["decision_wait"] == max(needed, "10s", key=seconds)
    for enough in (COLLECTOR, chosen.replace(f"wait: {wait}", f"wait: {needed}")):
        assert "C813" not in {each.code for each in compiled(enough, all=models).problems}


def seconds(text: str) -> int:
    return int(text.removesuffix("s"))


def test_every_code_about_collectors_has_a_case() -> None:
    tried = {case[2] for case in CASES} | {case[3] for case in BASES} | {"C801", "C811", "C813"}
    assert {code for code in codes(("generators",)) if code.startswith("C8")} <= tried


def test_an_environment_without_the_section_has_no_collector() -> None:
    production = environment().partition("  collector:")[0]
    found = texts(compiled(production=production))
    assert found
    assert not [path for path in found if path.startswith("collector/") or "/collector/" in path or "/sdk/" in path]
    assert "collector-health" not in "".join(found.values())


def test_a_confidential_tenant_must_exist() -> None:
    wrong = COLLECTOR + "    privacy: {confidential: [helth]}\n"
    found = compiled(wrong).problems
    assert ("R319", "did you mean `health`?") in [(each.code, each.help) for each in found]


def test_words_of_confidential_tenants_and_of_nobody_stay_on_the_node() -> None:
    stated = COLLECTOR + "    privacy: {confidential: [health]}\n"
    plain, silent = (
        yaml.safe_load(texts(compiled(each))["production/collector/agent.yaml"]) for each in (COLLECTOR, stated)
    )
    processors = [each["processors"]["transform/declared"] for each in (plain, silent)]
    more = {
        signal: [
            statement
            for before, after in zip(*(each[signal] for each in processors), strict=True)
            for statement in after["statements"]
            if statement not in before["statements"]
        ]
        for signal in ("trace_statements", "log_statements", "metric_statements")
    }
    assert {signal: len(found) for signal, found in more.items()} == {
        "trace_statements": 4,
        "log_statements": 7,
        "metric_statements": 0,
    }
    whose = '(resource.attributes["tenant.id"] == nil or resource.attributes["tenant.id"] == "health")'
    assert all(f" where {whose}" in statement for found in more.values() for statement in found)


def statements(models: str, signal: str) -> str:
    files = texts(compiled(all=models))
    transform = yaml.safe_load(files["production/collector/agent.yaml"])["processors"]["transform/declared"]
    return "\n".join(each for group in transform[signal] for each in group["statements"])


def test_features_and_words_pass_only_where_a_spec_says_so() -> None:
    silent = re.sub(r"  (prediction_log|llm): .*\n", "", MODELS)
    assert "prediction.features" not in statements(silent, "log_statements")
    assert "gen_ai.input.messages" not in statements(silent, "trace_statements")
    logs, spans = (statements(MODELS, f"{each}_statements") for each in ("log", "trace"))
    whose = 'resource.attributes["service.name"] == "screening-api" and resource.attributes["service.namespace"]'
    assert 'keep_keys(log.attributes["prediction.features"], ["mean_radius", "note"])' in logs
    for key in ("gen_ai.input.messages", "gen_ai.output.messages"):
        assert f'delete_key(span.attributes, "{key}") where not ({whose}' in spans
    assert 'delete_key(log.attributes, "prediction.features")' in logs
    assert "features" not in statements(MODELS, "metric_statements")
    assert "system_instructions" not in spans


def test_what_our_events_say_passes() -> None:
    kept = next(
        each for each in statements(MODELS, "log_statements").splitlines() if each.startswith("keep_keys(log.a")
    )
    said = ("prediction.id", "prediction.value", "prediction.label", "ml.evaluation.score", "ml.feedback.verdict")
    assert not [key for key in (*said, "gen_ai.evaluation.score.value") if f'"{key}"' not in kept]
    assert "gen_ai.evaluation.explanation" not in kept
