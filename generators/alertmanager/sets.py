"""What matchers say of a label: the values that they leave it, and what follows from them.

Everything here errs on one side: what is proven is true, and what cannot be proven is not claimed.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from generators.alertmanager.config import Matcher
from generators.alertmanager.literals import literal_values
from generators.alertmanager.matchers import matches

_MOST_CASES = 512
_ANYTHING = frozenset({".*", "(.*)", "(?:.*)", "^.*$"})


def allowed_values(matchers: Iterable[Matcher], label: str) -> frozenset[str] | None:
    """Return the few values that matchers leave a label (empty is missing), or None if they are not few."""
    own = [matcher for matcher in matchers if matcher.label == label]
    finite = [values for matcher in own if (values := _finite(matcher)) is not None]
    if not finite:
        return None
    candidates = frozenset.intersection(*finite)
    return frozenset(value for value in candidates if all(matches(one, {label: value}) for one in own))


def contradict(matchers: Sequence[Matcher]) -> bool:
    """Whether no label set can satisfy all matchers, as far as that can be proven."""
    return any(allowed_values(matchers, label) == frozenset() for label in {one.label for one in matchers})


def implies(given: Sequence[Matcher], wanted: Sequence[Matcher]) -> bool:
    """Whether every label set that satisfies ``given`` is proven to satisfy ``wanted``."""
    return contradict(given) or all(_implies_one(given, matcher) for matcher in wanted)


def covered(given: Sequence[Matcher], alternatives: Sequence[Sequence[Matcher]]) -> bool:
    """Whether every label set that satisfies ``given`` is proven to satisfy one of the alternatives.

    Labels that ``given`` leaves a few values are tried value by value.
    """
    if any(implies(given, wanted) for wanted in alternatives):
        return True
    cases = list(itertools.islice(_cases(given, alternatives), _MOST_CASES + 1))
    return 1 < len(cases) <= _MOST_CASES and all(
        any(implies(case, wanted) for wanted in alternatives) for case in cases
    )


def _cases(given: Sequence[Matcher], alternatives: Sequence[Sequence[Matcher]]) -> Iterator[list[Matcher]]:
    """Split ``given`` into cases in which each finite label that the alternatives look at has one value."""
    labels = sorted({matcher.label for wanted in alternatives for matcher in wanted})
    finite: Mapping[str, frozenset[str]] = {
        label: values for label in labels if (values := allowed_values(given, label)) is not None
    }
    rest = [matcher for matcher in given if matcher.label not in finite]
    for chosen in itertools.product(*(sorted(values) for values in finite.values())):
        yield [*rest, *(Matcher(label, "=", value) for label, value in zip(finite, chosen, strict=True))]


def _implies_one(given: Sequence[Matcher], wanted: Matcher) -> bool:
    if wanted in given or (wanted.op == "=~" and wanted.value in _ANYTHING):
        return True
    values = allowed_values(given, wanted.label)
    if values is not None:
        return all(matches(wanted, {wanted.label: value}) for value in values)
    if wanted.op in {"=", "=~"}:
        return wanted.op == "=~" and wanted.value == ".+" and Matcher(wanted.label, "!=", "") in given
    excluded = _excluded(wanted)
    return excluded is not None and all(
        any(one.label == wanted.label and not matches(one, {wanted.label: value}) for one in given)
        for value in excluded
    )


def _finite(matcher: Matcher) -> frozenset[str] | None:
    if matcher.op == "=":
        return frozenset({matcher.value})
    return literal_values(matcher.value) if matcher.op == "=~" else None


def _excluded(matcher: Matcher) -> frozenset[str] | None:
    if matcher.op == "!=":
        return frozenset({matcher.value})
    return literal_values(matcher.value) if matcher.op == "!~" else None
