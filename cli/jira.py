"""The company's Jira, for commands that read it: with the secrets of FIREBELL_SECRETS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.errors import SettingsError
from chalicelib.settings import Settings
from chalicelib.vendors import jira_client
from cli.manner import FOR_ALL_OF_IT
from cli.secrets import secrets_in

if TYPE_CHECKING:
    from chalicelib.adapters.jira_cloud import JiraCloud


def jira_of(known: Settings, secrets: str) -> JiraCloud:
    """secrets: the JSON. Raises SettingsError when it is none, or lacks what Jira needs."""
    told = secrets_in(secrets)
    needed = ("jira_token",) if known.jira.deployment == "data-center" else ("jira_mail", "jira_token")
    if missing := tuple(f"{name}: is missing, so Jira cannot be asked" for name in needed if not getattr(told, name)):
        raise SettingsError((*told.problems, *missing))
    return jira_client(known, told, FOR_ALL_OF_IT)
