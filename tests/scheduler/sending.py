"""Programs that send rows in, over and over, until they are killed; and what must hold of the rows afterwards."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from app.assembly import House, assemble
from app.config import Settings
from app.intake import Intake, Post
from app.models.ingest import IngestBatch, IngestDay, IngestSheaf
from app.services import ledger
from app.services.ingest_batches import Batch
from app.values.scope import Scope
from queries.warehouse.load import delivered
from queries.warehouse.schema import sales_line
from scheduler.jobs.ingest import Publisher, publish_all
from tests.queries.warehouse.staging import line, stage

STANDING = 12
"""Lines that the warehouse holds before anybody sends any."""

SENDERS = 3
"""Programs that send at once, each lines of its own."""


@dataclass(frozen=True)
class Sending:
    """One request: prices by the number of the document. The same twice is the same request."""

    key: str
    prices: tuple[tuple[str, int], ...]

    def rows(self) -> list[dict[str, str]]:
        return [row(document, price) for document, price in self.prices]


def row(document: str, price: int | str = 10, **given: str) -> dict[str, str]:
    """One sales line as a program sends it."""
    return {
        "document_number": document,
        "line_number": "1",
        "order_date": f"2026-11-{1 + sum(map(ord, document)) % 20:02}",
        "customer": "C1",
        "product": "P1",
        "quantity": "1",
        "unit_price": str(price),
    } | given


def sendings(sender: int, seed: int) -> Iterator[Sending]:
    """What one program sends, one after the other: new lines, and lines of before with other prices."""
    chance = random.Random(f"{sender} {seed}")
    for number in range(10_000):
        documents = chance.sample(range(40), chance.choice((1, 1, 2, 5)))
        prices = tuple((f"S{sender}-{each}", 1 + number) for each in documents)
        yield Sending(f"{sender}-{seed}-{number}", prices)


def later() -> datetime:
    """When the turn of a publisher that died is over."""
    return datetime.now(UTC) + timedelta(minutes=5)


def begin(settings: Settings) -> None:
    """A warehouse of a few real lines."""
    house = assemble(settings)
    path = settings.home / "begin.duckdb"
    house.engine.publish(stage(path, sales_line=[line(f"OLD{n}", customer_key="C1") for n in range(STANDING)]))
    house.close()


def post(house: House, intake: Intake, sending: Sending) -> Batch:
    """Send it, again if need be: its key says that it is the same."""
    given = delivered.from_records(sending.rows())
    return intake.take(Post(house.local_administrator(), "sales", given.rows, sending.key, sending.key))


def send_until_killed(settings: Settings, seed: int, acknowledged: str, rounds: int = 40) -> None:
    """Several programs at once; each writes down what was acknowledged before it goes on."""
    house = assemble(settings)
    intake = Intake(house)

    def send(sender: int) -> None:
        with open(f"{acknowledged}-{sender}", "a", encoding="utf-8") as log:
            for number, sending in enumerate(sendings(sender, seed)):
                if number == rounds:
                    break
                post(house, intake, sending)
                log.write(f"{sending.key}\n")
                log.flush()
                os.fsync(log.fileno())

    threads = [threading.Thread(target=send, args=(sender,)) for sender in range(SENDERS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def send_and_publish_until_killed(settings: Settings, seed: int, acknowledged: str) -> None:
    """One program, and a publisher in the same process that works between its requests."""
    house = assemble(settings)
    intake, publisher = Intake(house), Publisher(house)
    with open(f"{acknowledged}-0", "a", encoding="utf-8") as log:
        for number, sending in enumerate(sendings(0, seed)):
            post(house, intake, sending)
            log.write(f"{sending.key}\n")
            log.flush()
            os.fsync(log.fileno())
            if number % 3 == 2:
                publisher.publish()


def read_acknowledged(path: Path, sender: int) -> list[str]:
    """The keys of what a program was told to be kept, in order."""
    log = path.with_name(f"{path.name}-{sender}")
    return log.read_text(encoding="utf-8").split() if log.exists() else []


def prices_now(house: House) -> dict[str, int]:
    """What stands in the warehouse, and that no line stands there twice."""
    with house.engine.snapshot() as snapshot:
        statement = select(sales_line.c.document_key, sales_line.c.net).where(sales_line.c.document_key.like("S%"))
        rows = snapshot.fetch(statement, Scope.everything())
        assert snapshot.generation.lines == len(rows) + STANDING
    assert len(dict(rows)) == len(rows)
    return {key: int(net) for key, net in rows}


def assert_all_is_there_once(settings: Settings, seed: int, acknowledged: Path, senders: Sequence[int]) -> None:
    """Every acknowledged row is there once, and what was not acknowledged whole or absent; sent again, it is there."""
    house = assemble(settings)
    try:
        publish_all(house, later)
        found, again = prices_now(house), list[Sending]()
        wanted: dict[str, int] = {}
        for sender in senders:
            told = read_acknowledged(acknowledged, sender)
            sent = list(zip(sendings(sender, seed), range(len(told) + 1), strict=False))
            expected: dict[str, int] = {}
            for sending, _ in sent[:-1]:
                expected |= dict(sending.prices)
            last = sent[-1][0]
            own = {key: price for key, price in found.items() if key.startswith(f"S{sender}-")}
            assert own in (expected, expected | dict(last.prices)), (sender, len(told))
            again.append(last)
            wanted |= expected | dict(last.prices)
        intake = Intake(house)
        for sending in again:
            first, second = post(house, intake, sending), post(house, intake, sending)
            assert first.id == second.id
        publish_all(house, later)
        assert prices_now(house) == wanted
        assert_reconciles(house)
    finally:
        house.close()


def assert_reconciles(house: House) -> None:
    """The counts of the batches are those of the days, nothing waits, and the ledger holds."""
    names = ("rows", "accepted", "quarantined", "duplicates")
    with house.database.read() as session:
        by_batch = session.execute(select(*(func.sum(getattr(IngestBatch, name)) for name in names))).one()
        by_day = session.execute(select(*(func.sum(getattr(IngestDay, name)) for name in names))).one()
        assert tuple(by_batch) == tuple(by_day)
        assert by_batch[0] == sum(by_batch[1:])
        assert set(session.scalars(select(IngestSheaf.state))) == {"loaded"}
        assert ledger.faults(session) == []
