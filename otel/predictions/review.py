"""A sample of predictions for people to review, the same whichever replica answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any, TypeAlias

from otel.recording.notices import Once
from otel.recording.recorder import Recorder

Reviewer: TypeAlias = Callable[[str, Mapping[str, Any]], object]
"""Takes the id of a prediction and its row, such as one that puts it into the queue of the reviewers."""


def sampled(identifier: str, share: float) -> bool:
    """Say whether a prediction or request belongs to the sample of a share from 0 to 1.

    A hash of the id decides, so that all replicas and retries agree, and a larger share contains a smaller one.
    """
    return int.from_bytes(blake2b(identifier.encode(), digest_size=8).digest()) < share * 2.0**64


class Review:
    """Hands the rows of the sample to a callback, in the folding thread.

    ``share`` is that of the spec (``labels.sample``), from 0 to 1; None samples nothing.  What the callback raises is
    logged once and never reaches a prediction.
    """

    def __init__(self, recorder: Recorder, share: float | None, reviewer: Reviewer | None) -> None:
        self._recorder = recorder
        self._share = share or 0.0
        self.reviewer = reviewer
        self._once = Once()

    def sampled(self, identifier: str) -> bool:
        """Say whether a prediction, by its id or that of its request, is in the sample."""
        return sampled(identifier, self._share)

    def offer(self, identifier: str, row: Mapping[str, Any]) -> bool:
        """Hand a row on if it is in the sample and somebody reviews; say whether it is in the sample."""
        chosen = self.sampled(identifier)
        if chosen and self.reviewer is not None:
            self._recorder.defer(self._hand_on, self.reviewer, identifier, row)
        return chosen

    def _hand_on(self, reviewer: Reviewer, identifier: str, row: Mapping[str, Any]) -> None:
        try:
            reviewer(identifier, row)
        except Exception as error:
            self._once.warn("review", "the callback that takes predictions for review failed: %s", error, error=error)
