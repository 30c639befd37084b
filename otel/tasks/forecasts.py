"""Forecast points whose truth has arrived, and the forecasts that were or were not made."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from otel.labels.terms import Interval, Segments, error_sign, interval_position, segment_texts
from otel.recording.bins import as_number
from otel.recording.notices import guarded
from otel.recording.recorder import Recorder


@guarded
class Forecasts:
    """Counts the points of forecasts against the truth: all values are in the unit of the series."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def label_forecast(
        self,
        horizon: str,
        predicted: Any,
        actual: Any,
        naive: Any = None,
        interval: Interval | None = None,
        segments: Segments = (),
    ) -> bool:
        """Count one point; say whether it was counted.

        ``horizon`` is ``near``, ``middle`` or ``far``: thirds of the forecast's length.  ``naive`` is what repeating
        the last season would have said; give it for all points or for none, for the scaled error (MASE; Hyndman and
        Koehler, 2006) is the quotient of the two sums.  ``interval`` is the point's 90 % interval.
        """
        truth, said = as_number(actual), as_number(predicted)
        if truth is None or said is None or not math.isfinite(said - truth):
            self._recorder.undeclared("label", "label: a forecast point without numbers")
            return False
        self._recorder.defer(self._count, horizon, said, truth, as_number(naive), interval, segment_texts(segments))
        return True

    def created(self, at: float | datetime) -> None:
        """Say when the newest forecast was made, in seconds since 1970 or as a datetime."""
        self._recorder.set("created", at.timestamp() if isinstance(at, datetime) else at)

    def missing(self, series: int = 1) -> None:
        """Count series for which no forecast was made although one was due."""
        self._recorder.add("missing_series", series)

    def _count(
        self,
        horizon: str,
        predicted: float,
        actual: float,
        naive: float | None,
        interval: Interval | None,
        segments: tuple[str, ...],
    ) -> None:
        add, error = self._recorder.add_now, abs(predicted - actual)
        add("points", 1, (horizon, error_sign(predicted, actual)))
        add("forecast_error", error, (horizon,))
        add("actual", abs(actual), (horizon,))
        if naive is not None:
            add("naive_error", abs(naive - actual), (horizon,))
        if interval is not None:
            add("forecast_intervals", 1, (interval_position(interval, actual),))
        for segment in segments:
            add("segment_residuals", 1, (segment,))
            add("segment_residual_absolute", error, (segment,))
            add("segment_target_absolute", abs(actual), (segment,))
