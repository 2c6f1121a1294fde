"""Who is who across systems: by id, by address or by the company's table; never by name, and never silently dropped."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.incident import Person
from chalicelib.domain.people import (
    Known,
    Match,
    PeopleTable,
    Told,
    Unmatched,
    completed,
    match,
    told_by_jira,
    told_by_pager,
)

NOBODY = PeopleTable()
TABLE = PeopleTable((Known("mia", ("mia@example.com", "m.moore@example.com"), "acc-mia", ("mmoore",), "U1"),))
MIA = Told("Mia Moore", "mia@example.com", "acc-mia")
HIDDEN = replace(MIA, mail="")
OMAR = Told("Omar Haddad", "omar@example.com", "acc-omar")
OMAR_HIDDEN = replace(OMAR, mail="")
TWIN = Told("Mia Moore", "", "acc-other-mia")


@pytest.mark.parametrize(
    ("who", "candidates", "table", "how"),
    [
        pytest.param(Told(mail="mia@example.com"), (OMAR, MIA), NOBODY, "same mail address", id="mail"),
        pytest.param(Told(mail="MIA@Example.com"), (OMAR, MIA), NOBODY, "same mail address", id="mail in another case"),
        pytest.param(Told(account_id="acc-mia"), (OMAR, HIDDEN), NOBODY, "same account id", id="account id, mail hidden"),
        pytest.param(Told(slack_id="U1"), (Told("Mia", slack_id="U1"),), NOBODY, "same Slack id", id="Slack id"),
        pytest.param(Told(pager_name="MMoore"), (OMAR, HIDDEN), TABLE, "the [people] table", id="table: name at the pager"),
        pytest.param(Told(mail="m.moore@example.com"), (MIA, OMAR), TABLE, "the [people] table", id="table: second address"),
        pytest.param(HIDDEN, (Told("mia", slack_id="U1"), OMAR), TABLE, "the [people] table", id="table: Slack id"),
        pytest.param(Told(mail="mia@example.com"), (MIA, MIA), NOBODY, "same mail address", id="shown twice"),
    ],
)
def test_somebody_is_matched(who: Told, candidates: tuple[Told, ...], table: PeopleTable, how: str):
    found = match(who, candidates, table, at="Jira")
    assert isinstance(found, Match)
    assert (found.found in candidates, found.how) == (True, how)
    assert found.found != OMAR


@pytest.mark.parametrize(
    ("who", "candidates", "table", "said"),
    [
        pytest.param(
            Told(mail="pia@example.com"), (), NOBODY,
            "pia@example.com cannot be matched: Jira has nobody with the address pia@example.com; add them to [people]",
            id="nobody has the address",
        ),
        pytest.param(
            Told(mail="mia@example.com"), (HIDDEN,), NOBODY,
            "mia@example.com cannot be matched: Jira hides mail addresses; add them to [people]",
            id="address hidden",
        ),
        pytest.param(
            HIDDEN, (OMAR,), NOBODY,
            "Mia Moore cannot be matched: their mail address is hidden, and Jira does not know the account acc-mia; "
            "add them to [people]",
            id="only an account id",
        ),
        pytest.param(
            Told(pager_name="mmoore"), (MIA,), NOBODY,
            "mmoore cannot be matched: mmoore alone does not tell who it is at Jira; add them to [people]",
            id="only a login name",
        ),
        pytest.param(
            Told("Mia Moore"), (MIA, TWIN), NOBODY,
            "Mia Moore cannot be matched: no id and no address of them is known",
            id="never by name",
        ),
        pytest.param(
            Told(pager_name="mmoore"), (OMAR,), TABLE,
            "mmoore cannot be matched: Jira shows none of the accounts that [people.mia] names",
            id="the table is out of date",
        ),
        pytest.param(
            Told(mail="mia@example.com"), (MIA, replace(MIA, account_id="acc-old")), NOBODY,
            "mia@example.com cannot be matched: Jira has 2 accounts for them; say which in [people]",
            id="two accounts",
        ),
        pytest.param(
            MIA, (replace(MIA, active=False),), NOBODY,
            "Mia Moore cannot be matched: the account at Jira is deactivated",
            id="deactivated",
        ),
    ],
)  # fmt: skip
def test_somebody_who_cannot_be_matched_is_named_with_the_reason(
    who: Told, candidates: tuple[Told, ...], table: PeopleTable, said: str
):
    found = match(who, candidates, table, at="Jira")
    assert isinstance(found, Unmatched)
    assert str(found) == said


def test_of_two_accounts_the_one_in_use_counts():
    found = match(Told(mail="mia@example.com"), (replace(MIA, account_id="acc-old", active=False), MIA), NOBODY, at="Jira")
    assert found == Match(MIA, "same mail address")


@pytest.mark.parametrize(
    ("candidates", "is_matched"),
    [
        pytest.param((HIDDEN,), True, id="the only answer"),
        pytest.param((HIDDEN, OMAR_HIDDEN), False, id="two answers"),
        pytest.param((OMAR,), False, id="an answer with another address"),
        pytest.param((), False, id="no answer"),
    ],
)
def test_asked_by_an_address_that_it_hides_a_systems_only_answer_counts(candidates: tuple[Told, ...], is_matched: bool):
    who = Told(mail="Mia@example.com")
    assert isinstance(match(who, candidates, NOBODY, at="Jira", asked_for="mia@example.com"), Match) is is_matched
    assert isinstance(match(who, candidates, NOBODY, at="Jira"), Unmatched), "not asked for, it may be anybody"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("mia@example.com", Told(mail="mia@example.com"), id="Opsgenie and PagerDuty: an address"),
        pytest.param("5b10ac8d82e05b22cc7d0001", Told(account_id="5b10ac8d82e05b22cc7d0001"), id="JSM: an account id"),
        pytest.param(
            "712020:0f2c1a9e-0000-4000-8000-000000000001",
            Told(account_id="712020:0f2c1a9e-0000-4000-8000-000000000001"),
            id="JSM: a newer account id",
        ),
        pytest.param(" mmoore ", Told(pager_name="mmoore"), id="a login name"),
    ],
)
def test_what_a_pager_calls_people_says_what_to_ask_for(text: str, told: Told):
    assert told_by_pager(text) == told


def test_the_table_completes_what_a_system_tells_and_overrides_nothing():
    asked = completed(replace(HIDDEN, name="Mia M."), TABLE)
    assert asked == Told("Mia M.", "mia@example.com", "acc-mia", "mmoore", "U1")
    assert completed(OMAR, TABLE) == OMAR


def test_a_deactivated_account_of_jira_is_told_as_such():
    assert told_by_jira(Person("acc-mia", "Mia Moore", None, active=False)) == Told("Mia Moore", "", "acc-mia", active=False)
