"""All credentials, as one JSON document in Secrets Manager or, on the embedded stack, in the environment.

The document's members are the fields of `Secrets`; webhook secrets are a text or a list of at most two, the routing keys
an object. Unknown members are ignored, and what cannot be used is left out, with an alarm: a slip of the hand while editing
the live document must not stop a page. There is an alarm, too, for what was there when it was read last and is no more.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.aws import unreachable
from chalicelib.errors import SettingsError, TemporaryError
from chalicelib.ports.log import Log
from chalicelib.ports.secrets import MEMBERS, Secrets
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

    def __init__(self, text: str, log: Log) -> None:
        self._secrets = parse_secrets(text)
        _report(self._secrets, log)

    def get(self) -> Secrets:
        return self._secrets

    def refresh(self) -> bool:
        return False


class SecretsManagerSecrets:
    """Secrets from Secrets Manager, kept for five minutes while the function is warm.

    When the store cannot be reached, what was read before goes on being used; the next try is half a minute later. So does
    what was read before of a member of which nothing can be used any more.
    client: builds the boto3 client on first use, since a warm function rarely needs it.
    """

    def __init__(self, secret_id: str, client: Callable[[], SecretsManagerClient], clock: Clock, log: Log) -> None:
        self._secret_id = secret_id
        self._client = client
        self._clock = clock
        self._log = log
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
            read = parse_secrets(text)
        except (BotoCoreError, ClientError) as error:
            raise unreachable("secrets_manager", "read", error) from error
        except SettingsError as error:
            # Temporary, because a human will repair the document and whoever rang must ring again.
            raise TemporaryError("secrets_manager", "read", str(error)) from error
        if self._known is None or read.unusable != self._known.unusable:
            # Once: strangers can make us read again, and an alarm that stays raised hides every other.
            _report(read, self._log)
        if self._known is not None:
            _report_missing(read, self._known, self._log)
        self._known = read if self._known is None else _mended(read, self._known)
        self._read_again_at = now + KEPT_FOR
        return self._known


def _report(read: Secrets, log: Log) -> None:
    for problem in read.problems:
        log.alarm("unfit_secret", error=problem)


def _report_missing(read: Secrets, before: Secrets, log: Log) -> None:
    """Whoever puts a new value there replaces the whole document, and may leave out what they did not mean to touch."""
    for name in MEMBERS:
        if getattr(before, name) and not getattr(read, name) and name not in read.unusable:
            log.alarm("unfit_secret", error=f"secret {name}: was there before, and is not any more")


def _mended(read: Secrets, before: Secrets) -> Secrets:
    return replace(read, **{name: getattr(before, name) for name in read.unusable if not getattr(read, name)})


def parse_secrets(text: str) -> Secrets:
    """The document as values. Raises SettingsError where it is no JSON object, never with a value."""
    document = _document(text)
    values: dict[str, Any] = {}
    unusable: dict[str, str] = {}
    for name in MEMBERS:
        if document.get(name) is not None:
            values[name], why = _usable(name, document[name])
            if why:
                unusable[name] = why
    return Secrets(**values, unusable=unusable)


def unknown_members(text: str) -> tuple[str, ...]:
    """What nothing reads: misspelt, or of a later version. Raises SettingsError as above."""
    return tuple(name for name in _document(text) if name not in MEMBERS)


def _document(text: str) -> Mapping[str, Any]:
    try:
        document = json.loads(text)
    except ValueError as error:
        # Not `from error`: the cause would carry the text.
        raise SettingsError((f"the secrets are not JSON: position {getattr(error, 'pos', 0)}",)) from None
    if not isinstance(document, dict):
        raise SettingsError(("the secrets are not a JSON object",))
    return document


def _usable(name: str, value: object) -> tuple[object, str]:
    """What can be used of a member, and what is wrong with the rest of it ("" for nothing)."""
    if name in _LISTS:
        return _some_texts(value if isinstance(value, list) else [value])
    if name == "pagerduty_routing_keys":
        told = value if isinstance(value, Mapping) else {}
        keys = {roster: key for roster, key in told.items() if _is_text(key)}
        is_whole = isinstance(value, Mapping) and len(keys) == len(told)
        return keys, "" if is_whole else "write an object: roster name -> routing key"
    return (value, "") if _is_text(value) else ("", "write a text")


def _some_texts(told: list[object]) -> tuple[tuple[str, ...], str]:
    texts = [text for text in told if isinstance(text, str) and _is_text(text)]
    live = tuple(text for text in texts if text)
    if len(texts) < len(told):
        return live[:_ROTATION], "write a text, or a list of at most two"
    too_many = f"{len(live)} secrets where at most two can be live; the first two count"
    return live[:_ROTATION], too_many if len(live) > _ROTATION else ""


def _is_text(value: object) -> bool:
    """JSON can spell halves of characters, which nothing can send."""
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)
