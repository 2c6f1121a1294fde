"""[chat], [video], [wiki], [questions] and [severity_scale] of firebell.toml: where people meet, and what they are asked.

A place whose table is left out is none: nothing is ever made there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from chalicelib.domain.incident import Severity
from chalicelib.domain.people import Told
from chalicelib.domain.routing import fold_name
from chalicelib.domain.schema import IncidentSchema
from chalicelib.settings_people import MAIL, SLACK_ID
from chalicelib.settings_table import LINK, Shape, Table, did_you_mean

KINDS = ("zoom", "jitsi", "fixed")
HOSTS_LIMIT = 5
"""Each host is asked before every call."""

DEFAULT_SCALE = {
    Severity.SEV1: "A critical incident with very high impact",
    Severity.SEV2: "A major incident with significant impact",
    Severity.SEV3: "A minor incident with low impact",
}

_INVITED = Shape(
    re.compile(rf"{MAIL.pattern.pattern}|{SLACK_ID.pattern.pattern}"), "a mail address or a Slack member id", "mia@example.com"
)
_SPACE = Shape(re.compile(r"~?[A-Za-z0-9._:-]+"), "a space's key (not its name)", "INC")
_PAGE_ID = Shape(re.compile(r"\d+"), "a page's id, the number in its address", "65601")

_GATEWAY = "/ex/jira/"
"""In the address of a Jira that is asked with scoped tokens; its Confluence is beside it."""


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """Who is invited to every room, to those of a severity, and to those of a service (by its folded name).

    base_url: of Slack's Web API. archive_after: how long a resolved incident's room stays open.
    """

    base_url: str
    archive_after: timedelta
    always: tuple[Told, ...] = ()
    by_severity: Mapping[Severity, tuple[Told, ...]] = field(default_factory=dict)
    by_service: Mapping[str, tuple[Told, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ZoomSettings:
    """hosts: the mail addresses of the users whose meetings they are, one or more."""

    hosts: tuple[str, ...]
    api_url: str
    oauth_url: str


@dataclass(frozen=True, slots=True)
class JitsiSettings:
    base_url: str


@dataclass(frozen=True, slots=True)
class FixedLinkSettings:
    link: str


VideoSettings = ZoomSettings | JitsiSettings | FixedLinkSettings


@dataclass(frozen=True, slots=True)
class WikiSettings:
    """base_url: the site, without /wiki. parent_id: the page to put documents under; None is the space's home page.

    private_space_key: where documents of private incidents go; "" where they get none.
    """

    base_url: str
    space_key: str
    parent_id: str | None = None
    private_space_key: str = ""


def read_chat(top: Table, unknown_services: Collection[str]) -> ChatSettings | None:
    chat = top.table("chat")
    invite = chat.table("invite")
    majors = [severity for severity in Severity if severity.is_major]
    settings = ChatSettings(
        base_url=chat.url("base_url", "https://slack.com/api"),
        archive_after=timedelta(days=chat.number("archive_after_days", 7, at_least=1, at_most=365)),
        always=_invited(invite, "always"),
        by_severity={severity: _invited(invite, str(severity.value)) for severity in majors},
        by_service=_by_service(chat.table("services"), unknown_services),
    )
    return settings if "chat" in top.values else None


def _by_service(table: Table, unknown: Collection[str]) -> dict[str, tuple[Told, ...]]:
    invited: dict[str, tuple[Told, ...]] = {}
    for title in table.values:
        name = fold_name(title)
        if name in invited:
            table.problem(title, "is there twice, in another spelling; join the two")
        if name in unknown:
            table.problem(title, "means that nobody knows the service (jira.unknown_services); take it out")
        invited[name] = _invited(table, title)
    return invited


def _invited(table: Table, key: str) -> tuple[Told, ...]:
    handles = dict.fromkeys(table.texts(key, shape=_INVITED))
    return tuple(Told(mail=handle) if "@" in handle else Told(slack_id=handle) for handle in handles)


def read_video(top: Table) -> VideoSettings | None:
    video = top.table("video")
    if "video" not in top.values:
        return None
    match video.choice("kind", KINDS):
        case "zoom":
            return ZoomSettings(
                hosts=_hosts(video),
                api_url=video.url("api_url", "https://api.zoom.us"),
                oauth_url=video.url("oauth_url", "https://zoom.us"),
            )
        case "jitsi":
            return JitsiSettings(video.url("base_url", required=True))
        case "fixed":
            return FixedLinkSettings(video.text("link", required=True, shape=LINK))
    video.asked.update(video.values)  # without a kind nobody knows which keys are right
    return None


def _hosts(video: Table) -> tuple[str, ...]:
    """One address, or a list of different ones: Zoom takes another spelling for the same user."""
    if not isinstance(video.values.get("host"), list):
        return (video.text("host", required=True, shape=MAIL),)
    hosts = video.texts("host", required="host", shape=MAIL)
    if len({host.casefold() for host in hosts}) < len(hosts):
        video.problem("host", "names one twice; take one out")
    if len(hosts) > HOSTS_LIMIT:
        video.problem("host", f"names {len(hosts)}; write {HOSTS_LIMIT} at most")
    return tuple(hosts)


def read_wiki(top: Table, api_url: str, deployment: str) -> WikiSettings | None:
    """api_url: where Jira's REST API is; its Confluence is at the same site."""
    wiki = top.table("wiki")
    if "wiki" not in top.values:
        return None
    if deployment != "cloud" and "base_url" not in wiki.values:
        wiki.problem("base_url", "is missing, and this Jira is not in the cloud; write https://<site>.atlassian.net")
    wiki.keep_apart("private_space_key", "space_key")
    return WikiSettings(
        base_url=wiki.url("base_url", _beside(api_url)),
        space_key=wiki.text("space_key", required=True, shape=_SPACE),
        parent_id=wiki.text("parent_id", shape=_PAGE_ID) or None,
        private_space_key=wiki.text("private_space_key", shape=_SPACE),
    )


def _beside(api_url: str) -> str:
    """https://api.atlassian.com/ex/jira/<cloudId> -> .../ex/confluence/<cloudId>; a site's address is Confluence's too."""
    parts = urlsplit(api_url)
    return api_url.replace(_GATEWAY, "/ex/confluence/", 1) if parts.path.startswith(_GATEWAY) else api_url


def read_questions(table: Table, schema: IncidentSchema) -> dict[str, str]:
    """Our name of every question about the impact -> the question, in the order of the fields that hold the answers."""
    for name in table.values:
        if name not in schema.impact_fields and schema.severity_field:  # else [jira.fields] is what is missing
            hint = did_you_mean(name, schema.impact_fields)
            table.problem(name, f"there is no question {name!r} in jira.fields.impact{hint}")
    table.asked.update(table.values)
    return {name: table.text(name, f"{name.replace('_', ' ').capitalize()}?") for name in schema.impact_fields}


def read_severity_scale(table: Table) -> dict[Severity, str]:
    return {severity: table.text(str(severity.value), words) for severity, words in DEFAULT_SCALE.items()}
