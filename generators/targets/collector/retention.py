"""How long each backend keeps what it is sent, in the backend's own words: OTLP cannot carry it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from generators.artifact import Artifact
from generators.formats.durations import format_duration, format_go_duration
from generators.language.catalog.collector import DAY_MS, KINDS, Backend, Collector, Retention, Signal
from generators.language.resolve.collector import backends_of
from generators.planning.plan import Plan
from generators.targets.files import yaml_file
from generators.targets.target import Target


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``<environment>/collector/retention.yaml``."""
    platform = plan.catalog.platform
    for each in plan.environments:
        if each.collector is None:
            continue
        name, collector = each.environment.name, each.collector.collector
        sources = tuple(sorted({platform.position.file, each.environment.position.file}))
        what = f"How long backends in {name} keep traces and logs; `configuration` is what each of them has to be told."
        yield yaml_file(f"{name}/collector/retention.yaml", what, sources, {"backends": _backends(collector)})


def _backends(collector: Collector) -> dict[str, object]:
    found: dict[str, dict[str, object]] = {}
    wanted = collector.retention
    for signal, kept_ms in ((Signal.TRACES, wanted.traces_ms), (Signal.LOGS, wanted.logs_ms)):
        for name in backends_of(collector, signal):
            backend = collector.backends[name]
            fields = found.setdefault(name, {"kind": backend.kind})
            fields[str(signal)] = format_duration(kept_ms)
            if signal is Signal.LOGS and KINDS[backend.kind].indexed:
                fields["index"] = format_duration(wanted.index_ms)
            if words := _words(backend, wanted):
                fields["configuration"] = words
    return dict(sorted(found.items()))


def _words(backend: Backend, wanted: Retention) -> dict[str, object]:
    """Return what a backend has to be told; those of AWS X-Ray and of unknown make have nothing to tell."""
    match backend.kind:
        case "loki":
            limits = {
                "retention_period": format_go_duration(wanted.logs_ms),
                "query_ready_index_num_days": wanted.index_ms // DAY_MS,
            }
            return {"limits_config": limits, "compactor": {"retention_enabled": True}}
        case "tempo":
            return {"compactor": {"compaction": {"block_retention": format_go_duration(wanted.traces_ms)}}}
        case "cloudwatch-logs":
            return {"logGroupName": backend.log_group, "retentionInDays": wanted.logs_ms // DAY_MS}
    return {}


TARGET: Final = Target("collector/retention", of_plan=emit)
