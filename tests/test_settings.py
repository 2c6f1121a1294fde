"""What firebell.toml means, and what is said about one that is wrong: every mistake, where it is, what to do."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.alias import site_tag
from chalicelib.domain.durations import TimeFields, Unit
from chalicelib.domain.incident import Resolution, Severity, Status
from chalicelib.domain.paging import Roster, RosterKind
from chalicelib.domain.people import Known, Role, Told
from chalicelib.domain.policy import Mode, PagingPolicy
from chalicelib.domain.routing import BusinessHours, Delivery
from chalicelib.domain.schema import ANY, Marks
from chalicelib.errors import SettingsError
from chalicelib.settings import JiraSettings, PagerSettings, load
from chalicelib.settings_metrics import MetricsSettings
from chalicelib.settings_people import WITH_TEXTS
from chalicelib.settings_places import (
    ChatSettings,
    FixedLinkSettings,
    JitsiSettings,
    VideoSettings,
    WikiSettings,
    ZoomSettings,
)
from chalicelib.settings_reader import settings_from
from tests.documents import LEFT_OUT, WHOLE, a_document

SHIPPED = Path(__file__).resolve().parents[1] / "firebell.toml"


def problems_of(changes: dict[str, Any], environ: dict[str, str] | None = None, **options: Any) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as raised:
        settings_from(a_document(changes), environ or {}, **options)
    return raised.value.problems


# --- a file that is right ---------------------------------------------------------------------------------------------


def test_the_shipped_example_loads_and_touches_nothing():
    settings = load(SHIPPED, {})
    assert settings.mode is Mode.SHADOW
    assert settings.schema.site == "https://example.atlassian.net"


def test_every_setting_arrives():
    settings = settings_from(a_document(), {})
    schema = settings.schema
    assert settings.mode is Mode.FULL
    assert settings.paging == PagingPolicy(
        120, datetime(2026, 12, 31, 23, tzinfo=UTC), 5, 60, frozenset({"acc-nobody"}), "acc-firebell", site_tag(schema.site)
    )
    assert settings.jira == JiraSettings(
        "https://api.example.com/ex/jira/1", "cloud", "https://jira.example.com/servicedesk/customer/portal/1?x=1"
    )
    assert schema.projects == {"HOT"}
    assert schema.issue_types == {"Incident"}
    assert (schema.severity_when_empty, schema.severity_in_doubt) == (Severity.SEV3, Severity.SEV1)
    assert (schema.severity_field, schema.severity_field_name, schema.service_field) == (
        "customfield_1", "How bad", "customfield_2",
    )  # fmt: skip
    assert (schema.products_field, schema.impact_started_field, schema.detected_field, schema.impact_ended_field) == (
        "customfield_3", "customfield_4", "customfield_5", "customfield_6",
    )  # fmt: skip
    assert (schema.role_fields, schema.link_fields) == ({"tech_lead": "customfield_7"}, {"chat_room": "customfield_8"})
    assert schema.time_zone == "Asia/Kolkata"


def test_what_is_counted_arrives():
    settings = settings_from(a_document(), {})
    assert settings.schema.detected_by_field == "customfield_18"
    assert settings.metrics == MetricsSettings(
        TimeFields(
            "customfield_4",
            "customfield_5",
            "customfield_6",
            ttr="customfield_14",
            ttd="customfield_15",
            ttr_text="customfield_16",
            ttd_text="customfield_17",
            unit=Unit.HOURS,
        ),
        BusinessHours("Asia/Kolkata", frozenset({0, 5}), time(8, 30), time.max),
        with_names=True,
    )


def test_left_out_every_hour_is_one_and_nobody_is_named():
    changes = {"metrics": LEFT_OUT, **{f"jira.fields.{name}": LEFT_OUT for name in ("ttr", "ttd", "ttr_text", "ttd_text")}}
    fields = TimeFields("customfield_4", "customfield_5", "customfield_6")
    assert settings_from(a_document(changes), {}).metrics == MetricsSettings(fields)


def test_what_sets_an_incident_apart_arrives():
    schema = settings_from(a_document(), {}).schema
    assert schema.private == Marks(frozenset({"private"}), frozenset({"staff only"}), "customfield_11", frozenset({"yes"}))
    assert schema.drill == Marks(labels=frozenset({"drill"}), field="customfield_12", values=frozenset({"drill"}))
    assert (schema.escalate_field, schema.impact_fields) == ("customfield_9", {"customers": "customfield_10"})


def test_what_says_that_customers_notice_it_arrives():
    schema = settings_from(a_document(), {}).schema
    assert (schema.customer_visible_field, schema.customer_visible_values) == (
        "customfield_13",
        frozenset({"yes", "very much"}),
    )
    left_out = {"jira.fields.customer_visible": LEFT_OUT, "jira.customer_visible_values": LEFT_OUT}
    schema = settings_from(a_document(left_out), {}).schema
    assert (schema.customer_visible_field, schema.customer_visible_values) == (None, frozenset({"yes"}))


def test_left_out_any_security_level_is_private_and_nothing_is_a_drill():
    schema = settings_from(a_document({"private": LEFT_OUT, "drill": LEFT_OUT}), {}).schema
    assert (schema.private, schema.drill) == (Marks(security_levels=frozenset({ANY})), Marks())


def test_a_field_that_makes_private_does_so_with_any_value_unless_values_are_named():
    assert settings_from(a_document({"private.values": LEFT_OUT}), {}).schema.private.values == {ANY}


def test_one_field_may_hold_both_marks():
    changes = {"drill.field": "customfield_11"}
    assert settings_from(a_document(changes), {}).schema.drill.field == "customfield_11"


def test_every_role_has_a_title_the_managers_first():
    fields = {"jira.fields.roles.backup_im": "customfield_90", "roles.incident_manager": {"template": "incident_manager"}}
    assert list(settings_from(a_document(fields), {}).roles.values()) == [
        Role("incident_manager", "Incident manager", "incident_manager"),
        Role("tech_lead", "Technical lead", "tech_lead"),
        Role("backup_im", "Backup im"),
    ]


def test_people_arrive_as_the_table_has_them():
    assert settings_from(a_document(), {}).people.rows == (
        Known("mia", ("mia@example.com", "m.moore@example.com"), "acc-mia", ("mmoore",), "U024BE7LH", "America/Denver"),
    )


def test_whom_the_room_is_for_arrives():
    boss, team = Told(mail="boss@example.com"), Told(slack_id="U024BE7LH")
    assert settings_from(a_document(), {}).chat == ChatSettings(
        "https://slack.example.com/api",
        timedelta(days=3),
        (Told(mail="support@example.com"),),
        {Severity.SEV1: (team, boss), Severity.SEV2: (team,)},
        {"jira cloud": (Told(mail="lead@example.com"),)},
    )


def test_an_empty_table_is_a_room_for_those_who_have_to_do_with_it():
    chat = settings_from(a_document({"chat": {}}), {}).chat
    nobody: dict[Severity, tuple[Told, ...]] = {Severity.SEV1: (), Severity.SEV2: ()}
    assert chat == ChatSettings("https://slack.com/api", timedelta(days=7), (), nobody, {})


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        pytest.param(
            {"kind": "zoom", "host": "bot@example.com"},
            ZoomSettings(("bot@example.com",), "https://api.zoom.us", "https://zoom.us"),
            id="Zoom",
        ),
        pytest.param(
            {"kind": "zoom", "host": ["one@example.com", "two@example.com"]},
            ZoomSettings(("one@example.com", "two@example.com"), "https://api.zoom.us", "https://zoom.us"),
            id="Zoom with two hosts",
        ),
        pytest.param(
            {"kind": "jitsi", "base_url": "https://jitsi.example.com/"}, JitsiSettings("https://jitsi.example.com"), id="Jitsi"
        ),
        pytest.param(
            {"kind": "fixed", "link": "https://meet.example.com?pwd=1"},
            FixedLinkSettings("https://meet.example.com?pwd=1"),
            id="fixed",
        ),
        pytest.param(LEFT_OUT, None, id="left out"),
    ],
)
def test_people_talk_through(written: Any, understood: VideoSettings | None):
    assert settings_from(a_document({"video": written}), {}).video == understood


def test_the_space_for_documents_arrives():
    assert settings_from(a_document(), {}).wiki == WikiSettings("https://wiki.example.com", "INC", "65601", "SECRET")


@pytest.mark.parametrize(
    ("jira_url", "wiki_url"),
    [
        pytest.param("https://x.atlassian.net", "https://x.atlassian.net", id="one site"),
        pytest.param(
            "https://api.atlassian.com/ex/jira/c-1", "https://api.atlassian.com/ex/confluence/c-1", id="scoped tokens"
        ),
    ],
)
def test_confluence_is_beside_jira(jira_url: str, wiki_url: str):
    settings = settings_from(a_document({"jira.base_url": jira_url, "wiki": {"space_key": "INC"}}), {})
    assert settings.wiki == WikiSettings(wiki_url, "INC")


def test_left_out_there_is_no_room_no_call_and_no_document():
    settings = settings_from(a_document({"chat": LEFT_OUT, "video": LEFT_OUT, "wiki": LEFT_OUT}), {})
    assert (settings.chat, settings.video, settings.wiki) == (None, None, None)


def test_every_question_has_words_in_the_order_of_the_fields():
    fields = {"jira.fields.impact.data_loss": "customfield_90", "jira.fields.impact.since": "customfield_91"}
    assert list(settings_from(a_document(fields | {"questions.since": "Since when?"}), {}).questions.items()) == [
        ("customers", "What do customers see?"),
        ("data_loss", "Data loss?"),
        ("since", "Since when?"),
    ]


def test_the_scale_of_severities_arrives():
    scale = settings_from(a_document({"severity_scale.3": LEFT_OUT}), {}).severity_scale
    assert scale == {1: "Everything is down", 2: "Much is down", 3: "A minor incident with low impact"}


def test_what_jira_calls_things_is_known_in_any_case_and_spacing():
    schema = settings_from(a_document(), {}).schema
    assert schema.severities == {"sev 1": 1, "10001": 1, "sev 2": 2, "sev 3": 3}
    assert schema.statuses == {
        "new": Status.NEW, "fixing": Status.FIXING, "in progress": Status.FIXING, "resolved": Status.RESOLVED,
    }  # fmt: skip
    assert schema.resolutions == {"duplicate": Resolution.DUPLICATE, "cancelled": Resolution.CANCELLED}
    assert schema.unknown_services == {"unknown", "not sure"}
    assert schema.services == {"jira cloud"}


def test_rosters_and_routes_arrive():
    routing = settings_from(a_document(), {}).routing
    assert routing.rosters == {
        "imoc": Roster("imoc", "jsm", RosterKind.SCHEDULE, "IMOC", "s-1", "s-1", "imoc-two"),
        "imoc-two": Roster("imoc-two", "pagerduty", RosterKind.SERVICE, "Incident managers", "", "P1"),
        "team": Roster("team", "opsgenie", RosterKind.TEAM, "Delivery"),
    }
    assert routing.imoc == ("imoc", "imoc-two")
    assert routing.drill == ("team",)
    assert routing.services == {"jira cloud": {Severity.SEV1: "imoc", Severity.SEV2: "team"}}
    hours = BusinessHours("Asia/Kolkata", frozenset({0, 5}), time(8, 30), time.max)
    assert routing.deliveries == {"jira cloud": Delivery("team", hours)}


def test_pagers_arrive_without_a_slash_at_the_end():
    assert settings_from(a_document(), {}).pagers == {
        "opsgenie": PagerSettings("https://api.eu.opsgenie.com"),
        "jsm": PagerSettings("https://jsm.example.com/ops", "http://127.0.0.1:8000/integration", "cloud-1"),
        "pagerduty": PagerSettings(
            "https://api.eu.pagerduty.com", events_url="https://events.eu.pagerduty.com", from_mail="firebell@example.com"
        ),
    }


def test_the_api_is_at_the_site_unless_said_otherwise():
    assert settings_from(a_document({"jira.base_url": LEFT_OUT}), {}).jira.base_url == "https://jira.example.com"


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        pytest.param(["hot", " Ops "], {"HOT", "OPS"}, id="small letters and spaces"),
        pytest.param(["A_1"], {"A_1"}, id="digits and underscores"),
    ],
)
def test_project_keys_are_capitals(written: list[str], understood: set[str]):
    assert settings_from(a_document({"jira.projects": written}), {}).schema.projects == understood


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        pytest.param(time(7, 5), time(7, 5), id="TOML's own"),
        pytest.param("00:00", time(0), id="midnight"),
        pytest.param(LEFT_OUT, time(9), id="left out"),
    ],
)
def test_hours_begin_at(written: Any, understood: time):
    [delivery] = settings_from(a_document({"hours.pune.start": written}), {}).routing.deliveries.values()
    assert delivery.hours.start == understood


@pytest.mark.parametrize(
    ("written", "environ", "mode"),
    [
        pytest.param("full", {}, Mode.FULL, id="as written"),
        pytest.param(LEFT_OUT, {}, Mode.SHADOW, id="left out"),
        pytest.param("full", {"FIREBELL_MODE": "page-only"}, Mode.PAGE_ONLY, id="the environment wins"),
        pytest.param("full", {"FIREBELL_MODE": ""}, Mode.FULL, id="an empty variable is none"),
    ],
)
def test_the_mode_is(written: Any, environ: dict[str, str], mode: Mode):
    assert settings_from(a_document({"mode": written}), environ).mode is mode


def test_a_file_saved_with_a_byte_order_mark_loads(tmp_path: Path):
    path = tmp_path / "firebell.toml"
    path.write_text(WHOLE, "utf-8-sig")
    assert load(path, {}).mode is Mode.FULL


# --- a file that is wrong ---------------------------------------------------------------------------------------------

WRONG = [
    # whole tables
    pytest.param({"jira": LEFT_OUT}, ["jira: is missing; write a table, [jira], with site"], id="no jira"),
    pytest.param(
        {"jira.fields": LEFT_OUT}, ["jira.fields: is missing; write a table, [jira.fields], with sev"], id="no fields"
    ),
    pytest.param({"paging": LEFT_OUT}, ["paging: is missing"], id="no paging"),
    pytest.param({"pagers": LEFT_OUT}, ["pagers: is missing"], id="no pagers"),
    pytest.param({"jira.statuses": ["New"]}, ["jira.statuses: is ['New']; write a table, [jira.statuses]"], id="no table"),
    # keys
    pytest.param({"mod": "full", "mode": LEFT_OUT}, ["mod: is not a setting; did you mean 'mode'?"], id="misspelt at the top"),
    pytest.param(
        {"paging.ack_timeout": 300, "paging.ack_timeout_s": LEFT_OUT},
        ["paging.ack_timeout: is not a setting; did you mean 'ack_timeout_s'?"],
        id="misspelt inside",
    ),
    pytest.param({"paging.colour": "red"}, ["paging.colour: is not a setting; take it out"], id="unknown"),
    pytest.param({"rosters.team.members": []}, ["rosters.team.members: is not a setting"], id="unknown in a roster"),
    pytest.param({"pagers.opsgenie.cloud_id": "x"}, ["pagers.opsgenie.cloud_id: is not a setting"], id="another pager's"),
    pytest.param({"services.Jira  Cloud.3": "team"}, ['services."Jira  Cloud".3: is not a setting'], id="severity 3 by number"),
    pytest.param({"jira.resolutions.done": ["Done"]}, ["jira.resolutions.done: is not a setting"], id="unknown resolution"),
    # mode and go-live
    pytest.param({"mode": "ful"}, ['mode: is \'ful\'; write one of "shadow", "page-only", "full"; did you'], id="mode"),
    pytest.param({"mode": ["full"]}, ["mode: is ['full']; write one of"], id="mode of a wrong type"),
    pytest.param(
        {"go_live": datetime.fromisoformat("2027-01-01")},
        ["go_live: is 2027-01-01T00:00:00; write"],
        id="go-live without offset",
    ),
    pytest.param({"go_live": date(2027, 1, 1)}, ["go_live: is 2027-01-01; write date, time and offset"], id="go-live a day"),
    pytest.param({"go_live": "2027-01-01"}, ["go_live: is '2027-01-01'; write"], id="go-live in quotes"),
    # jira
    pytest.param(
        {"jira.site": LEFT_OUT, "jira.base_url": LEFT_OUT},
        ["jira.site: is missing; write an address like 'https://acme"],
        id="no site",
    ),
    pytest.param(
        {"jira.own_account": LEFT_OUT},
        ["jira.own_account: is missing; write the account that Firebell acts as: https://<site>/rest/api/3/myself"],
        id="no account",
    ),
    pytest.param({"jira.site": "x.example.com"}, ["jira.site: 'x.example.com' is not an address"], id="site without scheme"),
    pytest.param({"jira.site": "http://x.example.com"}, ["jira.site: 'http://x.example.com' is not"], id="site without TLS"),
    pytest.param(
        {"jira.base_url": "http://localhost.example.com"}, ["jira.base_url: 'http://localhost."], id="looks like this machine"
    ),
    pytest.param({"jira.base_url": "https://u:p@x.example.com"}, ["jira.base_url: "], id="password in an address"),
    pytest.param({"jira.raise_url": "portal/1"}, ["jira.raise_url: 'portal/1' is not an https:// address"], id="half a link"),
    pytest.param({"jira.base_url": "https://[::1"}, ["jira.base_url: 'https://[::1' is not"], id="no address at all"),
    pytest.param({"jira.base_url": "https://"}, ["jira.base_url: "], id="no host"),
    pytest.param(
        {"jira.base_url": "https://api.atlassian.com"},
        ["jira.base_url: 'https://api.atlassian.com' lacks the site; write https://api.atlassian.com/ex/jira/<cloudId>"],
        id="gateway without site",
    ),
    pytest.param({"jira.deployment": "server"}, ["jira.deployment: is 'server'; write one of \"cloud\", "], id="deployment"),
    pytest.param({"jira.projects": []}, ["jira.projects: is empty; name at least one project key"], id="projects empty"),
    pytest.param({"jira.projects": LEFT_OUT}, ["jira.projects: is missing; name at least one project key"], id="no projects"),
    pytest.param({"jira.projects": ["Hot topics"]}, ["jira.projects: 'Hot topics' is not a project key"], id="project's name"),
    pytest.param({"jira.projects": "HOT"}, ["jira.projects: is 'HOT'; write a list of texts"], id="a text for a list"),
    pytest.param({"jira.issue_types": [1]}, ["jira.issue_types: is [1]; write a list of texts"], id="a number in a list"),
    pytest.param({"jira.own_account": " "}, ["jira.own_account: is ' '; write a text in quotes"], id="blank"),
    pytest.param({"jira.time_zone": "Mars/Olympus"}, ["jira.time_zone: there is no time zone 'Mars/Olympus'"], id="time zone"),
    pytest.param({"jira.time_zone": "../UTC"}, ["jira.time_zone: there is no time zone '../UTC'"], id="time zone as a path"),
    pytest.param(
        {"jira.severity_in_doubt": 4}, ["jira.severity_in_doubt: is 4; write a whole number from 1 to 3"], id="severity 4"
    ),
    pytest.param(
        {"jira.fields.severity": LEFT_OUT}, ["jira.fields.severity: is missing; write a field's id"], id="no severity field"
    ),
    pytest.param(
        {"jira.fields.service": "Faulty service"},
        ["jira.fields.service: 'Faulty service' is not a field's id"],
        id="field by name",
    ),
    pytest.param(
        {"jira.fields.detected": "customfield_4"},
        ["jira.fields.detected: 'customfield_4' is jira.fields.impact_started already"],
        id="one field for two things",
    ),
    pytest.param(
        {"jira.fields.ttd": "customfield_14"},
        ["jira.fields.ttd: 'customfield_14' is jira.fields.ttr already"],
        id="one field for two durations",
    ),
    pytest.param(
        {"jira.fields.links.chat_room": "customfield_7"},
        ["jira.fields.links.chat_room: 'customfield_7' is jira.fields.roles.tech_lead already"],
        id="one field for a role and a link",
    ),
    pytest.param(
        {"jira.fields.roles.Tech Lead": "customfield_90"}, ['jira.fields.roles."Tech Lead": is not a name in small'], id="role"
    ),
    pytest.param({"metrics.hours": "paris"}, ["metrics.hours: there is no table [hours.<name>] 'paris'"], id="unknown hours"),
    pytest.param({"metrics.unit": "hour"}, ["metrics.unit: is 'hour'; write one of"], id="unknown unit"),
    # what Jira calls things
    *(
        pytest.param(
            {f"jira.severities.{n}": LEFT_OUT}, [f"jira.severities.{n}: is missing; name at least"], id=f"no severity {n}"
        )
        for n in (1, 2, 3)
    ),
    pytest.param(
        {"jira.severities.2": []}, ["jira.severities.2: is empty; name at least one name (or id)"], id="severity empty"
    ),
    pytest.param({"jira.severities.4": ["Sev 4"]}, ["jira.severities.4: is not a setting"], id="severity 4 mapped"),
    pytest.param(
        {"jira.severities.3": ["SEV  1"]},
        ["jira.severities.3: 'SEV 1' is listed under jira.severities.1 too"],
        id="one option, two severities",
    ),
    pytest.param(
        {"jira.statuses.resolved": ["Resolved", "new"]},
        ["jira.statuses.resolved: 'new' is listed under jira.statuses.new too"],
        id="one status, two meanings",
    ),
    pytest.param(
        {"jira.resolutions.cancelled": ["DUPLICATE"]},
        ["jira.resolutions.cancelled: 'DUPLICATE' is listed under jira.resolutions.duplicate too"],
        id="one resolution, two meanings",
    ),
    # private, drill, roles, people
    pytest.param(
        {"jira.fields.escalate_to": "customfield_4"},
        ["jira.fields.escalate_to: 'customfield_4' is jira.fields.impact_started already"],
        id="escalation in a field that is taken",
    ),
    pytest.param(
        {"jira.fields.impact.customers": "customfield_8"},
        ["jira.fields.impact.customers: 'customfield_8' is jira.fields.links.chat_room already"],
        id="answer in a link's field",
    ),
    pytest.param(
        {"jira.fields.impact.How many": "customfield_90"},
        ['jira.fields.impact."How many": is not a name in small'],
        id="question",
    ),
    pytest.param(
        {"jira.fields.roles.incident_manager": "customfield_90"},
        ["jira.fields.roles.incident_manager: is whoever the issue is assigned to; take it out"],
        id="the assignee as a field",
    ),
    pytest.param({"private.labels": ["two words"]}, ["private.labels: 'two words' is not a label"], id="label"),
    pytest.param({"private.field": "Private"}, ["private.field: 'Private' is not a field's id"], id="private by name"),
    pytest.param({"private.values": []}, ["private.values: is empty; name the values that count, or leave it"], id="no value"),
    pytest.param(
        {"jira.customer_visible_values": []}, ["jira.customer_visible_values: is empty; name the options"], id="nothing is yes"
    ),
    pytest.param(
        {"jira.fields.customer_visible": LEFT_OUT},
        ["jira.fields.customer_visible: is missing; name the field, or take jira.customer_visible_values out"],
        id="yes of no field",
    ),
    pytest.param(
        {"private.security_level": ["x"]},
        ["private.security_level: is not a setting; take it out"],
        id="security level misspelt",
    ),
    pytest.param({"drill.field": LEFT_OUT}, ["drill.values: means nothing without a field"], id="values of no field"),
    pytest.param({"drill.security_levels": ["x"]}, ["drill.security_levels: is not a setting"], id="drill by level"),
    pytest.param(
        {"roles.tech_leed": {}},
        ["roles.tech_leed: there is no role 'tech_leed' in jira.fields.roles; did you mean 'tech_lead'?"],
        id="role unknown",
    ),
    pytest.param(
        {"roles.tech_lead.template": "tech_lead.md"},
        ["roles.tech_lead.template: 'tech_lead.md' is not a name in small letters"],
        id="template's name",
    ),
    pytest.param({"people.mia.mails": ["mia"]}, ["people.mia.mails: 'mia' is not a mail address"], id="no address"),
    pytest.param({"people.mia.slack_id": "@mia"}, ["people.mia.slack_id: '@mia' is not a Slack member id"], id="Slack name"),
    pytest.param({"people.mia.phone": "1"}, ["people.mia.phone: is not a setting"], id="unknown way of naming"),
    pytest.param(
        {"people.omar": {"mails": ["omar@example.com"]}},
        ["people.omar: names them in one way only, which matches nothing"],
        id="named in one way",
    ),
    pytest.param(
        {"people.omar": {"mails": ["MIA@example.com"], "account_id": "acc-omar"}},
        ["people.omar.mails: 'MIA@example.com' is people.mia.mails already; one person has one row"],
        id="one address, two people",
    ),
    # paging
    pytest.param({"paging.imoc": []}, ["paging.imoc: is empty; name at least one roster"], id="imoc empty"),
    pytest.param({"paging.imoc": LEFT_OUT}, ["paging.imoc: is missing; name at least one roster"], id="no imoc"),
    pytest.param(
        {"paging.imoc": ["imok"]}, ["paging.imoc: there is no roster 'imok'; did you mean 'imoc'?"], id="imoc unknown"
    ),
    pytest.param({"paging.imoc": ["imoc", "imoc"]}, ["paging.imoc: 'imoc' is listed twice"], id="imoc twice"),
    pytest.param(
        {"paging.drill": ["tema"]}, ["paging.drill: there is no roster 'tema'; did you mean 'team'?"], id="drill roster unknown"
    ),
    pytest.param({"paging.drill": []}, ["paging.drill: is empty; name at least one roster"], id="drill rosters empty"),
    pytest.param(
        {"paging.ack_timeout_s": 5}, ["paging.ack_timeout_s: is 5; write a whole number from 30 to 3600"], id="minutes"
    ),
    pytest.param({"paging.ack_timeout_s": 300_000}, ["paging.ack_timeout_s: is 300000; write"], id="milliseconds"),
    pytest.param({"paging.ack_timeout_s": "300"}, ["paging.ack_timeout_s: is '300'; write"], id="number in quotes"),
    pytest.param({"paging.storm_majors": True}, ["paging.storm_majors: is True; write a whole number"], id="true is no number"),
    # pagers
    pytest.param(
        {"pagers.opsgeny": {"x": 1}},
        ["pagers.opsgeny: there is no such pager; there are opsgenie, jsm, pagerduty; did"],
        id="pager",
    ),
    pytest.param({"pagers.jsm.cloud_id": LEFT_OUT}, ["pagers.jsm.cloud_id: is missing; write a site's id"], id="no cloud id"),
    pytest.param(
        {"pagers.jsm.cloud_id": "https://example.atlassian.net"},
        ["pagers.jsm.cloud_id: 'https://example.atlassian.net' is not a site's id (not its address)"],
        id="an address for a cloud id",
    ),
    pytest.param(
        {"pagers.pagerduty.from_mail": "fire\u200bbell@example.com"},
        ["pagers.pagerduty.from_mail: 'fire\\u200bbell@example.com' is not a mail address that fits a header"],
        id="a sender with a character that no header can hold",
    ),
    pytest.param({"pagers.pagerduty.from_mail": LEFT_OUT}, ["pagers.pagerduty.from_mail: is missing"], id="no from mail"),
    pytest.param({"pagers.opsgenie.base_url": "http://10.0.0.1"}, ["pagers.opsgenie.base_url: "], id="pager without TLS"),
    # rosters
    *(
        pytest.param(
            {"rosters": {**a_document()["rosters"], name: {"pager": "opsgenie", "kind": "team", "title": "x"}}},
            [f"rosters.{shown}: is not a name that an alias can hold"],
            id=f"a roster called {name!r}",
        )
        for name, shown in {
            "second": "second",
            "imoc.second": '"imoc.second"',
            'the "best"': r'"the \"best\""',
            "back\\slash": r'"back\\slash"',
            " ours": '" ours"',
            "": '""',
            "x" * 101: "x" * 101,
        }.items()
    ),
    pytest.param({"rosters.team.pager": "opsgeni"}, ["rosters.team.pager: is 'opsgeni'; write one of"], id="roster's pager"),
    pytest.param(
        {"pagers.opsgenie": LEFT_OUT},
        ["rosters.team.pager: is 'opsgenie', which is not configured; add the table [pagers.opsgenie]"],
        id="roster's pager not configured",
    ),
    pytest.param({"rosters.team.kind": "people"}, ["rosters.team.kind: is 'people'; write one of"], id="roster's kind"),
    pytest.param({"rosters.team.kind": LEFT_OUT}, ["rosters.team.kind: is missing; write one of"], id="no kind"),
    pytest.param(
        {"rosters.team.kind": "service"}, ["rosters.team.kind: is 'service', and opsgenie cannot"], id="service at opsgenie"
    ),
    pytest.param(
        {"rosters.imoc-two.kind": "team"}, ["rosters.imoc-two.kind: is 'team', and pagerduty"], id="team at pagerduty"
    ),
    pytest.param({"rosters.team.title": LEFT_OUT}, ["rosters.team.title: is missing"], id="no title"),
    pytest.param(
        {"rosters.imoc.id": LEFT_OUT}, ["rosters.imoc.id: is missing, and JSM Operations pages by id only"], id="jsm without id"
    ),
    pytest.param(
        {"rosters.imoc.second": "imok-two"},
        ["rosters.imoc.second: there is no other roster 'imok-two'; did"],
        id="second unknown",
    ),
    pytest.param(
        {"rosters.imoc.second": "imoc"}, ["rosters.imoc.second: there is no other roster 'imoc'"], id="its own second"
    ),
    pytest.param(
        {"rosters.team.pager": "jsm", "rosters.team.id": "t", "rosters.imoc.second": "team"},
        ["rosters.imoc.second: 'team' is at jsm too; name one at another pager"],
        id="second at the same pager",
    ),
    # hours
    pytest.param({"hours.pune.time_zone": LEFT_OUT}, ["hours.pune.time_zone: is missing"], id="hours without zone"),
    pytest.param({"hours.pune.days": []}, ["hours.pune.days: is empty; name at least one day"], id="no days"),
    pytest.param(
        {"hours.pune.days": ["mon", "tues"]}, ["hours.pune.days: there is no day 'tues'; did you mean 'tue'?"], id="day"
    ),
    pytest.param({"hours.pune.start": "8:30"}, ["hours.pune.start: is '8:30'; write a time of day like \"09:00\""], id="start"),
    pytest.param({"hours.pune.end": 17}, ["hours.pune.end: is 17; write a time of day"], id="end"),
    pytest.param({"hours.pune.end": "08:30"}, ["hours.pune.end: 08:30 is not later than start, 08:30"], id="no hours at all"),
    # services
    pytest.param(
        {"services.Jira  Cloud.1": "imok"}, ["services.\"Jira  Cloud\".1: there is no roster 'imok'; did you"], id="service"
    ),
    pytest.param(
        {"services.Jira  Cloud.2": 7}, ['services."Jira  Cloud".2: is 7; write a text'], id="service's roster a number"
    ),
    pytest.param({"services.JIRA cloud": {"1": "imoc"}}, ['services."JIRA cloud": is there twice'], id="service twice"),
    pytest.param({"services.unknown": {"1": "imoc"}}, ["services.unknown: means that nobody knows"], id="unknown as a service"),
    pytest.param(
        {"services.Flat": "imoc"},
        ["services.Flat: is 'imoc'; write a table, [services.Flat], with rosters, like 1 = \"imoc\""],
        id="a roster instead of a service",
    ),
    pytest.param({"services.Empty": {}}, ["services.Empty: names no roster; write 1, 2 or delivery"], id="service empty"),
    pytest.param(
        {"services.Jira  Cloud.delivery": {"hours": "pune"}},
        ['services."Jira  Cloud".delivery.roster: is missing'],
        id="delivery",
    ),
    pytest.param(
        {"services.Jira  Cloud.delivery.hours": "puna"},
        ['services."Jira  Cloud".delivery.hours: there is no table [hours.<name>] \'puna'],
        id="delivery's hours",
    ),
    # escalations
    pytest.param(
        {"escalations.Databases": {"roster": "imok"}},
        ["escalations.Databases.roster: there is no roster 'imok'; did you"],
        id="escalation",
    ),
    pytest.param(
        {"jira.fields.escalate_to": LEFT_OUT},
        ["jira.fields.escalate_to: is missing; name the field whose options they are, or take [escalations] out"],
        id="escalations of no field",
    ),
    pytest.param({"escalations.Databases": {}}, ["escalations.Databases.roster: is missing; name a roster"], id="to nobody"),
    pytest.param(
        {"escalations": {"Databases": {"roster": "imoc"}, "DATABASES": {"roster": "imoc"}}},
        ["escalations.DATABASES: is there twice, in another spelling"],
        id="escalation twice",
    ),
    # chat, video, wiki
    pytest.param(
        {"chat.invite.always": ["mia"]},
        ["chat.invite.always: 'mia' is not a mail address or a Slack member id"],
        id="invited by name",
    ),
    pytest.param({"chat.invite.3": ["U1"]}, ["chat.invite.3: is not a setting"], id="invited at severity 3"),
    pytest.param({"chat.services.JIRA cloud": []}, ['chat.services."JIRA cloud": is there twice'], id="invited twice"),
    pytest.param({"chat.services.unknown": []}, ["chat.services.unknown: means that nobody knows"], id="invited for nothing"),
    pytest.param({"chat": "on"}, ["chat: is 'on'; write a table, [chat]"], id="chat is no table"),
    pytest.param({"video": "zoom"}, ["video: is 'zoom'; write a table, [video]"], id="video is no table"),
    pytest.param({"video.kind": "zoomm"}, ['video.kind: is \'zoomm\'; write one of "zoom", "jitsi", "fixed"; did'], id="call"),
    pytest.param({"video.kind": LEFT_OUT}, ["video.kind: is missing; write one of"], id="no kind of call"),
    pytest.param({"video.host": LEFT_OUT}, ["video.host: is missing; write a mail address"], id="Zoom without a host"),
    pytest.param({"video.host": []}, ["video.host: is empty; name at least one host"], id="a list of no host"),
    pytest.param({"video.host": ["a@x.example", "mia"]}, ["video.host: 'mia' is not a mail address"], id="a host by name"),
    pytest.param({"video.host": ["a@x.example"] * 2}, ["video.host: names one twice"], id="a host twice"),
    pytest.param({"video.host": ["Inc@x.example", "inc@x.example"]}, ["video.host: names one twice"], id="in another spelling"),
    pytest.param({"video.host": [f"{n}@x.example" for n in range(6)]}, ["video.host: names 6; write 5"], id="too many hosts"),
    pytest.param({"video.link": "https://x.example.com"}, ["video.link: is not a setting"], id="another kind's"),
    pytest.param({"video": {"kind": "jitsi"}}, ["video.base_url: is missing"], id="Jitsi without a server"),
    pytest.param(
        {"video": {"kind": "fixed", "link": "meet.example.com"}},
        ["video.link: 'meet.example.com' is not an https:// address"],
        id="no link",
    ),
    pytest.param({"wiki.space_key": LEFT_OUT}, ["wiki.space_key: is missing; write a space's key"], id="no space"),
    pytest.param({"wiki.space_key": "My team"}, ["wiki.space_key: 'My team' is not a space's key"], id="space by name"),
    pytest.param(
        {"wiki.private_space_key": "inc "},
        ["wiki.private_space_key: is the same as wiki.space_key, which everybody reads; name another or leave it out"],
        id="secrets where all read",
    ),
    pytest.param({"wiki.parent_id": 65601}, ["wiki.parent_id: is 65601; write a text in quotes"], id="parent without quotes"),
    pytest.param({"wiki.parent_id": "Home"}, ["wiki.parent_id: 'Home' is not a page's id"], id="parent by title"),
    pytest.param(
        {"jira.deployment": "data-center", "wiki.base_url": LEFT_OUT},
        ["wiki.base_url: is missing, and this Jira is not in the cloud"],
        id="Confluence nowhere",
    ),
    pytest.param(
        {"questions.custmers": "x"},
        ["questions.custmers: there is no question 'custmers' in jira.fields.impact; did you mean 'customers'?"],
        id="question unknown",
    ),
    pytest.param({"severity_scale.4": "x"}, ["severity_scale.4: is not a setting"], id="scale of severity 4"),
]


@pytest.mark.parametrize(("changes", "beginnings"), WRONG)
def test_a_mistake_is_named_with_its_place(changes: dict[str, Any], beginnings: list[str]):
    problems = problems_of(changes)
    assert [problem[: len(beginning)] for problem, beginning in zip(problems, beginnings, strict=True)] == beginnings


def test_a_wrong_mode_in_the_environment_is_named():
    [problem] = problems_of({}, {"FIREBELL_MODE": "shadows"})
    assert problem == ("environment FIREBELL_MODE: is 'shadows'; set one of shadow, page-only, full; did you mean 'shadow'?")


def test_no_mistake_hides_another():
    changes = {
        "mode": "loud",
        "jira.site": "ftp://x",
        "jira.fields.severity": "Severity",
        "jira.severities.1": [],
        "paging.imoc": ["nobody"],
        "rosters.team.kind": "crowd",
        "hours.pune.end": "noon",
        "services.Jira  Cloud.1": "nobody",
        "extra": 1,
    }
    places = {problem.split(": ")[0] for problem in problems_of(changes)}
    assert places == {path.replace("Jira  Cloud", '"Jira  Cloud"') for path in changes}


def test_an_empty_file_names_every_table_that_is_missing():
    with pytest.raises(SettingsError) as raised:
        settings_from({}, {})
    assert [problem.split(":")[0] for problem in raised.value.problems] == ["jira", "paging", "pagers", "rosters"]


def test_no_value_of_any_type_breaks_the_reader():
    """Whatever stands where, there is an answer: settings, or a list of what is wrong."""
    values: tuple[Any, ...] = ("", "x", 0, -1, 1.5, True, [], [[]], [{}], ["x"], {}, {"x": {}}, time(1), date(2027, 1, 1))
    for path in _paths(a_document()):
        for value in values:
            with suppress(SettingsError):
                settings_from(a_document({path: value}), {})


def _paths(table: dict[str, Any], before: str = "") -> list[str]:
    paths: list[str] = []
    for key, value in table.items():
        paths += [before + key, *(_paths(value, f"{before}{key}.") if isinstance(value, dict) else [])]
    return paths


def test_before_ids_are_resolved_their_absence_alone_is_no_mistake():
    changes = {"rosters.imoc.id": LEFT_OUT}
    assert settings_from(a_document(changes), {}, ids_required=False).routing.rosters["imoc"].id == ""
    [problem] = problems_of(changes | {"mode": "loud"}, ids_required=False)
    assert problem.startswith("mode: ")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(None, "cannot be read (No such file or directory); set FIREBELL_SETTINGS", id="no file"),
        pytest.param(b"mode = ", "not TOML: Invalid value", id="no TOML"),
        pytest.param(b"mode = 'sh\xe4dow'", "byte 10 is not UTF-8", id="no UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_problem(tmp_path: Path, content: bytes | None, said: str):
    path = tmp_path / "firebell.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError) as raised:
        load(path, {})
    [problem] = raised.value.problems
    assert problem.startswith(f"{path}: {said}")


def test_reading_settings_imports_nothing_heavy():
    """It is on the way of a page when a function has just started."""
    code = "import sys, chalicelib.settings_reader; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=SHIPPED.parent)  # noqa: S603
    heavy = {"requests", "boto3", "botocore", "jira", "jinja2", "jsonschema", "difflib", "tomlkit", "typer"}
    assert heavy.isdisjoint(loaded.stdout.split())


def test_the_roles_that_are_told_what_they_do_have_their_texts():
    roles = Path(__file__).parents[1] / "templates" / "roles"
    assert {file.stem for file in roles.glob("*.txt")} == set(WITH_TEXTS)
