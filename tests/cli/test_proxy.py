"""Commands run on people's machines, where a company's proxy may be the only way out."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from chalicelib.domain.incident import IssueId
from chalicelib.domain.paging import RosterKind
from chalicelib.errors import TemporaryError
from chalicelib.ports.secrets import Secrets
from chalicelib.settings import JiraSettings, PagerSettings
from chalicelib.settings_places import WikiSettings, ZoomSettings
from chalicelib.settings_reader import settings_from
from chalicelib.settings_telling import PageSettings, StatusPagesSettings, TellingSettings
from chalicelib.vendors import pager_client
from cli.jira import jira_of
from cli.manner import AT_A_DESK
from cli.places import problems_with_places
from cli.status_pages import problems_with_pages
from tests.adapters.proxy_world import a_companys_proxy
from tests.documents import a_document


@pytest.mark.parametrize("name", ["opsgenie", "jsm", "pagerduty"])
def test_pagers_are_asked_by_the_companys_proxy(name: str, monkeypatch: pytest.MonkeyPatch):
    settings = PagerSettings("http://pager.example.com", "http://x", "cloud-1", "http://x")
    kind = RosterKind.SERVICE if name == "pagerduty" else RosterKind.SCHEDULE
    with a_companys_proxy(monkeypatch) as asked, pytest.raises(TemporaryError):
        pager_client(name, settings, Secrets(), AT_A_DESK).resolve_id(kind, "IMOC")
    assert [host for host, _ in asked] == ["pager.example.com"]


@pytest.mark.parametrize("deployment", ["cloud", "data-center"])
def test_jira_is_asked_by_the_companys_proxy(deployment: str, monkeypatch: pytest.MonkeyPatch):
    known = replace(settings_from(a_document(), {}), jira=JiraSettings("http://jira.example.com", deployment))
    secrets = json.dumps({"jira_mail": "firebell@example.com", "jira_token": "t"})
    with a_companys_proxy(monkeypatch) as asked, pytest.raises(TemporaryError):
        jira_of(known, secrets).read(IssueId("10001"))
    assert [host for host, _ in asked] == ["jira.example.com"]


def test_statuspage_is_asked_by_the_companys_proxy(monkeypatch: pytest.MonkeyPatch):
    pages = StatusPagesSettings("http://statuspage.example.com", staff=PageSettings("p1"))
    with a_companys_proxy(monkeypatch) as asked:
        list(problems_with_pages(TellingSettings(status_pages=pages), Secrets(statuspage_token="t")))
    assert {host for host, _ in asked} == {"statuspage.example.com"}


def test_confluence_and_zoom_are_asked_by_the_companys_proxy(monkeypatch: pytest.MonkeyPatch):
    wiki, zoom = (
        WikiSettings("http://wiki.example.com", "INC"),
        ZoomSettings(("a@example.com",), "http://z.example.com", "http://o.example.com"),
    )
    known = replace(settings_from(a_document(), {}), wiki=wiki, video=zoom)
    secrets = Secrets(wiki_token="t", zoom_account_id="a", zoom_client_id="c", zoom_client_secret="s")
    with a_companys_proxy(monkeypatch) as asked:
        problems = list(problems_with_places(known, secrets))
    assert {host for host, _ in asked} == {"wiki.example.com", "o.example.com"}
    assert len(problems) == 2
