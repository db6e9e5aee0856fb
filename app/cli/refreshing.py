"""`salient refresh …`: sources that are loaded by the clock, added, listed, asked for at once and removed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from app.assembly import House, assemble
from app.config import read_settings
from app.services import refreshes
from app.telling import notice, write_table
from app.values.viewer import Viewer

AS = click.option("--as", "email", required=True, help="An administrator; told by mail when it fails.")


@click.group()
def refresh() -> None:
    """Sources that the scheduler loads by the clock."""


@refresh.command()
@click.argument("name")
@click.argument("mapping")
@click.argument("source")
@AS
@click.option("--when", required=True, help='E.g. "weekdays at 06:30", "0 6 * * 1-5".')
@click.option("--zone", help="The time zone that --when is meant in (default: the person's).")
def add(name: str, mapping: str, source: str, email: str, when: str, zone: str | None) -> None:
    """Load SOURCE through MAPPING regularly under NAME. A password of SOURCE stands in the environment: ${NAME}.

    A schedule that is to send fresh figures only says so itself ("the newest sale: of the same day").
    """
    with _opened(email) as (house, viewer):
        with house.database.write() as session:
            card = refreshes.create(
                session,
                viewer,
                name=name,
                mapping=mapping,
                source=source,
                recurrence=when,
                zone=zone or viewer.context.zone,
                calendar=house.settings.calendar(),
            )
        print(card.id)
        notice(f"Next: {_local(card.next_due, card.zone)}.")


@refresh.command("list")
@AS
def list_(email: str) -> None:
    """Refreshes with when they come next, and how they ended."""
    with _opened(email) as (house, viewer), house.database.read() as session:
        found = refreshes.listed(session, viewer)
    rows = [
        (each.id, each.name, each.mapping, each.source, _local(each.next_due, each.zone), each.state, each.reason)
        for each in found
    ]
    write_table(("id", "name", "mapping", "source", "next", "state", "how it ended"), rows)


@refresh.command()
@click.argument("refresh_id")
@AS
def run(refresh_id: str, email: str) -> None:
    """Let it be due at once; the scheduler loads it."""
    with _opened(email) as (house, viewer), house.database.write() as session:
        refreshes.ask_now(session, viewer, refresh_id)
    notice("The scheduler loads it now; `salient refresh list` tells how it ended.")


@refresh.command()
@click.argument("refresh_id")
@AS
def remove(refresh_id: str, email: str) -> None:
    """Load it no more."""
    with _opened(email) as (house, viewer), house.database.write() as session:
        refreshes.remove(session, viewer, refresh_id)


@contextmanager
def _opened(email: str) -> Iterator[tuple[House, Viewer]]:
    house = assemble(read_settings())
    try:
        yield house, house.viewer_named(email)
    finally:
        house.close()


def _local(instant: datetime | None, zone: str) -> str:
    return "" if instant is None else instant.astimezone(ZoneInfo(zone)).strftime("%a %Y-%m-%d %H:%M")
