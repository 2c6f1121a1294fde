"""Recorded shapes of webhooks, and the schema by which they are incidents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chalicelib.domain.incident import Resolution, Severity, Status
from chalicelib.domain.schema import IncidentSchema, Marks

FIXTURES = Path(__file__).parent.parent / "fixtures"
JIRA = sorted((FIXTURES / "jira").glob("*.json"))
PAGERS = sorted((FIXTURES / "opsgenie").glob("*.json")) + sorted((FIXTURES / "pagerduty").glob("*.json"))

SCHEMA = IncidentSchema(
    site="https://example.atlassian.net",
    projects=frozenset({"HOT"}),
    issue_types=frozenset({"10004"}),
    severity_field="customfield_10050",
    service_field="customfield_10051",
    products_field="customfield_10052",
    impact_started_field="customfield_10055",
    detected_field="customfield_10056",
    impact_ended_field="customfield_10057",
    role_fields={"im": "customfield_10053", "helpers": "customfield_10054"},
    link_fields={"call": "customfield_10058"},
    impact_fields={"customers": "customfield_10061", "since": "customfield_10062"},
    escalate_field="customfield_10063",
    detected_by_field="customfield_10067",
    customer_visible_field="customfield_10066",
    customer_visible_values=frozenset({"yes", "10201"}),
    private=Marks(frozenset({"secret"}), frozenset({"staff only", "10071"}), "customfield_10064", frozenset({"yes"})),
    drill=Marks(labels=frozenset({"drill"}), field="customfield_10065"),
    severities={"sev1": Severity.SEV1, "10101": Severity.SEV2, "sev2": Severity.SEV2, "sev3": Severity.SEV3},
    statuses={"new": Status.NEW, "10011": Status.FIXING, "10012": Status.RESOLVED},
    resolutions={"duplicate": Resolution.DUPLICATE, "10004": Resolution.CANCELLED},
    time_zone="Europe/London",
)

MIA = "5b10ac8d82e05b22cc7d0001"
EMMA = "5b10ac8d82e05b22cc7d0002"


def raw(name: str) -> bytes:
    """name: "jira/issue_created__sev1"."""
    return (FIXTURES / f"{name}.json").read_bytes()


def sample(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(raw(name))
    return loaded


def an_issue(**fields: Any) -> dict[str, Any]:
    """The issue of a new Sev 1, with some fields replaced."""
    issue: dict[str, Any] = sample("jira/issue_created__sev1")["issue"]
    issue["fields"] |= fields
    return issue


def without(issue: dict[str, Any], *names: str) -> dict[str, Any]:
    """The same issue without these fields."""
    return issue | {"fields": {name: value for name, value in issue["fields"].items() if name not in names}}
