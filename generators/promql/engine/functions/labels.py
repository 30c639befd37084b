"""Functions of labels: label_replace, label_join, sort_by_label, and the labels of absent()."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cmp_to_key

import numpy as np

from generators.diagnostics import Span
from generators.formats.re2 import expand, group_names
from generators.promql.engine.frame import Frame
from generators.promql.engine.patterns import compile_anchored
from generators.promql.engine.results import BAD_LABELS, Failure
from generators.promql.engine.series.labels import METRIC_NAME, Labels, from_mapping, get, with_labels
from generators.promql.syntax.ast import Expr, MatchOp, MatrixSelector, VectorSelector

_CHUNKS = re.compile(r"[0-9]+|[^0-9]+")


def _check_name(name: str, role: str, function: str, span: Span) -> None:
    valid = name != "" and not any("\ud800" <= character <= "\udfff" or character == "�" for character in name)
    if not valid:
        raise Failure(BAD_LABELS, f"invalid {role} label name in {function}(): {name}", span)


def _relabelled(frame: Frame, labels: Sequence[Labels], changed: Sequence[bool], target: str) -> Frame:
    drops = frame.drops_name
    if target == METRIC_NAME:
        drops = drops & ~np.array(changed, dtype=bool)
    return replace(frame, labels=tuple(labels), drops_name=drops)


def label_replace(frame: Frame, texts: Sequence[str], span: Span, *, dot_all: bool) -> Frame:
    """Set the target label from a template where the regular expression matches the source label as a whole.

    ``texts`` are target, template, source and expression.
    """
    target, template, source, expression = texts
    pattern = compile_anchored(expression, span, dot_all=dot_all, place="label_replace()")
    _check_name(target, "destination", "label_replace", span)
    names = group_names(expression)
    matched = [pattern.fullmatch(get(labels, source)) for labels in frame.labels]
    labels = [
        with_labels(old, ((target, expand(template, match, names)),)) if match else old
        for old, match in zip(frame.labels, matched, strict=True)
    ]
    return _relabelled(frame, labels, [match is not None for match in matched], target)


def label_join(frame: Frame, texts: Sequence[str], span: Span) -> Frame:
    """Set the target label to the source labels' values with a separator between; ``texts`` as in PromQL."""
    target, separator, *sources = texts
    for source in sources:
        _check_name(source, "source", "label_join", span)
    _check_name(target, "destination", "label_join", span)
    labels = [
        with_labels(old, ((target, separator.join(get(old, source) for source in sources)),)) for old in frame.labels
    ]
    return _relabelled(frame, labels, [True] * len(labels), target)


def natural_less(left: str, right: str) -> bool:
    """Whether a text comes before another when runs of digits count as numbers."""
    mine, theirs = _CHUNKS.findall(left), _CHUNKS.findall(right)
    for index, chunk in enumerate(mine):
        if index >= len(theirs):
            return False
        other = theirs[index]
        numbers = chunk.isdecimal() and other.isdecimal()
        if (int(chunk) == int(other)) if numbers else (chunk == other):
            if index == len(mine) - 1:
                return True
            if index == len(theirs) - 1:
                return False
            continue
        return int(chunk) < int(other) if numbers else chunk < other
    return False


def sort_by_label(rows: Sequence[Labels], names: Sequence[str], *, descending: bool) -> list[int]:
    """Indices of the rows in natural order of the named labels, ties by the whole label set."""

    def compare(one: int, two: int) -> int:
        for name in names:
            left, right = get(rows[one], name), get(rows[two], name)
            if left != right:
                return -1 if natural_less(left, right) else 1
        return (rows[one] > rows[two]) - (rows[one] < rows[two])

    return sorted(range(len(rows)), key=cmp_to_key(compare), reverse=descending)


def absent_labels(argument: Expr) -> Labels:
    """The labels that a selector pins down by one equality matcher each; none for other expressions."""
    selector = argument.selector if isinstance(argument, MatrixSelector) else argument
    if not isinstance(selector, VectorSelector):
        return ()
    pinned: dict[str, str] = {}
    seen: set[str] = set()
    for matcher in selector.matchers:
        if matcher.label == METRIC_NAME:
            continue
        if matcher.op is MatchOp.EQUAL and matcher.label not in seen:
            pinned[matcher.label] = matcher.value
            seen.add(matcher.label)
        else:
            pinned.pop(matcher.label, None)
    return from_mapping(pinned)
