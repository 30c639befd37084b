"""Wrong input about Collectors that people write: one problem, at its characters, with a remedy; and no artefact."""

from __future__ import annotations

from pathlib import Path

import pytest
from collector_world import COLLECTOR, KEY, ROOT, compiled, environment, sources

from generators.cli import main
from generators.pipeline import Compiled

AGENT = (ROOT / "collector-config/agent.yaml").read_text()
LOKI = 'loki: {kind: loki, endpoint: "https://loki.example/otlp"}\n'
ALL = "    default: {metrics: prometheus, traces: tempo, logs: loki}\n    tenants: {wine: {traces: wine-traces}}\n"
OWN = "{allow_all_keys: true, blocked_key_patterns: [a], hash_function: hmac-sha256, hmac_key: %s, summary: silent}"

# what is added to the environment's section | code | text at the place | words of the message
KEYS = [
    ("key: my key", "S107", "my key", "not well formed"),
    ("key: ''", "S107", "''", "not well formed"),
    ("key: 12", "S108", "12", "should be text"),
    (f"key: {KEY}", "S107", KEY, "not well formed"),
    (f"hmac_key: {KEY}", "S104", "hmac_key", "unknown key `hmac_key`"),
]


def assert_refused(result: Compiled, text: str, file: str, code: str, place: str, words: str) -> None:
    found = [each for each in result.problems if each.code == code and words in each.message]
    assert len(found) == 1, result.problems
    position = found[0].position
    line = text.splitlines()[position.line - 1]
    assert (position.file, line[position.column - 1 : position.end_column - 1]) == (file, place)
    assert found[0].help
    assert result.artifacts == ()


def assert_section_refused(section: str, code: str, place: str, words: str) -> None:
    file = "specs/environments/production.yaml"
    assert_refused(compiled(section), environment(section), file, code, place, words)


@pytest.mark.parametrize(("stated", "code", "place", "words"), KEYS)
def test_a_key_of_hashes_is_the_name_of_a_variable(stated: str, code: str, place: str, words: str) -> None:
    assert_section_refused(f"{COLLECTOR}    privacy: {{{stated}}}\n", code, place, words)


def test_a_tenant_has_a_backend_for_every_signal() -> None:
    assert ALL in COLLECTOR
    section = COLLECTOR.replace(ALL, "    tenants: {wine: {metrics: prometheus, traces: tempo, logs: loki}}\n")
    words = "tenant `health` has models here, but no backend for metrics and traces and logs"
    assert_section_refused(section, "C808", "collector", words)


def test_nothing_is_kept_for_longer_than_its_backend_keeps_it() -> None:
    section = COLLECTOR.replace(LOKI, LOKI.replace('otlp"}', 'otlp", retention: 30d}')) + "    retention: {logs: 60d}\n"
    words = "logs are wanted for 60d, but `loki` keeps them for 30d"
    assert_section_refused(section, "C807", "retention", words)


@pytest.mark.parametrize(
    ("here", "instead", "code", "place"),
    [
        ("  otlp:", "  otlp: {a", "Y004", "{"),
        ("  memory_limiter: {", "  memory_limiter: }", "Y004", "}"),
        ("extensions:\n", "\textensions:\n", "Y002", "\t"),
        ("    metrics: {", "    metrics: [", "Y004", "}"),
    ],
)
def test_a_slip_in_a_base_is_told_at_its_character(here: str, instead: str, code: str, place: str) -> None:
    text = AGENT.replace(here, instead, 1)
    assert text != AGENT
    assert_refused(compiled(agent=text), text, "collector-config/agent.yaml", code, place, "")


@pytest.mark.parametrize("key", ["short", KEY, '""', '"${env:KEY:-short}"', '"${env:NO NAME}"'])
@pytest.mark.parametrize(("name", "code"), [("pseudonym", "C809"), ("own", "C919")])
def test_a_key_that_is_written_into_a_base_is_refused_where_it_stands(name: str, code: str, key: str) -> None:
    text = AGENT.replace("processors:\n", f"processors:\n  redaction/{name}: {OWN % key}\n")
    assert_refused(compiled(agent=text), text, "collector-config/agent.yaml", code, key, "hmac_key")


def test_the_command_says_where_and_ends_with_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for each in sources(agent=AGENT.replace("  otlp:", "  otlp: {a", 1)):
        path = tmp_path / each.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(each.data)
    assert main(["check", "--specs", str(tmp_path / "specs")]) == 1
    printed = capsys.readouterr().out
    line = AGENT.splitlines().index("  otlp:") + 1
    assert f"collector-config/agent.yaml:{line}:9  error Y004  the bracket `{{` is not closed" in printed
    assert "help: " in printed
