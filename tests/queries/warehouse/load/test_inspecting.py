"""Rows that programs send are judged as rows of files are, whatever came before them."""

from __future__ import annotations

import csv
import io
import random
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.values.errors import Invalid, TooBig
from queries.warehouse.load import delivered, inspecting, load
from queries.warehouse.load.inspecting import Inspector
from queries.warehouse.load.report import UPLOAD_LIMITS

CELLS = {
    "document_number": ("A", "B", "C", "D", None),
    "line_number": ("1", "2", "3", "1.5", "x"),
    "order_date": ("2026-11-01", "2026-11-02", "01/02/2026", None),
    "invoice_date": ("2026-11-03", None, None, "soon"),
    "customer": ("C1", "C2", None),
    "product": ("P1", " P2 ", None),
    "quantity": ("1", "-1", "2.5", "NaN"),
    "unit_price": ("10", "0.01", "1e3", "ten"),
    "document_type": ("invoice", "credit_note", None, "gift"),
    "cost": ("5", "-5", None),
    "recurring": ("yes", "0", None, "maybe"),
    "currency": ("EUR", "usd", None, "€"),
}
USUAL = {name: values[:2] for name, values in CELLS.items()}


@pytest.fixture(scope="module")
def inspector() -> Iterator[Inspector]:
    opened = Inspector("EUR")
    yield opened
    opened.close()


@pytest.mark.parametrize("seed", range(12))
def test_rows_are_judged_as_those_of_a_file_are(seed: int, inspector: Inspector, tmp_path: Path) -> None:
    chance = random.Random(seed)
    cells = USUAL if seed % 3 == 0 else CELLS
    rows = [
        {name: chance.choice(values if chance.random() < 0.15 else values[:1]) for name, values in cells.items()}
        | {"line_number": str(number) if chance.random() < 0.9 else "1"}
        for number in range(chance.choice((1, 1, 7, 60, 1_500)))
    ]
    with (tmp_path / "sales.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(cells))
        writer.writeheader()
        writer.writerows(rows)
    filed = load(None, "template", tmp_path, home=tmp_path, dry_run=True)
    (found,), tables = inspector.inspect("sales", [delivered.from_records(rows).rows])
    assert (found.accepted, len(found.duplicates)) == (filed.loaded, filed.duplicates)
    assert tables["sales_line"].num_rows == filed.loaded
    told = [(row.line, row.column, row.code, row.raw) for row in found.quarantined]
    # A file's first row is its header, and its empty cells are texts without letters.
    known = [(row.line - 1, row.column, row.code, row.raw or None) for row in filed.quarantined]
    assert told[: len(known)] == known
    assert len(told) == filed.quarantined_count


def test_members_and_plans_are_judged_too(inspector: Inspector) -> None:
    sent: dict[str, list[dict[str, Any]]] = {
        "customers": [{"customer": "C1", "country": "Spain", "since": "soon"}, {"customer": "C2", "country": "Spain"}],
        "products": [{"product": "P1", "unit_cost": "x"}, {"product": "P2", "unit_cost": 2}],
        "reps": [{"rep": None, "name": "Nobody"}, {"rep": "R1", "name": "Ann"}],
        "teams": [{"team": " ", "name": "Nobody"}, {"team": "T1", "name": "North"}],
        "budget": [{"period": "2026-13", "amount": "1"}, {"period": "2026-Q1", "amount": "1"}],
        "quotas": [{"period": "2026", "amount": "1", "rep": None}, {"period": "2026", "amount": "1", "rep": "R1"}],
        "campaigns": [{"campaign": "X", "starts": "x"}, {"campaign": "Y", "starts": None}],
        "rates": [
            {"currency": "USD", "day": "2026-01-01", "rate": "0"},
            {"currency": "USD", "day": "2026-01-02", "rate": 1},
        ],
    }
    for _ in range(2):
        for kind, rows in sent.items():
            (found,), tables = inspector.inspect(kind, [delivered.from_records(rows).rows])
            assert [row.line for row in found.quarantined] == [1], kind
            assert found.accepted == 1
            assert tables[inspecting.KINDS[kind]].num_rows == 1


def test_a_batch_that_is_wrong_all_over_is_refused_whole(inspector: Inspector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspecting, "MOST_OUT", 3)
    rows = [{name: values[0] for name, values in CELLS.items()} | {"quantity": "x"} for _ in range(5)]
    with pytest.raises(TooBig, match="More than 3 of 5 rows cannot be loaded"):
        inspector.inspect("sales", [delivered.from_records(rows).rows])
    good = [{name: values[0] for name, values in CELLS.items()}]
    assert inspector.inspect("sales", [delivered.from_records(good).rows])[0][0].accepted == 1


def test_a_column_that_is_unknown_or_missing_is_named(inspector: Inspector) -> None:
    with pytest.raises(Invalid, match="no column load_id"):
        inspector.judge_columns("sales", (*inspector.columns("sales"), "load_id"))
    with pytest.raises(Invalid, match="order_date is missing"):
        inspector.judge_columns("sales", [name for name in inspector.columns("sales") if name != "order_date"])
    inspector.judge_columns("customers", ("customer", "our own field"))


def _streamed(table: pa.Table, **options: Any) -> bytes:
    stream = io.BytesIO()
    with pa.ipc.new_stream(stream, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table)
    return stream.getvalue()


def _filed(table: pa.Table) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file)
    return file.getvalue()


def test_a_small_file_that_unpacks_to_gigabytes_is_refused_before_it_does() -> None:
    once = pa.DictionaryArray.from_arrays(pa.array([0] * 100_000, pa.int32()), pa.array(["x" * 20_000]))
    bomb = pa.table({"customer": once})
    wide = pa.table({f"column_{number}": pa.nulls(1_000_000) for number in range(70)})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(TooBig, match="unpacked"):
        delivered.from_parquet(_filed(bomb), UPLOAD_LIMITS)
    for table in (bomb, wide):
        with pytest.raises(TooBig, match="unpacked"):
            delivered.from_arrow(_streamed(table), UPLOAD_LIMITS)
    for how in ("zstd", "lz4"):
        with pytest.raises(Invalid, match="without compression"):
            delivered.from_arrow(_streamed(bomb, compression=how), UPLOAD_LIMITS)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000


def test_a_stream_whose_texts_lead_out_of_it_is_refused_and_not_followed() -> None:
    body = _streamed(pa.table({"customer": ["abcdefgh"]}))
    at = body.rindex((8).to_bytes(4, "little"), 0, body.index(b"abcdefgh"))
    assert delivered.from_arrow(body, UPLOAD_LIMITS).rows.to_pylist() == [{"customer": "abcdefgh"}]
    with pytest.raises(Invalid):
        delivered.from_arrow(body[:at] + (80_000).to_bytes(4, "little") + body[at + 4 :], UPLOAD_LIMITS)


def test_a_zero_character_is_refused_in_a_stream_and_in_a_file_as_in_json() -> None:
    sent = pa.table({"customer": ["C1", None, "C\0"]})
    for take, body in ((delivered.from_arrow, _streamed(sent)), (delivered.from_parquet, _filed(sent))):
        with pytest.raises(Invalid, match="zero character"):
            take(body, UPLOAD_LIMITS)


def test_rows_are_taken_however_a_program_lays_out_its_texts() -> None:
    texts = ["a", None, "b" * 30]
    kinds = (pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string()))
    for kind in kinds:
        sent = pa.table({"customer": pa.array(texts, pa.string()).cast(kind)})
        assert delivered.from_arrow(_streamed(sent), UPLOAD_LIMITS).rows["customer"].to_pylist() == texts, kind
        assert delivered.from_parquet(_filed(sent), UPLOAD_LIMITS).rows["customer"].to_pylist() == texts, kind
