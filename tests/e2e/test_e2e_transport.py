"""Who may speak to the Collectors, what the agent needs before it starts, and what leaves it."""

# ruff: noqa: T201 - each proof prints what it saw
from __future__ import annotations

import hashlib
import hmac
import socket
import ssl
import subprocess
from pathlib import Path

import pytest
from collector_world import eventually, minimal
from e2e_stack import FLUSHED_SECONDS, World
from stack.certificates import hash_key

pytestmark = pytest.mark.e2e


def handshake(port: int, tls: Path, version: ssl.TLSVersion, *, certificate: bool) -> str:
    """Say hello as a client of one version of TLS; the version that was agreed on, or why it was refused."""
    context = ssl.create_default_context(cafile=tls / "ca.crt")
    context.minimum_version = context.maximum_version = version
    context.set_alpn_protocols(["h2"])
    if certificate:
        context.load_cert_chain(tls / "tls.crt", tls / "tls.key")
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=5) as raw,
            context.wrap_socket(raw, server_hostname="localhost") as wrapped,
        ):
            # In TLS 1.3 a client learns with the first answer whether its certificate is accepted.
            wrapped.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0")
            return wrapped.version() or "" if wrapped.recv(1) else "closed"
    except (ssl.SSLError, ConnectionError) as error:
        return f"refused: {getattr(error, 'reason', None) or error}"


def in_plain_text(port: int) -> bytes:
    """Say hello without TLS."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as raw:
        raw.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0")
        try:
            return raw.recv(64)
        except ConnectionError:
            return b""


def test_tls_1_2_plain_text_and_clients_without_certificate_are_refused_on_every_hop(world: World) -> None:
    found = world.addresses
    hops = {
        "service to agent": found.agent,
        "agent to gateway": found.gateway,
        "gateway to Prometheus": found.prometheus,
    }
    hops |= {f"gateway to {name}": port for name, port in found.stores.items()}
    for hop, port in hops.items():
        tls = world.layout.tls
        usual = handshake(port, tls, ssl.TLSVersion.TLSv1_3, certificate=True)
        old = handshake(port, tls, ssl.TLSVersion.TLSv1_2, certificate=True)
        nobody = handshake(port, tls, ssl.TLSVersion.TLSv1_3, certificate=False)
        plain = in_plain_text(port)
        print(f"{hop} :{port}: with certificate {usual}; TLS 1.2 {old}; no certificate {nobody}; plain text {plain!r}")
        assert usual == "TLSv1.3"
        assert old.startswith("refused")
        assert nobody.startswith("refused") or nobody == "closed"
        assert not plain.startswith(b"\0") or plain[3:4] != b"\x04"
        assert b"200" not in plain


@pytest.mark.parametrize(("key", "complaint"), [("", "must not be empty"), ("0" * 31, "at least 32 bytes")])
def test_the_agent_does_not_start_without_a_long_key(world: World, key: str, complaint: str) -> None:
    part = world.stack.parts["agent"]
    variables = {**minimal(), **part.variables, "WATCHSPEC_HMAC_KEY": key}
    ended = subprocess.run(part.command, env=variables, capture_output=True, text=True, timeout=20, check=False)
    print(f"with a key of {len(key)} bytes: exit {ended.returncode}, {ended.stderr.strip().splitlines()[-1][:160]}")
    assert ended.returncode != 0
    assert complaint in ended.stderr


MAIL = "eva.muster@clinic.example"
FAILURES = 3
FAILED = 2
"""Status of a span, in OTLP."""

SECRETS = {
    "mail": MAIL,
    "phone": "+49 170 1234567",
    "card": "4111 1111 1111 1111",
    "name": "Evamaria Musterfrau",
}
"""What is planted in every place where a service might put it."""


def test_nothing_personal_leaves_the_agent(world: World) -> None:
    service = world.service("health/screening")
    service.do("predict", times=60)
    planted = 0
    for kind, secret in SECRETS.items():
        sentence = f"patient {secret} asked"
        places = {
            "patient": secret,
            "user.id": secret,
            "enduser.id": secret,
            "url.full": f"https://screening.example/patients/{secret}?who={secret}",
            "gen_ai.input.messages": f'[{{"role": "user", "parts": [{{"content": "{sentence}"}}]}}]',
            "http.request.header.x-patient": secret,
        }
        for _ in range(FAILURES):
            service.do(
                "predict", kind="error", **places, **{"request.id": f"{kind} {secret}" if kind != "name" else "x"}
            )
        service.do("fail", message=sentence)
        service.do("log", body=sentence, attributes=places)
        service.do("log", body={"message": sentence, "patient": secret}, attributes={})
        if kind != "name":
            service.do("measure", key="rejected", value=1, attributes={"ml.reason": secret, "patient": secret})
        planted += len(places) * 4 + 5
    service.do("flush")

    def arrived() -> dict[str, int]:
        kept = {signal: world.stored("store-health", signal) for signal in ("traces", "logs")}
        return {
            signal: sum(
                each["resource"].get("service.instance.id") == service.instance
                and (signal == "logs" or ("parentSpanId" not in each and each["status"].get("code") == FAILED))
                for each in found
            )
            for signal, found in kept.items()
        }

    expected = {"traces": (FAILURES + 1) * len(SECRETS), "logs": 3 * len(SECRETS)}
    assert eventually(lambda: arrived() == expected, FLUSHED_SECONDS), (arrived(), expected)
    everything = world.bytes_kept()
    print(f"{planted} places held something personal; searched {len(everything)} bytes of stores and of Prometheus")
    for kind, secret in SECRETS.items():
        found = everything.count(secret.encode())
        print(f"  {kind}: {found} times")
        assert found == 0, _around(everything, secret)
    key = hash_key(world.layout.data / "hash.key").encode()
    hashed = hmac.new(key, MAIL.encode(), hashlib.sha256).hexdigest()
    hashes = {each["said"].get("user.id") for each in world.stored("store-health", "traces")}
    traces = [
        event["attributes"] for each in world.stored("store-health", "traces") for event in each.get("events", ())
    ]
    frames = {key["value"]["stringValue"] for said in traces for key in said if key["key"] == "exception.stacktrace"}
    print(f"{len(traces)} exceptions, of which {len(frames)} different stack traces are left: {min(frames)!r}")
    assert [each for each in frames if "in fail" in each]
    assert all(each.startswith("Traceback") and "ValueError: " not in each for each in frames)
    print(f"user.id became {sorted(map(str, hashes))}")
    assert hashed in hashes
    assert len(hashes - {None}) == len(SECRETS)


def _around(everything: bytes, secret: str) -> list[str]:
    places = everything.split(secret.encode())[:-1]
    return [place[-160:].decode(errors="replace") for place in places][:8]
