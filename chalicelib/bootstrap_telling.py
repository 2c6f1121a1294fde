"""The part of `bootstrap` that picks who tells people: status pages, mail, and the words of each language."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING

from chalicelib.artifacts.channels import MailPlace, Telling
from chalicelib.artifacts.reminders import TIMES
from chalicelib.artifacts.review_issue import ReviewPlace
from chalicelib.artifacts.status_pages import StatusPages
from chalicelib.bootstrap import clock, ledger, secret_store, settings, with_live_secrets, words
from chalicelib.domain.incident import DETECTED, IMPACT_ENDED, IMPACT_STARTED

if TYPE_CHECKING:
    from chalicelib.ports.mailer import Mailer
    from chalicelib.ports.secrets import Secrets
    from chalicelib.ports.status_pages import StatusPage
    from chalicelib.settings import Settings
    from chalicelib.settings_telling import MailSettings, ReviewSettings, StatusPagesSettings


def telling_of(known: Settings) -> Telling:
    telling, schema = known.telling, known.schema
    fields = {
        IMPACT_STARTED: schema.impact_started_field,
        DETECTED: schema.detected_field,
        IMPACT_ENDED: schema.impact_ended_field,
    }
    policy, pages, review = telling.policy, telling.status_pages, telling.review
    return Telling(
        policy,
        words(policy.staff_language),
        words(policy.public_language),
        words(pages.drills.language if pages is not None and pages.drills is not None else ""),
        known.routing,
        schema.projects,
        schema.time_zone,
        {name: title for name, title in TIMES.items() if fields[name]},
        telling.reminders,
        pages=_status_pages(pages) if pages is not None else None,
        mail=_mail_place(telling.mail) if telling.mail is not None else None,
        support_projects=telling.support_projects,
        review=_review_place(review) if review is not None else None,
    )


def _status_pages(known: StatusPagesSettings) -> StatusPages:
    secrets = secret_store().get()
    return StatusPages(
        secrets.statuspage_marks or secrets.statuspage_token,
        *(partial(status_page, one.page_id) if one is not None else None for one in (known.staff, known.public, known.drills)),
    )


def status_page(page_id: str) -> StatusPage:
    return with_live_secrets(_status_page_builder(page_id))


@cache
def _status_page_builder(page_id: str) -> Callable[[Secrets], StatusPage]:
    return partial(_build_status_page, page_id)


def _build_status_page(page_id: str, secrets: Secrets) -> StatusPage:
    from chalicelib.adapters.statuspage import EVERY
    from chalicelib.adapters.turns import Turns
    from chalicelib.vendors import status_page_client

    known = settings().telling.status_pages
    assert known is not None, "nothing asks for a page where there is none"
    turn = Turns("statuspage", EVERY, ledger, clock())
    return status_page_client(known, page_id, secrets, turn=turn, clock=clock())


def _review_place(known: ReviewSettings) -> ReviewPlace:
    return ReviewPlace(known.project, known.issue_type, known.link_type, known.private_project)


def _mail_place(known: MailSettings) -> MailPlace:
    return MailPlace(mailer, words(known.language), known.sender.rpartition("@")[2], known.to, known.drills_to)


def mailer() -> Mailer:
    return with_live_secrets(_build_mailer)


def _build_mailer(secrets: Secrets) -> Mailer:
    from chalicelib.adapters.mail_format import Sender

    known = settings().telling.mail
    assert known is not None, "nothing asks for a mailer where there is none"
    sender = Sender(known.sender, "Firebell", known.reply_to)
    if known.smtp is None:
        from chalicelib.adapters.aws import client
        from chalicelib.adapters.ses import Ses

        return Ses(sender, lambda: client("sesv2"))
    from chalicelib.adapters.smtp import Smtp

    smtp, user, password = known.smtp, secrets.smtp_user, secrets.smtp_password
    return Smtp(smtp.host, smtp.port, sender, security=smtp.security, user=user, password=password)
