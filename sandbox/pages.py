"""Pages to look at and act in while the stack runs: raise an incident, take it, resolve it, break a vendor, and watch."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, redirect, render_template, request
from werkzeug.wrappers import Response

from chalicelib import bootstrap
from sandbox.chat.values import ChatMessage, ChatRefused, ChatRoom
from sandbox.company import CHAT_PEOPLE, EMMA, MIA, OMAR, PRODUCTS
from sandbox.emulator import Emulator, Fault, FaultKind
from sandbox.jira.model import JiraIssue, JiraModel
from sandbox.jira.schema import CUSTOMER_VISIBLE, ESCALATE_TO, PRIVATE_LABEL, SERVICE, SEVERITIES, SEVERITY, TECH_LEAD
from sandbox.mail.server import MailServer
from sandbox.mail.shown import shown_mail
from sandbox.stack import Stack
from sandbox.status.model import EmulatedPage
from sandbox.status.shown import shown_page
from sandbox.wiki.model import StoredPage

SERVICES = ("Bitbucket", "Confluence", "Unknown")
BREAKABLE = {
    "opsgenie": ("create_alert", "list_alerts", "get_alert"),
    "jira": ("get_issue", "search", "add_comment", "put_issue"),
    "slack": ("conversations.create", "conversations.setTopic", "chat.postMessage"),
    "confluence": ("create_page",),
    "zoom": ("create_meeting",),
    "statuspage": ("create_incident", "update_incident"),
    "mail": ("connect", "data"),
}


class ShownLog:
    """The newest lines of Firebell's log, for the page. now: the stack's clock, once there is one."""

    def __init__(self, kept: int = 60) -> None:
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.lines: deque[tuple[datetime, str, str, str]] = deque(maxlen=kept)

    def info(self, event: str, **fields: object) -> None:
        self._add("", event, fields)

    def alarm(self, event: str, **fields: object) -> None:
        self._add("alarm", event, fields)

    def _add(self, level: str, event: str, fields: dict[str, object]) -> None:
        text = ", ".join(f"{name} {value}" for name, value in fields.items() if value not in (None, ""))
        self.lines.appendleft((self.now(), level, event.replace("_", " "), text))


def pages(stack: Stack, log: ShownLog) -> Flask:
    """One page: incidents with their pages, alerts at the pagers, faults, and what Firebell did."""
    app = Flask("pages", template_folder=str(Path(__file__).parent / "templates"))
    model, log.now = stack.company.jira_model, stack.clock.now

    @app.get("/")
    def look() -> str:
        incidents = [_row(issue) for issue in reversed(model.issues.values()) if not issue.deleted]
        return render_template(
            "stack.html",
            incidents=incidents,
            services=SERVICES,
            products=PRODUCTS,
            severities=SEVERITIES,
            desks=[(name, _alerts(emulator)) for name, emulator in _desks(stack).items()],
            rooms=[_room(stack, room) for room in reversed(stack.company.slack.model.rooms.values()) if not room.im_with],
            people=CHAT_PEOPLE,
            documents=[_document(page) for page in reversed(stack.company.confluence.model.pages.values()) if page.parent_id],
            calls=[(call.topic, f"meeting {call.id}") for call in reversed(stack.company.zoom.model.meetings.values())],
            status_pages=[_status_page(page) for page in stack.company.statuspage.model.pages.values()],
            threads=list(reversed(stack.company.mail.model.threads())),
            log=list(log.lines),
            breakable=BREAKABLE,
            broken=_broken(stack),
            kinds=[FaultKind.UNAVAILABLE, FaultKind.TIMEOUT_AFTER, FaultKind.UNAUTHORIZED],
            speed=stack.clock.speed,
            now=stack.clock.now(),
            front=stack.url,
        )

    @app.post("/raise")
    def raise_incident() -> Response:
        model.create_incident(
            EMMA, request.form["summary"] or "Something is down", severity=int(request.form["severity"]),
            service=request.form["service"], products=tuple(filter(None, request.form.getlist("product"))),
        )  # fmt: skip
        return redirect("/")

    @app.post("/issues/<issue_id>")
    def act(issue_id: str) -> Response:
        _act_on(model, model.issues[issue_id], request.form["do"])
        return redirect("/")

    @app.post("/issues/<issue_id>/comments")
    def comment(issue_id: str) -> Response:
        """By Mia, who may be the incident manager: then it may be an order to tell people something."""
        if request.form["text"].strip():
            model.comment(model.issues[issue_id], request.form["text"], MIA)
        return redirect("/")

    @app.post("/alerts/<vendor>/<alert_id>")
    def act_on_alert(vendor: str, alert_id: str) -> Response:
        desk = _desks(stack)[vendor].desk
        (desk.acknowledge if request.form["do"] == "acknowledge" else desk.close)(alert_id, MIA.email or "")
        return redirect("/")

    @app.post("/rooms/<room_id>")
    def act_in_room(room_id: str) -> Response:
        try:
            _act_in(stack, room_id, request.form["do"], request.form["as"], request.form["text"])
        except ChatRefused as error:
            return Response(f"Slack refuses: {error.code}", status=409)
        return redirect("/")

    @app.get("/documents/<page_id>")
    def read_document(page_id: str) -> str:
        return stack.company.confluence.model.pages[page_id].version.body

    @app.get("/status/<page_id>")
    def read_status_page(page_id: str) -> str:
        return shown_page(stack.company.statuspage.model.pages[page_id])

    @app.post("/status/<page_id>/<incident_id>")
    def act_on_status_page(page_id: str, incident_id: str) -> Response:
        status = stack.company.statuspage.model
        if request.form["do"] == "delete":
            status.delete(page_id, incident_id)
        else:
            status.change(page_id, incident_id, {"status": "resolved", "body": "Resolved by hand."})
        return redirect("/")

    @app.get("/mails/<int:number>")
    def read_mail(number: int) -> Response:
        return shown_mail(stack.company.mail.model.received[number - 1])

    @app.post("/break")
    def break_it() -> Response:
        vendor, operation = request.form["where"].split(".")
        faults = _by_name(stack)[vendor].faults
        if request.form.get("kind"):
            faults.switch_on(operation, Fault(FaultKind(request.form["kind"]), times=None, delay_s=2.5))
        else:
            faults.clear(operation)
        return redirect("/")

    @app.post("/speed")
    def run_at() -> Response:
        stack.clock.run_at(float(request.form["speed"]))
        return redirect("/")

    return app


def _act_on(model: JiraModel, issue: JiraIssue, what: str) -> None:
    if what == "assign to Mia, by Mia":
        model.assign(issue, MIA, MIA)
    elif what == "assign to Mia, by Emma":
        model.assign(issue, MIA, EMMA)
    elif what == "move to project OPS":
        model.move(issue, "OPS", EMMA)
    elif what == "unassign, by Emma":
        model.assign(issue, None, EMMA)
    elif what == "tech lead: Omar":
        model.set_field(issue, TECH_LEAD, OMAR.as_json(), MIA)
    elif what.startswith("escalate to "):
        model.set_field(issue, ESCALATE_TO, [] if what.endswith("nobody") else [{"value": "Databases"}], MIA)
    elif what == "customers notice it":
        model.set_field(issue, CUSTOMER_VISIBLE, {"value": "Yes"}, MIA)
    elif what == "make private":
        model.set_field(issue, "labels", [*issue.fields.get("labels", []), PRIVATE_LABEL], MIA)
    elif what == "delete":
        model.delete(issue, EMMA)
    elif what.startswith("severity "):
        model.set_severity(issue, int(what[-1]), EMMA)
    else:
        model.transition(issue, what, MIA)


def _act_in(stack: Stack, room_id: str, what: str, who: str, text: str) -> None:
    emulator = stack.company.slack
    model, room = emulator.model, emulator.model.rooms[room_id]
    if what == "unarchive":
        model.unarchive(who, room_id)
        return
    if who not in room.members and not room.is_private:
        model.join(who, room_id)
    if what == "archive":
        model.archive(who, room_id)
    elif what == "/firebell":
        emulator.command(stack.deliver, who, room_id, text)
    elif what == "topic":
        model.set_topic(who, room_id, text)
    else:
        model.say(who, room_id, text)


def _room(stack: Stack, room: ChatRoom) -> dict[str, Any]:
    users = stack.company.slack.model.users
    said = [message for message in room.messages if not message.subtype]
    return {
        "id": room.id,
        "name": room.name,
        "is_archived": room.is_archived,
        "topic": room.topic.value,
        "members": ", ".join(users[user].name for user in room.members),
        "bookmarks": [(bookmark.title, bookmark.link) for bookmark in room.bookmarks],
        "said": [(users[message.user].name, _text_of(message), message.ts in room.pins) for message in said],
    }


def _text_of(message: ChatMessage) -> str:
    return "\n".join(block["text"]["text"] for block in message.blocks) or message.text


def _document(page: StoredPage) -> dict[str, Any]:
    return {"id": page.id, "title": page.title, "state": page.state, "version": page.version.number}


def _status_page(page: EmulatedPage) -> dict[str, Any]:
    return {
        "id": page.id,
        "name": page.name,
        "components": [(component.name, component.status.replace("_", " ")) for component in page.components.values()],
        "incidents": [
            {"id": one.id, "name": one.name, "status": one.status, "updates": [update.body for update in one.updates]}
            for one in page.newest()
        ],
    }


def _row(issue: JiraIssue) -> dict[str, Any]:
    severity, service = issue.fields[SEVERITY], issue.fields[SERVICE]
    return {
        "id": issue.id,
        "key": issue.key,
        "summary": issue.fields["summary"],
        "severity": severity["value"] if severity else "",
        "service": service["value"] if service else "",
        "status": issue.status,
        "assignee": issue.assignee.name if issue.assignee else "nobody",
        "pages": bootstrap.world().ledger.read(issue.id).pages,  # type: ignore[arg-type]
        "comments": [comment.body for comment in issue.comments],
    }


def _alerts(emulator: Any) -> list[Any]:
    emulator.desk.advance()
    return list(reversed(emulator.desk.alerts))


def _desks(stack: Stack) -> dict[str, Any]:
    return {emulator.name: emulator for emulator in stack.company.pagers}


def _by_name(stack: Stack) -> dict[str, Emulator | MailServer]:
    servers: tuple[Emulator | MailServer, ...] = (*stack.company.emulators, stack.company.mail)
    return {server.name: server for server in servers}


def _broken(stack: Stack) -> list[tuple[str, str]]:
    return [
        (f"{name}.{operation}", fault.kind.value)
        for name, emulator in _by_name(stack).items()
        for operation, fault in emulator.faults.planned().items()
    ]
