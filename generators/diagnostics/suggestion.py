"""Suggestions for misspelt words: the nearest of the words that would have been right."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, candidates: Iterable[str]) -> str:
    """The candidate that ``word`` is most likely a misspelling of, or an empty string when none is near.

    Nearness is the number of typing slips (insertion, deletion, replacement, swap of neighbours); a third of
    the word may be wrong.  Differences of case and of ``-``, ``_`` and ``.`` count as nothing.  Words that
    merely contain one another (``accuracy``, ``balanced_accuracy``) come last.
    """
    if not word or len(word) > _LONGEST_WORD:
        return ""
    others = (other for other in set(candidates) - {word} if len(other) <= _LONGEST_WORD)
    scored = [(score, other) for other in others if (score := _distance(word, other)) is not None]
    return min(scored)[1] if scored else ""


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """The remedy ``did you mean `x`?`` with the nearest candidate, or an empty string when none is near."""
    other = nearest(word, candidates)
    return f"did you mean `{other}`?" if other else ""


_LONGEST_WORD = 100


def _distance(word: str, other: str) -> tuple[int, int] | None:
    """Return the rank of a candidate, smaller is nearer; None when it is too far to be worth a suggestion."""
    left, right = _folded(word), _folded(other)
    allowed = max(1, max(len(left), len(right)) // 3) if min(len(left), len(right)) > 1 else 0
    if abs(len(left) - len(right)) <= allowed:
        slips = _slips(left, right)
        if slips <= allowed:
            return (slips, abs(len(word) - len(other)))
    if min(len(left), len(right)) >= 4 and (left in right or right in left):
        return (1000, abs(len(left) - len(right)))
    if sorted(_parts(word)) == sorted(_parts(other)):
        return (1000, 0)
    if 2 * min(len(left), len(right)) < _SIMILAR * (len(left) + len(right)):
        return None
    from difflib import SequenceMatcher  # noqa: PLC0415 - only for a mistake, and slow to import

    matcher = SequenceMatcher(None, left, right, autojunk=False)
    if matcher.quick_ratio() >= _SIMILAR and matcher.ratio() >= _SIMILAR:
        return (2000, abs(len(left) - len(right)))
    return None


_SIMILAR = 0.8


def _folded(word: str) -> str:
    return "".join(_parts(word))


def _parts(word: str) -> list[str]:
    return word.casefold().replace("-", " ").replace("_", " ").replace(".", " ").split()


def _slips(left: str, right: str) -> int:
    """Return the Damerau-Levenshtein distance with swaps of neighbours (optimal string alignment)."""
    two_above: list[int] = []
    above = list(range(len(right) + 1))
    for i, a in enumerate(left):
        row = [i + 1]
        for j, b in enumerate(right):
            cost = min(above[j + 1] + 1, row[j] + 1, above[j] + (a != b))
            if i and j and a == right[j - 1] and b == left[i - 1]:
                cost = min(cost, two_above[j - 1] + 1)
            row.append(cost)
        two_above, above = above, row
    return above[-1]
