"""Job: what is to be made for one audience, and what was made of it; both are JSON between processes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

from app.channels.message import Attachment
from app.values.document import Document
from layouts.render.mail.sheet import MailBody


@dataclass(frozen=True)
class Job:
    """`views` are addresses with titles and, for a report, what `Report.told` says of it.

    `reader` is one recipient of the audience; the rights that are looked up for it again, at the instant `now`, have to
    be those of `audience`, or nothing is made. `last` is what this audience was sent before. With a `title` all
    views are one file of that name, in formats that have sections.
    """

    id: str
    reader: str
    audience: str
    today: date
    now: datetime
    views: tuple[tuple[str, str, Mapping[str, Any] | None], ...]
    formats: tuple[str, ...]
    subject: str = ""
    condition: Mapping[str, Any] = field(default_factory=dict)
    last: str = ""
    title: str = ""

    def told(self) -> bytes:
        """As JSON."""
        return json.dumps(
            asdict(self) | {"today": self.today.isoformat(), "now": self.now.isoformat()}, ensure_ascii=True
        ).encode()

    @classmethod
    def read(cls, told: bytes) -> Job:
        """What `told` wrote."""
        given = json.loads(told)
        return cls(
            **given
            | {
                "today": date.fromisoformat(given["today"]),
                "now": datetime.fromisoformat(given["now"]),
                "views": tuple((text, title, report) for text, title, report in given["views"]),
                "formats": tuple(given["formats"]),
            }
        )


@dataclass(frozen=True)
class Made:
    """`made`: documents and the body they go out with. `unwanted`: the condition does not hold. `moved`: the reader's
    rights have changed meanwhile. `refused`: it never can be made. `broken`: it may work another time. `reason` is a
    sentence; `generation` the state of the data.
    """

    state: Literal["made", "unwanted", "moved", "refused", "broken"]
    reason: str = ""
    documents: tuple[Document, ...] = ()
    body: MailBody = MailBody("", "", "")
    scope: str = ""
    fingerprint: str = ""
    generation: int | None = None
    rows: int = 0
    days: tuple[date, date] | None = None

    def told(self) -> Iterator[bytes]:
        """As JSON, then the bytes of the documents and of the pictures one by one."""
        head = asdict(replace(self, documents=(), body=replace(self.body, inline=())))
        head["days"] = self.days and [each.isoformat() for each in self.days]
        head["documents"] = [[each.name, each.media_type] for each in self.documents]
        pictures = [(each.document, each.content_id, each.alt) for each in self.body.inline]
        head["body"]["inline"] = [[file.name, file.media_type, name, alt] for file, name, alt in pictures]
        yield json.dumps(head).encode()
        yield from (each.content for each in self.documents)
        yield from (file.content for file, _, _ in pictures)

    @classmethod
    def read(cls, fetch: Callable[[], bytes]) -> Made:
        """What `told` wrote, piece by piece."""
        given = json.loads(fetch())
        documents = tuple(Document(name, media_type, fetch()) for name, media_type in given["documents"])
        body = given["body"]
        inline = tuple(
            Attachment(Document(file, media_type, fetch()), name, alt) for file, media_type, name, alt in body["inline"]
        )
        settled = MailBody(**body | {"inline": inline, "sentences": tuple(body["sentences"])})
        days = given["days"] and tuple(date.fromisoformat(each) for each in given["days"])
        return cls(**given | {"documents": documents, "body": settled, "days": days})
