"""Mail: handouts as the body of a mail, HTML and text: made once for an audience, then addressed to each person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app.channels.message import Attachment
from app.values.document import Document
from app.values.words import language_of, words
from layouts import format as fmt
from layouts.answered import AnsweredPanel, best_reference
from layouts.attainment import attainment_of
from layouts.columns import Sentiment, member_text, number
from layouts.figures import Figure, compared, figures
from layouts.handout import Handout
from layouts.imprint import Pairs
from layouts.marks import Bullets, Map, Mix, Movers, RankedBars, Rows, SegmentGrid, VarianceBars
from layouts.render.mail.sheet import Addressee, Drawn, Glance, MailBody, Sheet
from layouts.render.mail.text import addressed_text, body_text
from layouts.sentences import sentences
from layouts.theme import tokens

TEMPLATES = Path(__file__).parent / "templates"

CHARTS = 3
"""Pictures in one mail."""

DRAWN = 400
"""Pixels a chart is drawn wide: what can be read on a telephone."""

TALLEST = 300
"""Pixels a chart is drawn high at most: the screen's heights are for a page of its own, a mail is read at a glance."""

SHOWN = 520
"""Pixels it is shown wide where there is room."""

TABLE_ROWS, TABLE_COLUMNS = 8, 4

_TELLING = (VarianceBars, RankedBars, Mix, Map, Movers)
"""Marks that draw members by the first figure of their answer: what they show can be said row by row."""

SLOTS = ("greeting", "own", "files", "why")
"""What each person gets written in."""

__all__ = ("Addressee", "MailBody", "addressed", "mail", "notice")

_OPEN, _CLOSE = "\ue000", "\ue001"
_MARKS = str.maketrans("", "", _OPEN + _CLOSE)
_EMPTY_LINES = re.compile(r"\n{3,}")
_TONES: Mapping[str, str] = {"pos": "pos", "neg": "neg", "warn": "warn", "none": "ink"}


def mail(papers: Sequence[Handout], subject: str = "", charts: int = CHARTS) -> MailBody:
    """The body for everybody who sees the same `papers`, the first of which gives it its name and language.

    At most `charts` pictures in all. Raises nothing that the papers' own answers do not explain.
    """
    first, left = papers[0], charts
    logo = _logo(first)
    sheets: list[Sheet] = []
    inline = [*logo]
    for paper in papers:
        drawn, pictures = _drawn(paper, left, charts - left)
        left -= len(pictures)
        inline += pictures
        sheets.append(_sheet(paper, drawn))
    locale = first.context.locale
    subject = subject or ", ".join(part for part in (first.title, first.subtitle) if part)
    html = _rendered(
        "mail.html", locale, first, subject=subject, papers=sheets, about=first.about, brand=_brand(first),
        logo=logo[0].content_id if logo else "", slots={name: _slot(name) for name in SLOTS},
    )  # fmt: skip
    text = body_text([_clean(sheet) for sheet in sheets], _clean(first.about), locale, _slot)
    return MailBody(subject, text, html, tuple(inline), sheets[0].sentences, sheets[0].link, locale)


def notice(sheet: Sheet, about: Pairs, subject: str, locale: str) -> MailBody:
    """The body around what one sheet says by itself, without any paper."""
    slots = {name: _slot(name) for name in SLOTS}
    html = _rendered(
        "mail.html", locale, subject=subject, papers=[sheet], about=about, brand="Salient", logo="", slots=slots
    )
    text = body_text([_clean(sheet)], _clean(about), locale, _slot)
    return MailBody(subject, text, html, (), sheet.sentences, sheet.link, locale)


def addressed(body: MailBody, to: Addressee) -> MailBody:
    """The body as one person gets it: no slot is left open."""
    locale, to = body.locale, _clean(to)
    t = words(locale)
    hello = t("Hello {name},", name=to.name) if to.name else t("Hello,")
    attached = t("Attached: {files}", files=", ".join(to.attached))
    html = {
        "greeting": _rendered("greeting.html", locale, hello=hello, notes=to.notes),
        "own": _rendered("own.html", locale, own=to.own, heads=compared(to.own)),
        "files": _rendered("files.html", locale, attached=to.attached, attached_line=attached, linked=to.linked),
        "why": _rendered("why.html", locale, why=to.why, unsubscribe=to.unsubscribe),
    }
    text = addressed_text(to, hello, locale)
    return replace(body, html=_filled(body.html, html), text=_EMPTY_LINES.sub("\n\n", _filled(body.text, text)))


def _filled(body: str, said: Mapping[str, str]) -> str:
    for name in SLOTS:
        body = body.replace(_slot(name), said[name])
    return body


def _clean(value: Any) -> Any:
    """The same value, none of whose texts opens a slot."""
    if isinstance(value, str):
        return value if isinstance(value, Markup) else value.translate(_MARKS)
    if isinstance(value, tuple):
        return tuple(_clean(each) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{each.name: _clean(getattr(value, each.name)) for each in fields(value)})
    return value


def _slot(name: str) -> str:
    return f"{_OPEN}{name}{_CLOSE}"


def _sheet(paper: Handout, drawn: tuple[Drawn, ...]) -> Sheet:
    told = figures(paper.panels)
    line = " · ".join(part for part in (paper.subtitle, paper.made_for) if part)
    link = paper.link if paper.link.startswith(("https://", "http://")) else ""
    glance = None if drawn else _glance(paper)
    return Sheet(paper.title, line, sentences(paper.panels), told, compared(told), drawn, glance, link)


def _drawn(paper: Handout, most: int, before: int) -> tuple[tuple[Drawn, ...], list[Attachment]]:
    """The first charts, of different kinds as long as there are any, and their pictures at twice the size."""
    # The engine takes a while to start: whoever only addresses mails never needs it.
    from layouts.render.vega import picture, png

    drawn: list[Drawn] = []
    inline: list[Attachment] = []
    for answered in _varied(paper.panels):
        if len(drawn) >= most:
            break
        found = picture(_fitted(answered), DRAWN, "light", paper.template.accent)
        if found is None:
            continue
        name = f"chart-{before + len(drawn) + 1}"
        drawn.append(
            Drawn(name, answered.title, answered.unit_line, answered.finding, found.alt, SHOWN, _rows(answered))
        )
        inline.append(Attachment(Document(f"{name}.png", "image/png", png(found.svg)), name, found.alt))
    return tuple(drawn), inline


def _fitted(answered: AnsweredPanel) -> AnsweredPanel:
    """The panel with a mark that is no higher than a mail's; the words in a grid of segments need all of their room."""
    if isinstance(answered.mark, SegmentGrid):
        return answered
    return replace(answered, mark=replace(answered.mark, height=min(answered.mark.height, TALLEST)))


def _varied(panels: Iterable[AnsweredPanel]) -> list[AnsweredPanel]:
    """The panels in their order, each kind's first before any kind's second."""
    seen: dict[type, int] = {}
    turns: list[tuple[int, AnsweredPanel]] = []
    for each in panels:
        seen[type(each.mark)] = turn = seen.get(type(each.mark), 0) + 1
        turns.append((turn, each))
    return [each for _, each in sorted(turns, key=lambda pair: pair[0])]


def _rows(answered: AnsweredPanel, most: int = 5) -> tuple[str, ...]:
    """The first members of a chart in words, with how far each is from what it is compared with."""
    frame, metric, dimension = answered.frame, answered.metric, answered.dimension
    if isinstance(answered.mark, Bullets):
        told_of = attainment_of(answered)[:most]
        return tuple(f"{each.name}: {fmt.percent(each.share, answered.context.locale, 0)}" for each in told_of)
    if not isinstance(answered.mark, _TELLING) or frame is None or metric is None or dimension is None:
        return ()
    locale, reference = answered.context.locale, best_reference(frame, metric.id)
    change = f"{metric.id}@{reference}:change"
    told = []
    for row in frame.rows[:most]:
        value = fmt.compact(number(row[frame.index(metric.id)]), metric.unit or "count", locale, frame.currency)
        said = f"{member_text(row[frame.index(dimension.id)], dimension.level, locale)}: {value}"
        if reference is not None and frame.has(change) and (moved := number(row[frame.index(change)])) is not None:
            against = words(locale)("vs {reference}", reference=fmt.reference_name(reference, locale))
            said += f" ({against} {fmt.percent(moved, locale, plus=True)})"
        told.append(said)
    return tuple(told)


def _glance(paper: Handout) -> Glance | None:
    """The first table of a paper."""
    found = next((each for each in paper.panels if isinstance(each.mark, Rows) and each.state == "ready"), None)
    if found is None or not found.table.rows:
        return None
    table, t = found.table, words(paper.context.locale)
    left = len(table.rows) - TABLE_ROWS
    more = t.n("{n:,} more row in the live view", "{n:,} more rows in the live view", left) if left > 0 else ""
    return Glance(
        found.title,
        tuple(column.title for column in table.columns[:TABLE_COLUMNS]),
        tuple(row[:TABLE_COLUMNS] for row in table.rows[:TABLE_ROWS]),
        more,
    )


def _brand(paper: Handout) -> str:
    return paper.template.name or "Salient"


def _logo(paper: Handout) -> list[Attachment]:
    """The template's mark as a picture that mail programs show."""
    logo = paper.template.logo
    if not logo:
        return []
    if not logo.startswith(b"\x89PNG"):
        from layouts.render.vega import png

        logo = png(logo.decode("utf-8"))
    return [Attachment(Document("logo.png", "image/png", logo), "logo", _brand(paper))]


def _rendered(template: str, locale: str, paper: Handout | None = None, **told: Any) -> str:
    accent = paper.template.accent if paper is not None else ""
    light = tokens("light")
    return (
        _environment()
        .get_template(template)
        .render(
            lang=language_of(locale),
            light=light,
            dark=tokens("dark"),
            font=light["font"].replace('"', "'"),
            accent=accent or light["brand"],
            on_accent=_readable_on(accent) if accent else light["brand-ink"],
            say=_said(locale),
            tones=_TONES,
            differences=_difference,
            **told,
        )
    )


def _said(locale: str) -> Mapping[str, str]:
    t = words(locale)
    return {
        "figure": t("Figure"),
        "value": t("Value"),
        "key_figures": t("Key figures"),
        "own_figures": t("Your own figures"),
        "open": t("Open the live view"),
        "too_large": t("Too large to attach; open it here:"),
        "unsubscribe": t("Unsubscribe"),
    }


def _difference(figure: Figure, head: str) -> tuple[str, Sentiment]:
    return next(((text, sentiment) for label, text, sentiment in figure.against if label == head), ("", "none"))


def _readable_on(accent: str) -> str:
    """Ink or paper, whichever stands out more from a colour."""
    red, green, blue = (int(accent[at : at + 2], 16) / 255 for at in (1, 3, 5))
    light = tokens("light")
    return light["ink"] if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 > 0.36 else light["surface"]


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_clean,
        trim_blocks=True,
        lstrip_blocks=True,
    )
