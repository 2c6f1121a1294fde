"""Mail to staff over a real mail server: each announcement once, in order and in one thread; twice where nobody can tell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.jinja_words import JinjaWords
from chalicelib.artifacts.announcements import Announcements
from chalicelib.artifacts.artifact import Artifact, Scene
from chalicelib.artifacts.mails import Mails
from chalicelib.domain.announcement import Announcement, Audience, Order, Progress
from chalicelib.domain.incident import Incident, Severity
from chalicelib.domain.telling import TellingPolicy
from chalicelib.ports.ledger import ArtifactState
from chalicelib.ports.tickets import Comment, Tickets
from sandbox.emulator import Fault, FaultKind
from sandbox.mail.model import ReceivedMail
from tests.adapters.mail_world import DRILLS, HURRIED_S, OPS, STAFF, TIMEOUTS_S, MailWorld, a_mail_server
from tests.adapters.test_mail_format import HOSTILE_BODIES, HOSTILE_LINES, assert_untouched
from tests.artifacts.passes import EVERY_DEATH, Passes, is_settled
from tests.builders import MIA, NOW, TOO_LATE_S, an_incident, seconds
from tests.reconcile.small_world import Killed, SmallWorld

WORDS = JinjaWords(Path(__file__).parents[2] / "templates")
DOMAIN = "example.com"
OPENING = Announcement(
    "opening", Audience.STAFF, Progress.INVESTIGATING, "HOT-42 - Sev 1 - Checkout is down",
    "We are investigating an incident affecting Payments.\n\nRoom: https://example.slack.com/C1", NOW,
)  # fmt: skip
ORDER = Order("501", "update: The cause is known", "Mia Moore", NOW)
UPDATE = replace(
    OPENING, id="order-501", progress=Progress.IDENTIFIED, not_before=NOW + seconds(60), order=ORDER,
    body="The cause is known.\n\nCurrent status\n- rolled back\n- waiting\n\nNext steps\n- look again",
)  # fmt: skip
RESOLVED = replace(OPENING, id="resolved-1", progress=Progress.MONITORING, not_before=NOW + seconds(120), body="It is over.")
ALL = (OPENING, UPDATE, RESOLVED)


@dataclass
class Announces:
    """What a test puts there, under the real rule of what may be told now."""

    staff_: list[Announcement] = field(default_factory=lambda: [OPENING])

    def staff(self, scene: Scene) -> tuple[Announcement, ...]:
        return tuple(self.staff_)

    def public(self, scene: Scene) -> tuple[Announcement, ...]:
        raise AssertionError("mail is for staff")

    def still_stands(self, tickets: Tickets, incident: Incident, announcement: Announcement) -> bool:
        return Announcements(WORDS, TellingPolicy()).still_stands(tickets, incident, announcement)


@dataclass
class Staff:
    """One incident's mails. incident: as Jira has it; a pass may have read it earlier (see `Passes.observe`)."""

    passes: Passes
    mail: MailWorld
    announces: Announces

    def become(self, **changes: Any) -> None:
        """Every change makes a new version, as in Jira."""
        version = self.passes.incident.updated_at + seconds(1)
        self.passes.incident = replace(self.passes.incident, updated_at=version, **changes)
        self.in_jira(self.passes.incident)

    def in_jira(self, incident: Incident) -> None:
        self.passes.small.tickets.issues[incident.id] = incident

    def write(self, *comments: Comment) -> None:
        self.passes.small.tickets.said = list(comments)

    def strike(self, kind: FaultKind, operation: str = "data", **how: Any) -> None:
        self.mail.server.faults.switch_on(operation, Fault(kind, **{"delay_s": TOO_LATE_S, **how}))

    def let_the_claim_run_out_during_a_pass(self) -> None:
        """The next pass begins a second before whoever died may be taken for dead, and reads the issue for two."""

        def slowly() -> Incident:
            self.passes.pass_time(2)
            return self.passes.incident

        self.passes.pass_time(29)
        self.passes.observe = slowly

    @property
    def received(self) -> list[ReceivedMail]:
        return self.mail.model.received

    @property
    def ids(self) -> list[str]:
        """Of the announcements that arrived, each time they did."""
        return [mail.message_id.removeprefix("firebell.10002.").removesuffix(f"@{DOMAIN}") for mail in self.received]

    @property
    def says(self) -> list[str]:
        return [line for record in self.passes.records.values() for line in record.says]


@contextmanager
def staff_mail(
    *announcements: Announcement, to: tuple[str, ...] = (STAFF, OPS), drills_to: tuple[str, ...] = (), hurried: bool = False
) -> Iterator[Staff]:
    """hurried: for servers that answer too late."""
    with a_mail_server() as mail:
        mail.smtp = mail.client(timeouts_s=HURRIED_S if hurried else TIMEOUTS_S)
        announces = Announces(list(announcements or (OPENING,)))

        def artifacts(small: SmallWorld) -> tuple[Artifact[Any], ...]:
            mailer = small.mortality.wrap(mail.smtp, "smtp")
            return (Mails(lambda: mailer, lambda: small.tickets, WORDS, announces, DOMAIN, to, drills_to),)

        staff = Staff(Passes(artifacts, clock=mail.clock), mail, announces)
        staff.become()
        staff.write(Comment("501", NOW, MIA, ORDER.text, NOW))
        yield staff


# --- what people get ------------------------------------------------------------------------------------------------------


def test_the_opening_reaches_every_list_once_and_then_nothing_is_written_any_more():
    with staff_mail() as staff:
        staff.passes.settle()
        effects = list(staff.passes.effects)
        assert is_settled(staff.passes.settle_for(600))
        assert staff.passes.effects == effects
        [mail] = staff.received
        assert mail.to == (STAFF, OPS)
        assert mail.subject == OPENING.subject
        assert OPENING.body in mail.text
        assert mail.message["Date"].datetime == OPENING.not_before


def test_announcements_come_in_order_and_in_one_thread():
    with staff_mail(*ALL) as staff:
        staff.passes.settle_for(200)
        assert staff.ids == ["opening", "order-501", "resolved-1"]
        [thread] = staff.mail.model.threads("mia@example.com")
        assert [mail.subject for mail in thread.mails] == [OPENING.subject, f"Re: {OPENING.subject}", f"Re: {OPENING.subject}"]


def test_what_waited_for_a_mail_is_due_as_soon_as_that_is_sent():
    with staff_mail(*(replace(one, not_before=NOW) for one in ALL)) as staff:
        assert [outcome.due for outcome in staff.passes.settle()] == [NOW]
        assert [outcome.due for outcome in staff.passes.settle()] == [NOW]
        assert [outcome.due for outcome in staff.passes.settle()] == [None]


def test_nothing_is_sent_before_its_time():
    with staff_mail(replace(OPENING, not_before=NOW + seconds(600))) as staff:
        [outcome] = staff.passes.settle()
        assert (outcome.due, staff.received) == (NOW + seconds(600), [])
        staff.passes.settle_for(650)
        assert staff.ids == ["opening"]


def test_a_new_summary_severity_or_key_does_not_part_the_thread_and_stands_in_the_mail():
    with staff_mail() as staff:
        staff.passes.settle()
        renamed = replace(UPDATE, subject="OPS-7 - Sev 2 - Payments are slow")
        staff.announces.staff_ = [replace(OPENING, subject=renamed.subject), renamed]
        staff.passes.settle_for(90)
        [thread] = staff.mail.model.threads()
        assert [mail.subject for mail in thread.mails] == [OPENING.subject, f"Re: {OPENING.subject}"]
        assert thread.mails[1].text.startswith("OPS-7 - Sev 2 - Payments are slow\n")


def test_a_thread_holds_together_where_a_server_gives_mails_ids_of_its_own():
    """As Amazon SES does."""
    with staff_mail(*ALL) as staff:
        staff.passes.settle_for(200)
        assert {mail.references for mail in staff.received} == {(f"firebell.10002@{DOMAIN}",)}
        assert not {mail.message_id for mail in staff.received} & {f"firebell.10002@{DOMAIN}"}


def test_what_was_sent_is_not_sent_again_for_an_edit():
    with staff_mail(OPENING, UPDATE) as staff:
        staff.passes.settle_for(100)
        edited = replace(
            UPDATE, body="Something else.", order=replace(ORDER, text="update: Something else", at=NOW + seconds(500))
        )
        staff.announces.staff_ = [OPENING, edited]
        assert is_settled(staff.passes.settle_for(300))
        assert staff.ids == ["opening", "order-501"]


# --- who gets none --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "drills_to"),
    [
        pytest.param({"is_private": True}, (), id="private"),
        pytest.param({"severity": Severity.SEV3}, (), id="severity 3"),
        pytest.param({"is_drill": True}, (), id="drill without a list of its own"),
        pytest.param({"is_drill": True, "is_private": True}, (DRILLS,), id="private drill"),
    ],
)
def test_nobody_gets_mail_of_what_is_not_for_all_staff(changes: dict[str, Any], drills_to: tuple[str, ...]):
    with staff_mail(*ALL, drills_to=drills_to) as staff:
        staff.become(**changes)
        assert is_settled(staff.passes.settle_for(300))
        assert (staff.received, staff.passes.effects) == ([], [])


def test_a_drill_reaches_the_list_for_drills_and_nobody_else():
    with staff_mail(drills_to=(DRILLS,)) as staff:
        staff.become(is_drill=True)
        staff.passes.settle()
        assert [mail.to for mail in staff.received] == [(DRILLS,)]


def test_a_lowered_incident_is_told_of_to_its_end_once_people_know_of_it():
    with staff_mail(*ALL) as staff:
        staff.passes.settle()
        staff.become(severity=Severity.SEV3)
        staff.passes.settle_for(200)
        assert staff.ids == ["opening", "order-501", "resolved-1"]


@pytest.mark.parametrize(
    "changes", [{"is_private": True}, {"is_drill": True}, {"severity": Severity.SEV3}], ids=["private", "drill", "lowered"]
)
def test_what_changed_since_it_was_read_is_seen_before_anything_is_sent(changes: dict[str, Any]):
    with staff_mail(drills_to=(DRILLS,)) as staff:
        staff.in_jira(an_incident(**changes))
        staff.passes.settle()
        assert staff.received == []


def test_an_incident_that_turns_private_leaves_nothing_undone_and_is_told_of_when_it_is_public_again():
    with staff_mail() as staff:
        staff.in_jira(an_incident(is_private=True))
        staff.passes.settle()
        staff.become(is_private=True)
        assert is_settled(staff.passes.settle_for(100))
        assert staff.passes.records["mail:opening"].state is ArtifactState.CLOSED
        staff.become(is_private=False)
        assert is_settled(staff.passes.settle_for(100))
        assert staff.ids == ["opening"]


def test_an_order_that_was_taken_back_in_the_last_moment_is_not_sent():
    with staff_mail(OPENING, UPDATE) as staff:
        staff.write()
        staff.passes.settle_for(100)
        assert staff.ids == ["opening"]
        staff.announces.staff_ = [OPENING]
        assert is_settled(staff.passes.settle_for(100))
        assert staff.passes.records["mail:order-501"].state is ArtifactState.CLOSED


def test_a_second_sending_that_may_not_go_out_any_more_is_let_go_until_it_may():
    with staff_mail() as staff:
        staff.strike(FaultKind.RESET_AFTER)
        staff.passes.settle()
        staff.become(severity=Severity.SEV3)
        assert is_settled(staff.passes.settle_for(1000))
        assert staff.ids == ["opening"]
        staff.become(severity=Severity.SEV1)
        assert is_settled(staff.passes.settle_for(100))
        assert staff.ids == ["opening", "opening"]


def test_a_second_sending_waits_for_the_hold_of_an_order_that_was_edited_since_the_first():
    with staff_mail(UPDATE) as staff:
        staff.passes.pass_time(60)
        staff.strike(FaultKind.RESET_AFTER)
        staff.passes.settle()
        assert staff.ids == ["order-501"]
        edited = replace(ORDER, text="update: Rolled back", at=NOW + seconds(70))
        staff.write(Comment("501", NOW, MIA, edited.text, edited.at))
        staff.announces.staff_ = [replace(UPDATE, body="Rolled back.", order=edited, not_before=NOW + seconds(130))]
        staff.passes.settle_for(60)
        assert staff.ids == ["order-501"]
        staff.passes.settle_for(62)
        assert staff.ids == ["order-501", "order-501"]


def test_what_was_told_elsewhere_and_taken_back_since_holds_up_no_other_mail():
    with staff_mail(OPENING, UPDATE, RESOLVED) as staff:
        staff.write()
        assert is_settled(staff.passes.settle_for(1000))
        assert staff.ids == ["opening", "resolved-1"]


def test_what_was_let_go_is_tried_again_one_after_the_other():
    with staff_mail(OPENING, UPDATE, RESOLVED) as staff:
        staff.in_jira(an_incident(is_private=True))
        assert is_settled(staff.passes.settle_for(200))
        assert [record.state for record in staff.passes.records.values()] == [ArtifactState.CLOSED] * 3
        staff.become()
        staff.passes.settle()
        assert staff.ids == ["opening"]
        assert is_settled(staff.passes.settle_for(100))
        assert staff.ids == ["opening", "order-501", "resolved-1"]


def test_an_order_that_was_edited_in_the_last_moment_is_sent_as_it_reads_then():
    """Whoever did not send it may have known the version of the issue that the edit made, and not the edit."""
    with staff_mail(OPENING, UPDATE) as staff:
        edited = replace(ORDER, text="update: Rolled back", at=NOW + seconds(59))
        staff.write(Comment("501", NOW, MIA, edited.text, edited.at))
        staff.passes.settle_for(90)
        assert staff.ids == ["opening"]
        staff.announces.staff_ = [OPENING, replace(UPDATE, body="Rolled back.", order=edited)]
        staff.passes.settle_for(90)
        assert staff.ids == ["opening", "order-501"]
        assert "Rolled back." in staff.received[1].text


# --- what goes wrong ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "after"), EVERY_DEATH)
def test_whenever_a_worker_dies_the_mail_arrives_at_most_twice_as_the_same_mail(number: int, after: bool):
    with staff_mail() as staff:
        staff.passes.die(number, after=after)
        assert is_settled(staff.passes.settle_for(200))
        assert set(staff.ids) == {"opening"}
        assert len(staff.ids) <= 2
        assert len({mail.raw for mail in staff.received}) == 1
        [thread] = staff.mail.model.threads()
        assert len(thread.mails) == 1


def test_workers_that_die_every_time_send_it_twice_and_then_it_is_said():
    with staff_mail() as staff:
        send = staff.mail.smtp.send

        def and_die(*given: Any) -> None:
            send(*given)
            raise Killed

        staff.mail.smtp.send = and_die  # type: ignore[method-assign,assignment]
        deaths = 0
        for _ in range(10):
            try:
                staff.passes.settle()
            except Killed:
                deaths += 1
            staff.passes.pass_time(31)
        assert is_settled(staff.passes.settle())
        assert (deaths, staff.ids) == (2, ["opening", "opening"])
        assert len(staff.says) == 1


def test_a_second_sending_that_was_let_go_and_dies_when_it_may_go_out_is_never_repeated():
    with staff_mail() as staff:
        staff.strike(FaultKind.RESET_AFTER)
        staff.passes.settle()
        staff.become(severity=Severity.SEV3)
        assert is_settled(staff.passes.settle_for(100))
        staff.become(severity=Severity.SEV1)
        staff.passes.die(len(staff.passes.effects) + 1, after=True)
        assert staff.ids == ["opening", "opening"]
        assert is_settled(staff.passes.settle_for(200))
        assert staff.ids == ["opening", "opening"]
        assert len(staff.says) == 1


def test_a_second_sending_whose_claim_runs_out_during_a_pass_is_never_repeated():
    with staff_mail() as staff:
        staff.strike(FaultKind.RESET_AFTER)
        staff.passes.settle()
        staff.passes.pass_time(31)
        staff.passes.die(len(staff.passes.effects) + 3, after=True)  # the first sending is over, by two effects
        assert staff.ids == ["opening", "opening"]
        staff.let_the_claim_run_out_during_a_pass()
        assert is_settled(staff.passes.settle_for(100))
        assert staff.ids == ["opening", "opening"]
        assert len(staff.says) == 1


def test_what_was_let_go_and_is_tried_again_keeps_the_order_while_the_server_is_away():
    with staff_mail() as staff:
        staff.in_jira(an_incident(is_private=True))
        staff.passes.settle()
        assert staff.passes.records["mail:opening"].state is ArtifactState.CLOSED
        staff.become()
        staff.strike(FaultKind.RESET_BEFORE, "connect", times=2)
        staff.passes.settle()
        staff.passes.pass_time(121)
        staff.announces.staff_ = [OPENING, RESOLVED]
        assert is_settled(staff.passes.settle_for(200))
        assert staff.ids == ["opening", "resolved-1"]


def test_a_death_is_remembered_while_the_incident_is_private():
    with staff_mail() as staff:
        staff.passes.die(1, after=True)
        staff.become(is_private=True)
        assert is_settled(staff.passes.settle_for(100))
        staff.become(is_private=False)
        staff.strike(FaultKind.RESET_AFTER)
        assert is_settled(staff.passes.settle_for(200))
        assert staff.ids == ["opening", "opening"]
        assert len({mail.raw for mail in staff.received}) == 1
        assert len(staff.says) == 1


def test_a_death_is_remembered_that_shows_only_during_a_pass_over_what_is_private():
    with staff_mail() as staff:
        staff.passes.die(1, after=True)
        staff.become(is_private=True)
        staff.let_the_claim_run_out_during_a_pass()
        assert is_settled(staff.passes.settle_for(100))
        staff.become(is_private=False)
        staff.strike(FaultKind.RESET_AFTER)
        assert is_settled(staff.passes.settle_for(200))
        assert staff.ids == ["opening", "opening"]


def test_the_death_of_a_second_sending_is_remembered_while_the_incident_is_private():
    with staff_mail() as staff:
        staff.strike(FaultKind.RESET_AFTER)
        staff.passes.settle()
        staff.passes.pass_time(31)
        staff.passes.die(len(staff.passes.effects) + 3, after=True)  # the first sending is over, by two effects
        assert staff.ids == ["opening", "opening"]
        staff.become(is_private=True)
        assert is_settled(staff.passes.settle_for(100))
        staff.become(is_private=False)
        assert is_settled(staff.passes.settle_for(200))
        assert staff.ids == ["opening", "opening"]
        assert len(staff.says) == 1


def test_a_death_is_remembered_of_an_order_that_was_taken_back_and_is_there_again():
    with staff_mail(OPENING, UPDATE) as staff:
        staff.passes.settle()
        staff.passes.pass_time(60)
        staff.passes.die(len(staff.passes.effects) + 1, after=True)
        staff.announces.staff_ = [OPENING]
        assert is_settled(staff.passes.settle_for(100))
        staff.announces.staff_ = [OPENING, UPDATE]
        staff.strike(FaultKind.RESET_AFTER)
        assert is_settled(staff.passes.settle_for(200))
        assert staff.ids == ["opening", "order-501", "order-501"]


def test_whoever_dies_while_others_see_a_private_incident_leaves_nothing_undone():
    """Whoever saw it alive comes back."""
    with staff_mail() as staff:
        staff.passes.die(1, after=True)
        staff.become(is_private=True)
        outcomes = staff.passes.settle()
        assert [outcome.due for outcome in outcomes] == [NOW + seconds(30)]
        assert not is_settled(outcomes)


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.TIMEOUT_AFTER, FaultKind.GARBAGE, FaultKind.RESET_BEFORE])
def test_a_mail_whose_answer_was_lost_is_sent_once_more_after_half_a_minute(kind: FaultKind):
    with staff_mail(hurried=True) as staff:
        staff.strike(kind)
        staff.passes.settle()
        assert not is_settled(staff.passes.settle())
        arrived = len(staff.ids)
        assert is_settled(staff.passes.settle_for(100))
        assert staff.ids == ["opening"] * (arrived + 1)
        assert staff.says == []


def test_a_repeated_mail_keeps_its_date_whatever_became_of_its_time():
    """Somebody took the incident in between, so that it might have been told earlier."""
    with staff_mail(replace(OPENING, not_before=NOW + seconds(600))) as staff:
        staff.passes.pass_time(600)
        staff.strike(FaultKind.RESET_AFTER)
        staff.passes.settle()
        staff.announces.staff_ = [OPENING]
        staff.passes.settle_for(100)
        assert [mail.message["Date"].datetime for mail in staff.received] == [NOW + seconds(600)] * 2


def test_a_server_that_never_answers_in_time_gets_it_twice_and_people_are_told():
    with staff_mail(OPENING, RESOLVED, hurried=True) as staff:
        staff.strike(FaultKind.TIMEOUT_AFTER, times=2)
        assert is_settled(staff.passes.settle_for(900))
        assert staff.ids == ["opening", "opening", "resolved-1"]
        assert staff.says == [
            f"the mail of 03:00 UTC may not have reached {STAFF}, {OPS}: the mail server did not say, twice",
        ]


def test_a_server_that_is_away_for_an_hour_gets_every_mail_once_and_in_order():
    with staff_mail(*ALL) as staff:
        staff.strike(FaultKind.UNAVAILABLE, "connect", times=None)
        staff.passes.settle_for(500)
        assert (staff.received, staff.passes.records["mail:opening"].trouble) == ([], "smtp cannot be reached")
        staff.mail.server.faults.clear()
        assert is_settled(staff.passes.settle_for(900))
        assert staff.ids == ["opening", "order-501", "resolved-1"]


@pytest.mark.parametrize("changes", [{"is_private": True}, {"severity": Severity.SEV3}], ids=["private", "lowered"])
def test_what_could_not_be_sent_until_nobody_was_to_be_told_leaves_nothing_undone(changes: dict[str, Any]):
    with staff_mail(*ALL) as staff:
        staff.strike(FaultKind.UNAVAILABLE, "connect", times=None)
        staff.passes.settle_for(400)
        staff.become(**changes)
        assert is_settled(staff.passes.settle_for(400))
        assert [(record.state, record.trouble) for record in staff.passes.records.values()] == [(ArtifactState.CLOSED, "")]


def test_one_mail_that_is_refused_twice_is_told_of_tried_on_and_holds_up_no_other():
    with staff_mail(*ALL) as staff:
        staff.strike(FaultKind.CONFLICT, times=2)
        staff.passes.settle()
        assert [record.trouble[:9] for record in staff.passes.records.values()] == ["smtp: 552"]
        staff.passes.settle_for(200)
        assert [record.trouble[:9] for record in staff.passes.records.values()] == ["", "smtp: 552", "", ""]
        assert is_settled(staff.passes.settle_for(300))
        assert staff.ids == ["order-501", "resolved-1", "opening"]


def test_five_workers_at_once_send_it_once():
    with staff_mail() as staff:
        staff.passes.settle_by_many()
        staff.passes.settle_for(100)
        assert staff.ids == ["opening"]


def test_an_address_that_is_refused_is_named_once_however_many_mails_there_are():
    with staff_mail(*ALL, to=(STAFF, "nobody@example.com")) as staff:
        staff.passes.settle_for(200)
        assert [mail.to for mail in staff.received] == [(STAFF,)] * 3
        assert staff.says == ["nobody@example.com gets no mail of ours: 550 5.1.1 No such mailbox"]


def test_a_list_that_is_put_off_gets_its_mail_later_and_nobody_gets_it_twice():
    with staff_mail() as staff:
        staff.mail.server.answers[OPS] = "451 4.7.1 Greylisted"
        staff.passes.settle_for(400)
        assert [mail.to for mail in staff.received] == [(STAFF,)]
        staff.mail.server.answers.clear()
        assert is_settled(staff.passes.settle_for(400))
        assert [mail.to for mail in staff.received] == [(STAFF,), (OPS,)]
        assert set(staff.mail.model.copies().values()) == {1}


def test_a_list_that_is_put_off_twice_gets_its_mail_once_the_incident_is_public_again():
    third = "third@example.com"
    with staff_mail(to=(STAFF, OPS, third)) as staff:
        staff.mail.model.lists[third] = ()
        staff.mail.server.answers.update({OPS: "451 4.7.1 Greylisted", third: "452 4.2.2 Full"})
        staff.passes.settle()
        del staff.mail.server.answers[OPS]
        staff.passes.settle_for(100)
        staff.become(is_private=True)
        staff.mail.server.answers.clear()
        assert is_settled(staff.passes.settle_for(400))
        assert [mail.to for mail in staff.received] == [(STAFF,), (OPS,)]
        staff.become(is_private=False)
        assert is_settled(staff.passes.settle_for(400))
        assert [mail.to for mail in staff.received] == [(STAFF,), (OPS,), (third,)]


GONE, FULL = "gone@example.com", "full@example.com"
GONE_FOR_GOOD = f"{GONE} gets no mail of ours: 550 5.1.1 No such mailbox"


@contextmanager
def put_off_twice() -> Iterator[Staff]:
    """An update: one list has it, another got it by the second sending, which one more refused and the last put off."""
    with staff_mail(UPDATE, to=(STAFF, OPS, GONE, FULL)) as staff:
        staff.mail.model.lists.update({GONE: (), FULL: ()})
        staff.passes.pass_time(60)
        staff.mail.server.answers.update(dict.fromkeys((OPS, GONE, FULL), "451 4.7.1 Greylisted"))
        staff.passes.settle()
        del staff.mail.server.answers[OPS]
        staff.mail.server.answers[GONE] = "550 5.1.1 No such mailbox"
        staff.passes.settle_for(40)
        assert [mail.to for mail in staff.received] == [(STAFF,), (OPS,)]
        staff.mail.server.answers.clear()
        yield staff


def test_a_list_that_is_put_off_twice_and_may_not_be_told_at_that_very_moment_is_told_when_it_may():
    with put_off_twice() as staff:
        staff.in_jira(replace(staff.passes.incident, is_private=True))
        assert is_settled(staff.passes.settle_for(400))
        assert [mail.to for mail in staff.received] == [(STAFF,), (OPS,)]
        staff.become()
        assert is_settled(staff.passes.settle_for(400))
        assert [mail.to for mail in staff.received] == [(STAFF,), (OPS,), (FULL,)]
        assert staff.says == [GONE_FOR_GOOD]


def test_of_a_list_that_is_put_off_twice_and_may_not_be_told_any_more_nobody_needs_to_know():
    with put_off_twice() as staff:
        staff.write()
        staff.become()
        assert is_settled(staff.passes.settle_for(400))
        staff.announces.staff_ = [RESOLVED]
        assert is_settled(staff.passes.settle_for(400))
        assert [mail.to for mail in staff.received] == [(STAFF,), (OPS,), (STAFF, OPS, GONE, FULL)]
        assert staff.says == [GONE_FOR_GOOD]


def test_a_list_that_was_put_off_twice_and_not_to_be_told_for_a_moment_gets_no_third_mail_where_the_worker_dies():
    with put_off_twice() as staff:
        staff.in_jira(replace(staff.passes.incident, is_private=True))
        staff.passes.settle_for(400)
        staff.become()
        staff.passes.die(len(staff.passes.effects) + 1, after=True)
        assert is_settled(staff.passes.settle_for(400))
        assert [mail.to for mail in staff.received] == [(STAFF,), (OPS,), (FULL,)]
        assert staff.says == [
            GONE_FOR_GOOD,
            f"the mail of 03:01 UTC may not have reached {FULL}: the mail server did not say, twice",
        ]


def test_of_two_lists_that_are_put_off_each_gets_its_mail_when_it_may():
    third = "third@example.com"
    with staff_mail(to=(STAFF, OPS, third)) as staff:
        staff.mail.model.lists[third] = ()
        staff.mail.server.answers.update({OPS: "451 4.7.1 Greylisted", third: "452 4.2.2 Full"})
        staff.passes.settle_for(100)
        del staff.mail.server.answers[OPS]
        staff.passes.settle_for(400)
        del staff.mail.server.answers[third]
        assert is_settled(staff.passes.settle_for(700))
        assert [mail.to for mail in staff.received] == [(STAFF,), (OPS,), (third,)]


# --- hostile words --------------------------------------------------------------------------------------------------------


class Shown(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("words", [*HOSTILE_LINES, *HOSTILE_BODIES, "\r\nBcc: x@example.com\r\n\r\n", "a\u2028b\x00c"])
def test_hostile_words_change_neither_headers_nor_html(words: str):
    hostile = replace(OPENING, subject=f"HOT-42 - Sev 1 - {words}", body=f"{words}\n\n- {words}\n\n{words}")
    with staff_mail(hostile) as staff:
        assert is_settled(staff.passes.settle()) or is_settled(staff.passes.settle())
        [mail] = staff.received
        assert_untouched(mail.raw)
        page = Shown(mail.html)
        assert set(page.tags) <= {"html", "head", "meta", "title", "body", "h1", "p", "br", "ul", "li", "a", "hr", "small"}
        assert page.attributes <= {"lang", "charset", "name", "content", "style", "href", "rel"}
        assert all(link.startswith(("https://", "http://", "mailto:")) for link in page.links)
        assert page.tags.count("h1") == page.tags.count("title") == page.tags.count("html") == 1


def test_links_can_be_followed_and_lists_are_lists():
    with staff_mail(replace(OPENING, body="Room: https://example.slack.com/C1?a=1&b=2\n- one <b>\n- two\n\nThe end.")) as staff:
        staff.passes.settle()
        page = Shown(staff.received[0].html)
    assert page.links == ["https://example.slack.com/C1?a=1&b=2", "https://example.atlassian.net/browse/HOT-42"]
    assert page.tags.count("li") == 2
    assert "one <b>" in page.text
