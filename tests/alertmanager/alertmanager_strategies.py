"""Random configurations and label sets for properties."""

from __future__ import annotations

from hypothesis import strategies as st

from generators.alertmanager import Config, InhibitRule, Integration, Interval, Matcher, Receiver, Route, TimeInterval

LABELS = ("severity", "team", "model")
VALUES = ("", "page", "ticket", "a", "b", "ab")
PATTERNS = ("a|b", "page|ticket", "a.*", "(a|b)?", ".+", "[ab]+", "(?i)PAGE", ".*", "a(b|)")
RECEIVERS = ("default", "r0", "r1", "r2", "r3")
INTERVALS = ("night", "day")

label_sets = st.dictionaries(st.sampled_from(LABELS), st.sampled_from(VALUES[1:]))

matchers = st.one_of(
    st.builds(Matcher, st.sampled_from(LABELS), st.sampled_from(["=", "!="]), st.sampled_from(VALUES)),
    st.builds(Matcher, st.sampled_from(LABELS), st.sampled_from(["=~", "!~"]), st.sampled_from(PATTERNS)),
)
matcher_lists = st.lists(matchers, max_size=3).map(tuple)

texts = st.text(max_size=12)
any_matchers = st.builds(Matcher, st.sampled_from(LABELS), st.sampled_from(["=", "!="]), st.text(max_size=8))

seconds = st.none() | st.integers(1, 10**7) | st.integers(1, 10**6).map(lambda n: n / 1000)
names = st.lists(st.sampled_from(INTERVALS), unique=True, max_size=2).map(tuple)
groupings = st.none() | st.just(("...",)) | st.lists(st.sampled_from(LABELS), unique=True, max_size=3).map(tuple)


def _node(children: st.SearchStrategy[tuple[Route, ...]]) -> st.SearchStrategy[Route]:
    return st.builds(
        Route,
        receiver=st.none() | st.sampled_from(RECEIVERS),
        matchers=matcher_lists,
        group_by=groupings,
        group_wait=seconds,
        group_interval=seconds,
        repeat_interval=seconds,
        continue_=st.booleans(),
        mute_time_intervals=names,
        active_time_intervals=names,
        routes=children,
    )


routes = st.recursive(_node(st.just(())), lambda inner: _node(st.lists(inner, max_size=3).map(tuple)), max_leaves=8)


def _ranges(low: int, high: int) -> st.SearchStrategy[tuple[tuple[int, int], ...]]:
    pair = st.tuples(st.integers(low, high), st.integers(low, high)).map(lambda ends: (min(ends), max(ends)))
    return st.lists(pair, max_size=2).map(tuple)


intervals = st.builds(
    Interval,
    times=_ranges(0, 1440).map(lambda found: tuple(ends for ends in found if ends[0] < ends[1])),
    weekdays=_ranges(0, 6),
    days_of_month=_ranges(1, 31),
    months=_ranges(1, 12),
    years=_ranges(2020, 2040),
    location=st.sampled_from([None, "UTC", "Europe/Berlin", "America/St_Johns"]),
)

plain_values = st.recursive(
    st.booleans() | st.integers(-(10**12), 10**12) | texts | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
webhooks = st.builds(
    Integration,
    st.just("webhook"),
    st.fixed_dictionaries(
        {"send_resolved": st.booleans(), "url_file": st.text(min_size=1, max_size=8)},
        optional={"payload": plain_values, "max_alerts": st.integers(0, 9)},
    ),
)


@st.composite
def configs(draw: st.DrawFn) -> Config:
    """Configurations that Alertmanager accepts."""
    children = draw(st.lists(routes, max_size=4).map(tuple))
    sides = st.lists(any_matchers | matchers, max_size=2).map(tuple)
    return Config(
        global_=draw(st.just({}) | st.just({"resolve_timeout": "5m", "smtp_from": "a@b.example"})),
        templates=draw(st.lists(texts, max_size=2).map(tuple)),
        route=Route(receiver="default", group_by=draw(groupings), group_wait=draw(seconds), routes=children),
        receivers=tuple(Receiver(name, tuple(draw(st.lists(webhooks, max_size=2)))) for name in RECEIVERS),
        inhibit_rules=draw(
            st.lists(
                st.builds(InhibitRule, sides, sides, st.lists(st.sampled_from(LABELS), max_size=2).map(tuple), texts),
                max_size=2,
            ).map(tuple)
        ),
        time_intervals=tuple(TimeInterval(name, tuple(draw(st.lists(intervals, max_size=2)))) for name in INTERVALS),
    )
