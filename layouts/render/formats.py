"""Formats: every kind of file that a view can be, in the order in which they are offered."""

from __future__ import annotations

from pathlib import Path

from app.values.errors import NotFound
from layouts.render import csv, json, pdf, png, pptx, vega, xlsx
from layouts.render.kind import Format

FORMATS: tuple[Format, ...] = (pdf.FORMAT, xlsx.FORMAT, pptx.FORMAT, csv.FORMAT, json.FORMAT, png.FORMAT)


def known(format_id: str) -> Format:
    """The format of that id. Raises NotFound, naming those that there are."""
    found = next((each for each in FORMATS if each.id == format_id), None)
    if found is None:
        raise NotFound("There is no such format: choose one of {known}.", known=", ".join(each.id for each in FORMATS))
    return found


def use_fonts(folder: Path) -> None:
    """Let papers and pictures take letters that ours lack from the fonts of a folder, in this process."""
    pdf.use_fonts(folder)
    vega.use_fonts(folder)
