"""The stack's own rules: what it starts it ends, what it did not start it leaves alone, and it says what is wrong."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from stack import processes
from stack.binaries import Binaries
from stack.certificates import certificates, hash_key
from stack.layout import Layout, LayoutError, addresses, with_ports
from stack.parts import Part, parts
from stack.ports import PortTakenError, check_free, owner
from stack.processes import Process
from stack.running import RECORD, NotReadyError, Stack, end_all, states
from stack.services import services, settings, without_example

SERVER = "import http.server, sys; http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), {}).serve_forever()"
NAMED = re.compile(r"(?:localhost|127[.]0[.]0[.]1):([0-9]+)")
ANSWERING = SERVER.format("http.server.SimpleHTTPRequestHandler")


@pytest.fixture
def layout(tmp_path: Path) -> Iterator[Layout]:
    made = Layout(data=tmp_path)
    yield made
    end_all(made)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "tls"
    certificates(folder)
    return folder


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def part(name: str, layout: Layout, code: str = ANSWERING) -> Part:
    port = free_port()
    command = (sys.executable, "-c", code, str(port))
    return Part(name, command, layout.data / name, (port,), f"http://127.0.0.1:{port}/")


def stack(layout: Layout, tls: Path, *parts: Part) -> Stack:
    if not layout.tls.exists():
        layout.tls.symlink_to(tls)
    return Stack(layout, {each.name: each for each in parts}, lambda _: None)


def test_what_is_started_runs_until_it_is_ended(layout: Layout, tls: Path) -> None:
    whole = stack(layout, tls, part("one", layout), part("two", layout))
    whole.up()
    assert states(layout, ()) == {"one": "runs", "two": "runs"}
    assert end_all(layout) == ("one", "two")
    assert states(layout, ("one",)) == {"one": "absent"}
    assert end_all(layout) == ()


def test_a_second_start_changes_nothing_that_runs(layout: Layout, tls: Path) -> None:
    whole = stack(layout, tls, part("one", layout))
    whole.up()
    before = processes.read(layout.data / RECORD)
    whole.up()
    assert processes.read(layout.data / RECORD) == before


def test_what_ended_by_itself_is_started_again_and_nothing_else(layout: Layout, tls: Path) -> None:
    whole = stack(layout, tls, part("one", layout), part("two", layout))
    whole.up()
    before = processes.read(layout.data / RECORD)
    os.kill(before["two"].pid, 9)
    while before["two"].alive():
        time.sleep(0.01)
    assert states(layout, ()) == {"one": "runs", "two": "ended"}
    whole.up()
    after = processes.read(layout.data / RECORD)
    assert after["one"] == before["one"]
    assert after["two"] != before["two"]


def test_a_start_that_fails_half_way_ends_what_it_started(layout: Layout, tls: Path) -> None:
    whole = stack(
        layout, tls, part("one", layout), part("two", layout, "print('no such setting'); raise SystemExit(3)")
    )
    with pytest.raises(NotReadyError, match=r"two ended at once:\n.*\n  no such setting"):
        whole.up()
    assert states(layout, ("one", "two")) == {"one": "absent", "two": "absent"}


def test_a_part_that_never_answers_is_given_up(layout: Layout, tls: Path) -> None:
    whole = stack(layout, tls, part("one", layout, "import time; time.sleep(60)"))
    with pytest.raises(NotReadyError, match="one did not answer within 1 s"):
        whole.start("one", seconds=1)


def test_a_process_with_the_same_id_that_is_another_one_is_left_alone(layout: Layout) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        started = processes.spawn("mine", (sys.executable, "-c", ""), {}, layout.data, layout.log("mine"))
        impostor = Process("mine", stranger.pid, started.started)
        assert not replace(impostor, started="1").alive()
        processes.write(layout.data / RECORD, {"mine": replace(impostor, started="1")})
        assert end_all(layout) == ()
        assert stranger.poll() is None
        processes.end(started)
    finally:
        stranger.kill()
        stranger.wait()


def test_a_port_that_is_taken_is_named_with_its_owner() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        assert f"({os.getpid()})" in owner(port)
        with pytest.raises(PortTakenError, match=rf"port {port} is taken by .+ \({os.getpid()}\)"):
            check_free([port])
    check_free([port])


def test_a_taken_port_keeps_everything_from_starting(layout: Layout, tls: Path) -> None:
    one, two = part("one", layout), part("two", layout)
    with socket.socket() as held:
        held.bind(("127.0.0.1", two.ports[0]))
        held.listen()
        with pytest.raises(PortTakenError):
            stack(layout, tls, one, two).up()
    assert states(layout, ("one",)) == {"one": "absent"}


def test_addresses_are_those_of_the_rendered_files() -> None:
    found = addresses(Layout())
    assert (found.agent, found.gateway, found.prometheus, found.webhook) == (4317, 14317, 9090, 9095)
    assert found.stores == {"store-health": 4319, "store-wine": 4320}


def test_ports_are_as_much_higher_as_asked_and_no_others_remain(layout: Layout) -> None:
    usual, moved = Layout(data=layout.data), with_ports(layout, {"PORTS": "20000"})
    none = Binaries(*(Path("/none"),) * 4)
    listening = [
        [port for part in (*parts(each, addresses(each), none), *services(each, 2)) for port in part.ports]
        for each in (usual, moved)
    ]
    assert listening[1] == [port + 20_000 for port in listening[0]]
    assert len(set(listening[0] + listening[1])) == 2 * len(listening[0])
    assert addresses(moved).stores == {"store-health": 24319, "store-wine": 24320}
    said = [found for file in moved.rendered.rglob("*") if file.is_file() for found in NAMED.findall(file.read_text())]
    assert said
    assert {int(port) for port in said} & set(listening[0]) == set()


def test_a_service_asks_the_provider_that_is_started_with_it(layout: Layout) -> None:
    moved = with_ports(layout, {"PORTS": "7"})
    found = {each.name: each for each in services(moved)}
    provider, service = found["support-assistant-provider"], found["support-assistant-1"]
    assert service.variables["OPENAI_BASE_URL"] == f"http://127.0.0.1:{provider.ports[0]}/v1"


@pytest.mark.parametrize("asked", ["-1", "0", "many", "1e4", "60000"])
def test_ports_that_cannot_be_are_refused(asked: str, layout: Layout) -> None:
    with pytest.raises(LayoutError, match="which is added to each port"):
        with_ports(layout, {"PORTS": asked})


def test_without_a_wish_for_ports_the_committed_files_are_used(layout: Layout) -> None:
    assert with_ports(layout, {}) == layout


def test_an_environment_that_is_not_on_loopback_is_not_started() -> None:
    with pytest.raises(LayoutError, match="is no port of loopback"):
        addresses(Layout(rendered=Layout().rendered.parent / "production"))


def test_an_environment_that_is_not_rendered_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match="run `make render`"):
        addresses(Layout(rendered=tmp_path))


def test_services_are_those_that_have_an_application(layout: Layout, tmp_path: Path) -> None:
    (tmp_path / "support_assistant").mkdir()
    (tmp_path / "support_assistant/service.py").touch()
    found = list(services(layout, 2, tmp_path))
    assert [each.name for each in found] == ["support-assistant-1", "support-assistant-2"]
    assert len({each.ports for each in found}) == 2
    assert "support-assistant" not in without_example(layout, tmp_path)


def test_a_service_has_the_rendered_settings_with_certificates_of_this_machine(layout: Layout) -> None:
    told = settings(layout, layout.rendered / "sdk/health/screening.env")
    assert told["OTEL_EXPORTER_OTLP_CERTIFICATE"] == f"{layout.tls}/ca.crt"
    assert told["OTEL_EXPORTER_OTLP_ENDPOINT"] == "https://localhost:4317"


def test_certificates_and_the_key_are_made_once(tls: Path, tmp_path: Path) -> None:
    before = (tls / "tls.crt").read_bytes()
    certificates(tls)
    assert (tls / "tls.crt").read_bytes() == before
    key = hash_key(tmp_path / "key")
    assert len(key) >= 32
    assert hash_key(tmp_path / "key") == key
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
