"""Problems of configurations: each has a code, a place and a remedy."""

from __future__ import annotations

import pytest

from generators.alertmanager import (
    Config,
    InhibitRule,
    Integration,
    Matcher,
    Receiver,
    Route,
    check,
    check_document,
    load,
)
from generators.alertmanager.refusal import Refusal
from generators.diagnostics.catalogue import codes

CODES = codes(("generators.alertmanager",))

_HEAD = "receivers: [{name: a}, {name: b}]\n"
_CARRIED = (
    {"alertname": "Burn", "severity": "page", "model": None},
    {"alertname": "Drift", "severity": "ticket", "model": None},
)
_RULE = "route: {receiver: a, routes: [{receiver: b, matchers: ['severity=~\"page|ticket\"']}]}\n" + _HEAD

FILES = [
    ("M002", _HEAD + "route: {reciever: a}", (2, 9)),
    ("M003", _HEAD + "route: {receiver: a, group_wait: 30 seconds}", (2, 34)),
    ("M003", _HEAD + "route: {receiver: a, group_interval: page}", (2, 38)),
    ("M003", _HEAD + "route: {receiver: a, repeat_interval: page}", (2, 39)),
    ("M003", _HEAD + "route: [a]", (2, 8)),
    ("M005", _HEAD + "route: {receiver: a}\n---\nx: 1", (1, 1)),
    ("M010", _HEAD, (1, 1)),
    ("M011", _HEAD + "route: {group_by: [x]}", (2, 1)),
    ("M012", _HEAD + "route: {receiver: a, matchers: ['a=\"b\"']}", (2, 22)),
    ("M013", _HEAD + "route: {receiver: c}", (2, 19)),
    ("M014", _HEAD + "route: {receiver: a, routes: [{mute_time_intervals: [night]}]}", (2, 54)),
    ("M015", _HEAD + "route: {receiver: a, group_by: [x, x]}", (2, 32)),
    ("M015", _HEAD + "route: {receiver: a, group_by: [..., x]}", (2, 32)),
    ("M016", _HEAD + "route: {receiver: a, repeat_interval: 0s}", (2, 39)),
    ("M017", _HEAD + "route: {receiver: a, routes: [{group_by: []}]}", (2, 42)),
    ("M018", _HEAD + "route: {receiver: a, group_interval: 5m, repeat_interval: 12m}", (2, 59)),
    ("M018", _HEAD + "route: {receiver: a, routes: [{group_interval: 5h}]}", (2, 48)),
    ("M020", _HEAD + "route: {receiver: a, routes: [{match: {a.b: c}}]}", (2, 45)),
    ("M021", _HEAD + "route: {receiver: a, routes: [{matchers: [severity is page]}]}", (2, 43)),
    ("M022", _HEAD + "route: {receiver: a, routes: [{matchers: ['a=~\"(?=b)\"']}]}", (2, 43)),
    ("M022", _HEAD + "route: {receiver: a, routes: [{match_re: {a: '('}}]}", (2, 46)),
    ("M023", _HEAD + "route: {receiver: a, routes: [{matchers: ['a=~b c']}]}", (2, 43)),
    ("M024", _HEAD + "route: {receiver: a, routes: [{match: {a: b}}]}", (2, 32)),
    ("M025", _HEAD + "route: {receiver: a, routes: [{receiver: a}, {matchers: ['a=\"b\"']}]}", (2, 46)),
    ("M026", _HEAD + "route: {receiver: a, routes: [{matchers: ['a=\"b\"', 'a=\"c\"']}]}", (2, 31)),
    ("M027", _RULE.replace("page|", "") + "global: {}", (1, 1)),
    ("M030", "route: {receiver: a}\nreceivers: [{name: a}, {webhook_configs: []}]", (2, 24)),
    ("M031", "route: {receiver: a}\nreceivers: [{name: a}, {name: a}]", (2, 31)),
    ("M032", _HEAD + "route: {receiver: a}", (1, 24)),
    ("M033", "route: {receiver: a}\nreceivers: [{name: a, email_configs: [{html: x}]}]", (2, 39)),
    ("M034", "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url: http://x, url_file: y}]}]", (2, 47)),
    ("M035", "route: {receiver: a}\nglobal: {opsgenie_api_key: k}\nreceivers: [{name: a}]", (2, 28)),
    ("M036", "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url_file: y}]}]", (2, 41)),
    ("M037", "route: {receiver: a}\nreceivers: [{name: a, labels: {name: b}}]", (2, 38)),
    ("M040", _HEAD + "time_intervals: [{name: n, time_intervals: [{weekdays: [friday:monday]}]}]", (2, 57)),
    ("M041", _HEAD + "time_intervals: [{name: n, time_intervals: [{location: Berlin}]}]", (2, 56)),
    ("M042", _HEAD + "route: {receiver: a}\ntime_intervals: [{name: n, time_intervals: [{}]}]", (3, 18)),
    ("M043", _HEAD + "route: {receiver: a}\ntime_intervals: [{name: n}]", (3, 18)),
    ("M050", _RULE + "inhibit_rules: [{source_matchers: ['a=\"b\"'], target_matchers: ['a=\"c\"']}]", (3, 17)),
    (
        "M051",
        _RULE + "inhibit_rules: [{source_matchers: ['a=\"b\"'], target_matchers: ['b=\"c\"'], equal: [c]}]",
        (3, 17),
    ),
    (
        "M052",
        _RULE + "inhibit_rules: [{source_matchers: ['severity=\"page\"'], "
        "target_matchers: ['severity=\"ticket\"'], equal: [x]}]",
        (3, 104),
    ),
    ("M053", _RULE + "inhibit_rules: [{source_matchers: ['severity=\"no\"'], target_matchers: ['a!=\"c\"']}]", (3, 35)),
    ("M054", _RULE + "inhibit_rules: [{source_matchers: ['a=\"b\"']}]", (3, 17)),
]


@pytest.mark.parametrize(("code", "text", "place"), FILES)
def test_each_problem_is_found_at_its_place(code: str, text: str, place: tuple[int, int]) -> None:
    config, problems = load(text, carried=_CARRIED)
    found = [problem for problem in problems if problem.code == code]
    assert found, problems
    assert (found[0].position.line, found[0].position.column) == place
    assert found[0].severity == CODES[code].severity
    if isinstance(CODES[code], Refusal):
        assert config is None


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("route: {receiver: a", "Y004", (1, 8)),
        (_HEAD + "route: {receiver: a, receiver: b}", "Y007", (2, 22)),
        (_HEAD + "route: {<<: 1, receiver: a}", "Y009", (2, 9)),
    ],
)
def test_what_is_wrong_in_the_yaml_is_told_as_for_every_file(text: str, code: str, place: tuple[int, int]) -> None:
    config, problems = load(text)
    assert config is None
    assert (problems[0].code, problems[0].position.line, problems[0].position.column) == (code, *place)


def test_every_code_has_a_file_that_shows_it_and_a_page() -> None:
    assert {code for code, _, _ in FILES} == set(CODES)
    for code in CODES.values():
        assert code.title
        assert code.explanation.endswith(".")
        assert code.wrong != code.right


def _config(**changes: object) -> Config:
    webhook = Integration("webhook", {"url_file": "/x", "send_resolved": True})
    fields: dict[str, object] = {
        "route": Route(
            receiver="a",
            group_by=("alertname",),
            routes=(Route(receiver="b", matchers=(Matcher("severity", "=~", "page|ticket"),)),),
        ),
        "receivers": (Receiver("a", (webhook,)), Receiver("b", (webhook,))),
        "inhibit_rules": (
            InhibitRule((Matcher("severity", "=", "page"),), (Matcher("severity", "=", "ticket"),), ("model",)),
        ),
    }
    return Config(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_sound_configuration_has_no_problems() -> None:
    assert check(_config(), carried=_CARRIED) == ()


def test_paths_lead_into_the_emitted_file() -> None:
    children = (Route(receiver="b"), Route(receiver="b", matchers=(Matcher("x", "=", "y"),)))
    (problem,) = check(_config(route=Route(receiver="a", routes=children)))
    assert (problem.code, problem.path) == ("M025", ("route", "routes", 1))
    assert "route 1 of its siblings" in problem.message


def test_routes_that_only_together_shadow_another_are_found() -> None:
    children = tuple(
        Route(receiver="b", matchers=(Matcher("severity", op, value),))
        for op, value in (("=", "page"), ("=", "ticket"), ("=~", "(page|ticket)"))
    )
    (problem,) = check(_config(route=Route(receiver="a", routes=children)))
    assert problem.path == ("route", "routes", 2)
    assert "together" in problem.message


def test_a_label_that_both_sides_lack_would_silence_unrelated_alerts() -> None:
    rule = InhibitRule((Matcher("severity", "=", "page"),), (Matcher("severity", "=", "ticket"),), ("modle",))
    (problem,) = check(_config(inhibit_rules=(rule,)), carried=_CARRIED)
    assert problem.code == "M052"
    assert "unrelated" in problem.message
    assert "Burn" in problem.message


@pytest.mark.parametrize(
    ("kind", "settings", "bad"),
    [
        ("slack", {"api_url": "https://hooks.example/T0/B0"}, True),
        ("slack", {"api_url_file": "/x"}, False),
        ("pagerduty", {"routing_key": "k"}, True),
        ("msteamsv2", {"webhook_url": "https://x.example/y"}, True),
        ("webhook", {"url": "https://hooks.example.com/secret"}, True),
        ("webhook", {"url": "http://user:pw@10.0.0.1/"}, True),
        ("webhook", {"url": "http://10.0.0.1:8080/alerts"}, False),
        ("webhook", {"url": "http://sink.monitoring.svc:8080/alerts"}, False),
        ("webhook", {"url_file": "/x", "http_config": {"basic_auth": {"username": "u", "password": "p"}}}, True),
        ("webhook", {"url_file": "/x", "http_config": {"http_headers": {"X": {"secrets": ["s"]}}}}, True),
        ("sns", {"topic_arn": "t", "sigv4": {"region": "r", "secret_key": "k"}}, True),
        ("victorops", {"routing_key": "team", "api_key_file": "/x"}, False),
    ],
)
def test_secrets_in_the_file_are_errors(kind: str, settings: dict[str, object], bad: bool) -> None:
    integration = Integration(kind, {**settings, "send_resolved": True})  # type: ignore[dict-item]
    problems = check(_config(receivers=(Receiver("a", (integration,)), Receiver("b"))))
    assert {problem.code for problem in problems} == ({"M035"} if bad else set())


def test_settings_that_global_supplies_are_not_missing() -> None:
    mail = Integration("email", {"to": "a@b.example", "send_resolved": True})
    receivers = (Receiver("a", (mail,)), Receiver("b"))
    assert [problem.code for problem in check(_config(receivers=receivers))] == ["M033", "M033"]
    shared = {"smtp_smarthost": "mail.example:587", "smtp_from": "am@b.example"}
    assert check(_config(receivers=receivers, global_=shared)) == ()


@pytest.mark.parametrize(
    "plain", [None, [], "x", 5, {"route": 5}, {"receivers": {"a": 1}}, {"route": {"routes": [1, None]}}]
)
def test_anything_can_be_checked(plain: object) -> None:
    assert check_document(plain)


def test_positions_survive_anchors_and_merges() -> None:
    text = """\
x: &base {receiver: a}
route:
  <<: *base
  routes: [{<<: *base, recever: b}]
receivers: [{name: a}]
"""
    config, problems = load(text)
    assert config is None
    assert [(p.code, p.position.line, p.position.column) for p in problems] == [("M002", 1, 1), ("M002", 4, 24)]


def test_an_anchor_that_contains_itself_is_a_problem() -> None:
    config, problems = load("route: &a {receiver: x, routes: [*a]}\nreceivers: [{name: x}]")
    assert config is None
    assert "Y012" in {problem.code for problem in problems}


def test_scalars_are_taken_as_text_as_in_go() -> None:
    config, problems = load(
        "route: {receiver: 1.10, routes: [{receiver: yes}]}\nreceivers: [{name: '1.10'}, {name: yes}]"
    )
    assert config is not None, problems
    assert [receiver.name for receiver in config.receivers] == ["1.10", "yes"]
