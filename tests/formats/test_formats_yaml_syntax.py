from __future__ import annotations

import pytest
import yaml

from generators.formats.yaml import reader
from generators.formats.yaml.reader import load_documents

# text → code, line, column, a word of the message
MISTAKES = {
    "a tab as indentation": ("a:\n\tb: 1", "Y002", 2, 1, "tab"),
    "a tab in a block": ("a: >\n\tx", "Y002", 2, 1, "tab"),
    "a colon in a value": ("a: note: nightly", "Y005", 1, 8, "unquoted"),
    "an unclosed single quote": ("a: 'x\nb: 1\n", "Y003", 1, 4, "'"),
    "an unclosed double quote": ('a: 1\nb: "x\n', "Y003", 2, 4, '"'),
    "a quote that runs into the next document": ('a: "x\n---\nb: 1', "Y003", 1, 4, '"'),
    "an unclosed list": ("a: [1, 2\nb: 1\n", "Y004", 1, 4, "`[` is not closed"),
    "an unclosed mapping": ("a: {x: 1\nb: 2\n", "Y004", 1, 4, "`{` is not closed"),
    "a list unclosed at the end": ("a: 1\nb: [\n", "Y004", 2, 4, "`[` is not closed"),
    "the wrong bracket": ("a: [1, 2}", "Y004", 1, 9, "closed with `}`"),
    "a bracket too many": ("a: [x]]", "Y004", 1, 7, "closes nothing"),
    "a bracket alone": ("a: ]", "Y004", 1, 4, "closes nothing"),
    "a missing item": ("a: [1, , 2]", "Y001", 1, 8, "missing before `,`"),
    "a key too deep": ("a: 1\n  b: 2\n", "Y006", 2, 3, "no place"),
    "a key too shallow": ("a:\n    b: 1\n  c: 2\n", "Y006", 3, 3, "indentation"),
    "a key after a word": ("a\nb: 1", "Y006", 2, 1, "no place"),
    "an item among keys": ("a: 1\n- b", "Y006", 2, 1, "list item"),
    "an item on the line of its key": ("a: - b", "Y006", 1, 4, "line of its key"),
    "a key without a space": ("a: 1\nb:2\n", "Y001", 2, 1, "`: ` is missing"),
    "an at sign": ("a: @growth", "Y020", 1, 4, "`@`"),
    "a percent sign": ("a: %x", "Y020", 1, 4, "`%`"),
    "an asterisk": ("a: *", "Y020", 1, 4, "`*`"),
    "an ampersand": ("a: & b", "Y020", 1, 4, "`&`"),
    "an unknown tag handle": ("a: !x!y z", "Y020", 1, 4, "`!`"),
    "an unknown escape": (r'a: "x\d+"', "Y021", 1, 6, r"`\d`"),
    "an apostrophe": ("a: 'it's'", "Y022", 1, 8, "closing quote"),
    "text after a block sign": ("a: |x\n  b", "Y001", 1, 5, "`|`"),
    "an unknown version": ("%YAML 3.0\n---\na: 1", "Y001", 1, 1, "directive"),
    "text after an end of document": ("a: 1\n...\nb\n...\n", "Y001", 3, 1, "---"),
}


@pytest.mark.parametrize("loader", ["CSafeLoader", "SafeLoader"])
@pytest.mark.parametrize(("text", "code", "line", "column", "words"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_explained_where_it_was_made(
    text: str, code: str, line: int, column: int, words: str, loader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "FAST_LOADER", getattr(yaml, loader))
    _, (problem,) = load_documents(text, "f.yaml")
    assert (problem.code, problem.position.line, problem.position.column) == (code, line, column)
    assert words in problem.message
    assert problem.help
