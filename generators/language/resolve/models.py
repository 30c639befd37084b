"""The facts of one model, the same in every environment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from generators.diagnostics import Code, Problem, did_you_mean
from generators.formats.yaml.nodes import Mapping as MappingNode
from generators.formats.yaml.nodes import Scalar, Sequence
from generators.language.catalog import Feature, Llm, LlmTier, Model, PriceList, Team
from generators.language.documents import Document
from generators.language.resolve.baselines import LISTED_TWICE, baseline, unknown_feature
from generators.language.resolve.bins import binned
from generators.language.resolve.fairness import fairness_problems, minimum_group, protected
from generators.language.resolve.organisation import budget
from generators.language.resolve.reading import YEAR_MS, Reading
from generators.language.values.quantities import Quantity
from generators.language.values.standards import standards
from otel.units import ONE, UnitError, convert, parse_unit, plain_number

POSITIVE_CLASS_UNKNOWN = Code(
    "R308",
    "Positive class unknown",
    "The positive class is one of the classes.",
    "{classes: [a, b], positive: c}",
    "{classes: [a, b], positive: b}",
)
UNKNOWN_PRICE_LIST = Code(
    "R310",
    "Unknown price list",
    "There is no PriceList of that name.",
    "prices: pricelist",
    "prices: llm-prices",
)
MODEL_WITHOUT_PRICE = Code(
    "R311",
    "Model without price",
    "The price list does not know the LLM, so its cost would be counted as nothing.",
    "model: gpt-unknown",
    "model: gpt-known",
)
NOT_A_TRAFFIC_RATE = Code(
    "V212",
    "Not a traffic rate",
    "Traffic is a number of requests per time.",
    "traffic: 500ms",
    "traffic: 12/s",
)
NOT_A_SHARE = Code(
    "V213",
    "Not a share",
    "A share lies between 0 % and 100 %.",
    "objective: 995%",
    "objective: 99.5%",
)
EMPTY_RANGE = Code(
    "V214",
    "Empty range",
    "A range names its least value first.",
    "range: [100, 0]",
    "range: [0, 100]",
)
CATEGORY_WITHOUT_VALUES = Code(
    "V215",
    "Category without values",
    "The values of a category bound its series.",
    "plan: {type: category}",
    "plan: {type: category, values: [basic, pro]}",
)

UNKNOWN_STANDARD = Code(
    "R337",
    "Unknown standard",
    "Evidence is collected for the laws and standards whose clauses the library has.",
    "standards: [eu-ai-atc]",
    "standards: [eu-ai-act]",
)

DEFAULT_REPLICAS = 3
Named = TypeVar("Named", Feature, LlmTier)


def model(
    document: Document,
    team: Team,
    prices: Mapping[str, PriceList],
    broken: Collection[str],
    problems: list[Problem],
    profile: Document | None = None,
) -> Model:
    """Read a model; a price list among the ``broken`` documents is missing, but not unknown.

    ``profile`` is the document of its baseline, where it has one.
    """
    spec, metadata = Reading(document.spec, problems), Reading(document.metadata, problems)
    service = spec.child("service")
    name = service.text("name") or spec.text("service")
    prediction, labels, compliance = spec.child("prediction"), spec.child("labels"), spec.child("compliance")
    _check_prediction(prediction, problems)
    _check_standards(compliance)
    features = _by_name(_feature(entry.key, each) for entry, each in spec.children("features"))
    found = Model(
        name=document.name,
        tenant=document.tenant,
        team=team,
        domain=metadata.text("domain"),
        tier=metadata.text("tier", "medium"),
        description=spec.text("description"),
        task=spec.text("task"),
        version=spec.text("version"),
        sha256=spec.child("artifact").text("sha256"),
        framework=spec.child("artifact").text("framework"),
        service=name,
        namespace=service.text("namespace", document.tenant),
        deployment=service.text("deployment", name),
        replicas=service.integer("replicas") or DEFAULT_REPLICAS,
        traffic=_traffic(spec),
        features=features,
        classes=prediction.texts("classes"),
        positive=prediction.text("positive"),
        threshold=prediction.decimal("threshold"),
        low_confidence=prediction.decimal("low_confidence"),
        prediction_unit=prediction.unit("unit", ""),
        label_delay_ms=labels.duration_ms("delay", most=10 * YEAR_MS),
        label_sample=_share(labels, "sample"),
        label_source=labels.text("source"),
        segments=_segments(spec, problems),
        llm=_llm(spec.child("llm"), prices, broken) if spec.has("llm") else None,
        rollback=spec.text("rollback"),
        dpia=compliance.text("dpia"),
        risk=compliance.text("risk"),
        standards=compliance.texts("standards"),
        budget=budget(spec.child("budget")),
        position=document.position,
        prediction_range=_range("the prediction", prediction),
        logged=_logged(spec.child("prediction_log"), features),
        image=service.text("image"),
        protected=protected(spec.child("fairness")),
        minimum_group=minimum_group(spec.child("fairness")),
    )
    if spec.has("fairness"):
        problems.extend(fairness_problems(spec.child("fairness"), found))
    return binned(found if profile is None else replace(found, baseline=baseline(profile, found, problems)))


def _traffic(spec: Reading) -> Decimal | None:
    """Return requests per second: `12/s`, or `100 requests/min`."""
    value = spec.quantity("traffic")
    if value is None:
        return None
    for unit in ("1/s", "{request}/s"):
        try:
            rate = convert(value.amount, value.unit, parse_unit(unit))
        except UnitError:
            continue
        if rate > 0:
            return rate
        message = f"traffic of `{value.text}` is none"
        spec.problems.append(
            Problem(NOT_A_TRAFFIC_RATE, message, spec.place("traffic"), "write what is expected, or leave it out")
        )
        return None
    message = f"traffic is a number of requests per time, not in `{value.unit}`"
    spec.problems.append(
        Problem(NOT_A_TRAFFIC_RATE, message, spec.place("traffic"), "write it as `12/s`, `300/min` or `5000/d`")
    )
    return None


def _share(reading: Reading, key: str) -> Decimal | None:
    value = reading.quantity(key)
    return None if value is None else share(value, reading, key)


def share(value: Quantity, reading: Reading, key: str) -> Decimal | None:
    """Return a share between 0 and 1, or report what else it is."""
    if value.unit.compatible(ONE):
        amount = convert(value.amount, value.unit, ONE)
        if 0 <= amount <= 1:
            return amount
    example = "99.5%" if key == "objective" else "10%"
    message = f"`{key}` is a share between 0 % and 100 %, not `{reading.text(key)}`"
    reading.problems.append(Problem(NOT_A_SHARE, message, reading.place(key), f"write it as `{example}`"))
    return None


def _feature(name: str, reading: Reading) -> Feature:
    kind = reading.text("type")
    if kind == "category" and not reading.has("values"):
        message = f"the category `{name}` lists no values"
        reading.problems.append(Problem(CATEGORY_WITHOUT_VALUES, message, reading.place(), "add `values: [a, b, …]`"))
    return Feature(
        name=name,
        type=kind,
        unit=reading.unit("unit", ""),
        range=_range(f"`{name}`", reading),
        values=reading.texts("values"),
        description=reading.text("description"),
        max_age_ms=reading.duration_ms("max_age", 1000, 10 * YEAR_MS),
    )


def _range(what: str, reading: Reading) -> tuple[Decimal, Decimal] | None:
    bounds = reading.decimals("range")
    if len(bounds) != 2:
        return None
    if bounds[0] >= bounds[1]:
        message = f"the range of {what} is empty: {bounds[0]} is not less than {bounds[1]}"
        reading.problems.append(Problem(EMPTY_RANGE, message, reading.place("range"), "write the least value first"))
        return None
    return bounds[0], bounds[1]


def _logged(reading: Reading, features: Iterable[Feature]) -> tuple[str, ...]:
    """Return the features that the log of predictions may hold, in the order in which a spec names them."""
    known = {each.name: each for each in features}
    for index, name in enumerate(reading.scalars("features")):
        if name.text not in known:
            reading.problems.append(unknown_feature(name, known))
        elif name.text in reading.texts("features")[:index]:
            message = f"feature `{name.text}` is listed twice"
            reading.problems.append(Problem(LISTED_TWICE, message, name.position, "remove one of them"))
    return tuple(dict.fromkeys(name for name in reading.texts("features") if name in known))


def _check_prediction(prediction: Reading, problems: list[Problem]) -> None:
    classes = prediction.texts("classes")
    positive = prediction.scalar("positive")
    if positive is not None and positive.text not in classes:
        help_ = did_you_mean(positive.text, classes) or f"classes: {', '.join(classes) or 'none'}"
        problems.append(
            Problem(
                POSITIVE_CLASS_UNKNOWN,
                f"the positive class `{positive.text}` is not among the classes",
                positive.position,
                help_,
            )
        )
    for index, item in enumerate(prediction.scalars("classes")):
        if item.text in classes[:index]:
            problems.append(
                Problem(LISTED_TWICE, f"class `{item.text}` is listed twice", item.position, "remove one of them")
            )


def _check_standards(compliance: Reading) -> None:
    for name in compliance.scalars("standards"):
        if name.text not in standards():
            help_ = did_you_mean(name.text, standards()) or f"standards: {', '.join(standards())}"
            message = f"nothing is known of the standard `{name.text}`"
            compliance.problems.append(Problem(UNKNOWN_STANDARD, message, name.position, help_))


def _segments(spec: Reading, problems: list[Problem]) -> dict[str, tuple[str, ...]]:
    node = spec.node.get("segments")
    result: dict[str, tuple[str, ...]] = {}
    for entry in node.entries if isinstance(node, MappingNode) else ():
        items = entry.value.items if isinstance(entry.value, Sequence) else ()
        values = tuple(item.text for item in items if isinstance(item, Scalar))
        result[entry.key] = tuple(dict.fromkeys(values))
        if len(result[entry.key]) < len(values):
            problems.append(
                Problem(
                    LISTED_TWICE,
                    f"segment `{entry.key}` lists a value twice",
                    entry.value.position,
                    "remove one of them",
                )
            )
    return dict(sorted(result.items()))


def _by_name(items: Iterable[Named]) -> tuple[Named, ...]:
    """Return features or tiers by name: the order of keys in a spec means nothing."""
    return tuple(sorted(items, key=lambda each: each.name))


def _llm(reading: Reading, prices: Mapping[str, PriceList], broken: Collection[str]) -> Llm:
    listed = prices.get(reading.text("prices"))
    name = reading.scalar("prices")
    if name is not None and listed is None and name.text not in broken:
        help_ = did_you_mean(name.text, prices) or f"price lists: {', '.join(sorted(prices)) or 'none'}"
        reading.problems.append(
            Problem(UNKNOWN_PRICE_LIST, f"there is no price list `{name.text}`", name.position, help_)
        )
    tiers = _by_name(_tier(entry.key, each, listed) for entry, each in reading.children("tiers"))
    _check_shares(tiers, reading)
    content = reading.text("content", "never") == "redacted"
    return Llm(tiers, listed, reading.texts("tools"), reading.integer("tokens_per_request"), content)


def _check_shares(tiers: Iterable[LlmTier], reading: Reading) -> None:
    """Report shares of tiers that together are more than all requests, at the last one."""
    shared = [each for each in tiers if each.share is not None]
    total = sum((each.share or Decimal(0) for each in shared), Decimal(0))
    if total > 1:
        *others, (entry, last) = [item for item in reading.children("tiers") if item[1].has("share")]
        rest = 1 - sum((each.share or Decimal(0) for each in shared if each.name != entry.key), Decimal(0))
        message = f"the shares of the tiers add up to {plain_number(total * 100)} %"
        help_ = f"write `{plain_number(rest * 100)}%` here" if rest >= 0 and others else "make them add up to 100 %"
        reading.problems.append(Problem(NOT_A_SHARE, message, last.place("share"), help_))


def _tier(name: str, reading: Reading, listed: PriceList | None) -> LlmTier:
    model = reading.text("model")
    if listed is not None and model not in listed.prices:
        help_ = did_you_mean(model, listed.prices) or f"add `{model}` to the price list `{listed.name}`"
        problem = Problem(
            MODEL_WITHOUT_PRICE,
            f"the price list `{listed.name}` has no price for `{model}`",
            reading.place("model"),
            help_,
        )
        reading.problems.append(problem)
    return LlmTier(name, model, reading.text("provider"), _share(reading, "share"))
