from __future__ import annotations

import gc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from otel_llm_world import World

from otel.llm.users import DAY, Abuse, ActiveUsers, Limits, Sketch, keyed_hash


@pytest.mark.parametrize("users", [0, 1, 10, 500, 5_000, 50_000])
def test_a_sketch_is_right_to_a_few_percent(users: int) -> None:
    sketch = Sketch()
    for number in range(users):
        sketch.add(keyed_hash(f"user-{number}", b"key"))
    assert Sketch.estimate([sketch]) == pytest.approx(users, rel=4 * 0.023, abs=0.5)


@settings(derandomize=True, deadline=None, max_examples=25)
@given(st.sets(st.integers(0, 300)), st.sets(st.integers(0, 300)))
def test_sketches_together_count_everybody_once(one: set[int], other: set[int]) -> None:
    sketches = [Sketch(), Sketch(), Sketch()]
    for sketch, members in zip(sketches, (one, other, one | other), strict=True):
        for each in members:
            sketch.add(keyed_hash(str(each), b"key"))
    assert Sketch.estimate(sketches[:2]) == Sketch.estimate(sketches[2:])


def test_active_users_are_those_of_the_last_day_across_changes_of_the_key() -> None:
    users = ActiveUsers()
    for hour in range(24 * 5):
        for user in range(40):
            users.seen(f"user-{user}", hour * 3600.0)
    assert users.estimate(24 * 5 * 3600.0 - 1) == pytest.approx(40, abs=3)
    assert users.estimate(24 * 6 * 3600.0) <= 1 + 40
    assert users.estimate(24 * 7 * 3600.0) == 0


def test_users_who_left_fade_after_a_day() -> None:
    users = ActiveUsers()
    for user in range(100):
        users.seen(f"early-{user}", 0.0)
    for user in range(10):
        users.seen(f"late-{user}", 20 * 3600.0)
    assert users.estimate(20 * 3600.0) == pytest.approx(110, abs=8)
    assert users.estimate(30 * 3600.0) == pytest.approx(10, abs=2)


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
    abuse, users = Abuse(Limits(), capacity=10), ActiveUsers()
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
    assert world.total("active_users") == 1


def test_nobody_is_counted_without_a_user() -> None:
    world = World()
    with world.calls.request():
        pass
    assert world.observed("active_users") == []


def test_a_forked_child_has_users_of_its_own() -> None:
    world = World(limits=Limits(requests_per_minute=1))
    with world.calls.request() as request:
        request.asked_by(user="anna")
    assert world.total("active_users") == 1
    world.recorder.reset()
    world.calls.reset(world.calls.counts.tracer)
    world.now += 10
    with world.calls.request() as request:
        request.asked_by(user="bert")
    assert world.total("active_users") == 1
    assert world.counts("abuse") == {}
