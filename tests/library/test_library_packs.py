import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from library_documents import (
    FACTS,
    PACK_FILES,
    ROOT,
    SPEC_FILES,
    combined,
    document,
    formulas,
    label,
    pack_specs,
    read_names,
    readable,
)

from generators.language.shapes import KINDS
from generators.planning.alerts.references import references
from generators.promql import parse

PACKS = sorted(pack_specs())
FILES = [*PACK_FILES, *SPEC_FILES]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def each_of(section: str) -> list[Any]:
    return [
        pytest.param(pack, id_, id=f"{pack}/{id_}") for pack in PACKS for id_ in pack_specs()[pack].get(section, {})
    ]


def whole(pack: str, section: str, id_: str) -> Any:
    return combined(pack)[section][id_]


@pytest.mark.parametrize("path", FILES, ids=named)
def test_every_document_has_the_shape_of_its_kind(path: Path) -> None:
    read = document(path)
    assert KINDS[read["kind"]].model_validate(read).api_version == "watchspec/v1"


@pytest.mark.parametrize("path", PACK_FILES, ids=named)
def test_a_pack_is_named_like_its_file(path: Path) -> None:
    assert document(path)["metadata"]["name"] == path.stem


@pytest.mark.parametrize("path", FILES, ids=named)
def test_every_formula_parses_as_a_template(path: Path) -> None:
    failures = {text: parse(text, template=True)[1] for text in formulas(document(path)["spec"])}
    assert not {text: problems for text, problems in failures.items() if problems}


@pytest.mark.parametrize("pack", PACKS)
def test_every_hole_names_something_in_the_chain_of_packs(pack: str) -> None:
    spec = combined(pack)
    read = {name for text in formulas(spec) for name in read_names(text)}
    read |= {tile["metric"] for tile in spec["tiles"].values()}
    assert read <= readable(spec)


@pytest.mark.parametrize("pack", PACKS)
def test_thresholds_and_alerts_compare_measures_of_the_chain(pack: str) -> None:
    spec = combined(pack)
    named_measures = {*spec["quality"]}
    for alert in spec["alerts"].values():
        named_measures |= {alert[key] for key in ("measure",) if key in alert}
        named_measures |= {alert["gate"]["measure"]} if "gate" in alert else set()
    for slo in spec["slos"].values():
        named_measures |= {slo["value"]["measure"]} if "value" in slo else set()
    assert named_measures <= set(spec["measures"])


@pytest.mark.parametrize("pack", PACKS)
def test_no_threshold_is_without_an_alert_that_reads_it(pack: str) -> None:
    spec = combined(pack)
    comparing = [alert for alert in spec["alerts"].values() if not {"above", "below"} & set(alert)]
    compared = {name for alert in comparing for name in (alert.get("measure"), *alert.get("measures", ()))}
    assert set(spec["quality"]) <= compared


READ_BY_OTHERS = {"feature-bins": set(pack_specs()["feature-bins"]["metrics"])}
"""What a pack counts for those that extend it."""


@pytest.mark.parametrize("pack", PACKS)
def test_everything_that_is_emitted_is_read(pack: str) -> None:
    spec = combined(pack)
    read = {name for text in formulas(spec) for name in read_names(text)}
    read |= {tile["metric"] for tile in spec["tiles"].values()}
    parts = {id_: {id_, *(f"{id_}_{part}" for part in ("bucket", "count", "sum"))} for id_ in spec["metrics"]}
    unread = {id_ for id_, names in parts.items() if not names & read}
    assert unread - READ_BY_OTHERS.get(pack, set()) == set()
    assert set(spec["tiles"]) <= read


@pytest.mark.parametrize(("pack", "id_"), each_of("metrics"))
def test_every_metric_is_described_and_bounded(pack: str, id_: str) -> None:
    metric = whole(pack, "metrics", id_)
    assert {"name", "instrument", "unit", "description"} <= set(metric)
    assert metric["description"].endswith(".")
    for key, attribute in metric.get("attributes", {}).items():
        assert attribute["description"].endswith("."), key
        assert attribute.get("values") or attribute.get("derived"), f"{key} is unbounded"


@pytest.mark.parametrize(("pack", "id_"), each_of("metrics"))
def test_histograms_and_only_they_have_rising_buckets(pack: str, id_: str) -> None:
    metric = whole(pack, "metrics", id_)
    assert ("buckets" in metric) == (metric["instrument"] == "histogram")


@pytest.mark.parametrize(("pack", "id_"), each_of("measures"))
def test_every_measure_is_described_and_carries_what_it_keeps(pack: str, id_: str) -> None:
    measure = whole(pack, "measures", id_)
    assert {"description", "unit", "better", "record", "promql"} <= set(measure)
    assert measure["description"].endswith(".")
    level = measure["record"].split(":")[0]
    assert (level == "model") == (not measure.get("keep"))


def test_measures_of_one_name_are_computed_alike_in_all_packs() -> None:
    found: dict[tuple[str, str], set[str]] = {}
    for pack in PACKS:
        for measure in combined(pack)["measures"].values():
            found.setdefault((measure["record"], str(measure.get("labels"))), set()).add(measure["promql"])
    assert {record for record, texts in found.items() if len(texts) > 1} == set()


@pytest.mark.parametrize(("pack", "id_"), each_of("alerts"))
def test_every_alert_says_what_it_means_and_what_to_do(pack: str, id_: str) -> None:
    alert = whole(pack, "alerts", id_)
    assert {"summary", "description", "symptom", "for", "runbook"} <= set(alert)
    runbook = alert["runbook"]
    assert runbook["meaning"].endswith(".")
    assert runbook["impact"].endswith(".")
    assert 2 <= len(runbook["steps"]) <= 5
    assert all(step.endswith(".") for step in runbook["steps"])
    assert not alert["summary"].endswith(".")
    assert "{model}" in alert["summary"] + alert["description"]
    assert "{environment}" in alert["description"]


@pytest.mark.parametrize(("pack", "id_"), each_of("metrics"))
def test_attributes_have_a_namespace(pack: str, id_: str) -> None:
    for key in combined(pack)["metrics"][id_].get("attributes", ()):
        assert "." in key, key


@pytest.mark.parametrize(("pack", "id_"), each_of("alerts"))
def test_alerts_name_only_labels_that_their_measure_keeps(pack: str, id_: str) -> None:
    spec = combined(pack)
    alert = spec["alerts"][id_]
    short = set(re.findall(r"\{([a-z_]+)\}", alert["summary"] + alert["description"])) - FACTS
    used = {name if "_" in name else f"ml_{name}" for name in short}
    if measures := alert.get("measures", [alert["measure"]] if "measure" in alert else []):
        kept = set.intersection(*({label(key) for key in spec["measures"][each].get("keep", ())} for each in measures))
    else:
        kept = {name for name in used if re.search(rf"\$by, {name}\)", alert["promql"])}
        kept |= {
            label(key)
            for read in read_names(alert["promql"]) & set(spec["measures"])
            for key in spec["measures"][read].get("keep", ())
        }
    assert used <= kept


@pytest.mark.parametrize(("pack", "id_"), each_of("slos"))
def test_every_objective_has_a_promise_a_symptom_and_first_steps(pack: str, id_: str) -> None:
    slo = whole(pack, "slos", id_)
    assert {"description", "objective", "window", "symptom"} <= set(slo)
    if slo.get("tiers", True):
        assert len(slo["runbook"]["steps"]) >= 2


@pytest.mark.parametrize("pack", [name for name in PACKS if pack_specs()[name].get("task")])
def test_every_task_pack_watches_a_service(pack: str) -> None:
    assert {"duration", "info", "active", "rejected"} <= set(combined(pack)["metrics"])
    assert {"availability", "latency"} <= set(combined(pack)["slos"])


def steps(path: Path) -> list[str]:
    """Every step of every runbook of a document."""

    def inside(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            for key, value in node.items():
                yield from value.get("steps") or () if key == "runbook" and value else inside(value)

    return list(inside(document(path)["spec"]))


DECLARED = {
    "alert": {id_ for spec in pack_specs().values() for id_ in spec.get("alerts", {})},
    "measure": {id_ for spec in pack_specs().values() for id_ in spec.get("measures", {})},
    "panel": {
        each["title"] for spec in pack_specs().values() for each in spec.get("panels", {}).values() if "title" in each
    },
}
POINTING = re.compile(r"(?i)\b(panel|dashboard|drift|runbook|confusion matrix|(quality|own) alerts)\b")


@pytest.mark.parametrize("path", PACK_FILES, ids=named)
def test_steps_point_at_what_some_pack_declares(path: Path) -> None:
    """Packs leave a step out where a model lacks what it points at, so a wrong name would never be seen."""
    for step in steps(path):
        for each in references(step):
            assert each.name in DECLARED[each.kind], step


@pytest.mark.parametrize("path", FILES, ids=named)
def test_steps_point_by_reference_and_not_by_words(path: Path) -> None:
    if document(path)["kind"] not in ("Pack", "Model"):
        return
    for step in steps(path):
        bare = re.sub(r"\{[^}]*\}", "", step)
        assert not POINTING.search(bare), step
        assert not [name for name in re.findall(r"\b[A-Z][a-z]+[A-Z]\w*\b", bare) if name in DECLARED["alert"]], step


ALSO_PYTHON = {
    "binary-classification": "a task that `init` offers",
    "multiclass-classification": "a task that `init` offers",
    "evaluation_score": "an attribute of the GenAI conventions",
    "llm-cost": "a page of dashboards",
    "error_ratio": "what the tile and the panel of failures on the page of health lead to",
    "label_coverage": "what `labels.sample` of a model foretells",
    "latency_p95": "what `autoscaling.horizontal.latency` means",
    "request_rate": "what tells an autoscaler that a model idles",
    "mean_absolute_error": "a statistic of baselines",
    "root_mean_square_error": "a statistic of baselines",
    "prediction_bins": "a requirement of metrics",
    "tokens_per_request": "a key of `llm` in models",
    "TelemetryMissing": "the fleet's count of models that are silent",
}
"""Names of packs that Python may say, each with what else it is, or why."""


def test_what_packs_declare_is_named_in_packs_alone() -> None:
    """Names that are words of English as well are not looked for."""
    sections = ("metrics", "tiles", "measures", "alerts", "slos")
    declared = {name for spec in pack_specs().values() for section in sections for name in spec.get(section, {})}
    named_here = {name for name in {*declared, *pack_specs()} if not re.fullmatch("[a-z0-9]+", name)}
    said: dict[str, set[str]] = {}
    for path in sorted((ROOT / "generators").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in named_here:
                said.setdefault(node.value, set()).add(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert {name: sorted(places) for name, places in said.items() if name not in ALSO_PYTHON} == {}
    assert ALSO_PYTHON.keys() <= said.keys(), "an exception that nothing needs"


@pytest.mark.parametrize("pack", PACKS)
def test_what_is_no_share_is_not_shown_in_percent(pack: str) -> None:
    for id_, measure in combined(pack)["measures"].items():
        if measure["description"].startswith(("PSI", "Population stability index")):
            assert measure["unit"] == "{PSI}", id_
