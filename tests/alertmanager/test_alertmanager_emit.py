"""The text of a configuration."""

from __future__ import annotations

import yaml
from alertmanager_strategies import configs, plain_values, texts
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.alertmanager import Config, Integration, Matcher, Receiver, Route, emit, load
from generators.alertmanager.yaml_text import Quoted, format_yaml


@settings(derandomize=True, deadline=None)
@given(configs())
def test_loading_what_was_emitted_gives_an_equal_configuration(config: Config) -> None:
    loaded, problems = load(emit(config))
    assert loaded == config, problems


@settings(derandomize=True, deadline=None)
@given(st.dictionaries(texts, plain_values, max_size=4))
def test_yaml_text_is_read_as_the_values_that_it_was_made_from(values: dict[str, object]) -> None:
    assert (yaml.safe_load(format_yaml(values)) or {}) == values


@settings(derandomize=True, deadline=None)
@given(st.text())
def test_quoted_text_survives(text: str) -> None:
    assert yaml.safe_load(format_yaml({"a": [Quoted(text)]})) == {"a": [text]}


def test_order_of_settings_does_not_change_the_text() -> None:
    settings_ = {"send_resolved": True, "api_url_file": "/x", "channel": "#a"}

    def build(items: list[tuple[str, object]]) -> Config:
        slack = Integration("slack", dict(items))  # type: ignore[arg-type]
        return Config(route=Route(receiver="a"), receivers=(Receiver("a", (slack,)),))

    assert emit(build(list(settings_.items()))) == emit(build(list(reversed(settings_.items()))))


def test_an_emitted_file_reads_like_a_hand_written_one() -> None:
    page = Integration(
        "slack", {"text": "Hello\n  there\n", "channel": "#page", "api_url_file": "/x", "send_resolved": True}
    )
    config = Config(
        route=Route(
            receiver="default",
            group_by=("alertname", "model"),
            group_wait=5,
            routes=(Route(receiver="page", matchers=(Matcher("severity", "=", "page"),)),),
        ),
        receivers=(Receiver("default"), Receiver("page", (page,))),
    )
    assert (
        emit(config)
        == """\
route:
  receiver: default
  group_by: [alertname, model]
  group_wait: 5s
  routes:
    - receiver: page
      matchers:
        - 'severity="page"'
receivers:
  - name: default
  - name: page
    slack_configs:
      - send_resolved: true
        channel: "#page"
        api_url_file: /x
        text: |
          Hello
            there
"""
    )
