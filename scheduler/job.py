"""Job: what is to be made for one audience, and what was made of it; both are JSON between processes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

from app.values.document import Document


@dataclass(frozen=True)
class Job:
    """`views` are addresses with titles. `reader` is one recipient of the audience; the rights that are looked up for
    it again, at the instant `now`, have to be those of `audience`, or nothing is made. `last` is what this audience was
    sent before.
    """

    id: str
    reader: str
    audience: str
    today: date
    now: datetime
    views: tuple[tuple[str, str], ...]
    formats: tuple[str, ...]
    condition: Mapping[str, Any] = field(default_factory=dict)
    last: str = ""

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
                "views": tuple((text, title) for text, title in given["views"]),
                "formats": tuple(given["formats"]),
            }
        )


@dataclass(frozen=True)
class Made:
    """`made`: documents and what is said about them. `unwanted`: the condition does not hold. `moved`: the reader's
    rights have changed meanwhile. `refused`: it never can be made. `broken`: it may work another time. `reason` is a
    sentence; `generation` the state of the data.
    """

    state: Literal["made", "unwanted", "moved", "refused", "broken"]
    reason: str = ""
    documents: tuple[Document, ...] = ()
    title: str = ""
    scope: str = ""
    sentences: tuple[str, ...] = ()
    link: str = ""
    fingerprint: str = ""
    generation: int | None = None

    def told(self) -> bytes:
        """As JSON, without the bytes of the documents: those follow one by one."""
        files = [[each.name, each.media_type] for each in self.documents]
        return json.dumps(asdict(replace(self, documents=())) | {"documents": files}).encode()

    @classmethod
    def read(cls, told: bytes) -> Made:
        """What `told` wrote; the documents are empty still."""
        given = json.loads(told)
        files = tuple(Document(name, media_type, b"") for name, media_type in given["documents"])
        return cls(**given | {"documents": files, "sentences": tuple(given["sentences"])})
