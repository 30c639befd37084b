from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from otel_recorded import Recorded, rendered

from otel.labels.default import DefaultStore, several_workers
from otel.labels.joining import Labels
from otel.labels.sqlite import SqliteStore
from otel.labels.stores import Joined, LabelStore, MemoryStore, RedisStore, Row, StoreError, time_to_live
from otel.manifest import LabelFacts

Clock = Callable[[], float]


class FakeRedis:
    """The two commands, with a clock: as redis-py answers with and without ``decode_responses``."""

    def __init__(self, clock: Clock, *, as_bytes: bool = True) -> None:
        self.rows: dict[str, tuple[float, str]] = {}
        self.clock = clock
        self.as_bytes = as_bytes

    def set(self, name: str, value: str, *, ex: int) -> bool:
        self.rows[name] = (self.clock() + ex, value)
        return True

    def getdel(self, name: str) -> bytes | str | None:
        expires, value = self.rows.pop(name, (-1.0, ""))
        if expires < self.clock():
            return None
        return value.encode() if self.as_bytes else value


def row(at: float = 0.0) -> Joined:
    return Joined(at, "benign", 0.25, ("site:hamburg",), (1.0, 2.0))


@pytest.fixture(params=["memory", "sqlite", "redis"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> LabelStore:
    if request.param == "memory":
        return MemoryStore(100, 50.0, clock=lambda: 100.0)
    if request.param == "sqlite":
        return SqliteStore(tmp_path / "labels.db", 100, 50.0, clock=lambda: 100.0)
    return RedisStore(FakeRedis(lambda: 100.0), 50.0)


def test_a_row_comes_back_as_it_was_put_and_only_once(store: LabelStore) -> None:
    assert store.put([("a", row(90.0)), ("b", row(91.0))]) == 0
    assert store.take("a") == row(90.0)
    assert store.take("a") is None
    assert store.take("b") == row(91.0)
    assert store.take("c") is None
    store.close()


def test_a_second_row_of_one_id_replaces_the_first(store: LabelStore) -> None:
    store.put([("a", row(90.0))])
    store.put([("a", Joined(95.0, 3.5))])
    assert store.take("a") == Joined(95.0, 3.5)
    assert store.take("a") is None
    store.close()


@settings(derandomize=True, deadline=None)
@given(
    st.builds(
        Joined,
        st.floats(0, 2e9),
        st.none() | st.text() | st.floats(allow_nan=False),
        st.none() | st.floats(0, 1),
        st.lists(st.text()).map(tuple),
        st.none() | st.tuples(st.floats(allow_nan=False), st.floats(allow_nan=False)),
    )
)
def test_rows_survive_being_written(joined: Joined) -> None:
    assert Joined.load(joined.dump()) == joined


def test_numbers_of_numpy_are_written_as_what_they_hold() -> None:
    joined = Joined(1.0, np.int64(3), np.float32(0.5), (), (np.float32(1), np.float64(2)))  # type: ignore[arg-type]
    assert Joined.load(joined.dump()) == Joined(1.0, 3, 0.5, (), (1.0, 2.0))


def test_a_full_memory_forgets_the_oldest_and_says_how_many() -> None:
    store = MemoryStore(3, clock=lambda: 0.0)
    assert store.put([(str(number), row()) for number in range(5)]) == 2
    assert [store.take(str(number)) is not None for number in range(5)] == [False, False, True, True, True]


def test_rows_older_than_the_time_to_live_are_forgotten(tmp_path: Path) -> None:
    now = [0.0]
    for store in (MemoryStore(16, 60.0, lambda: now[0]), SqliteStore(tmp_path / "x.db", 16, 60.0, lambda: now[0])):
        now[0] = 0.0
        store.put([("old", row(0.0)), ("older", row(0.0))])
        now[0] = 61.0
        assert store.take("old") is None
        assert store.put([("new", row(61.0))]) == 1
        assert len(store) == 1
        store.close()


def test_a_full_file_forgets_the_oldest(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "labels.db", 10, clock=lambda: 0.0)
    forgotten = sum(store.put([(str(number), row(number))]) for number in range(25))
    assert (forgotten, len(store)) == (15, 10)
    assert store.take("14") is None
    assert store.take("15") is not None
    store.close()


def test_a_file_survives_its_process_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "labels.db"
    first = SqliteStore(path, clock=lambda: 0.0)
    first.put([("a", row())])
    first.close()
    assert path.stat().st_mode & 0o077 == 0
    second = SqliteStore(path, clock=lambda: 0.0)
    assert second.take("a") == row()
    second.close()


def test_two_processes_share_a_file_and_each_row_is_taken_once(tmp_path: Path) -> None:
    path = tmp_path / "labels.db"
    store = SqliteStore(path, clock=lambda: 0.0)
    store.put([(f"parent-{number}", row()) for number in range(50)])
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        store.put([(f"child-{number}", row()) for number in range(50)])
        taken = sum(store.take(f"parent-{number}") is not None for number in range(50))
        os.write(writer, bytes([taken]))
        os._exit(0)
    ours = sum(store.take(f"parent-{number}") is not None for number in range(50))
    os.waitpid(child, 0)
    theirs = os.read(reader, 1)[0]
    os.close(reader)
    os.close(writer)
    assert ours + theirs == 50
    assert sum(store.take(f"child-{number}") is not None for number in range(50)) == 50
    store.close()


def test_threads_share_a_store_and_each_row_is_taken_once(tmp_path: Path) -> None:
    for store in (MemoryStore(clock=lambda: 0.0), SqliteStore(tmp_path / "labels.db", clock=lambda: 0.0)):
        taken: list[str] = []

        def work(part: int, store: LabelStore = store, taken: list[str] = taken) -> None:
            store.put([(f"{part}-{number}", row()) for number in range(100)])
            taken += [str(number) for number in range(100) if store.take(f"0-{number}") is not None]

        threads = [threading.Thread(target=work, args=(part,)) for part in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(taken, key=int) == [str(number) for number in range(100)]
        assert len(store) == 300
        store.close()


def test_a_file_that_cannot_be_opened_is_an_error_at_start(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="its folder must exist"):
        SqliteStore(tmp_path / "no" / "such" / "labels.db")
    (tmp_path / "text").write_text("not a database " * 100)
    with pytest.raises(StoreError, match="not a database"):
        SqliteStore(tmp_path / "text")


def test_a_locked_file_costs_labels_and_no_prediction(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "labels.db"
    store = SqliteStore(path, clock=lambda: 0.0, busy_seconds=0.01)
    seen = Recorded(rendered("health/screening"))
    labels = Labels(seen.recorder, seen.manifest, store, clock=lambda: 0.0)
    with sqlite3.connect(path) as other:
        other.execute("BEGIN IMMEDIATE")
        labels.remember("a", row())
        labels.store_pending()
        assert "cannot be stored now" in caplog.text
        began = time.perf_counter()
        assert labels.label("a", "benign"), "it is taken, and counted when the file is free"
        assert time.perf_counter() - began < 1
        other.rollback()
    assert labels.flush(5)
    assert seen.counts("labels") == {("1h", "human"): 1}
    labels.close()


def test_all_rows_of_a_fold_are_put_at_once() -> None:
    class Counting(MemoryStore):
        batches: list[int]

        def put(self, rows: Sequence[Row]) -> int:
            self.batches.append(len(rows))
            return super().put(rows)

    store = Counting(clock=lambda: 0.0)
    store.batches = []
    seen = Recorded(rendered("health/screening"))
    labels = Labels(seen.recorder, seen.manifest, store)
    for number in range(10):
        labels.remember(str(number), row())
    assert store.batches == []
    seen.recorder.fold()
    assert labels.flush(5)
    assert store.batches == [10]


def test_the_time_to_live_follows_from_the_delay_of_the_spec() -> None:
    assert time_to_live(LabelFacts(delay_seconds=3600.0)) == 10_800.0
    assert time_to_live(LabelFacts(delay_seconds=3600.0), 2) == 7200.0
    assert time_to_live(LabelFacts()) == 21 * 86_400.0


def test_a_redis_client_that_decodes_works_as_well() -> None:
    store = RedisStore(FakeRedis(lambda: 0.0, as_bytes=False), 10.0)
    store.put([("a", row())])
    assert store.take("a") == row()


def test_one_process_keeps_rows_in_memory_and_forked_workers_share_a_file(tmp_path: Path) -> None:
    first, second = (DefaultStore("retail.churn", 100.0, tmp_path) for _ in range(2))
    first.put([("a", row(time.time()))])
    assert second.take("a") is None
    assert first.take("a") is not None
    assert not list(tmp_path.iterdir())
    for worker in (first, second):
        worker.forked()
    first.put([(str(number), replace(row(time.time()), request_id="r")) for number in range(4)])
    assert second.take("0") is not None
    assert len(second.take_request("r")) == 3
    assert first.take("1") is None
    first.close()
    second.close()
    (file,) = (each for each in tmp_path.iterdir() if each.suffix == ".db")
    assert file.stat().st_mode & 0o077 == 0, "for its owner only"


@pytest.mark.parametrize(("concurrency", "several"), [("", False), ("1", False), ("4", True), ("many", False)])
def test_several_workers_are_seen_by_what_starts_them(concurrency: str, several: bool) -> None:
    assert several_workers({"WEB_CONCURRENCY": concurrency}) == several


def test_a_folder_that_cannot_be_written_leaves_memory(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = DefaultStore("a", 100.0, tmp_path / "no" / "such")
    store.forked()
    store.put([("a", row(time.time()))])
    assert store.take("a") is not None
    assert "labels join only what the same worker predicted" in caplog.text
