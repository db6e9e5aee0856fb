"""Message: what is said to one recipient outside, and how the saying ended; what every channel takes and gives."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Literal, Protocol

from app.values.addresses import mailbox, one_line, web_address
from app.values.document import Document
from app.values.errors import Invalid
from app.values.words import say

State = Literal["sent", "refused", "deferred", "uncertain"]

_NO_FILE = frozenset('/\\<>:"|?*')
"""What some system does not take in a file's name, or takes for a folder."""

_HALF = re.compile("[\ud800-\udfff]")
_IDENTITY = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+")


@dataclass(frozen=True)
class Attachment:
    """A file that goes along; with a `content_id` it is a picture of the HTML part, shown as `cid:<content_id>`.

    Raises Invalid where its name could not stand in a header or would leave its folder.
    """

    document: Document
    content_id: str = ""
    alt: str = ""

    def __post_init__(self) -> None:
        """Refuse a name that is none."""
        name = self.document.name
        one_line(name, say("A file's name"))
        if not name.strip(" .") or set(name) & _NO_FILE or name != name.strip():
            raise Invalid("A file's name has none of these: / \\ < > : \" | ? *")
        if self.content_id and not re.fullmatch(r"[a-z0-9-]{1,60}", self.content_id):
            raise Invalid("A picture is named by small letters, digits and dashes.")


@dataclass(frozen=True)
class Message:
    """Something to say to one recipient.

    `to` is the address on its channel: that of a mailbox, or the https address of a hook. `subject` is a chat's title.
    `text` is complete in itself; `html` says the same. `sentences`, `link` and `files`, names and addresses of what is
    fetched, are all that a chat shows besides the title, in the language of `locale`. `unsubscribe` is the address that
    ends the subscription by one POST. `repeat`: it may have been sent before, under the same `message_id`. `late`: it
    comes later than was promised. Raises Invalid, with a sentence.
    """

    to: str
    subject: str
    text: str
    to_name: str = ""
    html: str = ""
    attachments: tuple[Attachment, ...] = ()
    message_id: str = ""
    unsubscribe: str = ""
    sentences: tuple[str, ...] = ()
    link: str = ""
    files: tuple[tuple[str, str], ...] = ()
    locale: str = "en"
    repeat: bool = False
    late: bool = False

    def __post_init__(self) -> None:
        """Refuse now what would fail, or deceive, when it is sent."""
        recipient(self.to)
        one_line(self.subject, say("A subject"))
        one_line(self.to_name, say("A name"))
        if not self.subject.strip():
            raise Invalid("A message needs a subject.")
        if _HALF.search(self.text) or _HALF.search(self.html):
            raise Invalid("A message holds characters that are none.")
        if self.message_id and not _IDENTITY.fullmatch(self.message_id):
            raise Invalid("This cannot name a message.")
        for address in filter(None, (self.link, self.unsubscribe, *(address for _, address in self.files))):
            web_address(address)
        pictures = [each.content_id for each in self.attachments if each.content_id]
        if len(set(pictures)) != len(pictures):
            raise Invalid("Two pictures of a message have the same name.")


@dataclass(frozen=True)
class Outcome:
    """How a sending ended.

    "sent": the other side has taken it. "refused": it never will take this one; trying again is useless. "deferred":
    not now, nothing was handed over; try again later. "uncertain": it may or may not have been taken. `reason` is a
    sentence, empty when sent. `everyone`: the reason concerns all recipients, such as a server that is away. `status`
    is the HTTP status that a hook answered with, None where there was no answer; `pause_s` are the seconds for which it
    asked to be left alone.
    """

    state: State
    reason: str = ""
    everyone: bool = False
    status: int | None = None
    pause_s: float = 0.0


SENT = Outcome("sent")


class Channel(Protocol):
    """A way out of the house. Used by one thread at a time; `send` raises nothing that an `Outcome` can say."""

    def send(self, message: Message) -> Outcome:
        """Hand one message over; what is kept open between messages stays open."""
        ...

    def close(self) -> None:
        """Let go of what is open; the next `send` opens it again."""
        ...


def message_id_for(*parts: object, domain: str) -> str:
    """The name of a message, the same for the same parts: schedule, instant, recipient, channel."""
    told = "\x1f".join(str(part) for part in parts)
    return f"{hashlib.sha256(told.encode()).hexdigest()[:40]}@{domain}"


def recipient(text: str) -> str:
    """The address of one mailbox or one hook; raises Invalid, so that a form can refuse it when it is saved."""
    return web_address(text) if "://" in text else mailbox(text)
