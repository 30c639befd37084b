"""Groups of people between whom a model must not differ: what a spec declares of them, and what cannot be meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from generators.diagnostics import Code, Problem
from generators.formats.yaml.nodes import Entry, Scalar, Sequence, text_at
from generators.formats.yaml.nodes import Mapping as MappingNode
from generators.language.catalog import Model
from generators.language.resolve.layering import lay_over
from generators.language.resolve.reading import Reading
from generators.language.shapes import FairnessShape

PROTECTED_ELSEWHERE = Code(
    "V239",
    "Protected attribute counted elsewhere",
    "A group of people is counted by itself, so that no other count says more of them.",
    "fairness: {protected: {sex: [female, male]}}, segments: {sex: [female, male]}",
    "fairness: {protected: {sex: [female, male]}}",
)
NOTHING_TO_COMPARE = Code(
    "V240",
    "One group",
    "A group is compared with the others of the same attribute, and values that are not listed are never compared.",
    "fairness: {protected: {sex: [female]}}",
    "fairness: {protected: {sex: [female, male]}}",
)
TOO_MANY_GROUPS = Code(
    "V241",
    "Too many groups",
    "Each group is a series, and a group of a few people would tell who they are.",
    "fairness: {protected: {postcode: ['10115', '10117', …]}}  # a hundred",
    "fairness: {protected: {district: [north, south]}}",
)
GROUP_OUT_OF_REACH = Code(
    "V242",
    "Group out of reach",
    "With the declared traffic no group has so many cases in a window, so nothing would ever be said of it.",
    "traffic: 100/d, fairness: {minimum_group: 5000}",
    "traffic: 100/d, fairness: {minimum_group: 200}",
)
NO_POSITIVE_CLASS = Code(
    "V243",
    "No positive class",
    "Groups are compared by how often they are predicted positive, which needs a class that is.",
    "task: regression, fairness: {protected: {sex: [female, male]}}",
    "prediction: {classes: [no, yes], positive: yes}",
)

UNSEEN: Final = "unseen"
"""The group of what a spec does not list, unless it lists ``other``: counted, and compared with nothing."""
OTHER: Final = "other"
MOST_GROUPS: Final = 20
MINIMUM: Final = 100
WEEK_SECONDS: Final = 7 * 86_400
FACTS: Final = ("protected", "minimum_group")
"""Keys that are no criteria."""


def protected(fairness: Reading) -> dict[str, tuple[str, ...]]:
    """Return the groups of each protected attribute, both in their order by name and in the spec."""
    return {entry.key: _texts(entry) for entry in sorted(_attributes(fairness), key=lambda each: each.key)}


def minimum_group(fairness: Reading) -> int:
    """Return how many cases a group needs before anything is said of it."""
    return fairness.integer("minimum_group") or MINIMUM


def groups(model: Model) -> Mapping[str, tuple[str, ...]]:
    """Return the groups that are counted of each protected attribute: those of the spec, and what is none of them."""
    return {name: listed if OTHER in listed else (*listed, UNSEEN) for name, listed in model.protected.items()}


def with_criteria(spec: MappingNode) -> MappingNode:
    """Return a model's spec whose thresholds of criteria stand under ``quality``, like those of all measures."""
    fairness = spec.get("fairness")
    if not isinstance(fairness, MappingNode):
        return spec
    criteria = tuple(
        each for each in fairness.entries if each.key not in FACTS and each.key in FairnessShape.model_fields
    )
    if not criteria:
        return spec
    own = spec.entry("quality") or Entry(text_at(fairness, "quality"), fairness.holding(()))
    quality = Entry(own.name, lay_over(own.value, fairness.holding(criteria)))
    return spec.holding((*(each for each in spec.entries if each.key != "quality"), quality))


def fairness_problems(fairness: Reading, model: Model) -> Iterator[Problem]:
    """Yield what cannot be meant of the groups that a model declares."""
    features = {each.name for each in model.features}
    for entry in _attributes(fairness):
        name, listed = entry.key, _texts(entry)
        for kind, names in (("feature", features), ("segment", model.segments)):
            if name in names:
                message = f"`{name}` is protected, and counted as a {kind} as well"
                help_ = f"remove the {kind} `{name}`, or compare no groups of it"
                yield Problem(PROTECTED_ELSEWHERE, message, entry.key_position, help_)
        if len(listed) > MOST_GROUPS:
            message = f"`{name}` has {len(listed)} groups, and at most {MOST_GROUPS} are counted"
            yield Problem(TOO_MANY_GROUPS, message, entry.value.position, f"list fewer, the rest as `{OTHER}`")
        elif len([each for each in listed if each != UNSEEN]) < 2:
            message = f"`{name}` has one group, so there is nothing to compare it with"
            yield Problem(NOTHING_TO_COMPARE, message, entry.value.position, "list two groups or more")
    if not model.positive:
        message = "no class of this model is positive, so groups cannot be compared"
        place = fairness.place("protected")
        yield Problem(NO_POSITIVE_CLASS, message, place, "add `prediction.positive`, or remove `fairness`")
    yield from _out_of_reach(fairness, model)


def _out_of_reach(fairness: Reading, model: Model) -> Iterator[Problem]:
    """Yield a problem if even equal groups would have fewer cases a week than is asked for."""
    if model.traffic is None or not model.protected:
        return
    fewest = min(len(listed) for listed in model.protected.values())
    cases = round(model.traffic * WEEK_SECONDS / fewest) if fewest else 0
    if cases < minimum_group(fairness):
        place = fairness.place("minimum_group" if fairness.has("minimum_group") else "protected")
        message = f"a group has {cases} cases a week at most, fewer than {minimum_group(fairness)}"
        help_ = f"write `minimum_group: {cases // 2}`" if cases >= 20 else "leave `fairness` out, or state more traffic"
        yield Problem(GROUP_OUT_OF_REACH, message, place, help_)


def _attributes(fairness: Reading) -> tuple[Entry, ...]:
    node = fairness.node.get("protected")
    return node.entries if isinstance(node, MappingNode) else ()


def _texts(entry: Entry) -> tuple[str, ...]:
    items = entry.value.items if isinstance(entry.value, Sequence) else ()
    return tuple(dict.fromkeys(each.text for each in items if isinstance(each, Scalar)))
