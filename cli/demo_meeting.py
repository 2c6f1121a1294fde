"""The second half of the demo: one incident, and everything that is set up around it and kept right while it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.company import BOT, MIA, OMAR, PIA
from sandbox.jira.model import JiraIssue
from sandbox.jira.schema import CHAT_ROOM, DOCUMENT, ESCALATE_TO, TECH_LEAD, VIDEO_CALL

if TYPE_CHECKING:
    from cli.demo import Demo
    from sandbox.chat.values import ChatMessage, ChatRoom

PLACES = {CHAT_ROOM: "chat room", VIDEO_CALL: "video call", DOCUMENT: "state document"}
MAILS_AT_MOST = 4


class Meeting:
    """The scenes of one incident that Mia has acknowledged; each shows what can be seen at the vendors."""

    def __init__(self, demo: Demo, issue: JiraIssue) -> None:
        self._demo, self._issue, company = demo, issue, demo.stack.company
        self._model, self._chat = company.jira_model, company.slack.model
        self._wiki, self._video = company.confluence.model, company.zoom.model

    def play(self) -> None:
        self._taken()
        self._places()
        self._role()
        self._severity()
        self._called()

    def over(self) -> None:
        """After the incident was resolved."""
        self._demo.wait(lambda: "resolved" in self._last_said().lower() and "RESOLVED" in self._topic())
        self._say("room", self._last_said())
        self._say("topic", self._topic())
        self._demo.promise("resolved: the room says so", "RESOLVED" in self._topic(), self._last_said()[:40])

    def settled(self) -> None:
        """When nothing moves any more."""
        rooms = [room for room in self._chat.rooms.values() if room.name.startswith(f"{self._issue.key.lower()}")]
        calls = [call for call in self._video.meetings.values() if call.topic == self._issue.key]
        documents = [page for page in self._wiki.pages.values() if f"firebell-{self._issue.id}" in page.labels]
        counts = (len(rooms), len(calls), len(documents))
        self._demo.promise("one room, one call, one document per incident", counts == (1, 1, 1), f"{counts}")
        mails = self._model.mails_by(self._issue, BOT)
        most = max(mails.values(), default=0)
        what = f"at most {MAILS_AT_MOST} mails by us per watcher"
        self._demo.promise(what, most <= MAILS_AT_MOST, f"{most} in the whole life of {self._issue.key}")

    # --- scenes ------------------------------------------------------------------------------------------------

    def _taken(self) -> None:
        issue = self._issue
        self._demo.wait(lambda: issue.status == "Fixing" and issue.assignee == MIA)
        self._say("jira", f"assigned to {MIA.name}, who acknowledged, and moved to {issue.status}", "green")
        mia = self._chat.users[self._user(MIA.name)]
        self._demo.wait(lambda: mia.status_text.endswith(issue.key))
        self._say("status", f"{MIA.name} in Slack: {mia.status_emoji} {mia.status_text}")
        self._demo.promise("acknowledging takes the incident in Jira", issue.assignee == MIA, f"{MIA.name}, {issue.status}")

    def _places(self) -> None:
        fields = self._issue.fields
        self._demo.wait(lambda: all(fields.get(field) for field in PLACES) and bool(self._room().pins) and bool(self._topic()))
        for field, what in PLACES.items():
            self._say("linked", f"{what}: {fields[field]}", "green")
        self._demo.rest()
        self._say("topic", self._topic())
        self._say("in the room", ", ".join(sorted(self._chat.users[user].name for user in self._room().members)))
        for line in _lines(self._pinned()):
            self._say("pinned", line)
        document = next(page for page in self._wiki.pages.values() if f"firebell-{self._issue.id}" in page.labels)
        below = [page.title for page in self._wiki.pages.values() if page.parent_id == document.id]
        self._say("document", f'"{document.title}", and below it {", ".join(below) or "nothing"}')
        self._demo.promise("room, call and document are linked in Jira", all(fields.get(f) for f in PLACES), "3 links")

    def _role(self) -> None:
        self._demo.scene(f"{self._issue.key}: {OMAR.name} becomes tech lead")
        self._model.set_field(self._issue, TECH_LEAD, OMAR.as_json(), MIA)
        self._demo.wait(lambda: "Tech lead" in self._last_said())
        self._demo.rest()
        for line in _lines(self._said()[-1]):
            self._say("room", line)
        is_inside = self._user(OMAR.name) in self._room().members
        self._demo.promise("who gets a role is invited and told", is_inside, self._last_said()[:40])

    def _severity(self) -> None:
        self._demo.scene(f"{self._issue.key}: severity 1 becomes 2, and back")
        before = len(self._said())
        for severity in (2, 1):
            self._model.set_severity(self._issue, severity, MIA)
            self._demo.wait(lambda severity=severity: f"Sev {severity}" in self._topic())  # type: ignore[misc]
            self._demo.rest()
            self._say("room", self._last_said())
        self._say("topic", self._topic())
        news = len(self._said()) - before
        self._demo.promise("each change is announced once", news == 2, f"{news} announcements of 2 changes")

    def _called(self) -> None:
        self._demo.scene(f'{self._issue.key}: "Escalate to" names the databases')
        desk, alias = self._demo.desk, self._demo.alias(self._issue, "to.databases")
        self._model.set_field(self._issue, ESCALATE_TO, [{"value": "Databases"}], MIA)
        self._demo.wait(lambda: bool(desk.open_alerts(alias)))
        desk.acknowledge(desk.open_alerts(alias)[0].id, PIA.email or "")
        self._demo.wait(lambda: self._user(PIA.name) in self._room().members)
        self._demo.rest()
        rings = [ring for ring in desk.rings if ring.alias == alias]
        self._say("room", f"{PIA.name} acknowledged, and is in the room")
        kept = len(rings) == 1 and self._issue.assignee == MIA
        self._demo.promise("who is asked for is paged once, and takes nothing", kept, f"{len(rings)} ring, {MIA.name} has it")

    # --- what can be seen --------------------------------------------------------------------------------------

    def _room(self) -> ChatRoom:
        return next(room for room in self._chat.rooms.values() if room.name == self._issue.key.lower())

    def _topic(self) -> str:
        return self._room().topic.value

    def _said(self) -> list[ChatMessage]:
        return [message for message in self._room().messages if not message.subtype]

    def _last_said(self) -> str:
        said = self._said()
        return said[-1].text.splitlines()[0] if said else ""

    def _pinned(self) -> ChatMessage:
        room = self._room()
        return next(message for message in room.messages if message.ts == room.pins[0])

    def _user(self, name: str) -> str:
        return next(user.id for user in self._chat.users.values() if user.name == name.split()[0].lower())

    def _say(self, what: str, text: str, colour: str = "white") -> None:
        self._demo.log.say(self._issue.key, what, text, colour)


def _lines(message: ChatMessage) -> list[str]:
    """As people see it: its sections, else its text."""
    sections = [block["text"]["text"] for block in message.blocks] or [message.text]
    return [line for section in sections for line in section.splitlines() if line.strip()]
