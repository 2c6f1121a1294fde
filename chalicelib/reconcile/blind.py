"""The page while the ledger is away: look at the alias, then page what is young, at most once per two minutes."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.artifacts.page import page_request
from chalicelib.domain.alias import alias_of
from chalicelib.domain.incident import Incident
from chalicelib.domain.paging import AlertStatus, PageRecord, PageState
from chalicelib.domain.routing import route
from chalicelib.errors import IntegrationError
from chalicelib.ports.queue import Cause, Message, Orphan
from chalicelib.reconcile.world import Rules, World

YOUNG = timedelta(seconds=120)
"""A change older than this is not paged blindly: the ledger may be away for hours, and the sweep comes back to it."""

COVERED = YOUNG + timedelta(minutes=5)
"""An alert made so lately is for this change, though the pager's clock may be five minutes wrong: ringing again would be
ringing the same people over and over, who close it each time."""

LOOK_DELAY_S = 20


def page_blind(incident: Incident, world: World, rules: Rules) -> bool:
    """Make sure that a wanted page exists although nothing can be remembered; True when a pager accepted one now.

    Never raises an IntegrationError.

    The alias absorbs a second request while an alert is open, and the look keeps us from ringing again right after
    somebody closed it; what may still go wrong is exception E1 of docs/page-protocol.md.
    """
    now = world.clock.now()
    table = rules.routing.by_which(incident)
    link = next(iter(route(incident.service, incident.severity, table).chain), None)
    try:
        pager = world.pagers.get(link.roster.pager) if link else None
    except IntegrationError as error:  # its credentials cannot be read
        world.log.alarm("blind_page_failed", issue=incident.key, error=str(error))
        return False
    if link is None or pager is None:
        world.log.alarm("blind_page_impossible", issue=incident.key, error="nobody to page in the settings")
        return False
    alias = alias_of(incident.id, link.target, rules.policy.site_tag)
    try:
        if any(alert.status is not AlertStatus.CLOSED or now - alert.created_at < COVERED for alert in pager.find(alias)):
            return False
    except IntegrationError as error:
        world.log.info("blind_look_failed", issue=incident.key, error=str(error))
    if now - incident.updated_at >= YOUNG:
        return False
    _ask_for_a_look(incident, Orphan(link.target, link.roster.pager, sent_at=now), world)
    record = PageRecord(
        issue_id=incident.id, episode=1, target=link.target, alias=alias, roster=link.roster.name, pager=link.roster.pager,
        state=PageState.SENDING, claim="", since=now, until=now, reason=link.why,
    )  # fmt: skip
    try:
        pager.open_page(page_request(incident, link.roster, record, rules.page_texts))
        world.log.alarm("paged_blind", issue=incident.key, roster=link.roster.name)
    except IntegrationError as error:
        world.log.alarm("blind_page_failed", issue=incident.key, error=str(error))
        return False
    return True


def _ask_for_a_look(incident: Incident, orphan: Orphan, world: World) -> None:
    """Before the effect: whoever comes once the ledger is back must know that an alert may exist."""
    try:
        world.queue.send(Message(incident.id, Cause.LOOK, incident, orphan), LOOK_DELAY_S)
    except IntegrationError as error:
        world.log.alarm("look_not_queued", issue=incident.key, error=str(error))
