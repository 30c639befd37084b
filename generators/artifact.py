"""A rendered file, before it is written."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from typing import Final

_LEVEL: Final = 2
"""How hard to compress. Large files shrink to an eighth at once, and more effort gains little."""

_LARGE: Final = 8192
"""Bytes from which compression gains more than it costs."""


@dataclass(frozen=True, slots=True, order=True, init=False)
class Artifact:
    """A file under ``rendered/``: POSIX path relative to it, text in UTF-8, and the specs that it comes from.

    A large text is kept compressed, since a fleet has a gigabyte of text. ``size`` counts its bytes; ``sha256`` is
    their digest in hex, empty where the text holds half of a surrogate pair and so cannot be written.
    """

    path: str
    sources: tuple[str, ...]
    size: int
    sha256: str
    packed: bytes

    def __init__(self, path: str, text: str, sources: tuple[str, ...]) -> None:
        """Keep a text."""
        try:
            data = text.encode()
            digest = hashlib.sha256(data).hexdigest()
        except UnicodeEncodeError:
            data, digest = text.encode(errors="surrogatepass"), ""
        packed = zlib.compress(data, _LEVEL) if len(data) >= _LARGE else data
        for name, value in zip(self.__slots__, (path, sources, len(data), digest, packed), strict=True):
            object.__setattr__(self, name, value)

    @property
    def data(self) -> bytes:
        """The content of the file."""
        return zlib.decompress(self.packed) if self.size >= _LARGE else self.packed

    @property
    def text(self) -> str:
        """The content of the file as text."""
        return self.data.decode(errors="surrogatepass")
