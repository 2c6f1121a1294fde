"""The CI's webhook, through the deployed application: signed, stored before it is answered, refused with the reason."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib import bootstrap
from chalicelib.adapters.aws import forget_clients
from chalicelib.domain.deployments import Deployment
from tests.adapters.aws_world import aws_in_memory
from tests.builders import NOW, seconds
from tests.intake.test_change_event import a_change
from tests.test_app import Platform


class Ci:
    def __init__(self, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
        self.platform = platform
        monkeypatch.setenv("FIREBELL_SECRETS", json.dumps({"changes_webhook": ["old", "new"], "jira_webhook": "jira"}))
        bootstrap.give(clock=platform.clock)

    def tell(self, told: Any, secret: str = "new", **headers: str) -> tuple[int, dict[str, Any]]:
        body = json.dumps(told).encode()
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return self.platform.post("/webhooks/changes", body, {"X-Firebell-Signature": f"sha256={signature}"} | headers)

    @property
    def stored(self) -> tuple[Deployment, ...]:
        return bootstrap.ledger().changes_of("bitbucket", NOW - seconds(7200), NOW)


@pytest.fixture
def ci(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Ci]:
    with aws_in_memory(monkeypatch):
        bootstrap.reset()
        forget_clients()
        yield Ci(Platform(monkeypatch, tmp_path), monkeypatch)
    bootstrap.reset()
    forget_clients()


@pytest.mark.parametrize("secret", ["old", "new"])
def test_a_change_is_stored_before_it_is_answered_and_once(ci: Ci, secret: str):
    for _ in range(2):
        assert ci.tell(a_change(), secret) == (200, {"outcome": "stored", "detail": "1"})
    assert ci.stored == (Deployment("Bitbucket", "deploy api 1.2.3", NOW - seconds(600), "mia", "https://ci.example/1"),)


def test_a_list_is_stored_whole(ci: Ci):
    assert ci.tell([a_change(what=f"deploy {number}") for number in range(30)])[0] == 200
    assert len(ci.stored) == 30


def test_a_list_with_one_wrong_member_is_refused_whole(ci: Ci):
    status, answer = ci.tell([a_change(), a_change(at="yesterday")])
    assert (status, answer["outcome"]) == (400, "refused")
    assert answer["detail"].startswith("change 2: at is no time")
    assert ci.stored == ()


@pytest.mark.parametrize(
    ("secret", "headers"),
    [
        pytest.param("guess", {}, id="a wrong secret"),
        pytest.param("jira", {}, id="another webhook's secret"),
        pytest.param("new", {"X-Firebell-Signature": ""}, id="no signature"),
        pytest.param("new", {"X-Firebell-Signature": "sha1=abc"}, id="another method"),
    ],
)
def test_strangers_get_401_and_leave_no_trace(ci: Ci, secret: str, headers: dict[str, str]):
    assert ci.tell(a_change(), secret, **headers)[0] == 401
    assert ci.stored == ()


def test_a_stranger_is_not_told_what_is_wrong_with_a_change(ci: Ci):
    assert ci.tell({"service": 7}, "guess")[0] == 401


def test_the_ci_is_asked_to_come_again_when_it_could_not_be_stored(ci: Ci, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FIREBELL_TABLE", "no-such-table")
    assert ci.tell(a_change())[0] == 503
