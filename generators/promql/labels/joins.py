"""What binary operators do to labels, and the joins that cannot work."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from generators.diagnostics import Code, Severity
from generators.promql.labels.context import Context, listed
from generators.promql.labels.label_set import EMPTY, METRIC_NAME, NONE, LabelSet, refine
from generators.promql.labels.reasons import find_loss
from generators.promql.labels.vector_arguments import is_scalar
from generators.promql.syntax.ast import Binary, Call, Expr, Group, Matching, NumberLiteral, Unary
from generators.promql.syntax.printer import COMPARISONS, SET_OPERATORS, format_labels

SIDES_LACK_LABEL = Code(
    "Q103",
    "the sides of an operator can never match: one lacks a label",
    "Elements match when all labels that take part are equal. One side always has a label that the "
    "other never has, so nothing matches and the result is empty. Aggregate both sides by the same "
    "labels, or name the common ones with `on`.",
    "sum by (job) (errors_total) / sum by (job, instance) (requests_total)",
    "sum by (job) (errors_total) / sum by (job) (requests_total)",
)
SIDES_DIFFER = Code(
    "Q104",
    "the sides of an operator can never match: a label has two values",
    "Both sides have a label with a known value, and the values differ. Leave the label out with "
    "`ignoring` or aggregate it away.",
    'rate(requests_total{code="500"}[5m]) / rate(requests_total{code="200"}[5m])',
    'rate(requests_total{code="500"}[5m]) / ignoring (code) rate(requests_total{code="200"}[5m])',
)
MATCHED_LABEL_MISSING = Code(
    "Q105",
    "a side cannot have a label that it is matched on",
    "The label counts as empty on that side. It matches only elements of the other side without the "
    "label, or does nothing at all.",
    "errors / on (job, zone) sum by (job) (requests)",
    "errors / on (job) sum by (job) (requests)",
    Severity.WARNING,
)
INCLUDED_LABEL_MISSING = Code(
    "Q106",
    "`group_left` or `group_right` takes a label that the other side cannot have",
    "The label would be removed from the result instead of being added to it.",
    "up * on (instance) group_left (version) max by (instance) (build_info)",
    "up * on (instance) group_left (version) max by (instance, version) (build_info)",
)
UNMATCHED_ON_BOTH_SIDES = Code(
    "Q107",
    "both sides keep labels that are not matched on",
    "Several elements of both sides may share the labels that are matched on; many-to-many matching "
    "is an error when the rule runs. Aggregate the sides first.",
    "errors_total / on (job) requests_total",
    "sum by (job) (errors_total) / on (job) sum by (job) (requests_total)",
    Severity.WARNING,
)
UNMATCHED_ON_ONE_SIDE = Code(
    "Q108",
    "one side keeps labels that are not matched on",
    "Several elements of that side may match one element of the other. That is an error when the "
    "rule runs unless `group_left` or `group_right` says which side has many.",
    "errors_total / on (job) sum by (job) (requests_total)",
    "errors_total / on (job) group_left () sum by (job) (requests_total)",
    Severity.WARNING,
)
UNLESS_REMOVES_NOTHING = Code(
    "Q109",
    "`unless` never removes anything",
    "No element of the right side can match one of the left, so the operator does nothing and the "
    "exception that it was to make is not made.",
    "sum by (job) (errors) > 1 unless sum by (zone) (maintenance)",
    "sum by (job) (errors) > 1 unless sum by (job) (maintenance)",
    Severity.WARNING,
)
STRAY_ELEMENT = Code(
    "Q110",
    "`or` adds an element without labels",
    "The right side has no labels. It matches no element of the left side, so it is there always: a "
    "stray element without labels beside the others, and no default for them.",
    "sum by (job) (errors) or vector(0)",
    "sum by (job) (errors) or sum by (job) (requests) * 0",
    Severity.WARNING,
)


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


def check_join(node: Binary, matching: Matching, left: LabelSet, right: LabelSet, context: Context) -> None:
    """Report what is wrong with matching two vectors whose labels are known."""
    names = frozenset(matching.labels)
    filled = matching.fill_left is not None or matching.fill_right is not None
    if not filled and not _can_match(node, matching, names, left, right, context):
        return
    if matching.on:
        _check_on(node, names, left, right, context)
    if matching.group is not None:
        _check_include(node, matching, left, right, context)
    elif node.op not in SET_OPERATORS:
        _check_many(node, matching, names, left, right, context)


def check_or(node: Binary, left: LabelSet, context: Context) -> None:
    """Report ``grouped or vector(0)``, which adds a stray element."""
    matching = node.matching or Matching()
    names = frozenset(matching.labels)
    distinguishing = (left.sure & names if matching.on else left.sure - names) - {METRIC_NAME}
    if distinguishing and _is_constant_vector(node.right) and not any(name.startswith("$") for name in names):
        message = f"`or` always adds an element without labels: the left side has {listed(distinguishing)}"
        help_ = "use `or` with a vector that has the same labels, such as a total times 0"
        context.report(STRAY_ELEMENT, message, node.right.span, help_)


def _is_constant_vector(expr: Expr) -> bool:
    match expr:
        case Call(function="vector"):
            return True
        case Unary():
            return _is_constant_vector(expr.expr)
        case Binary():
            sides = (expr.left, expr.right)
            return any(map(_is_constant_vector, sides)) and all(
                isinstance(side, NumberLiteral) or _is_constant_vector(side) for side in sides
            )
    return False


# --- sides that never match ----------------------------------------------------------------------------------


def _can_match(
    node: Binary, matching: Matching, names: frozenset[str], left: LabelSet, right: LabelSet, context: Context
) -> bool:
    lacking_right = _lacking(left, right, matching.on, names)
    lacking_left = _lacking(right, left, matching.on, names)
    if lacking_right or lacking_left:
        _report_lacking(node, lacking_left, lacking_right, left, right, context)
        return False
    if left.constant and right.constant:
        for label in sorted(left.constant.keys() & right.constant.keys()):
            one, other = left.constant[label], right.constant[label]
            if one != other and (label in names) is matching.on and (matching.on or label != METRIC_NAME):
                _report_constants(node, label, one, other, context)
                return False
    return True


def _lacking(side: LabelSet, other: LabelSet, on: bool, names: frozenset[str]) -> list[str]:
    """The labels that take part in the matching, which *side* surely has and *other* cannot have."""
    if other.open and not other.never:
        return []
    sure = side.sure & names if on else side.sure - names
    if sure <= other.sure:
        return []
    return sorted(label for label in sure - other.sure if not other.may_have(label) and (on or label != METRIC_NAME))


def _report_lacking(
    node: Binary,
    lacking_left: list[str],
    lacking_right: list[str],
    left: LabelSet,
    right: LabelSet,
    context: Context,
) -> None:
    lacking, has, lacks, operand = (
        (lacking_right, "left", "right", node.right) if lacking_right else (lacking_left, "right", "left", node.left)
    )
    reasons = dict.fromkeys(find_loss(operand, label, context).text(context) for label in lacking)
    fact = f"the {has} side always has {listed(lacking)}, which the {lacks} side never has: {'; '.join(reasons)}"
    if node.op == "unless":
        context.report(UNLESS_REMOVES_NOTHING, f"`unless` never removes anything: {fact}", node.span, "")
        return
    help_ = _common(left, right) or "aggregate both sides by the same labels"
    context.report(SIDES_LACK_LABEL, f"the sides of `{node.op}` can never match: {fact}", node.span, help_)


def _common(left: LabelSet, right: LabelSet) -> str:
    common = (left.sure & right.sure) - {METRIC_NAME}
    if not common:
        return ""
    return f"aggregate both sides by the same labels, or match `on ({format_labels(tuple(sorted(common)))})`"


def _report_constants(node: Binary, label: str, one: str, other: str, context: Context) -> None:
    fact = f'label `{label}` is "{one}" on the left side and "{other}" on the right'
    if node.op == "unless":
        context.report(UNLESS_REMOVES_NOTHING, f"`unless` never removes anything: {fact}", node.span, "")
    else:
        help_ = f"leave it out of the matching with `ignoring ({label})`, or aggregate it away"
        context.report(SIDES_DIFFER, f"the sides of `{node.op}` can never match: {fact}", node.span, help_)


# --- labels that one side cannot have ------------------------------------------------------------------------


def _check_on(node: Binary, names: frozenset[str], left: LabelSet, right: LabelSet, context: Context) -> None:
    for label in sorted(names):
        sides = [
            (name, operand)
            for name, labels, operand in (("left", left, node.left), ("right", right, node.right))
            if not labels.may_have(label)
        ]
        if not sides:
            continue
        reason = find_loss(sides[0][1], label, context).text(context)
        who = "neither side" if len(sides) == 2 else f"the {sides[0][0]} side never"
        message = f"`on` names label `{label}`, which {who} has: {reason}"
        context.report(MATCHED_LABEL_MISSING, message, node.span, f"remove `{label}` from `on`")


def _check_include(node: Binary, matching: Matching, left: LabelSet, right: LabelSet, context: Context) -> None:
    name, one, operand = ("right", right, node.right) if matching.group is Group.LEFT else ("left", left, node.left)
    for label in matching.include:
        if not label.startswith("$") and not one.may_have(label):
            reason = find_loss(operand, label, context).text(context)
            message = f"`{matching.group}` takes label `{label}` from the {name} side, which never has it: {reason}"
            help_ = f"keep `{label}` on the {name} side, or remove it here"
            context.report(INCLUDED_LABEL_MISSING, message, node.span, help_)


# --- several elements that match ------------------------------------------------------------------------------


def _check_many(
    node: Binary,
    matching: Matching,
    names: frozenset[str],
    left: LabelSet,
    right: LabelSet,
    context: Context,
) -> None:
    """A sure label of unknown value that takes no part in the matching may tell several elements apart."""
    left_extra = _extra(left, matching.on, names)
    right_extra = _extra(right, matching.on, names)
    if left_extra and right_extra:
        message = (
            f"both sides keep labels that are not matched on: the left side {listed(left_extra)}, "
            f"the right side {listed(right_extra)}; many-to-many matching fails when the rule runs"
        )
        context.report(UNMATCHED_ON_BOTH_SIDES, message, node.span, "aggregate at least one side")
    elif left_extra or right_extra:
        side, group = ("left", Group.LEFT) if left_extra else ("right", Group.RIGHT)
        message = (
            f"the {side} side keeps {listed(left_extra or right_extra)}, not matched on: several of its elements "
            "may match one of the other side, which fails when the rule runs"
        )
        help_ = f"aggregate the {side} side, or allow it with `{group} ()`"
        context.report(UNMATCHED_ON_ONE_SIDE, message, node.span, help_)


def _extra(side: LabelSet, on: bool, names: frozenset[str]) -> Iterable[str]:
    outside = side.sure - names if on else side.sure & names
    return outside - side.constant.keys() - {METRIC_NAME}
