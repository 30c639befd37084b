"""What each kind of integration takes: settings, secrets, what must be there. Facts of Alertmanager 0.34.

From ``config/notifiers.go``, ``config/config.go`` and ``notify/*/config.go`` of prometheus/alertmanager.
The key of a kind in a receiver is ``<kind>_configs``. Settings stand in the order in which they are
printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from generators.alertmanager.shapes import HTTP, TLS, Need, Shape, Table, fields


@dataclass(frozen=True, slots=True)
class IntegrationKind:
    """The settings of one kind.

    ``secrets`` names the settings that are credentials, each with the setting that takes a file in its
    place, or ``None`` where Alertmanager has none. ``needs`` must be met; of each set in ``exclusive`` at
    most one may be there. ``send_resolved`` is the default.
    """

    fields: Mapping[str, Shape]
    secrets: Mapping[str, str | None]
    needs: tuple[Need, ...] = ()
    exclusive: tuple[tuple[str, ...], ...] = ()
    send_resolved: bool = True


def _twins(*names: str) -> dict[str, str | None]:
    return {name: f"{name}_file" for name in names}


def _kind(
    notation: str,
    *,
    secrets: Mapping[str, str | None],
    needs: tuple[Need, ...] = (),
    exclusive: tuple[tuple[str, ...], ...] = (),
    send_resolved: bool = True,
    **tables: Shape,
) -> IntegrationKind:
    pairs = tuple((name, twin) for name, twin in secrets.items() if twin)
    return IntegrationKind(
        fields=fields(f"send_resolved:bool {notation}", http=HTTP, tls=TLS, **tables),
        secrets=secrets,
        needs=needs,
        exclusive=pairs + exclusive,
        send_resolved=send_resolved,
    )


_ATTACHMENT_FIELD = Table(fields("title value short:bool"))
_WEBHOOK_URL = Need(("webhook_url", "webhook_url_file"))

INTEGRATIONS: dict[str, IntegrationKind] = {
    "pagerduty": _kind(
        "routing_key routing_key_file service_key service_key_file url:url severity class "
        "component group source client client_url description details:any{} images:image[] "
        "links:link[] timeout:go_duration http_config:http",
        secrets=_twins("routing_key", "service_key"),
        needs=(Need(("routing_key", "routing_key_file", "service_key", "service_key_file")),),
        image=Table(fields("src alt href")),
        link=Table(fields("href text")),
    ),
    "slack": _kind(
        "channel api_url:secret_url api_url_file app_token app_token_file app_url:url username color "
        "title title_link pretext text message_text fields:field[] short_fields:bool footer "
        "fallback callback_id icon_emoji icon_url image_url thumb_url link_names:bool "
        "mrkdwn_in:text[] actions:action[] update_message:bool timeout:go_duration "
        "http_config:http",
        secrets=_twins("api_url", "app_token"),
        needs=(
            Need(
                ("api_url", "api_url_file", "app_token", "app_token_file"),
                ("slack_api_url", "slack_api_url_file", "slack_app_token", "slack_app_token_file"),
            ),
        ),
        exclusive=(
            ("api_url", "app_token"),
            ("api_url", "app_token_file"),
            ("api_url_file", "app_token"),
            ("api_url_file", "app_token_file"),
        ),
        send_resolved=False,
        field=_ATTACHMENT_FIELD,
        action=Table(
            fields(
                "type text url style name value confirm:confirm",
                confirm=Table(fields("text title ok_text dismiss_text")),
            )
        ),
    ),
    "email": _kind(
        "to from smarthost:hostport hello auth_username auth_password auth_password_file "
        "auth_secret auth_secret_file auth_identity headers:text{} html text require_tls:bool "
        "force_implicit_tls:bool threading:threading tls_config:tls",
        secrets=_twins("auth_password", "auth_secret"),
        needs=(Need(("to",)), Need(("smarthost",), ("smtp_smarthost",)), Need(("from",), ("smtp_from",))),
        send_resolved=False,
        threading=Table(fields("enabled:bool thread_by_date")),
    ),
    "webhook": _kind(
        "url:template_url url_file max_alerts:uint timeout:go_duration payload:any http_config:http",
        secrets=_twins("url"),
        needs=(Need(("url", "url_file")),),
    ),
    "opsgenie": _kind(
        "api_key api_key_file api_url:url message description source details:text{} entity "
        "responders:responder[] actions tags note priority update_alerts:bool http_config:http",
        secrets=_twins("api_key"),
        needs=(Need(("api_key", "api_key_file"), ("opsgenie_api_key", "opsgenie_api_key_file")),),
        responder=Table(fields("id name username type")),
    ),
    "msteamsv2": _kind(
        "webhook_url:secret_url webhook_url_file title text http_config:http",
        secrets=_twins("webhook_url"),
        needs=(_WEBHOOK_URL,),
    ),
    "msteams": _kind(
        "webhook_url:secret_url webhook_url_file title summary text http_config:http",
        secrets=_twins("webhook_url"),
        needs=(_WEBHOOK_URL,),
    ),
    "discord": _kind(
        "webhook_url:secret_url webhook_url_file content title message username avatar_url http_config:http",
        secrets=_twins("webhook_url"),
        needs=(_WEBHOOK_URL,),
    ),
    "mattermost": _kind(
        "webhook_url:secret_url webhook_url_file channel username text fallback color pretext "
        "author_name author_link author_icon title title_link fields:field[] thumb_url footer "
        "footer_icon image_url icon_url icon_emoji attachments:attachment[] type props:props "
        "priority:priority http_config:http",
        secrets=_twins("webhook_url"),
        needs=(
            Need(
                ("webhook_url", "webhook_url_file"),
                ("mattermost_webhook_url", "mattermost_webhook_url_file"),
            ),
        ),
        field=_ATTACHMENT_FIELD,
        attachment=Table(
            fields(
                "fallback color pretext text author_name author_link author_icon title "
                "title_link fields:field[] thumb_url footer footer_icon image_url",
                field=_ATTACHMENT_FIELD,
            )
        ),
        props=Table(fields("card")),
        priority=Table(fields("priority requested_ack:bool persistent_notifications:bool")),
    ),
    "telegram": _kind(
        "bot_token bot_token_file chat_id:int chat_id_file message_thread_id:int api_url:url "
        "message disable_notifications:bool parse_mode http_config:http",
        secrets=_twins("bot_token"),
        needs=(
            Need(("bot_token", "bot_token_file"), ("telegram_bot_token", "telegram_bot_token_file")),
            Need(("chat_id", "chat_id_file")),
        ),
        exclusive=(("chat_id", "chat_id_file"),),
    ),
    "victorops": _kind(
        "routing_key api_key api_key_file api_url:url message_type state_message "
        "entity_display_name monitoring_tool custom_fields:text{} http_config:http",
        secrets=_twins("api_key"),
        needs=(
            Need(("routing_key",)),
            Need(("api_key", "api_key_file"), ("victorops_api_key", "victorops_api_key_file")),
        ),
    ),
    "pushover": _kind(
        "user_key user_key_file token token_file title message url url_title device sound "
        "priority retry:go_duration expire:go_duration ttl:go_duration html:bool monospace:bool "
        "http_config:http",
        secrets=_twins("user_key", "token"),
        needs=(Need(("user_key", "user_key_file")), Need(("token", "token_file"))),
    ),
    "sns": _kind(
        "topic_arn target_arn phone_number api_url sigv4:sigv4 subject message "
        "attributes:text{} use_aws_http_client:bool http_config:http",
        secrets={},
        needs=(Need(("topic_arn", "target_arn", "phone_number")),),
        exclusive=(
            ("topic_arn", "target_arn"),
            ("topic_arn", "phone_number"),
            ("target_arn", "phone_number"),
        ),
        sigv4=Table(
            fields(
                "region access_key secret_key profile role_arn external_id session_name "
                "tags:text{} use_fips_sts_endpoint:bool service_name",
            )
        ),
    ),
    "webex": _kind(
        "room_id api_url:url message http_config:http",
        secrets={},
        needs=(Need(("room_id",)),),
    ),
    "jira": _kind(
        "api_url:url api_type project issue_type summary:field description:field labels:text[] "
        "priority reopen_transition resolve_transition wont_fix_resolution "
        "reopen_duration:duration fields:any{} http_config:http",
        secrets={},
        needs=(Need(("project",)), Need(("issue_type",)), Need(("api_url",), ("jira_api_url",))),
        field=Table(fields("template enable_update:bool"), text=True),
    ),
    "rocketchat": _kind(
        "channel api_url:url token_id token_id_file token token_file color title title_link "
        "text fields:field[] short_fields:bool emoji icon_url image_url thumb_url "
        "link_names:bool actions:action[] http_config:http",
        secrets=_twins("token_id", "token"),
        needs=(
            Need(("token_id", "token_id_file"), ("rocketchat_token_id", "rocketchat_token_id_file")),
            Need(("token", "token_file"), ("rocketchat_token", "rocketchat_token_file")),
        ),
        send_resolved=False,
        field=_ATTACHMENT_FIELD,
        action=Table(
            fields(
                "type text url imageurl iswebview:bool webviewheightratio msg msginchatwindow:bool msgprocessingtype",
            )
        ),
    ),
    "wechat": _kind(
        "api_secret api_secret_file corp_id api_url:url message to_user to_party to_tag "
        "agent_id message_type http_config:http",
        secrets=_twins("api_secret"),
        needs=(
            Need(("api_secret", "api_secret_file"), ("wechat_api_secret", "wechat_api_secret_file")),
            Need(("corp_id",), ("wechat_api_corp_id",)),
        ),
        send_resolved=False,
    ),
    "incidentio": _kind(
        "url:url url_file alert_source_token alert_source_token_file max_alerts:uint "
        "timeout:go_duration http_config:http",
        secrets=_twins("alert_source_token"),
        needs=(Need(("url", "url_file")),),
        exclusive=(("url", "url_file"),),
    ),
}
"""Every kind that Alertmanager 0.34 knows."""
