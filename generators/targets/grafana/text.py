"""What dashboards say, in the syntaxes that Grafana reads: queries, legends, links, Markdown."""

from __future__ import annotations

import re
from functools import lru_cache

from generators import promql
from generators.formats import markdown
from generators.formats.characters import one_line
from generators.grafana.text import inert
from generators.planning.dashboards.panels import Legend, Link, Panel
from generators.promql.syntax.ast import Expr

_STRING = re.compile(r'(=~)?"((?:[^"\\]|\\.)*)"')
_VARIABLE = re.compile(r"\$[a-z_]+")
_LABEL = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
CARRIED = ("${__url_time_range}", "${datasource:queryparam}", "${environment:queryparam}")
"""What a link takes along."""


def query_text(expr: Expr) -> str:
    """Return an expression in which only our variables vary.

    A dollar and double brackets anywhere else in a string are written as escapes of PromQL, which mean the same there
    and nothing to Grafana. A regular expression that begins with a dollar and a name is a variable of ours: as a
    pattern it would match nothing.
    """
    text = promql.format(expr)
    strings = _STRING.findall(text)
    return _STRING.sub(_string, text) if any(_is_read(*each) for each in strings) else text


def _string(found: re.Match[str]) -> str:
    operator, words = found[1] or "", found[2]
    if not _is_read(operator, words):
        return found[0]
    return f'{operator}"{words.replace("$", chr(92) + "x24").replace("[[", chr(92) + "x5b[")}"'


def _is_read(operator: str, words: str) -> bool:
    """Whether Grafana would read a variable out of a string that is none of ours."""
    if "$" in words:
        return not operator or _VARIABLE.fullmatch(words) is None
    return "[[" in words


def legend_text(legend: Legend) -> str:
    """Return the pattern of a series' name."""
    labels = " / ".join(f"{{{{{label}}}}}" for label in legend.labels)
    return " ".join(filter(None, (title(legend.words), labels)))


@lru_cache(maxsize=65536)
def title(text: str) -> str:
    """Return free text as a title on one line."""
    return inert(one_line(text))


@lru_cache(maxsize=65536)
def prose(text: str) -> str:
    """Return free text as Markdown that shows exactly its words; empty lines divide paragraphs."""
    return inert("\n\n".join(markdown.paragraphs(text)))


def link(each: Link, labels: dict[str, str] | None = None) -> dict[str, object]:
    """Return a link; ``{label}`` in it becomes what ``labels`` says, else the label of the series that was clicked."""

    def put(found: re.Match[str]) -> str:
        field = (labels or {}).get(found[1])
        return f'${{__data.fields["{field}"]}}' if field else f"${{__field.labels.{found[1]}}}"

    target = f"/d/{each.uid}?{'&'.join(CARRIED)}" if each.uid else each.url
    fields: dict[str, object] = {"title": title(each.title), "url": _LABEL.sub(put, target)}
    if not target.startswith("/"):
        fields["targetBlank"] = True
    return fields


def content(panel: Panel) -> str:
    """Return what a text panel says, as Markdown."""
    rows = [(f"**{markdown.escape(name)}**", markdown.escape(value)) for name, value in panel.facts]
    links = [markdown.link(each.title, each.url) for each in panel.links if each.url]
    blocks = [*markdown.paragraphs(panel.text), markdown.table(("", ""), rows), " · ".join(links)]
    return inert("\n\n".join(block for block in blocks if block))
