"""The metrics catalogue and the pages of models, over the example organisation."""

from __future__ import annotations

import json
import posixpath
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import committed
import pytest
import targets_plans as plans
from hypothesis import given
from hypothesis import strategies as st

from generators.formats import markdown
from generators.language.sources import Source, read_specs
from generators.language.values.standards import standards
from generators.pipeline import compile_artifacts
from generators.planning.plan import ModelPlan, Plan, Recording
from generators.targets.docs import metrics_catalog, model_pages
from generators.targets.docs.compliance import ABSENT, FACTS, clauses, evidence, evidence_of
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
    assert "| `ml.actual` | `ml_actual` | `benign`, `malignant`" in found
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
    assert "critical: 1.44 % for 30s" in burn
    assert re.search(r"\d+s in production", burn)
    assert "warning when \\< 120000" in section(page, "value_protected")
    assert "- Impact assessment: DPIA-2031" in page
    assert "`ml.override.count` | Health data." in page
    assert "- Baseline: 2026-10-01, 398 rows" in page


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
    rows = {line.split(" | ")[0].removeprefix("| "): line.split(" | ") for line in page.splitlines() if " | " in line}
    assert rows["Art. 14(4)(b), (d)"][2] == r"overrides by persons (override\_ratio)".replace("\\", "")
    assert rows["MEASURE 2.11"][2].startswith("fairness between groups (demographic_parity_ratio, ")
    assert rows["MEASURE 2.11"][3] == " |"
    assert rows["Art. 9(2)(c)"][3] == "drift |"


@cache
def everywhere() -> dict[str, tuple[ModelPlan, ...]]:
    return {f"{each.plans[0].tenant}/{each.plans[0].model}": each.plans for each in plan().models()}


def recorded(planned: ModelPlan) -> set[str]:
    """Every series that rules write in the environment of a model: those of the fleet, and its own."""
    (environment,) = (each for each in plan().environments if each.environment.name == planned.environment)
    rules = (rule for group in (*environment.fleet, *planned.groups) for rule in group.rules)
    return {rule.record for rule in rules if isinstance(rule, Recording)}


@pytest.mark.parametrize("subject", sorted(everywhere()))
def test_every_measure_that_is_cited_is_recorded_where_it_is_cited(subject: str) -> None:
    for planned in everywhere()[subject]:
        for kind in LIBRARY["measured"]:
            for name in re.findall(r"[a-z0-9_]+", evidence_of(planned, kind).partition("(")[2]):
                assert planned.deployment.measures[name].record in recorded(planned), (kind, name)


LIBRARY = json.loads((SPECS.parent / "generators" / "library" / "compliance.json").read_text(encoding="utf-8"))
MEASURED = {each["words"]: each["measures"] for each in LIBRARY["measured"].values()}


@pytest.mark.parametrize("subject", sorted(everywhere()))
def test_every_kind_of_evidence_is_either_shown_or_missing(subject: str) -> None:
    found = {(each.standard, each.clause): each for each in clauses(everywhere()[subject])}
    for standard, clause, _, kinds in LIBRARY["clauses"]:
        if (standard, clause) in found:
            shown = found[standard, clause]
            assert len(shown.evidence) + len(shown.missing) == len(kinds)


@given(data=st.data())
def test_without_a_measure_there_is_no_evidence_of_its_kind(data: st.DataObject) -> None:
    """Whatever measures are taken away, what is cited is among those that are left."""
    plans_ = data.draw(st.sampled_from(list(everywhere().values())))
    names = sorted(set().union(*(each.deployment.measures for each in plans_)))
    gone = data.draw(st.sets(st.sampled_from(names))) if names else set()
    planned = data.draw(st.sampled_from(plans_))
    left = {name: each for name, each in planned.deployment.measures.items() if name not in gone}
    reduced = replace(planned, deployment=replace(planned.deployment, measures=left))
    for kind, measured in LIBRARY["measured"].items():
        expected = [name for name in measured["measures"] if name in left]
        assert evidence_of(reduced, kind) == (f"{measured['words']} ({', '.join(expected)})" if expected else "")


def test_evidence_that_one_environment_lacks_names_the_others() -> None:
    _, production, staging = everywhere()["health/screening"]
    assert evidence((production, staging), "overrides") == "overrides by persons (override_ratio)"
    bare = replace(staging, deployment=replace(staging.deployment, measures={}))
    assert evidence((production, bare), "overrides") == "overrides by persons (override_ratio) in production"
    assert evidence((bare,), "overrides") == ""


def test_measures_that_count_as_evidence_are_declared_by_packs() -> None:
    packs = (SPECS.parent / "generators" / "library" / "packs").glob("*.yaml")
    declared = "\n".join(path.read_text(encoding="utf-8") for path in packs)
    for names in MEASURED.values():
        for name in names:
            assert re.search(rf"(?m)^ +{name}:", declared), name


def test_only_standards_that_the_spec_names_are_mapped() -> None:
    for plans_ in everywhere().values():
        assert {each.standard for each in clauses(plans_)} == set(plans_[0].deployment.model.standards)
    assert {"eu-ai-act", "gdpr"} <= set(standards())


def test_every_kind_of_evidence_is_known_and_used() -> None:
    assert {kind for *_, kinds in LIBRARY["clauses"] for kind in kinds} == {*FACTS, *LIBRARY["measured"]}
    assert set(ABSENT) == set(FACTS)


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
