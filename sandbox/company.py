"""The emulated company: its people, its rosters, its secrets, and the settings that point Firebell at all of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from chalicelib.adapters.slack import SCOPES, USER_SCOPES
from chalicelib.ports.world import Clock
from sandbox.chat.model import ChatModel
from sandbox.chat.slack import ChatToken, SlackEmulator
from sandbox.chat.values import ChatUser
from sandbox.emulator import Emulator, Recorder
from sandbox.jira.http import JiraEmulator
from sandbox.jira.issues import add_project
from sandbox.jira.model import JiraModel, JiraUser
from sandbox.jira.records import JiraProject
from sandbox.jira.schema import DRILL_LABEL, FIELD_NAMES, PRIVATE_LABEL, SEVERITIES
from sandbox.mail.model import MailModel
from sandbox.mail.server import MailServer
from sandbox.pagers.desk import Desk, DeskRoster
from sandbox.pagers.jsm_operations import JsmEmulator
from sandbox.pagers.opsgenie import OpsgenieEmulator
from sandbox.pagers.pagerduty import PagerDutyEmulator
from sandbox.status.model import StatusModel
from sandbox.status.statuspage import StatuspageEmulator
from sandbox.video.model import VideoModel
from sandbox.video.zoom import ZoomEmulator
from sandbox.wiki.confluence import ConfluenceEmulator
from sandbox.wiki.model import WikiModel

EMMA = JiraUser("acc-emma", "Emma Reyes", "emma@example.com")
MIA = JiraUser("acc-mia", "Mia Moore", "mia@example.com")
OMAR = JiraUser("acc-omar", "Omar Haddad", "omar@example.com")
PIA = JiraUser("acc-pia", "Pia Lund", "pia@example.com")
BOT = JiraUser("acc-firebell", "Firebell", "firebell@example.com")

ROSTERS = (
    DeskRoster("sch-bitbucket", "Bitbucket incident managers", "schedule", (MIA.email or "",)),
    DeskRoster("sch-imoc", "Incident managers on call", "schedule", (OMAR.email or "",)),
    DeskRoster("sch-confluence", "Confluence incident managers", "schedule", ()),
    DeskRoster("sch-databases", "Database administrators", "schedule", (PIA.email or "",)),
    DeskRoster("team-bitbucket", "Bitbucket delivery", "team", (PIA.email or "",)),
)
PROJECTS = (JiraProject("SUP", "service_desk", ("Support",)), JiraProject("REV", issue_types=("Task",)))
"""Where customers write to support, and where incidents are reviewed."""

PD_ROSTER = DeskRoster("PD-IMOC", "Incident managers", "service", (OMAR.email or "",))

SECRETS = {
    "jira_webhook": ["jira-signing-secret"],
    "jira_header": ["jira-header-secret"],
    "opsgenie_webhook": ["opsgenie-hook-secret"],
    "jsm_webhook": ["jsm-hook-secret"],
    "pagerduty_webhook": ["pagerduty-hook-secret"],
    "changes_webhook": ["changes-signing-secret"],
    "jira_mail": "firebell@example.com",
    "jira_token": "sandbox-jira-token",
    "opsgenie_key": "sandbox-opsgenie-key",
    "jsm_integration_key": "sandbox-jsm-key",
    "jsm_mail": "firebell@example.com",
    "jsm_token": "sandbox-jsm-token",
    "pagerduty_token": "sandbox-pagerduty-token",
    "pagerduty_routing_keys": {"imoc-pagerduty": "sandbox-routing-key"},
    "slack_signing_secret": ["slack-signing-secret"],
    "slack_bot_token": "xoxb-sandbox-bot",
    "slack_user_token": "xoxp-sandbox-admin",
    "zoom_account_id": "sandbox-zoom-account",
    "zoom_client_id": "sandbox-zoom-client",
    "zoom_client_secret": "sandbox-zoom-secret",
    "statuspage_token": "sandbox-statuspage-key",
}

CHAT_BOT, CHAT_ADMIN = (
    ChatUser("U0000BOT", "firebell", is_bot=True),
    ChatUser("U000ROOT", "root", "root@example.com", is_admin=True),
)
CHAT_PEOPLE = tuple(
    ChatUser(f"U000{person.name.split()[0].upper()}", person.name.split()[0].lower(), person.email or "")
    for person in (EMMA, MIA, OMAR, PIA)
)
SPACE = "INC"
STAFF_PAGE, PUBLIC_PAGE, DRILLS_PAGE = "examplestaff", "examplepubli", "exampledrill"
PRODUCTS = ("Payments", "Search")
COMPONENTS = {"staff": ("staffgit", "staffwiki"), "public": ("publicgit", "publicwiki")}
"""Of each product, on the staff's page and on the customers'."""
SENDER, INCIDENT_DESK = BOT.email or "", "incidents@example.com"
STAFF_LIST, DRILLS_LIST = "all-staff@example.com", "drills@example.com"
MAILING_LISTS = {
    STAFF_LIST: tuple(person.email or "" for person in (EMMA, MIA, OMAR, PIA)),
    DRILLS_LIST: (PIA.email or "",),
}


@dataclass
class Company:
    """Everything outside Firebell and AWS, on one clock."""

    jira_model: JiraModel
    jira: JiraEmulator
    opsgenie: OpsgenieEmulator
    jsm: JsmEmulator
    pagerduty: PagerDutyEmulator
    slack: SlackEmulator
    confluence: ConfluenceEmulator
    zoom: ZoomEmulator
    statuspage: StatuspageEmulator
    mail: MailServer

    @property
    def emulators(self) -> tuple[Emulator, ...]:
        """Those that are spoken to over HTTP."""
        return (self.jira, *self.pagers, self.slack, self.confluence, self.zoom, self.statuspage)

    @property
    def pagers(self) -> tuple[OpsgenieEmulator, JsmEmulator, PagerDutyEmulator]:
        return (self.opsgenie, self.jsm, self.pagerduty)

    @property
    def senders(self) -> tuple[JiraEmulator | OpsgenieEmulator | JsmEmulator | PagerDutyEmulator | SlackEmulator, ...]:
        """Those that send webhooks when they are pumped."""
        return (self.jira, *self.pagers, self.slack)


def found(clock: Clock, recorder: Recorder | None = None) -> Company:
    """Open for business: people hired, rosters staffed. Hooks point nowhere until `point_hooks_at`."""
    model = JiraModel(clock)
    for person in (EMMA, MIA, OMAR, PIA, BOT):
        model.add_user(person)
    for project in PROJECTS:
        add_project(model, project)
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
        SlackEmulator(
            _workspace(clock), clock, hook_secret="slack-signing-secret", recorder=recorder,
            tokens={
                str(SECRETS["slack_bot_token"]): ChatToken(CHAT_BOT.id, SCOPES),
                str(SECRETS["slack_user_token"]): ChatToken(CHAT_ADMIN.id, USER_SCOPES),
            },
        ),
        ConfluenceEmulator(
            _wiki(clock), clock, account=BOT.account_id, mail=str(SECRETS["jira_mail"]), token=str(SECRETS["jira_token"]),
            recorder=recorder,
        ),
        ZoomEmulator(
            VideoModel(clock, {MIA.email or ""}), clock, account_id=str(SECRETS["zoom_account_id"]),
            client_id=str(SECRETS["zoom_client_id"]), client_secret=str(SECRETS["zoom_client_secret"]), recorder=recorder,
        ),
        StatuspageEmulator(_status_pages(clock), clock, token=str(SECRETS["statuspage_token"]), recorder=recorder),
        MailServer(MailModel(clock, {SENDER}, dict(MAILING_LISTS)), clock),
    )  # fmt: skip


def _workspace(clock: Clock) -> ChatModel:
    model = ChatModel(clock, CHAT_BOT)
    for user in (*CHAT_PEOPLE, CHAT_ADMIN):
        model.add_user(user)
    return model


def _wiki(clock: Clock) -> WikiModel:
    model = WikiModel(clock)
    model.add_space(SPACE, "Incidents", MIA.account_id)
    return model


def _status_pages(clock: Clock) -> StatusModel:
    model = StatusModel(clock)
    for page_id, name, components in (
        (STAFF_PAGE, "Example, for staff", COMPONENTS["staff"]),
        (PUBLIC_PAGE, "Example", COMPONENTS["public"]),
        (DRILLS_PAGE, "Example, for drills", COMPONENTS["staff"]),
    ):
        model.add_page(page_id, name, dict(zip(components, PRODUCTS, strict=True)))
    return model


def point_hooks_at(company: Company, front: str) -> None:
    company.jira.hook_url = f"{front}/webhooks/jira"
    company.opsgenie.hook_url = f"{front}/webhooks/opsgenie"
    company.jsm.hook_url = f"{front}/webhooks/jsm"
    company.pagerduty.hook_url = f"{front}/webhooks/pagerduty"
    company.slack.hook_url = f"{front}/webhooks/slack"


def write_settings(path: Path, urls: Mapping[str, str], *, pager: str = "opsgenie") -> None:
    """A firebell.toml for the emulators at these base URLs, by their names. pager: which of them rings first."""
    fields = {name: field_id for field_id, name in FIELD_NAMES.items()}
    quoted = {number: json.dumps([name]) for number, name in SEVERITIES.items()}
    path.write_text(
        f"""mode = "full"
[jira]
site = "https://example.atlassian.net"
base_url = "{urls["jira"]}"
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
ttr = "{fields["TTR"]}"
ttd = "{fields["TTD"]}"
ttr_text = "{fields["Time to recover"]}"
ttd_text = "{fields["Time to detect"]}"
detected_by = "{fields["Detected by"]}"
escalate_to = "{fields["Escalate to"]}"
customer_visible = "{fields["Customer visible"]}"
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
[questions]
customers = "What is the impact on customers, and how many are affected?"
symptoms = "What do they see?"
security = "Is security involved, or data lost?"
[chat]
base_url = "{urls["slack"]}/api"
[video]
kind = "zoom"
host = "{MIA.email}"
api_url = "{urls["zoom"]}"
oauth_url = "{urls["zoom"]}"
[wiki]
base_url = "{urls["confluence"]}"
space_key = "{SPACE}"
{_telling(urls)}
[paging]
imoc = ["imoc"]
[pagers.opsgenie]
base_url = "{urls["opsgenie"]}"
[pagers.jsm]
base_url = "{urls["jsm"]}/jsm/ops"
integration_url = "{urls["jsm"]}/jsm/ops/integration"
cloud_id = "cloud-1"
[pagers.pagerduty]
base_url = "{urls["pagerduty"]}"
events_url = "{urls["pagerduty"]}"
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
[rosters.databases]
pager = "{pager}"
kind = "schedule"
title = "Database administrators"
id = "sch-databases"
[escalations.Databases]
roster = "databases"
[services.Bitbucket]
1 = "bitbucket-im"
2 = "bitbucket-im"
[services.Confluence]
1 = "confluence-im"
2 = "confluence-im"
""",
        "utf-8",
    )


def _telling(urls: Mapping[str, str]) -> str:
    """Who is told: everybody that can be."""
    mail = urlsplit(urls["mail"])
    products = "".join(
        f'[products.{product}]\npublic = "{product}"\nstaff_component = "{staff}"\npublic_component = "{public}"\n'
        for product, staff, public in zip(PRODUCTS, COMPONENTS["staff"], COMPONENTS["public"], strict=True)
    )
    return f"""{products}
[status_pages]
base_url = "{urls["statuspage"]}"
staff = {{ page_id = "{STAFF_PAGE}" }}
public = {{ page_id = "{PUBLIC_PAGE}" }}
drills = {{ page_id = "{DRILLS_PAGE}" }}
[mail]
kind = "smtp"
from = "{SENDER}"
reply_to = "{INCIDENT_DESK}"
to = ["{STAFF_LIST}"]
drills_to = ["{DRILLS_LIST}"]
host = "{mail.hostname}"
port = {mail.port or 25}
security = "none"
[support]
projects = ["SUP"]
[review]
project = "REV"
issue_type = "Task"
"""


def urls_at(url: str) -> dict[str, str]:
    """Settings that point everything at one place."""
    return dict.fromkeys(("jira", "opsgenie", "jsm", "pagerduty", "slack", "confluence", "zoom", "statuspage", "mail"), url)
