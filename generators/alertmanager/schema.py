"""The shape of a whole configuration file: every key that Alertmanager 0.34 knows."""

from __future__ import annotations

from generators.alertmanager.integrations import INTEGRATIONS
from generators.alertmanager.shapes import HEADERS, HTTP, TLS, ListOf, Shape, Table, fields

GLOBAL = Table(
    fields(
        "resolve_timeout:duration http_config:http smtp_from smtp_hello smtp_smarthost:hostport "
        "smtp_auth_username smtp_auth_password smtp_auth_password_file smtp_auth_secret "
        "smtp_auth_secret_file smtp_auth_identity smtp_require_tls:bool smtp_tls_config:tls "
        "smtp_force_implicit_tls:bool slack_api_url:secret_url slack_api_url_file slack_app_token "
        "slack_app_token_file slack_app_url:url pagerduty_url:url opsgenie_api_url:url "
        "opsgenie_api_key opsgenie_api_key_file wechat_api_url:url wechat_api_secret "
        "wechat_api_secret_file wechat_api_corp_id victorops_api_url:url victorops_api_key "
        "victorops_api_key_file telegram_api_url:url telegram_bot_token telegram_bot_token_file "
        "webex_api_url:url rocketchat_api_url:url rocketchat_token rocketchat_token_file "
        "rocketchat_token_id rocketchat_token_id_file mattermost_webhook_url:secret_url "
        "mattermost_webhook_url_file jira_api_url:url",
        http=HTTP,
        tls=TLS,
    )
)

GLOBAL_SECRETS = (
    "smtp_auth_password",
    "smtp_auth_secret",
    "slack_api_url",
    "slack_app_token",
    "opsgenie_api_key",
    "wechat_api_secret",
    "victorops_api_key",
    "telegram_bot_token",
    "rocketchat_token",
    "rocketchat_token_id",
    "mattermost_webhook_url",
)
"""The credentials of the global block; each has a twin that ends in ``_file``, and only one may be given.
"""

_ROUTE_FIELDS = fields(
    "receiver group_by:text[] match:text{} match_re:regex{} matchers:matcher[] continue:bool "
    "mute_time_intervals:text[] active_time_intervals:text[] group_wait:duration "
    "group_interval:duration repeat_interval:duration labels:text{}",
)
ROUTE = Table(_ROUTE_FIELDS)
_ROUTE_FIELDS["routes"] = ListOf(ROUTE)

INHIBIT_RULE = Table(
    fields(
        "name source_match:text{} source_match_re:regex{} source_matchers:matcher[] "
        "target_match:text{} target_match_re:regex{} target_matchers:matcher[] equal:text[]",
    )
)

TIME_INTERVAL = Table(
    fields(
        "name time_intervals:interval[]",
        interval=Table(
            fields(
                "times:time[] weekdays:text[] days_of_month:text[] months:text[] years:text[] location",
                time=Table(fields("start_time end_time")),
            )
        ),
    )
)

_KINDS: dict[str, Shape] = {f"{name}_configs": ListOf(Table(kind.fields)) for name, kind in INTEGRATIONS.items()}
RECEIVER = Table(fields("name labels:text{}") | _KINDS)

_TRACING = Table(
    fields(
        "client_type endpoint sampling_fraction:float insecure:bool tls_config:tls "
        "headers:headers compression timeout:duration",
        tls=TLS,
        headers=HEADERS,
    )
)
_EVENT_RECORDER = Table(
    fields(
        "file_outputs:file[] webhook_outputs:webhook[] kafka_outputs:kafka[] stdout_outputs:any[]",
        file=Table(fields("path")),
        webhook=Table(
            fields(
                "url:url http_config:http timeout:duration workers:int max_retries:int "
                "retry_backoff:duration batch:bool batch_max_events:int batch_max_bytes:int "
                "batch_flush_interval:duration",
                http=HTTP,
            )
        ),
        kafka=Table(
            fields("brokers:text[] topic client_id format acks compression buffer_size:int tls_config:tls", tls=TLS)
        ),
    )
)

FILE = Table(
    fields(
        "global:global templates:text[] route:route inhibit_rules:inhibit_rule[] "
        "time_intervals:time_interval[] mute_time_intervals:time_interval[] "
        "receivers:receiver[] tracing:tracing event_recorder:event_recorder",
        **{
            "global": GLOBAL,
            "route": ROUTE,
            "inhibit_rule": INHIBIT_RULE,
            "time_interval": TIME_INTERVAL,
            "receiver": RECEIVER,
            "tracing": _TRACING,
            "event_recorder": _EVENT_RECORDER,
        },
    )
)
