"""Decks read back from their bytes: what is on each slide, in its notes, its charts and the cells behind these."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import openpyxl
from pptx import Presentation

from app.values.template import Template
from layouts.answered import AnsweredPanel
from layouts.handout import Handout
from layouts.marks import Card
from layouts.native import NativeChart, native
from layouts.render.pptx import document

KICKER = 13
CARDS = 8


def slides_of(handout: Handout) -> list[Any]:
    """The slides of the handout's deck, as whoever opens it finds them."""
    return slides_in(document(handout).content)


def slides_in(content: bytes) -> list[Any]:
    """The slides of a file."""
    return list(Presentation(io.BytesIO(content)).slides)


def panel_slides(handout: Handout) -> list[tuple[AnsweredPanel, Any]]:
    """Each panel that is no card, with its slide."""
    return matched(handout, slides_of(handout))


def matched(handout: Handout, slides: list[Any]) -> list[tuple[AnsweredPanel, Any]]:
    """The same of slides that were opened already."""
    cards = [each for each in handout.panels if isinstance(each.mark, Card)]
    figures = -(-len(cards) // CARDS)
    found: list[tuple[AnsweredPanel, Any]] = []
    rest, seen = iter(slides[1:]), False
    for each in handout.panels:
        if not isinstance(each.mark, Card):
            found.append((each, next(rest)))
        elif not seen:
            seen = True
            for _ in range(figures):
                next(rest)
    assert next(rest, None) is None
    return found


def texts_of(slide: Any) -> str:
    """All that is written on a slide, in its boxes, tables and charts."""
    found = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    for grid in tables_of(slide):
        found += [cell for row in grid for cell in row]
    for chart in map(Chart, charts_of(slide)):
        found += [name for name, _, _ in chart.series] + chart.categories
    return "\n".join(found)


def charts_of(slide: Any) -> list[Any]:
    """The charts of a slide."""
    return [shape.chart for shape in slide.shapes if shape.has_chart]


def tables_of(slide: Any) -> list[list[list[str]]]:
    """The texts of each table of a slide."""
    return [
        [[cell.text_frame.text for cell in row.cells] for row in shape.table.rows]
        for shape in slide.shapes
        if shape.has_table
    ]


class Chart:
    """A chart as its XML tells it: every series with its name and figures, wherever it is drawn."""

    def __init__(self, chart: Any) -> None:
        self.part = chart.part
        space = chart._chartSpace
        self.categories = _texts(space.xpath("(.//c:ser)[1]/c:cat")[0]) if space.xpath(".//c:cat") else []
        self.series = [
            (
                _text(each, "c:tx//c:v"),
                _numbers(each, "c:val" if each.xpath("c:val") else "c:yVal"),
                _numbers(each, "c:xVal"),
            )
            for each in sorted(space.xpath(".//c:ser"), key=lambda each: int(each.xpath("c:idx/@val")[0]))
        ]

    @property
    def cells(self) -> list[list[Any]]:
        """Every cell of the workbook behind it."""
        book = openpyxl.load_workbook(io.BytesIO(self.part.chart_workbook.xlsx_part.blob))
        assert len(book.worksheets) == 1
        return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]


def _text(element: Any, path: str) -> str:
    found = element.xpath(path)
    return found[0].text or "" if found else ""


def _texts(category: Any) -> list[str]:
    level = category.xpath(".//c:lvl")
    return [each.text or "" for each in (level[0] if level else category).xpath(".//c:pt/c:v")]


def _numbers(series: Any, path: str) -> list[float | None]:
    whole = series.xpath(path)
    if not whole:
        return []
    count = int(whole[0].xpath(".//c:ptCount/@val")[0])
    known = {int(each.get("idx")): float(each.xpath("c:v")[0].text) for each in whole[0].xpath(".//c:pt")}
    return [known.get(at) for at in range(count)]


def parts_of(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Every part of a deck, those of the workbooks in it too."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for name in packed.namelist():
            part = packed.read(name)
            if name.endswith(".xlsx"):
                yield from ((f"{name}/{inner}", each) for inner, each in parts_of(part))
            else:
                yield name, part


def drawn(answered: AnsweredPanel) -> NativeChart | None:
    """The chart that a panel is, if it is one."""
    found = native(answered)
    return found if isinstance(found, NativeChart) else None


COMPANY = Template(name="Nordwind GmbH", accent="#0b5fa5", header="Strictly internal", footer="Nordwind, Kiel")
