"""The incident project of the emulated company, and the schema that describes it: shared by tests, demo and sandbox."""

from __future__ import annotations

from chalicelib.domain.incident import Resolution, Severity, Status
from chalicelib.domain.schema import ANY, IncidentSchema, Marks

SEVERITY, SERVICE, PRODUCTS = "customfield_10050", "customfield_10051", "customfield_10052"
STARTED, DETECTED, ENDED = "customfield_10053", "customfield_10054", "customfield_10055"
TECH_LEAD, COMMUNICATIONS = "customfield_10056", "customfield_10057"
CHAT_ROOM, VIDEO_CALL, DOCUMENT = "customfield_10058", "customfield_10059", "customfield_10060"
BACKUP, ESCALATE_TO = "customfield_10061", "customfield_10062"
CUSTOMERS, SYMPTOMS, SECURITY = "customfield_10063", "customfield_10064", "customfield_10065"
CUSTOMER_VISIBLE = "customfield_10066"
TTR, TTD, TTR_TEXT, TTD_TEXT = "customfield_10067", "customfield_10068", "customfield_10069", "customfield_10070"
DETECTED_BY = "customfield_10071"

SEVERITIES = {1: "Sev 1 - Critical", 2: "Sev 2 - Major", 3: "Sev 3 - Minor"}
STATUSES = {"New": "new", "Fixing": "indeterminate", "Resolved": "done"}
FIELD_NAMES = {
    SEVERITY: "Severity", SERVICE: "Faulty service", PRODUCTS: "Affected products", STARTED: "Start of impact",
    DETECTED: "Detection", ENDED: "End of impact", TECH_LEAD: "Tech lead", COMMUNICATIONS: "Communications manager",
    CHAT_ROOM: "Chat room", VIDEO_CALL: "Video call", DOCUMENT: "State document", BACKUP: "Backup incident managers",
    ESCALATE_TO: "Escalate to", CUSTOMERS: "Customers affected", SYMPTOMS: "What they see",
    SECURITY: "Security or data loss", CUSTOMER_VISIBLE: "Customer visible",
    TTR: "TTR", TTD: "TTD", TTR_TEXT: "Time to recover", TTD_TEXT: "Time to detect", DETECTED_BY: "Detected by",
}  # fmt: skip
FIELD_TYPES = {
    **dict.fromkeys((SEVERITY, SERVICE, CUSTOMER_VISIBLE, DETECTED_BY), "option"),
    **dict.fromkeys((PRODUCTS, ESCALATE_TO), "options"),
    **dict.fromkeys((STARTED, DETECTED, ENDED), "datetime"), **dict.fromkeys((TECH_LEAD, COMMUNICATIONS), "user"),
    **dict.fromkeys((CHAT_ROOM, VIDEO_CALL, DOCUMENT), "url"), BACKUP: "users",
    **dict.fromkeys((CUSTOMERS, SYMPTOMS, SECURITY, TTR_TEXT, TTD_TEXT), "text"), **dict.fromkeys((TTR, TTD), "number"),
}  # fmt: skip
EMPTY_AT_FIRST = tuple(name for name in FIELD_TYPES if name not in (SEVERITY, SERVICE, PRODUCTS))
PRIVATE_LABEL, DRILL_LABEL = "private", "drill"


def example_schema(site: str = "https://example.atlassian.net") -> IncidentSchema:
    return IncidentSchema(
        site=site,
        projects=frozenset({"HOT"}),
        issue_types=frozenset({"Incident"}),
        severity_field=SEVERITY,
        service_field=SERVICE,
        products_field=PRODUCTS,
        impact_started_field=STARTED,
        detected_field=DETECTED,
        impact_ended_field=ENDED,
        role_fields={"tech_lead": TECH_LEAD, "communications_manager": COMMUNICATIONS, "backup_incident_manager": BACKUP},
        link_fields={"chat_room": CHAT_ROOM, "video_call": VIDEO_CALL, "state_document": DOCUMENT},
        impact_fields={"customers": CUSTOMERS, "symptoms": SYMPTOMS, "security": SECURITY},
        escalate_field=ESCALATE_TO,
        detected_by_field=DETECTED_BY,
        customer_visible_field=CUSTOMER_VISIBLE,
        private=Marks(labels=frozenset({PRIVATE_LABEL}), security_levels=frozenset({ANY})),
        drill=Marks(labels=frozenset({DRILL_LABEL})),
        severities={name.casefold(): Severity(number) for number, name in SEVERITIES.items()},
        statuses={"new": Status.NEW, "fixing": Status.FIXING, "resolved": Status.RESOLVED},
        resolutions={"duplicate": Resolution.DUPLICATE, "cancelled": Resolution.CANCELLED},
    )
