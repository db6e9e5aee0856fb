"""Outbox: mails kept as files in the workspace where no mail server is set, and read back."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path

from app.channels import message as channel
from app.channels.letter import letter
from app.values.addresses import Sender
from app.values.document import Document
from app.values.errors import NotFound, Refusal
from app.values.words import say

MOST = 2_000
"""Mails that are kept; the oldest go first."""

_NAME = re.compile(r"[0-9]{20}-[0-9a-f]{24}\.eml")
_HEAD = 16_384
"""Bytes in which all headers are."""


@dataclass(frozen=True)
class Kept:
    """A mail as the list shows it; `at` None where it says no time."""

    name: str
    to: str
    subject: str
    at: datetime | None
    size: int


@dataclass(frozen=True)
class Opened:
    """A mail as it is read: headers in their order, both bodies, pictures by Content-ID, and the files."""

    name: str
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    pictures: tuple[tuple[str, Document], ...]
    files: tuple[Document, ...]

    @property
    def subject(self) -> str:
        """What it is about."""
        return dict(self.headers).get("Subject", "")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Outbox:
    """A folder as a channel: each mail a file of its own, whole or not there."""

    folder: Path
    sender: Sender
    now: Callable[[], datetime] = _now
    most: int = MOST

    def send(self, message: channel.Message) -> channel.Outcome:
        """Keep one mail."""
        at = self.now()
        try:
            written = letter(message, self.sender, at).as_bytes()
            self._keep(f"{at.astimezone(UTC):%Y%m%d%H%M%S%f}-{secrets.token_hex(12)}.eml", written)
        except Refusal as refused:
            return channel.Outcome("refused", refused.sentence)
        except OSError as error:
            reason = say("The outbox cannot be written: {why}.", why=error.strerror or "")
            return channel.Outcome("deferred", reason, everyone=True)
        return channel.SENT

    def close(self) -> None:
        """Nothing is open."""

    def _keep(self, name: str, written: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / f".{name}.draft"
        try:
            with draft.open("xb") as file:
                file.write(written)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(self.folder / name)
        finally:
            draft.unlink(missing_ok=True)
        for old in _names(self.folder)[self.most :]:
            (self.folder / old).unlink(missing_ok=True)


def kept(folder: Path, limit: int = MOST) -> tuple[Kept, ...]:
    """The newest mails first."""
    return tuple(found for name in _names(folder)[:limit] if (found := _listed(folder / name)) is not None)


def opened(folder: Path, name: str) -> Opened:
    """One mail. Raises NotFound for a name that is no mail's, whatever it is."""
    if not _NAME.fullmatch(name):
        raise NotFound("There is no such mail.")
    try:
        content = (folder / name).read_bytes()
    except OSError:
        raise NotFound("There is no such mail.") from None
    parsed = message_from_bytes(content, policy=default)
    headers = tuple((key, _told(key, str(value))) for key, value in message_from_bytes(content).items())
    return Opened(
        name,
        headers,
        _body(parsed, "plain"),
        _body(parsed, "html"),
        tuple(_pictures(parsed)),
        tuple(_document(part) for part in parsed.iter_attachments()),
    )


def _names(folder: Path) -> list[str]:
    try:
        return sorted((each.name for each in os.scandir(folder) if _NAME.fullmatch(each.name)), reverse=True)
    except FileNotFoundError:
        return []


def _listed(path: Path) -> Kept | None:
    try:
        with path.open("rb") as file:
            head = message_from_bytes(file.read(_HEAD))
        return Kept(path.name, _said(head, "To"), _said(head, "Subject"), _date(head), path.stat().st_size)
    except OSError:  # gone meanwhile
        return None


def _said(head: Message, name: str) -> str:
    return _told(name, str(head[name] or ""))


def _told(header: str, text: str) -> str:
    """A header's text as people read it; a name before an address stands without its quotes."""
    unfolded = re.sub(r"\r?\n(?=[ \t])", "", text)
    if header not in ("From", "To"):
        return _decoded(unfolded)
    name, address = parseaddr(unfolded)
    return f"{_decoded(name)} <{address}>" if name else address


def _decoded(text: str) -> str:
    try:
        return str(make_header(decode_header(text)))
    except (HeaderParseError, LookupError, UnicodeDecodeError):
        return text


def _date(head: Message) -> datetime | None:
    try:
        return parsedate_to_datetime(str(head["Date"]))
    except ValueError:
        return None


def _body(parsed: EmailMessage, kind: str) -> str:
    part = parsed.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


def _pictures(parsed: EmailMessage) -> Iterator[tuple[str, Document]]:
    for part in parsed.walk():
        cid = str(part["Content-ID"] or "").strip().strip("<>")
        if cid and part.get_content_maintype() == "image":
            yield cid, _document(part)


def _document(part: Message) -> Document:
    content = part.get_payload(decode=True)
    return Document(
        part.get_filename() or "file", part.get_content_type(), content if isinstance(content, bytes) else b""
    )
