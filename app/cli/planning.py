"""`salient schedule …`: the scheduler process; and schedules added, listed and run at the command line."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import click

from app.assembly import House, assemble
from app.config import read_settings
from app.handing import offer
from app.services import accounts, schedules
from app.services.drafts import Draft
from app.telling import notice, write_table
from app.values.recurrence import Recurrence
from app.values.words import words


@click.group(invoke_without_command=True)
@click.option("--once", is_flag=True, help="Do what is due now and leave.")
@click.pass_context
def schedule(context: click.Context, once: bool) -> None:
    """The scheduler process: sends what is due, makes files, checks alerts, keeps the house tidy."""
    if context.invoked_subcommand is not None:
        return
    from app.running import run_scheduler

    run_scheduler(read_settings(), once=once)


@schedule.command()
@click.argument("name")
@click.argument("views", nargs=-1, required=True)
@click.option("--as", "email", required=True, help="Whose schedule it is.")
@click.option(
    "--when", required=True, help='E.g. "weekdays at 07:00", "working day 2 of quarter at 07:00", "0 7 * * 1".'
)
@click.option("--to", "recipients", multiple=True, required=True, help="An address, role:ID or team:KEY; may repeat.")
@click.option("--format", "formats", multiple=True, default=("pdf",), show_default=True, help="May be repeated.")
@click.option("--zone", help="The time zone that --when is meant in (default: the person's).")
@click.option("--as-one", is_flag=True, help="All views as sections of one PDF or PowerPoint.")
def add(
    name: str,
    views: tuple[str, ...],
    email: str,
    when: str,
    recipients: tuple[str, ...],
    formats: tuple[str, ...],
    zone: str | None,
    as_one: bool,
) -> None:
    """Have VIEWS sent regularly under NAME."""
    house = assemble(read_settings())
    try:
        viewer = house.viewer_named(email)
        to = tuple(_recipient(house, each) for each in recipients)
        draft = Draft(name, views, formats, when, zone or viewer.context.zone, to, as_one=as_one)
        with house.database.write() as session:
            card = schedules.create(session, viewer, draft, offer(house))
        print(card.id)
        notice(f"Next: {_local(card.next_due, card.draft.zone)}.")
    finally:
        house.close()


@schedule.command("list")
@click.option("--as", "email", required=True, help="Whose schedules; an administrator sees everybody's.")
def list_(email: str) -> None:
    """Schedules with when they come next."""
    house = assemble(read_settings())
    try:
        viewer = house.viewer_named(email)
        with house.database.read() as session:
            found = schedules.listed(session, viewer)
    finally:
        house.close()
    t = words(viewer.context.locale)
    rows = [
        (
            each.id,
            each.draft.name,
            each.owner,
            Recurrence.parse(each.draft.recurrence).said(t),
            "paused" if each.paused_at else _local(each.next_due, each.draft.zone),
        )
        for each in found
    ]
    write_table(["Id", "Name", "Owner", "When", "Next"], rows)


@schedule.command()
@click.argument("schedule_id")
@click.option("--as", "email", required=True, help="Its owner, or an administrator.")
def run(schedule_id: str, email: str) -> None:
    """Let a schedule be due now, for all its recipients; the scheduler process sends it."""
    house = assemble(read_settings())
    try:
        with house.database.write() as session:
            card = schedules.send_now(session, house.viewer_named(email), schedule_id)
    finally:
        house.close()
    notice(f"{card.draft.name} is due now.")


def _recipient(house: House, text: str) -> str:
    """A person's address is the person; any other address is outside."""
    if ":" in text:
        return text
    with house.database.read() as session:
        people = {person.email: person.id for person in accounts.list_users(session, "cli")}
    known = people.get(text.strip().lower())
    return f"address:{text}" if known is None else f"person:{known}"


def _local(instant: datetime | None, zone: str) -> str:
    return "" if instant is None else instant.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
