"""The companies that lives are lived in: who is on call where, and in which order people are paged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time

from chalicelib.domain.alias import site_tag
from chalicelib.domain.incident import Severity
from chalicelib.domain.paging import Roster, RosterKind
from chalicelib.domain.people import Known, PeopleTable
from chalicelib.domain.policy import PagingPolicy
from chalicelib.domain.routing import BusinessHours, Delivery, RoutingTable
from sandbox.company import BOT, EMMA, MIA, OMAR, PIA
from sandbox.jira.model import JiraUser
from sandbox.jira.schema import example_schema
from sandbox.pagers.desk import DeskRoster

DEFAULT_ASSIGNEE = JiraUser("acc-default", "Service Desk")
ROBOT = JiraUser("acc-robot", "Automation for Jira", app=True)
USERS = (EMMA, MIA, OMAR, PIA, BOT, DEFAULT_ASSIGNEE, ROBOT)

ACK_TIMEOUT_S = 300
SITE_TAG = site_tag(example_schema().site)
FIREBELL_AT_PAGER = "Firebell API"
"""As whom pagers show what we have done there."""
ASKED_FOR = "databases"
"""The roster to which "Escalate to" leads, and, as the option is called there, its name."""


@dataclass(frozen=True, slots=True)
class SimulatedCompany:
    """on_call: roster id at the pager -> who answers now. people: the company's own table of who is who.

    names: address -> how the pager calls them in what it tells, where that is not by their address.
    """

    table: RoutingTable
    on_call: Mapping[str, tuple[str, ...]]
    people: PeopleTable = field(default_factory=PeopleTable)
    names: Mapping[str, str] = field(default_factory=dict)
    policy: PagingPolicy = field(
        default_factory=lambda: PagingPolicy(
            ack_timeout_s=ACK_TIMEOUT_S,
            default_assignees=frozenset({DEFAULT_ASSIGNEE.account_id}),
            own_account=BOT.account_id,
            site_tag=SITE_TAG,
        )
    )

    def rosters_at(self, pager: str) -> list[DeskRoster]:
        return [
            DeskRoster(roster.id, roster.title, roster.kind.value, self.on_call.get(roster.id, ()))
            for roster in self.table.rosters.values()
            if roster.pager == pager
        ]

    def called(self, on_call: Sequence[str]) -> str:
        """How the pager calls the first of them."""
        first = next(iter(on_call), "somebody")
        return self.names.get(first, first)

    def account_of(self, by: str) -> str | None:
        """Whose account at Jira that is; None for somebody who cannot be matched."""
        told = {self.names.get(user.email, user.email): user for user in USERS if user.email}
        user = told.get(by)
        is_known = user is not None and (by == user.email or any(by in row.pager_names for row in self.people.rows))
        return user.account_id if user is not None and is_known else None

    @property
    def has_second(self) -> bool:
        return any(roster.second for roster in self.table.rosters.values())


def _roster(name: str, pager: str = "opsgenie", second: str | None = None) -> Roster:
    kind = RosterKind.SERVICE if pager == "pagerduty" else RosterKind.SCHEDULE
    return Roster(name, pager, kind, name, f"id-{name}", f"id-{name}", second)


def _table(*rosters: Roster, imoc: tuple[str, ...]) -> RoutingTable:
    hours = BusinessHours("Europe/London", frozenset(range(5)), time(9), time(17, 30))
    return RoutingTable(
        rosters={roster.name: roster for roster in (*rosters, _roster("team"), _roster(ASKED_FOR))},
        imoc=imoc,
        services={
            "bitbucket": dict.fromkeys((Severity.SEV1, Severity.SEV2), "im"),
            "confluence": dict.fromkeys((Severity.SEV1, Severity.SEV2), "nobody"),
        },
        deliveries={"bitbucket": Delivery("team", hours)},
        escalations={ASKED_FOR: ASKED_FOR},
    )


_ON_CALL = {
    "id-im": (MIA.email or "",),
    "id-imoc": (OMAR.email or "",),
    "id-imoc-too": (PIA.email or "",),
    "id-second": (OMAR.email or "",),
    "id-team": (PIA.email or "",),
    "id-nobody": (),
    f"id-{ASKED_FOR}": (PIA.email or "",),
}

_IDS = {user.email or "": f"id of {user.name}" for user in (MIA, OMAR)}
"""A pager may tell ids instead of addresses (JSM Operations does), and only the table knows whose they are."""
_IN_TABLE = PeopleTable(tuple(Known(u.name, account_id=u.account_id, pager_names=(f"id of {u.name}",)) for u in (MIA, OMAR)))

COMPANIES = {
    "two pagers": SimulatedCompany(
        _table(
            _roster("im", second="second"), _roster("nobody", second="second"), _roster("imoc", second="second"),
            _roster("second", "pagerduty"), imoc=("imoc",),
        ),
        _ON_CALL,
    ),
    "one pager": SimulatedCompany(
        _table(_roster("im"), _roster("nobody"), _roster("imoc"), imoc=("imoc",)), _ON_CALL, people=_IN_TABLE, names=_IDS
    ),
    "pagerduty": SimulatedCompany(
        _table(_roster("im", "pagerduty"), _roster("nobody", "pagerduty"), _roster("imoc", "pagerduty"), imoc=("imoc",)),
        _ON_CALL,
    ),
    "two imoc rosters": SimulatedCompany(
        _table(_roster("im"), _roster("nobody"), _roster("imoc"), _roster("imoc-too"), imoc=("imoc", "imoc-too")),
        _ON_CALL, names={OMAR.email or "": "omar"},
    ),
}  # fmt: skip
