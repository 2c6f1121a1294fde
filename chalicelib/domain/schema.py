"""Which issues are incidents, and which field, option and status name means what. Values only; settings fill them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.domain.incident import Resolution, Severity, Status

ANY = "*"
"""Among values: whatever is set counts."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What sets an incident apart (as private, as a drill): any one of them does. All names casefolded.

    security_levels: names or ids of Jira's security levels. field: a field's id, values: names or ids of its options that
    count. ANY among levels or values stands for all of them.
    """

    labels: frozenset[str] = frozenset()
    security_levels: frozenset[str] = frozenset()
    field: str | None = None
    values: frozenset[str] = frozenset({ANY})


@dataclass(frozen=True, slots=True)
class IncidentSchema:
    """How this company's Jira spells the incident process.

    projects: keys; issue_types: names or ids. Fields are Jira field ids ("customfield_10050").
    severities, statuses, resolutions: option, status or resolution name or id, casefolded -> meaning.
    A severity option nobody mapped is treated as `severity_in_doubt`, an empty severity as `severity_when_empty`.
    unknown_services: option names, casefolded, that mean "nobody knows". services: names or ids, casefolded, of those for which
    settings say who is paged.
    impact_fields: our name of a question about the impact -> the field with its answer.
    detected_by_field: a select; who or what noticed an incident first.
    customer_visible_values: names or ids of that field's options, casefolded, that mean yes.
    private, drill: what makes an incident one. Unless settings say otherwise, any security level makes it private.
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
    impact_fields: Mapping[str, str] = field(default_factory=dict)
    escalate_field: str | None = None
    detected_by_field: str | None = None
    customer_visible_field: str | None = None
    customer_visible_values: frozenset[str] = frozenset({"yes"})
    private: Marks = Marks(security_levels=frozenset({ANY}))
    drill: Marks = Marks()
    severities: Mapping[str, Severity] = field(default_factory=dict)
    statuses: Mapping[str, Status] = field(default_factory=dict)
    resolutions: Mapping[str, Resolution] = field(default_factory=dict)
    severity_when_empty: Severity = Severity.SEV2
    severity_in_doubt: Severity = Severity.SEV2
    unknown_services: frozenset[str] = frozenset({"unknown"})
    services: frozenset[str] = frozenset()
    time_zone: str = "UTC"
    severity_field_name: str = "Severity"

    def may_be_incident(self, project: str, issue_type: str) -> bool:
        """Whether an issue that is made so would be an incident, or nobody can tell: an id and a name say nothing of each
        other. issue_type: name or id. Pure."""
        if project.casefold() not in map(str.casefold, self.projects):
            return False
        is_id = issue_type.isdecimal()
        return any(one.casefold() == issue_type.casefold() or one.isdecimal() is not is_id for one in self.issue_types)
