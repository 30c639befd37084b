"""Embeddings: whether vectors can be used, how long they are, and whether texts fitted."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from otel.recording.notices import guarded
from otel.recording.recorder import Recorder


@guarded
class Embeddings:
    """Counts the texts and vectors of an embedding model."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def inputs(self, whole: int = 0, truncated: int = 0, empty: int = 0) -> None:
        """Count the texts of one request: ``whole``, ``truncated`` at the model's limit, ``empty``."""
        self._recorder.record("batch_size", whole + truncated + empty)
        for result, texts in (("whole", whole), ("truncated", truncated), ("empty", empty)):
            if texts:
                self._recorder.add("inputs", texts, result)

    def vectors(self, vectors: Iterable[Sequence[float]]) -> None:
        """Count the vectors of one answer, later: do not change them afterwards.  Takes lists and numpy arrays."""
        self._recorder.defer(self._count, vectors)

    def _count(self, vectors: Iterable[Sequence[float]]) -> None:
        for vector in vectors:
            length = vector_norm(vector)
            result = "invalid" if not math.isfinite(length) else "zero" if length == 0 else "ok"
            self._recorder.add_now("embeddings", 1, (result,))
            if result == "ok":
                self._recorder.record_now("norm", length)


def vector_norm(vector: Any) -> float:
    """Return the Euclidean length of a vector; NaN if it is not one of numbers."""
    numpy = sys.modules.get("numpy")
    try:
        if numpy is not None and isinstance(vector, numpy.ndarray):
            return float(numpy.linalg.norm(vector.astype(float)))
        return math.hypot(*vector)
    except (TypeError, ValueError, OverflowError):
        return math.nan
