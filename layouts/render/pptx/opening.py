"""Opening: the first slide, with what the deck is of, for whom, from which data, and what matters most."""

from __future__ import annotations

from typing import Any

from app.values.words import words
from layouts.handout import Handout
from layouts.render.pptx.fitting import fitted, height_of, lines_of, plain
from layouts.render.pptx.page import ARROW, Page, say
from layouts.render.pptx.shapes import Line, Run
from layouts.render.pptx.theme import BAND, EDGE, OPENING_SUBTITLE, OPENING_TITLE, TALL, WIDE, reads_white

BRAND = "Salient"
SENTENCES = 3
"""Sentences that are told at once."""

BETWEEN = 0.28
"""Inches from one sentence to the next."""

_LEFT = OPENING_TITLE[0]


def opening(deck: Any, handout: Handout, logo: bytes) -> Page:
    """The slide: a dark band with the imprint, the title and the sentences beside it."""
    page = Page(deck.slides.add_slide(deck.slide_layouts[0]), handout)
    title, size = fitted(plain(handout.title), OPENING_TITLE[2], OPENING_TITLE[3], (40, 36, 32, 28, 24, 20), bold=True)
    say(page.slide.shapes.title, title, size)
    below = next(each for each in page.slide.placeholders if each.placeholder_format.idx == 1)
    say(below, *fitted(plain(handout.subtitle), OPENING_SUBTITLE[2], OPENING_SUBTITLE[3], (20, 18, 16, 14)))
    _band(page)
    _sentences(page)
    template = handout.template
    if leads := page.link(handout.link):
        said = words(handout.context.locale)("Live view")
        colour = "ink" if template.accent and not reads_white(template.accent) else "brand"
        line = Line((Run(f"{said} {ARROW}", 12, colour, bold=True),), "r")
        page.write("Live view", (WIDE - EDGE - 3, TALL - 0.75, 3, 0.4), (line,), anchor="ctr", link=leads)
    if logo:
        page.picture(logo, "Logo", template.name or "Logo", (WIDE - EDGE - 2.6, 0.45, 2.6, 0.7))
    for name, text, top in (("Header", template.header, 0.5), ("Footer", template.footer, TALL - 0.75)):
        if text:
            told, small = fitted(plain(text), 4.9, 0.4, (11, 10))
            page.write(name, (_LEFT, top, 4.9, 0.4), (Line((Run(told, small, "muted"),)),), anchor="ctr")
    return page


def _band(page: Page) -> None:
    """Whose deck it is, and its imprint: white on the dark band."""
    handout, wide = page.handout, BAND - 2 * 0.5
    name, size = fitted(plain(handout.template.name or BRAND), wide, 0.7, (20, 18, 16, 14), bold=True)
    page.write("Name", (0.5, 0.5, wide, 0.75), (Line((Run(name, size, "surface", bold=True),)),))
    lines: list[Line] = []
    room = TALL - 1.6 - 0.45
    for label, text in handout.about:
        said, small = fitted(plain(text), wide, height_of(3, 11), (12, 11))
        needed = height_of(1, 10) + height_of(lines_of(said, wide, small), small) + 7 / 72
        if needed > room:
            break
        room -= needed
        lines.append(Line((Run(fitted(plain(label), wide, height_of(1, 10), (10,))[0], 10, "older"),), before=7))
        lines.append(Line((Run(said, small, "surface"),)))
    page.write("Imprint", (0.5, 1.6, wide, TALL - 1.6 - 0.45), lines, anchor="b")


def _sentences(page: Page) -> None:
    """What matters most, each sentence beside a line of the accent."""
    told = [plain(each) for each in page.handout.sentences[:SENTENCES] if each.strip()]
    if not told:
        return
    top, wide, tall = 3.62, WIDE - EDGE - _LEFT - 0.3, TALL - 3.62 - 1.0
    each = (tall - BETWEEN * (len(told) - 1)) / len(told)
    fits = [fitted(sentence, wide, each, (20, 18, 16, 14, 12)) for sentence in told]
    size = min(small for _, small in fits)
    for at, (sentence, _) in enumerate(fits):
        height = height_of(lines_of(sentence, wide, size), size)
        page.write(f"Accent {at + 1}", (_LEFT, top, 0.05, height), (), fill="brand")
        page.write(
            f"Sentence {at + 1}", (_LEFT + 0.25, top, wide, height), (Line((Run(sentence, size),)),), anchor="ctr"
        )
        top += height + BETWEEN
