"""The company's Jira, for commands that read it: with the secrets of FIREBELL_SECRETS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.errors import SettingsError
from chalicelib.settings import Settings

if TYPE_CHECKING:
    from chalicelib.adapters.jira_cloud import JiraCloud

SECRETS_VARIABLE = "FIREBELL_SECRETS"
PATIENT_S = (5.0, 30.0)
"""Time-outs for connecting and reading, where somebody waits for all of it anyway."""


def jira_of(known: Settings, secrets: str, *, timeouts_s: tuple[float, float] = PATIENT_S) -> JiraCloud:
    """secrets: the JSON. Raises SettingsError when it is none, or lacks what Jira needs."""
    from chalicelib.adapters.jira_cloud import JiraCloud  # these bring requests and botocore
    from chalicelib.adapters.jira_data_center import JiraDataCenter
    from chalicelib.adapters.secrets_manager import parse_secrets

    told, url = parse_secrets(secrets), known.jira.base_url
    is_cloud = known.jira.deployment != "data-center"
    needed = ("jira_mail", "jira_token") if is_cloud else ("jira_token",)
    if missing := tuple(f"{name}: is missing, so Jira cannot be asked" for name in needed if not getattr(told, name)):
        raise SettingsError((*told.problems, *missing))
    if not is_cloud:
        return JiraDataCenter(url, told.jira_token, known.schema, timeouts_s=timeouts_s, by_proxy=True)
    return JiraCloud(url, told.jira_mail, told.jira_token, known.schema, timeouts_s=timeouts_s, by_proxy=True)
