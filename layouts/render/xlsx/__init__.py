"""XLSX: a handout as a workbook: a cover, and a sheet a panel with typed cells, sums and a chart of its own."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from xlsxwriter.workbook import Workbook

from app.values.document import Document
from app.values.words import words
from layouts.handout import Handout
from layouts.render.kind import Format
from layouts.render.xlsx.cover import write_cover
from layouts.render.xlsx.look import PLAIN_TEXT, Look, described
from layouts.render.xlsx.rows import Head, rows_workbook
from layouts.render.xlsx.sheet import sheet_names, write_panel

__all__ = ["FORMAT", "MEDIA_TYPE", "Head", "document", "rows_workbook"]

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def document(handout: Handout) -> Document:
    """The whole handout as one workbook; equal handouts make equal bytes.

    Figures are the answer's, unrounded, shown to the minor unit; totals are formulas where these make the asked
    figure. What fifteen digits do not hold is written as text.
    """
    stream = io.BytesIO()
    workbook = Workbook(stream, {"in_memory": True, **PLAIN_TEXT})
    described(workbook, handout.title, handout.made_for, _as_of(handout))
    look = Look(workbook, handout.template.accent)
    t = words(handout.context.locale)
    turn = {panel_id: at for at, panel_id in enumerate(handout.template.order)}
    panels = tuple(sorted(handout.panels, key=lambda each: turn.get(each.panel.id, len(turn))))
    handout = replace(handout, panels=panels)
    cover, *names = sheet_names([t("Cover"), *(answered.title for answered in panels)])
    first = workbook.add_worksheet(cover)
    first.set_tab_color(look.colours["brand"])
    write_cover(first, handout, names, look)
    for answered, name in zip(panels, names, strict=True):
        write_panel(workbook, workbook.add_worksheet(name), answered, handout, look, cover)
    workbook.close()
    return Document(f"{handout.name}.xlsx", MEDIA_TYPE, stream.getvalue())


def _as_of(handout: Handout) -> date:
    """The day of the data, which two files of the same figures have in common."""
    told: Iterable[date | None] = (each.frame.provenance.as_of for each in handout.panels if each.frame is not None)
    return next((day for day in told if day is not None), handout.context.today)


FORMAT = Format(id="xlsx", title="Excel", media_type=MEDIA_TYPE, write=document)
