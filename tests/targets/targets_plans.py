"""A small plan made by hand: two environments, two models, one alert at two levels, one objective, fleet rules."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from generators import promql
from generators.alertmanager.config import Config, Integration, Matcher, Receiver, Route, TimeInterval
from generators.artifact import Artifact
from generators.diagnostics import Position
from generators.language.catalog import (
    Budget,
    Catalog,
    Deployment,
    Environment,
    Feature,
    Level,
    Llm,
    LlmTier,
    Model,
    Platform,
    Price,
    PriceList,
    Runbook,
    Team,
    Timing,
)
from generators.planning.plan import (
    NO_COST,
    Alerting,
    EnvironmentPlan,
    Group,
    Instrument,
    InstrumentAttribute,
    ModelPlan,
    Objective,
    Plan,
    Recording,
)
from generators.promql.syntax.ast import Expr
from otel.names import InstrumentKind

HERE = Position("specs/models/churn.yaml", 3, 5, 3, 9)
FILES = ("library/packs/binary-classification.yaml", "specs/models/churn.yaml", "specs/platform.yaml")


def expression(text: str) -> Expr:
    parsed, problems = promql.parse(text)
    assert parsed is not None, problems
    return parsed


def team(name: str = "growth-ml", contact: str = "#growth-ml on Slack") -> Team:
    return Team(
        name=name,
        description="Growth models",
        contact=contact,
        receivers={"page": (("pagerduty", {"routing_key_file": "/etc/pd"}),), "chat": (("slack", {"channel": "#g"}),)},
        receiver_positions={"page": HERE, "chat": HERE},
        receiver_nodes={},
        notify={Level.CRITICAL: ("page", "chat"), Level.WARNING: ("chat",), Level.INFO: ()},
        active={},
        escalation=(),
        position=HERE,
    )


def platform(version: str = "3") -> Platform:
    return Platform(
        name="platform",
        organisation="Example",
        tenants={"retail": "Shops", "bank": ""},
        prefix="ml",
        translation="prometheus-3",
        export_interval_ms=15_000,
        transport_delay_ms=1_000,
        gen_ai="1.40",
        prometheus_version=version,
        evaluation_interval_ms=30_000,
        urgent_interval_ms=10_000,
        retention_ms=35 * 86_400_000,
        rules_per_group=None,
        experimental_functions=False,
        default_team="growth-ml",
        default_receiver="chat",
        timing=Timing(30_000, 300_000, 14_400_000),
        urgent=Timing(5_000, 10_000, 3_600_000),
        smtp={},
        time_intervals={},
        interval_positions={},
        external={},
        runbook_url="https://runbooks.example.com/{tenant}/{model}/{alert}.md",
        dashboard_url="https://grafana.example.com/d/{tenant}-{model}?var-environment={environment}",
        model_budget=Budget(),
        tenant_budget=Budget(),
        environment_budget=Budget(),
        position=HERE,
    )


def environment(name: str) -> Environment:
    return Environment(
        name=name,
        description="",
        label=name,
        severity_cap=Level.CRITICAL if name == "production" else Level.WARNING,
        page_within_ms=60_000 if name == "production" else None,
        export_interval_ms=5_000 if name == "production" else 15_000,
        evaluation_interval_ms=30_000,
        urgent_interval_ms=10_000,
        external_labels={},
        position=HERE,
    )


def model(name: str = "churn", tenant: str = "retail", namespace: str = "ml") -> Model:
    return Model(
        name=name,
        tenant=tenant,
        team=team(),
        domain="Retention",
        tier="high",
        description="Who is about to leave.",
        task="binary-classification",
        version="2.3.0",
        sha256="9f" * 32,
        framework="scikit-learn 1.5",
        service="churn-api",
        namespace=namespace,
        deployment="churn-api",
        replicas=3,
        traffic=Decimal(12),
        features=(
            Feature("tenure_months", "number", "{month}", (Decimal(0), Decimal(120)), (), "Months as a customer", None),
            Feature("plan", "category", "", None, ("basic", "plus", "pro"), "", 86_400_000),
        ),
        classes=("stay", "churn"),
        positive="churn",
        threshold=Decimal("0.5"),
        low_confidence=Decimal("0.7"),
        prediction_unit="",
        label_delay_ms=30 * 86_400_000,
        label_sample=Decimal("0.1"),
        label_source="system",
        segments={"region": ("emea", "amer", "apac")},
        llm=None,
        rollback="argocd app rollback churn",
        dpia="DPIA-2031",
        risk="high",
        standards=("eu-ai-act",),
        budget=Budget(),
        position=HERE,
    )


def llm() -> Llm:
    prices = PriceList(
        "prices",
        "USD",
        {"small": Price("small", Decimal("0.00000015"), Decimal("6E-7"), Decimal("7.5E-8"), Decimal("6E-7"))},
        HERE,
    )
    tiers = (LlmTier("cheap", "small", "openai", Decimal("0.8")), LlmTier("local", "unpriced", "", None))
    return Llm(tiers, prices, ("search",), 900)


def deployment(of: Model, where: Environment) -> Deployment:
    return Deployment(of, where, ("base", "binary-classification"), {}, {}, {}, (), (), (), FILES)


def instruments() -> tuple[Instrument, ...]:
    return (
        Instrument(
            id="duration",
            name="ml.prediction.duration",
            prometheus=(
                "ml_prediction_duration_seconds_bucket",
                "ml_prediction_duration_seconds_sum",
                "ml_prediction_duration_seconds_count",
            ),
            kind=InstrumentKind.HISTOGRAM,
            unit="s",
            description="How long a prediction takes.",
            buckets=(0.1, 0.5, 1.0),
            attributes=(
                InstrumentAttribute("error.type", "error_type", "Class of error", ("timeout", "_OTHER"), True, False),
            ),
            per_model=False,
            personal_data="",
            series=18,
            provenance=(HERE,),
        ),
        Instrument(
            id="feature_bin",
            name="ml.feature.bin",
            prometheus=("ml_feature_bin_total",),
            kind=InstrumentKind.COUNTER,
            unit="{value}",
            description="Values of a feature by bin.",
            buckets=(),
            attributes=(
                InstrumentAttribute("feature", "feature", "", ("tenure_months", "plan"), False, False),
                InstrumentAttribute("bin", "bin", "", ("00", "01"), False, True),
            ),
            per_model=False,
            personal_data="Inputs describe customers.",
            series=4,
            provenance=(HERE,),
        ),
    )


def identity(name: str, tenant: str, place: str) -> tuple[tuple[str, str], ...]:
    return (("environment", place), ("model", name), ("tenant", tenant))


def alert(
    name: str,
    level: Level,
    threshold: str,
    labels: tuple[tuple[str, str], ...],
    expr: str = 'ml:feature:psi{model_name="churn"} > 0.1',
) -> Alerting:
    return Alerting(
        alert=name,
        expr=expression(expr),
        for_ms=10_800_000 if level is Level.WARNING else 0,
        keep_firing_for_ms=300_000,
        labels=tuple(sorted((*labels, ("severity", level.value), ("team", "growth-ml")))),
        annotations=(
            ("dashboard_url", "https://grafana.example.com/d/retail-churn?var-environment=production"),
            ("description", "PSI of {{ $labels.feature }} is {{ $value | humanize }}.\nIt was below 0.1."),
            ("runbook_url", f"https://runbooks.example.com/retail/churn/{name}.md"),
            ("summary", "Inputs of churn drift"),
        ),
        level=level,
        threshold=threshold,
        promise_ms=46_000 if level is Level.CRITICAL else None,
        runbook=Runbook("Inputs differ from the training data.", "Wrong offers.", ("Look at the drift board.",), ""),
        provenance=(HERE,),
    )


def model_plan(of: Model, where: Environment) -> ModelPlan:
    labels = identity(of.name, of.tenant, where.name)
    recording = Recording(
        "slo:sli_error:ratio_rate5m",
        expression('sum by (model_name) (rate(ml_prediction_duration_seconds_count{error_type!=""}[5m]))'),
        (("sloth_window", "5m"),),
        "1",
        "Share of failed requests",
        (HERE,),
    )
    levels = (Level.WARNING, Level.CRITICAL) if where.name == "production" else (Level.WARNING,)
    alerts = tuple(
        alert("FeatureDrift", level, "0.1" if level is Level.WARNING else "0.25", labels) for level in levels
    )
    return ModelPlan(
        tenant=of.tenant,
        model=of.name,
        environment=where.name,
        deployment=deployment(of, where),
        instruments=instruments(),
        groups=(
            Group(f"{of.tenant}.{of.name}-slo-availability", 30_000, (recording,)),
            Group(f"{of.tenant}.{of.name}-alerts", 60_000, alerts),
        ),
        objectives=(
            Objective(
                "availability",
                f"{of.tenant}.{of.name}-availability",
                f"{of.tenant}.{of.name}",
                "99.5%",
                "30d",
                "Requests are answered.",
                "unavailable",
                "events",
                (HERE,),
            ),
        ),
        cost=NO_COST,
        files=FILES,
    )


def alertmanager() -> Config:
    critical = Route(receiver="growth-ml/page", matchers=(Matcher("severity", "=", "critical"),), group_wait=5.0)
    owned = Route(matchers=(Matcher("team", "=", "growth-ml"),), receiver="growth-ml/chat", routes=(critical,))
    return Config(
        route=Route(receiver="growth-ml/chat", group_by=("model_name", "severity"), routes=(owned,)),
        receivers=(
            Receiver(
                "growth-ml/chat",
                (Integration("slack", {"channel": "#g", "api_url_file": "/etc/slack", "send_resolved": True}),),
            ),
            Receiver("growth-ml/page", (Integration("pagerduty", {"routing_key_file": "/etc/pd"}),)),
        ),
        time_intervals=(TimeInterval("working-hours"),),
        templates=("templates/*.tmpl",),
    )


def plan(version: str = "3", models: tuple[Model, ...] = ()) -> Plan:
    chosen = models or (model("fraud", "bank", ""), model())
    places = (environment("production"), environment("staging"))
    tile = Recording(
        "ml:feature_bin:increase5m",
        expression("sum by (tenant_id, model_name, feature, bin) (increase(ml_feature_bin_total[5m15s])) * 300 / 315"),
        (),
        "{value}",
        "Increments of five minutes",
        (HERE,),
    )
    environments = tuple(
        EnvironmentPlan(
            environment=place,
            fleet=(Group("fleet-tiles", 300_000, (tile,)),),
            fleet_files=("library/packs/base.yaml", "specs/platform.yaml"),
            models=tuple(model_plan(each, place) for each in chosen),
            alertmanager=alertmanager(),
            alertmanager_files=("specs/platform.yaml", "specs/teams/growth-ml.yaml"),
            route_provenance={},
            cost=NO_COST,
        )
        for place in places
    )
    catalog = Catalog(
        platform(version),
        places,
        {"growth-ml": team()},
        {},
        tuple(each.deployment for where in environments for each in where.models),
    )
    return Plan(catalog, environments)


def by_path(artifacts: tuple[Artifact, ...] | list[Artifact]) -> dict[str, str]:
    return {artifact.path: artifact.text for artifact in artifacts}


def replace_environments(plan_: Plan, *environments: EnvironmentPlan) -> Plan:
    return replace(plan_, environments=environments)


def replace_files(of: EnvironmentPlan, *files: str) -> EnvironmentPlan:
    return replace(of, alertmanager_files=files)
