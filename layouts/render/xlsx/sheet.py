"""Sheet: one panel: what it is, what it says, its table, and its picture beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from app.values.words import words
from layouts.answered import AnsweredPanel
from layouts.handout import Handout
from layouts.native import NativeChart, NativeGrid, native
from layouts.render.xlsx.chart import put_chart, put_grid
from layouts.render.xlsx.look import Look, clean, write_link, write_own, write_text
from layouts.render.xlsx.table import write_table

LONGEST = 31
"""Letters of a sheet's name."""

HEADER = 5
"""The row of the table's header, counted from 0."""

MOST_HEADER = 120
"""Letters of a header, which may be twice as many where all are ampersands."""

PAPERS = {"a4": 9, "letter": 1}

_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]+")
_RESERVED = {"history"}


def sheet_names(titles: Iterable[str]) -> list[str]:
    """A name for each title: at most 31 letters, without what spreadsheets forbid, no two alike whatever their case."""
    taken = set(_RESERVED)
    found = []
    for title in titles:
        base = " ".join(_FORBIDDEN.sub(" ", title).split()).strip("'") or "–"
        name, count = shortened(base, LONGEST), 1
        while name.casefold() in taken:
            count += 1
            mark = f" ({count})"
            name = shortened(base, LONGEST - len(mark)) + mark
        taken.add(name.casefold())
        found.append(name)
    return found


def shortened(text: str, most: int) -> str:
    """At most so many letters, the cut marked."""
    return text if len(text) <= most else text[: most - 1].rstrip(" '") + "…"


def write_panel(
    workbook: Workbook, sheet: Worksheet, answered: AnsweredPanel, handout: Handout, look: Look, cover: str
) -> None:
    """Title, unit, finding, table, chart and notes; of a panel without an answer its sentence."""
    t = words(handout.context.locale)
    _head(sheet, answered, handout, look, cover)
    frame = answered.frame
    if answered.state != "ready" or frame is None:
        write_text(sheet, HEADER, 0, answered.sentence, look(font_size=11, font_color="muted"))
        sheet.set_column(0, 0, 60)
        page(sheet, handout)
        return
    laid = write_table(sheet, frame, handout, look, HEADER)
    below = laid.last + 3
    sheet.set_row(HEADER, 32)
    sheet.freeze_panes(HEADER + 1, 0)
    match native(answered):
        case NativeChart() as chart:
            put_chart(workbook, sheet, answered, chart, laid, look)
        case NativeGrid() as grid:
            put_grid(sheet, grid, frame, laid, look, handout.context.locale)
    partial = [t("{plan}: {covered}", plan=t(plan), covered=said) for plan, said in frame.partial.items()]
    for at, said in enumerate(dict.fromkeys((*answered.notes, *partial, *laid.notes))):
        write_text(sheet, below + at, 0, said, look(font_color="muted"))
    page(sheet, handout, HEADER)


def _head(sheet: Worksheet, answered: AnsweredPanel, handout: Handout, look: Look, cover: str) -> None:
    t = words(handout.context.locale)
    sheet.hide_gridlines(2)
    sheet.set_row(0, 28)
    write_text(sheet, 0, 0, answered.title, look(font_size=16, bold=True, font_color="ink"))
    write_own(sheet, 1, 0, answered.unit_line, look(font_color="muted"))
    write_text(sheet, 2, 0, answered.finding, look(font_size=11, font_color="ink"))
    link = look(font_color="brand", underline=1)
    write_link(sheet, 3, 0, f"internal:'{cover}'!A1", f"← {t('Contents')}", link)
    address = handout.link_of(answered)
    if address.startswith(("https://", "http://")):
        write_link(sheet, 3, 1, address, t("Live view"), link)


def page(sheet: Worksheet, handout: Handout, header: int | None = None) -> None:
    """How it is printed: one page wide, the table's header on every page, who it is for and the page below."""
    template, t = handout.template, words(handout.context.locale)
    sheet.set_paper(PAPERS[template.size])
    if template.turn == "portrait":
        sheet.set_portrait()
    else:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
    if header is not None:
        sheet.repeat_rows(header)
    if template.header:
        sheet.set_header(f"&L&9{_coded(shortened(template.header, MOST_HEADER))}")
    middle = _coded(shortened(template.footer or handout.title, 50))
    of = t("Page {page} of {pages}", page="&P", pages="&N")
    sheet.set_footer(f"&L&9{_coded(shortened(handout.made_for, 40))}&C&9{middle}&R&9{of}")


def _coded(text: str) -> str:
    """Text of a header or footer, where an ampersand begins a code and a digit may not follow the size."""
    escaped = clean(text).replace("&", "&&")
    return f" {escaped}" if escaped[:1].isdigit() else escaped
