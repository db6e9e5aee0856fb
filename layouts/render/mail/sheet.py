"""Sheet: what a mail says of a handout, and of the person who gets it, before it is written out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.channels.message import Attachment
from layouts.figures import Figure


@dataclass(frozen=True)
class Drawn:
    """A chart in a mail: its picture, and all that is said about it."""

    id: str
    title: str
    unit: str
    finding: str
    alt: str
    width: int
    rows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Glance:
    """The first rows of a table, where a paper has nothing else to show; `more` says what is left out."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    more: str = ""


@dataclass(frozen=True)
class Sheet:
    """What a mail says of one handout."""

    title: str
    line: str
    sentences: tuple[str, ...]
    figures: tuple[Figure, ...]
    heads: tuple[str, ...]
    pictures: tuple[Drawn, ...]
    table: Glance | None
    link: str


@dataclass(frozen=True)
class MailBody:
    """The body of a mail for an audience, with open slots until it is `addressed`.

    `inline` are the pictures of the HTML by Content-ID. `sentences` and `link` are what a chat shows.
    """

    subject: str
    text: str
    html: str
    inline: tuple[Attachment, ...] = ()
    sentences: tuple[str, ...] = ()
    link: str = ""
    locale: str = "en"


@dataclass(frozen=True)
class Addressee:
    """What concerns one person: `own` figures, `notes` ("This comes late."), the names of the files that are attached,
    names and addresses of those that are too large, `why` it is sent, and how to end it.
    """

    name: str = ""
    own: tuple[Figure, ...] = ()
    notes: tuple[str, ...] = ()
    attached: tuple[str, ...] = ()
    linked: tuple[tuple[str, str], ...] = ()
    why: str = ""
    unsubscribe: str = ""
