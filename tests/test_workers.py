from __future__ import annotations

from functools import partial

from generators import workers


def times(factor: int, value: int) -> int:
    return factor * value


def test_forked_work_gives_what_work_here_gives_in_the_same_order() -> None:
    functions = [partial(times, factor) for factor in range(20)]
    here = workers.spread(functions, 7, worth_it=False)
    assert here == [7 * factor for factor in range(20)]
    assert workers.spread(functions, 7, worth_it=True) == here
