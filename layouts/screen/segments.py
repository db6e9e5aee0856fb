"""Segments: the grid of recency by frequency and money, each cell in the colour and with the name of its segment."""

from __future__ import annotations

from collections.abc import Callable

from dash import html
from dash.development.base_component import Component

from app.domain.segments import CELLS, SETS
from app.values.segmentation import SCORES
from app.values.words import Words, words
from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.columns import number
from layouts.derive.segments import CELL
from queries.frame import Frame, Member, Row

SETTINGS = "/admin/segments"
"""Where one sees what makes the segments, and changes it if one may."""

Href = Callable[[str, str], str | None]
"""Level and member key → where a click on the member leads, or None."""


def segment_grid(answered: AnsweredPanel, href: Href) -> Component:
    """A table of five by five links; lately is at the right, often and much at the top."""
    frame, t = answered.frame, words(answered.context.locale)
    if frame is None:
        return html.Div()
    found = dict(zip(reversed(tuple(CELLS)), frame.rows, strict=True))
    chosen = answered.view.selection.filter_on("customer")
    now = {SETS[name] for name in (chosen.sets if chosen else ()) if name in SETS}
    title = html.Th(t("Frequency and money"), scope="row", rowSpan=len(SCORES), className="up")
    body = []
    for both in reversed(SCORES):
        cells = [
            _cell(f"{recency}-{both}", found[f"{recency}-{both}"], frame, answered, href, now) for recency in SCORES
        ]
        heads = [title] if both == SCORES[-1] else []
        body.append(html.Tr([*heads, html.Th(str(both), scope="row"), *cells]))
    scores = html.Tr([html.Td(), html.Td(), *(html.Th(str(each), scope="col") for each in SCORES)])
    ends = [html.Span(t("Long ago")), html.Strong(t("Recency")), html.Span(t("Lately"))]
    foot = html.Tr([html.Td(), html.Td(), html.Td(html.Div(ends), colSpan=len(SCORES))], className="ends")
    caption = html.Caption(f"{answered.title}: {answered.unit_line}", className="visually-hidden")
    table = html.Table([caption, html.Thead(scores), html.Tbody(body), html.Tfoot(foot)], className="rfm")
    more = html.A(t("What makes the segments"), href=SETTINGS, className="act")
    return html.Div([table, html.Div(more, className="rfm-more")], className="rfm-grid")


def _cell(cell: str, row: Row, frame: Frame, answered: AnsweredPanel, href: Href, now: set[str]) -> Component:
    t, locale = words(answered.context.locale), answered.context.locale
    segment = row[1]
    customers, share = number(row[frame.index("customers")]) or 0, number(row[frame.index("share")])
    name = segment.name if isinstance(segment, Member) else ""
    kind = f"seg seg-{segment.key.replace('_', '-')}" if isinstance(segment, Member) else "seg"
    if not customers:
        return html.Td([html.Span("0"), html.Small(name)], className=f"{kind} none")
    count = fmt.exact(customers, "count", locale, "")
    part = fmt.percent(share, locale) if share is not None else ""
    said = _said(cell, name, int(customers), part, t)
    marked = {"aria-current": "true"} if cell in now else {}
    content = [html.Strong(count), html.Span(part), html.Small(name)]
    return html.Td(html.A(content, href=href(CELL, cell), title=said, **{"aria-label": said}, **marked), className=kind)


def _said(cell: str, name: str, customers: int, part: str, t: Words) -> str:
    recency, both = CELLS[cell]
    return t.n(
        "{name}: one customer, {part} of net sales; recency {recency}, frequency and money {both}",
        "{name}: {n:,} customers, {part} of net sales; recency {recency}, frequency and money {both}",
        customers,
        name=name,
        part=part,
        recency=recency,
        both=both,
    )
