"""The settings have four descriptions: the loader, the schema for editors, the page for people, the example. They agree."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from chalicelib.adapters.slack import SCOPES, USER_SCOPES
from chalicelib.domain.paging import PageState, RosterKind
from chalicelib.domain.policy import Mode
from chalicelib.errors import SettingsError
from chalicelib.intake.jira_event import parse_jira_event
from chalicelib.ports.queue import Cause
from chalicelib.ports.secrets import MEMBERS
from chalicelib.settings_reader import PAGERS, read_top, settings_from
from chalicelib.settings_table import Table
from deployment.rules import WAKING
from tests.documents import LEFT_OUT, OTHER_VIDEO, OVER_SES, a_document, as_json

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = json.loads((ROOT / "firebell.schema.json").read_text("utf-8"))
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text("utf-8")
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text("utf-8")
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text("utf-8")
EXAMPLE = ROOT / "firebell.toml"
CHOSEN_BELOW = {"rosters", "services", "hours", "roles", "links", "impact", "people", "escalations", "questions", "products"}
"""Tables whose keys people choose."""


def keys_of(schema: dict[str, Any], before: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """(dotted path, schema) of every key, tables included; a name that people choose is <name>."""
    named = dict(schema.get("properties", {}))
    if isinstance(schema.get("additionalProperties"), dict):
        named["<name>"] = schema["additionalProperties"]
    for key, inner in named.items():
        yield before + key, inner
        yield from keys_of(inner, f"{before}{key}.")


ALL_KEYS = dict(keys_of(SCHEMA))
SETTINGS = sorted(path for path, schema in ALL_KEYS.items() if schema.get("type") != "object")


def errors_of(document: dict[str, Any]) -> list[str]:
    return [error.message for error in Draft7Validator(SCHEMA).iter_errors(as_json(document))]


# --- the schema and the loader --------------------------------------------------------------------------------------------


def test_the_schema_is_one():
    Draft7Validator.check_schema(SCHEMA)


def test_the_schema_knows_exactly_the_keys_that_the_loader_asks_for():
    asked: set[str] = set()
    for changes in ({}, *OTHER_VIDEO):
        top = Table.top(a_document(changes))
        read_top(top, {})
        assert top.problems == []
        asked |= {_general(table.where(key)) for table in top.tables for key in table.asked}
    assert asked | {"rosters.<name>", "hours.<name>", "services.<name>"} == set(ALL_KEYS)


def _general(path: str) -> str:
    """The path with <name> for every name that people chose."""
    parts = [quoted or bare for quoted, bare in re.findall(r'"([^"]*)"|([^."]+)', path)]
    return ".".join("<name>" if before in CHOSEN_BELOW else part for before, part in zip(["", *parts], parts, strict=False))


def test_the_whole_document_uses_every_setting():
    """Or the test above would prove less than it says."""
    for path in SETTINGS:
        tables = [a_document(changes) for changes in ({}, *OTHER_VIDEO)]
        for part in path.split("."):
            tables = [
                inner for table in tables for inner in (table.values() if part == "<name>" else [table.get(part)]) if inner
            ]
        assert tables, path


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(a_document(), id="whole"),
        *(pytest.param(a_document(changes), id=changes["video"]["kind"]) for changes in OTHER_VIDEO),
        pytest.param(a_document({"video.host": ["incidents@example.com", "more@example.com"]}), id="two hosts"),
        pytest.param(tomllib.loads(EXAMPLE.read_text("utf-8")), id="shipped"),
    ],
)
def test_what_loads_fits_the_schema(document: dict[str, Any]):
    assert settings_from(document, {})
    assert errors_of(document) == []


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"jira": LEFT_OUT}, id="table missing"),
        pytest.param({"mod": "full"}, id="misspelt key"),
        pytest.param({"rosters.team.members": []}, id="unknown key in a roster"),
        pytest.param({"mode": "loud"}, id="unknown mode"),
        pytest.param({"jira.site": "http://x.example.com"}, id="no TLS"),
        pytest.param({"jira.site": "https://u:p@x.example.com"}, id="password in an address"),
        pytest.param({"jira.projects": []}, id="no project"),
        pytest.param({"jira.projects": ["Hot topics"]}, id="project's name"),
        pytest.param({"jira.own_account": " "}, id="blank text"),
        pytest.param({"jira.severity_in_doubt": 4}, id="severity 4"),
        pytest.param({"jira.fields.severity": "Severity"}, id="field by name"),
        pytest.param({"jira.fields.roles.Tech Lead": "customfield_90"}, id="name of a role"),
        pytest.param({"jira.fields.roles.incident_manager": "customfield_90"}, id="the assignee as a field"),
        pytest.param({"jira.fields.impact.How many": "customfield_90"}, id="name of a question"),
        pytest.param({"private.labels": ["two words"]}, id="label with a space"),
        pytest.param({"private.values": []}, id="no value of a field"),
        pytest.param({"jira.customer_visible_values": []}, id="nothing means yes"),
        pytest.param({"drill.field": LEFT_OUT}, id="values of no field"),
        pytest.param({"roles.tech_lead.template": "Tech lead.md"}, id="template with an ending"),
        pytest.param({"people.mia.mails": ["mia"]}, id="no address"),
        pytest.param({"people.mia.slack_id": "@mia"}, id="Slack name"),
        pytest.param({"jira.severities.2": LEFT_OUT}, id="severity not mapped"),
        pytest.param({"jira.statuses.fixing": []}, id="status not mapped"),
        pytest.param({"paging.imoc": []}, id="nobody is the IMOC"),
        pytest.param({"paging.imoc": ["imoc", "imoc"]}, id="IMOC twice"),
        pytest.param({"paging.ack_timeout_s": 5}, id="number too small"),
        pytest.param({"pagers.opsgeny": {}}, id="unknown pager"),
        pytest.param({"pagers.jsm.cloud_id": LEFT_OUT}, id="no cloud id"),
        pytest.param({"pagers.jsm.cloud_id": "https://example.atlassian.net"}, id="an address for a cloud id"),
        pytest.param({"pagers.pagerduty.from_mail": "fire\u200bbell@example.com"}, id="a sender that fits no header"),
        pytest.param({'rosters.a "b"': {"pager": "opsgenie", "kind": "team", "title": "x"}}, id="a roster's name with quotes"),
        pytest.param({"rosters.imoc.id": LEFT_OUT}, id="JSM without an id"),
        pytest.param({"rosters.team.kind": "service"}, id="service at Opsgenie"),
        pytest.param({"rosters.imoc-two.kind": "team"}, id="team at PagerDuty"),
        pytest.param({"hours.pune.days": ["tues"]}, id="unknown day"),
        pytest.param({"hours.pune.start": "24:00"}, id="begins at the end"),
        pytest.param({"services.Jira  Cloud": {}}, id="service without rosters"),
        pytest.param({"services.Jira  Cloud.delivery.hours": LEFT_OUT}, id="delivery without hours"),
        pytest.param({"chat.invite.always": ["mia"]}, id="invited by name"),
        pytest.param({"chat.invite.3": ["mia@example.com"]}, id="invited at severity 3"),
        pytest.param({"chat.archive_after_days": 0}, id="archived at once"),
        pytest.param({"video.kind": "meet"}, id="unknown kind of call"),
        pytest.param({"video.host": LEFT_OUT}, id="Zoom without a host"),
        pytest.param({"video.host": []}, id="Zoom with a list of no host"),
        pytest.param({"video.host": ["incidents@example.com", "mia"]}, id="a host by name"),
        pytest.param({"video.host": ["incidents@example.com"] * 2}, id="a host twice"),
        pytest.param({"video.host": [f"{number}@example.com" for number in range(6)]}, id="too many hosts"),
        pytest.param({"video.link": "https://meet.example.com"}, id="Zoom with a fixed link"),
        pytest.param({"video": {"kind": "fixed", "link": "http://meet.example.com"}}, id="call without TLS"),
        pytest.param({"video": {"kind": "jitsi"}}, id="Jitsi without a server"),
        pytest.param({"wiki.space_key": LEFT_OUT}, id="no space"),
        pytest.param({"wiki.space_key": "My team"}, id="space by name"),
        pytest.param({"wiki.parent_id": "Incidents"}, id="parent by title"),
        pytest.param({"questions.How many": "How many?"}, id="question's name"),
        pytest.param({"severity_scale.4": "Nothing"}, id="scale of severity 4"),
        pytest.param({"people.mia.time_zone": ""}, id="no time zone"),
        pytest.param({"updates.review": "maybe"}, id="unknown kind of review"),
        pytest.param({"updates.opens_at_once": "yes"}, id="yes for true"),
        pytest.param({"updates.hold_s": -1}, id="held less than nothing"),
        pytest.param({"updates.guarded_hosts": ["https://git.example.com"]}, id="address of a host"),
        pytest.param({"updates.next_update_minutes.3": 120}, id="updates at severity 3"),
        pytest.param({"products.Reactor.public_component": "8kbf7d35c070"}, id="public component of no public product"),
        pytest.param({"products.Reactor.staff_component": "Reactor core"}, id="component by name"),
        pytest.param({"status_pages": {}}, id="no page"),
        pytest.param({"status_pages.staff.page_id": LEFT_OUT}, id="page without an id"),
        pytest.param({"status_pages.customers": {"page_id": "x"}}, id="unknown page"),
        pytest.param({"status_pages.public.language": "German"}, id="language by name"),
        pytest.param({"mail.kind": "sendmail"}, id="unknown kind of mail"),
        pytest.param({"mail.host": LEFT_OUT}, id="SMTP without a server"),
        pytest.param({"mail.kind": "ses"}, id="SES with a server"),
        pytest.param(
            {"mail": OVER_SES | {"to": [f"{number}@example.com" for number in range(51)]}}, id="more addresses than SES takes"
        ),
        pytest.param({"mail.security": "none"}, id="mail that anybody can read"),
        pytest.param({"mail.to": []}, id="mail to nobody"),
        pytest.param({"mail.reply_to": LEFT_OUT}, id="answers to nobody"),
        pytest.param({"mail.from": "Firebell"}, id="sender without an address"),
        pytest.param({"reminders.times": 11}, id="reminded too often"),
        pytest.param({"reminders.night.start": "ten"}, id="night by name"),
        pytest.param({"support.projects": ["Support cases"]}, id="support project by name"),
        pytest.param({"review.project": LEFT_OUT}, id="review nowhere"),
        pytest.param({"metrics.unit": "days"}, id="unknown unit"),
        pytest.param({"metrics.names": "yes"}, id="names by a word"),
        pytest.param({"jira.fields.ttr": "TTR"}, id="number field by name"),
    ],
)
def test_what_the_schema_refuses_the_loader_refuses_too(changes: dict[str, Any]):
    document = a_document(changes)
    assert errors_of(document) != []
    with pytest.raises(SettingsError):
        settings_from(document, {})


@pytest.mark.parametrize(
    ("path", "schema"), [pytest.param(p, s, id=p) for p, s in ALL_KEYS.items() if "default" in s and "<" not in p]
)
def test_a_default_of_the_schema_is_the_loaders(path: str, schema: dict[str, Any]):
    left_out = settings_from(a_document({path: LEFT_OUT}), {})
    assert settings_from(a_document({path: schema["default"]}), {}) == left_out


@pytest.mark.parametrize("key", ["days", "start", "end"])
def test_default_hours_of_the_schema_are_the_loaders(key: str):
    default = ALL_KEYS[f"hours.<name>.{key}"]["default"]
    path = f"hours.pune.{key}"
    assert settings_from(a_document({path: default}), {}) == settings_from(a_document({path: LEFT_OUT}), {})


@pytest.mark.parametrize(
    ("path", "choices"),
    [
        pytest.param("mode", [mode.value for mode in Mode], id="modes"),
        pytest.param("rosters.<name>.kind", [kind.value for kind in RosterKind], id="kinds of rosters"),
        pytest.param("rosters.<name>.pager", list(PAGERS), id="pagers"),
    ],
)
def test_the_schema_offers_every_choice(path: str, choices: list[str]):
    assert ALL_KEYS[path]["enum"] == choices


def test_every_key_of_the_schema_is_described():
    assert [path for path, schema in ALL_KEYS.items() if not schema.get("description")] == []


def test_the_example_names_its_schema_and_says_that_it_is_one():
    first, *rest = EXAMPLE.read_text("utf-8").splitlines()
    assert first == "#:schema ./firebell.schema.json"
    assert "EXAMPLE" in "\n".join(rest[:5])


# --- the page for people --------------------------------------------------------------------------------------------------


def test_every_setting_has_its_row_and_no_row_is_left_over():
    rows = re.findall(r"^\| `([^`]+)` \| [^|]+ \| [^|]+ \|$", CONFIGURATION, re.MULTILINE)
    assert sorted(rows) == SETTINGS


@pytest.mark.parametrize("path", [path for path in SETTINGS if "default" in ALL_KEYS[path] and path != "hours.<name>.days"])
def test_the_page_tells_the_default(path: str):
    told = re.search(rf"^\| `{re.escape(path)}` \| `([^`]+)`", CONFIGURATION, re.MULTILINE)
    assert told, f"no default in the row of {path}"
    assert tomllib.loads(f"x = {told[1]}")["x"] == ALL_KEYS[path]["default"]


def test_every_variable_that_is_read_is_on_the_page():
    folders = ("chalicelib", "deployment", "cli")
    sources = [ROOT / "app.py", ROOT / "firebell", *(path for folder in folders for path in (ROOT / folder).rglob("*.py"))]
    read = {name for path in sources for name in re.findall(r"\bFIREBELL_[A-Z_]*[A-Z]\b", path.read_text("utf-8"))}
    assert {name for name in read if f"| `{name}` |" not in CONFIGURATION} == set()


def test_every_secret_is_on_the_page():
    assert [name for name in MEMBERS if f"| `{name}` |" not in CONFIGURATION] == []


def test_the_example_of_the_secret_is_one():
    [example] = re.findall(r"^```json\n(.+?)^```$", CONFIGURATION, re.MULTILINE | re.DOTALL)
    assert set(json.loads(example)) <= set(MEMBERS)


def test_every_scope_is_on_the_page():
    assert [scope for scope in SCOPES | USER_SCOPES if f"`{scope}`" not in CONFIGURATION] == []


def _alarms(path: Path) -> Iterator[str]:
    """The event of every alarm that a module raises, or plans to: what is planned is raised by its name in the plan."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        match node.func, node.args:
            case ast.Attribute(attr="alarm"), [ast.Attribute(value=ast.Name("step"), attr="alarm"), *_]:
                continue
            case (ast.Attribute(attr="alarm"), [event, *_]) | (ast.Name("TellOwners"), [_, _, event]):
                assert isinstance(event, ast.Constant), f"{path}:{node.lineno}: an alarm that no runbook can name"
                yield str(event.value)


def test_the_runbook_says_what_to_do_at_every_alarm():
    raised = {event for path in (ROOT / "app.py", *(ROOT / "chalicelib").rglob("*.py")) for event in _alarms(path)}
    rows = set(re.findall(r"^\| `(\w+)`[^|]* \| [^|]+ \| [^|]+ \|$", RUNBOOK, re.MULTILINE))
    assert raised - rows == set()


def test_the_runbook_says_what_to_do_at_every_mail():
    resources = json.loads((ROOT / ".chalice" / "resources.json").read_text("utf-8"))["Resources"]
    sent = {name for name, resource in resources.items() if resource.get("Type") == "AWS::CloudWatch::Alarm"}
    firsts = re.findall(r"^\| (`[^|]+) \| [^|]+ \| [^|]+ \|$", RUNBOOK, re.MULTILINE)
    rows = [name for first in firsts for name in re.findall(r"`([A-Z]\w+)`", first)]
    assert sorted(rows) == sorted(sent)
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    assert {name for name in sent if f"`{name}`" not in page} == set()


def test_the_page_of_costs_counts_what_the_template_makes():
    page = (ROOT / "docs" / "operation.md").read_text("utf-8")
    told = " ".join(page.split())
    resources = json.loads((ROOT / ".chalice" / "resources.json").read_text("utf-8"))["Resources"]
    stages = json.loads((ROOT / ".chalice" / "config.json").read_text("utf-8"))["stages"]
    kinds = Counter(resource.get("Type", "") for resource in resources.values())
    filters = [
        one["Properties"]["MetricTransformations"] for one in resources.values() if one.get("Type") == "AWS::Logs::MetricFilter"
    ]
    metrics = {one["MetricName"] for of_one in filters for one in of_one}
    reserved = [
        sum(one.get("reserved_concurrency", 0) for one in stage["lambda_functions"].values()) for stage in stages.values()
    ]
    intake = [stage["lambda_functions"]["api_handler"]["reserved_concurrency"] for stage in stages.values()]
    kept = [stage["log_retention_in_days"] for stage in stages.values()]
    days = [resources[name]["Properties"]["MessageRetentionPeriod"] // 86_400 for name in ("WorkQueue", "DeadLetters")]
    at_once = resources["Worker"]["Properties"]["Events"]["WorkerSqsEventSource"]["Properties"]["ScalingConfig"][
        "MaximumConcurrency"
    ]
    [rule] = resources["Facts"]["Properties"]["LifecycleConfiguration"]["Rules"]
    functions = stages["dev"]["lambda_functions"]
    rows = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| (\d+) MB \|", page, re.MULTILINE))
    assert rows == {name: str(function["lambda_memory_size"]) for name, function in functions.items()}
    alarms, queues = kinds["AWS::CloudWatch::Alarm"], kinds["AWS::SQS::Queue"]
    for words in (
        f"{len(functions)} functions, {alarms} alarms, {len(filters)} metric filters, {len(metrics)} metrics of its own",
        f"{queues} queues, 1 table",
        f"reserves {reserved[0]} concurrent executions (`prod`: {reserved[1]}), and the worker runs up to {at_once} at once",
        f"one of the {intake[0]} executions (`prod`: {intake[1]})",
        f"{kept[0]} days in `dev`, {kept[1]} in `prod`",
        f"{days[0]} days at most",
        f"| {days[1]} days |",
        f"overwritten or deleted, {rule['NoncurrentVersionExpiration']['NoncurrentDays']} days",
    ):
        assert words in told


def test_every_event_with_an_alarm_of_its_own_is_one_that_is_raised():
    raised = {event for path in (ROOT / "chalicelib").rglob("*.py") for event in _alarms(path)}
    assert {event for events in WAKING.values() for event in events} - raised == set()


def test_what_the_runbook_sends_for_a_deleted_issue_is_understood():
    [body] = re.findall(r"-d '(\{.+\})'", RUNBOOK)
    schema = settings_from(tomllib.loads(EXAMPLE.read_text("utf-8")), {}).schema
    event = parse_jira_event(body.encode(), {}, schema)
    assert (event.cause, event.issue_id, event.snapshot) == (Cause.DELETED, "10002", None)


def test_the_page_shows_the_order_of_imports_that_is_proven():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    [layers] = [each["layers"] for each in contracts if each["type"] == "layers"]
    named = [" | ".join(part.split(" : ")[0].removeprefix("chalicelib.") for part in layer.split(" | ")) for layer in layers]
    assert f"    {' > '.join(['app', *named])}\n" in (ROOT / "docs" / "architecture.md").read_text("utf-8")


def test_the_glossary_is_in_order_and_names_nothing_twice():
    terms = [term.casefold() for term in re.findall(r"^\*\*([^*]+)\*\*:", GLOSSARY, re.MULTILINE)]
    assert terms == sorted(set(terms))


def test_the_glossary_knows_every_state_of_a_page():
    assert re.findall(r"^\| (\w+) \| .+ \|$", GLOSSARY, re.MULTILINE)[1:] == [state.value for state in PageState]


def test_every_decision_has_a_number_of_its_own_a_date_and_something_to_say():
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [page.name[:5] for page in pages] == [f"{number:04d}-" for number in range(1, len(pages) + 1)]
    for number, page in enumerate(pages, 1):
        heading, _, date, *rest = page.read_text("utf-8").splitlines()
        assert heading.startswith(f"# {number}. "), page.name
        assert re.match(r"20\d\d-\d\d-\d\d · accepted", date), page.name
        assert len(rest) > 3, page.name
