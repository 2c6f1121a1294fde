"""Do the secrets hold what the settings need? Asked at start-up and by `firebell check`, since they are kept apart."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.adapters.jitsi import SECRET_BYTES
from chalicelib.domain.routing import RoutingTable
from chalicelib.domain.text import fits_a_header
from chalicelib.ports.secrets import Secrets
from chalicelib.settings import Settings
from chalicelib.settings_places import JitsiSettings, ZoomSettings

MARKS_LENGTH = 16

_IN_HEADERS = (
    "jira_mail", "jira_token", "opsgenie_key", "jsm_integration_key", "jsm_mail", "jsm_token", "pagerduty_token",
    "slack_bot_token", "slack_user_token", "zoom_account_id", "zoom_client_id", "zoom_client_secret", "wiki_mail", "wiki_token",
    "statuspage_token",
)  # fmt: skip
"""All are of plain letters, also those that are encoded on the way: anything else was copied along unseen."""

_OF_PAGERS = {
    "opsgenie_key": ("opsgenie", "opsgenie rings nobody"),
    "jsm_integration_key": ("jsm", "jsm rings nobody"),
    "jsm_mail": ("jsm", "no alert can be looked up at jsm"),
    "jsm_token": ("jsm", "no alert can be looked up at jsm"),
    "pagerduty_token": ("pagerduty", "no alert can be looked up, acknowledged or closed at pagerduty"),
}


def unfit_secrets(known: Settings, secrets: Secrets) -> tuple[str, ...]:
    """One line each: which secret is missing or cannot be used, and for what. Never a value. Pure."""
    return (
        *_copied_badly(secrets),
        *_of_jira(known, secrets),
        *_of_pagers(known, secrets),
        *_of_places(known, secrets),
        *_of_telling(known, secrets),
    )


def _copied_badly(secrets: Secrets) -> Iterator[str]:
    for name in _IN_HEADERS:
        if not fits_a_header(getattr(secrets, name)):
            yield f"{name} holds a character that no header can (one that does not show, or a line break): copy it anew"


def _of_jira(known: Settings, secrets: Secrets) -> Iterator[str]:
    for name in ("jira_token",) if known.jira.deployment == "data-center" else ("jira_mail", "jira_token"):
        if not getattr(secrets, name):
            yield f"{name} is missing, so Jira can neither be read nor written"


def _of_pagers(known: Settings, secrets: Secrets) -> Iterator[str]:
    used = {known.routing.rosters[name].pager for name in known.routing.paged}
    for name, (pager, consequence) in _OF_PAGERS.items():
        if pager in used and not getattr(secrets, name):
            yield f"{name} is missing, so {consequence}"
    yield from missing_routing_keys(known.routing, secrets)


def missing_routing_keys(routing: RoutingTable, secrets: Secrets) -> tuple[str, ...]:
    """PagerDuty rings by routing key, not by id: without one a roster is refused on the day it is needed. One line each."""
    rosters = (roster for name, roster in routing.rosters.items() if name in routing.paged and roster.pager == "pagerduty")
    return tuple(
        f"rosters.{roster.name}: the secrets hold no routing key for it; add {roster.name!r} to pagerduty_routing_keys"
        for roster in rosters
        if not secrets.pagerduty_routing_keys.get(roster.name)
    )


def _of_places(known: Settings, secrets: Secrets) -> Iterator[str]:
    if known.chat is not None and not secrets.slack_bot_token:
        yield "slack_bot_token is missing, so no rooms are made"
    match known.video:
        case ZoomSettings():
            for name in ("zoom_account_id", "zoom_client_id", "zoom_client_secret"):
                if not getattr(secrets, name):
                    yield f"{name} is missing, so no video calls are made"
        case JitsiSettings() if len(secrets.jitsi_secret.encode()) < SECRET_BYTES:
            is_there = f"shorter than {SECRET_BYTES} bytes" if secrets.jitsi_secret else "missing"
            yield f"jitsi_secret is {is_there}, so no video calls are made: make one of {SECRET_BYTES} or more"
    if known.wiki is not None and not (secrets.wiki_token or secrets.jira_token):
        yield "wiki_token and jira_token are missing, so no documents are made"


def _of_telling(known: Settings, secrets: Secrets) -> Iterator[str]:
    telling = known.telling
    if telling.status_pages is not None and not secrets.statuspage_token:
        yield "statuspage_token is missing, so nothing is told on status pages"
    if 0 < len(secrets.statuspage_marks) < MARKS_LENGTH:
        yield f"statuspage_marks is shorter than {MARKS_LENGTH} characters: make one of {MARKS_LENGTH} or more, or leave it out"
    if telling.mail is not None and telling.mail.smtp is not None and secrets.smtp_user:
        if telling.mail.smtp.security == "none":
            yield 'smtp_user is there, and mail.security is "none": no password is sent without TLS, so no mail is sent'
        if not secrets.smtp_password:
            yield "smtp_password is missing, and smtp_user is there, so no mail is sent"
