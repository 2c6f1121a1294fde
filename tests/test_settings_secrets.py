"""What the settings need and the secrets do not hold is named before an incident needs it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.ports.secrets import Secrets
from chalicelib.settings_reader import settings_from
from chalicelib.settings_secrets import unfit_secrets
from tests.documents import LEFT_OUT, OTHER_VIDEO, a_document

WHOLE = Secrets(
    jira_mail="firebell@example.com",
    opsgenie_key="o",
    jsm_integration_key="j",
    jsm_mail="firebell@example.com",
    jsm_token="j",
    pagerduty_token="p",
    pagerduty_routing_keys={"imoc-two": "r"},
    slack_bot_token="xoxb-1",
    zoom_account_id="a",
    zoom_client_id="b",
    zoom_client_secret="c",
    jitsi_secret="x" * 16,
    jira_token="t",
    statuspage_token="s",
    statuspage_marks="x" * 16,
    smtp_user="u",
    smtp_password="p",
)
JITSI, FIXED = OTHER_VIDEO
NO_PAGES: dict[str, Any] = dict.fromkeys(("status_pages", "products", "updates"), LEFT_OUT)


@pytest.mark.parametrize(
    ("settings", "secrets", "problems"),
    [
        pytest.param({}, {}, [], id="all there"),
        pytest.param({}, {"slack_bot_token": ""}, ["slack_bot_token is missing, so no rooms are made"], id="no Slack token"),
        pytest.param(
            {},
            {"opsgenie_key": "key\u200b", "wiki_token": "token\n"},
            [
                "opsgenie_key holds a character that no header can (one that does not show, or a line break): copy it anew",
                "wiki_token holds a character that no header can (one that does not show, or a line break): copy it anew",
            ],
            id="copied with what does not show",
        ),
        pytest.param({"chat": LEFT_OUT}, {"slack_bot_token": ""}, [], id="no chat"),
        pytest.param(
            {}, {"zoom_client_id": ""}, ["zoom_client_id is missing, so no video calls are made"], id="Zoom, half configured"
        ),
        pytest.param({}, {"jitsi_secret": ""}, [], id="Jitsi is not used"),
        pytest.param(
            JITSI,
            {"jitsi_secret": "é" * 7 + "x"},
            ["jitsi_secret is shorter than 16 bytes, so no video calls are made: make one of 16 or more"],
            id="a secret that is too short",
        ),
        pytest.param(
            JITSI,
            {"jitsi_secret": ""},
            ["jitsi_secret is missing, so no video calls are made: make one of 16 or more"],
            id="none",
        ),
        pytest.param(JITSI, {"zoom_client_id": ""}, [], id="Zoom is not used"),
        pytest.param(FIXED, {"zoom_client_id": "", "jitsi_secret": ""}, [], id="a fixed link needs none"),
        pytest.param(
            {},
            {"jira_token": ""},
            [
                "jira_token is missing, so Jira can neither be read nor written",
                "wiki_token and jira_token are missing, so no documents are made",
            ],
            id="no token",
        ),
        pytest.param(
            {},
            {"jira_token": "", "wiki_token": "w"},
            ["jira_token is missing, so Jira can neither be read nor written"],
            id="a token for the wiki only",
        ),
        pytest.param(
            {}, {"jira_mail": ""}, ["jira_mail is missing, so Jira can neither be read nor written"], id="no mail for Jira"
        ),
        pytest.param({"jira.deployment": "data-center"}, {"jira_mail": ""}, [], id="Data Center asks for no mail"),
        pytest.param({}, {"opsgenie_key": ""}, ["opsgenie_key is missing, so opsgenie rings nobody"], id="no key of Opsgenie"),
        pytest.param(
            {"services": LEFT_OUT, "escalations": LEFT_OUT, "paging.drill": LEFT_OUT},
            {"opsgenie_key": ""},
            [],
            id="nobody is paged at Opsgenie",
        ),
        pytest.param(
            {},
            {"jsm_integration_key": "", "jsm_mail": "", "jsm_token": ""},
            [
                "jsm_integration_key is missing, so jsm rings nobody",
                "jsm_mail is missing, so no alert can be looked up at jsm",
                "jsm_token is missing, so no alert can be looked up at jsm",
            ],
            id="nothing of JSM",
        ),
        pytest.param(
            {},
            {"pagerduty_token": "", "pagerduty_routing_keys": {"imoc": "r"}},
            [
                "pagerduty_token is missing, so no alert can be looked up, acknowledged or closed at pagerduty",
                "rosters.imoc-two: the secrets hold no routing key for it; add 'imoc-two' to pagerduty_routing_keys",
            ],
            id="nothing of PagerDuty",
        ),
        pytest.param(
            {},
            {"statuspage_token": ""},
            ["statuspage_token is missing, so nothing is told on status pages"],
            id="no token of Statuspage",
        ),
        pytest.param(NO_PAGES, {"statuspage_token": ""}, [], id="no status pages"),
        pytest.param({}, {"statuspage_marks": ""}, [], id="the token serves for marks"),
        pytest.param(
            {},
            {"statuspage_marks": "x" * 15},
            ["statuspage_marks is shorter than 16 characters: make one of 16 or more, or leave it out"],
            id="marks that can be guessed",
        ),
        pytest.param({}, {"smtp_user": "", "smtp_password": ""}, [], id="a mail server that asks for nothing"),
        pytest.param(
            {},
            {"smtp_password": ""},
            ["smtp_password is missing, and smtp_user is there, so no mail is sent"],
            id="half a login",
        ),
        pytest.param(
            {"mail.security": "none", "mail.host": "127.0.0.1"},
            {},
            ['smtp_user is there, and mail.security is "none": no password is sent without TLS, so no mail is sent'],
            id="a password that anybody could read",
        ),
        pytest.param({"mail": LEFT_OUT}, {"smtp_password": ""}, [], id="no mail"),
    ],
)
def test_it_is_said_which_secret_is_missing_or_unfit(settings: dict[str, Any], secrets: dict[str, Any], problems: list[str]):
    known = settings_from(a_document(settings), {})
    assert list(unfit_secrets(known, replace(WHOLE, **secrets))) == problems
