"""Baselines: which model each belongs to, and what its profiles say, checked against the model's spec."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from generators.diagnostics import Code, Problem, Severity, did_you_mean
from generators.formats.yaml.nodes import Scalar
from generators.language.catalog import Baseline, Bins, Feature, Model, Profile, ReferenceWindow
from generators.language.documents import Document
from generators.language.resolve.bins import named
from generators.language.resolve.reading import Reading

LISTED_TWICE = Code(
    "R309",
    "Listed twice",
    "A value stands once in a list that bounds series.",
    "classes: [a, a]",
    "classes: [a, b]",
)
BASELINE_OF_NO_MODEL = Code(
    "R324",
    "Baseline of no model",
    "A baseline belongs to a model of its own tenant.",
    "spec: {model: chrun}",
    "spec: {model: churn}",
)
UNKNOWN_FEATURE = Code(
    "R325",
    "Unknown feature",
    "A baseline or a log of predictions names an input that the model does not have.",
    "prediction_log: {features: [tenrue]}",
    "prediction_log: {features: [tenure]}",
)
TWO_BASELINES = Code(
    "R326",
    "Two baselines",
    "Values are compared with one baseline; two would count them in two kinds of bins.",
    "spec: {model: churn, version: '1'}  # in two documents",
    "spec: {model: churn, version: '2'}",
)
UNKNOWN_VALUE = Code(
    "R327",
    "Unknown value",
    "A profile has a bin for a value that the spec does not list, so it would never be counted there.",
    "plan: {values: [basic, pluss], shares: [0.5, 0.5]}",
    "plan: {values: [basic, plus], shares: [0.5, 0.5]}",
)
NO_BASELINE = Code(
    "R340",
    "No baseline",
    "Drift is a difference from reference data, so without a baseline nothing is watched for it.",
    "features: {age: {type: number}}  # no document of kind Baseline names the model",
    "watchspec baseline MODEL --data train.parquet",
    Severity.INFO,
)
EDGES_OUT_OF_ORDER = Code(
    "V217",
    "Edges out of order",
    "Edges of buckets and bins rise, each once.",
    "buckets: [1, 0.5]",
    "buckets: [0.5, 1]",
)
SHARES_UNLIKE_BINS = Code(
    "V222",
    "Shares and bins",
    "Each bin has one share; inner edges make one bin more than there are edges.",
    "{edges: [1, 2], shares: [0.5, 0.5]}",
    "{edges: [1, 2], shares: [0.2, 0.3, 0.5]}",
)
NO_SHARES = Code(
    "V223",
    "Shares that are none",
    "Shares of a profile are 0 or more and add up to 1.",
    "{edges: [1], shares: [0.5, 0.4]}",
    "{edges: [1], shares: [0.5, 0.5]}",
)
PROFILE_OF_ANOTHER_KIND = Code(
    "V224",
    "Profile of another kind",
    "Numbers have edges, what takes a few values has values, texts have no profile, scores have 20 bins.",
    "plan: {edges: [1], shares: [0.5, 0.5]}",
    "plan: {values: [basic, pro], shares: [0.5, 0.5]}",
)

TOLERANCE: Final = Decimal("1e-6")
"""How far shares may be from 1 together; what writes them rounds."""

SCORE_EDGES: Final = tuple(Decimal(number) / 20 for number in range(1, 20))
"""Scores are counted in 20 bins of equal width, with a baseline or without."""

BOOLEANS: Final = ("false", "true")


def by_model(
    documents: Iterable[Document], models: Iterable[Document], broken: Collection[str], problems: list[Problem]
) -> dict[tuple[str, str], Document]:
    """Return the baseline of each model, by tenant and model; the first one counts where there are several."""
    known = {(each.tenant, each.name) for each in models}
    found: dict[tuple[str, str], Document] = {}
    for document in documents:
        name = document.spec.get("model")
        if not isinstance(name, Scalar):
            continue
        key = (document.tenant, name.text)
        if key not in known and name.text not in broken:
            problems.append(_unknown_model(name, document.tenant, known))
        elif found.setdefault(key, document) is not document:
            problems.append(_second(document, name, found[key]))
    return found


def without(document: Document, resolved: Model) -> Iterator[Problem]:
    """Yield a problem for a model that has features other than texts and no baseline to compare them with."""
    if resolved.baseline is None and any(each.type != "text" for each in resolved.features):
        message = f"features of `{document.name}` are not watched for drift, since the model has no baseline"
        help_ = f"run `watchspec baseline {document.name} --data FILE` on the data that it was made from"
        yield Problem(NO_BASELINE, message, Reading(document.spec, []).place("features"), help_)


def _unknown_model(name: Scalar, tenant: str, known: Collection[tuple[str, str]]) -> Problem:
    own = sorted(model for of, model in known if of == tenant)
    others = sorted(of for of, model in known if model == name.text)
    elsewhere = f"it is a model of tenant `{others[0]}`" if others else f"models: {', '.join(own) or 'none'}"
    help_ = did_you_mean(name.text, own) or elsewhere
    return Problem(BASELINE_OF_NO_MODEL, f"tenant `{tenant}` has no model `{name.text}`", name.position, help_)


def _second(document: Document, model: Scalar, first: Document) -> Problem:
    """Report a second baseline, whose bins could not be told from those of the first if versions are the same."""
    version, earlier = (Reading(each.spec, []).text("version") for each in (document, first))
    message = f"model `{model.text}` has two baselines, `{first.name}` and `{document.name}`"
    if version == earlier:
        message += f", and both are version `{version}`"
    related = (("the other one", first.position),)
    return Problem(
        TWO_BASELINES,
        message,
        model.position,
        "keep the newer one; the repository remembers the other",
        related=related,
    )


def baseline(document: Document, model: Model, problems: list[Problem]) -> Baseline:
    """Read the baseline of a model; profiles with problems are left out."""
    features = {each.name: each for each in model.features}
    return of_document(document, features, model.classes, problems)


def of_document(
    document: Document, features: Mapping[str, Feature], classes: tuple[str, ...], problems: list[Problem]
) -> Baseline:
    """Read a baseline of some features, and of a classifier where there are classes."""
    spec = Reading(document.spec, problems)
    profiles = {}
    for entry, reading in spec.children("features"):
        if entry.key not in features:
            problems.append(unknown_feature(entry.name, features))
        elif (profile := _profile(reading, _values(features[entry.key]), f"`{entry.key}`")) is not None:
            profiles[entry.key] = profile
    score = _profile(spec.child("score"), None, "the score") if spec.has("score") else None
    if score is not None and score.bins.edges != SCORE_EDGES:
        message = "scores are counted in 20 bins of equal width"
        problems.append(
            Problem(
                PROFILE_OF_ANOTHER_KIND, message, spec.child("score").place("edges"), "write the edges 0.05, 0.1 … 0.95"
            )
        )
    predicted = spec.child("prediction")
    return Baseline(
        name=document.name,
        version=spec.text("version"),
        rows=spec.integer("rows") or 1,
        source=spec.text("source"),
        features=profiles,
        prediction=_profile(predicted, classes or None, "the prediction") if spec.has("prediction") else None,
        score=score,
        position=document.position,
    )


def unknown_feature(name: Scalar, features: Mapping[str, Feature]) -> Problem:
    """Return the problem of a name that no feature of the model has."""
    help_ = did_you_mean(name.text, features) or f"features: {', '.join(sorted(features)) or 'none'}"
    return Problem(UNKNOWN_FEATURE, f"the model has no feature `{name.text}`", name.position, help_)


def _values(feature: Feature) -> tuple[str, ...] | None:
    """Return the values that a feature may have; None for numbers, nothing for texts."""
    return {"number": None, "boolean": BOOLEANS, "category": feature.values}.get(feature.type, ())


def _profile(reading: Reading, values: tuple[str, ...] | None, what: str) -> Profile | None:
    """Read the profile of a number (``values`` is None), or of something that takes some values."""
    before = len(reading.problems)
    bins = _number_bins(reading, what) if values is None else _value_bins(reading, values, what)
    shares = reading.decimals("shares")
    if bins is not None and len(reading.problems) == before:
        _check_shares(reading, shares, len(bins.values) or len(bins.edges) + 1, what)
    if bins is not None:
        _check_counts(reading, len(named(bins, "number" if values is None else "category")), what)
    shown = {key: reading.decimal(key) for key in ("missing", "invalid", "other", "unseen", "mean", "deviation")}
    shown |= {key: reading.decimal(key) for key in ("design_effect", "importance")}
    quantiles = _decimals(reading.child("quantiles"))
    windows = {entry.key: _window(window) for entry, window in reading.children("windows")}
    if bins is None or len(reading.problems) > before:
        return None
    return Profile(
        bins=bins,
        shares=shares,
        missing=shown["missing"] or Decimal(0),
        mean=shown["mean"],
        deviation=shown["deviation"],
        position=reading.place(),
        invalid=shown["invalid"] or Decimal(0),
        other=shown["other"] or Decimal(0),
        unseen=shown["unseen"] or Decimal(0),
        quantiles=quantiles,
        design_effect=shown["design_effect"] or Decimal(1),
        windows=windows,
        labelled=tuple(map(int, reading.decimals("labelled"))),
        right=tuple(map(int, reading.decimals("right"))),
        importance=shown["importance"],
    )


def _window(reading: Reading) -> ReferenceWindow:
    spreads = {entry.key: _decimals(spread) for entry, spread in reading.mappings()}
    return ReferenceWindow(
        windows=reading.integer("windows") or 1,
        values=reading.integer("values") or 1,
        design_effect=reading.decimal("design_effect") or Decimal(1),
        statistics={name: (each["mean"], each["deviation"], each["p99"]) for name, each in spreads.items()},
    )


def _decimals(reading: Reading) -> dict[str, Decimal]:
    found = {entry.key: reading.decimal(entry.key) for entry in reading.node.entries}
    return {key: value for key, value in found.items() if value is not None}


def _check_counts(reading: Reading, bins: int, what: str) -> None:
    """Report counts of labelled rows that are not those of all bins, or of which more are right than there are."""
    labelled, right = reading.decimals("labelled"), reading.decimals("right")
    for key, counts in (("labelled", labelled), ("right", right)):
        if reading.has(key) and len(counts) != bins:
            message = f"{what} has {bins} bins, named ones included, and {len(counts)} counts"
            reading.problems.append(
                Problem(SHARES_UNLIKE_BINS, message, reading.place(key), "profile the reference data again")
            )
            return
    if len(labelled) != len(right) or any(not 0 <= some <= all_ for some, all_ in zip(right, labelled, strict=True)):
        message = f"of the labelled rows of {what} none to all are right, in each bin"
        place = reading.place("right" if reading.has("right") else "labelled")
        reading.problems.append(Problem(NO_SHARES, message, place, "profile the reference data again"))


def _number_bins(reading: Reading, what: str) -> Bins | None:
    if reading.has("values") or not reading.has("edges"):
        _other_kind(reading, f"{what} is a number, whose profile has `edges` and no `values`", "values", "edges")
        return None
    edges = reading.decimals("edges")
    for item, low, high in zip(reading.scalars("edges")[1:], edges, edges[1:], strict=False):
        if low >= high:
            message = f"edges rise from one to the next, and {high:f} is not above {low:f}"
            reading.problems.append(Problem(EDGES_OUT_OF_ORDER, message, item.position, "sort them, each once"))
            break
    return Bins(edges=edges)


def _value_bins(reading: Reading, values: tuple[str, ...], what: str) -> Bins | None:
    if not values:
        _other_kind(reading, f"{what} lists no values, so it has no bins", "", "remove the profile")
        return None
    wrong = next((key for key in ("edges", "mean", "deviation") if reading.has(key)), "")
    if wrong or not reading.has("values"):
        message = f"{what} takes some values, and its profile has `values` only"
        _other_kind(reading, message, wrong, f"remove `{wrong}`" if reading.has("values") else "values")
        return None
    listed = reading.scalars("values")
    for index, item in enumerate(listed):
        if item.text not in values:
            help_ = did_you_mean(item.text, values) or f"values: {', '.join(values)}"
            message = f"`{item.text}` is not among the values of {what}"
            reading.problems.append(Problem(UNKNOWN_VALUE, message, item.position, help_))
        elif item.text in {each.text for each in listed[:index]}:
            message = f"value `{item.text}` is listed twice"
            reading.problems.append(Problem(LISTED_TWICE, message, item.position, "remove one of them"))
    return Bins(values=tuple(item.text for item in listed))


def _other_kind(reading: Reading, message: str, wrong: str, right: str) -> None:
    place = reading.key_place(wrong) if wrong else reading.place()
    help_ = right if " " in right else f"write `{right}: […]`"
    reading.problems.append(Problem(PROFILE_OF_ANOTHER_KIND, message, place, help_))


def _check_shares(reading: Reading, shares: tuple[Decimal, ...], bins: int, what: str) -> None:
    place = reading.place("shares")
    if len(shares) != bins:
        message = f"{what} has {bins} bins and {len(shares)} shares"
        reading.problems.append(
            Problem(SHARES_UNLIKE_BINS, message, place, "write one share for each bin; n edges make n+1 bins")
        )
        return
    for item, share in zip(reading.scalars("shares"), shares, strict=True):
        if share < 0:
            message = f"a share is never negative, and this one is {share:f}"
            reading.problems.append(Problem(NO_SHARES, message, item.position, "profile the reference data again"))
            return
    if abs(sum(shares, Decimal()) - 1) > TOLERANCE:
        message = f"the shares of {what} add up to {sum(shares, Decimal()):f}, not to 1"
        reading.problems.append(Problem(NO_SHARES, message, place, "profile the reference data again"))
