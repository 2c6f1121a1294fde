"""Who may ring the bell: checks a request against the live secrets, and once more against fresh ones after a rotation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.errors import Unauthentic
from chalicelib.intake.signature import (
    verify_hub_signature,
    verify_pagerduty_signature,
    verify_secret_header,
    verify_slack_signature,
)
from chalicelib.ports.secrets import Secrets, SecretStore

SECRET_HEADER = "x-firebell-secret"  # noqa: S105  the name of a header
"""For senders that cannot sign: Jira Automation, Data Center, Opsgenie and JSM."""


def closed_doors(secrets: Secrets, pagers: Collection[str]) -> tuple[str, ...]:
    """Senders without any secret, who are all refused: "jira", and of these pagers those whose webhooks cannot come in."""
    doors = {
        "jira": (*secrets.jira_webhook, *secrets.jira_header),
        "opsgenie": secrets.opsgenie_webhook,
        "jsm": secrets.jsm_webhook,
        "pagerduty": secrets.pagerduty_webhook,
    }
    return tuple(name for name, keys in doors.items() if name in ("jira", *pagers) and not any(key.strip() for key in keys))


@dataclass(frozen=True, slots=True)
class Gate:
    """Raises Unauthentic for whoever cannot prove itself, TemporaryError when the secrets cannot be read."""

    store: SecretStore

    def admit_jira(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Signed over the raw bytes (X-Hub-Signature), or with the secret header. headers: lower-case names."""
        signature = headers.get("x-hub-signature")
        if signature is not None:
            self._check(lambda secrets: verify_hub_signature(body, signature, secrets.jira_webhook))
        else:
            self._check(lambda secrets: verify_secret_header(headers.get(SECRET_HEADER), secrets.jira_header))

    def admit_opsgenie(self, headers: Mapping[str, str]) -> None:
        self._check(lambda secrets: verify_secret_header(headers.get(SECRET_HEADER), secrets.opsgenie_webhook))

    def admit_jsm(self, headers: Mapping[str, str]) -> None:
        self._check(lambda secrets: verify_secret_header(headers.get(SECRET_HEADER), secrets.jsm_webhook))

    def admit_pagerduty(self, body: bytes, headers: Mapping[str, str]) -> None:
        signature = headers.get("x-pagerduty-signature")
        self._check(lambda secrets: verify_pagerduty_signature(body, signature, secrets.pagerduty_webhook))

    def admit_slack(self, body: bytes, headers: Mapping[str, str], now: datetime) -> None:
        sent_at, signature = headers.get("x-slack-request-timestamp"), headers.get("x-slack-signature")
        self._check(lambda secrets: verify_slack_signature(body, sent_at, signature, secrets.slack_signing_secret, now))

    def admit_changes(self, body: bytes, headers: Mapping[str, str]) -> None:
        signature = headers.get("x-firebell-signature")
        self._check(lambda secrets: verify_hub_signature(body, signature, secrets.changes_webhook))

    def _check(self, verify: Callable[[Secrets], None]) -> None:
        try:
            verify(self.store.get())
        except Unauthentic:
            # The secret may have been rotated since we read it; `refresh` limits how often a stranger can make us ask.
            if not self.store.refresh():
                raise
            verify(self.store.get())
