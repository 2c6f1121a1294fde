"""Settings files as documents: a whole one that loads, and changes to it by dotted path."""

from __future__ import annotations

import copy
import re
import tomllib
from datetime import date, datetime, time
from typing import Any

LEFT_OUT: Any = object()
"""As a change: take the key out."""

WHOLE = """
mode = "full"
go_live = 2027-01-01T00:00:00+01:00
[jira]
site = "https://jira.example.com"
base_url = "https://api.example.com/ex/jira/1"
raise_url = "https://jira.example.com/servicedesk/customer/portal/1?x=1"
deployment = "cloud"
projects = ["HOT"]
issue_types = ["Incident"]
own_account = "acc-firebell"
default_assignees = ["acc-nobody"]
unknown_services = ["Unknown", "Not  sure"]
severity_when_empty = 3
severity_in_doubt = 1
customer_visible_values = ["Yes", "Very  much"]
time_zone = "Asia/Kolkata"
[jira.fields]
severity = "customfield_1"
severity_name = "How bad"
service = "customfield_2"
products = "customfield_3"
impact_started = "customfield_4"
detected = "customfield_5"
impact_ended = "customfield_6"
ttr = "customfield_14"
ttd = "customfield_15"
ttr_text = "customfield_16"
ttd_text = "customfield_17"
detected_by = "customfield_18"
roles = { tech_lead = "customfield_7" }
links = { chat_room = "customfield_8" }
escalate_to = "customfield_9"
customer_visible = "customfield_13"
impact = { customers = "customfield_10" }
[jira.severities]
1 = ["Sev 1", "10001"]
2 = ["Sev 2"]
3 = ["Sev 3"]
[jira.statuses]
new = ["New"]
fixing = ["Fixing", "In  Progress"]
resolved = ["Resolved"]
[jira.resolutions]
duplicate = ["Duplicate"]
cancelled = ["Cancelled"]
[private]
labels = ["Private"]
security_levels = ["Staff  only"]
field = "customfield_11"
values = ["Yes"]
[drill]
labels = ["drill"]
field = "customfield_12"
values = ["Drill"]
[roles.tech_lead]
title = "Technical lead"
template = "tech_lead"
[people.mia]
mails = ["mia@example.com", "m.moore@example.com"]
account_id = "acc-mia"
pager_names = ["mmoore"]
slack_id = "U024BE7LH"
time_zone = "America/Denver"
[notes]
reaction = "memo"
[paging]
imoc = ["imoc", "imoc-two"]
drill = ["team"]
ack_timeout_s = 120
storm_majors = 5
storm_window_s = 60
[pagers.opsgenie]
base_url = "https://api.eu.opsgenie.com"
[pagers.jsm]
base_url = "https://jsm.example.com/ops/"
integration_url = "http://127.0.0.1:8000/integration"
cloud_id = "cloud-1"
[pagers.pagerduty]
base_url = "https://api.eu.pagerduty.com"
events_url = "https://events.eu.pagerduty.com"
from_mail = "firebell@example.com"
[rosters.imoc]
pager = "jsm"
kind = "schedule"
title = "IMOC"
id = "s-1"
second = "imoc-two"
[rosters.imoc-two]
pager = "pagerduty"
kind = "service"
title = "Incident managers"
schedule_id = "P1"
[rosters.team]
pager = "opsgenie"
kind = "team"
title = "Delivery"
[hours.pune]
time_zone = "Asia/Kolkata"
days = ["mon", "sat"]
start = "08:30"
end = "24:00"
[services."Jira  Cloud"]
1 = "imoc"
2 = "team"
delivery = { roster = "team", hours = "pune" }
[escalations.Databases]
roster = "team"
[chat]
base_url = "https://slack.example.com/api"
archive_after_days = 3
[chat.invite]
always = ["support@example.com"]
1 = ["U024BE7LH", "boss@example.com"]
2 = ["U024BE7LH"]
[chat.services]
"Jira  Cloud" = ["lead@example.com"]
[video]
kind = "zoom"
host = "incidents@example.com"
api_url = "https://zoom.example.com"
oauth_url = "https://oauth.example.com"
[wiki]
base_url = "https://wiki.example.com"
space_key = "INC"
parent_id = "65601"
private_space_key = "SECRET"
[questions]
customers = "What do customers see?"
[severity_scale]
1 = "Everything is down"
2 = "Much is down"
3 = "Something is down"
[updates]
opens_at_once = true
opens_after_s = 120
hold_s = 30
opens_on_fixing = true
order_groups = ["incident-comms"]
review = "suggested"
guarded_words = ["Project  Falcon"]
guarded_hosts = ["Git.Example.com"]
final_after_s = 600
next_update_minutes = { 1 = 20, 2 = 40 }
[products."Jira  Software"]
public = "Jira"
staff_component = "ftgks51sfs2d"
public_component = "8kbf7d35c070"
[products.Reactor]
staff_component = "vtnh60py4yd7"
[status_pages]
base_url = "https://statuspage.example.com"
staff = { page_id = "kctbh9vrtdwd", language = "de" }
public = { page_id = "y2j98763l56x", language = "fr" }
drills = { page_id = "w3k4v95fy0ft", language = "de" }
[mail]
kind = "smtp"
from = "firebell@example.com"
reply_to = "incidents@example.com"
to = ["staff@example.com"]
drills_to = ["drills@example.com"]
host = "smtp.example.com"
port = 2525
security = "tls"
language = "de"
[reminders]
times = 3
again_after_minutes = 20
manager_after_minutes = 5
public_after_minutes = 30
handover_after_hours = 6
handover_at_night_after_hours = 3
night = { time_zone = "Europe/Berlin", start = "23:00", end = "06:30" }
[support]
projects = ["sup"]
[review]
project = "PIR"
issue_type = "Review"
link_type = "Post-Incident Reviews"
private_project = "pirsecret"
[metrics]
hours = "pune"
unit = "hours"
names = true
"""


IN_ONE_LANGUAGE = re.sub(r'(, language|\nlanguage) = "[a-z]+"', "", WHOLE)
"""The same where nothing is said in another language: then there need be no folder for it."""

OTHER_VIDEO: tuple[dict[str, Any], ...] = (
    {"video": {"kind": "jitsi", "base_url": "https://jitsi.example.com"}},
    {"video": {"kind": "fixed", "link": "https://meet.example.com/incidents?pwd=1"}},
)
"""Changes to the document that use the settings which no file can have together with the others."""


OVER_SES = {"kind": "ses", "from": "a@example.com", "reply_to": "b@example.com", "to": ["c@example.com"]}
"""[mail] where Amazon SES sends it."""


def a_document(changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """The whole document with values at dotted paths put in or taken out."""
    document = tomllib.loads(WHOLE)
    for path, value in (changes or {}).items():
        *tables, key = path.split(".")
        table = document
        for name in tables:
            table = table.setdefault(name, {})
        if value is LEFT_OUT:
            del table[key]
        else:
            table[key] = copy.deepcopy(value)
    return document


def as_json(value: Any) -> Any:
    """The document as an editor's schema check sees it: TOML's times are texts there."""
    if isinstance(value, dict):
        return {key: as_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_json(inner) for inner in value]
    return value.isoformat() if isinstance(value, datetime | date | time) else value
