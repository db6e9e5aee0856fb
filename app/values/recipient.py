"""Recipient: whom a schedule is for: a person, everybody of a role or a team, an address outside, or a chat's room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.values.errors import Invalid

Kind = Literal["person", "role", "team", "address", "channel"]

LONGEST = 254
"""Characters of a key."""


@dataclass(frozen=True)
class Recipient:
    """`Recipient.parse("role:executive")`; roles and teams stay names until something is sent."""

    kind: Kind
    key: str

    @classmethod
    def parse(cls, text: str) -> Recipient:
        """Read "person:7", "role:rep", "team:T1", "address:ann@example.com" or "channel:4f2a…". Raises Invalid."""
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
            case "channel":
                return cls("channel", key.strip())
        raise Invalid("A recipient is a person, a role, a team or an address.")

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}"
