"""Without a mail server, mails are kept as files, and read back as they were sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.channels.mail import Mail
from app.channels.outbox import Outbox, kept, opened
from app.channels.ways import mail_of, outbox_of, sender_of, ways
from app.config import Settings, read_settings
from app.values.addresses import Sender
from app.values.errors import NotFound
from tests.channels.test_mail import PAPER, PICTURE, SENDER, message

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def test_a_mail_is_kept_and_read_back_whole(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox", SENDER, lambda: AT)
    said = message(to_name="Müller, Jörg", subject="Überblick über das laufende Quartal und alles andere " * 3)
    assert outbox.send(said).state == "sent"
    outbox.close()
    (one,) = kept(outbox.folder)
    assert (one.to, one.at) == ("Müller, Jörg <remy@salient.example>", AT)
    assert one.subject == said.subject
    assert one.size == (outbox.folder / one.name).stat().st_size
    mail = opened(outbox.folder, one.name)
    assert mail.subject == said.subject
    assert dict(mail.headers)["Message-ID"] == f"<{said.message_id}>"
    assert mail.text.splitlines() == ["Good morning Remy", ".hidden"]
    assert mail.html.strip() == said.html
    assert [(cid, picture.content) for cid, picture in mail.pictures] == [("bridge", PICTURE.content)]
    assert mail.files == (PAPER,)


def test_the_newest_come_first_and_the_oldest_go(tmp_path: Path) -> None:
    times = iter(AT + timedelta(minutes=number) for number in range(9))
    outbox = Outbox(tmp_path, SENDER, lambda: next(times), most=5)
    for number in range(9):
        outbox.send(message(subject=f"No. {number}", attachments=()))
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / ".left.draft").write_text("half a mail")
    assert [each.subject for each in kept(tmp_path)] == ["No. 8", "No. 7", "No. 6", "No. 5", "No. 4"]
    assert [each.subject for each in kept(tmp_path, 2)] == ["No. 8", "No. 7"]
    assert (tmp_path / "notes.txt").exists()


def test_an_outbox_that_is_not_there_is_empty_and_one_that_cannot_be_written_defers(tmp_path: Path) -> None:
    assert kept(tmp_path / "none") == ()
    (tmp_path / "file").write_text("")
    outcome = Outbox(tmp_path / "file", SENDER).send(message())
    assert (outcome.state, outcome.everyone, bool(outcome.reason)) == ("deferred", True, True)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../app.db", "/etc/passwd", "a.eml", "..%2fapp.db", "20261123060000000000-" + "0" * 24 + ".eml",
     "20261123060000000000-" + "0" * 24 + ".eml\n", "../outbox/20261123060000000000-" + "0" * 24 + ".eml", "a\x00b"],
)  # fmt: skip
def test_a_name_that_is_no_mails_opens_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "app.db").write_text("secret")
    with pytest.raises(NotFound):
        opened(tmp_path / "outbox", name)


def test_the_settings_say_which_way_mails_go(tmp_path: Path) -> None:
    plain = Settings(home=tmp_path, external_url="https://sales.example.com")
    assert mail_of(plain) == Outbox(outbox_of(plain), Sender("salient@sales.example.com", "Salient"))
    assert sender_of(Settings()).address == "salient@localhost"
    given = {"SALIENT_SMTP_URL": "smtps://remy:secret@mail.example.com", "SALIENT_MAIL_FROM": "Sales <s@example.com>"}
    mail = mail_of(read_settings({"SALIENT_HOME": str(tmp_path), **given}))
    assert isinstance(mail, Mail)
    assert (mail.server.host, mail.server.port, mail.sender) == (
        "mail.example.com",
        465,
        Sender("s@example.com", "Sales"),
    )
    assert set(ways(plain)) == {"mail", "slack", "teams", "webhook"}
