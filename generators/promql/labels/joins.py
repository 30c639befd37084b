"""What binary operators do to labels, and the joins that cannot work."""

from __future__ import annotations

from typing import Final

from generators.promql.labels.context import Context
from generators.promql.labels.join_checks import check_join, check_or
from generators.promql.labels.label_set import EMPTY, NONE, LabelSet, refine
from generators.promql.labels.vector_arguments import is_scalar
from generators.promql.syntax.ast import Binary, Group, Matching
from generators.promql.syntax.printer import COMPARISONS

_UNASKED: Final = Matching()


def join_labels(node: Binary, left: LabelSet, right: LabelSet, context: Context) -> LabelSet:
    """Return the labels of a binary operation whose sides were visited."""
    drops_name = node.op not in COMPARISONS or node.return_bool
    if is_scalar(node.left):
        result = EMPTY if is_scalar(node.right) else right
        return result.drop_name() if drops_name else result
    if is_scalar(node.right):
        return left.drop_name() if drops_name else left
    matching = node.matching or _UNASKED
    names = frozenset(matching.labels)
    if node.op == "or":
        check_or(node, left, context)
        return left.union(right)
    holes = any(label.startswith("$") for label in matching.labels)
    if not holes:
        check_join(node, matching, left, right, context)
    if node.op == "unless":
        return left
    if node.op == "and":
        return left if holes else refine(left, right, matching.on, names)
    if matching.group is None:
        result = _one_to_one(left, right, matching, names, holes)
    elif matching.group is Group.LEFT:
        result = _many_to_one(left, right, matching, names, holes)
    else:
        result = _many_to_one(right, left, matching, names, holes)
    return result.drop_name() if drops_name else result


def _one_to_one(left: LabelSet, right: LabelSet, matching: Matching, names: frozenset[str], holes: bool) -> LabelSet:
    """Without ``group_left`` the result has only the labels that take part in the matching, and maybe the name."""
    matched = left if holes else refine(left, right, matching.on, names)
    result = _signature(matched, matching, names, holes)
    if matching.fill_right is not None:
        result = result.union(_signature(left, matching, names, holes))
    if matching.fill_left is not None:
        result = result.union(_signature(right, matching, names, holes).drop_name())
    return result


def _many_to_one(many: LabelSet, one: LabelSet, matching: Matching, names: frozenset[str], holes: bool) -> LabelSet:
    """The many side keeps its labels; those in ``include`` come from the one side, or go if it has none.

    As in Prometheus, ``fill_right`` stands in for the one side and ``fill_left`` for the many side, also with
    ``group_right``.
    """
    result = _included(many if holes else refine(many, one, matching.on, names), one, matching)
    if matching.fill_right is not None:
        result = result.union(_included(many, EMPTY, matching))
    if matching.fill_left is not None:
        result = result.union(_included(_signature(one, matching, names, holes).drop_name(), one, matching))
    return result


def _signature(side: LabelSet, matching: Matching, names: frozenset[str], holes: bool) -> LabelSet:
    if not matching.on:
        result = side.drop(names)
        return result.weaken() if holes else result
    return side.keep_at_least(names) if holes else side.keep(names)


def _included(many: LabelSet, one: LabelSet, matching: Matching) -> LabelSet:
    result = many
    for label in matching.include:
        if label.startswith("$"):
            rest = one.named - result.sure
            never = result.never & one.never
            result = LabelSet(NONE, result.named | rest, result.open or one.open, never=never)
        elif not matching.on and label not in matching.labels:
            continue  # the label takes part in the matching, so both sides have the same
        elif label in one.sure:
            result = result.add(label, one.constant.get(label))
        elif one.may_have(label):
            result = result.admit(label)
        else:
            result = result.drop((label,))
    return result
