"""Who is who across systems: Jira, the pager and chat each know people by something else.

Pure. A person is matched by an id that both sides know, by mail address, or by the company's own table ([people] in the
settings); never by name, for names repeat. Whoever cannot be matched is named, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.incident import Person

MANAGER, COMMUNICATIONS = "incident_manager", "communications_manager"
"""The role that every incident has, of whoever it is assigned to; and that of who speaks for it, where there is one."""

_ACCOUNT_ID = re.compile(r"[0-9a-f]{24}|\d+:[0-9a-f-]{8,}|qm:.+")
"""What Atlassian's account ids look like; they are opaque, so a miss only means that they are taken for a login name."""


@dataclass(frozen=True, slots=True)
class Role:
    """name: ours ("tech_lead"). title: for people ("Tech lead"). template: the text that says what it does; "" for none."""

    name: str
    title: str
    template: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody as one system tells it; "" for what it does not tell. name: for people only.

    account_id: Jira's (on Data Center the user's key). pager_name: how the pager calls them, when that is no address.
    """

    name: str = ""
    mail: str = ""
    account_id: str = ""
    pager_name: str = ""
    slack_id: str = ""
    active: bool = True

    def __str__(self) -> str:
        return self.name or self.mail or self.pager_name or self.account_id or self.slack_id or "somebody"


@dataclass(frozen=True, slots=True)
class Known:
    """One row of [people]: the same person everywhere. name: the row's own; the first mail is the one to look up.

    time_zone: where they are; "" where it is not known.
    """

    name: str
    mails: tuple[str, ...] = ()
    account_id: str = ""
    pager_names: tuple[str, ...] = ()
    slack_id: str = ""
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """found: the candidate it is, as that system told it. how: for the log."""

    found: Told
    how: str


@dataclass(frozen=True, slots=True)
class Unmatched:
    """who: as people call them. why: a sentence's end, for people."""

    who: str
    why: str

    def __str__(self) -> str:
        return f"{self.who} cannot be matched: {self.why}"


@dataclass(frozen=True, slots=True)
class PeopleTable:
    rows: tuple[Known, ...] = ()

    def row_of(self, told: Told) -> Known | None:
        """The first row that knows any of their ids or addresses; settings see to it that no two rows share one."""
        return next((row for row in self.rows if not _handles_of(row).isdisjoint(handles_of(told))), None)


def told_by_jira(person: Person) -> Told:
    return Told(name=person.name, mail=person.email or "", account_id=person.account_id, active=person.active)


def told_by_pager(text: str) -> Told:
    """Whoever acknowledged: an address (Opsgenie, PagerDuty), an account id (JSM Operations) or a login name."""
    text = text.strip()
    if "@" in text:
        return Told(mail=text)
    return Told(account_id=text) if _ACCOUNT_ID.fullmatch(text) else Told(pager_name=text)


def completed(told: Told, table: PeopleTable) -> Told:
    """With what the table knows besides: by which ids and addresses another system can be asked for them."""
    row = table.row_of(told)
    if row is None:
        return told
    return replace(
        told,
        name=told.name or row.name,
        mail=told.mail or next(iter(row.mails), ""),
        account_id=told.account_id or row.account_id,
        pager_name=told.pager_name or next(iter(row.pager_names), ""),
        slack_id=told.slack_id or row.slack_id,
    )


def match(who: Told, candidates: Sequence[Told], table: PeopleTable, *, at: str, asked_for: str = "") -> Match | Unmatched:
    """Which of the candidates `who` is: the one that shares an id or an address with them or with their row of the table.

    at: the candidates' system, for people ("Jira"). asked_for: the address by which that system was asked for these
    candidates, if it was; then its only answer counts even though it hides the address.
    """
    row = table.row_of(who)
    wanted = handles_of(who) | (_handles_of(row) if row else frozenset())
    found = [one for one in candidates if not wanted.isdisjoint(handles_of(one))]
    if found:
        return _only(who, found, _how(who, found), at)
    if ("mail", asked_for.casefold()) in wanted and len(candidates) == 1 and not candidates[0].mail:
        return _only(who, candidates, f"the only account that {at} shows for {asked_for}", at)
    return Unmatched(str(who), _why_not(who, row, candidates, at))


def handles_of(told: Told) -> frozenset[tuple[str, str]]:
    """What tells them from everybody else, by kind; addresses in any case, and whatever kind the pager's words are."""
    return _handles((told.mail,), told.account_id, (told.pager_name,), told.slack_id)


def _handles_of(row: Known) -> frozenset[tuple[str, str]]:
    return _handles(row.mails, row.account_id, row.pager_names, row.slack_id)


def _handles(mails: Iterable[str], account_id: str, pager_names: Iterable[str], slack_id: str) -> frozenset[tuple[str, str]]:
    of_kinds = {
        "mail": [mail.strip().casefold() for mail in mails],
        "account": [account_id],
        "pager": [name.casefold() for name in pager_names],
        "slack": [slack_id],
    }
    return frozenset((kind, one) for kind, handles in of_kinds.items() for one in handles if one)


def _how(who: Told, found: Sequence[Told]) -> str:
    shared = {kind for one in found for kind, _ in handles_of(one) & handles_of(who)}
    for kind, how in (("account", "same account id"), ("slack", "same Slack id"), ("pager", "same name at the pager")):
        if kind in shared:
            return how
    return "same mail address" if "mail" in shared else "the [people] table"


def _only(who: Told, found: Sequence[Told], how: str, at: str) -> Match | Unmatched:
    """One account, however often it was shown; of several, the one that is still in use."""
    accounts = list(dict.fromkeys(found))
    in_use = [one for one in accounts if one.active]
    if not in_use:
        return Unmatched(str(who), f"the account at {at} is deactivated")
    if len({one.account_id or one.slack_id or one.mail or one.pager_name for one in in_use}) > 1:
        return Unmatched(str(who), f"{at} has {len(in_use)} accounts for them; say which in [people]")
    return Match(in_use[0], how)


def _why_not(who: Told, row: Known | None, candidates: Sequence[Told], at: str) -> str:
    if row:
        return f"{at} shows none of the accounts that [people.{row.name}] names"
    if who.mail and any(not one.mail for one in candidates):
        return f"{at} hides mail addresses; add them to [people]"
    if who.mail:
        return f"{at} has nobody with the address {who.mail}; add them to [people]"
    if who.account_id:
        return f"their mail address is hidden, and {at} does not know the account {who.account_id}; add them to [people]"
    if who.pager_name or who.slack_id:
        return f"{who.pager_name or who.slack_id} alone does not tell who it is at {at}; add them to [people]"
    return "no id and no address of them is known"
