"""What carries telemetry out of the process: a thread that works at intervals, and a bounded queue before it.

The caller's thread only appends.  Where the receiver is away, at most `Queue.capacity` items wait, further ones are
dropped and counted, and two lines are logged: when dropping begins and when it has ended.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from otel.export.delivery import Delivery, Outcome
from otel.export.settings import Queue

ATTEMPTS: Final = 8
"""How often a batch is offered before it counts as dropped; each attempt has retries of its own inside."""
LONGEST_WAIT: Final = 3600.0
"""Seconds of one wait at most: no time at which anything is due is infinity, which timers of C and of gevent refuse."""
CALM: Final = 10.0
"""Seconds without loss after which an outage counts as ended, so that an overload does not fill the log."""

_logger: Final = logging.getLogger("otel")


class Pump:
    """A daemon thread that calls ``work`` every ``interval`` seconds, when woken, and when flushed.

    The thread starts on first use and again, after `forked`, on the first use in the child.  With ``first`` the pauses
    grow from so many seconds to the interval: a process that ends early and without a word has sent most of what it
    counted.
    """

    def __init__(self, name: str, work: Callable[[], None], interval: float, first: float | None = None) -> None:
        self.interval = interval
        self._first = first
        self.running = False
        self._name = name
        self._work = work
        self._reset()

    def _reset(self) -> None:
        # Reentrant: a signal handler may flush while this thread holds the lock.
        self._condition = threading.Condition(threading.RLock())
        self._working = threading.RLock()
        self._asked = self._answered = 0
        self._due = float("inf")
        self._closed = False
        self._began = time.monotonic()
        self._lock_type = threading.Lock

    def _follow_patches(self) -> None:
        """Start anew if threads have become greenlets since: gunicorn's workers patch them after a preloading fork.

        A lock of the time before lets two greenlets in at once, for they are one thread to it.
        """
        if threading.Lock is not self._lock_type:
            self.running = False
            self._reset()

    def wake(self, within: float = 0.0) -> None:
        """Work within so many seconds, without waiting for it."""
        self._follow_patches()
        with self._condition:
            if self._closed:
                return
            if not self.running:
                self._start()
            self._due = min(self._due, time.monotonic() + within)
            self._condition.notify_all()

    def flush(self, timeout: float) -> bool:
        """Work now and wait for it, at most ``timeout`` seconds; whether it was done in time."""
        self._follow_patches()
        with self._condition:
            if self._closed:
                return True
            if not self.running and not self._start():
                return False
            self._asked += 1
            ticket = self._asked
            self._condition.notify_all()
            return self._condition.wait_for(lambda: self._answered >= ticket, timeout)

    def close(self) -> None:
        """End the thread after what it is doing."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()

    def pause(self, timeout: float) -> bool:
        """Wait for the end of what is being done, and let nothing begin before `resume`; whether that was in time."""
        return self._working.acquire(timeout=timeout)

    def resume(self) -> None:
        """Undo a `pause` that was in time."""
        self._working.release()

    def forked(self) -> None:
        """Start anew in a child: no thread of the parent exists there, and its locks may be held for ever."""
        self.running = False
        self._reset()

    def _start(self) -> bool:
        try:
            threading.Thread(target=self._run, name=self._name, daemon=True).start()
        except RuntimeError:  # the interpreter is shutting down
            return False
        self.running = True
        self._due = min(self._due, time.monotonic() + self.interval)
        return True

    def _pause(self) -> float:
        """Seconds until it works next: as many as the process is old, at first."""
        if self._first is None:
            return self.interval
        return min(self.interval, max(self._first, time.monotonic() - self._began))

    def _run(self) -> None:
        condition = self._condition
        while True:
            with condition:
                while not self._closed and self._asked == self._answered and self._due > time.monotonic():
                    condition.wait(min(max(self._due - time.monotonic(), 0.0), LONGEST_WAIT))
                if self._closed or condition is not self._condition:
                    return
                asked = self._asked
                self._due = time.monotonic() + self._pause()
            try:
                with self._working:
                    self._work()
            except Exception:
                _logger.exception("telemetry could not be exported")
            with condition:
                self._answered = asked
                condition.notify_all()


class Outage:
    """Two lines about a time of loss, however long it is and however much is lost."""

    def __init__(self, what: str, delivery: Delivery, remedy: str, loss: str = "were lost") -> None:
        self._what, self._delivery, self._remedy, self._loss = what, delivery, remedy, loss
        self._since: float | None = None
        self._last = 0.0
        self._lost = 0

    def note(self, lost: int, *, sent: bool) -> None:
        """``lost`` is how much was lost since the last call, ``sent`` whether the receiver took something."""
        now = time.monotonic()
        self._lost += lost
        if lost:
            self._last = now
        if lost and self._since is None:
            self._since = now
            reason = (self._delivery.reason or "no answer in time, or more than can be sent in time").removesuffix(".")
            _logger.warning("%s do not arrive at %s: %s. %s", self._what, self._delivery.target, reason, self._remedy)
        elif sent and self._since is not None and now - self._last >= CALM:
            _logger.info(
                "%s arrive again at %s after %.0f s; %d %s",
                self._what, self._delivery.target, now - self._since, self._lost, self._loss,
            )  # fmt: skip
            self._since, self._lost = None, 0


class Pipeline:
    """A bounded queue of spans or log records, and the thread that empties it."""

    def __init__(self, delivery: Delivery, queue: Queue, variable: str) -> None:
        self.delivery = delivery
        self.pump = Pump(f"otel-{delivery.signal.name}", self._work, queue.delay)
        self._bounds = queue
        self._variable = variable
        self._empty()

    def _empty(self) -> None:
        self._outage = Outage(
            "spans" if self.delivery.signal.name == "traces" else "log records",
            self.delivery,
            f"At most {self._bounds.capacity} wait ({self._variable}), more are dropped and counted. "
            "Is the Collector running?",
        )
        self._waiting: deque[Any] = deque()
        self._batch: list[Any] = []
        self._attempts = 0
        self._hurried = False
        self._refused = 0
        self._abandoned = 0
        self._reported = 0
        self._lock = threading.RLock()

    @property
    def dropped(self) -> int:
        """Items that were lost since the process began."""
        return self._refused + self._abandoned

    @property
    def backlog(self) -> int:
        """Items that wait."""
        return len(self._waiting) + len(self._batch)

    @property
    def holds(self) -> str:
        """What is lost if nothing is sent any more, in words; empty if that is nothing."""
        kind = "spans" if self.delivery.signal.name == "traces" else "log records"
        return f"{self.backlog} {kind}" if self.backlog else ""

    def put(self, item: object) -> None:
        """Queue an item, or count it as dropped; never blocks on the network, never raises."""
        waiting = len(self._waiting)
        if waiting >= self._bounds.capacity:
            with self._lock:
                self._refused += 1
            return
        self._waiting.append(item)
        if not self.pump.running:
            self.pump.wake(self.pump.interval)
        elif waiting + 1 >= self._bounds.batch and not self._hurried:
            self._hurried = True
            self.pump.wake()

    def flush(self, timeout: float) -> bool:
        """Send what waits; whether all of it was sent within ``timeout`` seconds."""
        if not self.backlog:
            return True
        return self.pump.flush(timeout) and not self.backlog

    def forked(self) -> None:
        """Start anew in a child: what waits is the parent's to send."""
        self._empty()
        self.delivery.abandon()
        self.pump.forked()

    def close(self) -> None:
        """Send no more."""
        self.pump.close()
        self.delivery.close()

    def _work(self) -> None:
        sent = self._hurried = False
        while self._batch or self._waiting:
            if not self._batch:
                self._batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._bounds.batch))]
            outcome = self.delivery.send(self._batch)
            self._attempts += 1
            if outcome is Outcome.LATER and self._attempts < ATTEMPTS:
                break
            if outcome is Outcome.SENT:
                sent = True
            else:
                self._abandoned += len(self._batch)
            self._batch, self._attempts = [], 0
        dropped = self.dropped
        self._outage.note(dropped - self._reported, sent=sent)
        self._reported = dropped
