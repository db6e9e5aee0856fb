"""Sent rows come into the warehouse in order, once, whichever scheduler is at it, and one bad lot holds up no other."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from app.assembly import House, assemble
from app.cli import salient
from app.intake import Intake, Post, _Place
from app.models.ingest import IngestPiece, IngestSheaf
from app.services import ingest
from app.services.ingest_batches import Batch
from app.values.errors import Invalid
from queries.warehouse.load import delivered
from queries.warehouse.load.gathering import packed
from scheduler.jobs.ingest import LEASE, MANY_ROWS, Publisher, publish_all
from tests.queries.warehouse.conftest import new_database
from tests.scheduler.sending import Sending, begin, later, post, prices_now, row
from tests.services.salient import workspace


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    settings = workspace(tmp_path / "home", secret_key="one key for all the houses of the test")
    begin(settings)
    opened = assemble(settings)
    yield opened
    opened.close()


def states(house: House) -> list[str]:
    with house.database.read() as session:
        return list(session.scalars(select(IngestSheaf.state).order_by(IngestSheaf.id)))


def test_a_publisher_that_slept_over_its_turn_publishes_nothing_more(house: House) -> None:
    intake, drowsy, other = Intake(house), Publisher(house), Publisher(house, later)
    post(house, intake, Sending("one", (("S0-1", 5),)))
    with house.database.write() as session:
        assert ingest.claim_turn(session, drowsy.name, drowsy.now(), LEASE)
        taken = ingest.take(session)
    with house.database.write() as session:
        assert not ingest.claim_turn(session, other.name, drowsy.now(), LEASE)
    post(house, intake, Sending("two", (("S0-1", 6),)))
    assert other.publish() == 2
    assert drowsy._load(threading.Event()) == 0
    assert (taken, states(house), prices_now(house)) == ([1], ["loaded", "loaded"], {"S0-1": 6})


def test_what_a_dead_publisher_took_is_published_with_all_that_came_after(house: House) -> None:
    intake = Intake(house)
    for number in range(3):
        post(house, intake, Sending(str(number), (("S0-1", number + 1),)))
        with house.database.write() as session:
            ingest.take(session)
    assert publish_all(house) == 3
    assert prices_now(house) == {"S0-1": 3}


def test_rows_that_no_warehouse_takes_are_set_aside_and_hold_up_no_others(house: House) -> None:
    intake = Intake(house)
    lots = [post(house, intake, Sending(str(number), ((f"S0-{number}", number + 1),))) for number in range(4)]
    with house.database.write() as session:
        piece = session.scalars(select(IngestPiece).where(IngestPiece.sheaf_id == 2)).one()
        rows = pa.ipc.open_stream(piece.payload).read_all()
        at = rows.column_names.index("order_date")
        piece.payload = packed(rows.set_column(at, "order_date", pa.array([date(2300, 1, 1)], pa.date32())))
    assert publish_all(house) == 3
    assert states(house) == ["loaded", "failed", "loaded", "loaded"]
    assert prices_now(house) == {"S0-0": 1, "S0-2": 3, "S0-3": 4}
    with house.database.read() as session:
        told = ingest.find(session, house.local_administrator(), str(lots[1].id))
        assert ingest.failures(session) == 1
    assert (told.state, "2300" in told.reason) == ("failed", True)


def test_a_lot_that_cannot_be_read_is_set_aside_and_holds_up_no_others(house: House) -> None:
    intake = Intake(house)
    for number in range(3):
        post(house, intake, Sending(str(number), ((f"S0-{number}", number + 1),)))
    with house.database.write() as session:
        session.scalars(select(IngestPiece).where(IngestPiece.sheaf_id == 2)).one().payload = b"no rows"
    assert publish_all(house) == 2
    assert states(house) == ["loaded", "failed", "loaded"]


def narrow(tmp_path: Path, memory: str) -> House:
    """A house whose warehouse may use little memory, with three lots waiting; the second is too large for it."""
    settings = workspace(tmp_path / "home", secret_key="one key for all the houses of the test", memory=memory)
    house = assemble(settings)
    intake = Intake(house)
    for number in range(3):
        post(house, intake, Sending(str(number), (("S0-1", number + 1), (f"S0-2{number}", number + 1))))
    with house.database.write() as session:
        piece = session.scalars(select(IngestPiece).where(IngestPiece.sheaf_id == 2)).one()
        rows = pa.ipc.open_stream(piece.payload).read_all()
        at = rows.column_names.index("chain_id")
        chains = [random.Random(number).randbytes(16_000_000).hex() for number in range(rows.num_rows)]
        piece.payload = packed(rows.set_column(at, "chain_id", pa.array(chains)))
    return house


def test_a_lot_that_there_is_no_room_for_is_tried_three_times_then_set_aside_and_the_others_go_on(
    house: House, tmp_path: Path
) -> None:
    house.close()
    house = narrow(tmp_path, memory="40MB")
    publisher = Publisher(house)
    tries = [publisher.publish() for _ in range(3)]
    assert tries == [1, 0, 1]
    assert states(house) == ["loaded", "failed", "loaded"]
    assert prices_now(house) == {"S0-1": 3, "S0-20": 1, "S0-22": 3}
    with house.database.read() as session:
        told = ingest.find(session, house.local_administrator(), "2")
    assert (told.state, told.reason.startswith("There is not enough room on the disk or in memory")) == ("failed", True)
    seen = CliRunner().invoke(salient, ["imports"], env={"SALIENT_HOME": str(house.settings.home), "SALIENT_DEMO": "1"})
    assert "2 rows of sales" in seen.output
    assert "There is not enough room on the disk or in memory" in seen.output
    house.close()


def test_until_a_lot_is_set_aside_no_later_one_overtakes_it(house: House, tmp_path: Path) -> None:
    house.close()
    house = narrow(tmp_path, memory="40MB")
    assert Publisher(house).publish() == 1
    assert prices_now(house) == {"S0-1": 1, "S0-20": 1}
    house.close()
    roomy = assemble(replace(house.settings, memory="4GB"))
    assert publish_all(roomy) == 2
    assert prices_now(roomy)["S0-1"] == 3
    roomy.close()


@pytest.mark.postgres
@pytest.mark.parametrize("key", ["C\0", random.Random(1).randbytes(12_000).hex()])
def test_a_name_that_a_server_takes_for_no_key_is_set_aside_with_its_reason(
    postgres_url: str, tmp_path: Path, key: str
) -> None:
    url = new_database(postgres_url)
    settings = workspace(tmp_path / "home", secret_key="one key for all the houses of the test", warehouse_url=url)
    begin(settings)
    house = assemble(settings)
    intake = Intake(house)
    for number in range(3):
        post(house, intake, Sending(str(number), ((f"S0-{number}", number + 1),)))
    with house.database.write() as session:
        piece = session.scalars(select(IngestPiece).where(IngestPiece.sheaf_id == 2)).one()
        rows = pa.ipc.open_stream(piece.payload).read_all()
        at = rows.column_names.index("line_key")
        piece.payload = packed(rows.set_column(at, "line_key", pa.array([key])))
    publish_all(house)
    assert (states(house)[0], states(house)[2]) == ("loaded", "loaded")
    with house.database.read() as session:
        reason = session.scalars(select(IngestSheaf.reason).where(IngestSheaf.id == 2)).one()
    assert reason.startswith("The load failed and nothing was changed: ")
    house.close()


def test_a_batch_beyond_all_measure_is_refused_alone_where_programs_send_at_once(house: House) -> None:
    viewer, intake = house.local_administrator(), Intake(house)
    endless = row("B", "99999999999999", discount="-99999999999999")
    posts = [
        _Place(Post(viewer, "sales", delivered.from_records([each]).rows, each["document_number"]))
        for each in (row("A"), endless, row("C"))
    ]
    first, refused, last = intake._outcomes(posts)
    assert isinstance(refused, Invalid)
    assert [each.accepted for each in (first, last) if isinstance(each, Batch)] == [1, 1]


def test_few_rows_wait_until_the_last_publication_is_rested_from_and_many_do_not(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scheduler.jobs.ingest.VISIBLE_WITHIN_S", 10_000.0)
    intake, publisher = Intake(house), Publisher(house)
    post(house, intake, Sending("first", (("S0-1", 1),)))
    assert publisher.beat() == 1
    post(house, intake, Sending("few", (("S0-1", 2),)))
    assert publisher.beat() == 0
    post(house, intake, Sending("many", tuple((f"S1-{number}", 3) for number in range(MANY_ROWS))))
    assert publisher.beat() == 2
    assert prices_now(house)["S0-1"] == 2


def test_months_that_nothing_was_sent_for_stay_as_they_were(house: House) -> None:
    with house.engine.snapshot() as snapshot:
        before = snapshot.generation
    post(house, Intake(house), Sending("one", (("S0-1", 5),)))
    publish_all(house)
    with house.engine.snapshot() as snapshot:
        now = snapshot.generation
    old, new = date(2024, 1, 1), date(2026, 11, 1)
    assert now.month_version("sales_line", old) == before.month_version("sales_line", old) > 0
    assert now.month_version("sales_line", new) > before.month_version("sales_line", new)


def test_batches_are_forgotten_and_their_counts_stay(house: House) -> None:
    post(house, Intake(house), Sending("one", (("S0-1", 5),)))
    with house.database.write() as session:
        assert ingest.forget(session, later() + 3 * ingest.LOADED_KEPT) == 0
    publish_all(house)
    with house.database.write() as session:
        assert ingest.forget(session, later() + 3 * ingest.LOADED_KEPT) == 1
        (rows,) = ingest.days_since(session, date(2026, 1, 1)).values()
        assert [(row.kind, row.rows, row.accepted) for row in rows] == [("sales", 1, 1)]
    assert states(house) == []
