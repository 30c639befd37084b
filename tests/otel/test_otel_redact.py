from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from otel.redact import LIMIT, MASK, pattern, redact, redact_value

AGENT = Path(__file__).parents[2] / "rendered" / "production" / "collector" / "agent.yaml"
PIECES = st.sampled_from(
    [
        "anna.müller@klinik-nord.de", "a+b@x.co", "@", ".", " ", "-", "+", "00", "0", "1", "4111 1111 1111 1111",
        "4111111111111111", "5500-0000-0000-0004", "+49 170 1234567", "0049 (40) 123-45-67", "040 1234567",
        "DE89 3704 0044 0532 0130 00", "078-05-1120", "(555) 123-4567", "192.168.17.4", "sk-proj-abcdEFGH12345678",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "x", "ü", "****", "Order", "42",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=4), max_size=12).map("".join)


def agents_pattern() -> re.Pattern[str]:
    """The alternation with which the rendered agent masks attributes."""
    found = re.search(r"blocked_values:\n\s+- (.+)", AGENT.read_text("utf-8"))
    assert found is not None
    return re.compile(found[1], re.ASCII)


@settings(derandomize=True, deadline=None)
@given(TEXTS)
@example("a@b.co1234567890123")
def test_nothing_that_the_agent_would_mask_is_left(text: str) -> None:
    assert agents_pattern().search(redact(text)) is None


@settings(derandomize=True, deadline=None)
@given(TEXTS)
def test_what_is_redacted_stays_as_it_is(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize(
    "secret",
    [
        "anna.müller@klinik-nord.de", "4111 1111 1111 1111", "4111\xa01111\xa01111\xa01111", "5500000000000004",
        "+49 170 1234567", "0049 170 1234567", "040 1234567", "0171/2345678", "(555) 123-4567", "555-123-4567",
        "DE89 3704 0044 0532 0130 00", "078-05-1120", "192.168.17.4", "sk-proj-abcdEFGH12345678",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "ghp_0123456789abcdefABCD", "AKIAIOSFODNN7EXAMPLE",
    ],
)  # fmt: skip
def test_personal_data_and_secrets_are_masked(secret: str) -> None:
    assert redact(f"Write to {secret}, please") == f"Write to {MASK}, please"


TABLE = json.loads((Path(__file__).parents[2] / "otel" / "redaction.json").read_text("utf-8"))["kinds"]


@pytest.mark.parametrize(("kind", "text"), [(each["kind"], text) for each in TABLE for text in each["examples"]])
def test_each_kind_of_the_table_masks_its_examples(kind: str, text: str) -> None:
    (own,) = (each["pattern"] for each in TABLE if each["kind"] == kind)
    assert re.fullmatch(own, text, re.ASCII), "by its own pattern"
    assert redact(f"see {text} here") == f"see {MASK} here"


@pytest.mark.parametrize(
    "text",
    [
        "Where is order 4711 of 21 November 2026?",
        "3.14159",
        "12:30",
        "v1.2.3",
        "price 1,234.56 EUR",
        "2026-11-21",
        "std::vector",
        "at 10:30:59",
        "basic plan",
        "the password is long",
        "password: ****",
        "a1b2",
        "release 2026.12.01",
    ],
)
def test_plain_text_stays(text: str) -> None:
    assert redact(text) == text


def test_the_pattern_is_one_that_re2_reads() -> None:
    assert not re.search(r"\(\?[=!<>P]|\\[1-9]|[*+?}]\+|\(\?>", pattern()), "no look-around, back-reference, possessive"
    repeats = [int(each) for each in re.findall(r"\{\d+,(\d+)\}", pattern())]
    assert max(repeats) <= 1000


@pytest.mark.oracle
def test_the_collector_compiles_the_pattern(tmp_path: Path) -> None:
    folder = os.environ.get("WATCHSPEC_TOOLS") or None
    binary = shutil.which("otelcol", path=folder)
    if binary is None:
        pytest.skip("otelcol is not installed; tools/verify builds it, or set WATCHSPEC_TOOLS to its folder")
    file = tmp_path / "collector.yaml"
    for each, valid in ((pattern(), True), (r"(?=\d)", False)):
        redaction = {"allow_all_keys": True, "blocked_values": [each.replace("$", "$$")]}
        pipeline = {"receivers": ["otlp"], "processors": ["redaction"], "exporters": ["otlp_http"]}
        configuration = {
            "receivers": {"otlp": {"protocols": {"grpc": {"endpoint": "127.0.0.1:0"}}}},
            "processors": {"redaction": redaction},
            "exporters": {"otlp_http": {"endpoint": "http://127.0.0.1:1"}},
            "service": {"pipelines": {"traces": pipeline}},
        }
        file.write_text(json.dumps(configuration, ensure_ascii=False), "utf-8")
        command = [binary, "validate", "--config", str(file)]
        checked = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert (checked.returncode == 0) is valid, checked.stderr


def test_values_of_any_kind_become_json_without_personal_data() -> None:
    class Model:
        def model_dump(self) -> dict[str, object]:
            return {"to": "anna@x.de"}

    value = {
        "anna@x.de": ["+49 170 1234567", 4111111111111111, 42, 1.5, None, True],
        "model": Model(),
        "set": ("a", b"anna@x.de"),
    }
    clean = redact_value(value)
    assert json.loads(json.dumps(clean)) == {
        MASK: [MASK, MASK, 42, 1.5, None, True],
        "model": {"to": MASK},
        "set": ["a", f"b'{MASK}'"],
    }


def test_deep_nesting_and_long_texts_are_cut() -> None:
    nested: object = "anna@x.de"
    for _ in range(20):
        nested = [nested]
    assert "anna" not in json.dumps(redact_value(nested))
    long = redact_value("x" * (LIMIT - 5) + " anna@example.org " + "y" * 9 * LIMIT)
    assert len(long) == LIMIT
    assert "anna" not in long
