"""What only Confluence and Zoom can know of the settings: whether there are the spaces, the page to put documents under, and
the hosts of calls."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.adapters.confluence import Confluence
from chalicelib.adapters.fixed_link import FixedLink
from chalicelib.adapters.jitsi import Jitsi
from chalicelib.adapters.zoom import Zoom
from chalicelib.errors import IntegrationError
from chalicelib.ports.secrets import Secrets
from chalicelib.ports.video_calls import VideoCalls
from chalicelib.settings import Settings
from chalicelib.settings_places import FixedLinkSettings, JitsiSettings, VideoSettings, WikiSettings, ZoomSettings
from cli.pagers import PATIENCE_S


def problems_with_places(known: Settings, secrets: Secrets) -> Iterator[str]:
    """One line each, beginning with the table. Nobody is asked without a secret: that it is missing is said already."""
    if known.wiki is not None and (secrets.wiki_token or secrets.jira_token):
        yield from _problems_with_wiki(known.wiki, secrets)
    if known.video is not None and (calls := _calls(known.video, secrets)) is not None:
        yield from _problems_with_calls(calls)


def _problems_with_wiki(known: WikiSettings, secrets: Secrets) -> Iterator[str]:
    mail, token = secrets.wiki_mail or secrets.jira_mail, secrets.wiki_token or secrets.jira_token
    wiki = Confluence(known.base_url, mail, token, timeouts_s=PATIENCE_S, by_proxy=True)
    spaces = ((known.space_key, known.parent_id), *(((known.private_space_key, None),) if known.private_space_key else ()))
    try:
        for space_key, parent_id in spaces:
            yield from (f"wiki: {problem}" for problem in wiki.problems_with(space_key, parent_id))
    except IntegrationError as error:
        yield f"wiki: {wiki.name} gave no answer: {error.message}"


def _problems_with_calls(calls: VideoCalls) -> Iterator[str]:
    try:
        yield from (f"video: {problem}" for problem in calls.problems())
    except IntegrationError as error:
        yield f"video: {calls.name} gave no answer: {error.message}"


def _calls(known: VideoSettings, secrets: Secrets) -> VideoCalls | None:
    match known:
        case ZoomSettings():
            if not (secrets.zoom_account_id and secrets.zoom_client_id and secrets.zoom_client_secret):
                return None
            return Zoom(
                api_url=known.api_url,
                oauth_url=known.oauth_url,
                account_id=secrets.zoom_account_id,
                client_id=secrets.zoom_client_id,
                client_secret=secrets.zoom_client_secret,
                hosts=known.hosts,
                timeouts_s=PATIENCE_S,
                by_proxy=True,
            )
        case JitsiSettings():
            return Jitsi(known.base_url, secrets.jitsi_secret) if secrets.jitsi_secret else None
        case FixedLinkSettings():
            return FixedLink(known.link)
