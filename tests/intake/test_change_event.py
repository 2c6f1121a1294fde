"""What a CI tells: taken whole, or refused in words that say which member is wrong."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.deployments import Deployment
from chalicelib.errors import RefusedInput
from chalicelib.intake.change_event import parse_changes
from chalicelib.intake.signature import verify_hub_signature
from tests.builders import NOW, seconds

PAGE = (Path(__file__).parents[2] / "docs" / "changes.md").read_text("utf-8")


def a_change(**changes: Any) -> dict[str, Any]:
    told = {
        "service": "Bitbucket",
        "what": "deploy api 1.2.3",
        "at": "2026-11-23T02:50:00Z",
        "by": "mia",
        "url": "https://ci.example/1",
    }
    return {name: value for name, value in (told | changes).items() if value is not ...}


def parse(told: Any) -> tuple[Deployment, ...]:
    return parse_changes(json.dumps(told).encode(), NOW)


def test_one_change_is_taken():
    at = NOW - seconds(600)
    assert parse(a_change()) == (Deployment("Bitbucket", "deploy api 1.2.3", at, "mia", "https://ci.example/1"),)


def test_a_list_is_taken_in_its_order_with_any_offset_and_without_what_need_not_be_told():
    told = [a_change(by=..., url=None), a_change(what=" two\n lines ", at="2026-11-23T04:50:00+02:00")]
    first, second = parse(told)
    assert (first.by, first.url) == ("", "")
    assert (second.what, second.at) == ("two lines", first.at)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        pytest.param({"service": ...}, "service is missing", id="no service"),
        pytest.param({"service": "  "}, "service is empty", id="an empty service"),
        pytest.param({"service": 7}, "service is no text", id="a number for a service"),
        pytest.param({"what": ...}, "what is missing", id="no what"),
        pytest.param({"what": "x" * 501}, "what has 501 characters; at most 500", id="a long what"),
        pytest.param({"at": ...}, "at is missing", id="no time"),
        pytest.param({"at": "soon"}, "at is no time with an offset", id="no time at all"),
        pytest.param({"at": "2026-11-23T02:50:00"}, "at is no time with an offset", id="no offset"),
        pytest.param({"at": "2026-11-16T02:59:59Z"}, "at is more than 7 days ago, or lies ahead", id="long ago"),
        pytest.param({"at": "2026-11-23T03:11:00Z"}, "at is more than 7 days ago, or lies ahead", id="ahead"),
        pytest.param({"by": ["mia"]}, "by is no text", id="a list of people"),
        pytest.param({"url": "javascript:alert(1)"}, "url is no web address", id="no address"),
        pytest.param({"url": "https://[1"}, "url is no web address", id="a broken address"),
        pytest.param({"sevice": "Bitbucket"}, "'sevice' is unknown; there are service, what, at, by, url", id="a slip"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], why: str):
    with pytest.raises(RefusedInput, match=f"^{why}"):
        parse(a_change(**changes))
    with pytest.raises(RefusedInput, match=f"^change 2: {why}"):
        parse([a_change(), a_change(**changes), 7])


@pytest.mark.parametrize(
    ("body", "why"),
    [
        pytest.param(b"{", "the body is not JSON", id="no JSON"),
        pytest.param(b"\xff\xfe\x00", "the body is not JSON", id="no text"),
        pytest.param(b"[" * 100_000, "the body is not JSON", id="too deep"),
        pytest.param(b"7", "neither a change nor a list", id="a number"),
        pytest.param(b"[]", "a list of 0 changes", id="an empty list"),
        pytest.param(b"[7]", "change 1: is no object", id="a list of numbers"),
        pytest.param(json.dumps([a_change()] * 101).encode(), "a list of 101 changes", id="too many"),
    ],
)
def test_a_body_that_is_none_is_refused(body: bytes, why: str):
    with pytest.raises(RefusedInput, match=why):
        parse_changes(body, NOW)


JSONS = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(st.characters(), max_size=9), lambda inner: st.lists(inner)
)


@given(st.dictionaries(st.sampled_from(["service", "what", "at", "by", "url", "x"]), JSONS) | JSONS)
def test_whatever_comes_is_taken_or_refused(told: Any):
    with suppress(RefusedInput):
        assert parse(told)


@pytest.mark.skipif(not shutil.which("openssl"), reason="the example needs openssl")
def test_the_example_of_the_page_is_taken():
    [example] = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)
    script = f'curl() {{ printf "%s\\n" "$@"; }}\nCHANGES_SECRET=s3cret FIREBELL=https://x.example\n{example}'
    told = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, check=True).stdout.splitlines()  # noqa: S603, S607
    body = told[told.index("--data-binary") + 1].encode()
    name, _, signature = told[told.index("-H") + 1].partition(": ")
    assert (name, told[-1]) == ("X-Firebell-Signature", "https://x.example/webhooks/changes")
    verify_hub_signature(body, signature, ["s3cret"])
    [change] = parse_changes(body, datetime.now(UTC))
    assert (change.service, change.by) == ("Bitbucket", "mia")
