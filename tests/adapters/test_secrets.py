"""Secrets: read once, kept a while, read again after a rotation, and never shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError

from chalicelib.adapters.secrets_manager import EnvironmentSecrets, SecretsManagerSecrets, parse_secrets
from chalicelib.errors import SettingsError, TemporaryError
from chalicelib.ports.secrets import MEMBERS, Secrets
from simulation.twins import HandClock
from tests.adapters.aws_world import aws_in_memory
from tests.builders import NOW
from tests.reconcile.small_world import FakeLog

NAME = "firebell/credentials"
LIVE, NEXT = json.dumps({"jira_webhook": "live"}), json.dumps({"jira_webhook": ["next", "live"]})


class Store:
    """Secrets Manager in memory, which can be away; counts what it is asked."""

    def __init__(self) -> None:
        self._client = boto3.client("secretsmanager")
        self._client.create_secret(Name=NAME, SecretString=LIVE)
        self.asked = 0
        self.away = False

    def put(self, text: str) -> None:
        self._client.put_secret_value(SecretId=NAME, SecretString=text)

    def get_secret_value(self, **call: Any) -> Any:
        self.asked += 1
        if self.away:
            raise ConnectTimeoutError(endpoint_url="https://secretsmanager")
        return self._client.get_secret_value(**call)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    with aws_in_memory(monkeypatch):
        yield Store()


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOW)


@pytest.fixture
def log() -> FakeLog:
    return FakeLog()


@pytest.fixture
def secrets(store: Store, clock: HandClock, log: FakeLog) -> SecretsManagerSecrets:
    return SecretsManagerSecrets(NAME, lambda: store, clock, log)  # type: ignore[arg-type, return-value]


def test_secrets_are_kept_for_five_minutes(secrets: SecretsManagerSecrets, store: Store, clock: HandClock) -> None:
    for _ in range(3):
        assert secrets.get().jira_webhook == ("live",)
        clock.pass_s(99)
    assert store.asked == 1
    store.put(NEXT)
    clock.pass_s(3)
    assert secrets.get().jira_webhook == ("next", "live")


def test_a_rotation_is_seen_as_soon_as_a_signature_does_not_match(secrets: SecretsManagerSecrets, store: Store) -> None:
    secrets.get()
    store.put(NEXT)
    assert secrets.refresh()
    assert secrets.get().jira_webhook == ("next", "live")


def test_strangers_cannot_make_us_ask_more_than_every_half_minute(
    secrets: SecretsManagerSecrets, store: Store, clock: HandClock
) -> None:
    secrets.get()
    refreshed = []
    for _ in range(4):
        refreshed.append(secrets.refresh())
        clock.pass_s(15)
    assert refreshed == [True, False, True, False]
    assert store.asked == 3


def test_a_store_that_is_away_is_temporary(secrets: SecretsManagerSecrets, store: Store) -> None:
    store.away = True
    with pytest.raises(TemporaryError, match=r"^secrets_manager read: "):
        secrets.get()


def test_what_was_read_goes_on_being_used_while_the_store_is_away(
    secrets: SecretsManagerSecrets, store: Store, clock: HandClock
) -> None:
    secrets.get()
    store.away = True
    clock.pass_s(301)
    assert [secrets.get().jira_webhook for _ in range(5)] == [("live",)] * 5
    assert store.asked == 2, "and the store is left alone for half a minute"


def test_while_the_store_is_away_nobody_is_called_a_stranger(secrets: SecretsManagerSecrets, store: Store) -> None:
    """A wrong signature may be right after a rotation that we cannot see: 503, not 401."""
    secrets.get()
    store.away = True
    for _ in range(3):
        with pytest.raises(TemporaryError):
            secrets.refresh()
    assert store.asked == 2


def test_a_document_somebody_broke_is_temporary_and_the_old_one_goes_on(
    secrets: SecretsManagerSecrets, store: Store, clock: HandClock
) -> None:
    secrets.get()
    store.put('{"jira_webhook": "live"')
    clock.pass_s(301)
    assert secrets.get().jira_webhook == ("live",)
    with pytest.raises(TemporaryError, match="the secrets are not JSON"):
        secrets.refresh()


def test_a_member_that_cannot_be_used_costs_no_other_and_is_said_without_its_value(
    secrets: SecretsManagerSecrets, store: Store, log: FakeLog
) -> None:
    store.put('{"jira_webhook": ["one", "two", "three"], "opsgenie_key": "key", "smtp_password": 12345}')
    found = secrets.get()
    assert (found.jira_webhook, found.opsgenie_key, found.smtp_password) == (("one", "two"), "key", "")
    assert log.events == [
        ("unfit_secret", {"error": "secret jira_webhook: 3 secrets where at most two can be live; the first two count"}),
        ("unfit_secret", {"error": "secret smtp_password: write a text"}),
    ]
    assert len(log.alarms) == 2


def test_strangers_who_make_us_read_again_raise_no_alarm_twice(
    secrets: SecretsManagerSecrets, store: Store, clock: HandClock, log: FakeLog
) -> None:
    """An alarm that stays raised mails nobody when another is given."""
    store.put('{"jira_webhook": "live", "smtp_password": 12345}')
    secrets.get()
    for _ in range(20):
        clock.pass_s(31)
        secrets.refresh()
    assert (len(log.alarms), store.asked) == (1, 21)
    store.put('{"jira_webhook": "live", "smtp_password": 12345, "opsgenie_key": []}')
    clock.pass_s(31)
    secrets.refresh()
    assert [str(fields["error"]).split(":")[0] for _, fields in log.events[1:]] == [
        "secret opsgenie_key",
        "secret smtp_password",
    ]


def test_of_a_member_that_somebody_broke_what_was_read_before_goes_on(
    secrets: SecretsManagerSecrets, store: Store, clock: HandClock
) -> None:
    store.put('{"jira_webhook": "live", "opsgenie_key": "key"}')
    secrets.get()
    store.put('{"jira_webhook": "next", "opsgenie_key": ["key"]}')
    clock.pass_s(301)
    assert (secrets.get().jira_webhook, secrets.get().opsgenie_key) == (("next",), "key")
    store.put('{"jira_webhook": "next"}')
    clock.pass_s(301)
    assert secrets.get().opsgenie_key == "", "taken out is taken out"


def test_a_member_that_is_gone_since_it_was_read_is_said_once(
    secrets: SecretsManagerSecrets, store: Store, clock: HandClock, log: FakeLog
) -> None:
    """Whoever rotates one secret writes the whole document."""
    store.put('{"jira_webhook": ["live", "next"], "opsgenie_key": "key", "jira_token": "token"}')
    secrets.get()
    store.put('{"jira_webhook": "next", "opsgenie_key": ""}')
    for _ in range(3):
        clock.pass_s(301)
        assert secrets.get() == Secrets(jira_webhook=("next",))
    gone = "was there before, and is not any more"
    assert log.events == [
        ("unfit_secret", {"error": f"secret jira_token: {gone}"}),
        ("unfit_secret", {"error": f"secret opsgenie_key: {gone}"}),
    ]
    assert len(log.alarms) == 2


def test_secrets_from_the_environment_never_change() -> None:
    secrets = EnvironmentSecrets(LIVE, FakeLog())
    assert secrets.get() == Secrets(jira_webhook=("live",))
    assert not secrets.refresh()


def test_every_member_of_the_document_is_read() -> None:
    document = {name: f"value of {name}" for name in MEMBERS if name != "pagerduty_routing_keys"}
    secrets = parse_secrets(json.dumps(document | {"pagerduty_routing_keys": {"imoc": "key"}, "of_a_later_version": 1}))
    assert secrets.jsm_webhook == ("value of jsm_webhook",)
    assert secrets.pagerduty_token == "value of pagerduty_token"
    assert secrets.pagerduty_routing_keys == {"imoc": "key"}
    assert not [name for name in MEMBERS if not getattr(secrets, name)]


def test_an_empty_secret_is_no_secret() -> None:
    """An empty one would let everybody in who sends an empty header."""
    assert parse_secrets('{"jira_header": ["", ""], "jsm_webhook": ""}') == Secrets()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("hunter2", "not JSON", id="not JSON"),
        pytest.param("[1]", "not a JSON object", id="a list"),
    ],
)
def test_a_document_that_is_none_is_explained_without_its_values(text: str, problem: str) -> None:
    with pytest.raises(SettingsError, match=problem) as raised:
        parse_secrets(text)
    assert "hunter2" not in repr(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize(
    ("text", "left", "problem"),
    [
        pytest.param('{"jira_header": ["a", "b", "hunter2"]}', {"jira_header": ("a", "b")}, "3 secrets", id="three live ones"),
        pytest.param(
            '{"jira_header": [1, "a"]}', {"jira_header": ("a",)}, "jira_header: write a text, or a list", id="a number"
        ),
        pytest.param('{"jira_header": {"hunter2": 1}}', {}, "jira_header: write a text, or a list", id="an object for a list"),
        pytest.param('{"opsgenie_key": ["hunter2"]}', {}, "secret opsgenie_key: write a text", id="a list for a text"),
        pytest.param('{"jsm_token": "hunter2\\ud83d"}', {}, "secret jsm_token: write a text", id="half a character"),
        pytest.param('{"pagerduty_routing_keys": "hunter2"}', {}, "roster name -> routing key", id="a text for routing keys"),
        pytest.param(
            '{"pagerduty_routing_keys": {"a": "k", "b": 1}}',
            {"pagerduty_routing_keys": {"a": "k"}},
            "roster name -> routing key",
            id="one wrong key",
        ),
    ],
)
def test_what_cannot_be_used_is_left_out_and_explained_without_its_value(
    text: str, left: dict[str, object], problem: str
) -> None:
    secrets = parse_secrets(text)
    [told] = secrets.problems
    assert problem in told
    assert "hunter2" not in told
    assert secrets == Secrets(**left, unusable=secrets.unusable)  # type: ignore[arg-type]


def test_all_mistakes_are_named_at_once() -> None:
    assert len(parse_secrets('{"jira_mail": 1, "jira_token": 2}').problems) == 2


def test_secrets_show_no_value() -> None:
    secrets = Secrets(jira_token="hunter2", pagerduty_routing_keys={"imoc": "hunter2"})
    assert repr(secrets) == str(secrets) == "Secrets(configured: jira_token, pagerduty_routing_keys)"
