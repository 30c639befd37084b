"""Go's ``fmt.Sprintf`` over template values: verbs, flags, width, precision, and its ways of complaining."""

from __future__ import annotations

import re
from dataclasses import dataclass

from generators.promql.templates.lexer import go_quote
from generators.promql.templates.numbers import format_float
from generators.promql.templates.values import GoMap, Value, text, type_name

MAX_WIDTH = 1_000_000
_DIRECTIVE = re.compile(
    r"%(?P<flags>[-+# 0]*)(?P<at1>\[\d+\])?(?P<width>\*|\d+)?(?P<at2>\[\d+\])?(?:\.(?P<precision>\*|\d*))?"
    r"(?P<at3>\[\d+\])?(?P<verb>.)?",
    re.DOTALL,
)
_BASES = {"b": "b", "o": "o", "O": "o", "d": "d", "x": "x", "X": "X"}
_PREFIXES = {"b": "0b", "o": "0", "O": "0o", "d": "", "x": "0x", "X": "0X"}


@dataclass(frozen=True, slots=True)
class Directive:
    """One ``%`` directive, with its width and precision settled."""

    verb: str
    flags: str = ""
    width: int = 0
    precision: int | None = None

    def pad(self, shown: str, *, zero: bool = True) -> str:
        """Fill up to the width, behind the sign where the padding is zeros."""
        if "-" in self.flags:
            return shown.ljust(self.width)
        if "0" in self.flags and zero:
            sign = shown[:1] if shown[:1] in ("+", "-", " ") and len(shown) > 1 else ""
            return sign + shown[len(sign) :].rjust(self.width - len(sign), "0")
        return shown.rjust(self.width)


def sprintf(layout: str, arguments: tuple[Value, ...]) -> str:
    """Format as Go does; what does not fit shows in the text, as there: ``%!d(string=hi)``."""
    pieces: list[str] = []
    position, taken, reordered = 0, 0, False
    while (percent := layout.find("%", position)) >= 0:
        pieces.append(layout[position:percent])
        match = _DIRECTIVE.match(layout, percent)
        if match is None or match["verb"] is None:
            pieces.append("%!(NOVERB)")
            position = len(layout)
            break
        position = match.end()
        reordered = reordered or any(match[group] for group in ("at1", "at2", "at3"))
        shown, taken = _directive(match, arguments, taken)
        pieces.append(shown)
    pieces.append(layout[position:])
    if taken < len(arguments) and not reordered:
        extra = ", ".join(_extra(value) for value in arguments[taken:])
        pieces.append(f"%!(EXTRA {extra})")
    return "".join(pieces)


def _extra(value: Value) -> str:
    return "<nil>" if value is None else f"{type_name(value)}={text(value)}"


def _directive(match: re.Match[str], arguments: tuple[Value, ...], taken: int) -> tuple[str, int]:
    """Format one directive; return its text and how many arguments are used up."""
    flags, precision, width = match["flags"], match["precision"], match["width"]
    if match["at1"] and width is not None:
        taken = int(match["at1"][1:-1]) - 1
    if width == "*":
        size, taken = _star(arguments, taken)
        if size is None:
            return "%!(BADWIDTH)", taken
        flags, width = (flags + "-" if size < 0 else flags), str(abs(size))
    if precision == "*":
        size, taken = _star(arguments, taken)
        if size is None or size < 0:
            return "%!(BADPREC)", taken
        precision = str(size)
    at = match["at3"] or match["at2"] or (match["at1"] if match["width"] is None else None)
    taken = int(at[1:-1]) - 1 if at else taken
    if match["verb"] == "%":
        return "%", taken
    if not 0 <= taken < len(arguments):
        return f"%!{match['verb']}({'BADINDEX' if at else 'MISSING'})", taken
    number = None if precision is None else int(precision or 0)
    if int(width or 0) > MAX_WIDTH or (number or 0) > MAX_WIDTH:
        return "%!(BADWIDTH)", taken + 1
    directive = Directive(match["verb"], flags, int(width or 0), number)
    return _format(directive, arguments[taken]), taken + 1


def _star(arguments: tuple[Value, ...], taken: int) -> tuple[int | None, int]:
    value = arguments[taken] if 0 <= taken < len(arguments) else None
    good = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_WIDTH
    return (value if good and isinstance(value, int) else None), taken + 1


def _format(directive: Directive, value: Value) -> str:
    if directive.verb == "T":
        return directive.pad(type_name(value))
    if value is None:
        return directive.pad("<nil>") if directive.verb == "v" else f"%!{directive.verb}(<nil>)"
    shown = _by_type(directive, value)
    return f"%!{directive.verb}({type_name(value)}={text(value)})" if shown is None else shown


def _by_type(directive: Directive, value: Value) -> str | None:
    match value:
        case bool():
            return _bool(directive, value)
        case int():
            return _integer(directive, value)
        case float():
            return _float(directive, value)
        case str():
            return _string(directive, value)
        case list():
            return "[" + " ".join(_format(directive, item) for item in value) + "]"
        case GoMap():
            entries = sorted(value.entries.items())
            shown = (f"{_format(directive, key)}:{_format(directive, item)}" for key, item in entries)
            return "map[" + " ".join(shown) + "]"
    return directive.pad(text(value)) if directive.verb in ("v", "s") else None


def _bool(directive: Directive, value: bool) -> str | None:
    return directive.pad(text(value)) if directive.verb in ("t", "v") else None


def _string(directive: Directive, value: str) -> str | None:
    cut = value if directive.precision is None else value[: directive.precision]
    match directive.verb:
        case "s":
            return directive.pad(cut)
        case "v":
            return directive.pad(go_quote(cut) if "#" in directive.flags else cut)
        case "q":
            quoted = go_quote(cut)
            return directive.pad(_ascii(quoted) if "+" in directive.flags else quoted)
        case "x" | "X":
            encoded = cut.encode("utf-8", "replace")
            shown = encoded.hex(" ") if " " in directive.flags else encoded.hex()
            return directive.pad(shown.upper() if directive.verb == "X" else shown)
    return None


def _ascii(quoted: str) -> str:
    return "".join(
        character
        if character.isascii()
        else f"\\u{ord(character):04x}"
        if ord(character) < 0x10000
        else f"\\U{ord(character):08x}"
        for character in quoted
    )


def _integer(directive: Directive, value: int) -> str | None:
    verb = "d" if directive.verb == "v" else directive.verb
    if verb in _BASES:
        digits = f"{abs(value):{_BASES[verb]}}".rjust(directive.precision or 0, "0")
        prefix = _PREFIXES[verb] if "#" in directive.flags or verb == "O" else ""
        sign = "-" if value < 0 else _sign(directive)
        return directive.pad(sign + prefix + digits, zero=directive.precision is None)
    in_range = 0 <= value <= 0x10FFFF and not 0xD800 <= value < 0xE000
    character = chr(value) if in_range else "\ufffd"
    if verb == "c":
        return directive.pad(character)
    if verb == "q":
        quoted = go_quote(character)[1:-1].replace('\\"', '"').replace("'", "\\'")
        return directive.pad(f"'{quoted}'")
    if verb == "U":
        return directive.pad(f"U+{value:04X}" + (f" '{character}'" if "#" in directive.flags else ""))
    return None


def _sign(directive: Directive) -> str:
    return "+" if "+" in directive.flags else " " if " " in directive.flags else ""


def _float(directive: Directive, value: float) -> str | None:
    verb = "g" if directive.verb == "v" else directive.verb
    if verb not in ("e", "E", "f", "F", "g", "G"):
        return None
    precision = 6 if directive.precision is None and verb in "eEfF" else directive.precision
    shown = format_float(value, verb.lower(), precision)
    shown = shown.upper() if verb in "EG" and shown[-1:].isdigit() else shown
    shown = shown if shown[0] in "+-" else _sign(directive) + shown
    finite = shown[-1:].isdigit()
    return directive.pad(shown, zero=finite)
