"""Every code that a problem in a spec can have, with what its page in the docs says.

Families: Y YAML, S shapes, V values and units, R references, P planning, A alerts and routes, B budget,
T targets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of problem: what it means, and the smallest example that has it and that does not."""

    code: str
    title: str
    explanation: str
    wrong: str
    right: str


_YAML = (
    Code(
        "Y001",
        "Not well-formed YAML",
        "The text cannot be read as YAML at the place shown.",
        "a: [1, , 2]",
        "a: [1, 2]",
    ),
    Code(
        "Y002",
        "Tab as indentation",
        "YAML indents with spaces only.",
        "spec:\n\ttask: ranking",
        "spec:\n  task: ranking",
    ),
    Code(
        "Y003",
        "Quote not closed",
        "A quoted value runs to the end of the document.",
        'owner: "growth',
        'owner: "growth"',
    ),
    Code(
        "Y004",
        "Brackets do not match",
        "A `[` or `{` is not closed, is closed by the wrong bracket, or closes nothing.",
        "classes: [stay, churn",
        "classes: [stay, churn]",
    ),
    Code(
        "Y005",
        "Colon in an unquoted value",
        "A colon and a space start a value, so text that contains them needs quotes.",
        "description: note: nightly",
        'description: "note: nightly"',
    ),
    Code(
        "Y006",
        "Indentation does not line up",
        "A line starts in a column that belongs to none of the blocks above it.",
        "spec:\n    task: ranking\n  version: 1.0.0",
        "spec:\n  task: ranking\n  version: 1.0.0",
    ),
    Code(
        "Y007",
        "Duplicate key",
        "A key occurs twice in one mapping. Most YAML readers drop one of the two silently.",
        "window: 30d\nwindow: 7d",
        "window: 30d",
    ),
    Code(
        "Y008",
        "Key is not text",
        "A key is a number, true, false, empty, a list or a mapping.",
        "1: low",
        '"1": low',
    ),
    Code(
        "Y009",
        "Merge key",
        "`<<` belongs to YAML 1.1; readers disagree on it. Defaults and packs share settings instead.",
        "a: &a {x: 1}\nb: {<<: *a}",
        "a: {x: 1}\nb: {x: 1}",
    ),
    Code(
        "Y010",
        "Tag",
        "Values have the type they look like; tags such as `!!str` are not used.",
        "v: !!str 1",
        'v: "1"',
    ),
    Code(
        "Y011",
        "Unknown anchor",
        "An alias has no anchor of its name before it in its document.",
        "b: *a",
        "a: &a 1\nb: *a",
    ),
    Code(
        "Y012",
        "Anchor contains itself",
        "An alias stands inside the value that it stands for.",
        "a: &a [*a]",
        "a: []",
    ),
    Code(
        "Y013",
        "Aliases expand to too much",
        "Aliases of aliases repeat so many values that reading them all would take the compiler down.",
        "a: &a [x, x]\nb: &b [*a, *a]  # … and so on",
        "a: [x, x]",
    ),
    Code("Y014", "Not UTF-8", "The file is in another encoding, or is not text.", "caf\\xe9", "café"),
    Code(
        "Y015",
        "Character that does not show",
        "A control character, or a space that is none, stands where a reviewer cannot see it.",
        "task:\\u200b ranking",
        "task: ranking",
    ),
    Code("Y016", "No document", "The file is empty or has only comments.", "# nothing", "kind: Team"),
    Code(
        "Y017",
        "File too large",
        "Specs are written by hand; a file of many megabytes is none.",
        "(5 MB)",
        "(5 kB)",
    ),
    Code("Y018", "Nested too deeply", "Lists and mappings are nested deeper than any spec.", "[[[[…]]]]", "[1]"),
    Code("Y019", "Number out of range", "A number has too many digits, or is too large.", "v: 1e999", "v: 1e99"),
    Code(
        "Y020",
        "Reserved character",
        "Unquoted values cannot start with @ ` % or with & * ! that do not introduce a name.",
        "owner: @growth",
        'owner: "@growth"',
    ),
    Code(
        "Y021",
        "Unknown escape",
        "Double quotes know only YAML's escapes; single quotes know none.",
        r'pattern: "\d+"',
        r"pattern: '\d+'",
    ),
    Code(
        "Y022",
        "Text after the closing quote",
        "A quote inside the value ended it early.",
        "note: 'it's'",
        "note: 'it''s'",
    ),
)

_VALUES = (
    Code(
        "V201",
        "Not a duration",
        "A duration is numbers with units y w d h m s ms, largest first.",
        "1.5h",
        "1h30m",
    ),
    Code("V202", "Not a number", "A plain decimal number is expected.", "max: about 5", "max: 5"),
    Code(
        "V203",
        "Unknown unit",
        "The unit is not one of UCUM's that are in use here.",
        "max: 5 parsec",
        "max: 5 km",
    ),
    Code(
        "V204",
        "Units do not match",
        "Two values are compared or added whose units measure different things.",
        "limit: 500ms < 3 USD",
        "limit: 500ms < 3s",
    ),
    Code(
        "V205",
        "Not a comparison",
        "A comparison is an operator and a value.",
        "warning: under 5",
        "warning: < 5",
    ),
    Code("V206", "Not a range", "A range is a lower and an upper end.", "0.8 - 1.25", "0.8 .. 1.25"),
    Code(
        "V207",
        "Number out of range",
        "A number has too many digits, or is too large.",
        "max: 1e999",
        "max: 1e9",
    ),
)

CODES: Final[dict[str, Code]] = {code.code: code for code in sorted((*_YAML, *_VALUES), key=lambda code: code.code)}
