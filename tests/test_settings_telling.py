"""What firebell.toml says about telling people, and what is said about one that is wrong."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest

from chalicelib.domain.announcement import Audience
from chalicelib.domain.incident import Severity
from chalicelib.domain.reminding import Night, ReminderPolicy
from chalicelib.domain.telling import Product, Review, TellingPolicy
from chalicelib.settings_reader import settings_from
from chalicelib.settings_telling import (
    MailSettings,
    PageSettings,
    ReviewSettings,
    SmtpSettings,
    StatusPagesSettings,
    TellingSettings,
)
from tests.documents import LEFT_OUT, OVER_SES, a_document
from tests.test_settings import problems_of

OURS = ("updates", "products", "status_pages", "mail", "reminders", "support", "review")
PAGES = {"staff": {"page_id": "s1"}, "drills": {"page_id": "d1"}}
"""No public page, so that nothing about public products is missing."""


def telling(changes: dict[str, Any]) -> TellingSettings:
    return settings_from(a_document(changes), {}).telling


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


def test_when_people_are_told_arrives():
    assert telling({}).policy == TellingPolicy(
        opens_at_once=True,
        opens_after=minutes(2),
        hold=timedelta(seconds=30),
        opens_on_fixing=True,
        order_groups=frozenset({"incident-comms"}),
        review=Review.SUGGESTED,
        guarded_words=frozenset({"project falcon"}),
        guarded_hosts=frozenset({"git.example.com"}),
        products={
            "jira software": Product("Jira", "ftgks51sfs2d", "8kbf7d35c070"),
            "reactor": Product(staff_component="vtnh60py4yd7"),
        },
        next_update={Severity.SEV1: minutes(20), Severity.SEV2: minutes(40)},
        final_after=minutes(10),
        staff_language="de",
        public_language="fr",
    )


def test_the_pages_arrive():
    assert telling({}).status_pages == StatusPagesSettings(
        "https://statuspage.example.com",
        PageSettings("kctbh9vrtdwd", "de"),
        PageSettings("y2j98763l56x", "fr"),
        PageSettings("w3k4v95fy0ft", "de"),
    )


def test_the_folders_of_all_languages_are_known():
    assert telling({}).languages == {"de", "fr"}
    assert telling(dict.fromkeys(OURS, LEFT_OUT)).languages == frozenset()


def test_a_page_alone_is_enough():
    changes = {"status_pages": {"staff": {"page_id": "s1"}}, "products": LEFT_OUT, "updates": LEFT_OUT}
    assert telling(changes).status_pages == StatusPagesSettings("https://api.statuspage.io", PageSettings("s1"))


def test_mail_through_a_server_arrives():
    assert telling({}).mail == MailSettings(
        "firebell@example.com",
        "incidents@example.com",
        ("staff@example.com",),
        ("drills@example.com",),
        SmtpSettings("smtp.example.com", 2525, "tls"),
        "de",
    )


def test_mail_through_ses_needs_no_server():
    written = OVER_SES | {"to": ["c@example.com", "c@example.com"]}
    assert telling({"mail": written}).mail == MailSettings("a@example.com", "b@example.com", ("c@example.com",))


@pytest.mark.parametrize(
    ("security", "host", "port"),
    [
        pytest.param(LEFT_OUT, "smtp.example.com", 587, id="left out"),
        pytest.param("starttls", "smtp.example.com", 587, id="starttls"),
        pytest.param("tls", "smtp.example.com", 465, id="tls"),
        pytest.param("none", "127.0.0.1", 25, id="none"),
    ],
)
def test_the_port_is_the_usual_one(security: Any, host: str, port: int):
    mail = telling({"mail.security": security, "mail.host": host, "mail.port": LEFT_OUT}).mail
    assert mail is not None
    assert mail.smtp == SmtpSettings(host, port, "starttls" if security is LEFT_OUT else security)


def test_what_people_are_reminded_of_arrives():
    hours = timedelta(hours=6), timedelta(hours=3)
    night = Night("Europe/Berlin", time(23), time(6, 30))
    assert telling({}).reminders == ReminderPolicy(3, minutes(20), minutes(5), minutes(30), *hours, night)


def test_the_night_is_where_jira_is_unless_said_otherwise():
    assert telling({"reminders.night.time_zone": LEFT_OUT}).reminders.night.time_zone == "Asia/Kolkata"


def test_cases_and_the_review_arrive():
    known = telling({})
    assert known.support_projects == ("SUP",)
    assert known.review == ReviewSettings("PIR", "Review", "Post-Incident Reviews", "PIRSECRET")


@pytest.mark.parametrize(
    ("incidents", "project", "review"),
    [
        pytest.param(["Incident"], "HOT", "Task", id="another name"),
        pytest.param(["10100"], "HOT", "10101", id="another id"),
        pytest.param(["10100"], "PIR", "Incident", id="in a project without incidents"),
    ],
)
def test_a_review_that_is_no_incident_may_have_any_type(incidents: list[str], project: str, review: str):
    known = telling({"jira.issue_types": incidents, "review.project": project, "review.issue_type": review})
    assert known.review is not None
    assert known.review.issue_type == review


def test_left_out_only_the_room_is_told_in_the_usual_time():
    known = telling(dict.fromkeys(OURS, LEFT_OUT))
    hosts = frozenset({"jira.example.com", "api.example.com", "wiki.example.com", "slack.example.com"})
    night = Night("Asia/Kolkata", time(22), time(7))
    policy = TellingPolicy(guarded_hosts=hosts, reaches=frozenset({Audience.STAFF}))
    assert known == TellingSettings(policy, reminders=ReminderPolicy(night=night))


def test_who_has_no_room_no_mail_and_no_page_tells_nobody():
    assert telling(dict.fromkeys((*OURS, "chat"), LEFT_OUT)).policy.reaches == frozenset()


@pytest.mark.parametrize(
    ("written", "guarded"),
    [
        pytest.param({"updates.guarded_hosts": LEFT_OUT, "wiki": LEFT_OUT, "chat": LEFT_OUT},
                     {"jira.example.com", "api.example.com"}, id="what there is"),
        pytest.param({"updates.guarded_hosts": []}, set(), id="none, if they say so"),
    ],
)  # fmt: skip
def test_guarded_hosts_are(written: dict[str, Any], guarded: set[str]):
    assert telling(written).policy.guarded_hosts == guarded


def test_without_a_staff_page_the_room_speaks_as_the_mail_does():
    changes = {"status_pages.staff": LEFT_OUT, "products.Jira  Software.staff_component": LEFT_OUT}
    changes |= {"products.Reactor": {}, "mail.language": "sv"}
    assert telling(changes).policy.staff_language == "sv"


# --- a file that is wrong ---------------------------------------------------------------------------------------------

WRONG = [
    pytest.param({"people.mia.time_zone": "Denver"}, ["people.mia.time_zone: there is no time zone 'Denver'"], id="zone"),
    pytest.param({"updates.opens_at_once": "yes"}, ["updates.opens_at_once: is 'yes'; write true or false"], id="flag"),
    pytest.param({"updates.opens_after_s": -1}, ["updates.opens_after_s: is -1; write a whole number from 0"], id="opens"),
    pytest.param({"updates.hold_s": "60"}, ["updates.hold_s: is '60'; write a whole number from 0 to 3600"], id="hold"),
    pytest.param({"updates.review": "yes"}, ['updates.review: is \'yes\'; write one of "off", "suggested", '], id="review"),
    pytest.param({"updates.hold": 1}, ["updates.hold: is not a setting"], id="hold by another name"),
    pytest.param(
        {"updates.guarded_hosts": ["https://git.example.com"]},
        ["updates.guarded_hosts: 'https://git.example.com' is not a host's name"],
        id="address of a host",
    ),
    pytest.param({"updates.next_update_minutes.3": 60}, ["updates.next_update_minutes.3: is not a setting"], id="severity 3"),
    pytest.param(
        {"products.JIRA software": {"public": "Jira"}}, ['products."JIRA software": is there twice'], id="product twice"
    ),
    pytest.param(
        {"products.Reactor.public_component": "8kbf7d35c070"},
        ["products.Reactor.public_component: means nothing without public: customers"],
        id="component that nobody may name",
    ),
    pytest.param(
        {"products.Reactor.staff_component": "Reactor Core"},
        ["products.Reactor.staff_component: 'Reactor Core' is not an id at Statuspage"],
        id="component by name",
    ),
    pytest.param({"status_pages": "on"}, ["status_pages: is 'on'; write a table, [status_pages]"], id="pages are no table"),
    pytest.param(
        {"status_pages": {}, "updates": LEFT_OUT, "products": LEFT_OUT},
        ["status_pages.staff: is missing, and so are public and drills"],
        id="no page",
    ),
    pytest.param(
        {"status_pages": LEFT_OUT, "updates": LEFT_OUT, "products.Reactor": LEFT_OUT},
        [
            'products."Jira  Software".staff_component: means nothing without the page that it is on; add [status_pages.staff]',
            'products."Jira  Software".public_component: means nothing without the page that it is on; add [status_pages.publ',
        ],
        id="components of no page",
    ),
    pytest.param(
        {"status_pages.public.page_id": "kctbh9vrtdwd"},
        ["status_pages.public: is the same page as staff, so that what is meant for one would be read on the other"],
        id="customers would read what staff do",
    ),
    pytest.param(
        {"status_pages.drills.page_id": "y2j98763l56x"}, ["status_pages.drills: is the same page as public"], id="drills"
    ),
    pytest.param(
        {"products": LEFT_OUT},
        ["status_pages.public: no product has a name that customers know, so nothing could ever be said there"],
        id="nothing can be said to customers",
    ),
    pytest.param(
        {"status_pages": PAGES, "products": LEFT_OUT},
        ["updates.opens_on_fixing: means nothing without [status_pages.public]"],
        id="opens what there is not",
    ),
    pytest.param({"status_pages.staff.page_id": LEFT_OUT}, ["status_pages.staff.page_id: is missing; write an id"], id="no id"),
    pytest.param({"status_pages.staff.language": "../x"}, ["status_pages.staff.language: '../x' is not the name"], id="folder"),
    pytest.param({"status_pages.base_url": "http://x.example.com"}, ["status_pages.base_url: 'http://x.exampl"], id="no TLS"),
    pytest.param({"mail": []}, ["mail: is []; write a table, [mail]"], id="mail is no table"),
    pytest.param({"mail.kind": "sess"}, ['mail.kind: is \'sess\'; write one of "smtp", "ses"; did you mean'], id="kind"),
    pytest.param(
        {"mail.kind": "ses"}, ["mail.host: is not a setting", "mail.port: is", "mail.security: is"], id="SES's server"
    ),
    *(
        pytest.param(
            {"mail": OVER_SES | {key: [f"{number}@example.com" for number in range(51)]}},
            [f"mail.{key}: has 51 addresses, and Amazon SES takes 50 at most; write that of a list"],
            id=f"too many for SES: {key}",
        )
        for key in ("to", "drills_to")
    ),
    pytest.param({"mail.host": LEFT_OUT}, ["mail.host: is missing; write a host's name"], id="no server"),
    pytest.param(
        {"mail.security": "none"}, ['mail.security: is "none", which is for a server on this machine only'], id="not secure"
    ),
    pytest.param({"mail.port": 0}, ["mail.port: is 0; write a whole number from 1 to 65535"], id="port"),
    pytest.param({"mail.to": []}, ["mail.to: is empty; name at least one mail address"], id="to nobody"),
    pytest.param({"mail.to": ["staff"]}, ["mail.to: 'staff' is not a mail address"], id="list by name"),
    pytest.param({"mail.from": LEFT_OUT}, ["mail.from: is missing; write a mail address"], id="from nobody"),
    pytest.param({"mail.reply_to": LEFT_OUT}, ["mail.reply_to: is missing; write a mail address"], id="answers to nobody"),
    pytest.param({"reminders.times": True}, ["reminders.times: is True; write a whole number from 0 to 10"], id="times"),
    pytest.param({"reminders.night.end": "7"}, ["reminders.night.end: is '7'; write a time of day"], id="night"),
    pytest.param({"support.projects": ["Our cases"]}, ["support.projects: 'Our cases' is not a project key"], id="cases"),
    pytest.param({"review.project": LEFT_OUT}, ["review.project: is missing; write a project key"], id="review nowhere"),
    pytest.param({"review.issue_type": LEFT_OUT}, ["review.issue_type: is missing; write a text"], id="review of no type"),
    *(
        pytest.param(
            {"jira.issue_types": incidents, "review.project": "hot", "review.issue_type": review},
            ["review.issue_type: a review in HOT may be an incident itself, and page for each resolve; write a type"],
            id=f"review {review!r} beside {incidents}",
        )
        for incidents, review in (
            (["Incident"], "incident"),
            (["Incident"], "10100"),
            (["10100"], "Task"),
            (["10100", "Incident"], "Task"),
        )
    ),
    pytest.param(
        {"jira.issue_types": ["10100"], "review.private_project": "HOT"},
        ["review.issue_type: a review in HOT may be an incident itself"],
        id="private review",
    ),
    pytest.param(
        {"review.project": "pir", "review.private_project": " PIR"},
        ["review.private_project: is the same as review.project, which everybody reads; name another or leave it out"],
        id="secret reviews where all read",
    ),
]


@pytest.mark.parametrize(("changes", "beginnings"), WRONG)
def test_a_mistake_is_named_with_its_place(changes: dict[str, Any], beginnings: list[str]):
    problems = problems_of(changes)
    assert [problem[: len(beginning)] for problem, beginning in zip(problems, beginnings, strict=True)] == beginnings
