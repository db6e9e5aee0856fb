"""An office with a demo company, a clock set by hand and a mail server: where sending by schedule is tried."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from app.assembly import House, assemble
from app.channels.ways import ways
from app.config import Settings
from app.models.delivery import Delivery
from app.models.schedule import Run
from app.services import schedules
from app.services.drafts import Draft, Offer
from app.values.condition import ALWAYS, Condition
from app.values.viewer import Viewer
from layouts.render.formats import FORMATS
from scheduler.desk import Desk
from scheduler.pool import Here
from scheduler.tick import tick
from tests.channels.servers import Postbox
from tests.services.salient import with_demo, workspace

LINES = 6_000
MONDAY = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)
"""07:00 in Berlin."""

ZONE = "Europe/Berlin"
EVERY_MORNING = "0 7 * * *"
OVERVIEW = "/d/overview/net-sales?period=2025"
SECRET = "one key for all the houses of the test"


@dataclass
class Clock:
    """An instant that moves when it is told to."""

    at: datetime = MONDAY - timedelta(hours=1)

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **given: float) -> None:
        self.at += timedelta(**given)


@dataclass
class Office:
    """A house with its desk and clock, and the mail server."""

    settings: Settings
    box: Postbox
    house: House = field(init=False)
    clock: Clock = field(default_factory=Clock)
    desk: Desk = field(init=False)

    def __post_init__(self) -> None:
        self.house = assemble(self.settings)
        self.desk = Desk(self.house, Here(self.house), ways(self.settings), self.clock)

    def close(self) -> None:
        self.desk.close()
        self.house.close()

    def viewer(self, name: str) -> Viewer:
        return self.house.viewer_named(f"{name}@salient.example")

    def person(self, name: str) -> str:
        return f"person:{self.viewer(name).id}"

    def offer(self) -> Offer:
        house = self.house
        kinds = frozenset(each.id for each in FORMATS)
        metrics = {name: each.needs for name, each in house.catalogue.metrics.items()}
        return Offer(house.dashboards, kinds, frozenset(self.desk.channels), metrics)

    def schedule(
        self,
        *names: str,
        by: str = "erin",
        views: tuple[str, ...] = (OVERVIEW,),
        condition: Condition = ALWAYS,
        recipients: tuple[str, ...] = (),
        recurrence: str = EVERY_MORNING,
        formats: tuple[str, ...] = ("csv",),
        as_one: bool = False,
    ) -> str:
        """Have something sent every morning at seven in Berlin; returns the schedule's id."""
        draft = Draft(
            name="How we stand",
            views=views,
            formats=formats,
            recurrence=recurrence,
            zone=ZONE,
            recipients=(*(self.person(name) for name in names), *recipients),
            condition=condition,
            as_one=as_one,
        )
        with self.house.database.write() as session:
            card = schedules.create(session, self.viewer(by), draft, self.offer(), now=self.clock())
        return card.id

    def tick(self, **later: float) -> int:
        self.clock.pass_by(**later)
        return tick(self.desk)

    def deliveries(self) -> dict[str, tuple[str, str]]:
        """Recipient → (state, reason), notices left out."""
        with self.house.database.read() as session:
            rows = session.scalars(select(Delivery).where(Delivery.notice == "").order_by(Delivery.id))
            return {row.address or row.recipient: (row.state, row.reason) for row in rows}

    def runs(self) -> list[tuple[str, str]]:
        """(state, reason) of every run, the oldest first."""
        with self.house.database.read() as session:
            return [(run.state, run.reason) for run in session.scalars(select(Run).order_by(Run.due_at))]

    def got(self) -> dict[str, list[str]]:
        """Address → the names of the messages it was sent, notices left out."""
        found: dict[str, list[str]] = {}
        for message in self.box.messages:
            if "About your schedule" not in str(message["Subject"]):
                found.setdefault(str(message["To"].addresses[0].addr_spec), []).append(str(message["Message-ID"]))
        return found

    def file(self, name: str) -> str:
        """The text of the file in the newest message to somebody."""
        to = f"{name}@salient.example"
        mine = [each for each in self.box.messages if each["To"].addresses[0].addr_spec == to]
        (attached,) = (each for each in mine[-1].iter_attachments() if each.get_filename())
        content = attached.get_payload(decode=True)
        assert isinstance(content, bytes)
        return content.decode()


Open = Callable[..., Office]


def company(home: Path) -> Settings:
    """The demo company that all offices are copied from."""
    return with_demo(workspace(home, secret_key=SECRET), LINES)


def copied(template: Path, home: Path, box: Postbox, database_url: str | None = None) -> Settings:
    """A company of its own in a folder of its own, with the mail server."""
    shutil.copytree(template, home, ignore=shutil.ignore_patterns("cache", "scratch"))
    settings = workspace(home, secret_key=SECRET, smtp_url=f"smtp://127.0.0.1:{box.port}?starttls=none")
    return replace(settings, database_url=database_url, today=None)
