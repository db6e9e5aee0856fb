"""`salient demo | import | imports | templates | warehouse`: what is in the warehouse and how it came there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import click

from app.assembly import assemble, current_day, open_application_database, open_warehouse
from app.cli.asking import print_frame
from app.config import read_settings
from app.services import imports as services
from app.services import ingest
from app.telling import notice, progress_bar, write_table
from app.values.errors import NotFound
from app.values.period import Period
from app.values.selection import Filter
from queries.query import Query
from queries.warehouse.demo import build_demo, stories
from queries.warehouse.engines.engine import Engine, Generation
from queries.warehouse.load import LoadReport, LoadSummary, import_detail, write_templates
from queries.warehouse.load import imports as past_imports

ACTOR = "cli"

OLD = timedelta(days=60)
"""Data that ends longer ago leaves this quarter and this month empty."""


@click.group()
def demo() -> None:
    """The demo company."""


@demo.command("build")
@click.option("--lines", type=click.IntRange(1), help="About so many order lines (default: the setting, 300,000).")
@click.option("--seed", type=int, default=1, show_default=True)
def demo_build(lines: int | None, seed: int) -> None:
    """Build the demo company anew, up to today."""
    settings = read_settings()
    engine = open_warehouse(settings)
    with progress_bar() as progress:
        report = build_demo(
            engine,
            lines=lines or settings.demo_lines,
            seed=seed,
            today=current_day(settings),
            scratch=settings.home.resolve() / "scratch",
            progress=progress,
        )
    with open_application_database(settings).write() as session:
        services.tell_demo(session, ACTOR, report, seed)
    notice(f"Built {report.lines:,} order lines as generation {report.published.generation}.")


@demo.command("stories")
def demo_stories() -> None:
    """What was planted in the demo company, with the figures that show it."""
    house = assemble(read_settings())
    context = house.local_administrator().context
    for story in stories(house.today()):
        print(f"{story.id}: {story.title}\n  {story.happened}\n")
        for question in story.questions:
            print(f"  $ {question.command()}")
            query = Query(
                metrics=question.metrics,
                by=question.by,
                where=tuple(Filter(level, members) for level, members in question.where),
                period=Period.parse(question.period),
                versus=question.versus,
            )
            print_frame(house.asker.ask(query, context), context.locale)
            print()


@click.command("import")
@click.argument("mapping")
@click.argument("source")
@click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="A setting of the mapping.")
@click.option("--accept-rejects", is_flag=True, help="Go on although more than 5 % of the rows are quarantined.")
def import_(mapping: str, source: str, dry_run: bool, given: tuple[str, ...], accept_rejects: bool) -> None:
    """Load SOURCE (a folder or a database URL) through MAPPING (a shipped name or a file)."""
    settings = read_settings()
    engine = open_warehouse(settings)
    before = _current(engine)
    with progress_bar() as progress:
        report = services.bring_in(
            settings,
            engine,
            None if dry_run else open_application_database(settings),
            ACTOR,
            mapping,
            source,
            given=dict(pair.partition("=")[::2] for pair in given),
            accept_rejects=accept_rejects,
            dry_run=dry_run,
            progress=progress,
        )
    _say(report, notice)
    if not dry_run:
        _say_what_changed(before, _current(engine), current_day(settings))


def _current(engine: Engine) -> Generation | None:
    """The generation that stands, which after going back is not the newest; None where there is none."""
    try:
        with engine.snapshot() as snapshot:
            return snapshot.generation
    except NotFound:
        return None


def _say_what_changed(before: Generation | None, now: Generation | None, today: date) -> None:
    if now is None:
        return
    if before is not None and before.is_demo and not now.is_demo:
        notice("This replaced the demo company; `salient warehouse rollback` brings it back.")
    if now.as_of is not None and today - now.as_of > OLD:
        notice(f"The newest sale is of {now.as_of}: set SALIENT_TODAY={now.as_of} to look at the company as of then.")


@click.command()
@click.argument("load_id", type=int, required=False)
def imports(load_id: int | None) -> None:
    """Past loads; with an id, that load's totals and quarantined rows."""
    settings = read_settings()
    home = settings.home.resolve()
    summaries = past_imports(home, open_warehouse(settings))
    if load_id is not None:
        status = {summary.id: summary.status for summary in summaries}
        report = import_detail(home, load_id)
        _say(replace(report, status=status.get(load_id, report.status)), print)
        return
    header = ("id", "when", "mapping", "status", "rows in", "loaded", *_FATES, "quarantined", "duplicates")
    write_table(header, [_listed(summary) for summary in summaries], right=(True, *(False,) * 3, *(True,) * 7))
    with open_application_database(settings).read() as session:
        for batch, reason in ingest.set_aside(session):
            told = f"{batch.accepted:,} rows of {batch.kind} (batch {batch.id} of {batch.sender}"
            notice(f"{told}, {batch.received_at:%Y-%m-%d %H:%M}) were set aside: {reason}")


_FATES = ("new", "changed", "unchanged")


def _listed(summary: LoadSummary) -> tuple[str, ...]:
    fates = [getattr(summary, fate) for fate in _FATES]
    # A load killed once its rows stood was not there to count them.
    is_counted = any(fates) or not summary.loaded
    return (
        str(summary.id),
        f"{summary.started:%Y-%m-%d %H:%M}",
        summary.mapping,
        summary.status,
        f"{summary.rows_in:,}",
        "?" if summary.status == "unknown" else f"{summary.loaded:,}",
        *(f"{count:,}" if is_counted else "–" for count in fates),
        f"{summary.quarantined:,}",
        f"{summary.duplicates:,}",
    )


def _say(report: LoadReport, tell: Callable[[str], object]) -> None:
    """A load in lines: what came in, where it went, whether the money agrees, and each row kept out."""
    tell(f"{report.mapping} from {report.source}: {report.status}, {report.seconds:.1f} s")
    if report.status == "interrupted":
        tell("  it was stopped before its rows stood: nothing of it was loaded")
    elif report.status == "unknown":
        tell("  it was stopped, and the states of that time are gone: whether its rows stood cannot be told any more")
    elif report.new or report.changed or report.unchanged:
        tell(f"  {report.new:,} new, {report.changed:,} changed, {report.unchanged:,} unchanged")
    fate = "loaded" if report.status == "loaded" else "fit to load"
    for feed in report.feeds:
        tell(
            f"  {feed.table}: {feed.title} — {feed.rows_in:,} rows in = {feed.loaded:,} {fate}"
            f" + {feed.quarantined:,} quarantined + {feed.duplicates:,} duplicates"
        )
    for total in report.totals:
        tell(f"  {total.table}: {total.title} — {total.source:,} {total.currency} in, {total.loaded:,} {fate}")
    for row in report.quarantined:
        tell(f"  kept out: {row.source}, line {row.line}, {row.column}: {row.reason} ({row.raw!r})")
    for line in report.notes:
        tell(f"  {line}")


@click.group()
def templates() -> None:
    """Our own CSV and Excel templates (mapping `template`)."""


@templates.command("write")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
def templates_write(directory: Path) -> None:
    """Write the templates, with a guide, into DIRECTORY."""
    for path in write_templates(directory):
        notice(f"Wrote {path}")


@click.group()
def warehouse() -> None:
    """The warehouse's generations."""


@warehouse.command()
def versions() -> None:
    """The generations that are kept, newest first."""
    engine = open_warehouse(read_settings())
    now = _current(engine)
    rows = [
        (
            str(each.number),
            each.created_at.strftime("%Y-%m-%d %H:%M"),
            f"{each.lines:,}",
            str(each.as_of or ""),
            each.source,
            each.note,
            "current" if now is not None and each.number == now.number else "",
        )
        for each in engine.versions()
    ]
    write_table(("generation", "made", "lines", "as of", "source", "note", ""), rows, right=(True, False, True))


@warehouse.command()
@click.argument("number", type=int, required=False)
def rollback(number: int | None) -> None:
    """Go back to the generation before, or to NUMBER."""
    settings = read_settings()
    database = open_application_database(settings)
    generation = services.roll_back(database, ACTOR, open_warehouse(settings), number)
    notice(f"Generation {generation.number} of {generation.created_at:%Y-%m-%d %H:%M} is current again.")


@warehouse.command()
def compact() -> None:
    """Fold small additions into one base; figures do not change."""
    settings = read_settings()
    generation = services.compact(open_application_database(settings), ACTOR, open_warehouse(settings))
    notice(f"Generation {generation.number} is one base of {generation.lines:,} lines.")
