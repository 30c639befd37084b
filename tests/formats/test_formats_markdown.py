from __future__ import annotations

import posixpath
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generators.formats import markdown
from generators.formats.characters import one_line

HOSTILE = (
    *("<script>alert(1)</script>", "[x](javascript:alert(1))", "![x](http://evil/x.png)", "# heading", "> quote"),
    *("- item", "+ item", "* item", "1. item", "12) item", "===", "---", "***", "| a | b |\n|---|---|", "```\ncode"),
    *(
        "~~~",
        "&lt;b&gt;",
        "&#60;b&#62;",
        "**bold** __bold__ _x_ *y*",
        "~~gone~~",
        "http://evil.example",
        "www.evil.com",
    ),
    *("<http://evil>", "<me@evil.com>", "me@evil.com", "mailto:me@evil.com", "a\\", "\\<b>", "`<b>`", "``<b>``", "$x$"),
    *(
        "{{ site.secret }}",
        "{% raw %}",
        "[^1]",
        "[ref]: http://evil",
        "    indented",
        "a\n\n# b",
        "\u202eevil",
        "|",
        "#",
    ),
    *("a`|`b", "ftp://x.y", "[!NOTE]", "WWW.x.y", "x:y@z", "_a@b.c_", "`", "` `", "0) x", "a  \nb", "--", "a@b@c.d"),
)
TEXT = st.text(max_size=30) | st.text("a1.:/@<>[]()!*_`~|#&;$\\{}%+-=\n w", max_size=16) | st.sampled_from(HOSTILE)
INERT = r"(?:\\[\\`*\[\]<>{}|~$#&_:.)+=-]|`(?!`)[^`]+`|(``+) ?(?:(?!\1).)+ ?\1|[^\\`*\[\]<>{}|~$#&])*"


@settings(derandomize=True, deadline=None)
@given(TEXT)
@example("")
def test_no_special_character_is_left_bare(text: str) -> None:
    escaped = markdown.escape(text)
    assert re.fullmatch(INERT, escaped), escaped
    assert "\n" not in escaped
    assert not re.match(r"[-+=]|[0-9]+[.)](?: |\Z)", escaped)
    assert not re.search(r"(?i)www\.|[a-z]:\S", re.sub(r"`[^`]+`", "", escaped))


@settings(derandomize=True, deadline=None)
@given(TEXT)
def test_words_survive(text: str) -> None:
    shown = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown.escape(text))
    assert shown.replace("`", "").replace(" ", "") == one_line(text).replace("`", "").replace(" ", "")


def kinds(text: str) -> set[str]:
    """Return what an independent reader of Markdown finds in a page, inline elements included."""
    reader = pytest.importorskip("markdown_it").MarkdownIt("gfm-like")
    found = set()
    for token in reader.parse(text):
        found.add(token.type)
        found.update(child.type for child in token.children or ())
    return found


@settings(derandomize=True, deadline=None)
@given(TEXT)
def test_an_independent_reader_finds_only_text(text: str) -> None:
    allowed = {"paragraph_open", "paragraph_close", "inline", "text", "text_special", "code_inline"}
    assert kinds(markdown.escape(text)) <= allowed
    item = {"bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close"}
    assert kinds(markdown.bullets([markdown.escape(text)])) <= allowed | item
    assert kinds(markdown.heading(2, text)) <= allowed - {"paragraph_open"} | {"heading_open", "heading_close"}


@settings(derandomize=True, deadline=None)
@given(TEXT, TEXT)
def test_an_independent_reader_finds_a_table_of_two_columns(left: str, right: str) -> None:
    rows = [[markdown.escape(left) or "x", markdown.escape(right) or "x"]] * 2
    found = pytest.importorskip("markdown_it").MarkdownIt("gfm-like").parse(markdown.table(["a", "b"], rows))
    types = [token.type for token in found]
    assert types.count("th_open") == 2
    assert types.count("td_open") == 4
    assert types[-1] == "table_close"


@settings(derandomize=True, deadline=None)
@given(TEXT)
def test_a_code_block_holds_whatever_is_in_it(text: str) -> None:
    lines = markdown.fence(text, "promql").split("\n")
    ticks = lines[0].removesuffix("promql")
    assert set(ticks) == {"`"}
    assert lines[-1] == ticks
    assert not any(line.strip().startswith(ticks) for line in lines[1:-1])
    assert len(lines) == 2 + len(text.split("\n"))


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("https://x.example/a(b)?c=d", "[see](https://x.example/a%28b%29?c=d)"),
        ("https://x.example/a b", "see (https\\://x\\.example/a b)"),
        ("../other/Page.md", "[see](../other/Page.md)"),
        ("javascript:alert(1)", "see (javascript\\:alert(1))"),
        ("//evil.example", "see (//evil\\.example)"),
        ("data:text/html,x", "see (data\\:text/html,x)"),
    ],
)
def test_links_lead_to_the_web_or_to_files_beside(target: str, text: str) -> None:
    assert markdown.link("see", target) == text


def test_ordinary_text_stays_readable() -> None:
    text = "Share of error_type (5.3 %): see `kubectl get`, then call ml@example.com; it's ok."
    assert markdown.escape(text) == (
        "Share of error_type (5.3 %): see `kubectl get`, then call `ml@example.com`; it's ok."
    )


def test_empty_columns_are_left_out() -> None:
    assert markdown.table(["a", "b", "c"], [["1", "", "3"], ["4", "", ""]]) == (
        "| a | c |\n| --- | --- |\n| 1 | 3 |\n| 4 |  |"
    )


PATH = st.lists(st.sampled_from("abc"), max_size=4).map(lambda folders: "/".join([*folders, "Page.md"]))


@settings(derandomize=True, deadline=None)
@given(PATH, PATH)
def test_relative_paths_are_those_of_the_standard_library(target: str, page: str) -> None:
    assert markdown.relative(target, page) == posixpath.relpath(f"/{target}", f"/{posixpath.dirname(page)}")
