"""Cover: the first sheet: what this is, for whom, what it says, its key figures, its contents and where it is from."""

from __future__ import annotations

import io
from collections.abc import Sequence

from xlsxwriter.worksheet import Worksheet

from app.values.words import words
from layouts.answered import AnsweredPanel
from layouts.card import card_face
from layouts.columns import number
from layouts.handout import Handout
from layouts.imprint import Pairs
from layouts.marks import Card
from layouts.native.chart import column_code
from layouts.render.xlsx.look import Look, write_figure, write_link, write_own, write_text
from layouts.render.xlsx.sheet import page

WIDTHS = (2, 48, 20, 22, 22, 16, 40)
LAST = len(WIDTHS) - 1
LOGO_TALL = 40
"""Pixels of the logo's height."""

_PNG = b"\x89PNG\r\n\x1a\n"


def write_cover(sheet: Worksheet, handout: Handout, names: Sequence[str], look: Look) -> None:
    """The cover; `names` are those of the panels' sheets."""
    t = words(handout.context.locale)
    row = write_head(sheet, handout.title, handout.subtitle, handout.made_for, look, handout.context.locale)
    _logo(sheet, handout.template.logo)
    for sentence in handout.sentences:
        wrapped = look(font_size=12, text_wrap=True, valign="top", font_color="ink")
        sheet.merge_range(row, 1, row, LAST, "", wrapped)
        write_text(sheet, row, 1, sentence, wrapped)
        sheet.set_row(row, 18 * (1 + len(sentence) // 130))
        row += 1
    pairs = list(zip(handout.panels, names, strict=True))
    cards = [(answered, name) for answered, name in pairs if isinstance(answered.mark, Card)]
    if cards:
        row = _figures(sheet, row + 1, cards, handout, look)
    row = _contents(sheet, row + 1, pairs, handout, look)
    row = write_pairs(sheet, row + 1, t("About this file"), handout.about, look)
    if handout.link.startswith(("https://", "http://")):
        write_link(sheet, row, 1, handout.link, t("Live view"), look(font_color="brand", underline=1))
    page(sheet, handout)


def write_head(sheet: Worksheet, title: str, subtitle: str, made_for: str, look: Look, locale: str) -> int:
    """A band in the accent's colour, title, subtitle and for whom; the first row below."""
    sheet.hide_gridlines(2)
    for at, wide in enumerate(WIDTHS):
        sheet.set_column(at, at, wide)
    sheet.set_row(0, 9, look(bg_color="brand"))
    sheet.set_row(2, 34)
    write_text(sheet, 2, 1, title, look(font_size=24, bold=True, font_color="ink"))
    write_text(sheet, 3, 1, subtitle, look(font_size=12, font_color="muted"))
    if made_for:
        said = words(locale)("Made for {who}", who=made_for)
        write_text(sheet, 4, 1, said, look(font_size=10, font_color="muted"))
    return 6


def write_pairs(sheet: Worksheet, row: int, title: str, about: Pairs, look: Look) -> int:
    """Names with what is said of each; the first row below."""
    if not about:
        return row
    _heading(sheet, row, (title,), look)
    for at, (name, said) in enumerate(about, start=row + 1):
        write_text(sheet, at, 1, name, look(font_color="muted"))
        write_text(sheet, at, 2, said, look(font_color="ink"))
    return row + len(about) + 2


def _heading(sheet: Worksheet, row: int, titles: Sequence[str], look: Look) -> None:
    """A heading over all columns, underlined in the accent's colour; figures' headings stand right."""
    for column in range(1, LAST + 1):
        said = titles[column - 1] if column <= len(titles) else ""
        style = look(bold=True, font_color="ink", bottom=2, bottom_color="brand")
        write_text(sheet, row, column, said, style)


def _figures(
    sheet: Worksheet, row: int, cards: Sequence[tuple[AnsweredPanel, str]], handout: Handout, look: Look
) -> int:
    """Each card in a row: its figure as a number, its state and comparisons in words."""
    t, locale = words(handout.context.locale), handout.context.locale
    _heading(sheet, row, (t("Key figures"),), look)
    line = {"bottom": 1, "bottom_color": "line"}
    for at, (answered, name) in enumerate(cards, start=row + 1):
        face = card_face(answered)
        link = look(font_color="brand", underline=1, **line)
        write_link(sheet, at, 1, f"internal:'{_quoted(name)}'!A1", answered.title, link)
        frame, metric = answered.frame, answered.metric
        figure = None
        if answered.state == "ready" and frame is not None and metric is not None and frame.rows:
            figure = number(frame.rows[0][frame.index(metric.id)])
            if figure is not None:
                code = column_code(metric, locale, frame.currency, whole=figure == int(figure))
                write_figure(sheet, at, 2, figure, look(bold=True, num_format=code, align="right", **line))
        if figure is None:
            write_text(sheet, at, 2, face.value_text, look(align="right", font_color="muted", **line))
        tones = {"pos": "pos", "neg": "neg", "warn": "warn", "none": "muted"}
        for place in (0, 1):
            label, text, tone = face.rows[place] if place < len(face.rows) else ("", "", "none")
            said = t("{against}: {change}", against=label, change=text) if label else ""
            write_text(sheet, at, 3 + place, said, look(font_color=tones[tone], align="right", **line))
        word, _, mood = face.state or ("", "", "none")
        write_text(sheet, at, 5, word, look(font_color=tones[mood], bold=True, align="right", **line))
        write_own(sheet, at, 6, answered.unit_line, look(font_color="muted", indent=2, **line))
    return row + len(cards) + 1


def _contents(
    sheet: Worksheet, row: int, pairs: Sequence[tuple[AnsweredPanel, str]], handout: Handout, look: Look
) -> int:
    t = words(handout.context.locale)
    _heading(sheet, row, (t("Contents"),), look)
    line = {"bottom": 1, "bottom_color": "line"}
    at = row + 1
    for answered, name in pairs:
        if isinstance(answered.mark, Card):
            continue
        link = look(font_color="brand", underline=1, valign="top", text_wrap=True, **line)
        write_link(sheet, at, 1, f"internal:'{_quoted(name)}'!A1", answered.title, link)
        said = (answered.finding or answered.unit_line) if answered.state == "ready" else answered.sentence
        colour = "ink" if answered.state == "ready" else "muted"
        told = look(text_wrap=True, valign="top", font_color=colour, **line)
        sheet.merge_range(at, 2, at, LAST, "", told)
        write_text(sheet, at, 2, said, told)
        sheet.set_row(at, 15 * (1 + max(len(said) // 118, len(answered.title) // 52)))
        at += 1
    return at


def _quoted(name: str) -> str:
    """A sheet's name within quotes, where a quote stands twice."""
    return name.replace("'", "''")


def _logo(sheet: Worksheet, logo: bytes) -> None:
    """A PNG at the right of the title; a drawing of lines is none that spreadsheets show."""
    if not logo.startswith(_PNG):
        return
    tall = int.from_bytes(logo[20:24], "big")
    scale = LOGO_TALL / tall if tall else 1
    options = {"image_data": io.BytesIO(logo), "x_scale": scale, "y_scale": scale, "decorative": True}
    sheet.insert_image(1, LAST, "logo.png", options)
