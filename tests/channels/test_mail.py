"""Each mail handed to a server ends as sent, refused, deferred or uncertain, and says why."""

from __future__ import annotations

import dataclasses
import ssl
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any

import pytest

from app.channels.mail import PER_CONNECTION, Mail
from app.channels.message import Attachment, Message, message_id_for
from app.values.addresses import MailServer, Sender
from app.values.document import Document
from app.values.errors import Invalid
from tests.channels.servers import (
    Manner,
    Postbox,
    dumb_server,
    lets_in,
    mail_server,
    speaking_tls,
    trusting,
)

SENDER = Sender("salient@sales.example", "Salient Mönchengladbach")
AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
PICTURE = Document("bridge.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40)
PAPER = Document("Übersicht – Ελλάδα, 3. Quartal „alles“.pdf", "application/pdf", b"%PDF-1.7\n.\n..\n" + b"\r\n.\r\nx")


def message(to: str = "remy@salient.example", **given: Any) -> Message:
    said = {
        "to": to,
        "to_name": "Remy Roux",
        "subject": "Overview, this quarter",
        "text": "Good morning Remy\n.hidden\n",
        "html": '<p>Good morning</p><img src="cid:bridge" alt="The bridge">',
        "attachments": (Attachment(PICTURE, "bridge", "The bridge"), Attachment(PAPER)),
        "message_id": message_id_for(1, to, domain=SENDER.domain),
        "unsubscribe": "https://sales.example/unsubscribe/" + "k" * 120,
    }
    return Message(**{**said, **given})


def channel(
    port: int, query: str = "?starttls=none&timeout=20", scheme: str = "smtp", user: str = "", **given: Any
) -> Mail:
    server = MailServer.parse(f"{scheme}://{user}localhost:{port}{query}")
    return Mail(dataclasses.replace(server, patience=given.pop("patience", 20.0)), SENDER, now=lambda: AT, **given)


def everyone(manner: Manner) -> Postbox:
    return Postbox(lambda _: manner)


def test_a_mail_arrives_whole() -> None:
    with mail_server(Postbox()) as box:
        mail = channel(box.port)
        assert mail.send(message()).state == "sent"
        mail.close()
    (got,) = box.messages
    assert box.taken[0][0] == "remy@salient.example"
    assert got["Message-ID"] == f"<{message().message_id}>"
    assert got["Date"].datetime == AT
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["List-Unsubscribe"] == f"<{message().unsubscribe}>"
    assert got["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (got["Bcc"], got["Cc"], got["X-Salient-Repeat"]) == (None, None, None)
    assert got.get_content_type() == "multipart/mixed"
    plain, html = got.get_body(("plain",)), got.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().splitlines() == ["Good morning Remy", ".hidden"]
    assert html.get_content().strip() == message().html
    (paper,) = got.iter_attachments()
    assert (paper.get_filename(), paper.get_content()) == (PAPER.name, PAPER.content)
    (picture,) = [part for part in got.walk() if part["Content-ID"] == "<bridge>"]
    assert isinstance(picture, EmailMessage)
    assert (picture.get_content(), picture.get_content_disposition()) == (PICTURE.content, "inline")
    assert b"mixed" not in box.taken[0][1].split(b"multipart/related")[1], "pictures belong to the HTML alone"


def test_a_mail_that_may_be_a_repeat_or_is_late_says_so() -> None:
    with mail_server(Postbox()) as box:
        mail = channel(box.port)
        mail.send(message())
        mail.send(message(repeat=True, late=True))
        mail.close()
    first, second = box.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert (second["X-Salient-Repeat"], second["X-Salient-Late"]) == ("yes", "yes")


@pytest.mark.parametrize(
    "text",
    [
        "Umsatz",
        "Überblick: Umsatz über Plan " * 9,
        "x" * 300,
        "=?utf-8?b?ZXZpbA==?= hello",
        "日本語" * 60,
        "a  b",
        'Müller, Jörg "Jo" <jo@otto.example>',
        "a, b@c.example",
        "Chiffre\u00a0d’affaires",
        "É" * 60,
    ],
)
def test_names_and_subjects_arrive_as_they_were_written(text: str) -> None:
    with mail_server(Postbox()) as box:
        mail = channel(box.port)
        assert mail.send(message(to_name=text, subject=text)).state == "sent"
        mail.close()
    content = box.taken[0][1]
    head = message_from_bytes(content)
    ((name, address),) = getaddresses([head["To"]])
    assert (str(make_header(decode_header(name))), address) == (text, "remy@salient.example")
    assert str(make_header(decode_header(head["Subject"]))) == text
    assert len(box.messages[0]["To"].addresses) == 1
    assert content.isascii()
    assert max(len(line) for line in content.split(b"\r\n") if not line.startswith(b"List-")) <= 78


def test_a_domain_with_other_letters_is_spoken_as_servers_do_and_a_name_with_them_only_where_it_is_understood() -> None:
    with mail_server(Postbox()) as box:
        mail = channel(box.port)
        assert mail.send(message("jo@müller.example")).state == "sent"
        outcome = mail.send(message("jörg@müller.example"))
        assert (outcome.state, "plain letters" in outcome.reason) == ("refused", True)
        assert mail.send(message("jo@" + "ü" * 80 + ".example")).state == "refused"
        mail.close()
    assert [to for to, _ in box.taken] == ["jo@xn--mller-kva.example"]
    with mail_server(Postbox(), enable_SMTPUTF8=True) as box:
        mail = channel(box.port)
        assert mail.send(message("jörg@müller.example")).state == "sent"
        assert mail.send(message("jo@müller.example")).state == "sent"
        mail.close()
    assert [to for to, _ in box.taken] == ["jörg@xn--mller-kva.example", "jo@xn--mller-kva.example"]
    assert "<jörg@xn--mller-kva.example>".encode() in box.taken[0][1]


@pytest.mark.parametrize(
    ("manner", "state", "reason"),
    [
        ("delay", "sent", ""),
        ("later", "deferred", "450 4.2.2 mailbox full"),
        ("never", "refused", "550 5.1.1 no such person"),
        ("later-data", "deferred", "451 4.3.0 try again"),
        ("never-data", "refused", "554 5.7.1 looks like spam"),
        ("drop", "uncertain", "fell silent after the message"),
        ("drop-taken", "uncertain", "fell silent after the message"),
        ("silent", "uncertain", "fell silent after the message"),
        ("sender", "deferred", "does not take mails from us: 550 5.7.1"),
    ],
)
def test_each_way_a_server_can_end_it_is_told_apart(manner: Manner, state: str, reason: str) -> None:
    with mail_server(everyone(manner)) as box:
        mail = channel(box.port, patience=1.0 if manner == "silent" else 20.0)
        outcome = mail.send(message())
        mail.close()
    assert outcome.state == state
    assert reason in outcome.reason
    assert outcome.everyone == (manner == "sender")
    assert len(box.taken) == (manner in ("delay", "drop-taken", "silent"))


def test_what_a_server_says_of_one_recipient_concerns_no_other() -> None:
    manners: dict[str, Manner] = {
        "a": "accept",
        "b": "never",
        "c": "later",
        "d": "never-data",
        "e": "drop",
        "f": "accept",
    }
    with mail_server(Postbox(lambda to: manners[to[:1] or "a"])) as box:
        mail = channel(box.port)
        outcomes = {name: mail.send(message(f"{name}@salient.example")) for name in manners}
        mail.close()
    assert [outcomes[name].state for name in manners] == ["sent", "refused", "deferred", "refused", "uncertain", "sent"]
    assert [to for to, _ in box.taken] == ["a@salient.example", "f@salient.example"]


def test_many_mails_share_a_connection_until_it_is_opened_anew() -> None:
    with mail_server(Postbox()) as box:
        mail = channel(box.port)
        for number in range(PER_CONNECTION + 1):
            assert mail.send(message(f"p{number}@salient.example", attachments=())).state == "sent"
        mail.close()
    assert box.connections == 2
    assert len({to for to, _ in box.taken}) == PER_CONNECTION + 1


def test_a_server_that_leaves_after_each_mail_gets_each_mail_once() -> None:
    with mail_server(everyone("hang-up")) as box:
        mail = channel(box.port)
        states = []
        for number in range(3):
            states.append(mail.send(message(f"p{number}@salient.example", attachments=())).state)
            assert box.connections == number + 1
            _until_gone(mail)
        mail.close()
    assert states == ["sent"] * 3
    assert [to for to, _ in box.taken] == [f"p{number}@salient.example" for number in range(3)]


def _until_gone(mail: Mail) -> None:
    """Wait until the server's leaving has arrived here."""
    assert mail._open is not None
    assert mail._open.sock is not None
    mail._open.sock.recv(1_000)


def test_a_server_that_is_away_or_dumb_defers_everyone() -> None:
    with dumb_server() as port:
        outcome = channel(port, patience=1.0).send(message())
        assert (outcome.state, outcome.everyone) == ("deferred", True)
        assert "did not answer in time" in outcome.reason
        outcome = channel(port, "", "smtps", patience=1.0).send(message())
        assert (outcome.state, outcome.everyone) == ("deferred", True)
    outcome = channel(port).send(message())
    assert (outcome.state, outcome.everyone) == ("deferred", True)
    assert "cannot be reached" in outcome.reason


def test_required_encryption_is_required() -> None:
    with mail_server(Postbox()) as box:
        outcome = channel(box.port, "").send(message())
        assert (outcome.state, outcome.everyone) == ("deferred", True)
        assert "STARTTLS" in outcome.reason
        assert channel(box.port, "?starttls=optional").send(message()).state == "sent"
        outcome = channel(box.port, "?starttls=optional", user="remy:secret@").send(message())
        assert (outcome.state, "the password is not sent" in outcome.reason) == ("deferred", True)
    assert len(box.taken) == 1


def test_encryption_asked_for_or_from_the_first_byte_is_checked_against_the_certificate() -> None:
    with mail_server(Postbox(), tls_context=speaking_tls(), require_starttls=True) as box:
        mail = channel(box.port, "", tls=trusting())
        assert mail.send(message()).state == "sent"
        mail.close()
        for query in ("", "?starttls=optional"):
            outcome = channel(box.port, query).send(message())
            assert (outcome.state, outcome.everyone) == ("deferred", True)
            assert "certificate cannot be trusted" in outcome.reason
    assert len(box.taken) == 1
    with mail_server(Postbox(), implicit=True) as box:
        mail = channel(box.port, "", "smtps", tls=trusting())
        assert mail.send(message()).state == "sent"
        mail.close()
        assert "certificate cannot be trusted" in channel(box.port, "", "smtps").send(message()).reason
        other = dataclasses.replace(mail.server, host="127.0.0.1")
        assert "certificate cannot be trusted" in Mail(other, SENDER, trusting()).send(message()).reason
    assert len(box.taken) == 1


@pytest.mark.parametrize("without", ["LOGIN", "PLAIN"])
def test_a_server_that_asks_who_we_are_is_told(without: str) -> None:
    given: dict[str, Any] = {
        "auth_required": True,
        "tls_context": speaking_tls(),
        "authenticator": lets_in("remy@salient", "p@ss:wörd/%"),
        "auth_exclude_mechanism": [without],
    }
    with mail_server(Postbox(), **given) as box:
        mail = channel(box.port, "", user="remy%40salient:p%40ss%3Aw%C3%B6rd%2F%25@", tls=trusting())
        assert mail.send(message()).state == "sent"
        mail.close()
        outcome = channel(box.port, "", user="remy%40salient:wrong@", tls=trusting()).send(message())
        assert (outcome.state, outcome.everyone) == ("deferred", True)
        assert "did not let us in: 535" in outcome.reason
        outcome = channel(box.port, "", tls=trusting()).send(message())
        assert (outcome.state, outcome.everyone) == ("deferred", True)
    assert len(box.taken) == 1


def test_a_mail_larger_than_the_server_takes_is_refused_before_it_is_sent() -> None:
    with mail_server(Postbox(), data_size_limit=5_000) as box:
        mail = channel(box.port)
        outcome = mail.send(message())
        assert (outcome.state, "5,000" in outcome.reason) == ("refused", True)
        assert mail.send(message(attachments=())).state == "sent"
        mail.close()


@pytest.mark.parametrize(
    "text",
    [
        "mail.example.com",
        "http://mail.example.com",
        "smtp://",
        "smtp://mail.example.com:port",
        "smtp://mail.example.com/path",
        "smtp://mail.example.com?tls=no",
        "smtp://mail.example.com?starttls=maybe",
        "smtps://mail.example.com?starttls=none",
        "smtp://mail.example.com?timeout=soon",
        "smtp://mail.example.com?timeout=0",
        "smtp://remy@mail.example.com",
        "smtp://remy:secret@mail.example.com?starttls=none",
    ],
)
def test_a_mail_server_that_cannot_be_meant_is_refused_without_telling_its_password(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        MailServer.parse(text)
    assert "secret" not in str(refused.value)


def test_a_mail_server_is_read_from_one_address() -> None:
    server = MailServer.parse("smtp://remy:s%40lt@mail.example.com?timeout=5")
    assert (server.port, server.starttls, server.user, server.password, server.patience) == (
        587, "required", "remy", "s@lt", 5.0,
    )  # fmt: skip
    assert MailServer.parse("smtps://mail.example.com").port == 465
    assert "s@lt" not in repr(server)


@pytest.mark.parametrize(
    "text", ["", "Salient", "a@b.example, c@d.example", "Salient <a@b.example>\nBcc: x", "sälient@b.example"]
)
def test_a_sender_is_one_address(text: str) -> None:
    with pytest.raises(Invalid):
        Sender.parse(text)


def test_a_default_channel_trusts_the_systems_authorities_only() -> None:
    context = Mail(MailServer.parse("smtp://mail.example.com"), SENDER).tls
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
