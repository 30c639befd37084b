"""The specs that an organisation starts with: a platform, two environments, a team, and one model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from generators.formats.yaml_printer import Commented, format_yaml
from generators.language.sources import COLLECTOR_BASES, LIBRARY

NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", re.ASCII)
"""What a name may be: a DNS label."""

ADDRESS: Final = re.compile(r"https?://[^\s{}]+", re.ASCII)
"""What an address may be that others are made of."""

SCHEMA: Final = "rendered/schema/watchspec.schema.json"

_CLASSES: Final = {
    "binary-classification": {"classes": ["negative", "positive"], "positive": "positive"},
    "multiclass-classification": {"classes": ["a", "b", "c"]},
}


@dataclass(frozen=True, slots=True)
class Start:
    """What has to be known; all but the organisation and the addresses are names. Addresses may be empty."""

    organisation: str
    tenant: str
    team: str
    model: str
    task: str
    service: str
    repository: str
    grafana: str


def files(start: Start) -> dict[str, str]:
    """Return the first specs by path below the specs folder; they compile without a problem."""
    return {
        "platform.yaml": _document(
            "Platform", {"name": "platform"}, _platform(start), 0, "The organisation as a whole."
        ),
        "environments/production.yaml": _document(
            "Environment",
            {"name": "production"},
            {"description": "What users depend on."},
            1,
            "Where models serve users.",
        ),
        "environments/staging.yaml": _document(
            "Environment",
            {"name": "staging"},
            {"description": "Where a release is tried.", "severity_cap": "warning"},
            1,
            "The same rules, but nobody is paged.",
        ),
        f"teams/{start.team}.yaml": _document(
            "Team", {"name": start.team}, _team(start), 1, "Who owns models, and how they are told."
        ),
        f"models/{start.model}.yaml": _document(
            "Model",
            {"name": start.model, "tenant": start.tenant, "team": start.team},
            _model(start),
            1,
            "What is watched, and how well it has to do. `watchspec explain model` shows what the task adds.",
        ),
    }


def collector_bases() -> dict[str, str]:
    """Return the bases of the Collectors by path below the folder that holds the specs folder."""
    return {
        f"{COLLECTOR_BASES}{path.name}": path.read_text(encoding="utf-8")
        for path in sorted((LIBRARY / "collector").glob("*.yaml"))
    }


def secret(start: Start) -> str:
    """Return the path of the secret that Alertmanager has to be given."""
    return f"/etc/alertmanager/secrets/{start.team}-chat-url"


def _document(kind: str, metadata: Mapping[str, object], spec: Mapping[str, object], depth: int, about: str) -> str:
    document = {"apiVersion": "watchspec/v1", "kind": kind, "metadata": metadata, "spec": spec}
    return format_yaml(document, f"yaml-language-server: $schema={'../' * (depth + 1)}{SCHEMA}\n{about}")


def _platform(start: Start) -> dict[str, object]:
    return {
        "organisation": start.organisation,
        "tenants": {start.tenant: {}},
        "telemetry": {"export_interval": Commented("Often enough to notice an outage within a minute.", "5s")},
        "alertmanager": {"default": {"team": start.team, "receiver": "chat"}},
        **({"links": links} if (links := _links(start)) else {}),
    }


def _links(start: Start) -> dict[str, str]:
    """Return where alerts lead to, as far as it is known; pages of runbooks lie beside the rules."""
    found = {}
    if start.repository:
        repository = start.repository.rstrip("/")
        pages = repository.removesuffix(".git")
        found["runbook"] = f"{pages}/blob/main/rendered/docs/runbooks/{{tenant}}/{{model}}/{{alert}}.md"
        found["repository"] = repository
    if start.grafana:
        found["dashboard"] = f"{start.grafana.rstrip('/')}/d/{{dashboard}}"
    return found


def _team(start: Start) -> dict[str, object]:
    webhook = Commented("A file on Alertmanager's host, never the secret itself.", secret(start))
    return {
        "contact": f"team {start.team}",
        "receivers": {"chat": {"webhook": {"url_file": webhook, "send_resolved": True}}},
        "notify": {"critical": ["chat"], "warning": ["chat"], "info": ["chat"]},
    }


def _model(start: Start) -> dict[str, object]:
    prediction = _CLASSES.get(start.task)
    return {
        "task": start.task,
        "version": "1.0.0",
        "service": {"name": start.service},
        **({"prediction": prediction} if prediction else {}),
        "slos": {
            "availability": {"objective": "99.5%"},
            "latency": {"objective": "95%", "below": "500ms"},
        },
    }
