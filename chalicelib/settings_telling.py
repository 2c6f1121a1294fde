"""[updates], [products], [status_pages], [mail], [reminders], [support] and [review] of firebell.toml.

Who is told what, and when. A channel whose table is left out is none: nothing is ever said there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from typing import Literal
from urllib.parse import urlsplit

from chalicelib.domain.announcement import Audience
from chalicelib.domain.incident import Severity
from chalicelib.domain.reminding import Night, ReminderPolicy
from chalicelib.domain.routing import fold_name
from chalicelib.domain.schema import IncidentSchema
from chalicelib.domain.telling import Product, Review, TellingPolicy
from chalicelib.settings_jira import PROJECT_KEY
from chalicelib.settings_people import MAIL
from chalicelib.settings_table import LOOPBACK, Shape, Table

LANGUAGE = Shape(re.compile(r"[a-z]{2}(-[a-z]{2})?"), "the name of a folder below templates/", "de")
Security = Literal["starttls", "tls", "none"]
SECURITY: dict[Security, int] = {"starttls": 587, "tls": 465, "none": 25}
"""How a mail server is spoken to -> the port where that is usual."""

SES_LIMIT = 50
"""Addresses to a mail: Amazon SES sends nobody one that has more."""

_VENDOR_ID = Shape(re.compile(r"[a-z0-9]+"), "an id at Statuspage (not a name)", "ftgks51sfs2d")
_HOST = Shape(re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|::1"), "a host's name (no address)", "wiki.example.com")
_WORD = Shape(re.compile(r"\S(.*\S)?"), "a word", "Project Falcon")


@dataclass(frozen=True, slots=True)
class PageSettings:
    page_id: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class StatusPagesSettings:
    """staff, public, drills: None where there is none. drills: where those of the staff's are tried out."""

    base_url: str
    staff: PageSettings | None = None
    public: PageSettings | None = None
    drills: PageSettings | None = None


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    host: str
    port: int
    security: Security


@dataclass(frozen=True, slots=True)
class MailSettings:
    """smtp: None for Amazon SES. reply_to: an address that somebody reads. drills_to: empty where drills send no mail."""

    sender: str
    reply_to: str
    to: tuple[str, ...]
    drills_to: tuple[str, ...] = ()
    smtp: SmtpSettings | None = None
    language: str = ""


@dataclass(frozen=True, slots=True)
class ReviewSettings:
    """The issue for the post-incident review, and how it is linked to the incident. private_project: where private incidents
    are reviewed; "" for nowhere."""

    project: str
    issue_type: str
    link_type: str
    private_project: str = ""


@dataclass(frozen=True, slots=True)
class TellingSettings:
    """status_pages, mail, review: None where there is none. support_projects: keys, in which customers' cases are counted."""

    policy: TellingPolicy = field(default_factory=TellingPolicy)
    status_pages: StatusPagesSettings | None = None
    mail: MailSettings | None = None
    reminders: ReminderPolicy = field(default_factory=ReminderPolicy)
    support_projects: tuple[str, ...] = ()
    review: ReviewSettings | None = None

    @property
    def languages(self) -> frozenset[str]:
        """Folders below templates/ that have to be there."""
        pages = self.status_pages
        of_pages = (pages.staff, pages.public, pages.drills) if pages is not None else ()
        return frozenset(one.language for one in (*of_pages, self.mail) if one is not None and one.language)


def read_telling(top: Table, hosts: Collection[str], schema: IncidentSchema) -> TellingSettings:
    """hosts: addresses of the company's own tools. schema: whose time zone is the company's, where nothing else is said."""
    pages = _read_pages(top)
    mail = _read_mail(top)
    products = _read_products(top.table("products"), pages)
    updates = top.table("updates")
    policy = _read_policy(updates, products, pages, mail, hosts)
    policy = replace(policy, reaches=_reaches(pages, mail, has_room="chat" in top.values))
    if pages is not None and pages.public is not None and not any(product.public for product in products.values()):
        top.problems.append(
            "status_pages.public: no product has a name that customers know, so nothing could ever be said there; "
            'add [products."<product>"] with public'
        )
    return TellingSettings(
        policy=policy,
        status_pages=pages,
        mail=mail,
        reminders=_read_reminders(top.table("reminders"), schema.time_zone),
        support_projects=tuple(dict.fromkeys(key.upper() for key in top.table("support").texts("projects", shape=PROJECT_KEY))),
        review=_read_review(top, schema),
    )


def _read_policy(
    updates: Table,
    products: Mapping[str, Product],
    pages: StatusPagesSettings | None,
    mail: MailSettings | None,
    hosts: Collection[str],
) -> TellingPolicy:
    public = pages.public if pages is not None else None
    staff = pages.staff if pages is not None else None
    opens_on_fixing = updates.flag("opens_on_fixing")
    if opens_on_fixing and public is None:
        updates.problem("opens_on_fixing", "means nothing without [status_pages.public]; add that table, or take this out")
    guarded = updates.texts("guarded_hosts", shape=_HOST)
    if "guarded_hosts" not in updates.values:
        guarded = [host for host in (urlsplit(address).hostname for address in hosts) if host]
    again = updates.table("next_update_minutes")
    usual = TellingPolicy().next_update
    return TellingPolicy(
        opens_at_once=updates.flag("opens_at_once"),
        opens_after=timedelta(seconds=updates.number("opens_after_s", 600, at_least=0, at_most=86_400)),
        hold=timedelta(seconds=updates.number("hold_s", 60, at_least=0, at_most=3600)),
        opens_on_fixing=opens_on_fixing,
        order_groups=frozenset(updates.texts("order_groups")),
        review=Review(updates.choice("review", tuple(Review), Review.OFF) or Review.OFF),
        guarded_words=frozenset(fold_name(word) for word in updates.texts("guarded_words", shape=_WORD)),
        guarded_hosts=frozenset(host.casefold() for host in guarded),
        products=products,
        next_update={
            severity: timedelta(minutes=again.number(str(severity.value), _minutes(usual[severity]), at_least=5, at_most=1440))
            for severity in Severity
            if severity.is_major
        },
        final_after=timedelta(seconds=updates.number("final_after_s", 300, at_least=0, at_most=86_400)),
        staff_language=staff.language if staff is not None else mail.language if mail is not None else "",
        public_language=public.language if public is not None else "",
    )


def _reaches(pages: StatusPagesSettings | None, mail: MailSettings | None, *, has_room: bool) -> frozenset[Audience]:
    has_staff = has_room or mail is not None or (pages is not None and pages.staff is not None)
    has_public = pages is not None and pages.public is not None
    return frozenset(who for who, has in ((Audience.STAFF, has_staff), (Audience.PUBLIC, has_public)) if has)


def _minutes(span: timedelta) -> int:
    return span // timedelta(minutes=1)


def _read_products(table: Table, pages: StatusPagesSettings | None) -> dict[str, Product]:
    products: dict[str, Product] = {}
    for title, product in table.each():
        name = fold_name(title)
        if name in products:
            table.problem(title, "is there twice, in another spelling; join the two")
        read = products[name] = Product(
            public=product.text("public"),
            staff_component=product.text("staff_component", shape=_VENDOR_ID),
            public_component=product.text("public_component", shape=_VENDOR_ID),
        )
        if read.public_component and not read.public:
            product.problem("public_component", "means nothing without public: customers must know the product by some name")
        for key, component, page in (
            ("staff_component", read.staff_component, pages and pages.staff),
            ("public_component", read.public_component, pages and pages.public),
        ):
            if component and page is None:
                product.problem(
                    key, f"means nothing without the page that it is on; add [status_pages.{key.partition('_')[0]}]"
                )
    return products


def _read_pages(top: Table) -> StatusPagesSettings | None:
    table = top.table("status_pages")
    written = top.values.get("status_pages")
    if not isinstance(written, Mapping):
        stand_in = PageSettings("")  # no table: that was said, and that there are no pages is no news
        return StatusPagesSettings("", stand_in, stand_in, stand_in) if written is not None else None
    pages = {name: _read_page(table, name) for name in ("staff", "public", "drills")}
    if not any(name in table.values for name in pages):
        table.problem("staff", "is missing, and so are public and drills; add the table of at least one page")
    first_at: dict[str, str] = {}
    for name, page in pages.items():
        if page is not None and page.page_id:
            first = first_at.setdefault(page.page_id, name)
            if first != name:
                table.problem(name, f"is the same page as {first}, so that what is meant for one would be read on the other")
    return StatusPagesSettings(table.url("base_url", "https://api.statuspage.io"), **pages)


def _read_page(table: Table, name: str) -> PageSettings | None:
    page = table.table(name)
    if name not in table.values:
        return None
    return PageSettings(page.text("page_id", required=True, shape=_VENDOR_ID), page.text("language", shape=LANGUAGE))


def _read_mail(top: Table) -> MailSettings | None:
    mail = top.table("mail")
    if "mail" not in top.values:
        return None
    kind = mail.choice("kind", ("smtp", "ses"))
    smtp = None
    if kind == "smtp":
        smtp = _read_smtp(mail)
    elif kind is None:
        mail.asked.update(mail.values)  # without a kind nobody knows which keys are right
    return MailSettings(
        sender=mail.text("from", required=True, shape=MAIL),
        reply_to=mail.text("reply_to", required=True, shape=MAIL),
        to=_read_addresses(mail, "to", kind, required="mail address"),
        drills_to=_read_addresses(mail, "drills_to", kind),
        smtp=smtp,
        language=mail.text("language", shape=LANGUAGE),
    )


def _read_addresses(mail: Table, key: str, kind: str | None, *, required: str = "") -> tuple[str, ...]:
    addresses = tuple(dict.fromkeys(mail.texts(key, required=required, shape=MAIL)))
    if kind == "ses" and len(addresses) > SES_LIMIT:
        mail.problem(key, f"has {len(addresses)} addresses, and Amazon SES takes {SES_LIMIT} at most; write that of a list")
    return addresses


def _read_smtp(mail: Table) -> SmtpSettings:
    host = mail.text("host", required=True, shape=_HOST)
    chosen = mail.choice("security", tuple(SECURITY), "starttls")
    security: Security = next((one for one in SECURITY if one == chosen), "starttls")
    if security == "none" and host not in LOOPBACK:
        mail.problem("security", 'is "none", which is for a server on this machine only; write "starttls" or "tls"')
    return SmtpSettings(host, mail.number("port", SECURITY[security], at_least=1, at_most=65_535), security)


def _read_reminders(table: Table, time_zone: str) -> ReminderPolicy:
    night = table.table("night")
    return ReminderPolicy(
        times=table.number("times", 2, at_least=0, at_most=10),
        again_after=timedelta(minutes=table.number("again_after_minutes", 15, at_least=5, at_most=1440)),
        manager_after=timedelta(minutes=table.number("manager_after_minutes", 10, at_least=1, at_most=1440)),
        public_after=timedelta(minutes=table.number("public_after_minutes", 15, at_least=1, at_most=1440)),
        handover_after=timedelta(hours=table.number("handover_after_hours", 8, at_least=1, at_most=72)),
        at_night_after=timedelta(hours=table.number("handover_at_night_after_hours", 4, at_least=1, at_most=72)),
        night=Night(
            night.time_zone("time_zone", time_zone),
            night.time_of_day("start", time(22)),
            night.time_of_day("end", time(7)),
        ),
    )


def _read_review(top: Table, schema: IncidentSchema) -> ReviewSettings | None:
    review = top.table("review")
    if "review" not in top.values:
        return None
    known = ReviewSettings(
        project=review.text("project", required=True, shape=PROJECT_KEY).upper(),
        issue_type=review.text("issue_type", required=True),
        link_type=review.text("link_type", "Relates"),
        private_project=review.text("private_project", shape=PROJECT_KEY).upper(),
    )
    review.keep_apart("private_project", "project")
    for project in dict.fromkeys((known.project, known.private_project)):
        if known.issue_type and schema.may_be_incident(project, known.issue_type):
            review.problem(
                "issue_type",
                f"a review in {project} may be an incident itself, and page for each resolve; write a type that is none of "
                "jira.issue_types, and all of them as ids or all as names",
            )
    return known
