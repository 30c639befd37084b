"""Rules that are evaluated together give what each gives alone; `tests/differential` asks the same at length."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from generators.promql.engine import SeriesDescription, Storage, parse_series
from generators.promql.rules import read_rules
from generators.promql.rules.evaluation.families import Due, Family, families
from generators.promql.rules.evaluation.groups import evaluate_rules
from generators.promql.rules.evaluation.schedule import Server, stretches
from generators.promql.rules.expressions import shape

PROGRAM = Path(__file__).resolve().parents[1] / "differential" / "compare_families.py"
MINUTE = 60_000


def found(*expressions: str) -> list[Family]:
    rules = [{"record": f"r{number}", "expr": expr} for number, expr in enumerate(expressions)]
    file, problems = read_rules(json.dumps({"groups": [{"name": "g", "rules": rules}]}))
    assert file is not None
    assert not problems
    times = stretches(file.groups[0], "", Server(), 0, 10 * MINUTE)[0]
    return list(families(Due(index, rule, times, 0) for index, rule in enumerate(file.groups[0].rules)))


def members(family: Family) -> list[tuple[int, tuple[str, ...]]]:
    return [(due.index, values) for due, values in family.members]


def test_together_and_one_by_one_agree_to_the_last_bit() -> None:
    done = subprocess.run([sys.executable, str(PROGRAM), "7", "3", "15"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 rounds that differ" in done.stdout


def test_rules_that_differ_in_one_label_of_every_selector_are_a_family() -> None:
    family = found('rate(x{m="a",k="e"}[5m]) / y{m="a"}', "up", 'rate(x{m="bb",k="e"}[5m]) / y{m="bb"}')[0]
    assert family.labels == ("m",)
    assert members(family) == [(0, ("a",)), (2, ("bb",))]


def test_other_values_must_be_the_same() -> None:
    assert [members(family) for family in found('x{m="a",k="e"} / y{m="a"}', 'x{m="b",k="f"} / y{m="b"}')] == []


def test_what_is_common_to_all_selectors_may_differ_in_several_labels() -> None:
    assert members(found('x{m="a",k="e"}', 'x{m="b",k="f"}')[0]) == [(0, ("a", "e")), (1, ("b", "f"))]


@pytest.mark.parametrize(
    "text",
    [
        'x{m="$"} / y',
        'x{m="$"} / y{n="$"}',
        'x{m="$",m="z"}',
        'absent(x{m="$"})',
        'topk(1, x{m="$"})',
        'x{m="$"} or vector(0)',
        '{__name__="x",m="$"}',
        'x{m=~"$"}',
        "x{m='$'}",
        'max_over_time(x{m="$"}[10m:1m])',
    ],
)
def test_what_cannot_be_kept_apart_is_evaluated_one_by_one(text: str) -> None:
    assert found(text.replace("$", "a"), text.replace("$", "b")) == []


def test_families_are_not_larger_than_memory_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generators.promql.rules.evaluation.families.MOST_TICKS", 25)
    sizes = [len(family.members) for family in found(*(f'x{{m="{number}"}}' for number in range(5)))]
    assert sizes == [2, 2]


def test_a_member_that_fails_does_not_harm_the_others() -> None:
    rules = ", ".join(f'{{record: r, expr: \'x{{m="{m}"}} * on () y{{m="{m}"}}\', labels: {{m: {m}}}}}' for m in "ab")
    file, _ = read_rules("groups: [{name: g, rules: [" + rules + "]}]")
    assert file is not None
    storage = Storage()
    for text in ('x{m="a"} 2', 'y{m="a"} 3', 'x{m="b"} 2', 'y{m="b",i="1"} 3', 'y{m="b",i="2"} 3'):
        series = parse_series(text)
        assert isinstance(series, SeriesDescription)
        storage.add(series.labels, [0], series.values)
    timeline = evaluate_rules([file], storage, 0, 0)
    assert [(series.labels, series.values.tolist()) for series in storage.named("r")] == [
        ((("__name__", "r"), ("m", "a")), [6.0])
    ]
    assert ["many-to-many" in failure.message for failure in timeline.failures] == [True]


@pytest.mark.parametrize(
    ("text", "expected", "values"),
    [
        ('x{a="b",c!="d",e=~"f",g=""}', 'x{a="x",c!="x",e=~"f",g=""}', ("b", "d")),
        ('label_replace(x{a="b"}, "c", "d=", "e", "f")', 'label_replace(x{a="x"}, "c", "d=", "e", "f")', ("b",)),
        ('{__name__="b"}', '{__name__="b"}', ()),
        (r'x{a="\n",b="c"}', r'x{a="\n",b="c"}', ()),
        ("x{a='b',c=\"d\"}", "x{a='b',c=\"d\"}", ()),
        ('x{a="b"} # "c"', 'x{a="b"} # "c"', ()),
        ('x{a="b}', 'x{a="b}', ()),
    ],
)
def test_the_shape_of_a_text_leaves_out_plain_values_only(text: str, expected: str, values: tuple[str, ...]) -> None:
    assert shape(text) == (expected, values)
