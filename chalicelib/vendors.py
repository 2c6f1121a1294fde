"""Each vendor's client, built from its settings and secrets: for the functions, and for commands on people's machines.

An adapter is imported when it is built: a cold start is part of the time to page, and waits for what it needs only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from chalicelib.errors import SettingsError
from chalicelib.settings_places import FixedLinkSettings, JitsiSettings, ZoomSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.adapters.confluence import Confluence
    from chalicelib.adapters.jira_cloud import JiraCloud
    from chalicelib.adapters.statuspage import Statuspage
    from chalicelib.ports.pager import Pager
    from chalicelib.ports.secrets import Secrets
    from chalicelib.ports.video_calls import VideoCalls
    from chalicelib.ports.world import Clock
    from chalicelib.settings import PagerSettings, Settings
    from chalicelib.settings_places import VideoSettings, WikiSettings
    from chalicelib.settings_telling import StatusPagesSettings


class Manner(TypedDict, total=False):
    """How a client asks; what is left out is as in the functions, which are waited for.

    timeouts_s: to connect, and to read. by_proxy: by the one that the environment names, see `keep_out_the_environment`.
    """

    timeouts_s: tuple[float, float]
    by_proxy: bool


AT_WORK = Manner()
"""In the functions."""


def pager_client(name: str, known: PagerSettings, secrets: Secrets, manner: Manner = AT_WORK) -> Pager:
    """Raises SettingsError for a name that is no pager's."""
    if name == "opsgenie":
        from chalicelib.adapters.opsgenie import Opsgenie

        return Opsgenie(known.base_url, secrets.opsgenie_key, **manner)
    if name == "jsm":
        from chalicelib.adapters.jsm_operations import JsmOperations

        return JsmOperations(
            integration_url=known.integration_url,
            integration_key=secrets.jsm_integration_key,
            rest_url=known.base_url,
            cloud_id=known.cloud_id,
            mail=secrets.jsm_mail,
            token=secrets.jsm_token,
            **manner,
        )
    if name == "pagerduty":
        from chalicelib.adapters.pagerduty import PagerDuty

        token, keys = secrets.pagerduty_token, secrets.pagerduty_routing_keys
        return PagerDuty(known.base_url, known.events_url, token, keys, known.from_mail, **manner)
    raise SettingsError((f"pagers.{name}: there is no such pager; write opsgenie, jsm or pagerduty",))


def jira_client(known: Settings, secrets: Secrets, manner: Manner = AT_WORK) -> JiraCloud:
    from chalicelib.adapters.jira_cloud import JiraCloud
    from chalicelib.adapters.jira_data_center import JiraDataCenter

    if known.jira.deployment == "data-center":
        return JiraDataCenter(known.jira.base_url, secrets.jira_token, known.schema, **manner)
    return JiraCloud(known.jira.base_url, secrets.jira_mail, secrets.jira_token, known.schema, **manner)


def call_client(known: VideoSettings, secrets: Secrets, manner: Manner = AT_WORK, *, clock: Clock | None = None) -> VideoCalls:
    match known:
        case ZoomSettings():
            from chalicelib.adapters.zoom import Zoom

            return Zoom(
                api_url=known.api_url,
                oauth_url=known.oauth_url,
                account_id=secrets.zoom_account_id,
                client_id=secrets.zoom_client_id,
                client_secret=secrets.zoom_client_secret,
                hosts=known.hosts,
                clock=clock,
                **manner,
            )
        case JitsiSettings():
            from chalicelib.adapters.jitsi import Jitsi

            return Jitsi(known.base_url, secrets.jitsi_secret)
        case FixedLinkSettings():
            from chalicelib.adapters.fixed_link import FixedLink

            return FixedLink(known.link)


def wiki_client(known: WikiSettings, secrets: Secrets, manner: Manner = AT_WORK, *, clock: Clock | None = None) -> Confluence:
    """With Jira's mail and token where the wiki has none of its own."""
    from chalicelib.adapters.confluence import Confluence

    mail, token = secrets.wiki_mail or secrets.jira_mail, secrets.wiki_token or secrets.jira_token
    return Confluence(known.base_url, mail, token, clock=clock, **manner)


def status_page_client(
    known: StatusPagesSettings, page_id: str, secrets: Secrets, manner: Manner = AT_WORK, *,
    turn: Callable[[str], None], clock: Clock | None = None,
) -> Statuspage:  # fmt: skip
    from chalicelib.adapters.statuspage import Statuspage

    return Statuspage(known.base_url, page_id, secrets.statuspage_token, turn=turn, clock=clock, **manner)
