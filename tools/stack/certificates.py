"""Certificates of this machine alone: an authority, and one certificate for loopback, for servers and clients."""

from __future__ import annotations

import secrets
import ssl
import subprocess
from pathlib import Path
from typing import Final

DAYS: Final = 30
SPARE_SECONDS: Final = 86_400
KEY_BYTES: Final = 32
NAMES: Final = "subjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost"


def certificates(folder: Path) -> None:
    """Make them with openssl where there are none, or where they end within a day."""
    if _valid(folder / "tls.crt"):
        return
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    request = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    _openssl(
        folder,
        *request,
        "-x509",
        "-days",
        str(DAYS),
        "-subj",
        "/CN=watchspec local",
        "-keyout",
        "ca.key",
        "-out",
        "ca.crt",
    )
    _openssl(folder, *request, "-subj", "/CN=localhost", "-keyout", "tls.key", "-out", "tls.csr")
    (folder / "names").write_text(NAMES, encoding="utf-8")
    sign = ["x509", "-req", "-in", "tls.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"]
    _openssl(folder, *sign, "-days", str(DAYS), "-extfile", "names", "-out", "tls.crt")


def _valid(certificate: Path) -> bool:
    if not certificate.is_file():
        return False
    command = ["openssl", "x509", "-checkend", str(SPARE_SECONDS), "-noout", "-in", str(certificate)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, check=True)


def hash_key(file: Path) -> str:
    """Return the key of the keyed hash, in hexadecimal; it is made once, and stays on this machine."""
    if not file.is_file():
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(KEY_BYTES), encoding="utf-8")
    return file.read_text(encoding="utf-8").strip()


def client(folder: Path) -> ssl.SSLContext:
    """Return what a client of the stack trusts and shows."""
    context = ssl.create_default_context(cafile=folder / "ca.crt")
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    return context
