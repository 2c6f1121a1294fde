"""One incident on the embedded stack, as staff and customers are told of it: pages, mail, room, cases and the review."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sandbox import company as companies
from sandbox.company import DRILLS_LIST, DRILLS_PAGE, PUBLIC_PAGE, STAFF_PAGE
from sandbox.jira.schema import DRILL_LABEL, PRIVATE_LABEL
from sandbox.stack import Stack, running
from sandbox.status.model import PageIncident
from tests.reconcile.small_world import FakeLog

PATIENCE_S = 180
FAST = 60.0


def wait_for(what: Callable[[], Any], says: str) -> Any:
    give_up_at = time.monotonic() + PATIENCE_S
    while not (found := what()):
        assert time.monotonic() < give_up_at, f"it did not happen: {says}"
        time.sleep(0.02)
    return found


def on_page(stack: Stack, page_id: str) -> PageIncident | None:
    return next(iter(stack.company.statuspage.model.pages[page_id].incidents.values()), None)


def bodies(stack: Stack, page_id: str) -> list[str]:
    """Oldest first."""
    incident = on_page(stack, page_id)
    return [update.body for update in incident.updates] if incident is not None else []


def mails(stack: Stack) -> list[str]:
    return [mail.text for mail in stack.company.mail.model.received]


def in_room(stack: Stack) -> list[str]:
    model = stack.company.slack.model
    room = next(room for room in model.rooms.values() if room.name == "hot-1")
    return [message.text + "".join(str(block) for block in message.blocks) for message in room.messages]


def test_everybody_is_told_of_an_incident_from_its_opening_to_the_last_word():
    with running(log=FakeLog()) as stack:
        model = stack.company.jira_model
        issue = model.create_incident(companies.EMMA, "Checkout is down", severity=1, products=("Payments",))
        alerts = stack.company.opsgenie.desk.alerts
        alert = wait_for(lambda: next(iter(alerts), None), "a page")
        stack.company.opsgenie.desk.acknowledge(alert.id, companies.MIA.email or "")
        wait_for(lambda: issue.assignee, "Mia has it")
        wait_for(lambda: on_page(stack, STAFF_PAGE), "the staff's page is open")
        wait_for(lambda: mails(stack), "the first mail")
        assert on_page(stack, PUBLIC_PAGE) is None, "nobody said that customers notice it"

        model.comment(issue, "update: Baskets stay empty.\nRoot cause: a full disk", companies.MIA)
        model.comment(issue, "public identified: Some payments fail.", companies.MIA)
        stack.clock.run_at(FAST)
        wait_for(lambda: on_page(stack, PUBLIC_PAGE), "the public page is open")
        wait_for(lambda: len(bodies(stack, STAFF_PAGE)) == 2 and len(mails(stack)) == 2, "the update")

        # A pass that is still under way, and read the ledger before all that, would take the orders for some from after it.
        wait_for(stack.is_idle, "rest before the resolve")
        model.transition(issue, "Resolved", companies.MIA, "Done")
        wait_for(lambda: len(bodies(stack, STAFF_PAGE)) == 3 and len(mails(stack)) == 3, "the last word to staff")
        wait_for(lambda: len(bodies(stack, PUBLIC_PAGE)) == 2, "the last word to customers")
        wait_for(lambda: any(one.project == "REV" for one in model.issues.values()), "the review")
        wait_for(lambda: any("no further communications" in text for text in in_room(stack)), "the last word in the room")
        wait_for(stack.is_idle, "rest")

        staff, public = bodies(stack, STAFF_PAGE), bodies(stack, PUBLIC_PAGE)
        assert staff[0].startswith("We are investigating an incident affecting Payments.")
        assert "Baskets stay empty." in staff[1]
        assert staff[2].startswith("HOT-1 is resolved.")
        assert "Mia Moore" in staff[2]
        assert public[0].startswith("Some payments fail.\n\nWe will provide the next")
        assert public[1] == (
            "Service has been restored for Payments.\nWe will publish a postmortem once we have completed our investigation."
        )
        assert [thread.subject for thread in stack.company.mail.model.threads()] == ["HOT-1 - Sev 1 - Checkout is down"]
        assert stack.company.mail.model.violations == []
        assert stack.errors == []
        assert [violation for emulator in stack.company.emulators for violation in emulator.violations] == []


def test_a_drill_is_told_to_its_own_people_and_a_private_incident_to_nobody():
    with running(log=FakeLog()) as stack:
        model = stack.company.jira_model
        secret = model.create_incident(companies.EMMA, "Secret", severity=1, products=("Payments",))
        drill = model.create_incident(companies.EMMA, "Exercise", severity=1, products=("Payments",))
        for issue, label in ((secret, PRIVATE_LABEL), (drill, DRILL_LABEL)):
            model.set_field(issue, "labels", [label], companies.EMMA)
            model.assign(issue, companies.MIA, companies.MIA)
            model.comment(issue, "public: Some payments fail.", companies.MIA)
        stack.clock.run_at(FAST)
        wait_for(lambda: bodies(stack, DRILLS_PAGE), "the page for drills")
        wait_for(lambda: mails(stack), "a mail")
        quiet_until = stack.clock.now() + timedelta(minutes=12)
        wait_for(lambda: stack.clock.now() > quiet_until, "time goes by")
        wait_for(stack.is_idle, "rest")
        assert bodies(stack, STAFF_PAGE) == bodies(stack, PUBLIC_PAGE) == []
        assert [text.startswith("This is a drill.") for text in bodies(stack, DRILLS_PAGE)] == [True]
        assert [mail.to for mail in stack.company.mail.model.received] == [(DRILLS_LIST,)]
        assert stack.company.mail.model.received[0].subject == "[DRILL] HOT-2 - Sev 1 - Exercise"
        assert stack.errors == []
        assert [violation for emulator in stack.company.emulators for violation in emulator.violations] == []
