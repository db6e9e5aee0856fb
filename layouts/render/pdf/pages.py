"""Pages: which rows of panels stand on which page, and how large their pictures are drawn so that they fill it.

Heights are weighed here, before anything is drawn; the templates measure what was drawn and set right what is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

from layouts.answered import AnsweredPanel
from layouts.card import card_face
from layouts.handout import Handout
from layouts.marks import Card, Identity, Ledger, Risks, Rows, SegmentGrid, TreeTable
from layouts.render.pdf.sheet import GAP, PAD, Row, Sheet, widths
from layouts.render.vega import is_chart

SMALLEST, LARGEST = 0.78, 1.18
"""How far pictures give way to another row on their page, and how far they grow into what is left of it."""

SPARE = 0.99
"""The part of a page that is planned for: what is weighed is not what is measured."""

NARROWEST_PICTURE = 330.0
"""Pixels for which a picture is drawn at least, however large it is then set."""

TALLEST = 340
"""Pixels of a picture's height among others: two rows of such stand on a page that lies, and none leaves a third of it
empty. A picture alone is as high as on the screen."""

ROW_ALONE, ROW_BESIDE, FIRST_ROWS = 34, 20, 12
"""Rows of a table that stands whole, alone in its row and beside others; of a longer one the first stand there."""

LINE, MOST_AIR = 17.1, 8.0
"""Pixels of a row of a table, and how many more it gets where its page has room."""

_LETTER = 0.52


@dataclass(frozen=True)
class Page:
    """Rows of panels, how large a pixel of their pictures is beside one of everything else, and `air`: how many pixels
    more than they need the rows of their tables have."""

    rows: tuple[Row, ...]
    zoom: float = 1.0
    air: float = 0.0


def is_picture(answered: AnsweredPanel) -> bool:
    """Whether the panel is drawn; cards, tiles and tables are set, and the grid of segments is one of these."""
    return answered.state == "ready" and is_chart(answered) and not isinstance(answered.mark, SegmentGrid)


def fitted(handout: Handout, sheet: Sheet) -> Handout:
    """The handout with pictures that are no higher than leaves their pages full."""
    if sheet.paper is None or len(handout.panels) == 1:
        return handout
    return replace(handout, panels=tuple(_lowered(each) if is_picture(each) else each for each in handout.panels))


def _lowered(answered: AnsweredPanel) -> AnsweredPanel:
    return replace(answered, mark=replace(answered.mark, height=min(answered.mark.height, TALLEST)))


def is_table(answered: AnsweredPanel) -> bool:
    """Whether the panel is rows and columns on paper."""
    listed = isinstance(answered.mark, Rows | TreeTable | Ledger)
    return answered.state == "ready" and listed and not isinstance(answered.mark, SegmentGrid | Identity)


def is_long(answered: AnsweredPanel, row: Row) -> bool:
    """Whether a table is too long to stand whole among the panels of its row."""
    return is_table(answered) and rows_of(answered) > (ROW_ALONE if len(row) == 1 else ROW_BESIDE)


def rows_of(answered: AnsweredPanel) -> int:
    """Rows of the panel's table."""
    return len(answered.table.rows)


def paged(rows: Sequence[Row], handout: Handout, sheet: Sheet) -> list[Page]:
    """Every row on its page, from the first to the last; a picture is one page without an end."""
    if sheet.paper is None:
        return [Page(tuple(rows), air=MOST_AIR / 2)]
    room = (sheet.paper["height"] - sheet.paper["top"] - sheet.paper["bottom"]) / sheet.unit * SPARE + GAP
    pages: list[Page] = []
    page, used = list[Row](), _head(handout, sheet)
    for row in rows:
        if page and used + sum(_tall(each, sheet, SMALLEST) for each in (*page, row)) > room:
            pages.append(_filled(page, sheet, room - used))
            page, used = [], 0.0
        page.append(row)
    return [*pages, _filled(page, sheet, room - used)] if page else pages


def _filled(rows: Sequence[Row], sheet: Sheet, room: float) -> Page:
    """The rows with pictures as large as fits, and as can be read; what is left goes into the tables."""
    zoom = _zoom(rows, sheet, room)
    left = room - sum(_tall(row, sheet, zoom) for row in rows)
    lines = sum(max(_lines_set(each, alone=len(row) == 1) for each in row) for row in rows)
    return Page(tuple(rows), zoom, round(min(MOST_AIR, max(0.0, left / lines)), 2) if lines else 0.0)


def _zoom(rows: Sequence[Row], sheet: Sheet, room: float) -> float:
    least = sum(_tall(row, sheet, SMALLEST) for row in rows)
    most = sum(_tall(row, sheet, LARGEST) for row in rows)
    if most <= least:
        return 1.0
    zoom = SMALLEST + (LARGEST - SMALLEST) * (room - least) / (most - least)
    drawn = [
        width - 2 * PAD for row in rows for each, width in zip(row, widths(row, sheet), strict=True) if is_picture(each)
    ]
    readable = max(min(drawn) / NARROWEST_PICTURE, 1.0)
    return round(min(max(zoom, SMALLEST), LARGEST, readable), 3)


def _head(handout: Handout, sheet: Sheet) -> float:
    """Pixels above the first row."""
    upright = 0 if sheet.turn == "landscape" else 45
    first, *others = handout.sentences or ("",)
    height = 74.0 + upright + 23 * _lines(first, 18, sheet.wide * 0.92)
    return height + (3 + 17 * _lines(" ".join(others), 13, sheet.wide * 0.92) if others else 0)


def _tall(row: Row, sheet: Sheet, zoom: float) -> float:
    """Pixels of a row and the gap below it."""
    return GAP + max(
        _panel(each, width, zoom, alone=len(row) == 1) for each, width in zip(row, widths(row, sheet), strict=True)
    )


def _panel(answered: AnsweredPanel, width: float, zoom: float, *, alone: bool) -> float:
    if isinstance(answered.mark, Card):
        if answered.state != "ready":
            return 40 + 16.0 * _lines(answered.sentence, 12, width - 24)
        return 126 + 15.4 * len(card_face(answered).rows)
    inner = width - 2 * PAD
    if answered.state != "ready":
        return 74 + 17.0 * _lines(answered.sentence, 13, inner - 20)
    height = 2 * PAD + 23 + (17 if answered.unit_line else 0)
    if answered.finding:
        height += 4 + 17 * _lines(answered.finding, 13, inner)
    height += sum(3 + 14 * _lines(note, 11, inner) for note in answered.notes)
    return height + (answered.mark.height * zoom if is_picture(answered) else _body(answered, alone))


def _body(answered: AnsweredPanel, alone: bool) -> float:
    match answered.mark:
        case Risks():
            return 38
        case Identity():
            return 36.0 * ceil(rows_of(answered) / 5)
        case SegmentGrid():
            return 250
    longer = 0 if rows_of(answered) <= (ROW_ALONE if alone else ROW_BESIDE) else 20
    return LINE * _lines_set(answered, alone=alone) + 26 + longer


def _lines_set(answered: AnsweredPanel, *, alone: bool) -> int:
    """Lines of the panel's table on its page, with its heading and its totals; none where it is no table."""
    if not is_table(answered):
        return 0
    rows = rows_of(answered)
    shown = rows if rows <= (ROW_ALONE if alone else ROW_BESIDE) else FIRST_ROWS
    return shown + 1 + (answered.table.totals is not None)


def _lines(text: str, size: float, width: float) -> int:
    """Lines of a text of that size."""
    return max(1, ceil(len(text) * size * _LETTER / max(width, 1.0)))
