"""Who would be paged for this, and why: one pure function over the routing table of firebell.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.incident import Severity
from chalicelib.domain.paging import Roster


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """When a delivery team may be disturbed. days: 0 is Monday. start <= local time < end, no night shifts."""

    time_zone: str
    days: frozenset[int]
    start: time
    end: time

    def contain(self, now: datetime) -> bool:
        local = now.astimezone(ZoneInfo(self.time_zone))
        return local.weekday() in self.days and self.start <= local.time() < self.end

    def opens_at(self, now: datetime) -> datetime:
        """`now` inside the hours, else the next moment they begin. Aware in, UTC out."""
        if self.contain(now):
            return now
        zone = ZoneInfo(self.time_zone)
        today = now.astimezone(zone).date()
        openings = (datetime.combine(today + timedelta(days=n), self.start, zone) for n in range(9))
        return min(o.astimezone(UTC) for o in openings if o.weekday() in self.days and o > now)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a severity 3 of a service goes besides Jira: a low-urgency alert in the team's business hours."""

    roster: str
    hours: BusinessHours


@dataclass(frozen=True, slots=True)
class RoutingTable:
    """services: service name, casefolded -> severity -> roster name. imoc: roster names in the order they are tried."""

    rosters: Mapping[str, Roster]
    imoc: tuple[str, ...]
    services: Mapping[str, Mapping[Severity, str]] = field(default_factory=dict)
    deliveries: Mapping[str, Delivery] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """One step of the chain. target: "im", "imoc1"... or "<target>.second". why: a sentence for people."""

    target: str
    roster: Roster
    why: str

    @property
    def is_second(self) -> bool:
        """Reached only when the link before it cannot be reached at its own pager."""
        return self.target.endswith(".second")


@dataclass(frozen=True, slots=True)
class Route:
    """Whom to page, in order. The first link is paged at once; each later one when those before it are spent."""

    chain: tuple[Link, ...] = ()
    delivery: Link | None = None
    hours: BusinessHours | None = None
    why: str = ""


def route(service: str | None, severity: Severity, table: RoutingTable) -> Route:
    """Return who is paged for this service and severity, and why. Pure; total: every input has an answer."""
    name = (service or "").strip().casefold()
    if not severity.is_major:
        return _route_to_delivery_team(service, name, table)
    known = table.services.get(name)
    chain: list[Link] = []
    if known is None:
        why = f"service {service} is not in the routing table" if service else "the faulty service is not known"
    elif severity not in known:
        why = f"service {service} has no roster for severity {severity.value}"
    else:
        roster = table.rosters[known[severity]]
        why = f"{roster.name} is on call for {service} at severity {severity.value}"
        chain += _with_second(Link("im", roster, why), table)
    imoc_why = f"{why}: incident managers on call" if not chain else "nobody before them has it"
    for number, roster_name in enumerate(table.imoc, 1):
        roster = table.rosters[roster_name]
        if any(_same(roster, link.roster) for link in chain):
            continue
        chain += _with_second(Link(f"imoc{number}", roster, imoc_why), table)
        imoc_why = "nobody before them has it"
    return Route(chain=tuple(chain), why=why)


def _route_to_delivery_team(service: str | None, name: str, table: RoutingTable) -> Route:
    delivery = table.deliveries.get(name)
    if delivery is None:
        return Route(why="severity 3 stays in Jira")
    why = f"severity 3 of {service}: {delivery.roster} in its business hours, without waking anybody"
    return Route(delivery=Link("delivery", table.rosters[delivery.roster], why), hours=delivery.hours, why=why)


def _with_second(link: Link, table: RoutingTable) -> list[Link]:
    if link.roster.second is None:
        return [link]
    second = table.rosters[link.roster.second]
    return [link, Link(f"{link.target}.second", second, f"{link.roster.pager} cannot be reached")]


def _same(one: Roster, other: Roster) -> bool:
    """The same people at the same pager, whatever we call them."""
    if one.name == other.name:
        return True
    same_name = one.id == other.id if one.id and other.id else one.title == other.title
    return one.pager == other.pager and one.kind == other.kind and same_name
