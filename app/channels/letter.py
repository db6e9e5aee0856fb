"""Letter: a message as MIME: text, HTML with its pictures, and files."""

from __future__ import annotations

from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, quote

from app.channels.message import Attachment, Message
from app.values.addresses import Sender, ascii_domain

POLICY = SMTP.clone(cte_type="7bit", max_line_length=76)
"""Lines end as servers want them, and nothing relies on a server that takes eight bits or long lines."""


LONGEST_PLAIN = 60
"""Characters that surely fit on a header's first line as they are."""


class Ready(str):
    """A header's text that is written as it is.

    The library's own folding tears long addresses, and spells a name that looks like an encoded one as it is.
    """

    name: str
    max_count = 1

    def fold(self, *, policy: EmailPolicy) -> str:
        """The whole line, or lines."""
        return f"{self.name}: {self}{policy.linesep}"


def letter(message: Message, sender: Sender, at: datetime) -> EmailMessage:
    """The message as it goes out at a moment; `at` has a time zone. Raises Invalid for a domain that is none."""
    made = EmailMessage(POLICY)
    _ready(made, "From", _named(sender.name, sender.address))
    _ready(made, "To", _named(message.to_name, spoken_to(message)))
    _ready(made, "Subject", _encoded(message.subject))
    made["Date"] = format_datetime(at)
    if message.message_id:
        _ready(made, "Message-ID", f"<{message.message_id}>")
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"
    if message.unsubscribe:
        _ready(made, "List-Unsubscribe", f"<{message.unsubscribe}>")
    if message.unsubscribe.startswith("https://"):
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    for name, said in (("X-Salient-Repeat", message.repeat), ("X-Salient-Late", message.late)):
        if said:
            made[name] = "yes"
    _fill(made, message)
    return made


def spoken_to(message: Message) -> str:
    """The address the server is told: its domain as ASCII. Raises Invalid."""
    return f"{message.to.rpartition('@')[0]}@{ascii_domain(message.to)}"


def _named(name: str, address: str) -> str:
    if not name:
        return address
    said = _encoded(name)
    return f'"{quote(name)}" <{address}>' if said == name else f"{said}\r\n <{address}>"


def _encoded(text: str) -> str:
    """A text as it stands in a header: itself, or encoded words, each line short enough."""
    if text.isascii() and len(text) <= LONGEST_PLAIN and "=?" not in text and text == text.strip():
        return text
    return Header(text, "utf-8", maxlinelen=LONGEST_PLAIN).encode(linesep="\r\n")


def _ready(made: EmailMessage, name: str, text: str) -> None:
    header = Ready(text)
    header.name = name
    made[name] = header


def _fill(made: EmailMessage, message: Message) -> None:
    made.set_content(message.text, cte="quoted-printable")
    if message.html:
        # The pictures belong to the HTML alone: whoever reads the text is not handed them as files.
        made.add_alternative(message.html, subtype="html", cte="quoted-printable")
        body = made.get_payload(1)
        for each in message.attachments:
            if each.content_id and isinstance(body, EmailMessage):
                _add(body, each)
    for each in message.attachments:
        if not each.content_id:
            _add(made, each)


def _add(part: EmailMessage, each: Attachment) -> None:
    maintype, _, subtype = each.document.media_type.partition(";")[0].strip().partition("/")
    content, name = each.document.content, each.document.name
    if each.content_id:
        cid = f"<{each.content_id}>"
        part.add_related(content, maintype, subtype, cid=cid, filename=name, disposition="inline")
    else:
        part.add_attachment(content, maintype, subtype, filename=name)
