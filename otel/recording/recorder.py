"""What a service records, on its way from the caller to the exporter.

A caller only appends to a queue, which is atomic and takes no lock.  One thread at a time folds the queue into plain
arrays: a daemon thread when enough has gathered, and each export before it reads.  So a prediction never waits for
counting or exporting, no count is lost between threads, and what is exported holds all that was recorded before.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, TypeAlias

from opentelemetry.metrics import Histogram, Observation

from otel.manifest import Attribute, Manifest, Metric
from otel.recording.bins import as_number
from otel.recording.cells import Buckets, Cells, Observed, Places, Values
from otel.recording.derived import Rule, derivations
from otel.recording.instruments import Instruments
from otel.recording.notices import Once
from otel.semconv import ACTUAL, CLASS, FEATURE, PREDICTED, SEGMENT

Observer: TypeAlias = Callable[[], Iterable[Observed]]
"""Says what the series of a metric are now."""

WAKE_AT: Final = 256
"""Entries in the queue at which the folding thread is woken."""

FOLD_AT: Final = 50_000
"""Entries at which the caller folds: the folding thread starves, and memory has to be bounded."""

IDLE_SECONDS: Final = 1.0
"""How long an entry waits at most, on an idle service."""

_KINDS: Final = {CLASS: "class", ACTUAL: "class", PREDICTED: "class", SEGMENT: "segment", FEATURE: "feature"}
"""Attribute behind the prefix → what an undeclared value of it is counted as; all others are a ``value``."""

UNDECLARED: Final = "undeclared"
"""Id of the counter of what no spec declares."""


SHOWN: Final = 20
"""Different undeclared things of one kind that are named in the log: further ones are only counted."""

_NAME: Final = re.compile(r"[A-Za-z_][\w.-]{0,63}", re.ASCII)


def name_in_words(name: object) -> str:
    """Return a name that a caller sent as messages show it: not if it may be something else, or personal."""
    return f"`{name}`" if isinstance(name, str) and _NAME.fullmatch(name) else f"(a {type(name).__name__})"


class Recorder:
    """Counts and records what the manifest of one model declares, and nothing else."""

    def __init__(self, manifest: Manifest, common: Mapping[str, str]) -> None:
        """Create all cells at zero.  ``common`` are the attributes that every metric carries."""
        self._manifest = manifest
        self._prefix = f"{manifest.prefix}."
        self._common = dict(common)
        self._rules: Mapping[str, Rule] = derivations(manifest)
        self._queue: deque[tuple[Callable[..., object], tuple[Any, ...]]] = deque()
        self._folding = threading.RLock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._once = Once()
        self._undeclared: dict[str, Once] = {}
        self._instruments: dict[str, Histogram] = {}
        self._observers: dict[str, Observer] = {}
        self._buckets: dict[str, Buckets] = {}
        self._after: list[Callable[[], None]] = []
        self.cells: dict[str, Cells] = {}
        for metric in self.metrics:
            self._prepare(metric)

    @property
    def metrics(self) -> Iterable[Metric]:
        """All metrics of the model."""
        return self._manifest.metrics.values()

    def _prepare(self, metric: Metric) -> None:
        places = Places(metric, self._common, self._rules)
        if metric.kind == "histogram":
            self._buckets[metric.id] = Buckets(places, metric.buckets)
        else:
            self.cells[metric.id] = Cells(places, counts=metric.kind != "gauge")
            self._observers[metric.id] = self.cells[metric.id].observed

    def observe(self, metric: str, combinations: Iterable[Values], values: Callable[[], Iterable[float]]) -> None:
        """Let somebody else count a metric, such as the bins of features: ``values`` are those of the combinations."""
        places = Places(self._manifest.metrics[metric], self._common, self._rules, combinations)
        self.cells.pop(metric, None)
        self._observers[metric] = lambda: zip(values(), places.attributes(), strict=True)

    def after_fold(self, function: Callable[[], None]) -> None:
        """Call a function at the end of each fold, in the thread that folds."""
        self._after.append(function)

    # --- the exporter's side ------------------------------------------------------------------------------------

    @contextmanager
    def folded(self) -> Iterator[tuple[Mapping[str, Observer], Mapping[str, Buckets]]]:
        """Fold, and hold still while somebody reads values: who observes each metric, and the histograms."""
        with self._folding:
            self.fold()
            yield self._observers, self._buckets

    def bind(self, instruments: Instruments) -> None:
        """Count into instruments, for providers that are not ours: histograms, and observers of all arrays."""
        for metric in self.metrics:
            if metric.kind == "histogram":
                self._instruments[metric.id] = instruments.histogram(metric)
            else:
                instruments.observe(metric, id(self), partial(self._observations, metric.id))

    def _observations(self, metric: str) -> list[Observation]:
        with self.folded() as (observers, _):
            return [Observation(value, attributes) for value, attributes in observers[metric]()]

    # --- the caller's side --------------------------------------------------------------------------------------

    def declares(self, metric: str) -> bool:
        """Say whether the model has a metric; ``metric`` is the id that specs use."""
        return metric in self._manifest.metrics

    def add(self, metric: str, amount: float, *values: object) -> None:
        """Count: ``values`` are those of the metric's given attributes, in the manifest's order."""
        self.defer(self.add_now, metric, amount, values)

    def record(self, metric: str, value: float, *values: object) -> None:
        """Put a value, in the metric's unit, into a histogram."""
        self.defer(self.record_now, metric, value, values)

    def set(self, metric: str, value: float, *values: object) -> None:
        """Set a gauge, in the metric's unit."""
        self.defer(self.set_now, metric, value, values)

    def undeclared(self, kind: str, what: str) -> None:
        """Count something that no spec declares, and say so once in the log."""
        self.defer(self.undeclared_now, kind, what)

    def defer(self, function: Callable[..., object], *arguments: object) -> None:
        """Run a function in the thread that folds, in the order of the calls."""
        queue = self._queue
        queue.append((function, arguments))
        waiting = len(queue)
        if waiting >= WAKE_AT or self._thread is None:
            self._hurry(waiting)

    def _hurry(self, waiting: int) -> None:
        if self._thread is None:
            self._start()
        self._wake.set()
        if waiting >= FOLD_AT:
            self.fold()

    # --- the folding side ---------------------------------------------------------------------------------------

    def _start(self) -> None:
        with self._folding:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="otel-fold", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._wake.wait(IDLE_SECONDS)
            self._wake.clear()
            self.fold()

    def fold(self) -> None:
        """Count everything that was recorded before this call."""
        with self._folding:
            queue = self._queue
            for _ in range(len(queue)):
                try:
                    function, arguments = queue.popleft()
                except IndexError:  # a greenlet of this thread folded meanwhile
                    break
                try:
                    function(*arguments)
                except Exception as error:
                    self._once.warn(repr(function), "telemetry could not be counted", error=error)
            for finish in self._after:
                finish()

    def add_now(self, metric: str, amount: float, values: tuple[object, ...] = ()) -> None:
        """Count at once; only for what runs in a fold."""
        if found := self._cell(metric, values):
            cells, place = found
            cells.add(place, amount)

    def set_now(self, metric: str, value: float, values: tuple[object, ...] = ()) -> None:
        """Set a gauge at once; only for what runs in a fold."""
        if found := self._cell(metric, values):
            cells, place = found
            cells.set(place, value)

    def _cell(self, metric: str, values: tuple[object, ...]) -> tuple[Cells, int] | None:
        """Return the cell that is meant; None, after counting it as undeclared, if there is none."""
        cells = self.cells.get(metric)
        if cells is None:
            self._unknown(metric)
            return None
        place = cells.places.find(values, self._stranger)
        return None if place is None else (cells, place)

    def record_now(self, metric: str, value: float, values: tuple[object, ...] = ()) -> None:
        """Put a value into a histogram at once; only for what runs in a fold."""
        buckets, instrument = self._buckets.get(metric), self._instruments.get(metric)
        number = as_number(value)
        if buckets is None:
            self._unknown(metric)
        elif number is None or number < 0:
            self.undeclared_now("value", f"value of {metric}: it must be finite and not negative", value)
        elif (place := buckets.places.find(values, self._stranger)) is None:
            return
        elif instrument is not None:
            instrument.record(number, buckets.places.at(place))
        else:
            buckets.add(place, number)

    def _unknown(self, metric: str) -> None:
        self.undeclared_now("metric", f"metric {name_in_words(metric)}")

    def _stranger(self, metric: Metric, attribute: Attribute, value: object) -> None:
        self.undeclared_now(
            _KINDS.get(attribute.key.removeprefix(self._prefix), "value"), f"{attribute.key} of {metric.name}", value
        )

    def undeclared_now(self, kind: str, what: str, value: object = None) -> None:
        """Count something that no spec declares at once; only for what runs in a fold."""
        cells = self.cells.get(UNDECLARED)
        if cells is not None and (place := cells.places.find((kind,), lambda *_: None)) is not None:
            cells.add(place, 1)
        # The value may be personal: only its type goes to the log.
        detail = f" (a {type(value).__name__})" if value is not None else ""
        once = self._undeclared.setdefault(kind, Once(SHOWN))
        once.warn(what, "the spec of model %s does not declare this %s%s", self._manifest.name, what, detail)

    def reset(self) -> None:
        """Start again at zero with nothing inherited, as a forked child must."""
        self._queue = deque()
        self._folding = threading.RLock()
        self._wake = threading.Event()
        self._thread = None
        for cells in self.cells.values():
            cells.clear()
        for buckets in self._buckets.values():
            buckets.clear()
