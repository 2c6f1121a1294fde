"""[jira], [private] and [drill] of firebell.toml -> IncidentSchema: how this company's Jira spells the process."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TypeVar
from urllib.parse import urlsplit

from chalicelib.domain.incident import Resolution, Severity, Status
from chalicelib.domain.people import MANAGER
from chalicelib.domain.routing import fold_name
from chalicelib.domain.schema import ANY, IncidentSchema, Marks
from chalicelib.settings_table import OUR_NAME, Shape, Table

SEVERITIES = {str(severity.value): severity for severity in Severity}

FIELD_ID = Shape(
    re.compile(r"customfield_\d+|priority|components|versions|labels|environment|assignee|reporter"),
    "a field's id (not its name)",
    "customfield_10050",
)
PROJECT_KEY = Shape(re.compile(r"[A-Za-z][A-Za-z0-9_]*"), "a project key", "HOT")
LABEL = Shape(re.compile(r"\S+"), "a label (Jira's have no spaces)", "private")

OWN_ACCOUNT = (
    "the account that Firebell acts as: "
    "https://<site>/rest/api/3/myself shows it (on Data Center .../rest/api/2/myself, its key)"
)
"""What to write for `jira.own_account`."""

_GATEWAY_HOST = "api.atlassian.com"
"""Where scoped tokens work, and only there."""

Meaning = TypeVar("Meaning")


def read_schema(top: Table, jira: Table, fields: Table) -> IncidentSchema:
    """fields: the table [jira.fields]."""
    roles, links, impact = fields.table("roles"), fields.table("links"), fields.table("impact")
    private, drill = top.table("private"), top.table("drill")
    levels = private.texts("security_levels") if "security_levels" in private.values else [ANY]
    private.raw("security_levels")
    schema = IncidentSchema(
        site=jira.url("site", required="an address like 'https://acme.atlassian.net'"),
        projects=frozenset(key.upper() for key in jira.texts("projects", required="project key", shape=PROJECT_KEY)),
        issue_types=frozenset(jira.texts("issue_types", required="issue type")),
        severity_field=fields.text("severity", required=True, shape=FIELD_ID),
        service_field=fields.text("service", required=True, shape=FIELD_ID),
        products_field=fields.text("products", required=True, shape=FIELD_ID),
        impact_started_field=fields.text("impact_started", shape=FIELD_ID) or None,
        detected_field=fields.text("detected", shape=FIELD_ID) or None,
        impact_ended_field=fields.text("impact_ended", shape=FIELD_ID) or None,
        role_fields=_fields_by_name(roles),
        link_fields=_fields_by_name(links),
        impact_fields=_fields_by_name(impact),
        escalate_field=fields.text("escalate_to", shape=FIELD_ID) or None,
        detected_by_field=fields.text("detected_by", shape=FIELD_ID) or None,
        customer_visible_field=fields.text("customer_visible", shape=FIELD_ID) or None,
        customer_visible_values=_yes_values(jira, fields),
        private=_marks(private, levels),
        drill=_marks(drill),
        severities=_meanings(jira.table("severities", holds="1, 2 and 3"), SEVERITIES, complete=True),
        statuses=_meanings(
            jira.table("statuses", holds="new, fixing and resolved"), {s.value: s for s in Status}, complete=True
        ),
        resolutions=_meanings(
            jira.table("resolutions"), {r.value: r for r in (Resolution.DUPLICATE, Resolution.CANCELLED)}, complete=False
        ),
        severity_when_empty=Severity(jira.number("severity_when_empty", 2, at_least=1, at_most=3)),
        severity_in_doubt=Severity(jira.number("severity_in_doubt", 2, at_least=1, at_most=3)),
        unknown_services=frozenset(fold_name(name) for name in jira.texts("unknown_services")) or frozenset({"unknown"}),
        time_zone=jira.time_zone("time_zone", "UTC"),
        severity_field_name=fields.text("severity_name", "Severity"),
    )
    _complain_about_shared_fields(fields, roles, links, impact)
    if MANAGER in roles.values:
        roles.problem(MANAGER, "is whoever the issue is assigned to; take it out")
    return schema


def _yes_values(jira: Table, fields: Table) -> frozenset[str]:
    """What the field of `customer_visible` holds when it says yes. None of them would be a field that never does."""
    key = "customer_visible_values"
    values = jira.texts(key)
    if key in jira.values and "customer_visible" not in fields.values:
        fields.problem("customer_visible", f"is missing; name the field, or take {jira.where(key)} out")
    elif key in jira.values and not values:
        jira.problem(key, 'is empty; name the options that mean yes, or leave it out, for "Yes"')
    return frozenset(fold_name(value) for value in values) or frozenset({"yes"})


def _marks(table: Table, security_levels: Collection[str] = ()) -> Marks:
    """[private] or [drill]: what sets an incident apart. Values without a field would set nothing apart."""
    values = table.texts("values")
    if values and "field" not in table.values:
        table.problem("values", "means nothing without a field; name the field that holds them")
    if "values" in table.values and "field" in table.values and not values:
        table.problem("values", 'is empty; name the values that count, or leave it out, for "any value"')
    return Marks(
        labels=frozenset(fold_name(label) for label in table.texts("labels", shape=LABEL)),
        security_levels=frozenset(fold_name(level) for level in security_levels),
        field=table.text("field", shape=FIELD_ID) or None,
        values=frozenset(fold_name(value) for value in values or (ANY,)),
    )


def _fields_by_name(table: Table) -> dict[str, str]:
    """Our name for a role, link or question -> the field that holds it."""
    for name in table.values:
        if not OUR_NAME.pattern.fullmatch(name):
            table.problem(name, f"is not {OUR_NAME.what}; write one like {OUR_NAME.example!r}")
    return {name: table.text(name, shape=FIELD_ID) for name in table.values}


def _complain_about_shared_fields(*tables: Table) -> None:
    """A field copied to a second line and not changed there: values would be written over each other."""
    first_at: dict[str, str] = {}
    for table in tables:
        for key, field_id in table.values.items():
            if isinstance(field_id, str) and key != "severity_name":
                where = first_at.setdefault(field_id, table.where(key))
                if where != table.where(key):
                    table.problem(key, f"{field_id!r} is {where} already; every setting has its own field")


def _meanings(table: Table, meanings: Mapping[str, Meaning], *, complete: bool) -> dict[str, Meaning]:
    """What Jira calls it, folded -> what it means. One name must not mean two things."""
    result: dict[str, Meaning] = {}
    first_at: dict[str, str] = {}
    for key, meaning in meanings.items():
        for name in table.texts(key, required=f"name (or id) that Jira has for {key!r}" if complete else ""):
            folded = fold_name(name)
            where = first_at.setdefault(folded, table.where(key))
            if where != table.where(key):
                table.problem(key, f"{name!r} is listed under {where} too; a name can mean one thing only")
            result.setdefault(folded, meaning)
    return result


def read_api_url(jira: Table, site: str) -> str:
    url = jira.url("base_url", site)
    if urlsplit(url).hostname == _GATEWAY_HOST and not urlsplit(url).path.startswith("/ex/jira/"):
        jira.problem("base_url", f"{url!r} lacks the site; write https://{_GATEWAY_HOST}/ex/jira/<cloudId>")
    return url
