"""A sample of predictions for people to review, the same whichever replica answers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any, Final, TypeAlias

from otel.export.pipeline import Pump
from otel.recording.notices import Once, guarded

Reviewer: TypeAlias = Callable[[str, Mapping[str, Any]], object]
"""Takes the id of a prediction and its row, such as one that puts it into the queue of the reviewers."""

WAITING: Final = 1000
"""Rows that wait for the callback at most: one that is slow loses further ones, which is said once."""


def sampled(identifier: str, share: float) -> bool:
    """Say whether a prediction or request belongs to the sample of a share from 0 to 1.

    A hash of the id decides, so that all replicas and retries agree, and a larger share contains a smaller one.
    """
    hashed = blake2b(identifier.encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(hashed.digest()) < share * 2.0**64


@guarded
class Review:
    """Hands the rows of the sample to a callback, in a thread of its own: however slow it is, nothing waits for it.

    ``share`` is that of the spec (``labels.sample``), from 0 to 1; None samples nothing.  What the callback raises is
    logged once and never reaches a prediction.
    """

    def __init__(self, share: float | None, reviewer: Reviewer | None) -> None:
        self._share = share or 0.0
        self.reviewer = reviewer
        self._rows: deque[tuple[str, Mapping[str, Any]]] = deque()
        self._pump = Pump("otel-review", self._hand_on, 60.0)
        self._once = Once()

    def sampled(self, identifier: str) -> bool:
        """Say whether a prediction, by its id or that of its request, is in the sample."""
        return sampled(str(identifier), self._share)

    def offer(self, identifier: str, row: Mapping[str, Any], request_id: str | None = None) -> bool:
        """Hand a row on if it is in the sample and somebody reviews; say whether it is in the sample.

        The id of its request decides, where there is one: retries of a request are in the sample together.
        """
        chosen = self.sampled(request_id or identifier)
        if chosen and self.reviewer is not None:
            if len(self._rows) < WAITING:
                self._rows.append((identifier, row))
                self._pump.wake()
            else:
                self._once.warn("slow", "the callback that takes predictions for review is slow: rows are lost")
        return chosen

    def flush(self, timeout: float) -> bool:
        """Hand on what waits, in at most ``timeout`` seconds; whether all of it was."""
        return not self._rows or (self._pump.flush(timeout) and not self._rows)

    def reset(self) -> None:
        """Forget what waits: in a forked child, whose parent hands it on."""
        self._rows = deque()
        self._pump.forked()

    def _hand_on(self) -> None:
        while self._rows:
            identifier, row = self._rows.popleft()
            reviewer = self.reviewer
            try:
                if reviewer is not None:
                    reviewer(identifier, row)
            except Exception as error:
                text = "the callback that takes predictions for review failed: %s"
                self._once.warn("review", text, error, error=error)
