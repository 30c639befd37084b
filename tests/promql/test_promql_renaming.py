"""Labels get other names wherever an expression names them, and nothing else changes."""

from __future__ import annotations

import pytest

from generators.promql.syntax.ast import Expr
from generators.promql.syntax.parser import parse
from generators.promql.syntax.renaming import rename_labels


@pytest.mark.parametrize(
    ("text", "renamed"),
    [
        ('a{ml_x="ml_x", b!~"c"}[5m]', 'a{acme_x="ml_x", b!~"c"}[5m]'),
        ("ml_x", "ml_x"),
        ("sum by (ml_x, job) (a)", "sum by (acme_x, job) (a)"),
        ("topk without (ml_x) (3, a)", "topk without (acme_x) (3, a)"),
        ('count_values by (ml_y) ("ml_x", a)', 'count_values by (acme_y) ("acme_x", a)'),
        ("a / on (ml_x) group_left (ml_y) b", "a / on (acme_x) group_left (acme_y) b"),
        ("a unless ignoring (ml_x) b", "a unless ignoring (acme_x) b"),
        (
            'label_replace(a, "ml_x", "ml_$1", "ml_y", "ml_z")',
            'label_replace(a, "acme_x", "ml_$1", "acme_y", "ml_z")',
        ),
        ('label_join(a, "ml_x", "ml_", "ml_y", "z")', 'label_join(a, "acme_x", "ml_", "acme_y", "z")'),
        ('sort_by_label(a, "ml_x", "b")', 'sort_by_label(a, "acme_x", "b")'),
        (
            'max_over_time((sum by (ml_x) (-a{ml_y="1"}))[1h:5m])',
            'max_over_time((sum by (acme_x) (-a{acme_y="1"}))[1h:5m])',
        ),
    ],
)
def test_every_place_that_names_a_label(text: str, renamed: str) -> None:
    def rename(name: str) -> str:
        return name.replace("ml_", "acme_")

    assert rename_labels(_parsed(text), rename) == _parsed(renamed)
    assert rename_labels(_parsed(text), lambda name: name) == _parsed(text)


def test_holes_of_labels_stay() -> None:
    expr = _parsed("sum by ($by, x) ($a)")
    assert rename_labels(expr, str.upper) == _parsed("sum by ($by, X) ($a)")


def _parsed(text: str) -> Expr:
    expr, problems = parse(text, template=True)
    assert not problems
    assert expr is not None
    return expr
