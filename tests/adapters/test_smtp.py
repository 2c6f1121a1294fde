"""Mail over SMTP, spoken with a real server: who got it, who did not, and when nobody can tell."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from chalicelib.errors import IntegrationError, PermanentError, TemporaryError
from chalicelib.ports.mailer import AnswerLost, Sent
from sandbox.emulator import Fault, FaultKind
from tests.adapters.mail_world import (
    HURRIED_S,
    LOGIN,
    MAIL,
    OPS,
    PASSWORD,
    SENDER,
    STAFF,
    MailWorld,
    a_mail,
    a_mail_server,
    certificate,
)
from tests.builders import TOO_LATE_S

BEFORE_TEXT = ("connect", "mail", "rcpt")


@pytest.fixture
def world() -> Iterator[MailWorld]:
    with a_mail_server() as made:
        yield made


def refusal(world: MailWorld, to: tuple[str, ...] = MAIL.to) -> IntegrationError:
    with pytest.raises(IntegrationError) as caught:
        world.smtp.send(MAIL, to)
    return caught.value


# --- what arrives ---------------------------------------------------------------------------------------------------------


def test_a_mail_reaches_every_list_once_and_reads_as_it_was_written(world: MailWorld):
    assert world.smtp.send(MAIL, MAIL.to) == Sent()
    [mail] = world.model.received
    assert (mail.to, mail.message_id, mail.subject) == (MAIL.to, MAIL.message_id, MAIL.subject)
    assert (mail.text, mail.html) == ("We are on it.\n", "<p>We are on it.</p>\n")
    assert str(mail.message["From"]) == "Firebell <firebell@example.com>"
    assert str(mail.message["Reply-To"]) == SENDER.reply_to
    assert str(mail.message["Auto-Submitted"]) == "auto-generated"
    assert mail.message["Date"].datetime == MAIL.date


def test_it_can_be_handed_over_for_some_of_those_whom_it_names(world: MailWorld):
    world.smtp.send(MAIL, (OPS,))
    [mail] = world.model.received
    assert mail.to == (OPS,)
    assert [address.addr_spec for address in mail.message["To"].addresses] == [STAFF, OPS]


def test_lines_that_begin_with_a_dot_and_lines_that_are_one_arrive(world: MailWorld):
    text = ".\n..\n.dot\nthe end.\n.\nQUIT\n"
    world.smtp.send(a_mail(text=text), MAIL.to)
    assert world.model.received[0].text == text


def test_a_thread_stays_one_for_mail_programs(world: MailWorld):
    world.smtp.send(MAIL, MAIL.to)
    world.smtp.send(a_mail(message_id="two@example.com", subject=f"Re: {MAIL.subject}"), MAIL.to)
    [thread] = world.model.threads()
    assert [mail.message_id for mail in thread.mails] == [MAIL.message_id, "two@example.com"]


def test_the_same_mail_again_is_the_same_to_the_last_octet(world: MailWorld):
    """Exchange drops what has the Message-ID and Date of a mail that it knows."""
    world.smtp.send(MAIL, MAIL.to)
    world.smtp.send(MAIL, (OPS,))
    first, second = world.model.received
    assert first.raw == second.raw
    [thread] = world.model.threads()
    assert len(thread.mails) == 1


# --- who is refused -------------------------------------------------------------------------------------------------------


def test_an_address_that_is_refused_does_not_keep_the_others_from_theirs(world: MailWorld):
    sent = world.smtp.send(MAIL, (STAFF, "nobody@example.com"))
    assert sent == Sent({"nobody@example.com": "550 5.1.1 No such mailbox"})
    assert world.model.received[0].to == (STAFF,)


def test_an_address_that_is_refused_for_now_is_left_and_the_others_get_theirs(world: MailWorld):
    world.server.answers[OPS] = "451 4.7.1 Greylisted"
    assert world.smtp.send(MAIL, MAIL.to) == Sent(left=(OPS,))
    assert world.model.received[0].to == (STAFF,)


def test_a_mail_for_nobody_is_not_sent(world: MailWorld):
    assert isinstance(refusal(world, ("nobody@example.com",)), PermanentError)
    world.server.answers[OPS] = "451 4.7.1 Greylisted"
    error = refusal(world, ("nobody@example.com", OPS))
    assert (type(error), error.message) == (TemporaryError, f"not yet for {OPS}")
    assert world.model.received == []


# --- what a server says instead ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", [*BEFORE_TEXT, "data"])
@pytest.mark.parametrize(
    ("kind", "error", "down"),
    [
        pytest.param(FaultKind.RATE_LIMITED, TemporaryError, False, id="454"),
        pytest.param(FaultKind.UNAVAILABLE, TemporaryError, False, id="421"),
        pytest.param(FaultKind.ERROR_BEFORE, TemporaryError, False, id="451"),
        pytest.param(FaultKind.UNAUTHORIZED, TemporaryError, True, id="535"),
        pytest.param(FaultKind.FORBIDDEN, PermanentError, False, id="550"),
        pytest.param(FaultKind.CONFLICT, PermanentError, False, id="552"),
    ],
)
def test_an_answer_that_says_no_means_that_nobody_got_it(
    world: MailWorld, operation: str, kind: FaultKind, error: type, down: bool
):
    world.server.faults.switch_on(operation, Fault(kind, times=None))
    if (operation, kind) == ("rcpt", FaultKind.RATE_LIMITED):
        assert refusal(world).message == f"not yet for {STAFF}, {OPS}"
        return
    said = refusal(world)
    assert (type(said), getattr(said, "out_of_service", False)) == (error, down) or operation == "rcpt"
    assert isinstance(said, error)
    assert world.model.received == []


@pytest.mark.parametrize("operation", BEFORE_TEXT)
@pytest.mark.parametrize("kind", [FaultKind.RESET_BEFORE, FaultKind.TIMEOUT_BEFORE, FaultKind.GARBAGE])
def test_whatever_happens_before_the_text_is_known_to_have_reached_nobody(world: MailWorld, operation: str, kind: FaultKind):
    world.smtp = world.client(timeouts_s=HURRIED_S)
    world.server.faults.switch_on(operation, Fault(kind, delay_s=TOO_LATE_S))
    assert type(refusal(world)) is TemporaryError
    assert world.model.received == []


@pytest.mark.parametrize(
    ("kind", "arrived"),
    [
        pytest.param(FaultKind.RESET_BEFORE, 0, id="connection lost before"),
        pytest.param(FaultKind.RESET_AFTER, 1, id="connection lost after"),
        pytest.param(FaultKind.TIMEOUT_BEFORE, 0, id="no answer, not taken"),
        pytest.param(FaultKind.TIMEOUT_AFTER, 1, id="no answer, taken"),
        pytest.param(FaultKind.GARBAGE, 1, id="nonsense"),
    ],
)
def test_once_the_text_is_on_its_way_only_an_answer_tells(world: MailWorld, kind: FaultKind, arrived: int):
    world.smtp = world.client(timeouts_s=HURRIED_S)
    world.server.faults.switch_on("data", Fault(kind, delay_s=TOO_LATE_S))
    assert isinstance(refusal(world), AnswerLost)
    assert len(world.model.received) == arrived


def test_a_server_that_thinks_for_a_while_is_waited_for(world: MailWorld):
    world.server.faults.switch_on("data", Fault(FaultKind.SLOW, delay_s=0.3))
    assert world.smtp.send(MAIL, MAIL.to) == Sent()


def test_nobody_there_is_a_passing_thing():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with a_mail_server() as world:
        world.port = port
        world.smtp = world.client()
        error = refusal(world)
    assert (type(error), error.message) == (TemporaryError, "connection failed (ConnectionRefusedError)")


def test_a_server_that_never_says_anything_is_given_up_in_time():
    with socket.create_server(("127.0.0.1", 0)) as silent, a_mail_server() as world:
        world.port = silent.getsockname()[1]
        world.smtp = world.client(timeouts_s=(0.3, 0.3, 0.3))
        error = refusal(world)
    assert (type(error), error.message) == (TemporaryError, "no answer in time")


# --- TLS and logins -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_the_password_travels_under_tls(security: str):
    server, trusting = certificate()
    with a_mail_server(login=LOGIN, tls=server, implicit=security == "tls") as world:
        smtp = world.client(security=security, tls=trusting, user=LOGIN[0], password=LOGIN[1])
        assert smtp.send(MAIL, MAIL.to) == Sent()
        assert world.server.count("auth") == 1


def test_without_tls_no_password_and_no_mail_is_sent():
    with a_mail_server() as world:
        world.smtp = world.client(user=LOGIN[0], password=LOGIN[1])
        error = refusal(world)
        assert isinstance(error, TemporaryError)
        assert error.out_of_service
        assert world.server.calls == []


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_nobody_vouches_for_gets_no_password(security: str):
    with a_mail_server(login=LOGIN, tls=certificate()[0], implicit=security == "tls") as world:
        world.smtp = world.client(security=security, user=LOGIN[0], password=LOGIN[1])
        error = refusal(world)
        assert isinstance(error, TemporaryError)
        assert error.out_of_service
        assert "certificate" in error.message
        assert world.server.count("auth") == 0


def test_a_server_without_starttls_gets_nothing():
    with a_mail_server() as world:
        world.smtp = world.client(security="starttls")
        error = refusal(world)
        assert isinstance(error, TemporaryError)
        assert error.out_of_service
        assert world.model.received == []


@pytest.mark.parametrize("user", [LOGIN[0], "stranger"])
def test_a_wrong_login_is_out_of_service_and_tells_no_password(user: str):
    server, trusting = certificate()
    with a_mail_server(login=(LOGIN[0], "another"), tls=server) as world:
        world.smtp = world.client(security="starttls", tls=trusting, user=user, password=PASSWORD)
        error = refusal(world)
    assert isinstance(error, TemporaryError)
    assert error.out_of_service
    assert error.message.startswith("535")
    assert PASSWORD not in f"{error!r} {error} {world.smtp!r}"


def test_a_server_that_cannot_check_logins_for_now_is_asked_again():
    server, trusting = certificate()
    with a_mail_server(login=LOGIN, tls=server) as world:
        world.server.faults.switch_on("auth", Fault(FaultKind.RATE_LIMITED, times=None))
        world.smtp = world.client(security="starttls", tls=trusting, user=LOGIN[0], password=PASSWORD)
        error = refusal(world)
    assert isinstance(error, TemporaryError)
    assert not error.out_of_service
