"""Who is paged, in which order, and why: the decision table of routing."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.incident import Severity
from chalicelib.domain.paging import RosterKind
from chalicelib.domain.routing import (
    BusinessHours,
    Delivery,
    Route,
    RoutingTable,
    escalations,
    fold_name,
    route,
    succession,
)
from tests.builders import a_roster, a_routing_table, an_incident

SEV1, SEV2, SEV3 = Severity
WORKDAYS = frozenset(range(5))
EVERY_DAY = frozenset(range(7))


def targets(service: str | None, severity: Severity, *rosters: Any, **table: Any) -> list[tuple[str, str]]:
    """(target, roster name) of each link."""
    chain = route(service, severity, a_routing_table(*rosters, **table)).chain
    return [(link.target, link.roster.name) for link in chain]


# --- whom a major incident wakes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "severity", "chain", "why"),
    [
        pytest.param(
            "Bitbucket",
            SEV1,
            ["im", "imoc1"],
            "bitbucket-im is on call for Bitbucket at severity 1",
            id="known service",
        ),
        pytest.param(
            "Bitbucket",
            SEV2,
            ["im", "imoc1"],
            "bitbucket-im is on call for Bitbucket at severity 2",
            id="known service, severity 2",
        ),
        pytest.param("Trello", SEV1, ["imoc1"], "service Trello is not in the routing table", id="unmapped service"),
        pytest.param(None, SEV1, ["imoc1"], "the faulty service is not known", id="service unknown"),
        pytest.param("", SEV2, ["imoc1"], "the faulty service is not known", id="service empty"),
        pytest.param(" \t", SEV2, ["imoc1"], "the faulty service is not known", id="service blank"),
    ],
)
def test_a_major_incident_wakes(service: str | None, severity: Severity, chain: list[str], why: str):
    found = route(service, severity, a_routing_table())
    assert [link.target for link in found.chain] == chain
    assert found.why == why
    assert (found.delivery, found.hours) == (None, None)


def test_a_severity_without_a_roster_goes_to_the_imoc():
    table = a_routing_table(services={"bitbucket": {SEV1: "bitbucket-im"}})
    found = route("Bitbucket", SEV2, table)
    assert [link.target for link in found.chain] == ["imoc1"]
    assert found.why == "service Bitbucket has no roster for severity 2"


@pytest.mark.parametrize(
    "spelling",
    [
        pytest.param("bitbucket", id="small letters"),
        pytest.param("BITBUCKET", id="capitals"),
        pytest.param("  Bitbucket\n", id="space around"),
        pytest.param("Bitbucket\u00a0", id="a space that does not break"),
    ],
)
def test_a_service_is_known_in_any_spelling(spelling: str):
    assert targets(spelling, SEV1) == targets("Bitbucket", SEV1)


def test_case_is_folded_as_languages_do_it():
    assert fold_name("GROSSE  Straße") == fold_name("große strasse")


# --- the chain of incident managers on call -----------------------------------------------------------------------------


def test_several_imocs_are_tried_in_their_order():
    order = ("imoc", "imoc-asia", "imoc-us")
    found = targets("Bitbucket", SEV1, a_roster("imoc-asia"), a_roster("imoc-us"), imoc=order)
    assert found == [("im", "bitbucket-im"), ("imoc1", "imoc"), ("imoc2", "imoc-asia"), ("imoc3", "imoc-us")]


@pytest.mark.parametrize(
    ("twin", "is_paged"),
    [
        pytest.param({"id": "id-bitbucket-im"}, False, id="same pager, kind and id"),
        pytest.param({"id": "", "title": "Bitbucket Im"}, False, id="same title where an id is not known"),
        pytest.param({"id": "id-other", "title": "Bitbucket Im"}, True, id="same title, other id"),
        pytest.param({"id": "id-bitbucket-im", "kind": RosterKind.TEAM}, True, id="same id, other kind"),
        pytest.param({"id": "id-bitbucket-im", "pager": "jsm"}, True, id="same id, other pager"),
    ],
)
def test_an_imoc_that_is_the_same_roster_is_paged_once(twin: dict[str, Any], is_paged: bool):
    found = targets("Bitbucket", SEV1, a_roster("imoc", **twin))
    assert (("imoc1", "imoc") in found) is is_paged


def test_an_imoc_of_the_same_name_is_skipped_and_numbers_stay():
    """The number is part of the alias at the pager: it must not move when somebody before it drops out."""
    found = targets("Bitbucket", SEV1, imoc=("bitbucket-im", "imoc"))
    assert found == [("im", "bitbucket-im"), ("imoc2", "imoc")]


def test_a_second_follows_its_first():
    first = a_roster("bitbucket-im", second="pd")
    found = targets("Bitbucket", SEV1, first, a_roster("pd", pager="pagerduty"))
    assert found == [("im", "bitbucket-im"), ("im.second", "pd"), ("imoc1", "imoc")]


def test_an_imoc_has_its_second_too():
    found = targets(None, SEV1, a_roster("imoc", second="pd"), a_roster("pd", pager="pagerduty"))
    assert found == [("imoc1", "imoc"), ("imoc1.second", "pd")]


def test_the_second_of_a_second_is_never_rung():
    pd = a_roster("pd", pager="pagerduty", second="jsm")
    found = targets(None, SEV1, a_roster("imoc", second="pd"), pd, a_roster("jsm", pager="jsm"))
    assert found == [("imoc1", "imoc"), ("imoc1.second", "pd")]


def test_an_imoc_that_is_somebodys_second_is_still_tried():
    """A second rings only while its first cannot be reached: counting on it would leave nobody to wake."""
    first = a_roster("bitbucket-im", second="pd")
    found = targets("Bitbucket", SEV1, first, a_roster("pd", pager="pagerduty"), imoc=("pd",))
    assert found == [("im", "bitbucket-im"), ("im.second", "pd"), ("imoc1", "pd")]


def test_two_firsts_may_share_a_second():
    """Either may be the one that cannot be reached."""
    rosters = (
        a_roster("bitbucket-im", second="pd"),
        a_roster("imoc", second="pd"),
        a_roster("pd", pager="pagerduty"),
    )
    assert [target for target, _ in targets("Bitbucket", SEV1, *rosters)] == ["im", "im.second", "imoc1", "imoc1.second"]


def test_only_seconds_are_seconds():
    found = route("Bitbucket", SEV1, a_routing_table(a_roster("imoc", second="pd"), a_roster("pd", pager="pagerduty")))
    assert [link.is_second for link in found.chain] == [False, False, True]


@pytest.mark.parametrize(
    ("service", "reasons"),
    [
        pytest.param(
            "Bitbucket",
            [
                "bitbucket-im is on call for Bitbucket at severity 1",
                "nobody before them has it",
                "opsgenie cannot be reached",
                "nobody before them has it",
            ],
            id="known service",
        ),
        pytest.param(
            "Trello",
            [
                "service Trello is not in the routing table: incident managers on call",
                "opsgenie cannot be reached",
                "nobody before them has it",
            ],
            id="unmapped service",
        ),
    ],
)
def test_every_link_says_why(service: str, reasons: list[str]):
    rosters = (a_roster("imoc", second="pd"), a_roster("pd", pager="pagerduty"), a_roster("imoc-asia"))
    found = route(service, SEV1, a_routing_table(*rosters, imoc=("imoc", "imoc-asia")))
    assert [link.why for link in found.chain] == reasons


# --- severity 3 ---------------------------------------------------------------------------------------------------------


def test_severity_3_goes_to_the_delivery_team_in_its_hours():
    table = a_routing_table()
    found = route(" bitBUCKET ", SEV3, table)
    assert found.delivery is not None
    assert (found.chain, found.delivery.target, found.delivery.roster.name) == ((), "delivery", "bitbucket-team")
    assert found.hours == table.deliveries["bitbucket"].hours


@pytest.mark.parametrize("service", [None, "", "Trello"])
def test_severity_3_of_any_other_service_stays_in_jira(service: str | None):
    found = route(service, SEV3, a_routing_table())
    assert (found.chain, found.delivery, found.hours, found.why) == ((), None, None, "severity 3 stays in Jira")


@given(st.none() | st.text(), st.sampled_from(Severity))
def test_every_question_has_an_answer(service: str | None, severity: Severity):
    found = route(service, severity, a_routing_table())
    assert found.why
    assert bool(found.chain) is severity.is_major


# --- business hours -----------------------------------------------------------------------------------------------------


def hours(
    time_zone: str = "Europe/London", days: frozenset[int] = WORKDAYS, start: str = "09:00", end: str = "17:00"
) -> BusinessHours:
    return BusinessHours(time_zone, days, time.fromisoformat(start), time.fromisoformat(end))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "inside"),
    [
        pytest.param("2026-11-23 08:59:59", False, id="a second before"),
        pytest.param("2026-11-23 09:00", True, id="the first moment"),
        pytest.param("2026-11-23 16:59:59.999999", True, id="the last moment"),
        pytest.param("2026-11-23 17:00", False, id="the end is outside"),
        pytest.param("2026-11-22 12:00", False, id="a Sunday"),
        pytest.param("2026-06-01 08:00", True, id="summer time begins an hour earlier"),
        pytest.param("2026-06-01 16:00", False, id="summer time ends an hour earlier"),
        pytest.param("2027-03-26 09:00", True, id="the Friday before the clocks go forward"),
        pytest.param("2027-03-29 08:00", True, id="the Monday after"),
    ],
)
def test_london_works(now: str, inside: bool):
    assert hours().contain(utc(now)) is inside


@pytest.mark.parametrize(
    ("zone", "opens"),
    [
        pytest.param("Asia/Kolkata", "2026-11-23 03:30", id="half an hour"),
        pytest.param("Asia/Kathmandu", "2026-11-23 03:15", id="three quarters"),
        pytest.param("Pacific/Auckland", "2026-11-22 20:00", id="already Monday there"),
        pytest.param("America/Los_Angeles", "2026-11-23 17:00", id="still Sunday there"),
    ],
)
def test_zones_open_when_their_own_clocks_say_so(zone: str, opens: str):
    before_any = utc("2026-11-21 12:00")
    assert hours(zone).opens_at(before_any) == utc(opens)
    assert not hours(zone).contain(utc(opens) - timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("open_hours", "now", "opens"),
    [
        pytest.param(hours(), "2026-11-23 10:15", "2026-11-23 10:15", id="inside: now"),
        pytest.param(hours(), "2026-11-23 03:00", "2026-11-23 09:00", id="this morning"),
        pytest.param(hours(), "2026-11-23 17:00", "2026-11-24 09:00", id="tomorrow"),
        pytest.param(hours(), "2026-11-27 18:00", "2026-11-30 09:00", id="over the weekend"),
        pytest.param(hours(), "2027-03-26 18:00", "2027-03-29 08:00", id="over the clock change"),
        pytest.param(hours(days=frozenset({0})), "2026-11-23 18:00", "2026-11-30 09:00", id="once a week"),
        pytest.param(
            hours(days=EVERY_DAY, start="01:30", end="05:00"),
            "2027-03-28 00:10",
            "2027-03-28 01:00",
            id="the hour that is skipped",
        ),
        pytest.param(
            hours(days=frozenset({6}), start="01:15", end="01:45"),
            "2027-03-28 00:10",
            "2027-04-04 00:15",
            id="hours that are skipped whole",
        ),
        pytest.param(
            hours(days=frozenset({6}), start="01:15", end="01:45"),
            "2027-03-21 01:45",
            "2027-04-04 00:15",
            id="the only hours of a week are skipped whole",
        ),
        pytest.param(
            hours(days=EVERY_DAY, start="01:30", end="01:45"),
            "2026-10-25 00:00",
            "2026-10-25 00:30",
            id="the doubled hour, first time",
        ),
        pytest.param(
            hours(days=EVERY_DAY, start="01:30", end="01:45"),
            "2026-10-25 00:50",
            "2026-10-25 01:30",
            id="the doubled hour, second time",
        ),
        pytest.param(
            hours("Australia/Lord_Howe", EVERY_DAY, "02:15", "06:00"),
            "2026-10-03 15:00",
            "2026-10-03 15:30",
            id="half an hour skipped",
        ),
    ],
)
def test_hours_open_next(open_hours: BusinessHours, now: str, opens: str):
    assert open_hours.opens_at(utc(now)) == utc(opens)


@given(
    st.sampled_from(
        ["Europe/London", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Casablanca", "Etc/UTC"]
    ),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.integers(0, 24 * 60 - 1),
    st.integers(1, 24 * 60),
    st.datetimes(utc("2026-01-01").replace(tzinfo=None), utc("2028-01-01").replace(tzinfo=None), timezones=st.just(UTC)),
)
def test_the_next_opening_is_inside_and_nothing_before_it_is(
    zone: str, days: frozenset[int], start: int, length: int, now: datetime
):
    stop = min(start + length, 24 * 60 - 1)
    begin, end = time(start // 60, start % 60), time(stop // 60, stop % 60, 59)
    open_hours = BusinessHours(zone, days, begin, end)
    opens = open_hours.opens_at(now)
    assert opens >= now
    assert open_hours.contain(opens)
    quarters = range(int((opens - now) / timedelta(minutes=15)))
    assert not any(open_hours.contain(now + timedelta(minutes=15 * n)) for n in quarters)
    assert opens == now or not open_hours.contain(opens - timedelta(microseconds=1))


def test_a_delivery_keeps_its_own_hours():
    night = Delivery("bitbucket-team", hours("Asia/Tokyo"))
    assert route("Bitbucket", SEV3, a_routing_table(deliveries={"bitbucket": night})).hours == hours("Asia/Tokyo")


# --- escalations ---------------------------------------------------------------------------------------------------------


def test_escalate_to_calls_each_roster_once_by_its_own_row_or_by_its_service():
    table = a_routing_table(a_roster("dba", second="imoc"), escalations={"databases": "dba", "the dbas": "dba"})
    found = escalations(("Databases", "The  DBAs", "Bitbucket", "Finance"), Severity.SEV1, table)
    assert {target: [link.target for link in one.chain] for target, one in found.routes.items()} == {
        "to.dba": ["to.dba", "to.dba.second"],
        "to.bitbucket-im": ["to.bitbucket-im"],
    }
    assert found.routes["to.dba"].why == "Databases is asked for"
    assert found.unknown == ("Finance",)


# --- drills ---------------------------------------------------------------------------------------------------------------


def a_table_with_drills(*drill: str) -> RoutingTable:
    rosters = (a_roster("testers", second="testers-too"), a_roster("testers-too", pager="pagerduty"), a_roster("more-testers"))
    return a_routing_table(*rosters, escalations={"databases": "imoc"}, drill=drill)


A_DRILL = an_incident(is_drill=True)


@pytest.mark.parametrize("service", [pytest.param("Bitbucket", id="known"), pytest.param(None, id="unknown")])
def test_a_drill_pages_its_own_rosters_and_nobody_of_the_services_or_the_imoc(service: str | None):
    found = route(service, SEV1, a_table_with_drills("testers", "more-testers").by_which(A_DRILL))
    assert [(link.target, link.roster.name) for link in found.chain] == [
        ("drill1", "testers"),
        ("drill1.second", "testers-too"),
        ("drill2", "more-testers"),
    ]
    assert found.chain[0].why == "it is a drill, which pages nobody else"


def test_whoever_is_asked_for_in_a_drill_is_played_by_its_roster():
    table = a_table_with_drills("more-testers").by_which(A_DRILL)
    found = escalations(("Databases", "Bitbucket", "Finance"), SEV1, table)
    assert list(found.routes) == ["to.more-testers"]
    assert found.unknown == ("Finance",)


def test_a_drill_whose_manager_left_pages_its_roster():
    chain = succession(a_table_with_drills("more-testers").by_which(A_DRILL)).chain
    assert [(link.target, link.roster.name) for link in chain] == [("next.drill1", "more-testers")]


def test_a_drill_of_severity_3_disturbs_no_delivery_team():
    assert route("Bitbucket", SEV3, a_table_with_drills("testers").by_which(A_DRILL)) == Route(why="severity 3 stays in Jira")


def test_without_rosters_of_their_own_drills_page_like_incidents():
    table = a_routing_table()
    assert table.by_which(A_DRILL) == table


def test_an_incident_never_pages_the_rosters_of_drills():
    table = a_table_with_drills("testers")
    assert table.by_which(an_incident()) == table
    assert "testers" not in {link.roster.name for link in route("Bitbucket", SEV1, table).chain}
