"""Money has the currency of the price list that it was counted with."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import planning_specs as specs
import pytest

from generators.grafana.lint import lint
from generators.language.sources import Source, read_specs
from generators.language.values.currencies import comparable, shared_unit
from generators.pipeline import Compiled, compile_artifacts
from generators.planning.plan import Recording

ASSISTANT = "wine/support-assistant"
CATALOG = "docs/metrics_catalog.md"


@cache
def in_euros() -> Compiled:
    """The committed specs, their one price list and what a person wrote in dollars changed to euros."""
    sources = tuple(
        Source(each.file, re.sub(rb"\bUSD\b", b"EUR", each.data)) for each in read_specs(specs.ROOT / "specs")
    )
    compiled = compile_artifacts(sources)
    assert compiled.ok, compiled.problems
    return compiled


@cache
def in_both() -> Compiled:
    """The committed specs, with a second assistant that pays in euros."""
    sources = list(read_specs(specs.ROOT / "specs"))
    prices = next(each for each in sources if b"kind: PriceList" in each.data)
    model = next(each for each in sources if each.file.endswith("models/support-assistant.yaml"))
    for each in (prices, model):
        text = re.sub(rb"\bUSD\b", b"EUR", each.data).replace(b"openai", b"europe")
        text = text.replace(b"name: support-assistant,", b"name: euro-assistant,")
        sources.append(Source(str(Path(each.file).with_name(f"europe-{Path(each.file).name}")), text))
    compiled = compile_artifacts(sources)
    assert compiled.ok, compiled.problems
    return compiled


def text(compiled: Compiled, path: str) -> str:
    return specs.texts(compiled)[path]


def units(compiled: Compiled, model: str) -> dict[str, str]:
    return {
        name: each["unit"] for name, each in json.loads(text(compiled, f"instruments/{model}.json"))["metrics"].items()
    }


def test_instruments_are_in_the_currency_of_the_price_list() -> None:
    assert units(in_euros(), ASSISTANT)["cost"] == "{EUR}"
    assert units(specs.committed(), ASSISTANT)["cost"] == "{USD}"
    changed = {name for name, unit in units(in_euros(), ASSISTANT).items() if "EUR" in unit}
    assert changed == {name for name, unit in units(specs.committed(), ASSISTANT).items() if "USD" in unit}


@pytest.mark.parametrize("made", [in_euros, in_both])
def test_series_are_called_the_same_in_every_currency(made: object) -> None:
    compiled = in_euros() if made is in_euros else in_both()
    assert compiled.plan is not None
    names = {rule.record for rule in records(compiled)}
    assert names == {rule.record for rule in records(specs.committed())}
    assert "model:llm_cost:increase1h" in names


def records(compiled: Compiled) -> list[Recording]:
    plan = compiled.plan
    assert plan is not None
    return [
        rule
        for place in plan.environments
        for group in place.fleet
        for rule in group.rules
        if isinstance(rule, Recording)
    ]


def test_nothing_that_is_rendered_speaks_of_dollars_when_prices_are_in_euros() -> None:
    texts = specs.texts(in_euros())
    assert not [
        path for path, each in texts.items() if "USD" in each and not path.startswith(("schema/", "index.json"))
    ]
    assert not [path for path, each in texts.items() if "{currency}" in each and not path.startswith("schema/")]
    assert any("EUR" in each for path, each in texts.items() if "/runbooks/" in path)
    assert any('"currencyEUR"' in each for path, each in texts.items() if "/dashboards/" in path)


def test_a_threshold_in_another_currency_is_told() -> None:
    sources = read_specs(specs.ROOT / "specs")
    mixed = tuple(
        Source(each.file, re.sub(rb"\bUSD\b", b"EUR", each.data) if b"kind: PriceList" in each.data else each.data)
        for each in sources
    )
    problems = compile_artifacts(mixed).problems
    assert {each.code for each in problems if each.severity == "error"} <= {"V218", "V219"}
    assert any("write it in `{EUR}" in each.help for each in problems)


def test_what_is_told_of_several_currencies_has_none() -> None:
    compiled = in_both()
    assert units(compiled, "wine/euro-assistant")["cost"] == "{EUR}"
    assert units(compiled, ASSISTANT)["cost"] == "{USD}"
    assert "`{currency}`" in text(compiled, CATALOG).split("\n## ml\\.llm\\.cost\n")[1].split("\n## ")[0]
    cost = next(each for each in records(compiled) if each.record == "model:llm_cost:increase1h")
    assert cost.unit == "{currency}"


def test_money_of_several_currencies_is_not_added_up() -> None:
    def titles(compiled: Compiled) -> set[str]:
        (path,) = (path for path in specs.texts(compiled) if re.fullmatch(r"production/grafana/.*fleet.*\.json", path))
        dashboard = json.loads(text(compiled, path))
        assert lint(dashboard) == ()
        return {panel["title"] for panel in dashboard["panels"]}

    assert titles(specs.committed()) - titles(in_both()) == {"Money in the last hour"}


def test_units_are_shared_where_only_the_currency_differs() -> None:
    assert shared_unit(["{USD}", "{USD}"]) == "{USD}"
    assert shared_unit(["{USD}/{request}", "{EUR}/{request}", "{currency}/{request}"]) == "{currency}/{request}"
    assert shared_unit(["s", "ms"]) == "s"
    assert comparable("{USD}", "{EUR}")
    assert not comparable("{USD}", "{EUR}/{request}")
    assert not comparable("{run}", "{USD}")
