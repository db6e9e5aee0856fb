"""Ingest: sales lines and master data that other programs send in, with what became of each row."""

from __future__ import annotations

from typing import Annotated, Literal

import orjson
from pydantic import Field

from app.intake import Intake, Post
from app.services import ingest
from app.services.ingest_batches import Batch, Fault
from app.values.errors import NotFound
from app.web.api.door import HERE, Answer, Call, Door
from app.web.api.shapes import Asked, Count, Flag, Sent, Told
from queries.warehouse.load import delivered
from queries.warehouse.load.delivered import Delivered
from queries.warehouse.load.inspecting import KINDS

CSV, ARROW, PARQUET = "text/csv", "application/vnd.apache.arrow.stream", "application/vnd.apache.parquet"
LARGEST_JSON = 16_000_000
MOST_RESULTS = 10_000
"""Accepted rows are told one by one in batches of no more rows than these."""

Kind = Literal["sales", "customers", "products", "reps", "teams", "budget", "quotas", "campaigns", "rates"]
Value = Annotated[str | int | float | bool | None, Field(union_mode="left_to_right")]
Results = Literal["all", "kept-out"]

_ROWS = 'Objects whose fields are the columns of our templates; amounts as text (`"1234.50"`), days as `2026-11-22`.'
_WAIT = "Seconds to wait, at most, until the rows are visible in dashboards."
_RESULTS = "`all` rows one by one, or only those `kept-out`. Of batches of more than 10,000 rows only these are told."
_DEMO = "Leave for the first real rows to replace the demo company."


class RowsSent(Sent):
    """A batch of rows of one kind. A row with a known key takes the place of the former one, whole."""

    rows: list[dict[str, Value]] = Field(min_length=1, max_length=1_000_000, description=_ROWS)
    replace_demo: bool = Field(default=False, description=_DEMO)


class BatchAsked(Asked):
    """How a batch is told."""

    wait: Count = Field(default=0, ge=0, le=5, description=_WAIT)


class RowsAsked(BatchAsked):
    """How a batch is answered."""

    results: Results = Field(default="all", description=_RESULTS)


class FileAsked(BatchAsked):
    """How a file is answered."""

    replace_demo: Flag = Field(default=False, description=_DEMO)


class RowResult(Told):
    """What became of one row. `line` is its place in the batch, from 1, or its line in a CSV file."""

    line: int
    result: Literal["accepted", "quarantined", "duplicate"]
    column: str | None
    code: str | None
    reason: str | None
    raw: str | None


class ControlTotal(Told):
    """Accepted rows in a currency, and their money: net amounts of sales lines, amounts of plans."""

    currency: str
    rows: int
    amount: str


class IngestBatchTold(Told):
    """A batch: `rows` = `accepted` + `quarantined` + `duplicates`.

    Its accepted rows are durable once this is answered. `state` is `waiting` until they are visible in dashboards, as
    part of the state of the data that `generation` numbers; `nothing` if no row was accepted; `failed` with a `reason`.
    """

    id: str
    kind: str
    received_at: str
    state: Literal["waiting", "loaded", "failed", "nothing"]
    generation: int | None
    loaded_at: str | None
    reason: str | None
    rows: int
    accepted: int
    quarantined: int
    duplicates: int
    totals: list[ControlTotal] = Field(description="To be held against your own; none for rows without money.")
    results: list[RowResult]


def add(door: Door) -> None:
    """/ingest."""
    intake = Intake(door.house)

    @door.operation(
        "POST",
        "/ingest/{kind}",
        scope="ingest",
        takes=RowsSent,
        query=RowsAsked,
        answers=IngestBatchTold,
        status=202,
        largest=LARGEST_JSON,
        writes=False,
        keeps_keys=True,
    )
    def send(call: Call, kind: str) -> Answer:
        """Send rows of a kind.

        Rows are checked by the rules that files are checked by; those that fail are kept out and told with line, column
        and reason, the others are accepted. All accepted rows of a batch become visible at once, within seconds.
        """
        body: RowsSent = call.body
        every = call.query.results == "all" and len(body.rows) <= MOST_RESULTS
        given = delivered.from_records(body.rows)
        return _taken(call, intake, kind, given, replaces_demo=body.replace_demo, every=every)

    @door.operation(
        "POST",
        "/ingest/{kind}/file",
        scope="ingest",
        files=(CSV, ARROW, PARQUET),
        query=FileAsked,
        answers=IngestBatchTold,
        status=202,
        largest=intake.limits.max_bytes or LARGEST_JSON,
        writes=False,
        keeps_keys=True,
    )
    def send_file(call: Call, kind: str) -> Answer:
        """Send rows of a kind as a CSV or Parquet file or an Arrow stream, with the columns of our templates.

        Of the rows those that were kept out are told.
        """
        given = _read(call, intake, kind)
        return _taken(call, intake, kind, given, replaces_demo=call.query.replace_demo)

    @door.operation("GET", "/ingest/batches/{batch}", scope="ingest", query=BatchAsked, answers=IngestBatchTold)
    def show(call: Call, batch: str) -> Answer:
        """What became of a batch that you sent."""
        with call.reading() as session:
            found = ingest.find(session, call.viewer, batch)
        return Answer(_told(intake.seen(found, call.viewer, call.query.wait)))


def _read(call: Call, intake: Intake, kind: str) -> Delivered:
    if kind not in KINDS:
        raise NotFound("There are no rows of that kind: there are {kinds}.", kinds=", ".join(KINDS))
    match call.sent_as:
        case "text/csv":
            return delivered.from_csv(call.body, kind, call.house.settings.home.resolve(), intake.limits)
        case "application/vnd.apache.parquet":
            return delivered.from_parquet(call.body, intake.limits)
        case _:
            return delivered.from_arrow(call.body, intake.limits)


def _taken(
    call: Call, intake: Intake, kind: str, given: Delivered, *, replaces_demo: bool, every: bool = False
) -> Answer:
    post = Post(call.viewer, kind, given.rows, call.fingerprint, call.key, given.lines, replaces_demo)
    batch = intake.seen(intake.take(post), call.viewer, call.query.wait)
    headers = {"Location": f"{HERE}/ingest/batches/{batch.id}"}
    if batch.replayed:
        headers["Idempotency-Replayed"] = "true"
    return Answer(_told(batch, every=every), headers=headers)


def _told(batch: Batch, *, every: bool = False) -> bytes:
    faults = {fault.line: fault for fault in batch.faults}
    lines = range(1, batch.rows + 1) if every else sorted(faults)
    told = {
        "id": str(batch.id),
        "kind": batch.kind,
        "received_at": batch.received_at,
        "state": batch.state,
        "generation": batch.generation,
        "loaded_at": batch.loaded_at,
        "reason": batch.reason or None,
        "rows": batch.rows,
        "accepted": batch.accepted,
        "quarantined": batch.quarantined,
        "duplicates": batch.duplicates,
        "totals": [
            {"currency": currency, "rows": rows, "amount": f"{amount:f}"}
            for currency, (rows, amount) in batch.totals.items()
        ],
        "results": [_result(line, faults.get(line)) for line in lines],
    }
    return orjson.dumps(told, option=orjson.OPT_UTC_Z)


def _result(line: int, fault: Fault | None) -> dict[str, object]:
    if fault is None:
        return {"line": line, "result": "accepted", "column": None, "code": None, "reason": None, "raw": None}
    return {
        "line": line,
        "result": fault.result,
        "column": fault.column or None,
        "code": fault.code or None,
        "reason": fault.reason or None,
        "raw": fault.raw,
    }
