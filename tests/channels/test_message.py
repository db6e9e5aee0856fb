"""A message that could deceive, or fail when it is sent, is never made."""

from __future__ import annotations

import pytest

from app.channels.message import Attachment, Message, message_id_for, recipient
from app.values.addresses import mailbox
from app.values.document import Document
from app.values.errors import Invalid


def message(**given: object) -> Message:
    return Message(**{"to": "remy@salient.example", "subject": "Overview", "text": "Good morning", **given})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "to",
    [
        "",
        "remy",
        "remy@",
        "@salient.example",
        "remy@salient.example\nBcc: otto@salient.example",
        "remy@salient.example\r",
        "remy@salient.example,otto@salient.example",
        "remy@salient.example;otto@salient.example",
        "remy@salient.example otto@salient.example",
        "Remy <remy@salient.example>",
        "remy@otto@salient.example",
        "re..my@salient.example",
        ".remy@salient.example",
        "remy@.example",
        "remy@salient.example.",
        "remy@-salient.example",
        "remy\u2028@salient.example",
        "remy\u202e@salient.example",
        "remy\u00a0@salient.example",
        "r" * 65 + "@salient.example",
    ],
)
def test_what_is_no_address_of_one_person_is_refused_with_a_sentence(to: str) -> None:
    with pytest.raises(Invalid, match="e-mail address"):
        message(to=to)
    with pytest.raises(Invalid, match="e-mail address"):
        mailbox(to)


@pytest.mark.parametrize("to", ["remy@salient.example", "o'neil+sales@a-b.example", "jörg@müller.example", "root@host"])
def test_an_address_of_one_person_is_taken(to: str) -> None:
    assert message(to=to).to == to
    assert recipient(to) == to


@pytest.mark.parametrize(
    "address",
    [
        "ftp://hooks.example/1",
        "https://",
        "https://hooks.example/a b",
        "https://hooks.example/a\nb",
        "https://hooks.example:port/",
        "https://[::1/",
        "javascript://alert",
        "https://höoks.example/",
    ],
)
def test_what_is_no_web_address_is_refused_with_a_sentence(address: str) -> None:
    with pytest.raises(Invalid, match="web address"):
        message(to=address)
    with pytest.raises(Invalid, match="web address"):
        message(unsubscribe=address)
    with pytest.raises(Invalid, match="web address"):
        message(link=address)


@pytest.mark.parametrize(
    "evil", ["a\nb", "a\rb", "a\x00b", "a\x7fb", "a\u2028b", "a\u202eb", "a\u200bb", "\ud800", "a" * 401]
)
def test_a_subject_or_name_with_a_line_break_or_invisible_mark_is_refused(evil: str) -> None:
    with pytest.raises(Invalid, match="A subject is one line"):
        message(subject=evil)
    with pytest.raises(Invalid, match="A name is one line"):
        message(to_name=evil)
    with pytest.raises(Invalid, match="A file's name is one line"):
        Attachment(Document(evil, "text/csv", b""))


def test_what_cannot_be_written_down_is_no_text() -> None:
    with pytest.raises(Invalid, match="characters that are none"):
        message(text="half a sign: \ud800")
    with pytest.raises(Invalid, match="characters that are none"):
        message(html="<p>\udfff</p>")


def test_subjects_in_any_language_are_taken() -> None:
    for subject in ("Chiffre d’affaires\u202f: 1\u00a0234 €", "Προϊόντα", "می‌خواهم", "東京 👩‍💻"):
        assert message(subject=subject).subject == subject


@pytest.mark.parametrize("name", ["", " ", ".", "..", "a/b.pdf", "..\\b.pdf", "a.pdf ", "c:b.pdf", "<b>.pdf"])
def test_a_files_name_never_leaves_its_folder(name: str) -> None:
    with pytest.raises(Invalid, match="has none of these"):
        Attachment(Document(name, "application/pdf", b""))


def test_two_pictures_with_one_name_are_refused() -> None:
    picture = Attachment(Document("chart.png", "image/png", b"x"), content_id="chart-1")
    with pytest.raises(Invalid, match="same name"):
        message(attachments=(picture, picture))
    with pytest.raises(Invalid, match="small letters"):
        Attachment(Document("chart.png", "image/png", b"x"), content_id="chart>1")


def test_the_same_parts_name_the_same_message_and_others_another() -> None:
    one = message_id_for(7, "2026-11-23T06:00:00Z", 12, "mail", domain="salient.example")
    assert one == message_id_for(7, "2026-11-23T06:00:00Z", 12, "mail", domain="salient.example")
    assert one != message_id_for(71, "2026-11-23T06:00:00Z", 2, "mail", domain="salient.example")
    assert message_id_for("ab", "c", domain="x") != message_id_for("a", "bc", domain="x")
    assert message(message_id=one).message_id == one
    with pytest.raises(Invalid):
        message(message_id="x@y\nBcc: otto@salient.example")
