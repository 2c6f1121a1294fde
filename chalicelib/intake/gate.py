"""Who may ring the bell: checks a request against the live secrets, and once more against fresh ones after a rotation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.errors import Unauthentic, UnfitSecret
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
    """Senders without any secret, who are all refused: "jira", and of these pagers those whose webhooks cannot come in.

    A secret that is written and cannot be used is none, but refuses nobody for good: see `Gate`.
    """
    doors = {
        "jira": ("jira_webhook", "jira_header"),
        "opsgenie": ("opsgenie_webhook",),
        "jsm": ("jsm_webhook",),
        "pagerduty": ("pagerduty_webhook",),
    }

    def is_closed(member: str) -> bool:
        return member not in secrets.unusable and not any(key.strip() for key in getattr(secrets, member))

    return tuple(name for name, members in doors.items() if name in ("jira", *pagers) and all(map(is_closed, members)))


@dataclass(frozen=True, slots=True)
class Gate:
    """Raises Unauthentic for whoever cannot prove itself, TemporaryError when the secrets cannot be read."""

    store: SecretStore

    def admit_jira(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Signed over the raw bytes (X-Hub-Signature), or with the secret header. headers: lower-case names."""
        signature = headers.get("x-hub-signature")
        if signature is not None:
            self._check("jira_webhook", lambda live: verify_hub_signature(body, signature, live))
        else:
            self._check_header("jira_header", headers)

    def admit_opsgenie(self, headers: Mapping[str, str]) -> None:
        self._check_header("opsgenie_webhook", headers)

    def admit_jsm(self, headers: Mapping[str, str]) -> None:
        self._check_header("jsm_webhook", headers)

    def admit_pagerduty(self, body: bytes, headers: Mapping[str, str]) -> None:
        signature = headers.get("x-pagerduty-signature")
        self._check("pagerduty_webhook", lambda live: verify_pagerduty_signature(body, signature, live))

    def admit_slack(self, body: bytes, headers: Mapping[str, str], now: datetime) -> None:
        sent_at, signature = headers.get("x-slack-request-timestamp"), headers.get("x-slack-signature")
        self._check("slack_signing_secret", lambda live: verify_slack_signature(body, sent_at, signature, live, now))

    def admit_changes(self, body: bytes, headers: Mapping[str, str]) -> None:
        signature = headers.get("x-firebell-signature")
        self._check("changes_webhook", lambda live: verify_hub_signature(body, signature, live))

    def _check_header(self, member: str, headers: Mapping[str, str]) -> None:
        self._check(member, lambda live: verify_secret_header(headers.get(SECRET_HEADER), live))

    def _check(self, member: str, verify: Callable[[Sequence[str]], None]) -> None:
        """member: of the secrets, the one that holds what is live."""
        try:
            verify(self._live(member))
        except Unauthentic:
            # The secret may have been rotated since we read it; `refresh` limits how often a stranger can make us ask.
            self.store.refresh()
            self._check_for_good(member, verify)

    def _check_for_good(self, member: str, verify: Callable[[Sequence[str]], None]) -> None:
        try:
            verify(self._live(member))
        except Unauthentic:
            if why := self.store.get().unusable.get(member):
                # Whoever knows the secret that cannot be used would be called a stranger, and Jira never comes again then.
                raise UnfitSecret("secrets", member, why) from None
            raise

    def _live(self, member: str) -> Sequence[str]:
        live: Sequence[str] = getattr(self.store.get(), member)
        return live
