"""The same verdicts and the same routes as amtool, where one is installed.

It is looked for in the directory that ``WATCHSPEC_TOOLS`` names, then on the path; routes are compared with any
version from 0.25 on, verdicts with those that know the same keys.
"""

from __future__ import annotations

import copy
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from generators.alertmanager import Config, Matcher, Receiver, Route, emit, load, route

AMTOOL = shutil.which("amtool", path=os.environ.get("WATCHSPEC_TOOLS")) or shutil.which("amtool")
pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(AMTOOL is None, reason="amtool is not installed (see WATCHSPEC_TOOLS)"),
]

LABELS = ("severity", "team", "model")
VALUES = ("page", "ticket", "a", "b", "ab")
PATTERNS = ("a|b", "page|ticket", "a.*", "(a|b)?", ".+", "[ab]+", "(?i)PAGE", ".*", "a(?i)B|P", r"\w{2}", "[[:alpha:]]")
RECEIVERS = ("default", "r0", "r1", "r2", "r3")


def _matcher(rnd: random.Random) -> Matcher:
    op = rnd.choice(("=", "!=", "=~", "!~"))
    value = rnd.choice(PATTERNS if "~" in op else (*VALUES, ""))
    return Matcher(rnd.choice(LABELS), op, value)  # type: ignore[arg-type]


def _routes(rnd: random.Random, depth: int) -> tuple[Route, ...]:
    return tuple(
        Route(
            receiver=rnd.choice((*RECEIVERS, None)),
            matchers=tuple(_matcher(rnd) for _ in range(rnd.randint(0, 2))),
            group_by=rnd.choice((None, ("...",), ("team", "model"))),
            group_wait=rnd.choice((None, 5, 0.5, 90)),
            continue_=rnd.random() < 0.4,
            routes=_routes(rnd, depth - 1) if depth else (),
        )
        for _ in range(rnd.randint(0, 4))
    )


def _trees(seed: int, count: int) -> Iterator[Config]:
    rnd = random.Random(seed)  # noqa: S311  reproducible, not secret
    for _ in range(count):
        yield Config(
            route=Route(receiver="default", group_by=("alertname",), routes=_routes(rnd, 2)),
            receivers=tuple(Receiver(name) for name in RECEIVERS),
        )


def _amtool(*arguments: str) -> str:
    assert AMTOOL is not None
    return subprocess.run([AMTOOL, *arguments], capture_output=True, text=True, check=False).stdout


def _verdicts(files: list[Path]) -> dict[Path, bool]:
    found = {}
    for part in _amtool("check-config", *map(str, files)).split("Checking '")[1:]:
        name, _, rest = part.partition("'")
        found[Path(name)] = "FAILED" not in rest
    return found


def test_random_trees_are_accepted_and_route_alike(tmp_path: Path) -> None:
    rnd = random.Random(11)  # noqa: S311  reproducible, not secret
    files = []
    for index, config in enumerate(_trees(7, 60)):
        file = tmp_path / f"{index}.yml"
        file.write_text(emit(config), encoding="utf-8")
        files.append(file)
        for _ in range(2):
            labels = {label: rnd.choice(VALUES) for label in LABELS if rnd.random() < 0.7} or {"x": "y"}
            told = _amtool(
                "config", "routes", "test", f"--config.file={file}", *(f"{k}={v}" for k, v in labels.items())
            )
            ours = [delivery.receiver for delivery in route(config, labels)]
            assert told.strip().split(",") == ours, (labels, emit(config))
    assert all(_verdicts(files).values())


BASE = """
global: {resolve_timeout: 5m, smtp_smarthost: "mail:25", smtp_from: a@b, slack_api_url_file: /x}
route:
  receiver: default
  group_by: [alertname, model]
  group_wait: 5s
  routes:
    - {receiver: page, matchers: ['severity="page"', 'team=~"a|b"'], continue: true, mute_time_intervals: [night]}
    - {receiver: mail, match: {severity: ticket}, match_re: {team: "c.*"}, group_by: ['...'], repeat_interval: 1h,
       active_time_intervals: [day], routes: [{matchers: ["a!=b"], group_interval: 1m}]}
inhibit_rules:
  - {source_matchers: ['severity="page"'], target_matchers: ['severity="ticket"'], equal: [model]}
time_intervals:
  - name: night
    time_intervals:
      - {times: [{start_time: "00:00", end_time: "06:00"}], weekdays: ["monday:friday"], days_of_month: ["-3:-1"],
         months: ["january:3"], years: ["2026:2028"], location: Europe/Berlin}
  - {name: day, time_intervals: [{months: [may]}]}
receivers:
  - name: default
  - {name: page, pagerduty_configs: [{routing_key: k, details: {a: b}, links: [{href: a, text: b}]}]}
  - name: mail
    email_configs: [{to: x@y, headers: {Subject: a}}]
    slack_configs: [{channel: "#c", fields: [{title: a, value: b}], actions: [{type: button, text: t, url: u}]}]
    webhook_configs: [{url: "http://a.b/c", max_alerts: 5, http_config: {basic_auth: {username: u, password: p}}}]
    opsgenie_configs: [{api_key: k, responders: [{name: n, type: team}]}]
"""
REPLACEMENTS = (
    "", "5m", "abc", 0, 1, -1, True, False, [], {}, ["a"], {"a": "b"}, "http://a/b", "a:b", "24:00", "monday", "31",
    "0", "friday:monday", "-1:1", "january", "a=~b(", "{a=b}", 'a="b', "...", "default", "page", "night", 'a="x,y",b=c',
    'a!~"(?i)x|y[[:alpha:]]"', 'a=~"(?=x)"', "1w2d", "mail:", "[::1]:25", "UTC", "Nowhere/X", "sunday:saturday", "5:1",
)  # fmt: skip
STRICTER = ("this entry is empty",)
"""What is refused here although amtool takes it: it cannot work."""


def _places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield from _places(item, (*path, key))


def _mutant(rnd: random.Random) -> object:
    document = copy.deepcopy(yaml.safe_load(BASE))
    for _ in range(rnd.choice((1, 1, 2))):
        *above, last = rnd.choice(list(_places(document)))
        parent = document
        for step in above:
            parent = parent[step]
        if rnd.random() < 0.3:
            del parent[last]
        else:
            parent[last] = copy.deepcopy(rnd.choice(REPLACEMENTS))
    return document


def test_mutated_files_get_the_same_verdict(tmp_path: Path) -> None:
    recent = tmp_path / "recent.yml"
    recent.write_text("route: {receiver: a}\nreceivers: [{name: a}]\ninhibit_rules: [{name: n}]", encoding="utf-8")
    if not _verdicts([recent])[recent]:
        pytest.skip("this amtool is older than the rules that are checked here")
    rnd = random.Random(5)  # noqa: S311  reproducible, not secret
    files = []
    for index in range(250):
        file = tmp_path / f"{index}.yml"
        file.write_text(yaml.safe_dump(_mutant(rnd) if index else yaml.safe_load(BASE)), encoding="utf-8")
        files.append(file)
    verdicts = _verdicts(files)
    assert len(verdicts) == len(files)
    assert 50 < sum(verdicts.values()) < 200
    for file, accepted in verdicts.items():
        config, problems = load(file.read_text(encoding="utf-8"))
        stricter = any(problem.message in STRICTER for problem in problems)
        assert (config is not None) == (accepted and not stricter), (problems, file.read_text(encoding="utf-8"))
