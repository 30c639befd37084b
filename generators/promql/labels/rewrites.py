"""What ``label_replace`` and ``label_join`` do to labels."""

from __future__ import annotations

from collections.abc import Sequence

from generators.formats.re2 import has_references, literal_text
from generators.promql.labels.label_set import LabelSet
from generators.promql.labels.matchers import matches_whole

_COPIES = {"(.*)": ("$1", "${1}", "$0", "${0}"), ".*": ("$0", "${0}")}
"""Patterns that match anything, with the replacements that yield the whole value."""
_COPIES_SOME = {"(.+)": ("$1", "${1}", "$0", "${0}"), ".+": ("$0", "${0}")}
"""Patterns that match anything but a missing label."""


def replace_text(given: LabelSet, target: str, replacement: str, source: str, pattern: str) -> LabelSet:
    """Return the labels after ``label_replace(given, target, replacement, source, pattern)``."""
    if replacement in _COPIES.get(pattern, ()):
        return _copied(given, target, source)
    if replacement in _COPIES_SOME.get(pattern, ()):
        if source in given.sure:
            return _copied(given, target, source)
        # Where the source is missing, the target stays as it is.
        return given.admit(target) if target not in given.sure else _forgotten(given, target)
    certain = _certainly_matches(given, source, pattern)
    if certain is False:
        return given
    literal = literal_text(replacement)
    constant = literal if not has_references(replacement) else None
    if certain and (literal or constant == ""):
        return given.add(target, constant) if literal else given.drop((target,))
    if literal and target in given.sure:
        return _forgotten(given, target)
    if constant == "" and not given.may_have(target):
        return given
    return given.admit(target)


def join_texts(given: LabelSet, target: str, separator: str, sources: Sequence[str]) -> LabelSet:
    """Return the labels after ``label_join(given, target, separator, *sources)``."""
    if (separator and len(sources) > 1) or any(source in given.sure for source in sources):
        values = [given.constant.get(source) for source in sources]
        known = [value for value in values if value is not None]
        return given.add(target, separator.join(known) if len(known) == len(sources) else None)
    if not any(given.may_have(source) for source in sources):
        return given.drop((target,))
    return given.admit(target)


def _copied(given: LabelSet, target: str, source: str) -> LabelSet:
    if source in given.sure:
        return given.add(target, given.constant.get(source))
    return given.admit(target) if given.may_have(source) else given.drop((target,))


def _forgotten(given: LabelSet, target: str) -> LabelSet:
    """The label stays sure, its value is unknown."""
    return given.add(target)


def _certainly_matches(given: LabelSet, source: str, pattern: str) -> bool | None:
    """Whether the pattern matches the source label of every element, of none (False), or may do either (None)."""
    if pattern in (".*", "(.*)"):
        return True
    if source in given.constant:
        return matches_whole(pattern, given.constant[source])
    if not given.may_have(source):
        return matches_whole(pattern, "")
    if pattern in (".+", "(.+)") and source in given.sure:
        return True
    return None
