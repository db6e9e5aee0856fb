"""Addresses: of mailboxes, hooks and the mail server, checked where they are written and not when they are used."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from email.utils import getaddresses
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from app.values.errors import Invalid
from app.values.words import say

StartTls = Literal["required", "optional", "none"]

LONGEST_LINE = 400
"""Characters of a subject, a name or a file's name."""

_MAILBOX = re.compile(r"[^@\s<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,64}@[^@\s<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,190}")
_JOINERS = "\u200c\u200d\u200e\u200f"
"""Marks that some scripts need between their letters; every other invisible mark may deceive."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def mailbox(text: str) -> str:
    """The address of one mailbox; raises Invalid for several, for a name with it, and for a line break."""
    domain = text.rpartition("@")[2]
    broken = ".." in text or text.startswith(".") or domain.startswith((".", "-")) or domain.endswith((".", "-"))
    if broken or not _MAILBOX.fullmatch(text) or not is_clean(text):
        raise Invalid("An e-mail address is written name@example.com: one address, without spaces or line breaks.")
    return text


def web_address(text: str) -> str:
    """An http or https address that can stand in a header; raises Invalid."""
    try:
        parts = urlsplit(text)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known or not text.isascii() or not text.isprintable() or set(text) & set(' <>"\\'):
        raise Invalid("A web address begins with https:// and has no spaces or line breaks.")
    return text


def one_line(text: str, what: str) -> str:
    """A text without line breaks and other invisible marks; raises Invalid, naming `what` it is."""
    if len(text) > LONGEST_LINE or not is_clean(text):
        raise Invalid(
            "{what} is one line of at most {most} characters, without line breaks or invisible marks.",
            what=what,
            most=LONGEST_LINE,
        )
    return text


def is_clean(text: str) -> bool:
    """Whether every mark of a text is one that is seen."""
    return not any(
        unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp") and each not in _JOINERS for each in text
    )


@dataclass(frozen=True)
class Sender:
    """Whom mails are from: `Sender.parse("Salient <reports@example.com>")`."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        """The part after the @, as ASCII: messages are named by it."""
        return ascii_domain(self.address)

    @staticmethod
    def parse(text: str) -> Sender:
        """A sender as people write one. Raises Invalid."""
        one_line(text, say("A sender"))
        found = getaddresses([text])
        if len(found) != 1:
            raise Invalid("Mails have one sender.")
        name, address = found[0]
        mailbox(address)
        if not address.isascii():
            raise Invalid("A sender's address has plain letters only.")
        return Sender(address, name)


def ascii_domain(address: str) -> str:
    """The domain of a mailbox as mail servers write it: "xn--mller-kva.example". Raises Invalid."""
    domain = address.rpartition("@")[2]
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise Invalid("{domain} is not a domain that mail can be sent to.", domain=domain) from None


@dataclass(frozen=True)
class MailServer:
    """Where mails are handed over, from one address.

    `smtp://name:password@host:587` asks for STARTTLS and goes no further without; `?starttls=optional` uses it where it
    is offered, `?starttls=none` never. `smtps://` speaks TLS from the first byte. Name and password are
    percent-encoded. `patience` is how many seconds the server may be silent (`&timeout=30`).
    """

    host: str
    port: int
    implicit: bool = False
    starttls: StartTls = "required"
    user: str = ""
    password: str = field(default="", repr=False)
    patience: float = 30.0

    @staticmethod
    def parse(text: str) -> MailServer:
        """The server that an address means. Raises Invalid."""
        try:
            parts = urlsplit(text)
            port = parts.port
            told = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
        except ValueError:
            raise _unreadable() from None
        unknown = set(told) - {"starttls", "timeout"}
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/") or unknown:
            raise _unreadable()
        implicit = parts.scheme == "smtps"
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        starttls = _starttls(told, implicit)
        if bool(user) != bool(password):
            raise Invalid("A mail server's address has both a name and a password, or neither.")
        if password and starttls == "none" and not implicit and parts.hostname not in _LOOPBACK:
            raise Invalid("A password is not sent without encryption: leave out starttls=none.")
        return MailServer(
            parts.hostname, port or _port(parts), implicit, starttls, user, password, _patience(told.get("timeout"))
        )


def _port(parts: SplitResult) -> int:
    return 465 if parts.scheme == "smtps" else 587


def _starttls(told: dict[str, str], implicit: bool) -> StartTls:
    match told.get("starttls", "required"):
        case "required":
            return "required"
        case "optional" if not implicit:
            return "optional"
        case "none" if not implicit:
            return "none"
    raise Invalid("starttls is required, optional or none, and of smtp:// only.")


def _patience(text: str | None) -> float:
    if text is None:
        return 30.0
    if not text.isdecimal() or not 1 <= int(text) <= 600:
        raise Invalid("A mail server's timeout is 1 to 600 seconds.")
    return float(text)


def _unreadable() -> Invalid:
    return Invalid("A mail server is written smtp://name:password@host:587 or smtps://name:password@host:465.")
