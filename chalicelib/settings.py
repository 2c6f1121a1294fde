"""Settings: firebell.toml and the environment -> one frozen `Settings`, with every mistake named at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chalicelib.domain.incident import Severity
from chalicelib.domain.people import PeopleTable, Role
from chalicelib.domain.policy import Mode, PagingPolicy
from chalicelib.domain.routing import RoutingTable
from chalicelib.domain.schema import IncidentSchema
from chalicelib.settings_metrics import MetricsSettings
from chalicelib.settings_places import ChatSettings, VideoSettings, WikiSettings
from chalicelib.settings_telling import TellingSettings


@dataclass(frozen=True, slots=True)
class PagerSettings:
    """base_url: the vendor's REST host.

    integration_url and cloud_id: JSM Operations only. events_url and from_mail: PagerDuty only.
    """

    base_url: str
    integration_url: str = ""
    cloud_id: str = ""
    events_url: str = ""
    from_mail: str = ""


@dataclass(frozen=True, slots=True)
class JiraSettings:
    """base_url: where the REST API is: the site, or https://api.atlassian.com/ex/jira/{cloudId} for scoped tokens.

    raise_url: of the form on which people raise an incident; "" where nobody has said.
    """

    base_url: str
    deployment: str = "cloud"
    raise_url: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """roles: every role an incident can have, by our name of it, the incident manager (the assignee) first.

    chat, video, wiki: None where there is none. questions: about the impact, by our name of them.
    """

    mode: Mode
    schema: IncidentSchema
    paging: PagingPolicy
    routing: RoutingTable
    jira: JiraSettings
    pagers: Mapping[str, PagerSettings] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    people: PeopleTable = field(default_factory=PeopleTable)
    chat: ChatSettings | None = None
    video: VideoSettings | None = None
    wiki: WikiSettings | None = None
    questions: Mapping[str, str] = field(default_factory=dict)
    severity_scale: Mapping[Severity, str] = field(default_factory=dict)
    note_reaction: str = "pushpin"
    telling: TellingSettings = field(default_factory=TellingSettings)
    metrics: MetricsSettings = field(default_factory=MetricsSettings)


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """The settings in the file at `path`, with what the environment overrides (FIREBELL_MODE).

    Raises SettingsError with every problem there is, one line each: where, what is wrong, what to do.
    """
    from chalicelib.settings_reader import read_settings  # the values above are of use without a parser

    return read_settings(path, environ)
