"""Workbooks, read back from their bytes: every figure is the answer's, and nothing runs that we did not write."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from openpyxl.utils import range_boundaries
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from app.assembly import House, assemble
from app.handing import handout
from app.rows import rows_csv, rows_xlsx
from app.values.errors import Refusal
from app.values.template import Template
from app.values.view import View
from layouts.columns import number, title_of
from layouts.handout import Handout
from layouts.native import native_chart
from layouts.render.xlsx import document
from layouts.render.xlsx.look import holds, serial
from layouts.render.xlsx.sheet import HEADER, sheet_names
from layouts.render.xlsx.table import places_of
from layouts.render.xlsx.totals import totals_of
from queries.frame import Column, Frame, Member, Provenance
from tests.layouts.company import Company as Formulas
from tests.layouts.company import answered, context
from tests.services.salient import TODAY, with_demo, workspace

PEOPLE = ("erin", "mia", "sam")
"""An executive, marketing, who may not see costs, and a sales rep."""


@dataclass(eq=False)
class Company:
    """A house that files are kept of: reading one back takes a while."""

    house: House


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """Salient over a small demo company."""
    found = assemble(with_demo(workspace(tmp_path_factory.mktemp("home")), 6_000))
    yield Company(found)
    found.close()


@cache
def handouts(house: Company, who: str, locale: str = "en") -> tuple[Handout, ...]:
    """Every dashboard that somebody may take away."""
    viewer = house.house.viewer_named(f"{who}@salient.example")
    viewer = replace(viewer, context=replace(viewer.context, locale=locale))
    found = []
    for dashboard in house.house.dashboards:
        try:
            found.append(handout(house.house, viewer, View.parse(f"/d/{dashboard.id}")))
        except Refusal:
            continue
    assert found
    return tuple(found)


@cache
def taken(house: Company, who: str) -> tuple[tuple[Handout, bytes, Workbook], ...]:
    """What somebody took away, the file, and what a spreadsheet shows of it."""
    made = ((given, document(given).content) for given in handouts(house, who))
    return tuple((given, content, opened(content, values=True)) for given, content in made)


def opened(content: bytes, *, values: bool = False) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(content), data_only=values)


def the_overview(house: Company, **more: Any) -> tuple[Handout, Workbook]:
    given = replace(next(each for each in handouts(house, "erin") if each.title == "Overview"), **more)
    return given, opened(document(given).content)


def alone(frame: Frame, **more: Any) -> Handout:
    """A handout of one panel that shows a frame."""
    panel = replace(answered("top-customers"), frames={"main": frame})
    return Handout("Largest customers", "largest", (panel,), context(), **more)


def frame_of(*rows: tuple[str, Any], **more: Any) -> Frame:
    """Customers and their net sales."""
    columns = (
        Column("customer", "Customer", "dimension", level="customer"),
        Column("net_sales", "Net sales", "metric", "net_sales", unit="money", format="money", better="up"),
    )
    provenance = Provenance(1, TODAY, None)
    found = tuple((Member(f"K{at}", name), figure) for at, (name, figure) in enumerate(rows))
    return Frame(columns, found, provenance, "EUR", **more)


@pytest.mark.parametrize("who", PEOPLE)
def test_every_figure_of_every_sheet_is_the_answers(house: Company, who: str, count: Any) -> None:
    for given, _, book in taken(house, who):
        assert len(book.worksheets) == len(given.panels) + 1
        for answered_, sheet in zip(given.panels, book.worksheets[1:], strict=True):
            frame = answered_.frame
            if answered_.state != "ready" or frame is None:
                assert sheet.cell(HEADER + 1, 1).value == answered_.sentence
                continue
            places = places_of(frame, "en")
            heads = [sheet.cell(HEADER + 1, at + 1).value for at in range(len(places))]
            assert heads == [place.title or None for place in places]
            rows = [*frame.rows, *([frame.others] if frame.others else []), *([frame.totals] if frame.totals else [])]
            for at, row in enumerate(rows):
                for position, place in enumerate(places):
                    figure = number(row[place.at]) if place.what == "figure" else None
                    if figure is not None:
                        read = sheet.cell(HEADER + 2 + at, position + 1).value
                        assert Decimal(str(read)) == pytest.approx(Decimal(figure), rel=Decimal("1e-14"))
                        count("figures read back from workbooks")


def test_cents_are_exact_up_to_fifteen_digits_and_more_is_text(count: Any) -> None:
    amounts = [Decimal(f"{digits}.{cents:02d}") for digits in ("1", "9" * 13, "-1234567890123", "0") for cents in
               (0, 1, 7, 29, 58, 99)]  # fmt: skip
    huge = [Decimal("12345678901234.56"), Decimal("-99999999999999999.99")]
    frame = frame_of(*((f"Customer {at}", each) for at, each in enumerate([*amounts, *huge])))
    sheet = opened(document(alone(frame)).content).worksheets[1]
    read = [sheet.cell(HEADER + 2 + at, 3).value for at in range(len(frame.rows))]
    assert [Decimal(str(each)) for each in read] == [*amounts, *huge]
    assert [type(each) for each in read[-2:]] == [str, str]
    assert all(not isinstance(each, str) for each in read[:-2])
    assert "more digits" in " ".join(texts(sheet))
    assert holds(Decimal(10) ** 17)


def test_sums_add_up_to_the_asked_totals_and_others_are_in_them(house: Company) -> None:
    seen = 0
    for given, content, values in taken(house, "erin"):
        book = opened(content)
        for answered_, sheet, cached in zip(given.panels, book.worksheets[1:], values.worksheets[1:], strict=True):
            for row in sheet.iter_rows():
                for cell in row:
                    if isinstance(cell.value, str) and cell.value.startswith("=SUM("):
                        left, top, right, bottom = range_boundaries(cell.value[5:-1])
                        assert (left, right) == (cell.column, cell.column)
                        made = sum(
                            Decimal(str(sheet.cell(at, left).value or 0)) for at in range(top or 0, (bottom or 0) + 1)
                        )
                        asked = cached.cell(cell.row, cell.column).value
                        assert float(made) == pytest.approx(asked, rel=1e-9)
                        assert answered_.frame is not None
                        rows = len(answered_.frame.rows) + (answered_.frame.others is not None)
                        assert (bottom or 0) - (top or 0) + 1 == rows
                        seen += 1
    assert seen > 20


def test_distinct_customers_and_rates_are_never_summed(house: Company) -> None:
    given = next(each for each in handouts(house, "erin") if each.title == "Regions")
    at = next(place for place, each in enumerate(given.panels) if each.panel.id == "places")
    sheet, frame = opened(document(given).content).worksheets[at + 1], given.panels[at].frame
    assert frame is not None
    letters = {place.column.id: position for position, place in enumerate(places_of(frame, "en"), start=1)}
    below = HEADER + 2 + len(frame.rows)
    assert sheet.cell(below, letters["net_sales"]).value.startswith("=SUM(")
    assert frame.totals is not None
    assert sheet.cell(below, letters["customers"]).value == frame.totals[frame.index("customers")]
    assert "Customers" in next(text for text in texts(sheet) if text.startswith("Totals of these columns"))


def test_a_rate_is_the_quotient_of_its_printed_parts() -> None:
    columns = tuple(
        Column(name, name, "metric", name, unit="money" if name != "margin_rate" else "ratio")
        for name in ("margin", "costed_net_sales", "margin_rate")
    )
    rows = ((Decimal(1), Decimal(4), Decimal("0.25")), (Decimal(3), Decimal(4), Decimal("0.75")))
    frame = Frame(columns, rows, Provenance(1, TODAY, None), "EUR", (Decimal(4), Decimal(8), Decimal("0.5")))
    given = alone(
        frame,
        additive=frozenset({"margin", "costed_net_sales"}),
        parts={"margin_rate": ("margin", "costed_net_sales")},
    )
    sheet = opened(document(given).content).worksheets[1]
    found = [sheet.cell(HEADER + 4, column).value for column in (1, 2, 3)]
    assert found == ["=SUM(A7:A8)", "=SUM(B7:B8)", '=IF(B9=0,"",A9/B9)']


def test_a_total_that_its_rows_do_not_make_is_the_asked_one() -> None:
    frame = frame_of(("One", Decimal(10)), ("Two", Decimal(20)), totals=(None, Decimal(100)))
    found = totals_of(frame, alone(frame, additive=frozenset({"net_sales"})), {"net_sales": "C"}, 7, 8)
    assert (found["net_sales"].figure, found["net_sales"].formula) == (Decimal(100), "")
    whole = replace(frame, others=(None, Decimal(70)), others_count=3)
    found = totals_of(whole, alone(whole, additive=frozenset({"net_sales"})), {"net_sales": "C"}, 7, 9)
    assert found["net_sales"].formula == "=SUM(C7:C9)"


def test_the_filter_leaves_others_and_totals_where_they_are() -> None:
    frame = frame_of(("One", Decimal(1)), ("Two", Decimal(2)), others=(None, Decimal(3)), totals=(None, Decimal(6)))
    sheet = opened(document(alone(frame, additive=frozenset({"net_sales"}))).content).worksheets[1]
    assert sheet.auto_filter.ref == "A6:C8"
    assert sheet["A9"].value == "Others"
    assert (sheet["A10"].value, sheet["C10"].value) == ("Total", "=SUM(C7:C9)")


EVIL = ("=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "\t=1", '=HYPERLINK("http://x")', "http://x.example", "{=1}")


def test_a_name_that_looks_like_a_formula_is_text(house: Company) -> None:
    frame = frame_of(*((name, Decimal(at)) for at, name in enumerate(EVIL)))
    panel = replace(
        answered("top-customers"), frames={"main": frame}, title=EVIL[0], finding=EVIL[1], notes=(EVIL[0],),
    )  # fmt: skip
    given = Handout(EVIL[0], "evil", (panel,), context(), EVIL[1], EVIL[0], ((EVIL[0], EVIL[1]),), (EVIL[2],))
    content = document(given).content
    for sheet in opened(content).worksheets:
        for row in sheet.iter_rows():
            assert [cell.coordinate for cell in row if cell.data_type == "f"] == []
    names = [opened(content).worksheets[1].cell(HEADER + 2 + at, 1).value for at in range(len(EVIL))]
    assert names[:4] == [f"'{name}" for name in EVIL[:4]]
    assert names[6:] == ["http://x.example", "{=1}"]
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        rels = "".join(parts.read(name).decode() for name in parts.namelist() if name.endswith(".rels"))
        assert "http://x" not in rels
        charts = "".join(parts.read(name).decode() for name in parts.namelist() if "/charts/chart" in name)
        assert "1+1</c:f>" not in charts


def test_charts_draw_the_cells_that_say_the_same(house: Company) -> None:
    drawn = 0
    for given, _, book in taken(house, "erin"):
        for answered_, sheet in zip(given.panels, book.worksheets[1:], strict=True):
            chart = native_chart(answered_)
            assert len(sheet._charts) == (chart is not None)
            if chart is None:
                continue
            found = series_of(sheet)
            assert len(found) == len(chart.series)
            for each in chart.series:
                reference = found[next(at for at, name in enumerate(found) if cells(book, name[0]) == [each.name])]
                read = cells(book, reference[1])
                assert [value is None for value in read] == [value is None for value in each.values]
                assert [Decimal(str(v)) for v in read if v is not None] == [
                    pytest.approx(Decimal(v), rel=Decimal("1e-14")) for v in each.values if v is not None
                ]
                drawn += 1
    assert drawn > 60


def series_of(sheet: Worksheet) -> list[tuple[str, str]]:
    """The cells of the name and the figures of each series of the sheet's chart, of a line over columns too."""
    found = []
    for chart in [sheet._charts[0], *sheet._charts[0]._charts[1:]]:
        for each in chart.series:
            values = each.val.numRef if each.val is not None else each.yVal.numRef
            found.append((each.tx.strRef.f, values.f))
    return found


def cells(book: Workbook, reference: str) -> list[Any]:
    """What stands in a range such as 'Net sales'!$A$1:$A$9."""
    name, area = reference.rsplit("!", 1)
    left, top, _, bottom = range_boundaries(area)
    sheet = book[name.strip("'").replace("''", "'")]
    return [sheet.cell(row, left).value for row in range(top or 0, (bottom or 0) + 1)]


def texts(sheet: Worksheet) -> list[str]:
    return [cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]


def test_shaded_tables_are_shaded_by_rule(house: Company) -> None:
    given = next(each for each in handouts(house, "erin") if each.title == "Sales")
    book = opened(document(given).content)
    shaded = {
        answered_.panel.id
        for answered_, sheet in zip(given.panels, book.worksheets[1:], strict=True)
        if any(rule.type == "colorScale" for rules in sheet.conditional_formatting for rule in rules.rules)
    }
    assert shaded == {"growth", "months"}


@pytest.mark.parametrize("who", PEOPLE)
def test_no_sheet_is_hidden_and_what_is_masked_is_nowhere(house: Company, who: str) -> None:
    for given, content, book in taken(house, who):
        for sheet in book.worksheets:
            assert sheet.sheet_state == "visible"
            assert not any(row.hidden for row in sheet.row_dimensions.values())
            assert not any(column.hidden for column in sheet.column_dimensions.values())
        if given.context.masks:
            with zipfile.ZipFile(io.BytesIO(content)) as parts:
                whole = "".join(parts.read(name).decode() for name in parts.namelist() if name.endswith(".xml"))
            assert not re.search(r"Gross margin|Margin rate", whole)


def test_mia_is_one_whose_masks_hold(house: Company) -> None:
    assert house.house.viewer_named("mia@salient.example").context.masks


def test_days_are_days_and_keys_stand_beside_names(house: Company) -> None:
    given = next(each for each in handouts(house, "erin") if each.title == "Overview")
    book = opened(document(given).content)
    sheets = {each.panel.id: sheet for each, sheet in zip(given.panels, book.worksheets[1:], strict=True)}
    assert isinstance(sheets["cumulative"].cell(HEADER + 2, 1).value, datetime | date)
    head = [sheets["top-customers"].cell(HEADER + 1, at).value for at in (1, 2)]
    assert head == ["Customer", "Customer, key"]
    assert re.fullmatch(r"C\d+", sheets["top-customers"].cell(HEADER + 2, 2).value)
    assert serial(date(2026, 11, 21)) == 46_347


def test_the_cover_says_what_for_whom_and_leads_to_every_sheet(house: Company) -> None:
    given, book = the_overview(house)
    cover = book.worksheets[0]
    said = texts(cover)
    assert {given.title, given.subtitle, f"Made for {given.made_for}", *given.sentences} <= set(said)
    assert {part for pair in given.about for part in pair} <= set(said)
    places = {cell.hyperlink.location for row in cover.iter_rows() for cell in row if cell.hyperlink} - {None}
    assert places == {f"'{sheet.title}'!A1" for sheet in book.worksheets[1:]}


def test_the_file_says_nothing_of_the_machine_and_is_the_same_every_time(house: Company) -> None:
    given, book = the_overview(house)
    assert document(given).content == document(given).content
    assert (book.properties.title, book.properties.creator) == ("Overview", given.made_for)
    assert book.properties.created == datetime(2026, 11, 21)
    assert not book.properties.lastModifiedBy or book.properties.lastModifiedBy == given.made_for


def test_a_company_sees_its_own_colour_mark_head_and_foot(house: Company) -> None:
    logo = bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf500f000386"
        "018034a5e2c90000000049454e44ae426082"
    )
    template = Template("Acme", "#aa3377", logo, "Acme & Sons", "1st quarter & more", size="letter")
    _, book = the_overview(house, template=template)
    first = book.worksheets[1]
    assert first.oddHeader.left.text == "Acme && Sons"
    assert "quarter && more" in (first.oddFooter.center.text or "")
    assert first.page_setup.paperSize == 1
    assert first.cell(HEADER + 1, 1).border.bottom.color.rgb == "FFAA3377"
    assert len(book.worksheets[0]._images) == 1
    assert (first.page_setup.orientation, first.page_setup.fitToHeight) == ("landscape", 0)
    assert first.print_title_rows == f"${HEADER + 1}:${HEADER + 1}"
    assert first.freeze_panes == f"A{HEADER + 2}"


def test_sheets_have_names_that_spreadsheets_take() -> None:
    long = "A title of a panel that is much too long for a sheet"
    names = sheet_names(["Cover", "a/b[c]:d*e?f\\g", long, long, "History", "history", "'quoted'", "COVER", "", "///"])
    assert len({name.casefold() for name in names}) == len(names)
    assert all(0 < len(name) <= 31 for name in names)
    assert not any(set(name) & set("[]:*?/\\") for name in names)
    assert names[0] == "Cover"
    assert names[6] == "quoted"
    assert "history" not in {name.casefold() for name in names}


def test_a_reader_of_german_gets_a_german_workbook(house: Company) -> None:
    given = next(each for each in handouts(house, "remy", "de"))
    book = opened(document(given).content)
    assert book.sheetnames[0] == "Deckblatt"
    assert "Überblick" in texts(book.worksheets[0])
    frame = next(each.frame for each in given.panels if each.state == "ready" and each.frame is not None)
    assert title_of(frame.columns[0], frame, "de")
    formats = {cell.number_format for sheet in book.worksheets for row in sheet.iter_rows() for cell in row}
    assert '#,##0.00" €"' in formats


def test_a_company_without_sales_has_sentences_for_figures() -> None:
    panel = answered("variance", company=Formulas(empty=True))
    assert panel.state != "ready"
    book = opened(document(Handout("Overview", "overview", (panel,), context())).content)
    assert panel.sentence in texts(book.worksheets[1])


def test_the_lines_of_the_workbook_are_those_of_the_file_of_text(house: Company, tmp_path: Path) -> None:
    viewer, view = house.house.viewer_named("sam@salient.example"), View.parse("/d/customer-sales/lines?period=2026")
    text = b"".join(rows_csv(house.house, viewer, view)).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text.split("\r\n# ")[0])))[1:]
    lines = [line for line in lines if line]
    path = tmp_path / "lines.xlsx"
    assert rows_xlsx(house.house, viewer, view, path) == len(lines) > 0
    sheet = openpyxl.load_workbook(path)["Lines"]
    for line, row in zip(lines, sheet.iter_rows(min_row=2), strict=True):
        for said, cell in zip(line, row, strict=True):
            if isinstance(cell.value, datetime):
                assert said == cell.value.date().isoformat()
            elif isinstance(cell.value, int | float):
                assert float(said) == pytest.approx(cell.value, abs=0.005)
            else:
                assert said == (cell.value or "")


@pytest.mark.filterwarnings("error")
def test_marks_that_nobody_sees_and_endless_addresses_break_no_file() -> None:
    frame = frame_of(("O'Neil & Söhne <b>", Decimal(5)), ("x\x07y", Decimal(3)))
    panel = replace(answered("top-customers"), frames={"main": frame}, title='Adults\' \x07 "sales" & <co>')
    template = Template(header="& " * 70, footer="&" * 150)
    link = f"http://salient.example/d/overview?x={'a' * 3_000}"
    given = Handout("T\x01", "n", (panel, panel), context(), made_for="M\x02 & S" * 30, link=link, template=template)
    content = document(given).content
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for name in parts.namelist():
            assert ElementTree.fromstring(parts.read(name)) is not None
    book = opened(content)
    assert book.sheetnames == ["Cover", 'Adults\' "sales" & <co>', 'Adults\' "sales" & <co> (2)']
    assert cells(book, series_of(book.worksheets[2])[0][1]) == [5, 3]


def test_panels_stand_in_the_order_of_the_template(house: Company) -> None:
    _, book = the_overview(house, template=Template(order=("category-mix", "risks")))
    assert book.sheetnames[1:3] == ["Mix by category", "Risks"]
