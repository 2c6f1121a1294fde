"""Secrets: what Firebell proves itself with, and what others prove themselves with to Firebell. Secrets Manager provides it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Protocol


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """Every credential there is. Empty means: not configured.

    The webhook secrets are at most two each, the live one and the one being rotated in or out, in either order.
    pagerduty_routing_keys: roster name -> Events v2 integration key. wiki_mail, wiki_token: empty where Jira's do.
    statuspage_marks: empty where the token serves. smtp_user, smtp_password: empty where the mail server asks for none.
    unusable: of what is written, what cannot be used, at least in part -> why. Never a value.
    """

    jira_webhook: tuple[str, ...] = ()
    jira_header: tuple[str, ...] = ()
    opsgenie_webhook: tuple[str, ...] = ()
    jsm_webhook: tuple[str, ...] = ()
    pagerduty_webhook: tuple[str, ...] = ()
    slack_signing_secret: tuple[str, ...] = ()
    jira_mail: str = ""
    jira_token: str = ""
    opsgenie_key: str = ""
    jsm_integration_key: str = ""
    jsm_mail: str = ""
    jsm_token: str = ""
    pagerduty_token: str = ""
    pagerduty_routing_keys: Mapping[str, str] = field(default_factory=dict)
    slack_bot_token: str = ""
    slack_user_token: str = ""
    zoom_account_id: str = ""
    zoom_client_id: str = ""
    zoom_client_secret: str = ""
    jitsi_secret: str = ""
    wiki_mail: str = ""
    wiki_token: str = ""
    changes_webhook: tuple[str, ...] = ()
    statuspage_token: str = ""
    statuspage_marks: str = ""
    smtp_user: str = ""
    smtp_password: str = ""
    unusable: Mapping[str, str] = field(default_factory=dict)

    @property
    def problems(self) -> tuple[str, ...]:
        """What is unusable, one line each."""
        return tuple(f"secret {name}: {why}" for name, why in self.unusable.items())

    def __repr__(self) -> str:
        """Names of what is set; never a value, so that a log line or a traceback cannot leak one."""
        configured = ", ".join(name for name in MEMBERS if getattr(self, name))
        return f"Secrets(configured: {configured or 'nothing'})"


MEMBERS = tuple(member.name for member in fields(Secrets) if member.name != "unusable")
"""What the document of secrets may hold."""


class SecretStore(Protocol):
    """Raises TemporaryError when the secrets cannot be read."""

    def get(self) -> Secrets: ...

    def refresh(self) -> bool:
        """Read again because a secret did not match: True when that was done, False when it is too soon to ask."""
        ...
