"""What is known about the labels of a vector's elements, and the operations that PromQL makes of it.

An element's labels lie between two bounds: all of ``sure``, and nothing outside ``sure | maybe`` unless the set is
``open``.  A label with the empty value does not exist, as in Prometheus.  The metric name is the label ``__name__``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

METRIC_NAME: Final = "__name__"
NONE: Final[frozenset[str]] = frozenset()
NO_VALUES: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class LabelSet:
    """Bounds on the labels of every element of a vector.

    ``sure``      every element has the label, with a value that is not empty
    ``maybe``     some elements may have the label; disjoint from ``sure``
    ``open``      labels that are not named here may be there too, as in an unknown metric, except those in ``never``
    ``constant``  the value of a sure label that is the same in every element
    ``never``     no element has the label; says something only where the set is open
    """

    sure: frozenset[str] = NONE
    maybe: frozenset[str] = NONE
    open: bool = False
    constant: Mapping[str, str] = field(default_factory=lambda: NO_VALUES, hash=False)
    never: frozenset[str] = NONE

    @property
    def named(self) -> frozenset[str]:
        """The labels that may be there, as far as their names are known."""
        return self.sure | self.maybe if self.maybe else self.sure

    def may_have(self, label: str) -> bool:
        """Whether an element may have the label."""
        return label in self.sure or label in self.maybe or (self.open and label not in self.never)

    def keep(self, labels: Iterable[str]) -> LabelSet:
        """Only these labels remain, as after ``by (labels)``."""
        names = frozenset(labels)
        maybe = names - self.sure - self.never if self.open else names & self.maybe
        return _label_set(names & self.sure, maybe, False, self.constant, NONE)

    def keep_at_least(self, labels: Iterable[str]) -> LabelSet:
        """These labels remain and any others may, as after ``by (job, $more)`` with a hole."""
        result = self.weaken()
        for label in self.sure.intersection(labels):
            result = result.add(label, self.constant.get(label))
        return result

    def drop(self, labels: Iterable[str]) -> LabelSet:
        """These labels are gone, as after ``without (labels)``."""
        names = frozenset(labels)
        if not self.open and names.isdisjoint(self.sure) and names.isdisjoint(self.maybe):
            return self
        never = self.never | names if self.open else NONE
        return _label_set(self.sure - names, self.maybe - names, self.open, self.constant, never)

    def drop_name(self) -> LabelSet:
        """The metric name is gone, as after most functions and operators."""
        return self.drop(_JUST_THE_NAME)

    def add(self, label: str, value: str | None = None) -> LabelSet:
        """Every element has the label, with the value if one is given."""
        constant = {name: known for name, known in self.constant.items() if name != label}
        if value is not None:
            constant[label] = value
        one = frozenset((label,))
        return LabelSet(self.sure | one, self.maybe - one, self.open, constant, self.never - one)

    def admit(self, label: str) -> LabelSet:
        """The label may be there or not; what was sure of it is forgotten."""
        one = frozenset((label,))
        return _label_set(self.sure - one, self.maybe | one, self.open, self.constant, self.never - one)

    def weaken(self) -> LabelSet:
        """Nothing is sure any more, though nothing is added."""
        return LabelSet(NONE, self.named, self.open, NO_VALUES, self.never)

    def union(self, other: LabelSet) -> LabelSet:
        """Elements come from either set, as from ``or``."""
        sure = self.sure & other.sure
        never = NONE
        if self.open or other.open:
            never = frozenset(
                label for label in self.never | other.never if not self.may_have(label) and not other.may_have(label)
            )
        constant = {label: value for label, value in self.constant.items() if other.constant.get(label) == value}
        return LabelSet(sure, (self.named | other.named) - sure, self.open or other.open, constant, never)


_JUST_THE_NAME: Final = frozenset((METRIC_NAME,))

EMPTY: Final = LabelSet()
"""No labels at all: scalars, ``vector(1)``, ``sum(x)``."""

UNKNOWN: Final = LabelSet(open=True)
"""Any labels: a metric of which nothing is known."""


def label_set(*sure: str, maybe: Iterable[str] = (), constant: Mapping[str, str] = NO_VALUES) -> LabelSet:
    """Build a closed set from names; labels with a constant value are sure."""
    certain = frozenset(sure) | frozenset(constant)
    return LabelSet(certain, frozenset(maybe) - certain, constant=MappingProxyType(dict(constant)))


def _label_set(
    sure: frozenset[str], maybe: frozenset[str], open_: bool, constant: Mapping[str, str], never: frozenset[str]
) -> LabelSet:
    """Build a set, with the constants of sure labels only."""
    if constant and not constant.keys() <= sure:
        constant = {label: value for label, value in constant.items() if label in sure}
    return LabelSet(sure, maybe, open_, constant, never)


# --- matching ------------------------------------------------------------------------------------------------


def refine(side: LabelSet, other: LabelSet, on: bool, names: frozenset[str]) -> LabelSet:
    """Return what is known of *side*'s elements that match an element of *other*.

    The labels that take part in the matching are those in *names* (*on*), or all but those and the metric name.
    In a match both sides have them with the same value, or neither has them.
    """
    if on:
        gained = (names & other.sure) - side.sure
        doubtful = names - side.sure if side.open else names & side.maybe
    else:
        gained = other.sure - side.sure - names - _JUST_THE_NAME
        doubtful = (side.maybe | other.never if side.open else side.maybe) - side.sure - names - _JUST_THE_NAME
    lost = frozenset(label for label in doubtful if not other.may_have(label)) if doubtful else NONE
    closes = side.open and not on and not other.open
    if not gained and not lost and not closes and not other.constant:
        return side
    gained = frozenset(label for label in gained if side.may_have(label)) if gained else NONE
    maybe = side.maybe - gained - lost
    if closes:
        rest = (other.named | names | _JUST_THE_NAME) - side.sure - gained - side.never
        maybe |= frozenset(label for label in rest if label in names or label == METRIC_NAME or label in other.maybe)
    constant = dict(side.constant)
    for label, value in other.constant.items():
        if (label in names if on else label not in names and label != METRIC_NAME) and side.may_have(label):
            constant.setdefault(label, value)
    never = side.never | lost if side.open and not closes else NONE
    return LabelSet(side.sure | gained, maybe, side.open and not closes, constant, never)
