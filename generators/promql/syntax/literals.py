"""Numbers and strings of PromQL, to and from Python values, by the rules of Go's ``strconv``."""

from __future__ import annotations

import math
import re

_ESCAPES = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    '"': '"',
    "'": "'",
}
_ESCAPED = {value: "\\" + name for name, value in _ESCAPES.items() if name != "'"}
_ESCAPE = re.compile(r"\\(?:([abfnrtv\\\"'])|([0-7]{3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|)")
_SURROGATE = re.compile("[\ud800-\udfff]")
_PLAIN = re.compile(r"[ !#-\[\]-~]*")
_SPACED = re.compile(r"0x(?:_?[0-9a-f])+|(?:[0-9]|(?<=[0-9])_(?=[0-9])|[.e+-])+")
_LARGEST_INT = 2**63 - 1


def parse_number(text: str) -> float:
    """Value of a number without sign: decimal, hexadecimal, octal with a leading zero, ``Inf``, ``NaN``.

    Raises ValueError when the number does not fit a float, or underscores stand where Go forbids them.
    """
    lowered = text.lower()
    if lowered in ("inf", "nan"):
        return math.inf if lowered == "inf" else math.nan
    if "_" in text and not _SPACED.fullmatch(lowered):
        raise ValueError(f"underscores in `{text}` must stand between digits")
    bare = lowered.replace("_", "")
    if bare.startswith("0x"):
        return _whole(int(bare, 16), text)
    if len(bare) > 1 and bare[0] == "0" and bare.isdigit() and not set(bare) & {"8", "9"}:
        return _whole(int(bare, 8), text)
    value = float(bare)
    if math.isinf(value):
        raise ValueError(f"number `{text}` is too large for a float")
    return value


def _whole(value: int, text: str) -> float:
    if value > _LARGEST_INT:
        raise ValueError(f"whole number `{text}` is too large")
    return float(value)


def format_number(value: float) -> str:
    """The shortest decimal text that reads back as ``value``, never with an exponent; ``Inf`` and ``NaN``."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    text = repr(float(value))
    if "e" in text:
        from decimal import Decimal  # noqa: PLC0415 - seldom wanted, and slow to import

        text = format(Decimal(text), "f")
    return text.removesuffix(".0")


def unquote(literal: str) -> str:
    r"""The value of a quoted string.

    Bytes that are no UTF-8 (``"\xff"``) become lone surrogates, as with Python's ``surrogateescape``.  Raises
    ValueError for escapes that Go does not know, and where the literal itself is no text.
    """
    quote, body = literal[0], literal[1:-1]
    if not body.isascii() and _SURROGATE.search(body):
        raise ValueError("the text is not valid UTF-8")
    if quote == "`" or "\\" not in body:
        return body
    raw = bytearray()
    position = 0
    for match in _ESCAPE.finditer(body):
        raw += body[position : match.start()].encode("utf-8", "surrogatepass")
        raw += _escape(match, quote)
        position = match.end()
    raw += body[position:].encode("utf-8", "surrogatepass")
    return raw.decode("utf-8", "surrogateescape")


def _escape(match: re.Match[str], quote: str) -> bytes:
    simple, octal, byte, short, long = match.groups()
    if simple:
        if simple in "\"'" and simple != quote:
            raise ValueError(f"`\\{simple}` needs no backslash inside {quote}…{quote}")
        return _ESCAPES[simple].encode()
    if octal or byte:
        code = int(octal, 8) if octal else int(byte, 16)
        if code > 255:
            raise ValueError(f"`\\{octal}` is not a byte")
        return bytes([code])
    if short or long:
        code = int(short or long, 16)
        if code > 0x10FFFF or 0xD800 <= code < 0xE000:
            raise ValueError(f"`{match.group()}` is not a Unicode character")
        return chr(code).encode()
    found = match.string[match.start() : match.start() + 2]
    raise ValueError(f"unknown escape `{found}`; write `\\{found}` for a backslash")


def quote(value: str) -> str:
    """The double-quoted literal of any string, with escapes only where needed."""
    if _PLAIN.fullmatch(value):
        return f'"{value}"'
    return '"' + "".join(map(_quoted, value)) + '"'


def _quoted(character: str) -> str:
    if character in _ESCAPED:
        return _ESCAPED[character]
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that `unquote` could not decode
        return f"\\x{code - 0xDC00:02x}"
    # Prometheus' lexer takes U+FFFD for broken UTF-8.
    if character.isprintable() and code != 0xFFFD:
        return character
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
