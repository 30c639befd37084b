"""Pages of the problems that stop the parser: ``Q001`` to ``Q019``."""

from __future__ import annotations

from typing import Final

from generators.promql.problems import Code

SYNTAX_CODES: Final = (
    Code(
        "Q001",
        "unexpected text",
        "The text is no PromQL from this place on. The message says what was found and what could have stood there.",
        "sum by (job) rate(errors_total[5m])",
        "sum by (job) (rate(errors_total[5m]))",
    ),
    Code(
        "Q002",
        "a character that PromQL does not know",
        "Often a sign of another language, or a typographic character copied from a document.",
        "up == 0 && absent(up)",
        "up == 0 and absent(up)",
    ),
    Code(
        "Q003",
        "a broken string",
        "The string is never closed, or has an escape that Go does not know. In double quotes a backslash is "
        "written twice; in backticks it stands for itself.",
        r'requests_total{path=~"/api\.v1"}',
        r'requests_total{path=~"/api\\.v1"}',
    ),
    Code(
        "Q004",
        "an unbalanced bracket",
        "A bracket is never closed, or closed without being open.",
        "sum(rate(errors_total[5m])",
        "sum(rate(errors_total[5m]))",
    ),
    Code(
        "Q005",
        "a broken number",
        "Numbers are decimal, hexadecimal (0x1f), or octal with a leading zero; underscores may stand between "
        "digits; the value must fit a 64-bit float.",
        "up > 1__000",
        "up > 1_000",
    ),
    Code(
        "Q006",
        "a broken duration",
        "Durations are whole numbers with the units y, w, d, h, m, s and ms, from large to small, each at most once.",
        "rate(errors_total[1.5h])",
        "rate(errors_total[1h30m])",
    ),
    Code(
        "Q007",
        "an empty expression",
        "There is nothing but white space and comments.",
        "# to do",
        "up == 0",
    ),
    Code(
        "Q008",
        "an operator in the wrong place, or of another language",
        "A sign or word that PromQL knows elsewhere or not at all: `=` compares labels only, `on` follows an "
        "operator, powers are written `^`.",
        "error_ratio = 1",
        "error_ratio == 1",
    ),
    Code(
        "Q009",
        "a modifier in the wrong place",
        "Ranges follow selectors; `offset`, `@`, `anchored` and `smoothed` follow selectors, ranges and "
        "subqueries, each once, and not in parentheses.",
        "rate(errors_total)[5m]",
        "rate(errors_total[5m])",
    ),
    Code(
        "Q010",
        "an aggregation with the wrong number of arguments",
        "Aggregations take one vector; topk, bottomk, quantile, count_values, limitk and limit_ratio take a "
        "parameter before it.",
        "topk(requests_total)",
        "topk(5, requests_total)",
    ),
    Code(
        "Q011",
        "a variable",
        "PromQL has none. Variables of Grafana, of templates and of shells must be filled in before.",
        "rate(errors_total[$__rate_interval])",
        "rate(errors_total[5m])",
    ),
    Code(
        "Q012",
        "an expression that is too deep",
        "More levels of parentheses, calls or operators than can be read. Record a part of it.",
        "a + (b + (c + (d + …)))",
        "a + job:rest:sum",
    ),
)
