"""What a load says about itself: counts per feed, control totals, quarantined rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True)
class LoadSettings:
    """Limits of a load; None means no limit. The command line's defaults are these; uploads pass tighter ones."""

    max_bytes: int | None = None  # of one file as it lies on the disk
    max_expanded_bytes: int | None = None  # of one file unpacked
    max_ratio: int = 100  # unpacked ÷ packed, per gzip file or workbook entry
    max_entries: int = 2000  # of a workbook
    max_rows: int | None = None  # of one table
    max_columns: int = 500
    max_cell_bytes: int = 32 * 1024
    max_reject_share: Decimal = Decimal("0.05")  # above it, the load is refused unless `allow_rejects`
    allow_rejects: bool = False
    mapping_settings: Mapping[str, str] = field(default_factory=dict)  # values over the mapping's own
    kept_examples: int = 1000  # quarantined rows a report carries; the import record keeps all


UPLOAD_LIMITS = LoadSettings(max_bytes=50_000_000, max_expanded_bytes=500_000_000, max_rows=1_000_000)
"""What a file from a browser or over the API may be."""


@dataclass(frozen=True)
class QuarantinedRow:
    """One row that was kept out, where it stands and why."""

    table: str  # star table it was meant for
    source: str  # file, sheet or database table
    line: int  # physical line of the file, row of the sheet, or row of the table, from 1
    column: str  # of the source
    code: str
    reason: str  # a plain sentence
    raw: str | None  # the value as it stood


@dataclass(frozen=True)
class FeedCount:
    """Rows of one feed; `rows_in == loaded + quarantined + duplicates` and `read == rows_in + left_out`."""

    table: str
    title: str
    source: str
    read: int
    left_out: int  # rows the mapping itself does not want, e.g. the promotion "No Discount"
    loaded: int
    quarantined: int
    duplicates: int

    @property
    def rows_in(self) -> int:
        """Rows the mapping takes up."""
        return self.loaded + self.quarantined + self.duplicates


@dataclass(frozen=True)
class ControlTotal:
    """Money of one feed in one currency: `source == loaded + quarantined + duplicates`, exactly."""

    table: str
    title: str
    currency: str
    source: Decimal
    loaded: Decimal
    quarantined: Decimal
    duplicates: Decimal


@dataclass(frozen=True)
class LoadReport:
    """All there is to say about one load, done or only tried (`dry_run`)."""

    id: int | None  # None for a dry run
    mapping: str
    source: str
    settings: Mapping[str, str]  # of the mapping, as used
    dry_run: bool
    status: str  # "loaded" | "unchanged" | "dry run" | "interrupted"; in the list also "unknown"
    started: datetime
    seconds: float
    feeds: tuple[FeedCount, ...]
    totals: tuple[ControlTotal, ...]
    quarantined: tuple[QuarantinedRow, ...]  # the first ones; all in `import_detail`
    reasons: Mapping[str, int]  # reason code → rows
    generation: int | None = None
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    notes: tuple[str, ...] = ()

    @property
    def rows_in(self) -> int:
        """Rows the mapping takes up, all feeds."""
        return sum(feed.rows_in for feed in self.feeds)

    @property
    def loaded(self) -> int:
        """Rows accepted."""
        return sum(feed.loaded for feed in self.feeds)

    @property
    def quarantined_count(self) -> int:
        """Rows kept out because something is wrong with them."""
        return sum(feed.quarantined for feed in self.feeds)

    @property
    def duplicates(self) -> int:
        """Rows that repeat an earlier row of the same load."""
        return sum(feed.duplicates for feed in self.feeds)


@dataclass(frozen=True)
class LoadSummary:
    """One line of the list of past loads."""

    id: int
    mapping: str
    source: str
    status: str
    started: datetime
    seconds: float
    rows_in: int
    loaded: int
    quarantined: int
    duplicates: int
    new: int
    changed: int
    unchanged: int


def summary_of(report: LoadReport) -> LoadSummary:
    """The list line of a recorded report."""
    return LoadSummary(
        report.id or 0,
        report.mapping,
        report.source,
        report.status,
        report.started,
        report.seconds,
        report.rows_in,
        report.loaded,
        report.quarantined_count,
        report.duplicates,
        report.new,
        report.changed,
        report.unchanged,
    )
