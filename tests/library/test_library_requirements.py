"""Where packs and example specs cover what has to be watched: requirement → the items that do it, by pack."""

import pytest
from library_documents import ROOT, combined, document

COVERED = {
    "rate, errors by type, duration with its tail, and requests in flight": (
        "service",
        "metrics.duration metrics.active measures.request_rate measures.error_rate measures.latency_p50 "
        "measures.latency_p95 measures.latency_p99 measures.in_flight",
    ),
    "the artefact's digest as an info series": ("service", "metrics.info"),
    "refusals and fallbacks of guard rails": (
        "service",
        "metrics.rejected metrics.fallback alerts.RequestsRejected alerts.FallbackHigh",
    ),
    "confidence, its low share, and predictions by class": (
        "classification",
        "metrics.confidence measures.low_confidence_ratio alerts.LowConfidence measures.class_rate",
    ),
    "quality and volume by segment": (
        "classification",
        "measures.segment_rate measures.segment_accuracy alerts.SegmentQualityLow",
    ),
    "selection rates and quality between groups of people": (
        "classification",
        "metrics.group_predictions metrics.group_outcomes measures.group_rate measures.demographic_parity_ratio "
        "measures.equal_opportunity_difference measures.accuracy_difference alerts.FairnessDifference",
    ),
    "labels from human review": ("labels", "measures.human_labels_7d measures.label_coverage alerts.LabelsStopped"),
    "people overruling the model": ("service", "metrics.overrides alerts.OverridesHigh"),
    "CPU, memory, GPU and disk, with an alert at the memory limit": (
        "resources",
        "measures.cpu_utilization measures.memory_utilization measures.gpu_utilization measures.disk_utilization "
        "alerts.MemoryNearLimit",
    ),
    "missing, malformed, implausible, unusual, unseen and outdated features": (
        "data-quality",
        "alerts.FeatureMissing alerts.FeatureInvalid alerts.FeatureOutliers alerts.FeatureStale",
    ),
    "accuracy, precision, recall, F1, AUC, calibration and their fall": (
        "binary-classification",
        "measures.accuracy measures.precision measures.recall measures.f1 measures.auc measures.calibration_error "
        "alerts.AccuracyLow alerts.AccuracyCollapsed alerts.AccuracyDropped",
    ),
    "the same for many classes": (
        "multiclass-classification",
        "measures.class_recall measures.class_precision measures.class_f1 measures.macro_f1",
    ),
    "errors of predicted numbers": ("regression", "measures.relative_error measures.bias alerts.ErrorHigh"),
    "forecasts against the truth and a naive forecast": ("forecasting", "measures.wape measures.mase"),
    "quality of rankings": ("ranking", "measures.ndcg measures.click_rate_by_position measures.coverage"),
    "time to first token, pace and streaming": (
        "llm-chat",
        "metrics.time_to_first_token metrics.time_per_output_token metrics.answers measures.token_rate "
        "slos.first-token slos.pace",
    ),
    "error classes and retries of language models": ("llm", "metrics.calls metrics.retries alerts.ProviderFailing"),
    "tokens and cost, by tier, endpoint and contract, with forecast and runaway": (
        "llm",
        "metrics.tokens metrics.cost measures.cost_by_tier measures.cost_by_endpoint measures.cost_by_user_tier "
        "measures.request_cost_p95 measures.cost_per_user measures.token_efficiency measures.cost_month_forecast "
        "alerts.CostHourHigh alerts.CostRunaway slos.cost",
    ),
    "satisfaction, success, similarity, hallucination, toxicity and validity of answers": (
        "llm",
        "alerts.ThumbsDownHigh alerts.TaskSuccessLow alerts.SimilarityLow alerts.HallucinationsHigh "
        "alerts.AnswersToxic alerts.AnswersInvalid",
    ),
    "feedback in words and deeds": ("llm", "metrics.feedback metrics.reactions"),
    "slower than usual, failing, not answering, cache collapsing": (
        "llm",
        "alerts.LatencyAboveBaseline alerts.ErrorRateHigh alerts.NoResponses alerts.CacheHitRateCollapsed",
    ),
    "cache and model tiers": (
        "llm",
        "measures.cache_hit_rate measures.cache_savings_1d measures.cache_age_p95 measures.cache_eviction_rate "
        "measures.tier_share measures.escalation_ratio",
    ),
    "injection, leaks and abuse": ("llm", "metrics.guard metrics.abuse alerts.LeakDetected alerts.InjectionWave"),
    "retrieval and citations": ("rag", "measures.empty_retrieval_ratio measures.citation_validity alerts.IndexStale"),
    "steps, tools, loops and handoffs": (
        "agent",
        "measures.steps_p95 measures.tool_error_ratio measures.loop_ratio measures.handoff_ratio",
    ),
    "degenerate and truncated embeddings": ("embedding", "alerts.VectorsDegenerate alerts.InputsTruncated"),
    "objectives for availability, latency, throughput, accuracy and cost": (
        "classification",
        "slos.availability slos.latency slos.throughput slos.accuracy",
    ),
}

FIGURES = {
    ("service", "error_ratio"): {"info": "1%", "warning": "2%", "critical": "5%"},
    ("resources", "memory_utilization"): {"warning": "80%", "critical": "95%"},
    ("classification", "accuracy"): {"warning": 0.85, "critical": 0.70},
    ("classification", "accuracy_1d"): {"critical": 0.60},
    ("classification", "low_confidence_ratio"): {"warning": "20%"},
    ("llm", "cost_hour_ratio"): {"warning": "150%"},
    ("llm", "thumbs_down_ratio"): {"warning": "20%", "critical": "40%"},
    ("llm", "similarity"): {"warning": 0.80},
}


@pytest.mark.parametrize("requirement", COVERED)
def test_every_requirement_has_items_in_a_pack(requirement: str) -> None:
    pack, items = COVERED[requirement]
    spec = combined(pack)
    assert [item for item in items.split() if item.split(".")[1] not in spec[item.split(".")[0]]] == []


@pytest.mark.parametrize(("pack", "measure"), FIGURES)
def test_thresholds_start_from_the_agreed_figures(pack: str, measure: str) -> None:
    assert combined(pack)["quality"][measure] == FIGURES[pack, measure]


def test_severities_hold_as_long_as_was_agreed() -> None:
    alerts = combined("service")["alerts"]
    assert alerts["ErrorRateHigh"]["for"] == {"critical": "5m", "warning": "10m", "info": "10m"}
    assert alerts["LatencyHigh"]["for"] == {"critical": "10m", "warning": "15m"}


def test_latency_thresholds_are_one_and_a_half_and_two_times_the_objective() -> None:
    spec = combined("service")
    assert spec["slos"]["latency"]["below"] == "500ms"
    assert spec["quality"]["latency_p95"] == {"warning": "750ms", "critical": "1s"}


def test_burn_rates_of_a_month_have_the_factors_of_the_workbook() -> None:
    hours = {"1h": 1, "6h": 6, "1d": 24, "3d": 72}
    tiers = document(ROOT / "generators" / "library" / "burn-rates.yaml")["tiers"]
    factors = {each["name"]: float(each["budget"].rstrip("%")) / 100 * 720 / hours[each["long"]] for each in tiers}
    assert factors == pytest.approx({"fast": 14.4, "medium": 6, "slow": 3, "trickle": 1})


def test_every_priority_has_a_severity_and_each_severity_one_default() -> None:
    priorities = document(ROOT / "generators" / "library" / "severities.yaml")["priorities"]
    defaults = [each["severity"] for each in priorities.values() if each.get("default")]
    assert list(priorities) == ["P0", "P1", "P2", "P3"]
    assert sorted(defaults) == ["critical", "info", "warning"]
