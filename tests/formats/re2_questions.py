"""Asks Go what patterns mean, and writes `re2_goldens.json`: `python tests/formats/re2_questions.py` (needs Go)."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

GOLDENS = Path(__file__).with_name("re2_goldens.json")
ROOT = Path(__file__).parents[2]

PATTERNS = Path(__file__).with_name("re2_patterns.txt")
TEXTS = {
    "ab": "a|b|ab|abc|xa|abab|aab|a\nb|A|AB|Ab|aB",
    "unicode": "é|É|٣|Ω|k|K|\u212a|s|ſ|ß|ẞ|ı|İ|i|I|😀|\u00a0|\u200b|ǅ|µ|\u1fbf|\ufb05|\ufb06|²",
    "signs": "-|]|[|\\|^|&|_|{|}|.|$|#| |\t|\v|\x00|\n|a\n|\n\n|0|9|08|a{,2}|a{2|a{02}",
}
"""What the patterns under a heading are tried on, besides the empty text."""
TEMPLATES = (
    *("$1", "${1}-$2", "$0$0", "$1a-$2", "$01", "$$1", "$", "${1"),
    *("$n", "${n}x", "$nx", "a$b$", "$1é", "$²", "$é", "${1a}"),
)
TOKENS = (
    *"aaabbkS1é.",
    *(r"\d", r"\w", r"\W", r"\s", r"\pL", r"\b", r"\B", r"\Qa*\E", r"\n", r"\x6b", r"\A", r"\z"),
    *("[a-c]", "[^b]", "[^a-z]", "[[:alpha:]]", r"[\d_]", "(?i)", "(?s)", "(?m)", "(?U)", "(?-i)", "^", "$"),
    *("(", "(", "(", ")", ")", ")", ")", "(?:", "(?i:", "(?P<n>", "|", "|"),
    *("*", "+", "?", "*?", "+?", "??", "{2}", "{0,2}", "{1,}", "{0}", "{02}", "{1,2}?", "{40}"),
)


def questions() -> Iterator[dict[str, Any]]:
    """What Go is asked: patterns by hand, each on the texts of its kind, and patterns of random tokens."""
    chance = random.Random(20261201)  # noqa: S311  the same questions each time
    for section in PATTERNS.read_text(encoding="utf-8").split("== ")[1:]:
        kind, *patterns = section.split()
        for index, pattern in enumerate(["", "\n", *patterns]):
            texts, template = ["", *TEXTS[kind].split("|")], TEMPLATES[index % len(TEMPLATES)]
            yield {"pattern": pattern, "dot_all": index % 2 == 0, "texts": texts, "template": template}
    for index in range(2400):
        pattern = "".join(chance.choices(TOKENS, k=chance.randint(1, 9)))
        if chance.random() < 0.8:
            pattern += ")" * (pattern.count("(") - pattern.count(")"))
        texts = sorted({"".join(chance.choices("aabbkKs1é_\n ", k=chance.randint(0, 5))) for _ in range(6)})
        yield {"pattern": pattern, "dot_all": index % 2 == 0, "texts": texts, "template": chance.choice(TEMPLATES)}


def told(answer: dict[str, Any]) -> list[Any]:
    """An answer in few bytes: the pattern, whether `.` matches all; if valid, the template, and how each text went.

    That is False where nothing matches, True where a part of the text does, and for a whole text the filled template
    and the groups.
    """
    if not answer["valid"]:
        return [answer["pattern"], answer["dot_all"]]
    rows = zip(answer["texts"], answer["groups"], answer["found"], answer["expanded"], strict=True)
    outcomes = {text: found if groups is None else [filled, *groups] for text, groups, found, filled in rows}
    return [answer["pattern"], answer["dot_all"], answer["template"], outcomes]


def main() -> None:
    """Write what Go answers, a line a pattern."""
    command = ["go", "run", "tools/re2/main.go", "verdicts"]
    asked = json.dumps(list(questions()))
    made = subprocess.run(command, input=asked, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    lines = dict.fromkeys(
        json.dumps(told(each), ensure_ascii=False, separators=(",", ":")) for each in json.loads(made)
    )
    GOLDENS.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
