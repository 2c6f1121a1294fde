"""The emulated company: its people, its rosters, its secrets, and the settings that point Firebell at all of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from chalicelib.ports.world import Clock
from sandbox.emulator import Recorder
from sandbox.jira.http import JiraEmulator
from sandbox.jira.model import JiraModel, JiraUser
from sandbox.jira.schema import DRILL_LABEL, FIELD_NAMES, PRIVATE_LABEL, SEVERITIES
from sandbox.pagers.desk import Desk, DeskRoster
from sandbox.pagers.jsm_operations import JsmEmulator
from sandbox.pagers.opsgenie import OpsgenieEmulator
from sandbox.pagers.pagerduty import PagerDutyEmulator

EMMA = JiraUser("acc-emma", "Emma Reyes", "emma@example.com")
MIA = JiraUser("acc-mia", "Mia Moore", "mia@example.com")
OMAR = JiraUser("acc-omar", "Omar Haddad", "omar@example.com")
PIA = JiraUser("acc-pia", "Pia Lund", "pia@example.com")
BOT = JiraUser("acc-firebell", "Firebell", "firebell@example.com")

ROSTERS = (
    DeskRoster("sch-bitbucket", "Bitbucket incident managers", "schedule", (MIA.email or "",)),
    DeskRoster("sch-imoc", "Incident managers on call", "schedule", (OMAR.email or "",)),
    DeskRoster("sch-confluence", "Confluence incident managers", "schedule", ()),
    DeskRoster("team-bitbucket", "Bitbucket delivery", "team", (PIA.email or "",)),
)
PD_ROSTER = DeskRoster("PD-IMOC", "Incident managers", "service", (OMAR.email or "",))

SECRETS = {
    "jira_webhook": ["jira-signing-secret"],
    "jira_header": ["jira-header-secret"],
    "opsgenie_webhook": ["opsgenie-hook-secret"],
    "jsm_webhook": ["jsm-hook-secret"],
    "pagerduty_webhook": ["pagerduty-hook-secret"],
    "slack_webhook": ["slack-signing-secret"],
    "changes_webhook": ["changes-signing-secret"],
    "jira_mail": "firebell@example.com",
    "jira_token": "sandbox-jira-token",
    "opsgenie_key": "sandbox-opsgenie-key",
    "jsm_integration_key": "sandbox-jsm-key",
    "jsm_mail": "firebell@example.com",
    "jsm_token": "sandbox-jsm-token",
    "pagerduty_token": "sandbox-pagerduty-token",
    "pagerduty_routing_keys": {"imoc-pagerduty": "sandbox-routing-key"},
}


@dataclass
class Company:
    """Everything outside Firebell and AWS, on one clock."""

    jira_model: JiraModel
    jira: JiraEmulator
    opsgenie: OpsgenieEmulator
    jsm: JsmEmulator
    pagerduty: PagerDutyEmulator

    @property
    def emulators(self) -> tuple[JiraEmulator, OpsgenieEmulator, JsmEmulator, PagerDutyEmulator]:
        return (self.jira, self.opsgenie, self.jsm, self.pagerduty)


def found(clock: Clock, recorder: Recorder | None = None) -> Company:
    """Open for business: people hired, rosters staffed. Hooks point nowhere until `point_hooks_at`."""
    model = JiraModel(clock)
    for person in (EMMA, MIA, OMAR, PIA, BOT):
        model.add_user(person)
    opsgenie_desk, jsm_desk, pagerduty_desk = Desk(clock), Desk(clock), Desk(clock)
    for desk in (opsgenie_desk, jsm_desk):
        for roster in ROSTERS:
            desk.add_roster(roster)
    pagerduty_desk.add_roster(PD_ROSTER)
    return Company(
        model,
        JiraEmulator(
            model, clock, bot=BOT, mail=str(SECRETS["jira_mail"]), token=str(SECRETS["jira_token"]),
            hook_secret="jira-signing-secret", recorder=recorder,
        ),
        OpsgenieEmulator(
            opsgenie_desk, clock, key=str(SECRETS["opsgenie_key"]),
            hook_headers={"X-Firebell-Secret": "opsgenie-hook-secret"}, recorder=recorder,
        ),
        JsmEmulator(
            jsm_desk, clock, key=str(SECRETS["jsm_integration_key"]), cloud_id="cloud-1", mail=str(SECRETS["jsm_mail"]),
            token=str(SECRETS["jsm_token"]), hook_headers={"X-Firebell-Secret": "jsm-hook-secret"}, recorder=recorder,
        ),
        PagerDutyEmulator(
            pagerduty_desk, clock, token=str(SECRETS["pagerduty_token"]), routing_keys={"sandbox-routing-key": "PD-IMOC"},
            users=frozenset({BOT.email or ""}), hook_secret="pagerduty-hook-secret", recorder=recorder,
        ),
    )  # fmt: skip


def point_hooks_at(company: Company, front: str) -> None:
    company.jira.hook_url = f"{front}/webhooks/jira"
    company.opsgenie.hook_url = f"{front}/webhooks/opsgenie"
    company.jsm.hook_url = f"{front}/webhooks/jsm"
    company.pagerduty.hook_url = f"{front}/webhooks/pagerduty"


def write_settings(path: Path, *, jira: str, opsgenie: str, jsm: str, pagerduty: str, pager: str = "opsgenie") -> None:
    """A firebell.toml for the emulators at these base URLs. pager: which of them rings first."""
    fields = {name: field_id for field_id, name in FIELD_NAMES.items()}
    quoted = {number: json.dumps([name]) for number, name in SEVERITIES.items()}
    path.write_text(
        f"""mode = "full"
[jira]
site = "https://example.atlassian.net"
base_url = "{jira}"
projects = ["HOT"]
issue_types = ["Incident"]
own_account = "{BOT.account_id}"
[jira.fields]
severity = "{fields["Severity"]}"
service = "{fields["Faulty service"]}"
products = "{fields["Affected products"]}"
impact_started = "{fields["Start of impact"]}"
detected = "{fields["Detection"]}"
impact_ended = "{fields["End of impact"]}"
escalate_to = "{fields["Escalate to"]}"
[jira.fields.roles]
tech_lead = "{fields["Tech lead"]}"
communications_manager = "{fields["Communications manager"]}"
backup_incident_manager = "{fields["Backup incident managers"]}"
[jira.fields.links]
chat_room = "{fields["Chat room"]}"
video_call = "{fields["Video call"]}"
state_document = "{fields["State document"]}"
[jira.fields.impact]
customers = "{fields["Customers affected"]}"
symptoms = "{fields["What they see"]}"
security = "{fields["Security or data loss"]}"
[jira.severities]
1 = {quoted[1]}
2 = {quoted[2]}
3 = {quoted[3]}
[jira.statuses]
new = ["New"]
fixing = ["Fixing"]
resolved = ["Resolved"]
[private]
labels = ["{PRIVATE_LABEL}"]
[drill]
labels = ["{DRILL_LABEL}"]
[paging]
imoc = ["imoc"]
[pagers.opsgenie]
base_url = "{opsgenie}"
[pagers.jsm]
base_url = "{jsm}/jsm/ops"
integration_url = "{jsm}/jsm/ops/integration"
cloud_id = "cloud-1"
[pagers.pagerduty]
base_url = "{pagerduty}"
events_url = "{pagerduty}"
from_mail = "{BOT.email}"
[rosters.bitbucket-im]
pager = "{pager}"
kind = "schedule"
title = "Bitbucket incident managers"
id = "sch-bitbucket"
second = "imoc-pagerduty"
[rosters.confluence-im]
pager = "{pager}"
kind = "schedule"
title = "Confluence incident managers"
id = "sch-confluence"
[rosters.imoc]
pager = "{pager}"
kind = "schedule"
title = "Incident managers on call"
id = "sch-imoc"
[rosters.imoc-pagerduty]
pager = "pagerduty"
kind = "service"
title = "Incident managers"
id = "PD-IMOC"
[services.Bitbucket]
1 = "bitbucket-im"
2 = "bitbucket-im"
[services.Confluence]
1 = "confluence-im"
2 = "confluence-im"
""",
        "utf-8",
    )
