"""Once an hour: does every pager still take our word? A key that was revoked shows nowhere else until somebody must be rung."""

from __future__ import annotations

from datetime import datetime

from chalicelib.errors import IntegrationError, PermanentError, TemporaryError
from chalicelib.reconcile.world import World

ASKED_AT_MINUTE = 17
"""Of every hour: one sweep begins in each minute. One that is left out or comes twice does no harm."""

NOBODYS = "firebell-asks"
"""As no incident's alias is, so that nothing is found."""

NO_REQUEST = "00000000-0000-0000-0000-000000000000"


def ask_pagers(world: World, now: datetime, give_up_at: datetime) -> None:
    """Ask each pager something that changes nothing, and tell the owners of one that refuses. Never raises for a pager's sake.

    A key that only sends, as PagerDuty's routing keys do, cannot be asked about.
    """
    if now.minute != ASKED_AT_MINUTE:
        return
    for name in world.pagers:
        if world.clock.now() < give_up_at:
            _ask_pager(world, name)


def _ask_pager(world: World, name: str) -> None:
    try:
        pager = world.pagers[name]
        pager.find(NOBODYS)
        pager.confirm(NOBODYS, NO_REQUEST)  # JSM Operations is asked this with the key that pages, and that with another
    except IntegrationError as error:
        if is_refusal(error):
            world.log.alarm("pager_refuses_us", pager=name, error=str(error))
        else:
            world.log.info("pager_failed", operation=error.operation, pager=name, error=str(error))


def is_refusal(error: IntegrationError) -> bool:
    """Whether it lasts until a human does something. What a pager says of a request that never was, is its own affair. Pure."""
    if isinstance(error, TemporaryError):
        return error.out_of_service and error.retry_after_s is None
    return isinstance(error, PermanentError) and error.operation == "find"
