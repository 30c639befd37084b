"""Versions of Prometheus, as far as their languages differ."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Feature(StrEnum):
    """Parts of the language that came after 2.42, named as messages call them."""

    DURATIONS_AS_NUMBERS = "durations in place of numbers"
    UTF8_NAMES = "quoted metric and label names"
    DURATION_EXPRESSIONS = "arithmetic on durations"
    EXTENDED_RANGES = "`anchored` and `smoothed`"
    FILL = "`fill`, `fill_left` and `fill_right`"
    TRIMMING = "the operators `</` and `>/`"


SINCE: dict[Feature, tuple[int, int]] = {
    Feature.DURATIONS_AS_NUMBERS: (2, 54),
    Feature.UTF8_NAMES: (3, 0),
    Feature.DURATION_EXPRESSIONS: (3, 4),
    Feature.EXTENDED_RANGES: (3, 7),
    Feature.FILL: (3, 10),
    Feature.TRIMMING: (3, 11),
}
"""First version with each feature (CHANGELOG.md of prometheus/prometheus)."""

FLAGS: dict[Feature, str] = {
    Feature.DURATION_EXPRESSIONS: "promql-duration-expr",
    Feature.EXTENDED_RANGES: "promql-extended-range-selectors",
    Feature.FILL: "promql-binop-fill-modifiers",
}
"""What `--enable-feature` must name for a feature to work."""

STABLE: dict[Feature, tuple[int, int]] = {Feature.DURATION_EXPRESSIONS: (3, 14)}
"""First version in which a feature needs no flag any more."""

EXPERIMENTAL_FUNCTIONS = "promql-experimental-functions"


@dataclass(frozen=True, slots=True)
class Profile:
    """A version of Prometheus and what is switched on in it.

    ``experimental`` stands for every flag that changes the language.  ``left_open``: a sample exactly at the left
    edge of a range or lookback does not count.  ``dot_all``: ``.`` in a regular expression matches a line break.
    """

    name: str
    version: tuple[int, int]
    experimental: bool = False

    @property
    def left_open(self) -> bool:
        """Whether ranges exclude their left edge."""
        return self.version >= (3, 0)

    @property
    def dot_all(self) -> bool:
        """Whether ``.`` matches a line break."""
        return self.version >= (3, 0)

    def has(self, feature: Feature) -> bool:
        """Whether the version knows the feature, behind a flag or not."""
        return self.version >= SINCE[feature]

    def allows(self, feature: Feature) -> bool:
        """Whether the feature works."""
        stable = feature not in FLAGS or self.version >= STABLE.get(feature, (99, 0))
        return self.has(feature) and (stable or self.experimental)

    def with_experimental(self) -> Profile:
        """Return the same version with every experimental flag."""
        return replace(self, experimental=True)


PROMETHEUS_2 = Profile("Prometheus 2.42", (2, 42))
PROMETHEUS_3 = Profile("Prometheus 3.15", (3, 15))
