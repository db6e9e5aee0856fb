"""Whatever a person, a report or a file is called, a letter says exactly that and has no header more."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses

from hypothesis import given, settings
from hypothesis import strategies as st

from app.channels.letter import letter
from app.channels.message import Attachment, Message
from app.values.addresses import LONGEST_LINE, Sender, is_clean
from app.values.document import Document

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
HEADERS = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version",
           "Content-Type"]  # fmt: skip

anything = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co")), min_size=1, max_size=LONGEST_LINE)
awkward = st.text(st.sampled_from("=?utf-8bq_ \"\\,;:<>@()[].'é€日\u00a0\u200d\t"), min_size=1, max_size=120)
lines = (anything | awkward).filter(is_clean)
names = lines.map(str.strip).filter(lambda text: text.strip(" .") and not set(text) & set('/\\<>:"|?*'))


@settings(deadline=None, max_examples=200)
@given(name=lines, subject=lines.filter(str.strip), file=names, text=st.text(max_size=300), content=st.binary())
def test_a_letter_comes_out_as_it_went_in(name: str, subject: str, file: str, text: str, content: bytes) -> None:
    message = Message(
        "remy@salient.example", subject, text, name, f"<p>{name}</p>",
        (Attachment(Document(file, "application/pdf", content)),), "a@sales.example",
    )  # fmt: skip
    written = letter(message, Sender("salient@sales.example", "Salient"), AT).as_bytes()
    assert written.isascii()
    assert max(len(line) for line in written.split(b"\r\n")) <= 998
    assert written.replace(b"\r\n", b"").count(b"\n") == 0
    head = message_from_bytes(written)
    assert head.keys() == HEADERS
    assert _decoded(head["Subject"]) == subject
    ((told, address),) = getaddresses([head["To"]])
    assert (_decoded(told), address) == (name, "remy@salient.example")
    parsed = message_from_bytes(written, policy=default)
    (attached,) = parsed.iter_attachments()
    assert isinstance(attached, EmailMessage)
    assert (attached.get_filename(), attached.get_content()) == (file, content)


def _decoded(text: str) -> str:
    return str(make_header(decode_header(text)))
