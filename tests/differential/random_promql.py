"""Random series and random well-typed PromQL, from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

INTERVAL_MS = 30_000
SAMPLES = 240
LAST_MS = INTERVAL_MS * SAMPLES

_LABELS = {"job": ("api", "web"), "instance": ("a", "b", "c"), "zone": ("x", "y")}
_RANGES = ("30s", "45s", "1m", "90s", "2m", "5m", "10m", "17m", "30m", "1h")
_ELEMENTWISE = [
    "abs",
    "ceil",
    "floor",
    "exp",
    "sqrt",
    "ln",
    "log2",
    "log10",
    "sgn",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
    "deg",
    "rad",
]
_DATES = ["day_of_month", "day_of_week", "day_of_year", "days_in_month", "hour", "minute", "month", "year"]
_OVER_TIME = [
    "avg_over_time",
    "min_over_time",
    "max_over_time",
    "sum_over_time",
    "count_over_time",
    "stddev_over_time",
    "stdvar_over_time",
    "last_over_time",
    "present_over_time",
    "changes",
    "resets",
    "deriv",
    "irate",
    "idelta",
    "rate",
    "increase",
    "delta",
]
_EXPERIMENTAL_OVER_TIME = [
    "first_over_time",
    "mad_over_time",
    "ts_of_first_over_time",
    "ts_of_last_over_time",
    "ts_of_max_over_time",
    "ts_of_min_over_time",
]
_AGGREGATES = ["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"]

_OVERFLOWING = ("1e300",)  # 2.42 loses its compensated sums to NaN when they overflow


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the oracle can do: ``modern`` is Prometheus 3; promtool does not allow experimental functions."""

    modern: bool
    experimental: bool = False


def series(random: Random, dialect: Dialect) -> list[tuple[str, str]]:
    """Series in promtool's notation, label part and values: counters, gauges, buckets, with every kind of trouble."""
    result = []
    for name, kind in (("errors_total", _counter), ("requests_total", _counter), ("load", _gauge), ("temp", _gauge)):
        for job in _LABELS["job"]:
            for instance in _LABELS["instance"]:
                if random.random() < 0.85:
                    zone = random.choice(_LABELS["zone"])
                    result.append((f'{name}{{job="{job}",instance="{instance}",zone="{zone}"}}', kind(random, dialect)))
    for job in _LABELS["job"]:
        result.extend(_histogram(random, job))
    return result


def _spoil(random: Random, values: list[str]) -> str:
    """Gaps, stale markers, an early end, a late start."""
    trouble = random.random()
    if trouble < 0.25:
        for _ in range(random.randint(1, 5)):
            start = random.randrange(len(values))
            gap = random.choice((1, 2, 5, 12, 30))
            values[start : start + gap] = ["_"] * len(values[start : start + gap])
            if random.random() < 0.6:
                values[start] = "stale"
    elif trouble < 0.35:
        start = random.randrange(len(values) // 2)
        values[:start] = ["_"] * start
    elif trouble < 0.45:
        values = [*values[: random.randrange(1, len(values))], "stale"]
    elif trouble < 0.55:
        values = [value if random.random() < 0.4 else "_" for value in values]
    return " ".join(values)


def _counter(random: Random, _: Dialect) -> str:
    value, step = random.choice((0.0, 3.0, 1e6, 0.1)), random.choice((1, 7, 0.3, 100))
    values = []
    for _ in range(SAMPLES):
        if random.random() < random.choice((0, 0.02)):
            value = random.choice((0.0, value / 3))
        value += step * random.randint(0, 4)
        values.append(repr(value))
    return _spoil(random, values)


def _gauge(random: Random, dialect: Dialect) -> str:
    centre, width = random.choice((0, 20, -5, 1e5)), random.choice((0, 1, 10, 0.01))
    special = random.random() < 0.2
    values = []
    for _ in range(SAMPLES):
        value = repr(round(random.gauss(centre, width), random.choice((0, 2, 9))))
        if special and random.random() < 0.05:
            value = random.choice(("NaN", "Inf", "-Inf", "0", "-0", "1e-300", *_OVERFLOWING[: dialect.modern]))
        values.append(value)
    return _spoil(random, values)


def _histogram(random: Random, job: str) -> list[tuple[str, str]]:
    bounds = ("0.1", "0.5", "1", "5", "+Inf")
    totals = [0.0] * len(bounds)
    columns: list[list[str]] = [[] for _ in bounds]
    for _ in range(SAMPLES):
        for index in range(len(bounds)):
            totals[index] += random.choice((0, 1, 3)) * (index + 1 if random.random() < 0.98 else 0)
        for index, column in enumerate(columns):
            column.append(repr(sum(totals[: index + 1])))
    return [
        (f'duration_bucket{{job="{job}",le="{bound}"}}', " ".join(column))
        for bound, column in zip(bounds, columns, strict=True)
    ]


def eval_time(random: Random) -> int:
    """A time in ms, often on a sample, sometimes between two or off the data."""
    moment = random.randrange(SAMPLES) * INTERVAL_MS
    return moment if random.random() < 0.6 else moment + random.choice((1, 999, 1_000, 15_000, 29_999))


class Expressions:
    """Random expressions of each type."""

    def __init__(self, random: Random, dialect: Dialect) -> None:
        self.random = random
        self.dialect = dialect

    def pick(self, *options: str) -> str:
        return self.random.choice(options)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def duration(self) -> str:
        return self.random.choice(_RANGES)

    def matchers(self) -> str:
        if self.chance(0.5):
            return ""
        label = self.pick(*_LABELS)
        value = self.random.choice(_LABELS[label])
        op = self.pick("=", "!=", "=~", "!~")
        text = value if op in ("=", "!=") else self.pick(f"{value}.*", f"{value}|q", ".+", ".*", "[a-x]")
        if op == "!~" and text in (".*", ".+"):
            text = value
        return f'{{{label}{op}"{text}"}}'

    def modifiers(self) -> str:
        text = ""
        if self.chance(0.15):
            text += f" offset {self.pick('-', '')}{self.duration()}"
        if self.chance(0.08):
            text += f" @ {self.random.randrange(LAST_MS // 1000)}"
        elif self.chance(0.04):
            text += self.pick(" @ start()", " @ end()")
        return text

    def metric(self) -> str:
        return self.pick("errors_total", "requests_total", "load", "temp")

    def selector(self) -> str:
        return self.metric() + self.matchers() + self.modifiers()

    def ranged(self, depth: int) -> str:
        if self.chance(0.25) and depth > 0:
            step = self.pick("", "15s", "30s", "1m", "47s", "2m")
            return f"({self.vector(depth - 1)})[{self.duration()}:{step}]{self.modifiers()}"
        return f"{self.metric()}{self.matchers()}[{self.duration()}]{self.modifiers()}"

    def number(self) -> str:
        return self.pick("0", "1", "2", "-1", "0.5", "10", "100", "3.7", "1e6", "NaN", "Inf", "1e-9")

    def scalar(self, depth: int) -> str:
        if depth <= 0 or self.chance(0.6):
            return self.number() if self.chance(0.8) else self.pick("time()", "pi()")
        if self.chance(0.5):
            return f"scalar({self.vector(depth - 1)})"
        return f"({self.scalar(depth - 1)} {self.pick('+', '-', '*', '/', '%', '^')} {self.scalar(depth - 1)})"

    def vector(self, depth: int) -> str:
        if depth <= 0:
            return self.selector()
        makers = (
            self.selector,
            lambda: self.over_time(depth),
            lambda: self.over_time(depth),
            lambda: self.aggregation(depth),
            lambda: self.aggregation(depth),
            lambda: self.arithmetic(depth),
            lambda: self.matched(depth),
            lambda: self.sets(depth),
            lambda: self.function(depth),
            lambda: self.histogram(depth),
        )
        return self.random.choice(makers)()

    def over_time(self, depth: int) -> str:
        names = [*_OVER_TIME, *(_EXPERIMENTAL_OVER_TIME if self.dialect.experimental else ())]
        smoothing = not self.dialect.modern or self.dialect.experimental
        choice = self.random.randrange(len(names) + 2 + smoothing)
        inner = self.ranged(depth)
        if choice < len(names):
            return f"{names[choice]}({inner})"
        if choice == len(names):
            return f"quantile_over_time({self.pick('0', '0.1', '0.5', '0.93', '1', '-1', '2')}, {inner})"
        if choice == len(names) + 1:
            if not self.dialect.modern and "@" in inner:  # 2.42 loses samples of a fixed range from step to step
                return f"deriv({inner})"
            return f"predict_linear({inner}, {self.pick('0', '60', '3600', '-600')})"
        name = "double_exponential_smoothing" if self.dialect.modern else "holt_winters"
        return f"{name}({inner}, {self.pick('0.1', '0.5', '0.9')}, {self.pick('0.1', '0.5', '0.9')})"

    def clause(self) -> str:
        labels = ", ".join(self.random.sample(sorted(_LABELS), self.random.randint(0, 2)))
        return self.pick("", f" by ({labels})", f" without ({labels})")

    def aggregation(self, depth: int) -> str:
        inner = self.vector(depth - 1)
        choice = self.random.random()
        if choice < 0.7:
            return f"{self.pick(*_AGGREGATES)}{self.clause()} ({inner})"
        if choice < 0.85:
            return f"quantile{self.clause()} ({self.pick('0', '0.25', '0.5', '0.9', '1')}, {inner})"
        if choice < 0.9:
            return f'count_values{self.clause()} ("value", {self.pick("ceil", "sgn", "floor")}({inner}))'
        # Ties make the choice of series arbitrary, so only what is the same for every choice is asked for.
        top = f"{self.pick('topk', 'bottomk')}{self.clause()} ({self.pick('1', '2', '3')}, {inner})"
        return f"{self.pick('sum', 'count', 'max')}({top})"

    def arithmetic(self, depth: int) -> str:
        op = self.pick("+", "-", "*", "/", "%", "^", "atan2", ">", "<", ">=", "<=", "==", "!=")
        if op in (">", "<", ">=", "<=", "==", "!=") and self.chance(0.3):
            op += " bool"
        sides = [f"({self.vector(depth - 1)})", self.scalar(depth - 1)]
        self.random.shuffle(sides)
        return f"{sides[0]} {op} {sides[1]}"

    def matched(self, depth: int) -> str:
        op = self.pick("+", "-", "*", "/", ">", "<", "==", "!=", "> bool", "== bool", "atan2")
        style = self.random.random()
        if style < 0.5:
            return f"({self.vector(depth - 1)}) {op} ({self.vector(depth - 1)})"
        if style < 0.75:
            labels = ", ".join(self.random.sample(sorted(_LABELS), self.random.randint(1, 2)))
            on = self.pick("on", "ignoring")
            one = f"sum by ({labels}) ({self.selector()})"
            return f"sum by ({labels}) ({self.selector()}) {op} {on} ({labels}) {one}"
        label = self.pick(*_LABELS)
        many = self.vector(depth - 1)
        include = self.pick("", *(name for name in ("zone", "job") if name != label))
        one = f"max by ({label}) ({self.selector()})"
        if self.chance(0.5):
            return f"({many}) {op} on ({label}) group_left ({include}) {one}"
        return f"{one} {op} on ({label}) group_right ({include}) ({many})"

    def sets(self, depth: int) -> str:
        op = self.pick("and", "or", "unless")
        label = self.pick(*_LABELS)
        matching = self.pick("", "", f" on ({label})", f" ignoring ({label})", " on ()")
        return f"({self.vector(depth - 1)}) {op}{matching} ({self.vector(depth - 1)})"

    def function(self, depth: int) -> str:
        inner = self.vector(depth - 1)
        number = self.number
        options = [
            f"{self.pick(*_ELEMENTWISE)}({inner})",
            f"{self.pick(*_DATES)}(abs({inner}) * 86400)",
            f"clamp({inner}, {number()}, {number()})",
            f"clamp_min({inner}, {number()})",
            f"clamp_max({inner}, {number()})",
            f"round({inner}, {self.pick('1', '0.1', '5', '0.03')})",
            f"absent({inner})",
            f"absent_over_time({self.ranged(depth)})",
            f"vector({self.scalar(depth - 1)})",
            f"timestamp({inner})",
            f"-({inner})",
            f'label_replace({inner}, "new", "$1-x", "instance", "(a|b).*")',
            f'label_replace({inner}, "instance", "", "zone", "x")',
            f'label_join({inner}, "zone", "-", "job", "instance")',
            f"sort_desc({inner})",
            f"{self.pick(*_DATES)}()",
        ]
        return self.random.choice(options)

    def histogram(self, depth: int) -> str:
        buckets = self.pick(
            f"duration_bucket{self.modifiers()}",
            f"rate(duration_bucket[{self.duration()}])",
            f"sum by (le) (rate(duration_bucket[{self.duration()}]))",
            f"sum by (le, job) (increase(duration_bucket[{self.duration()}]))",
        )
        if self.dialect.modern and self.chance(0.3):
            low, high = self.pick("0", "-Inf", "0.3", "2"), self.pick("0.5", "0.7", "Inf", "9")
            return f"histogram_fraction({low}, {high}, {buckets})"
        quantile = self.pick("0", "0.5", "0.9", "0.99", "1", "-1", "2", self.scalar(min(depth - 1, 1)))
        return f"histogram_quantile({quantile}, {buckets})"
