"""What only Confluence and Zoom can know of the settings: whether there are the spaces, the page to put documents under, and
the hosts of calls."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.errors import IntegrationError
from chalicelib.ports.secrets import Secrets
from chalicelib.ports.video_calls import VideoCalls
from chalicelib.settings import Settings
from chalicelib.settings_places import FixedLinkSettings, JitsiSettings, VideoSettings, WikiSettings, ZoomSettings
from chalicelib.vendors import call_client, wiki_client
from cli.manner import AT_A_DESK


def problems_with_places(known: Settings, secrets: Secrets) -> Iterator[str]:
    """One line each, beginning with the table. Nobody is asked without a secret: that it is missing is said already."""
    if known.wiki is not None and (secrets.wiki_token or secrets.jira_token):
        yield from _problems_with_wiki(known.wiki, secrets)
    if known.video is not None and _may_ask(known.video, secrets):
        yield from _problems_with_calls(call_client(known.video, secrets, AT_A_DESK))


def _problems_with_wiki(known: WikiSettings, secrets: Secrets) -> Iterator[str]:
    wiki = wiki_client(known, secrets, AT_A_DESK)
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


def _may_ask(known: VideoSettings, secrets: Secrets) -> bool:
    match known:
        case ZoomSettings():
            return bool(secrets.zoom_account_id and secrets.zoom_client_id and secrets.zoom_client_secret)
        case JitsiSettings():
            return bool(secrets.jitsi_secret)
        case FixedLinkSettings():
            return True
