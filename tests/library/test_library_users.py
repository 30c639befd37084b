"""Users of a day over all replicas: the rule's estimate of the sketches that services export, against exact counts."""

from __future__ import annotations

import random

import pytest
from library_fleet import measured, value

from otel.llm.users import DAY, REGISTERS, ActiveUsers

NOW = 20_000 * DAY + 13 * 3600
ERROR = 1.04 / REGISTERS**0.5


def seen(*users: set[str], now: float = NOW) -> ActiveUsers:
    """A replica that saw these users; several sets are seen a day apart, the last one now."""
    replica = ActiveUsers("health/complete")
    for index, those in enumerate(users):
        for user in sorted(those):
            replica.seen(user, now - (len(users) - 1 - index) * DAY)
    return replica


def estimated(*replicas: ActiveUsers, at: float = NOW) -> float:
    """What the rule of the fleet records for these replicas."""
    samples = [
        ({"ml_day": day, "ml_register": str(place), "instance": str(number)}, [float(rank)])
        for number, replica in enumerate(replicas)
        for day, place, rank in replica.registers(at)
    ]
    return value(measured({"ml_llm_user_register_ratio": samples}, [int(at * 1000)]), "model:llm_users:distinct1d")


@pytest.mark.parametrize("count", [1, 5, 20, 100, 400, 2_000, 20_000])
def test_users_spread_over_replicas_are_counted_once_each(count: int) -> None:
    dice = random.Random(count)  # noqa: S311
    parts: list[set[str]] = [set(), set(), set(), set()]
    for number in range(count):
        for part in dice.sample(parts, dice.randint(1, 4)):
            part.add(f"user-{number}")
    together = estimated(*map(seen, parts))
    assert together == pytest.approx(estimated(seen(set().union(*parts)))), "four replicas know what one would"
    assert together == pytest.approx(count, rel=3 * ERROR, abs=1)


def test_the_error_is_the_one_that_is_documented() -> None:
    errors = []
    for trial in range(60):
        errors.append(estimated(seen({f"{trial}-{number}" for number in range(1_000)})) / 1_000 - 1)
    assert (sum(each**2 for each in errors) / len(errors)) ** 0.5 == pytest.approx(ERROR, rel=0.3)
    assert abs(sum(errors) / len(errors)) < ERROR / 2


def test_nobody_is_none() -> None:
    assert estimated(seen(set())) == 0


def test_those_of_yesterday_are_gone() -> None:
    assert estimated(seen({f"old-{number}" for number in range(500)}, {"new"})) == pytest.approx(1, abs=0.5)


def test_replicas_that_change_the_day_one_after_another_lose_nobody() -> None:
    midnight = 20_001 * DAY
    users = {f"user-{number}" for number in range(300)}
    first, second = seen(users, now=midnight - 3600), seen(users, now=midnight - 3600)
    before, after = int(midnight - 30), int(midnight + 30)
    samples = [
        ({"ml_day": day, "ml_register": str(place), "instance": name}, [float(rank)])
        for name, replica, at in (("early", first, after), ("late", second, before))
        for day, place, rank in replica.registers(at)
    ]
    found = value(measured({"ml_llm_user_register_ratio": samples}, [after * 1000]), "model:llm_users:distinct1d")
    assert found == pytest.approx(300, rel=3 * ERROR)


def test_other_keys_are_not_comparable() -> None:
    """Two services with secrets of their own hash alike only by chance, so that nobody is recognised in another's."""
    one, other = ActiveUsers("one"), ActiveUsers("other")
    one.seen("anna", NOW)
    other.seen("anna", NOW)
    assert list(one.registers(NOW)) != list(other.registers(NOW))
