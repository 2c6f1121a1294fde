"""All credentials, as one JSON document in Secrets Manager or, on the embedded stack, in the environment.

The document's members are the fields of `Secrets`; webhook secrets are a text or a list of at most two, the routing keys
an object. Unknown members are ignored: a slip of the hand while editing the live document must not stop a page.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.aws import unreachable
from chalicelib.errors import SettingsError, TemporaryError
from chalicelib.ports.secrets import Secrets
from chalicelib.ports.world import Clock

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.client import SecretsManagerClient

ENVIRONMENT_VARIABLE = "FIREBELL_SECRETS"
KEPT_FOR = timedelta(seconds=300)
REFRESH_PAUSE = timedelta(seconds=30)
"""A stranger with a wrong signature must not be able to make us ask at every request."""

_LISTS = frozenset(
    {"jira_webhook", "jira_header", "opsgenie_webhook", "jsm_webhook", "pagerduty_webhook", "slack_signing_secret"}
    | {"changes_webhook"}
)
_ROTATION = 2


class EnvironmentSecrets:
    """Secrets from FIREBELL_SECRETS; they never change. Raises SettingsError when it cannot be read."""

    def __init__(self, text: str) -> None:
        self._secrets = parse_secrets(text)

    def get(self) -> Secrets:
        return self._secrets

    def refresh(self) -> bool:
        return False


class SecretsManagerSecrets:
    """Secrets from Secrets Manager, kept for five minutes while the function is warm.

    When the store cannot be reached, what was read before goes on being used; the next try is half a minute later.
    client: builds the boto3 client on first use, since a warm function rarely needs it.
    """

    def __init__(self, secret_id: str, client: Callable[[], SecretsManagerClient], clock: Clock) -> None:
        self._secret_id = secret_id
        self._client = client
        self._clock = clock
        self._known: Secrets | None = None
        self._read_again_at: datetime | None = None
        self._refreshed_at: datetime | None = None
        self._refresh_failure: TemporaryError | None = None

    def get(self) -> Secrets:
        now = self._clock.now()
        if self._known is not None and self._read_again_at is not None and now < self._read_again_at:
            return self._known
        try:
            return self._read(now)
        except TemporaryError:
            if self._known is None:
                raise
            self._read_again_at = now + REFRESH_PAUSE
            return self._known

    def refresh(self) -> bool:
        """Raises TemporaryError when the store cannot be reached: then nobody knows whether a signature is wrong."""
        now = self._clock.now()
        if self._refreshed_at is not None and now - self._refreshed_at < REFRESH_PAUSE:
            if self._refresh_failure is not None:
                raise self._refresh_failure
            return False
        self._refreshed_at, self._refresh_failure = now, None
        try:
            self._read(now)
        except TemporaryError as error:
            self._refresh_failure = error
            raise
        return True

    def _read(self, now: datetime) -> Secrets:
        try:
            text = self._client().get_secret_value(SecretId=self._secret_id).get("SecretString", "")
            self._known = parse_secrets(text)
        except (BotoCoreError, ClientError) as error:
            raise unreachable("secrets_manager", "read", error) from error
        except SettingsError as error:
            # Temporary, because a human will repair the document and whoever rang must ring again.
            raise TemporaryError("secrets_manager", "read", str(error)) from error
        self._read_again_at = now + KEPT_FOR
        return self._known


def parse_secrets(text: str) -> Secrets:
    """The document as values. Raises SettingsError naming every wrong member, never its value."""
    try:
        document = json.loads(text)
    except ValueError as error:
        # Not `from error`: the cause would carry the text.
        raise SettingsError((f"the secrets are not JSON: position {getattr(error, 'pos', 0)}",)) from None
    if not isinstance(document, dict):
        raise SettingsError(("the secrets are not a JSON object",))
    problems: list[str] = []
    values: dict[str, Any] = {}
    for name in (field.name for field in fields(Secrets)):
        if document.get(name) is not None:
            try:
                values[name] = _value(name, document[name])
            except TypeError as error:
                problems.append(f"secret {name}: {error}")
    if problems:
        raise SettingsError(tuple(problems))
    return Secrets(**values)


def _value(name: str, value: object) -> object:
    if name in _LISTS:
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise TypeError("write a text, or a list of at most two")
        if len(texts) > _ROTATION:
            raise TypeError(f"{len(texts)} secrets where at most two can be live")
        return tuple(text for text in texts if text)
    if name == "pagerduty_routing_keys":
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value.values()):
            raise TypeError("write an object: roster name -> routing key")
        return dict(value)
    if not isinstance(value, str):
        raise TypeError("write a text")
    return value
