"""One incident on the embedded stack: what a CI, a room, a command and a comment tell stands on its timeline."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from xml.etree import ElementTree

import requests

from sandbox import company as companies
from sandbox.company import SECRETS
from sandbox.stack import Stack, running
from sandbox.wiki.model import StoredPage
from tests.reconcile.small_world import FakeLog
from tests.sandbox.test_life_told import wait_for


def timeline(stack: Stack) -> StoredPage | None:
    return next((page for page in stack.company.confluence.model.pages.values() if page.title == "HOT-1: Timeline"), None)


def told(stack: Stack) -> list[tuple[str, str]]:
    """Who, and what."""
    page = timeline(stack)
    assert page is not None
    read = ElementTree.fromstring(f'<page xmlns:ac="urn:ac">{page.version.body}</page>')  # noqa: S314  our own
    rows = [["".join(cell.itertext()) for cell in row] for row in read.iter("tr")]
    return [(who, what) for _, who, what in rows[1:]]


def tell_a_change(stack: Stack) -> int:
    at = (stack.clock.now() - timedelta(minutes=20)).isoformat()
    body = json.dumps({"service": "bitbucket", "what": "deploy api 1.2.3", "at": at, "by": "ci"}).encode()
    [secret] = SECRETS["changes_webhook"]
    headers = {"X-Firebell-Signature": f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"}
    return requests.post(f"{stack.url}/webhooks/changes", data=body, headers=headers, timeout=15).status_code


def test_what_everybody_tells_is_on_the_timeline_once():
    with running(log=FakeLog()) as stack:
        assert tell_a_change(stack) == 200
        company = stack.company
        issue, chat = company.jira_model.create_incident(companies.EMMA, "Checkout is down"), company.slack.model
        wait_for(lambda: timeline(stack), "a timeline")
        wait_for(stack.is_idle, "rest")
        room = next(room for room in chat.rooms.values() if room.name == "hot-1")
        mia = next(user.id for user in chat.users.values() if user.email == companies.MIA.email)
        if mia not in room.members:
            chat.invite(chat.bot.id, room.id, [mia])
        chat.outbox.double = 9
        chat.react(mia, room.id, chat.say(mia, room.id, "It was the proxy"), "pushpin")
        company.jira_model.comment(issue, "note: flushed the cache", companies.MIA)
        assert company.slack.command(stack.deliver, mia, room.id, "note restarted the proxy") == 200
        notes = {"It was the proxy", "flushed the cache", "restarted the proxy"}
        wait_for(lambda: notes <= {what for _, what in told(stack)}, "the notes")
        wait_for(stack.is_idle, "rest")
        rows = told(stack)
        assert rows[:2] == [("ci", "Change to the service: deploy api 1.2.3"), ("Emma Reyes", "raised it with severity 1")]
        assert [what for _, what in rows].count("It was the proxy") == 1
        assert len(rows) == len(set(rows))
        assert stack.errors == []
        assert [violation for emulator in company.emulators for violation in emulator.violations] == []
