"""The stack of `make up` in a folder of its own, the services that a proof needs, the alerts that it waits for."""

from __future__ import annotations

import json
import os
import shutil
import ssl
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pytest
from collector_world import ROOT, end, eventually, free_ports, minimal
from stack.__main__ import stack as whole_stack
from stack.certificates import client
from stack.layout import Addresses, Layout, addresses, with_ports
from stack.running import RECORD, Stack, end_all, states
from stack.services import services, settings

from generators.targets.compose.containers import ALERTMANAGER_PORT

HERE: Final = Path(__file__).parent
FLUSHED_SECONDS: Final = 27
"""An export, the agent's and the gateway's batches, the wait of tail sampling, and the store's file."""


@dataclass
class Service:
    """A replica of a service without our library, which obeys."""

    process: subprocess.Popen[str]
    log: Path
    instance: str = ""

    def do(self, what: str, **arguments: Any) -> dict[str, Any]:
        """Have it do something; returns what it counted."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"do": what, **arguments}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"the service ended: {self.log.read_text()}"
        found: dict[str, Any] = json.loads(line)
        return found

    def end(self) -> None:
        """Have it export what is left, and end."""
        if self.process.stdin is not None and not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            end(self.process, kill=True)  # type: ignore[arg-type]
        if self.process.stdout is not None:
            self.process.stdout.close()


@dataclass
class World:
    """The running stack, asked as its users would."""

    layout: Layout
    stack: Stack
    addresses: Addresses
    context: ssl.SSLContext
    closing: ExitStack
    stand_ins: list[str] = field(default_factory=list)
    """Instances that are not those of the proofs about the example services."""
    remembered: dict[str, float] = field(default_factory=dict)
    """What one proof counted and a later one looks for."""

    @staticmethod
    def usual() -> Layout:
        """Where everything is that is not written by a run."""
        return Layout()

    def examples(self, replicas: int, models: list[str]) -> dict[str, tuple[int, ...]]:
        """Start replicas of example services together; return their ports by model."""
        found = {part.name: part for part in services(self.layout, replicas)}
        wanted = {name: part for name, part in found.items() if name.rpartition("-")[0] in models}
        Stack(self.layout, wanted, lambda _: None).up()
        return {
            model: tuple(part.ports[0] for name, part in wanted.items() if _replica_of(name, model)) for model in models
        }

    def example(self, model: str, **variables: str) -> int:
        """Start one more replica of an example service, with other settings; return its port."""
        (port,) = free_ports(1)
        (part,) = (each for each in services(self.layout) if _replica_of(each.name, model))
        command = (*part.command[:-1], str(port))
        url = f"http://127.0.0.1:{port}"
        name = f"{part.name}-more-{port}"
        more = replace(
            part, name=name, command=command, ports=(port,), ready=url, variables={**part.variables, **variables}
        )
        Stack(self.layout, {name: more}, lambda _: None).up()
        return port

    def end_examples(self) -> None:
        """End all example services."""
        names = {part.name for part in services(self.layout, 9)}
        for name in states(self.layout, ()):
            if name in names or "-more-" in name:
                self.stack.stop(name)

    def of_examples(self, model: str) -> str:
        """Instances of a model that are not stand-ins, as a pattern."""
        found = {labels["instance"] for labels, _ in self.query(f'ml_model_info{{model_name="{model}"}}')}
        return "|".join(sorted(found - set(self.stand_ins)))

    def service(self, model: str, **variables: str) -> Service:
        """Start a replica of the service of a model, `tenant/name`."""
        file = self.layout.rendered / f"sdk/{model}.env"
        manifest = ROOT / f"rendered/instruments/{model}.json"
        told = {**minimal(), **settings(self.layout, file), "PYTHONPATH": str(HERE.parent / "collector"), **variables}
        log = self.layout.data / f"{model.replace('/', '.')}.log"
        command = [sys.executable, str(HERE / "e2e_service.py"), str(manifest)]
        with log.open("ab") as errors:
            process = subprocess.Popen(
                command, env=told, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
            )
        made = Service(process, log)
        self.closing.callback(made.end)
        made.instance = made.do("flush")["instance"]
        self.stand_ins.append(made.instance)
        return made

    def ask(self, path: str, *, port: int = 0, **parameters: str) -> Any:
        """Answer of an HTTP API that speaks TLS; that of Prometheus unless a port is given."""
        return self._got(path, parameters, port or self.addresses.prometheus)

    def series(self, selector: str) -> list[dict[str, str]]:
        """The labels of each series that Prometheus has for a selector."""
        answer = self._got("/api/v1/series", {"match[]": selector}, self.addresses.prometheus)
        found: list[dict[str, str]] = answer["data"]
        return found

    def _got(self, path: str, parameters: dict[str, str], port: int) -> Any:
        url = f"https://localhost:{port}{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=10, context=self.context) as answer:
            return json.load(answer)

    def query(self, promql: str) -> list[tuple[dict[str, str], float]]:
        """Labels and values of an instant query."""
        found = self.ask("/api/v1/query", query=promql)["data"]["result"]
        return [(each["metric"], float(each["value"][1])) for each in found]

    def value(self, promql: str) -> float:
        """The only value of a query; nan where there is none."""
        found = self.query(promql)
        return found[0][1] if len(found) == 1 else float("nan")

    def states(self, alert: str) -> set[str]:
        """States of an alert in Prometheus."""
        return {labels["alertstate"] for labels, _ in self.query(f'ALERTS{{alertname="{alert}"}}')}

    def received_by(self, alert: str) -> set[str]:
        """Receivers that Alertmanager has for a firing alert, whether or not it is their time to be told."""
        found = self.ask("/api/v2/alerts", port=self.layout.port(ALERTMANAGER_PORT), filter=f'alertname="{alert}"')
        return {receiver["name"] for each in found for receiver in each["receivers"]}

    def notifications(self, alert: str, status: str = "firing") -> list[dict[str, Any]]:
        """Alerts that the webhook was told about, with the time of receipt and the receiver's name.

        Alertmanager escapes the name as if it were a regular expression.
        """
        lines = self.layout.notifications.read_text().splitlines() if self.layout.notifications.exists() else ()
        return [
            {**each, "received": said["received"], "receiver": said["receiver"].replace("\\", "")}
            for said in map(json.loads, lines)
            for each in said["alerts"]
            if each["labels"]["alertname"] == alert and each["status"] == status
        ]

    def stored(self, store: str, signal: str) -> list[dict[str, Any]]:
        """Everything that a store was sent of a signal, each span or record with the attributes of its resource."""
        file = self.layout.store(store, signal)
        lines = file.read_text().splitlines() if file.exists() else ()
        outer, inner, items = {
            "traces": ("resourceSpans", "scopeSpans", "spans"),
            "logs": ("resourceLogs", "scopeLogs", "logRecords"),
        }[signal]
        return [
            {**item, "resource": said(group["resource"]), "said": said(item)}
            for line in lines
            for group in json.loads(line)[outer]
            for scope in group[inner]
            for item in scope[items]
        ]

    def bytes_kept(self) -> bytes:
        """All that the stores wrote, and all series that Prometheus holds with their labels."""
        files = [path for name in self.addresses.stores for path in (self.layout.data / name).glob("*.jsonl")]
        series = self.series('{__name__=~".+"}')
        return b"".join((*(file.read_bytes() for file in files), json.dumps(series).encode()))

    def restart(self, name: str, *, kill: bool = False, away: float = 0) -> None:
        """End a part, wait, and start it again."""
        self.stack.stop(name, kill=kill)
        time.sleep(away)
        self.stack.start(name)


def _replica_of(name: str, model: str) -> bool:
    start, _, number = name.rpartition("-")
    return start == model and number.isdigit()


def said(of: dict[str, Any]) -> dict[str, Any]:
    """Attributes as a mapping of plain values."""
    return {each["key"]: next(iter(each["value"].values()), None) for each in of.get("attributes", ())}


def manifest(model: str) -> dict[str, Any]:
    """What a model's manifest says."""
    (path,) = ROOT.glob(f"rendered/instruments/*/{model}.json")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def waited(condition: Callable[[], object], seconds: float) -> float:
    """Wait for a condition, and return for how long; infinite if it never held."""
    began = time.monotonic()
    return time.monotonic() - began if eventually(condition, seconds) else float("inf")


@contextmanager
def running() -> Iterator[World]:
    """Start everything but example services and Grafana, and end it whatever happens.

    The folder stays the same, so that what a run could not end, because it was killed, is ended by the next.
    """
    usual = Layout(data=Layout().data / "e2e")
    end_all(usual)
    shutil.rmtree(usual.data, ignore_errors=True)
    if not (usual.rendered / "prometheus").is_dir():
        pytest.fail(f"there is no {usual.rendered}; run `make render`")
    layout = with_ports(usual, os.environ)
    if (Layout().data / RECORD).is_file():
        assert not json.loads((Layout().data / RECORD).read_text()), (
            "`make up` runs on the same ports: `make down` first"
        )
    found = whole_stack(layout, replicas=0, screen=False, say=lambda _: None)
    with ExitStack() as closing:
        closing.callback(end_all, layout)
        found.up()
        yield World(layout, found, addresses(layout), client(layout.tls), closing)
