"""The demo compares the world before and after: it has to know when nothing is under way any more."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from time import monotonic, sleep
from typing import Any, cast

import pytest

from chalicelib.adapters.mail_format import mime_of
from sandbox import company as companies
from sandbox.jira.schema import CUSTOMER_VISIBLE, PRODUCTS
from sandbox.pagers.desk import NewAlert
from sandbox.pages import ShownLog, pages
from sandbox.stack import FastClock, KillSwitch, Stack, running
from tests.adapters.mail_world import MAIL, SENDER, a_mail
from tests.reconcile.small_world import FakeClock, FakeLog


class FakeSqs:
    """waiting: messages on the queue. meanwhile: what happens while one asks for them."""

    def __init__(self) -> None:
        self.waiting = 0
        self.meanwhile: Callable[[], object] = lambda: None

    def get_queue_attributes(self, **_: Any) -> dict[str, dict[str, str]]:
        self.meanwhile()
        return {"Attributes": {"ApproximateNumberOfMessages": str(self.waiting)}}


def a_stack() -> tuple[Stack, FakeSqs]:
    sqs = FakeSqs()
    clock = cast("FastClock", FakeClock())
    return Stack(companies.found(clock), clock, "", {}, "", sqs, "work", KillSwitch()), sqs


def test_nothing_under_way_is_idle():
    assert a_stack()[0].is_idle()


def test_a_message_a_webhook_and_a_request_at_a_pager_are_under_way():
    stack, sqs = a_stack()
    sqs.waiting = 1
    assert not stack.is_idle()
    sqs.waiting = 0
    stack.company.jira_model.create_incident(companies.EMMA, "Checkout is down")
    assert not stack.is_idle()
    stack.company.jira_model.take_due_webhooks()
    assert stack.is_idle()
    stack.company.opsgenie.desk.request_create(NewAlert("alias", "sch-imoc", "x", "", "P1", (), {}))
    assert not stack.is_idle()


def test_a_fast_clock_gives_whoever_is_at_work_the_time_that_they_would_have():
    """Between two claims of 30 s nobody must be twice at a vendor's because the machine is slow."""
    clock = FastClock()
    clock.run_at(1_000_000)
    idle = shown_while(clock, lambda: sleep(0.001))
    with clock.at_work(), clock.at_work():
        began = monotonic()
        at_work = shown_while(clock, lambda: sleep(0.001))
        took = monotonic() - began
    again = shown_while(clock, lambda: sleep(0.001))
    assert at_work.total_seconds() <= took
    assert min(idle, again) >= timedelta(seconds=1000)


def shown_while(clock: FastClock, passes: Callable[[], object]) -> timedelta:
    before = clock.now()
    passes()
    return clock.now() - before


def test_the_stack_runs_behind_a_companys_proxy(monkeypatch: pytest.MonkeyPatch):
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "wiki.example.com")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with running(log=FakeLog(), workers=0) as stack:
        assert stack.deliver(f"{stack.url}/webhooks/jira", {}, b"{}") == 401
        assert stack.waiting() == 0
        assert os.environ["no_proxy"].startswith("wiki.example.com,127.0.0.1")
    assert os.environ["no_proxy"] == "wiki.example.com"


def test_a_webhook_that_is_off_the_list_and_not_yet_on_the_queue_is_under_way():
    stack, sqs = a_stack()
    with stack.at_work():
        assert not stack.is_idle()
    sqs.meanwhile = lambda: stack.deliver("http://127.0.0.1:9", {}, b"")
    assert not stack.is_idle()


def test_the_page_shows_status_pages_and_lets_people_act_on_them():
    stack = a_stack()[0]
    stack.clock = FastClock()
    status = stack.company.statuspage.model
    made = status.open(companies.STAFF_PAGE, {"name": "HOT-1 is down", "body": "We &lt;look&gt;."})
    browser = pages(stack, ShownLog()).test_client()
    assert "HOT-1 is down" in browser.get("/").text
    assert "We &lt;look&gt;." in browser.get(f"/status/{companies.STAFF_PAGE}").text
    browser.post(f"/status/{companies.STAFF_PAGE}/{made.id}", data={"do": "resolve"})
    assert (made.status, made.updates[-1].notified) == ("resolved", True)
    browser.post(f"/status/{companies.STAFF_PAGE}/{made.id}", data={"do": "delete"})
    assert status.pages[companies.STAFF_PAGE].incidents == {}


def test_the_page_shows_mail_in_threads_and_as_a_mail_program_would():
    stack = a_stack()[0]
    stack.clock = FastClock()
    model = stack.company.mail.model
    for mail in (a_mail(), a_mail(message_id="two@example.com", subject=f"Re: {MAIL.subject}")):
        model.take("firebell@example.com", ["incidents@example.com"], mime_of(mail, SENDER))
    browser = pages(stack, ShownLog()).test_client()
    assert browser.get("/").text.count(MAIL.subject) == 1
    shown = browser.get("/mails/2")
    assert shown.text.strip() == MAIL.html
    assert shown.headers["Content-Security-Policy"].startswith("sandbox")
    browser.post("/break", data={"where": "mail.data", "kind": "503"})
    assert stack.company.mail.faults.take("data") is not None


def test_an_incident_is_raised_and_spoken_of_on_the_page():
    stack = a_stack()[0]
    stack.clock = FastClock()
    model = stack.company.jira_model
    browser = pages(stack, ShownLog()).test_client()
    raised = {"summary": "Checkout is down", "severity": "1", "service": "Bitbucket"}
    for product in ("Payments", ""):
        browser.post("/raise", data={**raised, "product": product})
    issue, other = model.issues.values()
    assert [one["value"] for one in issue.fields[PRODUCTS]] == ["Payments"]
    assert not other.fields[PRODUCTS]
    for text in ("public: Some payments fail.", "  "):
        browser.post(f"/issues/{issue.id}/comments", data={"text": text})
    assert [(one.body, one.author.account_id) for one in issue.comments] == [("public: Some payments fail.", "acc-mia")]
    browser.post(f"/issues/{issue.id}", data={"do": "customers notice it"})
    assert issue.fields[CUSTOMER_VISIBLE]["value"] == "Yes"


def test_a_room_is_archived_and_opened_again_on_the_page():
    stack = a_stack()[0]
    stack.clock = FastClock()
    chat = stack.company.slack.model
    person = next(user.id for user in chat.users.values() if not user.is_bot)
    room = chat.create(chat.bot.id, "hot-1")
    browser = pages(stack, ShownLog()).test_client()
    for what, is_archived in (("archive", True), ("unarchive", False)):
        assert f"<option>{what}</option>" in browser.get("/").text
        browser.post(f"/rooms/{room.id}", data={"do": what, "as": person, "text": ""})
        assert room.is_archived is is_archived
    assert room.members == [person]
