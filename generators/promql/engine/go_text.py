"""Numbers and strings as Go writes them: label values, warnings and error messages must be the same to the letter."""

from __future__ import annotations

import math
import re
from decimal import Decimal

_PLAIN_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
_ESCAPES = {"\a": r"\a", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\v": r"\v"}


def is_plain_label(name: str) -> bool:
    """Whether a label name needs no quotes."""
    return _PLAIN_LABEL.match(name) is not None


def quote(text: str) -> str:
    """A double-quoted Go string (``strconv.Quote``)."""
    return '"' + "".join(_quote_character(character) for character in text) + '"'


def _quote_character(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character == " " or character.isprintable():
        return character
    code = ord(character)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _special(value: float) -> str | None:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return None


def format_plain(value: float) -> str:
    """Shortest digits without an exponent (``FormatFloat(v, 'f', -1, 64)``)."""
    special = _special(value)
    if special is not None:
        return special
    text = format(Decimal(repr(value)), "f")
    return text.removesuffix(".0")


def format_general(value: float) -> str:
    """Shortest digits, with an exponent below 1e-4 and from 1e6 up (``%g`` and ``%v``)."""
    special = _special(value)
    if special is not None:
        return special
    shortest = Decimal(repr(value)).normalize()
    scale = shortest.adjusted()
    if value == 0 or -4 <= scale < 6:
        return format_plain(value)
    mantissa = format(shortest.scaleb(-scale), "f")
    return f"{mantissa}e{'-' if scale < 0 else '+'}{abs(scale):02d}"


def format_open_metrics(value: float) -> str:
    """A float as OpenMetrics writes it in labels: ``1.0``, ``0.99``, ``+Inf``."""
    text = format_general(value)
    return text if _special(value) or "." in text or "e" in text else text + ".0"


def parse_float(text: str) -> float | None:
    """A float as ``strconv.ParseFloat`` reads it, None when malformed; infinity and hexadecimal included."""
    lowered = text.lower()
    unsigned = lowered.lstrip("+-")
    if len(lowered) - len(unsigned) > 1:
        return None
    if unsigned.startswith("0x"):
        try:
            return float.fromhex(lowered) if "p" in unsigned else None
        except (ValueError, OverflowError):
            return None
    if text != text.strip() or (lowered != unsigned and unsigned == "nan"):
        return None
    try:
        return float(text) if "_" not in text and text.isascii() else None
    except ValueError:
        return None
