"""Does the sender know the secret? Pure checks over the raw bytes, in constant time; returning means yes.

Each takes the secrets that are live now (two during a rotation) and raises Unauthentic, and nothing else, for whoever
cannot prove itself. No secret at all, or only empty ones, admits nobody.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from chalicelib.errors import Unauthentic

_HUB_SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})", re.IGNORECASE | re.ASCII)
_SLACK_SIGNATURE = re.compile(r"v0=([0-9a-f]{64})", re.IGNORECASE | re.ASCII)
_SLACK_TIME = re.compile(r"[0-9]{1,12}", re.ASCII)
SLACK_WINDOW_S = 300
_PAGERDUTY_SIGNATURE = re.compile(r"v1=([0-9a-f]{64})", re.IGNORECASE | re.ASCII)


def verify_hub_signature(body: bytes, header: str | None, secrets: Sequence[str]) -> None:
    """Check Jira's X-Hub-Signature, "sha256=<hex>" of HMAC-SHA256 over the body.

    Source: https://developer.atlassian.com/cloud/jira/platform/webhooks
    """
    signature = _HUB_SIGNATURE.fullmatch((header or "").strip())
    _require_signed(body, [signature[1]] if signature else [], secrets)


def verify_pagerduty_signature(body: bytes, header: str | None, secrets: Sequence[str]) -> None:
    """Check X-PagerDuty-Signature, "v1=<hex>[,v1=<hex>]": one per live secret of theirs, any match is enough.

    Source: https://developer.pagerduty.com/docs/verifying-webhook-signatures
    """
    signatures = map(_PAGERDUTY_SIGNATURE.fullmatch, (part.strip() for part in (header or "").split(",")))
    _require_signed(body, [signature[1] for signature in signatures if signature], secrets)


def verify_slack_signature(
    body: bytes, timestamp: str | None, header: str | None, secrets: Sequence[str], now: datetime
) -> None:
    """Check X-Slack-Signature, "v0=<hex>" over "v0:<X-Slack-Request-Timestamp>:<body>", not older or newer than 5 minutes.

    now: aware. The window keeps what was overheard from being played again; what is repeated within it has its event id.
    Source: https://docs.slack.dev/authentication/verifying-requests-from-slack
    """
    sent_at = (timestamp or "").strip()
    if _SLACK_TIME.fullmatch(sent_at) is None or abs(now.timestamp() - int(sent_at)) > SLACK_WINDOW_S:
        raise Unauthentic("the timestamp is missing, malformed or more than 5 minutes off")
    signature = _SLACK_SIGNATURE.fullmatch((header or "").strip())
    _require_signed(f"v0:{sent_at}:".encode() + body, [signature[1]] if signature else [], secrets)


def verify_secret_header(value: str | None, secrets: Sequence[str]) -> None:
    """Check the secret that senders who cannot sign put into a header: Jira Automation, Data Center, Opsgenie, JSM."""
    live = _live(secrets)
    if not value:
        raise Unauthentic("the secret header is missing")
    told = _digest(value)
    # Summed up, not `any`: every secret is compared, so the time taken does not tell which one it was.
    if not sum(hmac.compare_digest(told, _digest(secret)) for secret in live):
        raise Unauthentic("the secret header is wrong")


def _require_signed(body: bytes, signatures: Iterable[str], secrets: Sequence[str]) -> None:
    expected = [hmac.digest(secret.encode("utf-8", "surrogatepass"), body, "sha256") for secret in _live(secrets)]
    told = [bytes.fromhex(signature) for signature in signatures]
    if not told:
        raise Unauthentic("the signature is missing or malformed")
    if not sum(hmac.compare_digest(one, other) for one in told for other in expected):
        raise Unauthentic("the signature is wrong")


def _live(secrets: Sequence[str]) -> list[str]:
    live = [secret for secret in secrets if secret.strip()]
    if not live:
        raise Unauthentic("no secret is configured, so nobody is let in")
    return live


def _digest(value: str) -> bytes:
    """Equal lengths, so that comparing tells nothing about the secret's own; surrogates as headers may carry them."""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).digest()
