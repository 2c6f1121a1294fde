from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import Unauthentic
from chalicelib.intake.signature import verify_hub_signature, verify_pagerduty_signature, verify_secret_header

BODY = b'{"issue": {"id": "10002"}}'
VENDORS_SECRET = "It's a Secret to Everybody"
VENDORS_HEADER = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"


def digest(secret: str, body: bytes = BODY) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def test_jiras_own_test_vector_is_accepted() -> None:
    verify_hub_signature(b"Hello World!", VENDORS_HEADER, [VENDORS_SECRET])


@pytest.mark.parametrize("secret", ["old", "new", "sécret"])
def test_either_of_two_live_secrets_admits(secret: str) -> None:
    verify_hub_signature(BODY, f"sha256={digest(secret)}", ["old", "new", "sécret"])


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(None, id="missing"),
        pytest.param("", id="empty"),
        pytest.param(digest("key"), id="no method"),
        pytest.param(f"sha1={digest('key')}", id="other method"),
        pytest.param(f"sha256={digest('key')[:-1]}", id="too short"),
        pytest.param(f"sha256={digest('key')}0", id="too long"),
        pytest.param(f"sha256={digest('key')[:-1]}é", id="not ascii"),
        pytest.param(f"ſha256={digest('key')}", id="a letter that folds to s"),
        pytest.param(f"sha256={'z' * 64}", id="not hex"),
        pytest.param(f"sha256={digest('other')}", id="another secret"),
        pytest.param(f"sha256={digest('key', BODY + b' ')}", id="another body"),
        pytest.param(f"sha256={digest('')}", id="signed with nothing"),
        pytest.param("sha256=\ud800", id="lone surrogate"),
    ],
)
def test_anything_but_the_right_signature_is_refused(header: str | None) -> None:
    with pytest.raises(Unauthentic):
        verify_hub_signature(BODY, header, ["key"])


@pytest.mark.parametrize("secrets", [[], [""], ["", "  "]])
def test_without_a_secret_nobody_is_let_in(secrets: list[str]) -> None:
    with pytest.raises(Unauthentic, match="no secret is configured"):
        verify_hub_signature(BODY, f"sha256={digest('')}", secrets)
    with pytest.raises(Unauthentic, match="no secret is configured"):
        verify_pagerduty_signature(BODY, f"v1={digest('')}", secrets)
    with pytest.raises(Unauthentic, match="no secret is configured"):
        verify_secret_header("", secrets)


def test_an_empty_secret_beside_a_real_one_admits_nobody() -> None:
    with pytest.raises(Unauthentic):
        verify_hub_signature(BODY, f"sha256={digest('')}", ["", "key"])


def test_the_secret_header_is_compared_with_every_live_secret() -> None:
    verify_secret_header("new", ["old", "new"])
    verify_secret_header("old", ["old", "new"])


@pytest.mark.parametrize("value", [None, "", "ol", "old ", "OLD", "öld", "\ud800"])
def test_a_wrong_secret_header_is_refused(value: str | None) -> None:
    with pytest.raises(Unauthentic):
        verify_secret_header(value, ["old"])


def test_any_of_pagerdutys_signatures_is_enough() -> None:
    verify_pagerduty_signature(BODY, f"v1={digest('key')}", ["key"])
    verify_pagerduty_signature(BODY, f"v1={digest('stranger')}, v1={digest('new')}", ["old", "new"])


@pytest.mark.parametrize("header", [None, "", ",", "v1=", f"v2={digest('key')}", f"v1={digest('other')}", "v1=é"])
def test_a_wrong_pagerduty_signature_is_refused(header: str | None) -> None:
    with pytest.raises(Unauthentic):
        verify_pagerduty_signature(BODY, header, ["key"])


@given(st.text(st.characters(codec=None), max_size=200), st.binary(max_size=50))
def test_no_header_raises_anything_else(header: str, body: bytes) -> None:
    for verify in (verify_hub_signature, verify_pagerduty_signature):
        with pytest.raises(Unauthentic):
            verify(body, header, ["key"])
    with pytest.raises(Unauthentic):
        verify_secret_header(header, ["a long secret that nobody guesses"])


def test_why_somebody_was_refused_does_not_tell_the_secret() -> None:
    with pytest.raises(Unauthentic) as refusal:
        verify_hub_signature(BODY, f"sha256={digest('other')}", ["topsecret"])
    assert "topsecret" not in str(refusal.value)
    assert digest("topsecret") not in str(refusal.value)
