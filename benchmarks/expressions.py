"""How fast PromQL is read, checked and printed."""

from __future__ import annotations

from collections.abc import Iterator

import promql_parser
import yaml

from benchmarks.fleet import SPECS
from benchmarks.rows import Row, fastest
from generators import promql
from generators.promql.syntax.ast import Expr


def measure() -> Iterator[Row]:
    """Measure a thousand rendered expressions, beside the Rust parser of the same language."""
    texts = _expressions()
    ours = fastest(lambda: [promql.check(_parsed(text)) for text in texts])
    theirs = fastest(lambda: [promql_parser.parse(text) for text in texts])
    length = sum(map(len, texts)) / len(texts)
    name = f"parse and check 1,000 rendered expressions ({length:.0f} characters each on average)"
    yield Row(name, ours, "s", 0.25, peer=f"promql-parser (Rust, no positions) {theirs:.3g} s")
    trees = [_parsed(text) for text in texts]
    lines = fastest(lambda: [promql.pretty(tree) for tree in trees])
    yield Row("print the same 1,000 expressions over several lines", lines, "s")


def _parsed(text: str) -> Expr:
    expr, problems = promql.parse(text)
    if expr is None:
        raise ValueError(problems[0].message)
    return expr


def _expressions() -> list[str]:
    """Return a thousand expressions of the committed rules, on one line each, repeated where there are fewer."""
    files = sorted((SPECS.parent / "rendered").rglob("*.rules.yaml"))
    found = [
        rule["expr"]
        for path in files
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
        for rule in group["rules"]
    ]
    lines = [promql.format(_parsed(text)) for text in found]
    return (lines * (1000 // len(lines) + 1))[:1000]
