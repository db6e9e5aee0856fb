"""Decks: what Erin opens is what she saw, can be edited, is heard by those who do not see it, and is no one else's."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pptx import Presentation
from pptx.util import Emu

from app.values.errors import Invalid
from app.values.scope import Scope
from app.values.template import Template
from layouts.answered import AnsweredPanel
from layouts.card import card_face
from layouts.dashboards import dashboards
from layouts.format import half_up
from layouts.handout import Handout
from layouts.marks import Card, Identity, Risks, Waterfall
from layouts.native import NativeGrid, native
from layouts.native.chart import OTHERS
from layouts.render.pptx import FORMAT, document
from layouts.render.pptx.fitting import plain
from queries.frame import Frame, Member
from tests.layouts.company import Company, of_somebody
from tests.layouts.decks import (
    COMPANY,
    Chart,
    charts_of,
    drawn,
    matched,
    panel_slides,
    parts_of,
    slides_of,
    tables_of,
    texts_of,
)
from tests.layouts.handouts import ORIGIN, handed

EVERY = pytest.mark.parametrize("dashboard", dashboards(), ids=lambda each: each.id)
WHO: dict[str, dict[str, Any]] = {
    "Erin": {},
    "Mia, without cost": {"masks": {"cost"}},
    "Erin in Germany": {"locale": "de"},
}
FOR = pytest.mark.parametrize("who", WHO)
SMALLEST = 10
"""Points of the smallest letters on a slide."""


@cache
def opened(dashboard_id: str, who: str = "Erin") -> tuple[Handout, list[Any]]:
    """A dashboard handed to somebody, and the slides of its deck."""
    dashboard = next(each for each in dashboards() if each.id == dashboard_id)
    handout = handed(of_somebody(dashboard), **WHO[who])
    return handout, slides_of(handout)


def opened_panels(dashboard_id: str, who: str = "Erin") -> list[tuple[AnsweredPanel, Any]]:
    """Each panel that is no card, with its slide."""
    return matched(*opened(dashboard_id, who))


def logo(kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (240, 80), "#0b5fa5").save(stream, kind)
    return stream.getvalue()


def told(values: Iterable[Any], code: str) -> list[Any]:
    """Figures as a chart has them: money to its minor unit or finer, ratios to six digits."""
    off = 5e-7 if "%" in code else 0.005
    return [value if value is None else pytest.approx(float(value), abs=off + 1e-9) for value in values]


def near(first: list[float | None], second: list[float | None]) -> bool:
    return first == [each if each is None else pytest.approx(each, rel=1e-12) for each in second]


@EVERY
@FOR
def test_every_chart_has_the_figures_of_the_screen(dashboard: Any, who: str) -> None:
    seen = 0
    for answered, slide in opened_panels(dashboard.id, who):
        chart = drawn(answered)
        if chart is None:
            assert charts_of(slide) == []
            continue
        seen += 1
        (read,) = map(Chart, charts_of(slide))
        assert answered.frame is not None
        for series, (name, values, places) in zip(chart.series, read.series, strict=False):
            assert name == series.name
            if chart.kind == "scatter":
                kept = [at for at, value in enumerate(series.values) if value is not None]
                code = chart.secondary_format if series.secondary else chart.number_format
                assert values == told((series.values[at] for at in kept), code)
                assert len(places) == len(kept)
                continue
            code = chart.secondary_format if series.secondary else chart.number_format
            assert values == told(series.values, code)
            if series.column and chart.rows:
                at = answered.frame.index(series.column)
                rows = [answered.frame.others if row == OTHERS else answered.frame.rows[row] for row in chart.rows]
                assert values == told((row[at] for row in rows if row is not None), code)
    assert seen or dashboard.id in ("campaigns", "data-quality", "customer", "customers", "me", "customer-sales")


@EVERY
def test_the_cells_behind_a_chart_are_what_it_shows_and_nothing_else(dashboard: Any) -> None:
    for answered, slide in opened_panels(dashboard.id):
        for chart in map(Chart, charts_of(slide)):
            heads, *rows = chart.cells
            wanted = drawn(answered)
            assert wanted is not None
            if wanted.kind == "scatter":
                for place, (name, values, across) in enumerate(chart.series):
                    assert heads[3 * place + 2] == name
                    assert near([row[3 * place + 1] for row in rows][: len(across)], across)
                    assert near([row[3 * place + 2] for row in rows][: len(values)], values)
                assert len(heads) == 3 * len(chart.series)
                continue
            depth = 2 if wanted.groups else 1
            assert heads[depth:] == [name for name, _, _ in chart.series]
            assert [row[depth - 1] for row in rows] == chart.categories
            for place, (_, values, _) in enumerate(chart.series):
                assert near([row[depth + place] for row in rows], values)


@EVERY
@FOR
def test_every_table_says_what_its_twin_on_the_screen_says(dashboard: Any, who: str) -> None:
    for answered, slide in opened_panels(dashboard.id, who):
        if answered.state != "ready" or drawn(answered) is not None or isinstance(answered.mark, Risks):
            continue
        ((heads, *rows),) = tables_of(slide)
        grid = native(answered)
        if isinstance(grid, NativeGrid):
            assert heads == [grid.head, *grid.columns][: len(heads)]
            assert [row[0] for row in rows] == list(grid.rows)[: len(rows)]
            every, columns = len(grid.rows), len(grid.columns) + 1
        else:
            table = answered.table
            assert [each.rstrip("…") for each in heads] == [
                column.title[: len(head.rstrip("…"))] for column, head in zip(table.columns, heads, strict=False)
            ]
            if table.totals is not None:
                assert rows.pop() == [cell.text for cell in table.totals][: len(heads)]
            for row, twin in zip(rows, table.rows, strict=False):
                assert row == [cell.text for cell in twin][: len(heads)]
            every, columns = len(table.rows), len(table.columns)
        said = texts_of(slide)
        assert (len(rows) < every) == bool(re.search(rf"\b{len(rows)}\b.*\b{every}\b", said)) or len(rows) == every
        if len(rows) < every:
            assert any(part.startswith(str(len(rows))) or f" {len(rows)} " in part for part in said.split("\n"))
        if len(heads) < columns:
            assert f" {len(heads)} " in said
        assert rows


@EVERY
@FOR
def test_the_title_of_a_slide_is_what_the_panel_says(dashboard: Any, who: str) -> None:
    handout, slides = opened(dashboard.id, who)
    for answered, slide in matched(handout, slides):
        assert slide.shapes.title.text_frame.text == plain(answered.finding or answered.title)
        kicker = next(each for each in slide.placeholders if each.placeholder_format.idx == 13).text_frame.text
        assert plain(answered.unit_line)[:40] in kicker
        if answered.finding:
            assert kicker.startswith(plain(answered.title)[:40])
        notes = slide.notes_slide.notes_text_frame.text
        assert handout.link_of(answered) in notes
        assert handout.link_of(answered).startswith(f"{ORIGIN}/d/{dashboard.id}/{answered.panel.id}")
        for name, said in handout.about:
            assert f"{name}: {said}" in notes
        for note in answered.notes:
            assert plain(note) in notes
        assert any(
            relation.target_ref == handout.link_of(answered)
            for relation in slide.part.rels.values()
            if relation.is_external
        )


@EVERY
@FOR
def test_key_figures_stand_together_as_text_with_their_trend(dashboard: Any, who: str) -> None:
    handout, every = opened(dashboard.id, who)
    cards = [each for each in handout.panels if isinstance(each.mark, Card)]
    found = [
        (slide, [shape.text_frame.text for shape in slide.shapes if shape.name.startswith("Key figure")])
        for slide in every
    ]
    slides = [(slide, boxes) for slide, boxes in found if boxes]
    assert sum(len(boxes) for _, boxes in slides) == len(cards)
    for at, (slide, boxes) in enumerate(slides):
        assert len(boxes) == len(cards[8 * at : 8 * at + 8])
        trends = iter(map(Chart, charts_of(slide)))
        for answered, said in zip(cards[8 * at : 8 * at + 8], boxes, strict=True):
            face = card_face(answered)
            assert said.split("\n")[0] == face.title
            assert face.value_text in said.split("\n")
            for label, text, _ in face.rows[:3]:
                assert f"{text} {label}" in said
            if face.state is not None:
                assert face.state[0] in said
            chart = drawn(answered)
            if chart is not None:
                assert next(trends).series[0][1] == told(chart.series[0].values, chart.number_format)
        assert next(trends, None) is None


@EVERY
def test_nothing_lies_outside_its_slide_and_nothing_is_too_small_to_read(dashboard: Any) -> None:
    for template in (Template(), replace(COMPANY, logo=logo())):
        deck = Presentation(io.BytesIO(document(handed(of_somebody(dashboard), template=template)).content))
        wide, tall = deck.slide_width, deck.slide_height
        assert (wide, tall) == (Emu(12_192_000), Emu(6_858_000))
        for slide in deck.slides:
            numbers = [shape.shape_id for shape in slide.shapes]
            assert len(numbers) == len(set(numbers))
            for shape in slide.shapes:
                assert shape.left >= 0
                assert shape.left + shape.width <= wide + 20_000
                assert shape.top >= 0
                assert shape.top + shape.height <= tall
            sizes = [int(size) for size in slide._element.xpath(".//a:rPr/@sz")]
            for chart in charts_of(slide):
                sizes += map(int, chart._chartSpace.xpath(".//a:defRPr/@sz"))
            assert min(sizes) >= 100 * SMALLEST


@EVERY
def test_nothing_lies_over_another(dashboard: Any) -> None:
    for who in WHO:
        for slide in opened(dashboard.id, who)[1]:
            boxes = [
                (shape.left, shape.top, shape.left + shape.width, shape.top + shape.height, shape)
                for shape in slide.shapes
            ]
            # A small line stands inside its card.
            for at, first in enumerate(boxes):
                for second in boxes[at + 1 :]:
                    if first[4].name.startswith("Key figure") and second[4].has_chart:
                        continue
                    apart = (
                        first[2] <= second[0] or second[2] <= first[0] or first[3] <= second[1] or second[3] <= first[1]
                    )
                    assert apart, (first[4].name, second[4].name)


@EVERY
def test_every_graphic_is_told_in_words_and_every_slide_has_its_foot(dashboard: Any) -> None:
    handout = handed(of_somebody(dashboard), template=replace(COMPANY, logo=logo()))
    slides = slides_of(handout)
    for slide in slides:
        graphics = slide._element.xpath("//p:graphicFrame/p:nvGraphicFramePr/p:cNvPr | //p:pic/p:nvPicPr/p:cNvPr")
        assert all(each.get("descr") for each in graphics)
        assert slide.has_notes_slide
    for slide in slides[1:]:
        foot = next(each for each in slide.placeholders if each.placeholder_format.idx == 11)
        assert foot.text_frame.text.startswith("Nordwind, Kiel · ")
        assert "Data version" in foot.text_frame.text
        assert slide._element.xpath('.//a:fld[@type="slidenum"]')
        assert "Strictly internal" in texts_of(slide)


def test_a_waterfall_stands_on_a_base_that_is_not_seen() -> None:
    steps = [
        (answered, slide)
        for answered, slide in panel_slides(handed("/d/sales"))
        if isinstance(answered.mark, Waterfall)
    ]
    assert steps
    for _, slide in steps:
        (chart,) = charts_of(slide)
        bars = chart._chartSpace.xpath(".//c:barChart")[0]
        assert bars.xpath("c:grouping/@val") == ["stacked"]
        base = bars.xpath("c:ser")[0]
        assert base.xpath("c:spPr/a:noFill")
        deleted = chart._chartSpace.xpath('.//c:legendEntry[c:delete/@val="1"]/c:idx/@val')
        assert base.xpath("c:idx/@val")[0] in deleted


def test_the_opening_says_for_whom_of_what_and_what_matters() -> None:
    handout = handed(template=COMPANY)
    first = slides_of(handout)[0]
    said = texts_of(first)
    for text in ("Overview", "Erin", "Nordwind GmbH", "Strictly internal", handout.subtitle, handout.sentences[0]):
        assert text in said
    assert "Compared with" in said


def test_a_company_has_its_colour_its_mark_and_its_order() -> None:
    template = replace(COMPANY, logo=logo(), order=("top-customers", "variance"))
    content = document(handed(template=template)).content
    deck = Presentation(io.BytesIO(content))
    titles = [slide.shapes.title.text_frame.text for slide in deck.slides]
    plainly = {each.panel.id: each.finding for each in handed().panels}
    assert titles[1:3] == [plainly["top-customers"], plainly["variance"]]
    theme = dict(parts_of(content))["ppt/theme/theme1.xml"].decode()
    assert theme.count("0B5FA5") >= 2
    assert "2457D6" not in theme
    pictures = [shape for slide in deck.slides for shape in slide.shapes if shape.shape_type == 13]
    assert len(pictures) == len(deck.slides)
    assert pictures[0].image.blob == logo()


def test_a_mark_may_be_drawn_in_lines_and_nothing_else_is_taken_for_one() -> None:
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"><rect width="60" height="20"/></svg>'
    slides = slides_of(handed(template=Template(logo=drawing)))
    pictures = [shape for shape in slides[0].shapes if shape.shape_type == 13]
    assert pictures[0].image.content_type == "image/png"
    assert pictures[0].width / pictures[0].height == pytest.approx(3, rel=0.02)
    with pytest.raises(Invalid, match="PNG or an SVG"):
        document(handed(template=Template(logo=b"GIF89a")))
    with pytest.raises(Invalid, match="PNG or an SVG"):
        document(handed(template=Template(logo=b"\x89PNG\r\n\x1a\nno picture")))
    with pytest.raises(Invalid, match="PNG or an SVG"):
        document(handed(template=Template(logo=b"<svg no picture")))


@pytest.mark.parametrize(
    "inside",
    [
        '<image xlink:href="http://10.0.0.1/x.png" width="9" height="9"/>',
        "<image href='/etc/hostname.png' width='9' height='9'/>",
        '<image href="file:///etc/hostname.png"/>',
        '<image href = "&#47;etc/hostname.png"/>',
        "<style>@import 'http://10.0.0.1/x.css'; </style>",
        '<rect style="fill:url(http://10.0.0.1/x.svg#a)"/>',
    ],
)
def test_a_mark_that_would_fetch_something_is_refused(inside: str) -> None:
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{inside}</svg>'
    with pytest.raises(Invalid, match="holds all it shows"):
        document(handed(template=Template(logo=drawing.encode())))


def test_mia_without_cost_finds_no_margin_in_any_part_of_any_deck() -> None:
    for dashboard in dashboards():
        content = document(handed(of_somebody(dashboard), masks={"cost"})).content
        for name, part in parts_of(content):
            text = re.sub(rb"lIns|[lrtb]Ins|mar[LRTB]?|margin_", b"", part)
            assert b"ross margin" not in text, name
            assert b"Margin rate" not in text, name
    everyone = b"".join(part for _, part in parts_of(document(handed()).content))
    assert b"ross margin" in everyone


def test_otto_who_may_see_nothing_reads_why_on_every_slide() -> None:
    handout = handed(scope=Scope.nothing())
    for answered, slide in panel_slides(handout):
        assert answered.sentence in texts_of(slide)
        assert not charts_of(slide)
        assert not tables_of(slide)
    figures = slides_of(handout)[1]
    assert "administrator" in texts_of(figures)
    assert not charts_of(figures)


@EVERY
def test_a_dashboard_without_any_sale_is_a_deck_of_sentences(dashboard: Any) -> None:
    for answered, slide in panel_slides(handed(of_somebody(dashboard), Company(empty=True))):
        assert answered.state != "ready" or drawn(answered) or tables_of(slide) or isinstance(answered.mark, Risks)
        if answered.state != "ready":
            assert plain(answered.sentence) in texts_of(slide)
            assert slide.shapes.title.text_frame.text == answered.title


def test_a_deck_says_nothing_of_where_and_when_it_was_made() -> None:
    content = document(handed()).content
    assert document(handed()).content == content
    about = Presentation(io.BytesIO(content)).core_properties
    assert (about.author, about.last_modified_by, about.title) == ("Erin", "Erin", "Overview")
    assert about.created == about.modified
    assert about.created.date() == handed().context.today
    for name, part in parts_of(content):
        assert b"Steve Canny" not in part, name
        assert b"python-pptx" not in part, name


def test_the_theme_is_ours_and_has_no_places_of_another_page() -> None:
    deck = Presentation(io.BytesIO(document(handed()).content))
    assert [layout.name for layout in deck.slide_layouts] == ["Opening", "Panel"]
    for name, part in parts_of(document(handed()).content):
        if name.startswith("ppt/theme/"):
            assert b'name="Salient"' in part
            assert b"Calibri" not in part
    for layout in deck.slide_layouts:
        for shape in layout.shapes:
            assert shape.left + shape.width <= deck.slide_width


ODD = (
    "株式会社テスト 東京支店",
    '=HYPERLINK("http://x")',
    "<b>&amp;]]>\"'",
    "\x00\x01\x0b\x1f\ufffe\ud800 gone",
    "🦉🦉 owl\u200dowl",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 6,
    "line\nbreak\ttab\rreturn",
    "",
)


def renamed(answered: AnsweredPanel, name: str) -> AnsweredPanel:
    """The panel with every member, its title, sentence and finding called so."""

    def called(frame: Frame) -> Frame:
        rows = tuple(
            tuple(Member(each.key, name) if isinstance(each, Member) else each for each in row) for row in frame.rows
        )
        columns = tuple(replace(each, title=name) if each.role == "dimension" else each for each in frame.columns)
        return replace(frame, rows=rows, columns=columns, notes=(name,))

    timed = any(each.level in ("day", "week", "month", "quarter", "year") for each in _columns(answered))
    frames = answered.frames if timed else {key: called(frame) for key, frame in answered.frames.items()}
    return replace(answered, frames=frames, title=name, finding=name, sentence=name, unit_line=name, notes=(name, name))


def _columns(answered: AnsweredPanel) -> tuple[Any, ...]:
    return answered.frame.columns if answered.frame is not None else ()


def odd(handout: Handout, name: str) -> Handout:
    panels = tuple(renamed(each, name) for each in handout.panels)
    about = ((name, name), *handout.about)
    return replace(
        handout, panels=panels, title=name or "T", subtitle=name, made_for=name, about=about, sentences=(name, name)
    )


@pytest.mark.parametrize("name", ODD)
def test_odd_names_break_nothing_and_run_nothing(name: str) -> None:
    for dashboard in ("overview", "products", "regions"):
        content = document(odd(handed(f"/d/{dashboard}"), name)).content
        for part, text in parts_of(content):
            if part.endswith((".xml", ".rels")):
                ElementTree.fromstring(text)
            if part.endswith("sheet1.xml"):
                assert b"<f>" not in text
        for slide in Presentation(io.BytesIO(content)).slides:
            for shape in slide.shapes:
                assert shape.left + shape.width <= Emu(12_192_000) + 20_000
                assert shape.top + shape.height <= Emu(6_858_000), shape.name


TOP = next(each for each in handed().panels if each.panel.id == "top-customers")


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    names=st.lists(st.text(max_size=40), min_size=1, max_size=30, unique=True),
    figures=st.lists(st.decimals(-(10**12), 10**12, places=4), min_size=30, max_size=30),
)
def test_any_names_and_figures_come_out_as_they_went_in(names: list[str], figures: list[Decimal]) -> None:
    assert TOP.frame is not None
    rows = tuple(
        (Member(str(at), name), figure, *TOP.frame.rows[0][2:])
        for at, (name, figure) in enumerate(zip(names, figures, strict=False))
    )
    panel = replace(TOP, frames={"main": replace(TOP.frame, rows=rows, others=None)}, finding="")
    handout = replace(handed(), panels=(panel,))
    (_, slide), wanted = panel_slides(handout)[0], drawn(panel)
    assert wanted is not None
    (chart,) = map(Chart, charts_of(slide))
    for series, (_, values, _) in zip(wanted.series, chart.series, strict=True):
        assert values == [None if each is None else float(half_up(each, 2)) for each in series.values]
    for (row, *_), name in zip(chart.cells[1:], wanted.categories, strict=True):
        assert (row or "")[:10].rstrip() == plain(name)[:10].rstrip() or "…" in (row or "")


def test_one_category_and_thirty_are_both_a_chart_of_bars_as_thick_as_others() -> None:
    assert TOP.frame is not None
    row = TOP.frame.rows[0]
    for count in (1, 30):
        rows = tuple((Member(str(at), f"Customer {at}"), *row[1:]) for at in range(count))
        panel = replace(TOP, frames={"main": replace(TOP.frame, rows=rows, others=None)})
        (_, slide) = panel_slides(replace(handed(), panels=(panel,)))[0]
        frame = next(shape for shape in slide.shapes if shape.has_chart)
        assert frame.height < Emu(1_500_000) if count == 1 else frame.height > Emu(3_000_000)


def test_facts_about_a_customer_are_a_table() -> None:
    found = [
        tables_of(slide)
        for dashboard in dashboards()
        for answered, slide in opened_panels(dashboard.id)
        if isinstance(answered.mark, Identity)
    ]
    assert any("Dunmore Cycles (C7)" in row for grids in found for grid in grids for row in grid)


def test_the_format_is_known_by_its_ending() -> None:
    made = FORMAT.write(handed())
    assert (FORMAT.id, made.name) == ("pptx", "overview-2026-10-01-2026-11-21.pptx")
    assert made.media_type.endswith("presentationml.presentation")


def test_one_key_figure_alone_and_nothing_at_all_are_decks_too() -> None:
    handout = handed()
    first, figures = slides_of(replace(handout, panels=handout.panels[:1], sentences=(), link=""))
    assert figures.shapes.title.text_frame.text == "Key figures"
    assert card_face(handout.panels[0]).value_text in texts_of(figures)
    assert not [each for each in figures.part.rels.values() if each.is_external]
    assert len(slides_of(replace(handout, panels=()))) == 1
    assert "Overview" in texts_of(first)
