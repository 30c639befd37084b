"""What matchers say of a label: the values that they leave it, and what follows from them.

Everything here errs on one side: what is proven is true, and what cannot be proven is not claimed.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

from generators.alertmanager.config import Matcher
from generators.alertmanager.matchers import matches
from generators.formats.re2 import literal_values

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
    return _Known(matchers).is_empty


def implies(given: Sequence[Matcher], wanted: Sequence[Matcher]) -> bool:
    """Whether every label set that satisfies ``given`` is proven to satisfy ``wanted``."""
    return _Known(given).implies(wanted)


def covered(given: Sequence[Matcher], alternatives: Sequence[Sequence[Matcher]]) -> bool:
    """Whether every label set that satisfies ``given`` is proven to satisfy one of the alternatives.

    Labels that ``given`` leaves a few values are tried value by value.
    """
    known = _Known(given)
    if any(known.implies(wanted) for wanted in alternatives):
        return True
    near = [wanted for wanted in alternatives if known.allows(wanted)]
    cases = list(itertools.islice(_cases(known, near), _MOST_CASES + 1))
    return 1 < len(cases) <= _MOST_CASES and all(any(case.implies(wanted) for wanted in near) for case in cases)


class _Known:
    """What matchers leave each label, worked out once for many questions."""

    def __init__(self, given: Sequence[Matcher]) -> None:
        self.given = given
        labels = dict.fromkeys(matcher.label for matcher in given)
        self.values = {label: allowed_values(given, label) for label in labels}
        self.is_empty = any(values == frozenset() for values in self.values.values())

    def implies(self, wanted: Sequence[Matcher]) -> bool:
        return self.is_empty or all(self._implies_one(matcher) for matcher in wanted)

    def allows(self, wanted: Sequence[Matcher]) -> bool:
        """Whether some value that is left to each label satisfies its matcher; what is unknown may."""
        return all(
            values is None or any(matches(matcher, {matcher.label: value}) for value in values)
            for matcher in wanted
            for values in [self.values.get(matcher.label)]
        )

    def _implies_one(self, wanted: Matcher) -> bool:
        values = self.values.get(wanted.label)
        if values is not None:
            return all(matches(wanted, {wanted.label: value}) for value in values)
        if wanted in self.given or (wanted.op == "=~" and wanted.value in _ANYTHING):
            return True
        if wanted.op in {"=", "=~"}:
            return wanted.op == "=~" and wanted.value == ".+" and Matcher(wanted.label, "!=", "") in self.given
        excluded = _excluded(wanted)
        return excluded is not None and all(
            any(one.label == wanted.label and not matches(one, {wanted.label: value}) for one in self.given)
            for value in excluded
        )


def _cases(known: _Known, alternatives: Sequence[Sequence[Matcher]]) -> Iterator[_Known]:
    """Split what is known into cases in which each few-valued label that alternatives look at has one value."""
    labels = sorted({matcher.label for wanted in alternatives for matcher in wanted})
    finite = {label: values for label in labels if (values := known.values.get(label)) is not None}
    rest = [matcher for matcher in known.given if matcher.label not in finite]
    for chosen in itertools.product(*(sorted(values) for values in finite.values())):
        yield _Known([*rest, *(Matcher(label, "=", value) for label, value in zip(finite, chosen, strict=True))])


def _finite(matcher: Matcher) -> frozenset[str] | None:
    if matcher.op == "=":
        return frozenset({matcher.value})
    return literal_values(matcher.value) if matcher.op == "=~" else None


def _excluded(matcher: Matcher) -> frozenset[str] | None:
    if matcher.op == "!=":
        return frozenset({matcher.value})
    return literal_values(matcher.value) if matcher.op == "!~" else None
