"""Deck: a handout as slides: an opening, key figures together, then a slide a panel with what it says as its title."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pptx import Presentation
from pptx.parts.image import Image

from app.values.errors import Invalid
from app.values.words import words
from layouts.answered import AnsweredPanel
from layouts.handout import Handout
from layouts.marks import Card, Risks
from layouts.native import NativeChart, NativeGrid, native
from layouts.render.pptx import theme
from layouts.render.pptx.cards import MOST, place_cards
from layouts.render.pptx.charts import measures, ready_to_draw
from layouts.render.pptx.fitting import fitted, height_of, lines_of, plain, shortened
from layouts.render.pptx.opening import opening
from layouts.render.pptx.packed import packed
from layouts.render.pptx.page import CONTENT, Page, panel_page, restyle_notes
from layouts.render.pptx.shapes import Box, Line, Run
from layouts.render.pptx.tables import Fitted, of_grid, of_twin
from layouts.render.pptx.tiles import place_tiles
from layouts.render.vega import alt_of, png

LEAST = 1.2
"""Inches of a table that are worth having below a chart."""

_SMALL = 10
_SVG = b"<svg"
_OUTWARD = re.compile(
    rb"href\s*=\s*[\"'](?!#|data:)|url\(\s*[\"']?(?!#)|@import|<!doctype|<!entity|xml-stylesheet", re.IGNORECASE
)


def deck_of(handouts: Sequence[Handout], title: str) -> bytes:
    """One deck of all handouts, one after another, each behind an opening, in the look of the first.

    Raises Invalid for a logo that is no picture.
    """
    first = handouts[0]
    deck = Presentation(io.BytesIO(theme.blank(first.template.accent)))
    _signed(deck, first, title)
    logo = _pixels(first.template.logo)
    for handout in handouts:
        _slides(deck, replace(handout, template=first.template), logo)
    restyle_notes(deck, theme.theme(first.template.accent))
    stream = io.BytesIO()
    deck.save(stream)
    return packed(stream.getvalue())


def _slides(deck: Any, handout: Handout, logo: bytes) -> None:
    t = words(handout.context.locale)
    opening(deck, handout, logo).finish(_notes(handout))
    panels = in_order(handout.panels, handout.template.order)
    cards = [each for each in panels if isinstance(each.mark, Card)]
    first = cards[0] if cards else None
    for answered in panels:
        if answered is first:
            for start in range(0, len(cards), MOST):
                _figures_page(deck, handout, cards[start : start + MOST], logo, t("Key figures"))
        if not isinstance(answered.mark, Card):
            _panel_page(deck, handout, answered, logo)


def in_order(panels: Sequence[AnsweredPanel], order: Sequence[str]) -> list[AnsweredPanel]:
    """The panels that a template names first, then all others as they were."""
    turn = {panel_id: at for at, panel_id in enumerate(order)}
    return sorted(panels, key=lambda each: turn.get(each.panel.id, len(turn)))


def _signed(deck: Any, handout: Handout, title: str) -> None:
    """Who it was made for and what it is; no machine's name, and the day that the reader looks at."""
    about, today = deck.core_properties, handout.context.today
    about.title, about.subject = plain(title)[:255], plain(handout.subtitle)[:255]
    about.author = about.last_modified_by = plain(handout.made_for)[:255]
    about.created = about.modified = datetime(today.year, today.month, today.day)
    about.revision = 1


def _pixels(logo: bytes) -> bytes:
    """The company's mark as PNG."""
    if not logo:
        return logo
    if _SVG in logo[:2_000] and _OUTWARD.search(logo):
        # What draws it would fetch addresses, and read files of this machine.
        raise Invalid("The logo of the template leads to other files or addresses: choose one that holds all it shows.")
    try:
        drawn = png(logo.decode("utf-8"), 4.0) if _SVG in logo[:2_000] else logo
        if Image.from_blob(drawn).content_type == "image/png":
            return drawn
    except (OSError, ValueError, SyntaxError, AttributeError, RuntimeError):
        # What reads pictures meets a broken one with whatever goes wrong first.
        pass
    raise Invalid("The logo of the template cannot be read: it has to be a PNG or an SVG file.")


def _notes(handout: Handout, *told: str, link: str = "") -> list[str]:
    """What the notes of a slide say: what is on it, then the imprint and where it lives."""
    t = words(handout.context.locale)
    address = link or handout.link
    found = [each for each in told if each]
    if address:
        found.append(t("Live view: {address}", address=address))
    return [*found, "", *(f"{name}: {said}" for name, said in handout.about)] if found else [
        f"{name}: {said}" for name, said in handout.about
    ]  # fmt: skip


def _figures_page(deck: Any, handout: Handout, cards: Sequence[AnsweredPanel], logo: bytes, named: str) -> None:
    told = next((each for each in handout.sentences if each.strip()), "")
    kicker = " · ".join(part for part in (named, handout.subtitle) if part) if told else handout.subtitle
    page = panel_page(deck, handout, told or named, kicker, handout.link, logo)
    place_cards(page, cards)
    notes = [f"{each.title}: {note}" for each in cards for note in each.notes]
    page.finish(_notes(handout, told or named, *dict.fromkeys(notes)))


def _panel_page(deck: Any, handout: Handout, answered: AnsweredPanel, logo: bytes) -> None:
    ready, link = answered.state == "ready", handout.link_of(answered)
    title = answered.finding if ready and answered.finding else answered.title
    about = [answered.title] if title != answered.title else []
    told = answered.unit_line if ready else handout.subtitle
    kicker = " · ".join(part for part in (*about, told) if part) or handout.subtitle
    page = panel_page(deck, handout, title, kicker, link, logo)
    said: list[str] = []
    if ready:
        said = _answer(page, answered, link)
    else:
        _sorry(page, answered.sentence)
    heard = [answered.title, answered.unit_line, answered.finding if ready else answered.sentence]
    page.finish(_notes(handout, *heard, *said, *answered.notes, link=link))


def _sorry(page: Page, sentence: str) -> None:
    """Why there is nothing to show, where it would stand."""
    left, top, wide, _ = CONTENT
    said, size = fitted(plain(sentence), wide - 1.2, 1.6, (20, 18, 16, 14, 12))
    line = Line((Run(said, size, "muted"),), "ctr")
    page.write("Sentence", (left, top + 0.4, wide, 2.6), (line,), anchor="ctr", fill="bg", round_by=40, inset=0.5)


def _answer(page: Page, answered: AnsweredPanel, link: str) -> list[str]:
    """The chart or the table, what is to be known of it below; returns what was left out."""
    drawn = native(answered)
    left, top, wide, tall = CONTENT
    remarks = [drawn.note] if isinstance(drawn, NativeChart) and drawn.note else []
    below = _below(remarks + list(answered.notes), wide)
    # One line more is kept free for what a table has to leave out.
    room = tall - (below + 0.1 if below else 0) - (0.2 if not isinstance(drawn, NativeChart) else 0)
    alt = alt_of(answered)
    if isinstance(drawn, NativeChart):
        chart = ready_to_draw(drawn, answered)
        size = measures(chart, wide, room)
        page.draw(chart, answered.title, alt, (left, top, *size))
        _beneath(page, answered, (left, top + size[1] + 0.2, wide, room - size[1] - 0.2))
    elif isinstance(answered.mark, Risks):
        place_tiles(page, answered)
    else:
        found = (
            of_grid(drawn, answered.context.locale, wide, room)
            if isinstance(drawn, NativeGrid)
            else of_twin(answered.table, wide, room, page.handout.template.rows)
        )
        page.add(found.xml(page.number(), plain(answered.title), plain(alt), (left, top, wide, room)))
        every = len(drawn.rows) if isinstance(drawn, NativeGrid) else len(answered.table.rows)
        columns = len(drawn.columns) + 1 if isinstance(drawn, NativeGrid) else len(answered.table.columns)
        remarks = _left_out(found, every, columns, answered)
    _remark(page, [*remarks, *answered.notes], link)
    return remarks


def _beneath(page: Page, answered: AnsweredPanel, box: Box) -> None:
    """The figures below a chart that leaves room for all of them."""
    if box[3] < LEAST or not answered.table.rows:
        return
    found = of_twin(answered.table, box[2], box[3], page.handout.template.rows, sizes=(12, 11))
    if found.shown == len(answered.table.rows) and found.columns == len(answered.table.columns):
        page.add(found.xml(page.number(), plain(answered.title), plain(alt_of(answered)), box))


def _left_out(found: Fitted, every: int, columns: int, answered: AnsweredPanel) -> list[str]:
    t, told = words(answered.context.locale), []
    if found.shown < every:
        told.append(t("The first {count} of {all:,} rows; the live view has all.", count=found.shown, all=every))
    if found.columns < columns:
        told.append(t("The first {count} of {all:,} columns; the live view has all.", count=found.columns, all=columns))
    return told


def _below(remarks: Sequence[str], wide: float) -> float:
    """Inches of what is to be known, three lines at most."""
    if not remarks:
        return 0.0
    return height_of(min(lines_of(plain(" ".join(remarks)), wide, _SMALL), 3), _SMALL)


def _remark(page: Page, remarks: Sequence[str], link: str) -> None:
    """What is to be known, above the foot; all of it stands in the notes."""
    if not remarks:
        return
    left, top, wide, tall = CONTENT
    said = plain(" ".join(remarks))
    height = height_of(min(lines_of(said, wide, _SMALL), 3), _SMALL) + 0.02
    said = shortened(said, wide, height, _SMALL)
    line = Line((Run(said, _SMALL, "muted"),))
    page.write("Remark", (left, top + tall - height, wide, height), (line,), anchor="b", link=page.link(link))
