"""Is `jira.own_account` the account that Firebell acts as? If not, what it does itself counts as a human's: an incident that it
moved to Fixing is taken, and with `updates.opens_on_fixing` customers are told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chalicelib.settings import Settings
from chalicelib.settings_jira import OWN_ACCOUNT

if TYPE_CHECKING:
    from chalicelib.adapters.jira_cloud import JiraCloud

EXAMPLE_HOST = "example.atlassian.net"
_PLACEHOLDER = re.compile(r"([^:]*:)?[0-]+")
"""As in the example: whatever stands before the colon, there is no account of noughts."""


def problems_with_placeholder(known: Settings) -> list[str]:
    """Of settings that are somebody's own. The shipped example is nobody's."""
    account = known.paging.own_account
    if urlsplit(known.schema.site).hostname == EXAMPLE_HOST or not _PLACEHOLDER.fullmatch(account):
        return []
    return [f"jira.own_account: {account!r} is the example's; write {OWN_ACCOUNT}"]


def problems_with_account(known: Settings, jira: JiraCloud) -> list[str]:
    """Whose token Jira says it is. Raises IntegrationError where it does not."""
    account, ours = known.paging.own_account, jira.own_account()
    return [] if ours == account else [f"jira.own_account: is {account!r}, and jira_token is a token of {ours!r}; write that"]
