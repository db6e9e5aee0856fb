"""`salient print`: a view as a file."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from app.assembly import assemble
from app.cli.asking import viewer_as
from app.config import read_settings
from app.handing import handed
from app.reporting import taken_away
from app.telling import notice
from app.values.document import Document
from app.values.errors import Invalid
from app.values.view import View
from layouts.render.formats import FORMATS

_REPORT = re.compile(r"^(?:https?://[^/]+)?/reports/([\w-]+)$")


@click.command(name="print")
@click.argument("view_url")
@click.option("--format", "ending", type=click.Choice([each.id for each in FORMATS]), required=True)
@click.option("--as", "email", help="Print as this user sees it (default: the local administrator).")
@click.option("--out", type=click.Path(dir_okay=True, path_type=Path), help="A file or folder (default: stdout).")
def print_(view_url: str, ending: str, email: str | None, out: Path | None) -> None:
    """Write VIEW-URL, a dashboard, one panel of it or a report (/reports/…), as a file."""
    house = assemble(read_settings())
    try:
        viewer, report = viewer_as(house, email), _REPORT.search(view_url)
        if report is None:
            made = handed(house, viewer, View.parse(view_url), ending)
        else:
            made = taken_away(house, viewer, report[1], ending)
    finally:
        house.close()
    if out is None:
        sys.stdout.buffer.write(made.content)
        return
    _write(made, out / made.name if out.is_dir() else out)


def _write(made: Document, path: Path) -> None:
    try:
        path.write_bytes(made.content)
    except OSError as error:
        raise Invalid("{path} cannot be written: {error}.", path=path, error=error.strerror or error) from None
    notice(f"{path} ({len(made.content):,} bytes)")
