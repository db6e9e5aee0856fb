"""Sending: a schedule with a thousand recipients in 120 scopes, handed to a mail server on loopback."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import select

from app.models.delivery import Delivery
from app.models.schedule import Run
from app.services import accounts, schedules
from app.services.drafts import Draft
from scheduler.pool import Pool
from tests.bench.measure import Results
from tests.channels.servers import Postbox, mail_server
from tests.scheduler.office import EVERY_MORNING, ZONE, Office, company, copied

RECIPIENTS, SCOPES = 1_000, 120
LIMIT_S = 180


class Forgetful(Postbox):
    """A mail server that keeps no message: what is measured is the scheduler."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.taken.append((envelope.rcpt_tos[0], b""))
        return "250 OK"


def measure(results: Results, recipients: int = RECIPIENTS, scopes: int = SCOPES) -> None:
    """Wall time, documents drawn per scope, and how much the memory grows between a quarter of the way and the end."""
    with tempfile.TemporaryDirectory() as folder, mail_server(Forgetful()) as box:
        home = Path(folder) / "template"
        company(home)
        office = Office(copied(home, Path(folder) / "home", box), box)
        shutil.rmtree(home)
        people = hired(office, recipients, scopes)
        office.desk = replace(office.desk, maker=Pool(office.settings, size=2))
        draft = Draft("Overview", ("/d/overview",), ("pdf",), EVERY_MORNING, ZONE, people)
        with office.house.database.write() as session:
            schedules.create(session, office.viewer("erin"), draft, office.offer(), now=office.clock())
        watched = Watched(box, recipients)
        begun = time.perf_counter()
        office.tick(hours=1)
        seconds = time.perf_counter() - begun
        grown = watched.grown()
        with office.house.database.read() as session:
            states = Counter(session.scalars(select(Delivery.state)))
            drawn = session.scalars(select(Run.audiences)).one()
        assert states == {"sent": recipients}, states
        assert len(box.taken) == recipients
        results.add(f"{recipients:,} mails with the overview as PDF, {scopes} scopes", seconds, "s", at_most=LIMIT_S)
        results.add("documents per scope", drawn / scopes, "×", at_most=1)
        results.add("memory of the scheduler, from a quarter of the mails to all", grown, "MB more", at_most=80)
        office.close()


def hired(office: Office, recipients: int, scopes: int) -> tuple[str, ...]:
    """So many people with so many different scopes: reps, and leads of two countries."""
    context = office.house.local_administrator().context
    reps = [each.key for each in office.house.asker.members("rep", context, limit=scopes)]
    countries = [each.key for each in office.house.asker.members("country", context, limit=100)]
    pairs = [[f"country:{one}", f"country:{other}"] for one in countries for other in countries if one < other]
    rights: list[dict[str, object]] = [{"role": "rep", "rep_key": key} for key in reps]
    rights += [{"role": "regional-lead", "place_keys": pair} for pair in pairs]
    assert len(rights) >= scopes
    people = []
    with office.house.database.write() as session:
        for number in range(recipients):
            email, given = f"reader{number}@salient.example", rights[number % scopes]
            user = accounts.add_user(session, "cli", email=email, name=f"Reader {number}", **given)  # type: ignore[arg-type]
            people.append(f"person:{user.id}")
    return tuple(people)


class Watched:
    """How large this process is as the mails go out."""

    def __init__(self, box: Postbox, recipients: int) -> None:
        self.sizes: list[tuple[int, float]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, args=(box,), daemon=True)
        self._quarter = recipients // 4
        self._thread.start()

    def _watch(self, box: Postbox) -> None:
        while not self._over.wait(0.2):
            pages = int(Path(f"/proc/{os.getpid()}/statm").read_text().split()[1])
            self.sizes.append((len(box.taken), pages * 4096 / 1e6))

    def grown(self) -> float:
        """Megabytes between a quarter of the mails and the end."""
        self._over.set()
        self._thread.join()
        early = max((size for sent, size in self.sizes if sent <= self._quarter), default=0)
        return max(size for _, size in self.sizes) - early
