"""The third part of the demo: who is told of one incident, and what: staff, customers, support, and the last word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.company import INCIDENT_DESK, MIA, PUBLIC_PAGE, STAFF_PAGE
from sandbox.jira.model import JiraIssue
from sandbox.jira.records import JiraComment

if TYPE_CHECKING:
    from cli.demo import Demo
    from sandbox.mail.model import ReceivedMail
    from sandbox.status.model import PageIncident

UPDATE = """update: Payments by card fail, others work. About one in three customers is affected.
Current status:
- The new card gateway has been taken out of rotation.
- Error rates are falling.
Next steps:
- Watch the error rate for half an hour.
Impact: card payments fail
Next update: in 30 minutes, here"""
PUBLIC = "public identified: Some card payments fail. We have found the cause and are putting it right."
TAKEN_BACK = "public: Everything is on fire."
FASTER = 60.0
"""Virtual seconds per second while the last word is waited for."""


class Telling:
    """The scenes of an incident that somebody has taken. Everything shown is read at the emulated vendors."""

    def __init__(self, demo: Demo, issue: JiraIssue) -> None:
        self._demo, self._issue, company = demo, issue, demo.stack.company
        self._model, self._pages, self._mail = company.jira_model, company.statuspage.model, company.mail.model

    def opened(self) -> None:
        """As soon as it was taken."""
        self._demo.scene(f"{self._issue.key}: staff are told, customers are not")
        self._demo.wait(lambda: bool(self._on(STAFF_PAGE)) and bool(self._mails()))
        incident, mail = self._on(STAFF_PAGE)[0], self._mails()[0]
        self._say("staff page", f"{incident.name}: {incident.updates[0].body.splitlines()[0]}")
        self._say("mail", f"{mail.subject} (answers go to {mail.message['Reply-To']})")
        only_staff = not self._on(PUBLIC_PAGE) and str(mail.message["Reply-To"]) == INCIDENT_DESK
        self._demo.promise("taking it tells staff, and no customer", only_staff, "1 status incident, 1 mail, 0 for customers")

    def ordered(self) -> None:
        """While the clock runs fast: an order waits for a minute, so that it can be taken back."""
        self._demo.scene(f"{self._issue.key}: {MIA.name} orders an update in a comment, one for customers, and takes one back")
        self._order(UPDATE)
        self._order(PUBLIC)
        mistake = self._order(TAKEN_BACK)
        self._order(f"public: {self._issue.key} is caused by the database of checkout.internal")
        self._model.delete_comment(self._issue, mistake, MIA)
        self._demo.wait(
            lambda: len(self._on(STAFF_PAGE)[0].updates) > 1 and len(self._mails()) > 1 and bool(self._on(PUBLIC_PAGE))
        )
        self._demo.rest()
        staff, public = self._on(STAFF_PAGE)[0], self._on(PUBLIC_PAGE)[0]
        self._say_all("staff", staff.updates[-1].body)
        self._say_all("customers", f"{public.name} ({public.status})\n{public.updates[-1].body}", "bold cyan")
        told = " ".join(update.body for update in public.updates) + public.name
        leaked = [word for word in (self._issue.key, "internal", "fire", "database") if word.casefold() in told.casefold()]
        kept = not leaked and len(public.updates) == 1
        self._demo.promise("customers read what was meant for them, and nothing else", kept, f"leaked: {leaked or 'nothing'}")

    def over(self) -> None:
        """After the resolve: five minutes, in case it was a mistake, and then the last word."""
        self._demo.scene(f"{self._issue.key}: the last word, five minutes after the resolve")
        self._demo.stack.clock.run_at(FASTER)
        self._demo.wait(lambda: all(page[0].status == "resolved" for page in (self._on(STAFF_PAGE), self._on(PUBLIC_PAGE))))
        self._demo.wait(lambda: self._review() is not None and "resolved" in self._mails()[-1].text)
        staff, public, review = self._on(STAFF_PAGE)[0], self._on(PUBLIC_PAGE)[0], self._review()
        assert review is not None
        self._say_all("staff", staff.updates[-1].body)
        self._say_all("customers", public.updates[-1].body, "bold cyan")
        self._say("review", f"{review.key}: {review.fields['summary']}", "green")
        self._demo.stack.clock.run_at(self._demo.speed)

    def settled(self) -> None:
        """When nothing moves any more."""
        opened = [len(self._on(page)) for page in (STAFF_PAGE, PUBLIC_PAGE)]
        self._demo.promise("one status incident per page and incident", opened == [1, 1], f"{opened}")
        twice = [name for name, times in self._mail.copies().items() if times > 1]
        subjects = {mail.subject.removeprefix("Re: ") for mail in self._mails()}
        threads = [thread for thread in self._mail.threads(MIA.email) if thread.subject in subjects]
        kept = not twice and len(threads) == 1
        self._demo.promise(
            "no mail twice, and one thread per incident", kept, f"{len(self._mails())} mails, {len(threads)} thread"
        )

    # --- what can be seen ------------------------------------------------------------------------------------------

    def _order(self, text: str) -> JiraComment:
        self._say("comment", text.splitlines()[0])
        return self._model.comment(self._issue, text, MIA)

    def _on(self, page_id: str) -> list[PageIncident]:
        """Of this incident: on the public page nothing names it, so there it is the one that was opened since."""
        incidents = list(self._pages.page(page_id).incidents.values())
        return incidents if page_id == PUBLIC_PAGE else [one for one in incidents if one.name.startswith(f"{self._issue.key} ")]

    def _mails(self) -> list[ReceivedMail]:
        return [mail for mail in self._mail.mailbox(MIA.email or "") if f"{self._issue.key} - " in mail.subject]

    def _review(self) -> JiraIssue | None:
        label = f"firebell-review-{self._issue.id}"
        return next((issue for issue in self._model.issues.values() if label in issue.fields.get("labels", ())), None)

    def _say_all(self, what: str, text: str, colour: str = "white") -> None:
        for line in filter(str.strip, text.splitlines()):
            self._say(what, line, colour)

    def _say(self, what: str, text: str, colour: str = "white") -> None:
        self._demo.log.say(self._issue.key, what, text, colour)
