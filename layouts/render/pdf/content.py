"""Content: a handout as the plain data that the templates set; nothing in it is markup."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.values.errors import Invalid
from app.values.words import Words, words
from layouts.answered import AnsweredPanel
from layouts.handout import Handout
from layouts.marks import Card
from layouts.render.pdf.bodies import body
from layouts.render.pdf.pages import FIRST_ROWS, Page, fitted, is_long, is_picture, is_table, paged, rows_of
from layouts.render.pdf.press import NO_GLYPH
from layouts.render.pdf.sheet import PAD, Row, Sheet, in_rows, widths
from layouts.theme import Theme, tokens

FONTS = ("Inter",)

COLOURS = (
    "ink", "muted", "line", "surface", "bg", "brand", "brand-bg", "actual",
    "pos", "neg", "warn", "pos-bg", "neg-bg", "warn-bg",
)  # fmt: skip

MOST_CELLS = 24_000
"""Of one table: setting one takes twenty kilobytes, and whoever wants more wants no paper."""

VIEW = 1
"""Where the address stands in an imprint: on paper it is the link."""

LONGEST_RUNNING = 90
"""Letters of a title that stand at the head of every page."""

NO_PAGE = Page(())

TOP = 100
"""Rows of a table among other panels: who reads all of them opens the panel, or its workbook."""

_BRAND = "Salient"
_PNG, _SVG = b"\x89PNG\r\n", b"<svg"
_AS_IT_IS = frozenset({"svg", "href", "link"})
_ENDLESS = re.compile(r"\S{24}(?=\S)")
"""So much without a space has to go on in the next line somewhere."""

_TURNING = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0xFEFF}
"""Marks that would turn the order of the letters after them, and those that are no letters at all."""


@dataclass(frozen=True)
class Setting:
    """What is set, on what, in which colours, and how many rows of a table at most."""

    handout: Handout
    sheet: Sheet
    theme: Theme
    most: int

    def rows(self, answered: AnsweredPanel) -> int:
        """How many rows of a panel's table are told: on a paper of many panels the top ones, a tenth of what stands on
        the paper of one, and at least TOP if so many may stand there."""
        most = self.most if self.of_one or self.sheet.paper is None else min(self.most, max(TOP, self.most // 10))
        return min(most, max(1, MOST_CELLS // max(len(answered.table.columns), 1)))

    @property
    def t(self) -> Words:
        """The reader's language."""
        return words(self.handout.context.locale)

    @property
    def of_one(self) -> bool:
        """Whether a paper is about one panel, whose name and finding are the paper's own."""
        alone = len(self.handout.panels) == 1 and not isinstance(self.handout.panels[0].mark, Card)
        return alone and self.sheet.paper is not None


def content_of(
    handout: Handout, sheet: Sheet, theme: Theme = "light", *, most: int, section: str = ""
) -> dict[str, Any]:
    """Everything a document says. `most` rows of a table are told; on paper long tables stand behind all panels.

    `section` tells what leads to places in it from those of other sections. Raises Invalid for a logo that is no
    picture.
    """
    handout = fitted(handout, sheet)
    setting = Setting(handout, sheet, theme, most)
    rows, behind = _parted(in_rows(handout.panels, handout.template.order, sheet), sheet)
    labels = {id(each): f"{section}whole-{at}" for at, each in enumerate(behind, start=1)}
    told = {
        **_said(setting),
        "unit": sheet.unit,
        "pad": PAD,
        "width": sheet.wide,
        "paper": sheet.paper,
        "colours": _colours(theme, handout.template.accent),
        "fonts": list(FONTS),
        "pages": [_page(page, setting, labels) for page in paged(rows, handout, sheet)],
        "whole": [_told(each, setting, sheet.wide) | {"label": labels[id(each)]} for each in behind],
        "headed": len(handout.panels) > 1,
        "beside": sheet.turn == "landscape",
    }
    return _cleaned(told) | {"logo": _logo(handout.template.logo)}


def bound_of(title: str, handouts: Sequence[Handout], sheet: Sheet, *, most: int) -> dict[str, Any]:
    """What a document of several sections says, under a title of its own: what they hold, then each of them.

    Raises Invalid for a logo that is no picture.
    """
    first, subtitles = handouts[0], {each.subtitle for each in handouts}
    shared = tuple(pair for pair in first.about if all(pair in each.about for each in handouts))
    subtitle = first.subtitle if len(subtitles) == 1 else ""
    whole = replace(first, title=title, subtitle=subtitle, panels=(), about=shared, sentences=(), link="")
    parts = [
        content_of(each, sheet, most=most, section=f"{at}-") | {"cover": False}
        for at, each in enumerate(handouts, start=1)
    ]
    return content_of(whole, sheet, most=most) | {"parts": parts, "about": [list(pair) for pair in shared]}


def _parted(rows: list[Row], sheet: Sheet) -> tuple[list[Row], list[AnsweredPanel]]:
    """The rows of the pages, and the long tables behind them: one that would come last anyway stands there only."""
    if sheet.paper is None:
        return rows, []
    last: list[AnsweredPanel] = []
    while rows and len(rows[-1]) == 1 and is_long(rows[-1][0], rows[-1]):
        last.insert(0, rows.pop()[0])
    return rows, [*(each for row in rows for each in row if is_long(each, row)), *last]


def _page(page: Page, setting: Setting, labels: Mapping[int, str]) -> list[list[dict[str, Any]]]:
    """The rows of a page; of a table that stands behind them the first rows, and where all of it is."""
    made = []
    for row in page.rows:
        told = []
        for each, width in zip(row, widths(row, setting.sheet), strict=True):
            label = labels.get(id(each))
            further = None if label is None else [label, _further(each, setting)]
            told.append(_told(each, setting, width - 2 * PAD, page, further))
        made.append(told)
    return made


def _said(setting: Setting) -> dict[str, Any]:
    """What the document says of itself and over all panels."""
    handout, t = setting.handout, setting.t
    template, language = handout.template, handout.context.locale.replace("_", "-").partition("-")
    about = [list(pair) for at, pair in enumerate(handout.about) if at != VIEW]
    data = dict(handout.about[-2:])
    made = t("Made for {name}", name=handout.made_for) if handout.made_for else ""
    footer = [template.footer, made, *(f"{name} {said}" for name, said in data.items())]
    brand = template.name or ("" if template.logo else _BRAND)
    return {
        "title": handout.title,
        "running": _shortened(handout.title),
        "author": handout.made_for,
        "lang": language[0] or "en",
        "region": language[2] if len(language[2]) == 2 else None,
        "subtitle": handout.subtitle,
        "about": about,
        "sentences": list(handout.sentences),
        "link": handout.link,
        "cover": template.cover,
        "header": template.header,
        "footer": "  ·  ".join(part for part in footer if part),
        "brand": template.name or _BRAND,
        "name-of-brand": brand,
        "notes": [],
        "words": {
            "page": t("Page {page} of {pages}", page="{page}", pages="{pages}"),
            "live": t("Live view"),
            "contents": t("Contents"),
        },
    }


def _told(
    answered: AnsweredPanel, setting: Setting, width: float, page: Page = NO_PAGE, further: list[str] | None = None
) -> dict[str, Any]:
    """A panel whose place is `width` pixels wide, its picture drawn for as many of its own. `further` is where the
    whole of its table stands: only the first rows are here."""
    most = setting.rows(answered)
    handout, ready = setting.handout, answered.state == "ready"
    cut = further is None and is_table(answered) and rows_of(answered) > most
    drawn = width / (page.zoom if is_picture(answered) else 1)
    return {
        "card": isinstance(answered.mark, Card),
        "width": round(width + 2 * PAD, 2),
        "title": "" if setting.of_one else answered.title,
        "unit": answered.unit_line if ready else "",
        "finding": answered.finding if ready and not setting.of_one else "",
        "notes": [*(answered.notes if ready else ()), *([_cut(handout, answered, most)] if cut else [])],
        "href": _address(handout, answered),
        "body": body(
            answered, drawn, setting.theme, handout.template.accent, min(FIRST_ROWS, most) if further else most
        ),
        "further": further,
        "air": page.air,
    }


def _cut(handout: Handout, answered: AnsweredPanel, most: int) -> str:
    """That rows were left out, how many, and where they are."""
    t = words(handout.context.locale)
    rows = len(answered.table.rows)
    link = handout.link_of(answered)
    return t("The first {count:,} of {all:,} rows; all of them: {link}", count=most, all=rows, link=link)


def _further(answered: AnsweredPanel, setting: Setting) -> str:
    """Where the whole table stands, "{page}" in the place of its number; of a longer one, how much of it."""
    t, rows = setting.t, rows_of(answered)
    most = setting.rows(answered)
    if rows > most:
        told = t("The first {count:,} of {all:,} rows from page {page}", count=most, all=rows, page="{page}")
    else:
        told = t("All {count} from page {page}", count=t.n("{n:,} row", "{n:,} rows", rows), page="{page}")
    return told


def _shortened(title: str) -> str:
    """The title as it fits at the head of every page."""
    return title if len(title) <= LONGEST_RUNNING else title[: LONGEST_RUNNING - 1] + "…"


def _address(handout: Handout, answered: AnsweredPanel) -> str:
    """Where the panel is to be seen live, if anybody can follow it from paper."""
    address = handout.link_of(answered)
    return address if address.startswith(("http://", "https://")) else ""


def _colours(theme: Theme, accent: str) -> dict[str, str]:
    found = tokens(theme)
    return {name: found[name] for name in COLOURS} | ({"brand": accent} if accent else {})


def _logo(logo: bytes) -> dict[str, Any] | None:
    """The mark of the company. Raises Invalid when it is neither of the two kinds of picture."""
    if not logo:
        return None
    if logo.startswith(_PNG):
        return {"format": "png", "bytes": list(logo)}
    if _SVG in logo[:2_000]:
        return {"format": "svg", "bytes": list(logo)}
    raise Invalid("The logo of the template cannot be read: it has to be a PNG or an SVG file.")


def _cleaned(value: Any) -> Any:
    """The same without letters that cannot be seen and would break a line, a file or the order of what is read."""
    if isinstance(value, str):
        plain = value if value.isascii() and value.isprintable() else "".join(map(_visible, value))
        return _ENDLESS.sub("\\g<0>\N{ZERO WIDTH SPACE}", plain)
    if isinstance(value, Mapping):
        return {key: each if key in _AS_IT_IS else _cleaned(each) for key, each in value.items()}
    return [_cleaned(each) for each in value] if isinstance(value, list) else value


def _visible(letter: str) -> str:
    if letter in "\n\t\r":
        return " "
    if ord(letter) in _TURNING or unicodedata.category(letter) == "Cc":
        return ""
    return NO_GLYPH if unicodedata.category(letter) == "Cs" else letter
