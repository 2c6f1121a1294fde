"""Which issues are incidents, and which field, option and status name means what. Values only; settings fill them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.domain.incident import Resolution, Severity, Status


@dataclass(frozen=True, slots=True)
class IncidentSchema:
    """How this company's Jira spells the incident process.

    projects: keys; issue_types: names or ids. Fields are Jira field ids ("customfield_10050").
    severities, statuses, resolutions: option, status or resolution name or id, casefolded -> meaning.
    A severity option nobody mapped is treated as `severity_in_doubt`, an empty severity as `severity_when_empty`.
    unknown_services: option names, casefolded, that mean "nobody knows".
    severity_field_name: the field's display name; histories of Data Center call the field by it and give no id.
    """

    site: str
    projects: frozenset[str]
    issue_types: frozenset[str]
    severity_field: str
    service_field: str
    products_field: str
    impact_started_field: str | None = None
    detected_field: str | None = None
    impact_ended_field: str | None = None
    role_fields: Mapping[str, str] = field(default_factory=dict)
    link_fields: Mapping[str, str] = field(default_factory=dict)
    severities: Mapping[str, Severity] = field(default_factory=dict)
    statuses: Mapping[str, Status] = field(default_factory=dict)
    resolutions: Mapping[str, Resolution] = field(default_factory=dict)
    severity_when_empty: Severity = Severity.SEV2
    severity_in_doubt: Severity = Severity.SEV2
    unknown_services: frozenset[str] = frozenset({"unknown"})
    time_zone: str = "UTC"
    severity_field_name: str = "Severity"
