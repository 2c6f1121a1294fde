"""[roles] and [people] of firebell.toml: what a role is called and does, and who is who across systems."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chalicelib.domain.people import COMMUNICATIONS, MANAGER, Known, PeopleTable, Role
from chalicelib.domain.schema import IncidentSchema
from chalicelib.settings_table import OUR_NAME, Shape, Table, did_you_mean

WITH_TEXTS = frozenset({MANAGER, "tech_lead", COMMUNICATIONS})
"""Roles whose texts come with Firebell, in templates/roles."""
MAIL = Shape(re.compile(r"[^\s@]+@[^\s@]+"), "a mail address", "mia@example.com")
SLACK_ID = Shape(re.compile(r"[UW][A-Z0-9]+"), "a Slack member id (not a name)", "U024BE7LH")


def read_roles(table: Table, schema: IncidentSchema) -> dict[str, Role]:
    """Every role there is, in the order of its fields, the manager first; a table only changes how it is told."""
    roles = {name: _usual(name) for name in (MANAGER, *schema.role_fields)}
    for name, told in table.each():
        known = roles.get(name, Role(name, ""))
        if name not in roles and schema.severity_field:  # else [jira.fields] is what is missing
            table.problem(name, f"there is no role {name!r} in jira.fields.roles{did_you_mean(name, roles)}")
        role = Role(name, told.text("title", known.title), told.text("template", known.template, shape=OUR_NAME))
        roles |= {name: role} if name in roles else {}
    return roles


def _usual(name: str) -> Role:
    return Role(name, name.replace("_", " ").capitalize(), name if name in WITH_TEXTS else "")


def read_people(table: Table) -> PeopleTable:
    """No two rows may claim the same id or address: then nobody could say whose it is."""
    rows: list[Known] = []
    first_at: dict[tuple[str, str], str] = {}
    for name, told in table.each():
        rows.append(_known(name, told))
        handles = list(_handles(rows[-1]))
        for key, handle in handles:
            where = first_at.setdefault((key, handle.casefold()), told.where(key))
            if where != told.where(key):
                told.problem(key, f"{handle!r} is {where} already; one person has one row")
        if len(handles) < 2:
            table.problem(name, "names them in one way only, which matches nothing; add how another system calls them")
    return PeopleTable(tuple(rows))


def _known(name: str, row: Table) -> Known:
    return Known(
        name=name,
        mails=tuple(row.texts("mails", shape=MAIL)),
        account_id=row.text("account_id"),
        pager_names=tuple(row.texts("pager_names")),
        slack_id=row.text("slack_id", shape=SLACK_ID),
        time_zone=row.time_zone("time_zone") if row.raw("time_zone") is not None else "",
    )


def _handles(row: Known) -> Iterator[tuple[str, str]]:
    yield from (("mails", mail) for mail in row.mails)
    yield from (("pager_names", name) for name in row.pager_names)
    yield from ((key, one) for key, one in (("account_id", row.account_id), ("slack_id", row.slack_id)) if one)
