from __future__ import annotations

import gc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from otel_llm_world import World

from otel.llm.users import DAY, DAYS, REGISTERS, Abuse, ActiveUsers, Limits, Sketch, keyed_hash


@settings(derandomize=True, deadline=None, max_examples=25)
@given(st.sets(st.integers(0, 300)), st.sets(st.integers(0, 300)))
def test_sketches_together_are_the_sketch_of_all(one: set[int], other: set[int]) -> None:
    sketches = [Sketch(), Sketch(), Sketch()]
    for sketch, members in zip(sketches, (one, other, one | other), strict=True):
        for each in members:
            sketch.add(keyed_hash(str(each), b"key"))
    assert list(map(max, sketches[0].registers, sketches[1].registers)) == list(sketches[2].registers)


def ranks(users: ActiveUsers, now: float) -> dict[str, list[int]]:
    """Registers by day."""
    found: dict[str, list[int]] = {}
    for day, place, rank in users.registers(now):
        assert place == len(found.setdefault(day, []))
        found[day].append(rank)
    return found


def test_the_sketch_of_yesterdays_key_has_seen_a_whole_day() -> None:
    users, fresh = ActiveUsers("s"), ActiveUsers("s")
    for hour in range(24 * 5):
        for user in range(40):
            users.seen(f"user-{user}", hour * 3600.0)
    now = 24 * 5 * 3600.0 - 1
    for user in range(40):
        fresh.seen(f"user-{user}", now)
    assert ranks(users, now) == ranks(fresh, now), "day 4 is today, and even; day 3 is yesterday, and odd"
    assert ranks(users, now + 7200)["even"] == ranks(fresh, now)["even"], "the next day, today's is yesterday's"
    assert set(ranks(users, now + 7200)["odd"]) == {0}, "and the one of the day before gives way to an empty one"


def test_users_who_left_are_forgotten_after_a_day() -> None:
    users, late = ActiveUsers("s"), ActiveUsers("s")
    for user in range(100):
        users.seen(f"early-{user}", 0.0)
    for each in (users, late):
        for user in range(10):
            each.seen(f"late-{user}", 20 * 3600.0)
    assert ranks(users, 20 * 3600.0) != ranks(late, 20 * 3600.0)
    assert ranks(users, 30 * 3600.0) == ranks(late, 30 * 3600.0)


@pytest.mark.parametrize("processes", [1, 4])
def test_limits_of_a_user_are_divided_among_the_processes_that_see_him(processes: int) -> None:
    spread = [Abuse(Limits(requests_per_minute=60, processes=processes)) for _ in range(processes)]
    reached = [spread[number % processes].count("u", 0, 0, now=60_000.0 + number / 4) for number in range(120)]
    first = next(number for number, each in enumerate(reached) if each)
    assert first == 60, "the sixty-first request is one too many, wherever it goes"


def test_no_process_is_none() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Limits(processes=0)


def test_a_minute_of_too_many_requests_counts_once() -> None:
    abuse = Abuse(Limits(requests_per_minute=60))
    reached = [abuse.count("u", 0, 0, now=1_000_000.0 * 60 + second * 0.5) for second in range(100)]
    assert [each for each in reached if each] == [["requests_per_minute"]]
    assert reached.index(["requests_per_minute"]) == 60
    assert abuse.count("somebody else", 0, 0, now=1_000_000.0 * 60 + 59) == []


def test_the_window_slides_over_its_border() -> None:
    abuse = Abuse(Limits(requests_per_minute=60))
    for second in range(50):
        assert abuse.count("u", 0, 0, now=60_000 + 59 + second / 100) == []
    late = [abuse.count("u", 0, 0, now=60_060 + second / 100) for second in range(20)]
    assert sum(map(len, late)) == 1, "fifty before and eleven after the border are one minute's"


def test_a_user_comes_back_below_the_limit_and_may_run_into_it_again() -> None:
    abuse = Abuse(Limits(tokens_per_hour=1000))
    assert abuse.count("u", 1500, 0, now=0.0) == ["tokens_per_hour"]
    assert abuse.count("u", 0, 0, now=2 * 3600.0) == []
    assert abuse.count("u", 1500, 0, now=2 * 3600.0 + 1) == ["tokens_per_hour"]


def test_money_has_a_limit_a_day() -> None:
    abuse = Abuse(Limits(cost_per_day=1))
    assert abuse.count("u", 0, 0.9, now=10 * DAY) == []
    assert abuse.count("u", 0, 0.2, now=10 * DAY + 60) == ["cost_per_day"]


def test_memory_is_bounded_and_ids_are_not_kept() -> None:
    abuse, users = Abuse(Limits(), capacity=10), ActiveUsers("s")
    for number in range(1000):
        abuse.count(f"secret-id-{number}", 1, 1, now=0.0)
        users.seen(f"secret-id-{number}", 0.0)
    assert len(abuse._users) == 10
    gc.collect()
    reachable: list[object] = [abuse, users]
    for _ in range(6):
        reachable += gc.get_referents(*reachable)
    assert not [each for each in reachable if isinstance(each, str) and each.startswith("secret-id-")]


def test_the_key_of_abuse_changes_daily() -> None:
    abuse = Abuse(Limits())
    abuse.count("u", 0, 0, now=0.0)
    key = abuse._key
    abuse.count("u", 0, 0, now=DAY)
    assert abuse._key != key
    assert len(abuse._users) == 1


def test_requests_of_users_are_counted_with_their_limits() -> None:
    world = World(limits=Limits(requests_per_minute=2))
    for _ in range(4):
        with world.calls.request() as request:
            request.asked_by(user="anna@example.org")
    assert world.counts("abuse") == {("requests_per_minute",): 1}
    world.now += 10
    assert filled(world) == {"even": 1, "odd": 1}


def filled(world: World) -> dict[str, int]:
    """How many registers of each day hold somebody."""
    assert len(world.observed("user_registers")) == 2 * REGISTERS, "empty ones count too"
    found = world.counts("user_registers")
    return {day: sum(each == day for each, _ in found) for day in DAYS}


def test_nobody_is_counted_without_a_user() -> None:
    world = World()
    with world.calls.request():
        pass
    assert world.observed("user_registers") == []


def test_replicas_share_a_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for secret in ("a", "a", "b"):
        monkeypatch.setenv("WATCHSPEC_USER_KEY", secret)
        world = World()
        with world.calls.request() as request:
            request.asked_by(user="anna")
        found.append(world.counts("user_registers"))
    assert found[0] == found[1] != found[2]


def test_a_forked_child_has_users_of_its_own() -> None:
    world = World(limits=Limits(requests_per_minute=1))
    with world.calls.request() as request:
        request.asked_by(user="anna")
    assert filled(world) == {"even": 1, "odd": 1}
    before = world.counts("user_registers")
    world.recorder.reset()
    world.calls.reset(world.calls.counts.tracer)
    world.now += 10
    with world.calls.request() as request:
        request.asked_by(user="bert")
    assert filled(world) == {"even": 1, "odd": 1}
    assert world.counts("user_registers") != before, "anna is her parent's"
    assert world.counts("abuse") == {}
