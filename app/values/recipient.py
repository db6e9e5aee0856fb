"""Recipient: whom a schedule is for: a person, everybody of a role, everybody of a team, or an address outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.values.errors import Invalid

Kind = Literal["person", "role", "team", "address"]

LONGEST = 254
"""Characters of a key."""


@dataclass(frozen=True)
class Recipient:
    """`Recipient.parse("role:executive")`; roles and teams stay names until something is sent."""

    kind: Kind
    key: str

    @classmethod
    def parse(cls, text: str) -> Recipient:
        """Read "person:7", "role:rep", "team:T1" or "address:ann@example.com". Raises Invalid."""
        kind, colon, key = text.partition(":")
        if not key.isprintable():
            raise Invalid("An address is one line, without line breaks or invisible marks.")
        if not colon or not key.strip() or len(key) > LONGEST:
            raise Invalid("A recipient is a person, a role, a team or an address.")
        match kind:
            case "person" if key.isdecimal() and key.isascii():
                return cls("person", str(int(key)))
            case "role" | "team":
                return cls("role" if kind == "role" else "team", key.strip())
            case "address":
                return cls("address", key.strip().lower())
        raise Invalid("A recipient is a person, a role, a team or an address.")

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}"
