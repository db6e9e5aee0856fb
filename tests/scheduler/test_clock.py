"""The scheduler as a process: it does what is due now, and stops in the middle without losing or doubling anything."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from app.models.schedule import Schedule
from app.running import run_scheduler
from tests.scheduler.office import Office


def make_due(office: Office) -> None:
    """Whatever is scheduled is due by the clock on the wall."""
    office.clock.at = datetime.now(UTC)
    with office.house.database.write() as session:
        session.execute(update(Schedule).values(next_due=datetime.now(UTC) - timedelta(seconds=2)))


def test_once_does_what_is_due_and_leaves(office: Office) -> None:
    office.schedule("erin", "sam")
    make_due(office)
    run_scheduler(office.settings, once=True)
    assert {len(each) for each in office.got().values()} == {1}
    assert office.runs() == [("done", "")]


def test_a_scheduler_that_is_told_to_stop_leaves_the_rest_to_the_next(office: Office) -> None:
    office.box.manner = lambda _: "delay"
    office.schedule(recipients=("role:executive", "role:rep", "role:finance", "role:director", "role:marketing"))
    office.schedule("ada", "remy", "tess", "amy")
    make_due(office)
    settings = office.settings
    environment = {
        **os.environ,
        "SALIENT_HOME": str(settings.home),
        "SALIENT_SECRET_KEY": str(settings.secret_key),
        "SALIENT_SMTP_URL": str(settings.smtp_url),
        "SALIENT_DOCUMENT_WORKERS": "0",
        "SALIENT_DEMO": "1",
    }
    process = subprocess.Popen([sys.executable, "-m", "scheduler"], env=environment)
    while not office.box.taken and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    taken = len(office.box.taken)
    assert 0 < taken < 9
    assert {state for state, _ in office.runs()} <= {"queued", "building", "delivering", "done"}
    assert all(state in ("sent", "pending") for state, _ in office.deliveries().values())
    office.clock.at = datetime.now(UTC) + timedelta(seconds=1)
    office.tick()
    assert len(office.box.taken) == 9
    assert set(office.deliveries().values()) == {("sent", "")}
    assert not any(each["X-Salient-Repeat"] for each in office.box.messages)
