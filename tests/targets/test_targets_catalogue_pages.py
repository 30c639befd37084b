"""The metrics catalogue and the pages of models, over the example organisation."""

from __future__ import annotations

import json
import posixpath
import re
from functools import cache
from pathlib import Path

import committed
import pytest
import targets_plans as plans

from generators.language.sources import Source, read_specs
from generators.pipeline import compile_artifacts
from generators.planning.plan import Plan
from generators.targets import markdown
from generators.targets.docs import metrics_catalog, model_pages
from generators.targets.docs.compliance import EVIDENCE, clauses, standard_titles
from generators.targets.docs.metric_readers import readers
from generators.targets.docs.metrics_catalog import anchor

SPECS = Path(__file__).parents[2] / "specs"
LINK = re.compile(r"(?<!\\)\]\(([^)]*)\)")
HEADING = re.compile(r"^#{1,6} (.*)$", re.MULTILINE)
SCREENING = "docs/models/health/screening.md"
CATALOG = "docs/metrics_catalog.md"
HOSTILE = "Ends: <script>alert(1)</script> | **b** [x](http://evil.example) ![i](j) {{ .x }} ${y} # h \\n"


@cache
def texts(hostile: str = "") -> dict[str, str]:
    if not hostile:
        return committed.texts()
    quoted = "'" + hostile.replace("'", "''") + "'"
    sources = tuple(Source(each.file, _hostile(each, quoted)) for each in read_specs(SPECS))
    made = compile_artifacts(sources)
    assert made.ok, made.problems
    return {each.path: each.text for each in made.artifacts}


def _hostile(source: Source, quoted: str) -> bytes:
    """Put a hostile text into every free text of the platform, the teams, the models and their metrics."""
    text = source.data.decode()
    text = re.sub(r"(?m)^( +)(description|impact|meaning|contact): (?![>|]).*$", rf"\1\2: {quoted}", text)
    return re.sub(r"(?m)domain: [A-Za-z ]+,", f"domain: {quoted},", text).encode()


@cache
def plan() -> Plan:
    return committed.plan()


def pages() -> dict[str, str]:
    return {path: text for path, text in texts().items() if path.endswith(".md")}


def section(text: str, title: str) -> str:
    found = re.search(rf"^(#+) {re.escape(markdown.escape(title))}\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[2]


def test_no_link_is_dead_and_every_fragment_is_a_heading() -> None:
    for path, text in pages().items():
        for target in LINK.findall(text):
            if ":" in target:
                continue
            file, _, fragment = target.partition("#")
            there = posixpath.normpath(posixpath.join(posixpath.dirname(path), file))
            assert there in texts(), (path, target)
            if fragment:
                headings = [
                    anchor(found.replace("\\", "").replace("`", "")) for found in HEADING.findall(texts()[there])
                ]
                assert headings.count(fragment) == 1, (path, target)


def test_the_index_leads_to_every_page() -> None:
    reached, pending = set(), ["docs/README.md"]
    while pending:
        path = pending.pop()
        if path in reached or not path.endswith(".md"):
            continue
        reached.add(path)
        for target in LINK.findall(texts()[path]):
            if ":" not in target:
                folder = posixpath.dirname(path)
                pending.append(posixpath.normpath(posixpath.join(folder, target.partition("#")[0])))
    assert reached == set(pages())


def test_every_metric_has_its_section_with_what_people_ask() -> None:
    emitted = {each.name for place in plan().environments for model in place.models for each in model.instruments}
    for name in emitted:
        found = section(texts()[CATALOG], name)
        for words in ("Instrument: ", "In Prometheus: ", "Source: ", "Emitted by: ", "Read by: ", "Data protection: "):
            assert f"- {words}" in found, name


def test_a_metric_tells_labels_series_and_readers() -> None:
    found = section(texts()[CATALOG], "ml.confusion")
    assert "`ml_confusion_total`" in found
    assert "| `actual` | `actual` | `benign`, `malignant`" in found
    assert "AccuracyLow ([screening](runbooks/health/screening/AccuracyLow.md)" in found
    assert "declared in `library/" in found


def test_personal_data_stands_beside_its_impact_assessment() -> None:
    found = section(texts()[CATALOG], "ml.override.count")
    assert "DPIA-2031: Health data." in found
    assert "(health/screening)" in found
    assert "says nothing about persons" in section(texts()[CATALOG], "ml.prediction.active")


def test_readers_follow_recordings_to_the_alert() -> None:
    found = readers(plan())["ml.prediction.duration"]
    assert "slo:sli_error:ratio_rate5m" in found.records
    assert "health/screening" in found.alerts["AvailabilityBurn"]


def test_external_and_recorded_series_are_listed() -> None:
    assert "| `container_memory_working_set_bytes` | gauge | `By` |" in texts()[CATALOG]
    assert "| `model:request_duration_seconds:p95_5m` | `s` |" in texts()[CATALOG]


def test_a_model_page_says_who_owns_what_and_what_is_promised() -> None:
    page = texts()[SCREENING]
    assert "- Owner: diagnostics\n" in page
    assert "| availability | production | 99.9 % | 30d |" in page
    burn = next(line for line in page.splitlines() if line.startswith("| [AvailabilityBurn]"))
    assert "critical: 1.44 % at once" in burn
    assert re.search(r"\d+s in production", burn)
    assert "warning when \\< 120000" in section(page, "value_protected")
    assert "- Impact assessment: DPIA-2031" in page
    assert "`ml.override.count` | Health data." in page
    assert "- Baseline: 2026-10-01, 569 rows" in page


def test_a_model_page_says_which_values_leave_the_service() -> None:
    assert "- The log of predictions holds no inputs." in texts()[SCREENING]
    cultivar, assistant = (texts()[f"docs/models/wine/{name}.md"] for name in ("cultivar", "support-assistant"))
    assert "- The log of predictions holds these inputs: `alcohol`, `flavanoids`, `proline`." in cultivar
    assert "- Prompts and answers are not recorded." in assistant
    assert "Prompts" not in cultivar


def test_every_alert_of_a_model_is_on_its_page() -> None:
    for environment in plan().environments:
        for model in environment.models:
            page = texts()[f"docs/models/{model.tenant}/{model.model}.md"]
            for alert in (rule.alert for group in model.groups for rule in group.rules if hasattr(rule, "alert")):
                assert f"[{alert}](../../runbooks/{model.tenant}/{model.model}/{alert}.md)" in page


def test_compliance_shows_evidence_that_exists_and_what_is_missing() -> None:
    page = texts()[SCREENING]
    assert "| Art. 14(4)(b), (d) |" in page
    assert r"overrides by persons (ml\.override\.count)" in page
    missing = page.split("Without evidence from monitoring:")[2]
    assert "- MEASURE 2.11" in missing
    assert "MEASURE 2.11 |" not in page


def test_only_standards_that_the_spec_names_are_mapped() -> None:
    model = next(each for each in plan().environments[0].models if each.model == "screening")
    assert {each.standard for each in clauses(model, "ml")} == set(standard_titles())
    bare = next(each for each in plan().environments[0].models if not each.deployment.model.standards)
    assert {each.standard for each in clauses(bare, "ml")} <= {"gdpr"}


def test_every_kind_of_evidence_is_known_and_used() -> None:
    library = json.loads((SPECS.parent / "generators" / "library" / "compliance.json").read_text(encoding="utf-8"))
    assert {kind for _, _, _, kinds in library["clauses"] for kind in kinds} == set(EVIDENCE)


def test_evidence_of_drift_appears_with_the_metric_that_gives_it() -> None:
    made = plans.plan().environments[0].models[0]
    assert EVIDENCE["drift"](made, "ml") == "drift (ml.feature.bin)"
    assert EVIDENCE["drift"](made, "other") == ""


@pytest.mark.parametrize("path", [CATALOG, SCREENING, "docs/README.md", "docs/models/wine/support-assistant.md"])
def test_hostile_texts_stay_texts(path: str) -> None:
    text = texts(HOSTILE)[path]
    bare = re.sub(r"(?ms)^```.*?^```|`[^`\n]*`|\\.", "", text.partition("-->\n")[2])
    assert "<" not in bare
    assert "{{" not in bare
    assert "**b**" not in bare
    assert not [target for target in LINK.findall(text) if "evil" in target or target == "j"]


def test_hostile_texts_make_no_rows_and_no_headings() -> None:
    plain, hostile = pages(), {path: text for path, text in texts(HOSTILE).items() if path in pages()}
    for path in (CATALOG, SCREENING, "docs/README.md"):
        assert _shape(hostile[path]) == _shape(plain[path])


def _shape(text: str) -> tuple[int, list[int]]:
    rows = [re.sub(r"\\.", "", line).count("|") for line in text.splitlines() if line.startswith("|")]
    return len([line for line in text.splitlines() if line.startswith("#")]), rows


def test_a_plan_made_by_hand_renders() -> None:
    made = plans.by_path([*metrics_catalog.TARGET.artifacts(plans.plan()), *model_pages.TARGET.artifacts(plans.plan())])
    assert set(made) == {
        CATALOG,
        "docs/README.md",
        "docs/models/bank/fraud.md",
        "docs/models/retail/churn.md",
    }
