r"""Go's regular expressions (RE2), compiled with Python's ``re``.

RE2 has no look-around and no back-references, lets flags stand anywhere, knows classes such as
``[[:alpha:]]``, and its ``\d`` is ASCII. What RE2 refuses is refused here. The one thing that RE2 can say
and ``re`` cannot is a Unicode class (``\pL``): it is refused too, with a message that says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

_POSIX = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7f",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_PERL = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\f\r "}
_ASSERTIONS = {"A": r"(?:\A)", "z": r"(?:\Z)", "b": r"(?a:\b)", "B": r"(?a:\B)"}
_CONTROLS = dict(zip("aftnrv", ("\\x07", "\\x0c", "\\x09", "\\x0a", "\\x0d", "\\x0b"), strict=True))

_TOKEN = re.compile(
    r"""
      \\Q(?P<quoted>.*?)(?:\\E|\Z)
    | (?P<escape> \\ (?: x\{[0-9A-Fa-f]{1,6}\} | x[0-9A-Fa-f]{2} | [pP](?:\{[^}]*\}|.) | [0-7]{1,3} | .))
    | (?P<class> \[ \^? \]? (?: \[:\^?\w+:\] | \\. | [^\]\\] )* \])
    | (?P<flags> \(\?(?P<on>[imsU]*)(?:-(?P<off>[imsU]+))?(?P<scope>[:)]))
    | \(\?P?<(?P<name>\w+)>
    | (?P<bad> \(\? | \[ | \\\Z)
    | (?P<open> \() | (?P<close> \)) | (?P<bar> \|)
    | (?P<repeat> [*+?]\?? | \{(?P<least>\d+)(?P<most>,\d*)?\}\??)
    | (?P<anchor> [\^$]) | (?P<dot> \.) | (?P<literal> .)
    """,
    re.VERBOSE | re.DOTALL,
)
_CLASS_ITEM = re.compile(
    r"\[:(?P<negated>\^?)(?P<posix>\w+):\]|(?P<escape>\\(?:x\{[0-9A-Fa-f]{1,6}\}|x[0-9A-Fa-f]{2}|[0-7]{1,3}|.))|(?P<char>.)",
    re.DOTALL,
)


class RegexError(ValueError):
    """A pattern that RE2 refuses, or that needs a Unicode class."""


@dataclass(slots=True)
class _Group:
    """An open group: the flag groups opened in its current branch, to be closed and opened again at ``|``."""

    flags: list[str] = field(default_factory=list)
    multiline: bool = False


@lru_cache(maxsize=4096)
def compile_regex(pattern: str) -> re.Pattern[str]:
    """Compile an RE2 pattern; use ``fullmatch``, as Alertmanager anchors both ends. Raises RegexError."""
    try:
        return re.compile(_translate(pattern))
    except (re.error, OverflowError, RecursionError) as error:
        raise RegexError(str(error)) from error


def _translate(pattern: str) -> str:
    out: list[str] = []
    groups = [_Group()]
    repeated = False
    for token in _TOKEN.finditer(pattern):
        kind = token.lastgroup
        was_repeated, repeated = repeated, token["repeat"] is not None
        if token["repeat"] is not None:
            out.append(_repetition(token, was_repeated))
        elif token["flags"] is not None:
            out.append(_flags(token, groups))
        elif token["open"] is not None or token["name"] is not None:
            groups.append(_Group(multiline=groups[-1].multiline))
            out.append("(?:")
        elif token["close"] is not None:
            if len(groups) == 1:
                raise RegexError("unexpected )")
            out.append(")" * (len(groups.pop().flags) + 1))
        elif token["bar"] is not None:
            out.append(")" * len(groups[-1].flags) + "|" + "".join(groups[-1].flags))
        elif token["bad"] is not None:
            raise RegexError(f"`{pattern[token.start() : token.start() + 4]}` is not part of RE2, or is never closed")
        else:
            out.append(_atom(token, kind, groups[-1].multiline))
    if len(groups) > 1:
        raise RegexError("missing closing )")
    return "".join(out) + ")" * len(groups[0].flags)


def _atom(token: re.Match[str], kind: str | None, multiline: bool) -> str:
    text = token[0]
    match kind:
        case "quoted":
            return re.escape(token["quoted"])
        case "escape":
            return _escape(text)
        case "class":
            return _class(text)
        case "anchor":
            return f"(?:{text})" if multiline else {"^": r"(?:\A)", "$": r"(?:\Z)"}[text]
        case "dot":
            return text
        case _:
            return re.escape(text)


def _flags(token: re.Match[str], groups: list[_Group]) -> str:
    """Open a group for ``(?i)`` and ``(?i:``; ungreediness does not change what matches as a whole."""
    on = "".join(sorted(set(token["on"]) - {"U"}))
    off = "".join(sorted(set(token["off"] or "") - {"U"}))
    opening = f"(?{on}{'-' + off if off else ''}:"
    multiline = (groups[-1].multiline or "m" in on) and "m" not in off
    if token["scope"] == ":":
        groups.append(_Group(multiline=multiline))
    else:
        groups[-1].flags.append(opening)
        groups[-1].multiline = multiline
    return opening


def _repetition(token: re.Match[str], was_repeated: bool) -> str:
    if was_repeated:
        raise RegexError(f"`{token[0]}` repeats a repetition")
    bounds = [int(number) for number in (token["least"], (token["most"] or "")[1:]) if number]
    if any(bound > 1000 for bound in bounds):
        raise RegexError(f"`{token[0]}` repeats more than 1000 times")
    return token[0]


def _escape(text: str) -> str:
    name = text[1]
    if name in _ASSERTIONS:
        return _ASSERTIONS[name]
    if name.lower() in _PERL:
        return f"[{'^' if name.isupper() else ''}{_PERL[name.lower()]}]"
    return _character(text)


def _character(text: str) -> str:
    """Turn an escape that stands for one character into one that ``re`` knows, in and out of classes."""
    name = text[1]
    if name in "pP":
        raise RegexError(f"the Unicode class `{text}` is valid in Alertmanager but not known here")
    if name in _CONTROLS:
        return _CONTROLS[name]
    if name == "x" and len(text) > 2:
        return _code(int(text[2:].strip("{}"), 16), text)
    if name.isdigit() and (name == "0" or (len(text) > 2 and name in "1234567")):
        return _code(int(text[1:], 8), text)
    if name.isascii() and not name.isalnum():
        return re.escape(name)
    raise RegexError(f"`{text}` is not an escape of RE2")


def _code(number: int, text: str) -> str:
    if number > 0x10FFFF:
        raise RegexError(f"`{text}` is beyond Unicode")
    return f"\\U{number:08x}"


def _class(text: str) -> str:
    negated = text.startswith("[^")
    items = _CLASS_ITEM.finditer(text, 2 if negated else 1, len(text) - 1)
    return f"[{'^' if negated else ''}{''.join(_class_item(item) for item in items)}]"


def _class_item(item: re.Match[str]) -> str:
    if item["posix"] is not None:
        if item["posix"] not in _POSIX:
            raise RegexError(f"`{item[0]}` is not a class of RE2")
        return _complement(_POSIX[item["posix"]]) if item["negated"] else _POSIX[item["posix"]]
    if item["escape"] is not None:
        name = item["escape"][1]
        if name in _PERL:
            return _PERL[name]
        return _complement(_PERL[name.lower()]) if name.lower() in _PERL else _character(item["escape"])
    return item["char"] if item["char"] == "-" else re.escape(item["char"])


@lru_cache(maxsize=64)
def _complement(ranges: str) -> str:
    """Write out the characters outside ASCII ranges, as a class cannot hold a negated class."""
    inside = re.compile(f"[{ranges}]")
    outside = "".join(f"\\x{code:02x}" for code in range(128) if not inside.match(chr(code)))
    return outside + "\\x80-\\U0010ffff"
