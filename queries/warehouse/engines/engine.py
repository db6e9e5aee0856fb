"""Engine: what every warehouse engine can do, and the values it does it with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Protocol

import duckdb
import pyarrow as pa
from sqlalchemy import Select
from sqlalchemy.engine import Dialect

from app.values.scope import Scope

Progress = Callable[[str, float], None]
"""Called with what is being done and how far the whole is, 0 to 1."""

Mode = Literal["upsert", "replace"]
TIMEOUT_S = 30.0
EVERY_MASK = frozenset({"cost", "contact"})
"""What is hidden from whoever is not said to see it."""


Staging = Path | duckdb.DuckDBPyConnection
"""Where staged rows stand: in a file, or in memory as the database `stage` of a connection an engine may work in.

Who hands over the latter has taken out rows whose keys come twice.
"""


@dataclass(frozen=True)
class Workbench:
    """What publishing works with: a connection made alike can hand over rows that stand in memory."""

    threads: int
    memory_limit: str | None
    folder: Path  # the only one it reads or writes


@dataclass(frozen=True)
class Generation:
    """One whole state of the warehouse, as readers see it."""

    number: int
    created_at: datetime
    as_of: date | None  # the last booked day
    note: str
    source: str
    company_currency: str
    currencies: tuple[str, ...]  # those that lines are booked in
    reporting: tuple[str, ...]  # those that lines can be converted to
    first_day: date | None
    last_day: date | None
    lines: int
    dims_version: int
    month_versions: Mapping[tuple[str, str], int]  # (fact, "2013-06-01") → grows whenever that month changes
    control_totals: Mapping[str, Decimal]  # currency → Σ net as booked
    is_demo: bool = False
    uniform_documents: bool = True  # all lines of every sale document share customer, place, rep, team, channel and day
    notices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # source → what its newest load tells readers

    def month_version(self, fact: str, month: date) -> int:
        """The version of one month of one fact; 0 where it has never held a row."""
        return self.month_versions.get((fact, month.replace(day=1).isoformat()), 0)


@dataclass(frozen=True)
class Published:
    """What a publication did: counts of sales lines and of plan rows together, by kind."""

    generation: int
    new: int
    changed: int
    unchanged: int
    plan_rows: int = 0  # plan rows new or changed
    months: tuple[date, ...] = ()  # booked months whose lines changed
    control_totals: Mapping[str, Decimal] = field(default_factory=dict)  # of the staged lines

    @property
    def is_new(self) -> bool:
        """Whether anything changed, and so a new generation stands."""
        return self.new + self.changed + self.plan_rows > 0 or bool(self.months)


@dataclass(frozen=True)
class Import:
    """One request to publish."""

    staging: Staging
    note: str = ""
    source: str = ""
    mode: Mode = "upsert"
    load: Mapping[str, Any] | None = None
    is_demo: bool = False
    company_currency: str | None = None
    quick: bool = False


class Snapshot(Protocol):
    """One whole generation while it is held."""

    @property
    def generation(self) -> Generation:
        """What this snapshot is of."""
        ...

    def fetch(
        self,
        statement: Select[Any],
        scope: Scope,
        timeout_s: float | None = None,
        *,
        masks: frozenset[str] = EVERY_MASK,
    ) -> list[tuple[Any, ...]]:
        """All rows; numbers are int or Decimal by the statement's types on every engine. TooBig after `timeout_s`,
        or the warehouse's own patience.

        The statement itself narrows to what a viewer may see. An engine that can guard rows shows none beyond `scope`
        all the same; what belongs to nobody's rows, such as names and versions, is read in the scope of everything.
        Where it can guard columns too, those that `masks` hide are empty.
        """
        ...

    def columns(self, statement: Select[Any], scope: Scope, *, masks: frozenset[str] = EVERY_MASK) -> pa.Table:
        """What `fetch` answers, as columns: texts, days, 64-bit numbers and exact decimals."""
        ...

    def sql(self, statement: Select[Any]) -> str:
        """The statement as the engine would get it, values written out: for people, not for running."""
        ...


class Engine(ABC):
    """A warehouse: read through snapshots, written by publishing staging databases."""

    @property
    @abstractmethod
    def dialect(self) -> Dialect:
        """SQLAlchemy's dialect of this engine."""

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """The current generation, kept whole for as long as the context is open."""

    @abstractmethod
    def workbench(self) -> Workbench | None:
        """What a connection needs whose staged rows are published from memory; None where they must be in a file."""

    def publish(
        self,
        staging: Staging,
        *,
        note: str = "",
        source: str = "",
        mode: Mode = "upsert",
        load: Mapping[str, Any] | None = None,
        is_demo: bool = False,
        company_currency: str | None = None,
        quick: bool = False,
        progress: Progress | None = None,
    ) -> Published:
        """Bring a staging database's rows in as the next generation, or change nothing at all.

        `company_currency` is what the source books its company figures in; it stays what it was where not given.
        `quick`: somebody waits for these few rows; making room for later ones is left to `compact` and larger loads.
        Raises Invalid for unusable rows, Conflict while another writer works, TooBig on a full disk.
        """
        asked = Import(staging, note, source, mode, load, is_demo, company_currency, quick)
        return self.bring_in(asked, progress or (lambda _what, _done: None))

    @abstractmethod
    def bring_in(self, asked: Import, tell: Progress) -> Published:
        """What `publish` asks of each engine."""

    @abstractmethod
    def versions(self) -> Sequence[Generation]:
        """The generations still kept, newest first."""

    @abstractmethod
    def loads(self) -> Sequence[Mapping[str, Any]]:
        """The summaries handed to `publish(load=…)`, newest first."""

    @abstractmethod
    def rollback(self, number: int | None = None) -> Generation:
        """Make a kept generation (by default the one before) current again."""

    @abstractmethod
    def compact(self) -> Generation:
        """Fold small additions into one base; figures do not change."""

    @abstractmethod
    def weakness(self) -> str | None:
        """What it could do to keep readers to their rows but does not, and the remedy; None where all is well."""

    @abstractmethod
    def close(self) -> None:
        """Let go of files and connections."""
