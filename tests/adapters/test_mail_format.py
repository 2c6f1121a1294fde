"""A mail's bytes: whatever stands in its values, it has the headers and the two bodies that it should have, and no others."""

from __future__ import annotations

import random
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.mail_format import Sender, mime_of
from chalicelib.errors import PermanentError
from tests.adapters.mail_world import MAIL, SENDER, a_mail

HEADERS = [
    "Message-ID", "In-Reply-To", "References", "From", "To", "Reply-To", "Subject", "Date", "Auto-Submitted",
    "X-Auto-Response-Suppress", "MIME-Version", "Content-Type",
]  # fmt: skip
PARTS = ["multipart/alternative", "text/plain", "text/html"]
LINE_BREAKS = ["\r\n", "\n", "\r", "\0", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029", "\ud800"]
HOSTILE_LINES = [
    "Bcc: everybody@example.com",
    "=?utf-8?q?=0D=0ABcc:_everybody@example.com?=",
    "=?utf-8?b?DQpCY2M6IGV2ZXJ5Ym9keUBleGFtcGxlLmNvbQ==?=",
    '"; charset=x; boundary="y',
    "<script>alert(1)</script> {{ 7*7 }} {% include 'x' %} *bold* [a|b]",
    "x" * 2000,
    f"{'x' * 300} ä {'y' * 300} ö",
    " ".join(["word"] * 400),
    "Zahlung kaputt 🔥 支払い 🏴󠁧󠁢󠁥󠁮󠁧󠁿 \u202eesrever",
]
HOSTILE_BODIES = [
    *HOSTILE_LINES,
    ".\r\n.\r\nQUIT\r\nMAIL FROM:<x@example.com>",
    "\r\n\r\n--=_boundary--\r\nContent-Type: text/html\r\n\r\n<b>mine</b>",
    "\n--=_" + "0" * 32 + "\n",
    "From the beginning\n.\n",
    "\0\x1b\x85\ud83d",
]
PIECES = [
    "a",
    "ß",
    "日本",
    "🔥",
    "\u202e",
    " ",
    " ",
    "=?",
    "?=",
    "utf-8?q?",
    "_",
    "=0D=0A",
    '"',
    "\\",
    "<",
    ">",
    "(",
    ",",
    ";",
    ":",
    "x" * 90,
]


def parsed(raw: bytes) -> EmailMessage:
    message = BytesParser(policy=SMTP).parsebytes(raw)
    assert not [defect for part in message.walk() for defect in part.defects]
    assert not [defect for value in message.values() for defect in value.defects]
    return message


def assert_untouched(raw: bytes) -> EmailMessage:
    """The structure is that of every mail of ours."""
    message = parsed(raw)
    assert list(message) == HEADERS
    assert [part.get_content_type() for part in message.walk()] == PARTS
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 200
    assert raw.replace(b"\r\n", b"").translate(None, b"\r\n") == raw.replace(b"\r\n", b"")
    return message


def subject_as_others_read_it(raw: bytes) -> str:
    """Decoded by the older of the two readers that Python has: they disagree about what is not well formed."""
    return str(make_header(decode_header(str(message_from_bytes(raw)["Subject"]).replace("\r\n", "").replace("\n", ""))))


@pytest.mark.parametrize("line", HOSTILE_LINES)
def test_a_hostile_subject_is_a_subject(line: str):
    raw = mime_of(a_mail(subject=line), SENDER)
    assert assert_untouched(raw)["Subject"] == line
    assert subject_as_others_read_it(raw) == line


@pytest.mark.parametrize(
    "name", ["", "Firebell", 'The "Bell", Ltd. <x@example.com>', "Glocke, österreichische", HOSTILE_LINES[0]]
)
def test_a_senders_name_is_a_name(name: str):
    [address] = assert_untouched(mime_of(MAIL, Sender("firebell@example.com", name, "im@example.com")))["From"].addresses
    assert (address.display_name, address.addr_spec) == (name, "firebell@example.com")


@pytest.mark.parametrize("body", HOSTILE_BODIES)
def test_a_hostile_body_stays_in_its_part(body: str):
    message = assert_untouched(mime_of(a_mail(text=body, html=body), SENDER))
    kept = body.replace("\r\n", "\n")
    for part in ("plain", "html"):
        shown = message.get_body((part,)).get_content().replace("\r\n", "\n")  # type: ignore[union-attr]
        assert shown.rstrip("\n") == "".join(c for c in kept if c not in "\0\x1b\x85\ud83d").rstrip("\n")


def test_subjects_made_of_hostile_pieces_come_back_as_they_were():
    dice = random.Random(5)
    for _ in range(1_500):
        subject = " ".join("".join(dice.choices(PIECES, k=dice.randrange(1, 25))).split()) or "x"
        raw = mime_of(a_mail(subject=subject), SENDER)
        assert subject_as_others_read_it(raw) == subject
        head = raw.partition(b"\r\n\r\n")[0].decode()
        names = [line.partition(":")[0] for line in head.split("\r\n") if not line.startswith(" ")]
        assert names == HEADERS


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_at_all_stays_in_its_part(text: str, html: str):
    assert_untouched(mime_of(a_mail(text=text, html=html), SENDER))


@pytest.mark.parametrize("line_break", LINE_BREAKS)
@pytest.mark.parametrize("where", ["subject", "name", "to", "sender", "reply_to", "message_id", "references"])
def test_a_line_break_of_any_kind_in_a_header_is_refused(where: str, line_break: str):
    bad = f"a{line_break}Bcc: x@example.com"
    mail, sender = MAIL, SENDER
    match where:
        case "subject":
            mail = a_mail(subject=bad)
        case "to":
            mail = a_mail(to=(bad,))
        case "message_id":
            mail = a_mail(message_id=bad)
        case "references":
            mail = a_mail(references=("x@example.com", bad))
        case "name":
            sender = Sender(SENDER.address, bad)
        case "sender":
            sender = Sender(bad)
        case "reply_to":
            sender = Sender(SENDER.address, "", bad)
    with pytest.raises(PermanentError):
        mime_of(mail, sender)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "staff",
        "a@b@c",
        "a b@example.com",
        "<a@example.com>",
        "a@example.com, b@example.com",
        "ä@example.com",
        "a@ex_ample.com",
        'a"@example.com',
    ],
)
def test_what_is_no_address_is_refused(address: str):
    with pytest.raises(PermanentError, match="not a mail address"):
        mime_of(a_mail(to=(address,)), SENDER)


def test_many_lists_and_long_ids_are_folded_and_read_back():
    to = tuple(f"incidents-of-a-team-with-a-long-name-{n}@example.com" for n in range(50))
    references = tuple(f"{'i' * 60}.{n}@{'d' * 60}.example.com" for n in range(20))
    message = assert_untouched(mime_of(a_mail(to=to, references=references), SENDER))
    assert tuple(address.addr_spec for address in message["To"].addresses) == to
    assert tuple(str(message["References"]).split()) == tuple(f"<{one}>" for one in references)
    assert message["In-Reply-To"] == f"<{references[-1]}>"


def test_a_mail_of_no_thread_names_none():
    message = parsed(mime_of(a_mail(references=()), SENDER))
    assert (message["References"], message["In-Reply-To"]) == (None, None)
