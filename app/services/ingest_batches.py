"""Batches that programs sent, as they are told of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

State = Literal["waiting", "loaded", "failed", "nothing"]
QUARANTINED, DUPLICATE = "quarantined", "duplicate"


@dataclass(frozen=True)
class Fault:
    """A row that was kept out; for one that repeats an earlier row of its batch, only the line is told."""

    line: int
    result: str  # "quarantined" | "duplicate"
    table: str = ""
    column: str = ""
    code: str = ""
    reason: str = ""
    raw: str | None = None


@dataclass(frozen=True)
class Batch:
    """`rows` = `accepted` + `quarantined` + `duplicates`. `state` "nothing": no row was accepted.

    `generation` is the state of the data that the accepted rows are in, once they are loaded. `totals` are, by
    currency, the accepted rows that carry money and their sum.
    """

    id: int
    kind: str
    received_at: datetime
    rows: int
    accepted: int
    quarantined: int
    duplicates: int
    faults: tuple[Fault, ...]
    totals: Mapping[str, tuple[int, Decimal]]
    state: State
    generation: int | None
    loaded_at: datetime | None
    reason: str
    replayed: bool = False
