"""Ranked lists: what was shown where, what was chosen, and how good the order was."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Final

from otel.recording.bins import as_number
from otel.recording.notices import guarded
from otel.recording.recorder import Recorder

POSITIONS: Final = ((1, "1"), (2, "2"), (3, "3"), (10, "4-10"))
"""Last position in the list that each value of ``position`` holds; the rest is ``beyond``."""


@guarded
class Ranking:
    """Counts lists, items and judgements of a model that ranks or recommends."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def shown(self, length: int, wanted: int, *, known: bool = True, popularity: Iterable[str] = ()) -> None:
        """Count a list that was shown: ``length`` items of the ``wanted`` ones.

        ``known`` says whether the model knew anything about the person who asked; ``popularity`` is ``head``,
        ``torso`` or ``tail`` for each item.
        """
        result = "empty" if length <= 0 else "short" if length < wanted else "full"
        self._recorder.add("lists", 1, result, "known" if known else "cold")
        self._recorder.defer(self._count_items, length, tuple(popularity))

    def clicked(self, position: int) -> None:
        """Count an item that was chosen, by its position in the list, from 1."""
        self._recorder.add("clicks", 1, position_class(position))

    def judged(self, relevances: Sequence[Any]) -> bool:
        """Count a list whose order was judged; say whether it was counted.

        ``relevances`` are those of the items in the order shown, from 0 (irrelevant) upwards.
        """
        values = [as_number(each) for each in relevances]
        known = [each for each in values if each is not None and each >= 0]
        if not known or len(known) != len(values):
            self._recorder.undeclared("label", "label: a list without relevances")
            return False
        self._recorder.defer(self._count_gain, known)
        return True

    def coverage(self, share: float) -> None:
        """Say which share of the catalogue, from 0 to 1, anybody was shown in the last day."""
        self._recorder.set("catalogue_coverage", share)

    def _count_items(self, length: int, popularity: tuple[str, ...]) -> None:
        for (last, _), (end, name) in pairwise(((0, ""), *POSITIONS, (length, "beyond"))):
            items = min(length, end) - last
            if items > 0:
                self._recorder.add_now("impressions", items, (name,))
        for each in popularity:
            self._recorder.add_now("exposure", 1, (each,))

    def _count_gain(self, relevances: list[float]) -> None:
        self._recorder.add_now("judged", 1)
        self._recorder.add_now("gain", normalised_gain(relevances))


def position_class(position: int) -> str:
    """Return the value of ``position`` for a position from 1."""
    return next((name for last, name in POSITIONS if position <= last), "beyond")


def normalised_gain(relevances: Sequence[float]) -> float:
    """Return the normalised discounted cumulative gain of a list, from 0 to 1, with linear gains.

    The gain of each item is divided by log2(position + 1), and the sum by that of the best order (Järvelin and
    Kekäläinen, 2002).  A list without anything relevant has 0.
    """
    best = _gain(sorted(relevances, reverse=True))
    return _gain(relevances) / best if best > 0 else 0.0


def _gain(relevances: Iterable[float]) -> float:
    return math.fsum(each / math.log2(position + 2) for position, each in enumerate(relevances))
