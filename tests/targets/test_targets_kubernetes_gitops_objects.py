"""Kubernetes objects, what makes a cluster follow them, and pipelines: shapes, names, sizes, and what they mean."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import committed
import jsonschema
import pytest
import targets_plans as plans
import yaml

from generators import alertmanager
from generators.artifact import Artifact
from generators.cli.parser import build_parser
from generators.diagnostics import Severity
from generators.language.catalog import Revision
from generators.language.sources import Source, read_specs
from generators.output.object_sizes import size_problems
from generators.pipeline import compile_artifacts
from generators.targets import gitops
from generators.targets.kubernetes import kustomization

ROOT = Path(__file__).parents[2]
FACTS = json.loads((Path(__file__).parent / "kubernetes_facts.json").read_text("utf-8"))["objects"]
SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
KEY = re.compile(
    r"([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?"
)
VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
LARGEST = 1024 * 1024
OPEN = {"kustomize.config.k8s.io/v1beta1/Kustomization"}
HOSTILE = "x: y # {{ .z }} $(reboot) `id` ${{ secrets.KEY }} \\u202e *a &b !!c"


@cache
def texts(hostile: bool = False) -> dict[str, str]:
    if not hostile:
        return committed.texts()
    quoted = "'" + HOSTILE + "'"
    edit = rf"\1description: {quoted}"
    sources = tuple(
        Source(
            each.file,
            re.sub(r"(?m)^( +)description: (?![>|]).*$", edit.replace("\\u", "\\\\u"), each.data.decode()).encode(),
        )
        for each in read_specs(ROOT / "specs")
    )
    made = compile_artifacts(sources)
    assert made.ok, made.problems
    return {each.path: each.text for each in made.artifacts}


@cache
def objects(*, hostile: bool = False) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    return tuple(
        (path, document)
        for path, text in texts(hostile).items()
        if path.endswith(".yaml") and path.split("/")[1] in {"kubernetes", "gitops", "kustomization.yaml"}
        for document in yaml.load_all(text, yaml.CSafeLoader)
    )


def of_kind(kind: str, environment: str = "production") -> list[Mapping[str, Any]]:
    return [each for path, each in objects() if each["kind"] == kind and path.startswith(f"{environment}/")]


def test_every_object_has_the_shape_that_its_definition_publishes() -> None:
    seen = set()
    for path, document in objects():
        name = f"{document['apiVersion']}/{document['kind']}"
        if name not in OPEN:
            jsonschema.Draft202012Validator(FACTS[name]["schema"]).validate(document)
            seen.add(name)
        assert path
    assert seen == set(FACTS)


def test_names_and_labels_are_valid_and_by_convention() -> None:
    for path, document in objects():
        if f"{document['apiVersion']}/{document['kind']}" in OPEN:
            continue
        metadata = document["metadata"]
        assert SUBDOMAIN.fullmatch(metadata["name"]), path
        assert len(metadata["name"]) <= 253
        assert metadata["labels"]["app.kubernetes.io/managed-by"] == "watchspec"
        assert {"app.kubernetes.io/name", "app.kubernetes.io/component"} <= metadata["labels"].keys()
        for key, value in metadata["labels"].items():
            assert KEY.fullmatch(key)
            assert VALUE.fullmatch(value)
            assert len(value) <= 63
        for key, value in metadata.get("annotations", {}).items():
            assert KEY.fullmatch(key)
            assert isinstance(value, str)


def test_no_two_objects_of_an_environment_are_the_same() -> None:
    for environment in ("production", "staging"):
        found = [
            (each["apiVersion"], each["kind"], each["metadata"].get("namespace", ""), each["metadata"]["name"])
            for path, each in objects()
            if path.startswith(f"{environment}/") and "metadata" in each
        ]
        assert len(found) == len(set(found))


def test_objects_fit_into_what_the_api_server_stores() -> None:
    for path, document in objects():
        assert len(json.dumps(document).encode()) < LARGEST, path


def test_a_kustomization_lists_exactly_the_other_files_of_its_folder() -> None:
    for environment in ("production", "staging"):
        folder = f"{environment}/kubernetes/"
        listed = yaml.safe_load(texts()[f"{folder}kustomization.yaml"])["resources"]
        there = {path.removeprefix(folder) for path in texts() if path.startswith(folder)} - {"kustomization.yaml"}
        assert listed == sorted(there)


def test_a_kustomization_lists_what_any_target_has_made() -> None:
    made = [
        Artifact("production/kubernetes/b.yaml", "", ("specs/b.yaml",)),
        Artifact("production/kubernetes/deep/a.yaml", "", ("specs/a.yaml",)),
        Artifact("staging/prometheus/x.yaml", "", ()),
    ]
    artifact, whole = kustomization.complete(plans.plan(), made)
    assert yaml.safe_load(whole.text)["resources"] == ["kubernetes"]
    assert whole.path == "production/kustomization.yaml"
    assert artifact.path == "production/kubernetes/kustomization.yaml"
    assert yaml.safe_load(artifact.text)["resources"] == ["b.yaml", "deep/a.yaml"]
    assert artifact.sources == ("specs/a.yaml", "specs/b.yaml")
    assert {each.path.split("/")[0] for each in gitops.complete(plans.plan(), made)} == {"production"}


def test_a_config_map_is_made_of_each_dashboard_under_a_name_of_its_own() -> None:
    names: list[str] = []
    for environment in ("production", "staging"):
        whole = yaml.safe_load(texts()[f"{environment}/kustomization.yaml"])
        made = whole["configMapGenerator"]
        there = {path for path in texts() if path.startswith(f"{environment}/grafana/dashboards/")}
        assert {f"{environment}/{file}" for each in made for file in each["files"]} == there
        assert all(SUBDOMAIN.fullmatch(each["name"]) for each in made)
        assert all(environment in each["options"]["annotations"]["grafana_folder"] for each in made)
        assert whole["generatorOptions"]["disableNameSuffixHash"]
        names += [each["name"] for each in made]
    assert len(set(names)) == len(names)
    assert "local/kustomization.yaml" not in texts()


@pytest.mark.parametrize("kind", ["branch", "tag", "commit"])
def test_what_a_cluster_follows_is_what_the_spec_says(kind: str) -> None:
    plan = plans.plan()
    followed = Revision(kind, "a" * 40)
    planned = tuple(
        replace(each, environment=replace(each.environment, revision=followed)) for each in plan.environments
    )
    made = [Artifact("production/kubernetes/b.yaml", "", ())]
    argo, flux = gitops.complete(replace(plan, environments=planned), made)
    assert yaml.safe_load(argo.text)["spec"]["source"]["targetRevision"] == followed.name
    repository, _ = yaml.safe_load_all(flux.text)
    assert repository["spec"]["ref"] == {kind: followed.name}


KIB = 1024


@pytest.mark.parametrize(
    ("path", "text", "code"),
    [
        ("production/kubernetes/a.yaml", "x" * 256 * KIB, None),
        ("production/kubernetes/a.yaml", "x" * (256 * KIB + 1), "T722"),
        ("production/kubernetes/a.yaml", "\n---\n".join(["x" * 200 * KIB] * 9), None),
        ("production/kubernetes/a.yaml", "x" * (1024 * KIB + 1), "T721"),
        ("production/kubernetes/a.yaml", "ä" * 600 * KIB, "T721"),
        ("production/grafana/dashboards/wine/a.json", '"' * 129 * KIB, "T722"),
        ("production/grafana/dashboards/wine/a.json", "\n" * 513 * KIB, "T721"),
        ("production/prometheus/a.yaml", "x" * 2048 * KIB, None),
    ],
)
def test_objects_that_do_not_fit_are_told_before_a_cluster_refuses_them(path: str, text: str, code: str | None) -> None:
    found = list(size_problems([Artifact(path, text, ("specs/a.yaml",))]))
    assert [each.code for each in found] == ([code] if code else [])
    assert all(each.position.file == "specs/a.yaml" and path in each.message and each.help for each in found)
    assert [each.severity for each in found] == [
        Severity.ERROR if each.code == "T721" else Severity.WARNING for each in found
    ]


def test_what_is_counted_is_no_less_than_what_an_annotation_would_hold() -> None:
    large = 0
    for path, text in texts().items():
        if path.split("/")[1:3] == ["grafana", "dashboards"]:
            counted = len(text.encode()) + sum(map(text.count, '"\\\n'))
            assert len(json.dumps(text, ensure_ascii=False).encode()) - 2 == counted, path
        elif "/kubernetes/" in path:
            for part, document in zip(text.split("\n---\n"), yaml.safe_load_all(text), strict=True):
                kept = len(json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode())
                assert kept <= max(len(part.encode()), 16 * KIB), path
                large += kept > 16 * KIB
    assert large


def test_every_namespace_that_objects_lie_in_is_declared_and_never_pruned() -> None:
    declared = {each["metadata"]["name"]: each["metadata"] for each in of_kind("Namespace")}
    for path, each in objects():
        if path.startswith("production/kubernetes/") and "namespace" in each.get("metadata", {}):
            assert each["metadata"]["namespace"] in declared
    for metadata in declared.values():
        assert metadata["annotations"]["kustomize.toolkit.fluxcd.io/prune"] == "disabled"
        assert "Prune=false" in metadata["annotations"]["argocd.argoproj.io/sync-options"]


def test_collectors_are_reached_by_otlp_and_by_one_another_only() -> None:
    (policy,) = of_kind("NetworkPolicy")
    assert policy["spec"]["policyTypes"] == ["Ingress"]
    otlp, balanced = policy["spec"]["ingress"]
    assert [each["port"] for each in otlp["ports"]] == [4317, 4318]
    assert [each["port"] for each in balanced["ports"]] == [4337]
    assert [list(each) for each in balanced["from"]] == [["podSelector"]]
    senders = [each["namespaceSelector"]["matchLabels"] for each in otlp["from"] if "namespaceSelector" in each]
    assert senders == [{"kubernetes.io/metadata.name": name} for name in ("health", "wine")]
    assert all(rule["from"] for rule in policy["spec"]["ingress"])


def test_the_secret_holds_the_configuration_and_no_secret() -> None:
    (secret,) = of_kind("Secret")
    config, problems = alertmanager.load(secret["stringData"]["alertmanager.yaml"])
    assert not problems
    original, _ = alertmanager.load(texts()["production/alertmanager/alertmanager.yaml"])
    assert config is not None
    assert original is not None
    assert config.route == original.route
    assert config.receivers == original.receivers
    assert list(config.templates) == ["/etc/alertmanager/config/watchspec.tmpl"]
    assert set(secret["stringData"]) == {"alertmanager.yaml", "watchspec.tmpl"}
    for line in secret["stringData"]["alertmanager.yaml"].splitlines():
        found = re.search(r"(password|secret|token|routing_key|api_key|credentials)(_file)?:", line)
        assert found is None or found[2] == "_file", line


def test_what_is_scraped_is_what_specs_declare_by_tls_only() -> None:
    monitors = {each["metadata"]["name"]: each["spec"] for each in of_kind("ServiceMonitor")}
    assert set(monitors) == {"watchspec-cadvisor", "watchspec-dcgm-exporter", "watchspec-kube-state-metrics"}
    kept: set[str] = set()
    for spec in monitors.values():
        (endpoint,) = spec["endpoints"]
        assert (endpoint["scheme"], endpoint["tlsConfig"]["minVersion"]) == ("https", "TLS13")
        kept |= set(endpoint["metricRelabelings"][0]["regex"].split("|"))
    platform = yaml.safe_load((ROOT / "specs/platform.yaml").read_text("utf-8"))
    assert kept == set(platform["spec"]["external"])


def test_kubelets_are_scraped_with_a_token_of_an_account_that_may() -> None:
    monitors = {each["metadata"]["name"]: each["spec"]["endpoints"][0] for each in of_kind("ServiceMonitor")}
    for name, endpoint in monitors.items():
        is_kubelet = name == "watchspec-cadvisor"
        assert ("bearerTokenFile" in endpoint) == is_kubelet
        assert (endpoint["path"] == "/metrics/cadvisor") == is_kubelet
        assert ("caFile" in endpoint["tlsConfig"]) == is_kubelet
        assert not endpoint["tlsConfig"].get("insecureSkipVerify")
    (account,) = [each["metadata"] for each in of_kind("ServiceAccount") if each["metadata"]["name"].startswith("prom")]
    (binding,) = [each for each in of_kind("ClusterRoleBinding") if each["subjects"][0]["name"] == account["name"]]
    assert binding["subjects"][0]["namespace"] == account["namespace"]
    (role,) = [each for each in of_kind("ClusterRole") if each["metadata"]["name"] == binding["roleRef"]["name"]]
    allowed = {(resource, verb) for rule in role["rules"] for resource in rule["resources"] for verb in rule["verbs"]}
    assert ("nodes/metrics", "get") in allowed
    assert {(each, "list") for each in ("services", "endpoints", "endpointslices", "pods")} <= allowed
    assert {verb for _, verb in allowed} <= {"get", "list", "watch"}


def test_a_prometheus_without_the_operator_scrapes_kubelets_with_a_token_and_only_in_a_cluster() -> None:
    for environment, in_cluster in (("production", True), ("local", False)):
        server = yaml.safe_load(texts()[f"{environment}/prometheus/prometheus.yaml"])
        jobs = {each["job_name"]: each for each in server["scrape_configs"]}
        assert ("authorization" in jobs["cadvisor"]) == in_cluster
        assert jobs["cadvisor"].get("metrics_path") == ("/metrics/cadvisor" if in_cluster else None)
        assert not [name for name, each in jobs.items() if "authorization" in each and name != "cadvisor"]


def test_argo_and_flux_follow_the_folder_of_their_environment() -> None:
    for environment in ("production", "staging"):
        (application,) = of_kind("Application", environment)
        assert application["spec"]["source"]["path"] == f"rendered/{environment}"
        assert "ServerSideApply=true" in application["spec"]["syncPolicy"]["syncOptions"]
        flux = [each for each in of_kind("Kustomization", environment) if "fluxcd" in each["apiVersion"]]
        (repository,) = of_kind("GitRepository", environment)
        assert flux[0]["spec"]["path"] == f"./rendered/{environment}"
        assert flux[0]["spec"]["sourceRef"]["name"] == repository["metadata"]["name"]
        assert repository["spec"]["url"] == application["spec"]["source"]["repoURL"]


def test_what_makes_a_cluster_follow_lies_outside_of_what_it_follows() -> None:
    assert not [
        path for path, each in objects() if "/kubernetes/" in path and each["kind"] in {"Application", "GitRepository"}
    ]


def test_hostile_descriptions_change_nothing_but_comments() -> None:
    kinds = {"Namespace", "NetworkPolicy", "VerticalPodAutoscaler", "ServiceMonitor", "Application", "GitRepository"}
    plain, hostile = ([each for each in objects(hostile=is_) if each[1]["kind"] in kinds] for is_ in (False, True))
    assert plain
    assert hostile == plain


@pytest.mark.parametrize("path", ["ci/github-actions.yaml", "ci/gitlab-ci.yaml"])
def test_pipelines_check_render_and_report(path: str) -> None:
    text = texts()[path]
    assert yaml.safe_load(text)
    for command in ("watchspec check", "watchspec render --check", "watchspec diff --format markdown"):
        assert command in text


def test_commands_of_pipelines_exist_with_their_options() -> None:
    for line in ("check", "render --check", "diff --format markdown abc"):
        assert build_parser(line.split()).parse_args(line.split())


def test_the_workflow_runs_no_text_of_a_pull_request() -> None:
    workflow = yaml.safe_load(texts()["ci/github-actions.yaml"])
    assert set(workflow["on"]) == {"pull_request", "push"}
    assert workflow["permissions"] == {"contents": "read", "pull-requests": "write"}
    for step in workflow["jobs"]["check"]["steps"]:
        assert "${{" not in step.get("run", "")


@pytest.mark.oracle
def test_kustomize_builds_every_environment(tmp_path: Path) -> None:
    kustomize = shutil.which("kustomize")
    if kustomize is None:
        pytest.skip("kustomize is not on the path; tools/verify builds it")
    for path, text in texts().items():
        if "/kubernetes/" in path or "/grafana/dashboards/" in path or path.endswith("/kustomization.yaml"):
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    for environment in ("production", "staging"):
        folder = tmp_path / environment
        done = subprocess.run([kustomize, "build", str(folder)], capture_output=True, check=False, text=True)
        assert done.returncode == 0, done.stderr
        built = list(yaml.load_all(done.stdout, yaml.CSafeLoader))
        files = [each for path, each in objects() if path.startswith(f"{environment}/kubernetes/")]
        dashboards = [path for path in texts() if path.startswith(f"{environment}/grafana/dashboards/")]
        assert len(built) == len(files) - 1 + len(dashboards)
        shown = [each for each in built if each["kind"] == "ConfigMap"]
        assert sorted(name for each in shown for name in each["data"]) == sorted(Path(path).name for path in dashboards)
        assert {each["metadata"]["labels"]["grafana_dashboard"] for each in shown} == {"1"}
        assert all(each["metadata"]["namespace"] == "monitoring" for each in shown)
        assert all(re.fullmatch(r"[-._a-zA-Z0-9]{1,253}", name) for each in shown for name in each["data"])
        assert max(len(text.encode()) for each in shown for text in each["data"].values()) < LARGEST
        assert all(each["metadata"]["labels"]["watchspec.dev/environment"] == environment for each in built)


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("VerticalPodAutoscaler", ("spec", "updatePolicy", "updateMode"), "Sometimes"),
        ("VerticalPodAutoscaler", ("spec", "targetCpu"), 70),
        ("ServiceMonitor", ("spec", "selector"), "all"),
        ("NetworkPolicy", ("spec", "podSelectors"), {}),
        ("HorizontalPodAutoscaler", ("spec", "maxReplicas"), "many"),
        ("ScaledObject", ("spec", "triggers"), {}),
        ("ClusterRole", ("rules",), [{"apiGroups": [""], "resources": ["pods"]}]),
        ("Application", ("spec", "project"), 1),
        ("GitRepository", ("spec", "url"), "file:///etc"),
    ],
)
def test_the_published_shapes_refuse_what_is_wrong(kind: str, path: tuple[str, ...], value: object) -> None:
    document = json.loads(json.dumps(of_kind(kind)[0]))
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    schema = FACTS[f"{document['apiVersion']}/{kind}"]["schema"]
    assert not jsonschema.Draft202012Validator(schema).is_valid(document)
