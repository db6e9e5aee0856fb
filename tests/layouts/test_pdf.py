"""Handouts as PDF, read back from their bytes: what is on them and for whom, and that all of it is only text."""

from __future__ import annotations

import getpass
import re
import shutil
import socket
import struct
import threading
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.values.errors import Invalid
from app.values.scope import Scope
from app.values.template import PLAIN, Template
from layouts.card import card_face
from layouts.dashboard import Dashboard, rows_for
from layouts.dashboards import dashboards
from layouts.handout import Handout
from layouts.marks import Card, Rows, SegmentGrid, TreeTable
from layouts.render.pdf import FORMAT, bound, document, press, warm
from layouts.render.pdf.press import NO_GLYPH, missing_in
from layouts.render.pdf.sheet import in_rows, paper
from tests.layouts.company import of_somebody, viewer
from tests.layouts.handouts import ORIGIN, handed
from tests.layouts.papers import (
    catalogue_of,
    described_in,
    followed_from,
    handed_over,
    listed,
    opened,
    pages_of,
    places_of,
    squeezed,
    text_of,
)


def printed(handout: Handout) -> bytes:
    """The bytes of the file."""
    return document(handout).content


@pytest.mark.parametrize("dashboard", dashboards(), ids=lambda each: each.id)
def test_every_figure_of_a_dashboards_cards_and_tables_is_on_its_paper(dashboard: Dashboard) -> None:
    handout = handed(of_somebody(dashboard, "period=2026"))
    content = printed(handout)
    text = text_of(content)
    for panel in handout.panels:
        assert squeezed(panel.title) in text
        if panel.state != "ready":
            assert squeezed(panel.sentence) in text
        elif isinstance(panel.mark, Card):
            face = card_face(panel)
            told = [face.value_text, *(text for _, text, _ in face.rows)]
            assert [each for each in told if squeezed(each) not in text] == []
        elif isinstance(panel.mark, SegmentGrid):
            assert panel.frame is not None
            counts = [str(row[panel.frame.index("customers")]) for row in panel.frame.rows]
            names = [str(getattr(row[1], "name", "")) for row in panel.frame.rows]
            assert [each for each in (*counts, *names) if squeezed(each) not in text] == []
        elif isinstance(panel.mark, Rows):
            told = [cell.text for row in panel.table.rows for cell in row if cell.text]
            assert [each for each in told if squeezed(each) not in text] == []
        elif isinstance(panel.mark, TreeTable):
            assert squeezed(panel.table.rows[0][0].text) in text
    assert "nan" not in {word.lower() for page in pages_of(content) for word in page.split()}


def test_a_document_says_its_title_its_language_and_for_whom_and_nothing_of_its_machine() -> None:
    content = printed(handed(locale="de"))
    metadata = opened(content).metadata
    assert metadata is not None
    assert (metadata.title, metadata.author) == ("Overview", "Erin")
    assert catalogue_of(content)["/Lang"] == "de"
    told = f"{described_in(content)} {metadata}"
    assert not re.search(rf"\b({re.escape(socket.gethostname())}|{re.escape(getpass.getuser())})\b", told)
    assert str(Path.cwd()).encode() not in content
    assert str(Path.home()).encode() not in content


def test_a_document_is_tagged_for_those_who_hear_it_and_says_that_it_keeps_the_standard() -> None:
    content = printed(handed())
    root = catalogue_of(content)
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert "<pdfuaid:part>1</pdfuaid:part>" in described_in(content)
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]


def test_the_head_says_the_view_the_scope_and_the_data_and_leads_to_the_live_view() -> None:
    handout = handed("/d/overview?category=Pumps")
    content = printed(handout)
    head = squeezed(pages_of(content)[0])
    for name, said in (pair for at, pair in enumerate(handout.about) if at != 1):
        assert squeezed(name + said) in head
    assert squeezed(handout.link) in head
    leads = followed_from(content)
    assert handout.link in leads
    assert all(each.startswith(ORIGIN) for each in leads)
    assert any("/d/overview/variance" in each for each in leads)


def test_pages_are_counted() -> None:
    pages = pages_of(printed(handed()))
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page


def test_the_overview_is_two_pages_and_every_dashboard_stays_readable_upright_and_on_letter() -> None:
    assert len(pages_of(printed(handed("/d/overview?period=2026")))) == 2
    upright = opened(printed(handed(template=Template(turn="portrait"))))
    assert [round(float(side)) for side in upright.pages[0].mediabox[2:]] == [595, 842]
    letter = opened(printed(handed(template=Template(size="letter"))))
    assert [round(float(side)) for side in letter.pages[0].mediabox[2:]] == [792, 612]


def test_pictures_that_are_tall_on_the_screen_stand_two_above_one_another_and_leave_no_page_half_empty() -> None:
    pages = pages_of(printed(handed("/d/products")))
    tall = next(page for page in pages if "Growth and margin by product" in page)
    assert "Concentration of net sales by product" in tall
    assert "Bought together" in tall


def test_a_long_table_says_its_header_on_every_page() -> None:
    pages = pages_of(printed(handed_over(listed([f"Customer {number:03d}" for number in range(1, 121)]))))
    assert len(pages) > 2
    assert all("Net sales, €" in page for page in pages)
    assert [number for number in range(1, 121) if not any(f"Customer {number:03d}" in page for page in pages)] == []


def test_a_row_never_stands_on_two_pages() -> None:
    names = [f"Customer {number:03d} " + "with a long name that needs more than one line " * 3 for number in range(90)]
    pages = pages_of(printed(handed_over(listed(names))))
    for number in range(90):
        where = [page for page in pages if f"Customer {number:03d}" in page]
        assert len(where) == 1
    assert sum(squeezed("".join(pages)).count(squeezed(name)) for name in names) == 90


def test_names_without_end_stay_on_their_paper_and_lose_nothing() -> None:
    names = [f"{number:02d}" + "endless" * 40 for number in range(30)] + ["many words " * 60]
    content = printed(handed_over(listed(names), listed(["Ada"], "Others", "short"), title="T" * 300))
    text = text_of(content).replace("\u200b", "")
    assert [name for name in names if squeezed(name) not in text] == []
    for page in opened(content).pages:
        assert all(0 < x < 842 and 0 < y < 596 for x, y in places_of(page))


def test_a_table_beside_others_shows_its_first_rows_and_where_all_of_them_are() -> None:
    long, short = listed([f"Customer {number:03d}" for number in range(1, 81)]), listed(["Ada"], "Others", "short")
    pages = pages_of(printed(handed_over(long, short)))
    assert "All 80 rows from page 2" in pages[0]
    assert "Customer 012" in pages[0]
    assert "Customer 013" not in pages[0]
    assert "Customer 013" in pages[1]


def test_a_table_that_is_cut_is_not_said_to_be_whole() -> None:
    long, short = listed([f"Customer {number:03d}" for number in range(1, 81)]), listed(["Ada"], "Others", "short")
    pages = pages_of(printed(handed_over(long, short, template=Template(rows=60))))
    assert "The first 60 of 80 rows from page 2" in pages[0]
    assert "The first 60 of 80 rows; all of them:" in pages[-1]


@pytest.mark.parametrize(("rows", "told"), [(60, 60), (100, 100), (1_000, 100), (1_500, 150), (10_000, 260)])
def test_a_paper_of_many_panels_tells_the_top_of_a_long_table_and_where_the_rest_is(rows: int, told: int) -> None:
    long, short = listed([f"Customer {number:03d}" for number in range(1, 261)]), listed(["Ada"], "Others", "short")
    text = text_of(printed(handed_over(long, short, template=Template(rows=rows))))
    assert f"Customer{told:03d}" in text
    assert f"Customer{told + 1:03d}" not in text
    link = squeezed(f"The first {told} of 260 rows; all of them: https://sales.example/d/customers/list")
    assert (link in text) == (told < 260)
    alone = text_of(printed(handed_over(long, template=Template(rows=rows))))
    assert [f"Customer{at:03d}" in alone for at in (told, min(rows, 260), 260)] == [True, True, rows >= 260]


@pytest.mark.parametrize("rows", [1, 5, 12, 13, 50, 119])
def test_a_table_beyond_the_templates_rows_is_cut_and_says_so_and_where_the_rest_is(rows: int) -> None:
    table = listed([f"Customer {number:03d}" for number in range(1, 121)])
    text = text_of(printed(handed_over(table, template=Template(rows=rows))))
    assert f"Customer{rows:03d}" in text
    assert f"Customer{rows + 1:03d}" not in text
    assert squeezed(f"The first {rows} of 120 rows; all of them: https://sales.example/d/customers/list") in text


def test_a_table_too_large_for_any_paper_is_cut_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layouts.render.pdf.content.MOST_CELLS", 100)
    text = text_of(printed(handed_over(listed([f"Customer {number:03d}" for number in range(1, 121)]))))
    assert "Customer050" in text
    assert "Customer051" not in text
    assert squeezed("The first 50 of 120 rows; all of them:") in text


HOSTILE = (
    "#sys.inputs",
    "#import \"@preview/cetz:0.3.0\": *",
    "*bold* _it_ `raw`",
    "$x^2$",
    "<label> @label",
    "= Heading",
    "\\u{41} \\",
    "// gone",
    "https://evil.example",
    "<script>alert(1)</script>",
    "#read(\"/etc/passwd\")",
    "{{7*7}} %s {name}",
    "---",
)  # fmt: skip


def test_a_name_is_text_whatever_it_looks_like() -> None:
    content = printed(handed_over(listed(HOSTILE, title="#panic()"), title="#title *x*", made_for="$me$ <a>"))
    text = text_of(content)
    for name in (*HOSTILE, "#title *x*", "$me$ <a>"):
        assert squeezed(name) in text
    assert "root:" not in text
    reader = opened(content)
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author) == ("#title *x*", "$me$ <a>")
    assert not any("evil" in address for address in followed_from(content))


def test_letters_that_cannot_be_seen_do_no_harm() -> None:
    text = text_of(printed(handed_over(listed(["Bell\x07 Ltd", "Turn\u202egnp.exe", "Half\ud800 AG", "Line\nBreak"]))))
    assert "BellLtd" in text
    assert "Turngnp.exe" in text
    assert f"Half{NO_GLYPH}AG" in text
    assert "LineBreak" in text


@pytest.fixture
def _no_more_fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine that has no font beside those shipped."""
    real = press._compiler
    monkeypatch.setattr(press, "_compiler", lambda folders, **more: real(folders, **{**more, "system": False}))
    press._press.cache_clear()
    yield
    press._press.cache_clear()


@pytest.mark.usefixtures("_no_more_fonts")
def test_a_letter_that_no_font_has_is_a_box_that_the_document_explains() -> None:
    content = printed(handed_over(listed(["日本商事", "Ωmega Ελλάς", "Ростов", "Łódź"])))
    text = text_of(content)
    assert NO_GLYPH * 4 in text
    assert squeezed(f"The sign {NO_GLYPH} stands for letters that no font here has.") in text
    for name in ("ΩmegaΕλλάς", "Ростов", "Łódź"):
        assert name in text
    assert catalogue_of(content)["/MarkInfo"]["/Marked"]
    assert "pdfuaid:part" not in described_in(content)
    # The next one has all of its letters, and says so.
    assert "pdfuaid:part" in described_in(printed(handed_over(listed(["Ada"]))))


@pytest.mark.usefixtures("_no_more_fonts")
def test_a_folder_of_further_fonts_is_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    further, none = tmp_path / "further", tmp_path / "none"
    none.mkdir()
    shutil.copytree(press.SHIPPED, further)
    monkeypatch.setattr(press, "SHIPPED", none)
    handout = handed_over(listed(["Ростов"]))
    assert "Ростов" not in text_of(printed(handout))
    monkeypatch.setattr(press, "_further", [])
    press.use_fonts(further)
    content = printed(handout)
    assert "Ростов" in text_of(content)
    assert "pdfuaid:part" in described_in(content)


def test_a_failure_names_the_letters_that_are_missing() -> None:
    told = 'error: the text `"日"` could not be displayed\n the text `"\\u{1f600}"` could not be displayed'
    assert missing_in(told) == {"日", "\N{GRINNING FACE}"}
    assert missing_in("error: something else") == set()


def test_equal_handouts_make_equal_bytes() -> None:
    first = printed(handed())
    press._press.cache_clear()
    assert printed(handed()) == first
    assert printed(handed("/d/overview?period=2025")) != first


def test_otto_is_told_why_there_is_nothing() -> None:
    handout = handed(scope=Scope.nothing())
    text = text_of(printed(handout))
    assert text.count(squeezed("No sales have been assigned to you yet.")) >= len(handout.panels)


def test_a_reader_without_cost_gets_paper_without_margin() -> None:
    text = text_of(printed(handed("/d/products?period=2026", masks=("cost",))))
    assert "Grossmargin" not in text


@pytest.mark.parametrize("masks", [(), ("cost",)])
@pytest.mark.parametrize("dashboard", dashboards(), ids=lambda each: each.id)
def test_panels_stand_beside_one_another_as_on_the_screen(dashboard: Dashboard, masks: tuple[str, ...]) -> None:
    handout = handed(of_somebody(dashboard, "period=2026"), masks=masks)
    rows = in_rows(handout.panels, (), paper(PLAIN))
    on_screen = rows_for(dashboard, viewer(masks=masks))
    assert [[each.panel.id for each in row] for row in rows] == [[panel.id for panel in row] for row in on_screen]


def test_panels_that_a_template_names_come_first() -> None:
    text = text_of(printed(handed(template=Template(order=("moved-goods", "orders")))))
    assert text.index("Largestmovesbyproduct") < text.index("Orders") < text.index("Budgetattained")


def test_a_template_has_a_cover_a_header_and_a_footer_and_a_logo() -> None:
    template = Template(name="Nordwind AG", header="Confidential", footer="For us only", cover=True, logo=_png())
    pages = pages_of(printed(handed(template=template)))
    assert "Overview" in pages[0]
    assert "Net sales are" not in pages[0]
    assert "Net sales are" in pages[1].replace("\n", " ")
    for page in pages:
        assert "Nordwind AG" in page
        assert "Confidential" in page
        assert "For us only" in page
    assert any(page.images for page in opened(printed(handed(template=template))).pages)


@pytest.mark.parametrize("logo", [b"no picture", b"\x89PNG\r\n\x1a\nbroken", b"<svg", b"GIF89a"])
def test_a_logo_that_is_no_picture_is_refused_in_words(logo: bytes) -> None:
    with pytest.raises(Invalid, match="logo"):
        document(handed(template=Template(logo=logo)))


def test_a_logo_cannot_fetch_anything(tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(_png())
    drawing = (
        "<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'><image href='{}' width='9' height='9'/></svg>"
    )
    for address in (secret, secret.as_uri(), "../../../../README.md", "http://127.0.0.1:9/x.png"):
        handout = handed_over(listed(["Ada"]), template=Template(logo=drawing.format(address).encode()))
        try:
            content = printed(handout)
        except Invalid:
            continue
        assert not any(page.images for page in opened(content).pages)


def test_an_address_that_nobody_can_follow_from_paper_is_text_only() -> None:
    content = printed(handed_over(listed(["Ada"]), link="/d/customers"))
    assert "/d/customers" in text_of(content)
    assert followed_from(content) == set()


def test_a_long_address_stays_on_its_paper() -> None:
    link = "https://sales.example/d/customers?" + "&".join(f"customer=C{at:05d}" for at in range(60))
    page = opened(printed(handed_over(listed(["Ada"]), link=link))).pages[0]
    assert squeezed(link) in squeezed(page.extract_text().replace("\u200b", ""))
    assert all(0 < x < 842 and 0 < y < 596 for x, y in places_of(page))
    lines = {round(y) for _, y in places_of(page)}
    assert len(lines) > 8


def test_two_at_once_get_their_own() -> None:
    found: dict[str, str] = {}

    def hand(name: str) -> None:
        found[name] = text_of(printed(handed_over(listed([f"Only {name}"]))))

    threads = [threading.Thread(target=hand, args=(f"reader{at}",)) for at in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert all(f"Only{name}" in text and text.count("Onlyreader") == 1 for name, text in found.items())
    assert len(found) == 6


def test_the_format_is_known_by_its_ending() -> None:
    warm()
    made = FORMAT.write(replace(handed_over(listed(["Ada"])), name="who-buys"))
    assert (FORMAT.id, made.name, made.media_type) == ("pdf", "who-buys.pdf", "application/pdf")
    assert made.content.startswith(b"%PDF-1.7")


def _png() -> bytes:
    """Four red dots."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(b"".join(b"\0" + b"\xff\0\0" * 2 for _ in range(2)))
    head = struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_several_papers_are_the_sections_of_one_document_with_a_page_of_what_it_holds() -> None:
    long = handed_over(
        listed([f"Buyer {at:04}" for at in range(120)]), listed(["Ann"], "Few", "few"), title="Who buys", subtitle="May"
    )
    other = handed_over(listed(["Zoë"], "Latest", "latest"), title="Who came back", subtitle="June")
    made = bound("Monday papers", [long, other])
    assert made.name == "monday-papers.pdf"
    reader = opened(made.content)
    assert reader.metadata is not None
    assert reader.metadata.title == "Monday papers"
    texts = [page.extract_text() for page in reader.pages]
    assert all(f"Page {at} of {len(texts)}" in text for at, text in enumerate(texts, start=1))
    assert "Contents" in texts[0]
    assert "Buyer" not in texts[0]
    sections = [each for each in reader.outline if not isinstance(each, list)]
    assert [each.title for each in sections] == ["Monday papers", "Who buys", "Who came back"]
    pages = [reader.get_destination_page_number(each) for each in sections]
    assert pages[:2] == [0, 1]
    assert pages[2] == len(texts) - 1
    lines = texts[0].splitlines()
    assert next(line for line in lines if "Who came back" in line).endswith(str(pages[2] + 1))
    assert "Who buys" in texts[pages[2] - 1]
    assert "Buyer 0099" in "".join(texts[: pages[2]])
    assert "Zoë" in texts[-1]
    assert bound("Monday papers", [long, other]).content == made.content
