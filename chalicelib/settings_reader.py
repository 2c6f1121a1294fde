"""firebell.toml and the environment -> Settings. Collects every mistake before it complains about any.

Each problem says where (the path in the file), what is wrong, and what to do. The same shape stands in
firebell.schema.json for editors; a test keeps the two alike.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chalicelib.domain.incident import Resolution, Severity, Status
from chalicelib.domain.paging import Roster, RosterKind
from chalicelib.domain.policy import Mode, PagingPolicy
from chalicelib.domain.routing import BusinessHours, Delivery, RoutingTable
from chalicelib.domain.schema import IncidentSchema
from chalicelib.errors import SettingsError
from chalicelib.settings import JiraSettings, PagerSettings, Settings

PAGERS = ("opsgenie", "jsm", "pagerduty")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOPBACK = ("127.0.0.1", "localhost", "::1")

_DEFAULT_URLS = {
    "opsgenie": {"base_url": "https://api.opsgenie.com"},
    "jsm": {
        "base_url": "https://api.atlassian.com/jsm/ops",
        "integration_url": "https://api.atlassian.com/jsm/ops/integration",
    },
    "pagerduty": {"base_url": "https://api.pagerduty.com", "events_url": "https://events.pagerduty.com"},
}


def read_settings(path: Path, environ: Mapping[str, str]) -> Settings:
    """Raises SettingsError with every problem found."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError((f"{path}: cannot be read ({error.strerror}); set FIREBELL_SETTINGS to where it is",)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError((f"{path}: not TOML: {error}",)) from error
    return settings_from(document, environ)


def settings_from(document: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    problems: list[str] = []
    top = _Table("", document, problems)
    mode = _mode(top, environ)
    jira = top.table("jira")
    schema = _schema(jira)
    paging = top.table("paging", required=False)
    pagers = _pagers(top.table("pagers"))
    rosters = _rosters(top.table("rosters"), pagers)
    hours = {name: _hours(table) for name, table in top.table("hours", required=False).tables()}
    services, deliveries = _services(top.table("services", required=False), rosters, hours)
    imoc = tuple(paging.texts("imoc", required=True, known=rosters, what="roster"))
    policy = PagingPolicy(
        ack_timeout_s=paging.number("ack_timeout_s", 300, at_least=30),
        go_live=top.moment("go_live"),
        storm_majors=paging.number("storm_majors", 10, at_least=1),
        storm_window_s=paging.number("storm_window_s", 300, at_least=60),
        default_assignees=frozenset(jira.texts("default_assignees")),
        own_account=jira.text("own_account", required=True),
    )
    base_url = jira.url("base_url", schema.site)
    deployment = jira.choice("deployment", ("cloud", "data-center"), "cloud")
    for table in (paging, jira, top):
        table.complain_about_the_rest()
    if problems:
        raise SettingsError(tuple(problems))
    return Settings(
        mode=mode,
        schema=schema,
        paging=policy,
        routing=RoutingTable(rosters=rosters, imoc=imoc, services=services, deliveries=deliveries),
        jira=JiraSettings(base_url, deployment),
        pagers=pagers,
    )


@dataclass(slots=True)
class _Table:
    """One table of the file: typed reads that note problems and go on, and a memory of which keys were read."""

    path: str
    values: Mapping[str, Any]
    problems: list[str]
    used: set[str] = field(default_factory=set)

    def problem(self, key: str, what: str) -> None:
        where = f"{self.path}.{key}" if self.path and key else self.path or key
        self.problems.append(f"{where}: {what}")

    def raw(self, key: str) -> Any:
        self.used.add(key)
        return self.values.get(key)

    def text(self, key: str, default: str = "", *, required: bool = False) -> str:
        value = self.raw(key)
        if value is None:
            if required:
                self.problem(key, "is missing")
            return default
        if not isinstance(value, str) or not value.strip():
            self.problem(key, f"must be a text that is not empty, not {value!r}")
            return default
        return value.strip()

    def texts(self, key: str, *, required: bool = False, known: Collection[str] | None = None, what: str = "name") -> list[str]:
        value = self.raw(key)
        if value is None:
            value = []
        if not isinstance(value, list) or not all(isinstance(text, str) and text.strip() for text in value):
            self.problem(key, 'must be a list of texts, like ["a", "b"]')
            return []
        if required and not value:
            self.problem(key, f"must name at least one {what}")
        if known is not None:
            for text in value:
                if text not in known:
                    self.problem(key, f"there is no {what} {text!r}{_did_you_mean(text, known)}")
            return [text for text in value if text in known]
        return [text.strip() for text in value]

    def number(self, key: str, default: int, *, at_least: int) -> int:
        value = self.raw(key)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or value < at_least:
            self.problem(key, f"must be a whole number of at least {at_least}, not {value!r}")
            return default
        return value

    def choice(self, key: str, choices: Collection[str], default: str | None = None) -> str:
        value = self.raw(key)
        if value is None and default is not None:
            return default
        if value not in choices:
            self.problem(key, f"must be one of {', '.join(choices)}, not {value!r}{_did_you_mean(str(value), choices)}")
            return default or next(iter(choices))
        return str(value)

    def url(self, key: str, default: str = "", *, required: bool = False) -> str:
        text = self.text(key, default, required=required).rstrip("/")
        if not text:
            return text
        parts = urlsplit(text)
        if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK):
            return text
        self.problem(key, f"must begin with https:// (http:// only for this machine), not {text!r}")
        return text

    def moment(self, key: str) -> datetime | None:
        value = self.raw(key)
        if value is None:
            return None
        if not isinstance(value, datetime) or value.tzinfo is None:
            self.problem(key, "must be a date and time with its offset, like 2026-12-01T00:00:00Z")
            return None
        return value.astimezone(UTC)

    def table(self, key: str, *, required: bool = True) -> _Table:
        value = self.raw(key)
        path = f"{self.path}.{key}" if self.path else key
        if value is None and required:
            self.problem(key, f"the table [{path}] is missing")
        if value is not None and not isinstance(value, dict):
            self.problem(key, f"must be a table: [{path}]")
            value = None
        return _Table(path, value or {}, self.problems)

    def texts_of(self, key: str) -> dict[str, str]:
        """A table of texts: our name -> Jira's field id."""
        table = self.table(key, required=False)
        return {name: table.text(name, required=True) for name in table.values}

    def tables(self) -> list[tuple[str, _Table]]:
        return [(key, self.table(key)) for key in self.values]

    def complain_about_the_rest(self) -> None:
        for key in self.values:
            if key not in self.used:
                self.problem(key, f"is not a setting{_did_you_mean(key, self.used)}")


def _did_you_mean(text: str, known: Collection[str]) -> str:
    from difflib import get_close_matches  # only a mistake needs it

    close = get_close_matches(text, [str(name) for name in known], 1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _mode(top: _Table, environ: Mapping[str, str]) -> Mode:
    chosen = environ.get("FIREBELL_MODE")
    if chosen is None:
        return Mode(top.choice("mode", tuple(Mode), Mode.SHADOW))
    top.raw("mode")
    try:
        return Mode(chosen)
    except ValueError:
        top.problem("", f"environment: FIREBELL_MODE must be one of {', '.join(Mode)}, not {chosen!r}")
        return Mode.SHADOW


def _schema(jira: _Table) -> IncidentSchema:
    fields = jira.table("fields")
    schema = IncidentSchema(
        site=jira.url("site", required=True),
        projects=frozenset(jira.texts("projects", required=True, what="project key")),
        issue_types=frozenset(jira.texts("issue_types", required=True, what="issue type")),
        severity_field=fields.text("severity", required=True),
        service_field=fields.text("service", required=True),
        products_field=fields.text("products", required=True),
        impact_started_field=fields.text("impact_started") or None,
        detected_field=fields.text("detected") or None,
        impact_ended_field=fields.text("impact_ended") or None,
        role_fields=fields.texts_of("roles"),
        link_fields=fields.texts_of("links"),
        severities=_meanings(jira.table("severities"), {str(s.value): s for s in Severity}, complete=True),
        statuses=_meanings(jira.table("statuses"), {s.value: s for s in Status}, complete=True),
        resolutions=_meanings(jira.table("resolutions", required=False), {r.value: r for r in Resolution}, complete=False),
        severity_when_empty=Severity(int(jira.choice("severity_when_empty", ("1", "2", "3"), "2"))),
        severity_in_doubt=Severity(int(jira.choice("severity_in_doubt", ("1", "2", "3"), "2"))),
        unknown_services=frozenset(name.casefold() for name in jira.texts("unknown_services")) or frozenset({"unknown"}),
        time_zone=_time_zone(jira, "UTC"),
        severity_field_name=fields.text("severity_name", "Severity"),
    )
    fields.complain_about_the_rest()
    return schema


def _meanings(table: _Table, meanings: Mapping[str, Any], *, complete: bool) -> dict[str, Any]:
    """What Jira calls it, casefolded -> what it means. One name must not mean two things."""
    result: dict[str, Any] = {}
    for name, meaning in meanings.items():
        for spelling in table.texts(name, required=complete, what="name in Jira"):
            known = result.setdefault(spelling.casefold(), meaning)
            if known is not meaning:
                table.problem(name, f"{spelling!r} also stands under another meaning; a name can mean one thing only")
    table.complain_about_the_rest()
    return result


def _time_zone(table: _Table, default: str | None = None) -> str:
    """An IANA name that this machine knows."""
    from zoneinfo import ZoneInfo

    name = table.text("time_zone", default or "UTC", required=default is None)
    try:
        ZoneInfo(name)
    except (OSError, ValueError):
        table.problem("time_zone", f"there is no time zone {name!r}; write one like Europe/London")
        return "UTC"
    return name


def _hours(table: _Table) -> BusinessHours:
    zone = _time_zone(table)
    days = table.texts("days", known=DAYS, what="day") if "days" in table.values else list(DAYS[:5])
    table.used.add("days")
    start, end = _clock_time(table, "start", time(9)), _clock_time(table, "end", time(17))
    if not days:
        table.problem("days", "must name at least one day, like mon")
    if start >= end:
        table.problem("end", f"must be later than start ({start:%H:%M}); a night shift takes two entries")
    table.complain_about_the_rest()
    return BusinessHours(zone, frozenset(DAYS.index(day) for day in days), start, end)


def _clock_time(table: _Table, key: str, default: time) -> time:
    value = table.raw(key)
    if isinstance(value, time):
        return value
    try:
        return time.fromisoformat(value)
    except (TypeError, ValueError):
        table.problem(key, f"must be a time of day like {default:%H:%M}, not {value!r}")
        return default


def _pagers(table: _Table) -> dict[str, PagerSettings]:
    pagers = {}
    for name, pager in table.tables():
        if name not in PAGERS:
            table.problem(name, f"there is no such pager; write {', '.join(PAGERS)}{_did_you_mean(name, PAGERS)}")
            continue
        defaults = _DEFAULT_URLS[name]
        pagers[name] = PagerSettings(
            base_url=pager.url("base_url", defaults["base_url"]),
            integration_url=pager.url("integration_url", defaults["integration_url"]) if name == "jsm" else "",
            cloud_id=pager.text("cloud_id", required=True) if name == "jsm" else "",
            events_url=pager.url("events_url", defaults["events_url"]) if name == "pagerduty" else "",
            from_mail=pager.text("from_mail", required=True) if name == "pagerduty" else "",
        )
        pager.complain_about_the_rest()
    return pagers


def _rosters(table: _Table, pagers: Collection[str]) -> dict[str, Roster]:
    rosters: dict[str, Roster] = {}
    for name, roster in table.tables():
        pager = roster.choice("pager", tuple(pagers) or PAGERS)
        kind = RosterKind(roster.choice("kind", tuple(RosterKind)))
        id_ = roster.text("id")
        rosters[name] = Roster(
            name=name,
            pager=pager,
            kind=kind,
            title=roster.text("title", required=True),
            id=id_,
            schedule_id=roster.text("schedule_id", id_ if kind is RosterKind.SCHEDULE else ""),
            second=roster.text("second") or None,
        )
        if pager == "jsm" and not id_:
            roster.problem("id", "JSM Operations pages by id only; `firebell check --resolve` fills it in")
        if (pager == "pagerduty") != (kind is RosterKind.SERVICE):
            roster.problem("kind", 'PagerDuty pages services (kind = "service"), and only PagerDuty does')
        roster.complain_about_the_rest()
    for name, known in rosters.items():
        _check_second(table, name, known, rosters)
    return rosters


def _check_second(table: _Table, name: str, roster: Roster, rosters: Mapping[str, Roster]) -> None:
    if roster.second is None:
        return
    second = rosters.get(roster.second)
    if second is None:
        table.problem(f"{name}.second", f"there is no roster {roster.second!r}{_did_you_mean(roster.second, rosters)}")
    elif second.pager == roster.pager:
        table.problem(f"{name}.second", f"must be at another pager than {roster.pager}: it is for when that one is down")


def _services(
    table: _Table, rosters: Mapping[str, Roster], hours: Mapping[str, BusinessHours]
) -> tuple[dict[str, dict[Severity, str]], dict[str, Delivery]]:
    services: dict[str, dict[Severity, str]] = {}
    deliveries: dict[str, Delivery] = {}
    for title, service in table.tables():
        name = title.strip().casefold()
        if name in services:
            table.problem(title, "is listed twice; names differ only in case or space")
        services[name] = {}
        for severity in (Severity.SEV1, Severity.SEV2):
            key = str(severity.value)
            if key in service.values:
                services[name][severity] = service.choice(key, tuple(rosters))
        if "delivery" in service.values:
            delivery = service.table("delivery")
            roster = delivery.choice("roster", tuple(rosters) or ("",))
            named = delivery.choice("hours", tuple(hours) or ("",))
            delivery.complain_about_the_rest()
            if named in hours:
                deliveries[name] = Delivery(roster, hours[named])
        service.used |= {"1", "2"}
        service.complain_about_the_rest()
    return services, deliveries
