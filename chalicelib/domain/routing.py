"""Who would be paged for this, and why: one pure function over the routing table of firebell.toml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.alias import CHAIN, DELIVERY, DRILL, ESCALATION, NEXT, SECOND
from chalicelib.domain.incident import Incident, Severity
from chalicelib.domain.paging import Roster


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """When a delivery team may be disturbed. days: 0 is Monday. start <= local time < end, no night shifts.

    A doubled hour (clocks put back) counts both times; a skipped one never comes, and hours within it begin at its end.
    """

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
            return now.astimezone(UTC)
        zone = ZoneInfo(self.time_zone)
        today = now.astimezone(zone).date()
        # Two weeks, because the only day of a week may lose its hours to the clock change.
        days = (today + timedelta(days=n) for n in range(15))
        beginnings = (moment for day in days for moment in self._beginnings(datetime.combine(day, self.start, zone)))
        return next(moment for moment in beginnings if moment > now)

    def _beginnings(self, wall: datetime) -> list[datetime]:
        """Moments inside that begin when the clocks show that time: one, two in a doubled hour, all after a skipped one."""
        moments = sorted({wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1)})
        if moments[0].astimezone(wall.tzinfo).time() != wall.time():
            minutes = range((moments[-1] - moments[0]) // timedelta(minutes=1) + 1)
            moments = [moments[0] + timedelta(minutes=n) for n in minutes]
        return [moment for moment in moments if self.contain(moment)]


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a severity 3 of a service goes besides Jira: a low-urgency alert in the team's business hours."""

    roster: str
    hours: BusinessHours


@dataclass(frozen=True, slots=True)
class RoutingTable:
    """services, deliveries, escalations: by `fold_name` of what Jira calls them. imoc: roster names, in the order of trying.

    drill: whom drills page, and nobody else, in the order of trying; () where they page like incidents. is_for_drills: it is
    the table that drills are routed by. routes: what `route` has answered so far; every pass over an incident asks the same
    several times.
    """

    rosters: Mapping[str, Roster]
    imoc: tuple[str, ...]
    services: Mapping[str, Mapping[Severity, str]] = field(default_factory=dict)
    deliveries: Mapping[str, Delivery] = field(default_factory=dict)
    escalations: Mapping[str, str] = field(default_factory=dict)
    drill: tuple[str, ...] = ()
    is_for_drills: bool = False
    routes: dict[tuple[str | None, Severity], Route] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def paged(self) -> frozenset[str]:
        """Names of the rosters that anything leads to; each of them is in `rosters`."""
        first = {*self.imoc, *(delivery.roster for delivery in self.deliveries.values())}
        first |= {name for rosters in self.services.values() for name in rosters.values()}
        first |= {*self.escalations.values(), *self.drill}
        return frozenset(first | {second for name in first if (second := self.rosters[name].second)})

    def by_which(self, incident: Incident) -> RoutingTable:
        """The table by which it is routed."""
        return self.for_drills() if incident.is_drill else self

    def for_drills(self) -> RoutingTable:
        """From everywhere it leads to the rosters of drills; itself where there are none."""
        if not self.drill:
            return self
        asked_for = dict.fromkeys((*self.services, *self.escalations), self.drill[0])
        return replace(self, imoc=self.drill, services={}, deliveries={}, escalations=asked_for, is_for_drills=True)


@dataclass(frozen=True, slots=True)
class Link:
    """One step of a chain. target: see domain.alias. why: a sentence for people."""

    target: str
    roster: Roster
    why: str

    @property
    def is_second(self) -> bool:
        """Reached only when the link before it cannot be reached at its own pager."""
        return self.target.endswith(SECOND)


@dataclass(frozen=True, slots=True)
class Route:
    """Whom to page, in order. The first link is paged at once; each later one when those before it are spent."""

    chain: tuple[Link, ...] = ()
    delivery: Link | None = None
    hours: BusinessHours | None = None
    why: str = ""


def fold_name(name: str | None) -> str:
    """A name of Jira's as a key: neither case nor the number of spaces tells two services (or options) apart."""
    return " ".join((name or "").split()).casefold()


def route(service: str | None, severity: Severity, table: RoutingTable) -> Route:
    """Return who is paged for this service and severity, and why. Pure; total: every input has an answer."""
    known = table.routes.get((service, severity))
    if known is None:
        known = table.routes[service, severity] = _work_out(service, severity, table)
    return known


@dataclass(frozen=True, slots=True)
class Escalations:
    """routes: target -> its own short chain. unknown: names that lead to nobody, as people wrote them."""

    routes: Mapping[str, Route] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


def escalations(names: Sequence[str], severity: Severity, table: RoutingTable) -> Escalations:
    """Whom the issue's "Escalate to" calls besides: by the table's own rows, else whoever is paged for that service.

    Several names for the same roster are one call. Pure.
    """
    routes: dict[str, Route] = {}
    unknown = []
    for name in names:
        roster = table.escalations.get(fold_name(name)) or table.services.get(fold_name(name), {}).get(severity)
        if roster is None:
            unknown.append(name)
        elif (target := f"{ESCALATION}{roster}") not in routes:
            link = Link(target, table.rosters[roster], f"{name} is asked for")
            routes[target] = Route(tuple(_with_second(link, table)), why=link.why)
    return Escalations(routes, tuple(unknown))


def succession(table: RoutingTable) -> Route:
    """Who is asked to take over an incident that its manager has left: the incident managers on call. Pure."""
    why = "its incident manager has left it, and nobody else has it"
    chain = DRILL if table.is_for_drills else CHAIN
    links = [
        link for number, name in enumerate(table.imoc, 1)
        for link in _with_second(Link(f"{NEXT}{chain}{number}", table.rosters[name], why), table)
    ]  # fmt: skip
    return Route(tuple(links), why=why)


def _work_out(service: str | None, severity: Severity, table: RoutingTable) -> Route:
    name = fold_name(service)
    if not severity.is_major:
        return _route_to_delivery_team(service, name, table)
    if table.is_for_drills:
        return _route_of_drill(table)
    known = table.services.get(name)
    chain: list[Link] = []
    if not name:
        why = "the faulty service is not known"
    elif known is None:
        why = f"service {service} is not in the routing table"
    elif severity not in known:
        why = f"service {service} has no roster for severity {severity.value}"
    else:
        roster = table.rosters[known[severity]]
        why = f"{roster.name} is on call for {service} at severity {severity.value}"
        chain += _with_second(Link("im", roster, why), table)
    imoc_why = f"{why}: incident managers on call" if not chain else "nobody before them has it"
    for number, roster_name in enumerate(table.imoc, 1):
        roster = table.rosters[roster_name]
        # A second counts for nothing here: it rings only while its first cannot be reached, which may be never.
        if any(_same(roster, link.roster) for link in chain if not link.is_second):
            continue
        chain += _with_second(Link(f"{CHAIN}{number}", roster, imoc_why), table)
        imoc_why = "nobody before them has it"
    return Route(chain=tuple(chain), why=why)


def _route_of_drill(table: RoutingTable) -> Route:
    why = "it is a drill, which pages nobody else"
    chain: list[Link] = []
    for number, name in enumerate(table.imoc, 1):
        link_why = f"{why}; nobody before them has it" if chain else why
        chain += _with_second(Link(f"{DRILL}{number}", table.rosters[name], link_why), table)
    return Route(tuple(chain), why=why)


def _route_to_delivery_team(service: str | None, name: str, table: RoutingTable) -> Route:
    delivery = table.deliveries.get(name)
    if delivery is None:
        return Route(why="severity 3 stays in Jira")
    why = f"severity 3 of {service}: {delivery.roster} in its business hours, without waking anybody"
    return Route(delivery=Link(DELIVERY, table.rosters[delivery.roster], why), hours=delivery.hours, why=why)


def _with_second(link: Link, table: RoutingTable) -> list[Link]:
    if link.roster.second is None:
        return [link]
    second = table.rosters[link.roster.second]
    return [link, Link(f"{link.target}{SECOND}", second, f"{link.roster.pager} cannot be reached")]


def _same(one: Roster, other: Roster) -> bool:
    """The same people at the same pager, whatever we call them."""
    if one.name == other.name:
        return True
    same_name = one.id == other.id if one.id and other.id else one.title == other.title
    return one.pager == other.pager and one.kind == other.kind and same_name
