"""Refreshes: sources that are due loaded by one scheduler, as the command line loads them; failures told by mail."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit

from app.assembly import House
from app.channels.message import Channel, Message, message_id_for
from app.channels.ways import ways
from app.services import imports, refreshes
from app.services.recipients import reader
from app.services.refreshes import LEASE, PERMISSION, Turn
from app.values.errors import Busy, Refusal
from app.values.words import words
from queries.warehouse.failpoints import failpoint
from queries.warehouse.load import LoadReport
from scheduler.desk import own_name, right_now
from scheduler.lease import heartbeat

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


def load_due(house: House, channels: Mapping[str, Channel], name: str, now: Clock = right_now) -> int:
    """Load every source that is due and free; returns how many were tried."""
    done = 0
    while True:
        with house.database.write() as session:
            turn = refreshes.claim(session, name, now())
        if turn is None:
            return done
        done += 1
        failpoint("refresh-claimed")
        with heartbeat(LEASE, partial(_kept, house, turn, now)):
            _load(house, channels, turn, now)


def refresh(house: House) -> int:
    """The same with connections of its own."""
    channels = ways(house.settings)
    try:
        return load_due(house, channels, own_name())
    finally:
        for each in channels.values():
            each.close()


def _load(house: House, channels: Mapping[str, Channel], turn: Turn, now: Clock) -> None:
    with house.database.read() as session:
        owner = reader(session, f"person:{turn.owner_id}", house.trees(), house.terms(), now())
    if owner.viewer is None or not owner.viewer.may(PERMISSION):
        with house.database.write() as session:
            refreshes.stop(session, turn, str(refreshes.ORPHANED), now())
        return
    failure, told = "", ""
    try:
        if turn.tries > len(refreshes.TRY_AGAIN) + 1:
            # It may be what ends the scheduler: after three it waits for the next of its times.
            raise Busy(refreshes.DIED)
        source = refreshes.filled_in(turn.source)
        report = imports.bring_in(house.settings, house.engine, house.database, owner.viewer, turn.mapping, source)
        told = _summary(report)
        failpoint("refresh-loaded")
    except Refusal as refusal:
        failure = str(refusal.sentence)
    except Exception as error:
        # What goes wrong with a source is its own and may hold an address with a password: the log has the kind only.
        log.warning("refresh %s failed: %s", turn.id, type(error).__name__)
        failure = f"The source could not be loaded ({type(error).__name__})."
    with house.database.write() as session:
        calendar = house.settings.calendar()
        is_bad = refreshes.end(session, turn, failure, told, calendar, now())
    failpoint("refresh-ended")
    if is_bad:
        t = words(owner.viewer.context.locale)
        lines = [
            t("Hello {name},", name=owner.name),
            t("“{name}” could not be loaded, three times in a row: {why}", name=turn.name, why=t(failure)),
            t("It is tried again at the next of its times. What is shown is the state before."),
        ]
        message = Message(
            to=owner.address,
            to_name=owner.name,
            subject=t("The source “{name}” could not be loaded", name=turn.name),
            text="\n\n".join(lines) + "\n",
            message_id=message_id_for("refresh", turn.id, now().isoformat(), domain=_domain(house)),
        )
        outcome = channels["mail"].send(message)
        if outcome.state != "sent":
            log.warning("nobody could be told that refresh %s failed: %s", turn.id, outcome.reason)


def _summary(report: LoadReport) -> str:
    return (
        f"{report.rows_in:,} rows read: {report.new:,} new, {report.changed:,} changed, "
        f"{report.unchanged:,} unchanged, {report.quarantined_count:,} quarantined, {report.duplicates:,} duplicates"
    )


def _kept(house: House, turn: Turn, now: Clock) -> bool:
    """Whether the source is still this scheduler's; then for as long again."""
    with house.database.write() as session:
        return refreshes.keep(session, turn, now())


def _domain(house: House) -> str:
    return urlsplit(house.settings.origin).hostname or "localhost"
