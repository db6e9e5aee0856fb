"""A mail says what the dashboard says, to whom it is addressed, and nothing of anybody else."""

from __future__ import annotations

import re
import struct
from dataclasses import replace
from datetime import UTC, datetime, time
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import pytest

from app.channels.letter import letter
from app.channels.message import Message
from app.values.addresses import Sender
from app.values.template import Template
from layouts.dashboards import dashboards
from layouts.figures import Figure, figures
from layouts.handout import Handout
from layouts.render.mail import CHARTS, Addressee, MailBody, addressed, mail
from tests.layouts.company import TODAY, Company
from tests.layouts.handouts import handed
from tests.layouts.papers import handed_over, listed

APPROVED = Path(__file__).parent / "approved"
GMAIL_CUTS = 102_400
"""Bytes of HTML after which Gmail shows no more."""

REMY = Addressee(
    name="Remy Roux",
    own=(Figure("Net sales", "€1.2M", (("vs budget", "−3.1%", "neg"),), "▼ Behind", "neg"),),
    notes=("This comes late: it was due on Monday at 07:00.",),
    attached=("overview.pdf",),
    linked=(("overview.xlsx", "https://sales.example/files/abc"),),
    why="You get this because Erin put you on “Monday figures”.",
    unsubscribe="https://sales.example/unsubscribe/abc",
)


class Read(HTMLParser):
    """What a mail program sees: tags with their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """One text."""
        if self.tags[-1:] and self.tags[-1][0] != "style":
            self.said.append(data)

    @property
    def text(self) -> str:
        """All texts."""
        return " ".join(" ".join(self.said).split())

    def all(self, tag: str, attribute: str) -> list[str]:
        """An attribute of every such tag."""
        return [told[attribute] or "" for name, told in self.tags if name == tag and attribute in told]


@pytest.fixture(scope="module")
def overview() -> MailBody:
    """The overview as Erin would hand it to everybody."""
    return mail([handed()])


def test_the_text_of_a_mail_is_complete_in_itself(overview: MailBody) -> None:
    told = addressed(overview, REMY).text
    assert told == (APPROVED / "mail-overview.txt").read_text(encoding="utf-8")


def test_every_figure_sentence_and_finding_stands_in_both_bodies(overview: MailBody) -> None:
    paper = handed()
    body = addressed(overview, REMY)
    seen = Read(body.html).text
    cards = figures(paper.panels)
    assert len(cards) == 7
    for figure in cards:
        for text in (figure.title, figure.value, *(text for _, text, _ in figure.against)):
            assert text in seen
            assert text in body.text
    assert len(overview.sentences) == 3
    for sentence in (*overview.sentences, "6.7% behind plan since day 14", *REMY.notes, REMY.why, "Hello Remy Roux,"):
        assert sentence in seen
        assert sentence in body.text


def test_the_text_says_the_figures_that_the_pictures_show() -> None:
    body = mail([handed("/d/team")])
    assert "furthest behind, at 40%" in body.text
    rows = body.text.partition("ATTAINMENT BY SALES REP")[2].splitlines()[2:7]
    shares = [int(row.rpartition(": ")[2].removesuffix("%")) for row in rows]
    assert shares == sorted(shares, reverse=True)
    assert max(shares) == 61, "of the whole quota, as in the picture, and not of its part to date"


def test_a_comparison_without_a_figure_costs_no_column() -> None:
    told = figures(handed(company=Company(no_plan=True)).panels)
    assert [label for label, _, _ in told[0].against] == ["vs last year"]
    assert all(text != "—" for figure in told for _, text, _ in figure.against)


def test_the_pictures_are_those_the_html_shows_drawn_at_twice_the_size(overview: MailBody) -> None:
    read = Read(overview.html)
    assert read.all("img", "src") == [f"cid:{each.content_id}" for each in overview.inline]
    assert len(overview.inline) == CHARTS
    assert all(len(alt) > 20 for alt in read.all("img", "alt"))
    for picture in overview.inline:
        width, height = struct.unpack(">II", picture.document.content[16:24])
        assert (width, picture.document.media_type) == (800, "image/png")
        assert 100 < height < 1_600


@pytest.mark.parametrize("dashboard", ["products", "customers", "regions"])
def test_charts_of_tall_dashboards_fit_a_mail(dashboard: str) -> None:
    body = mail([handed(f"/d/{dashboard}")])
    sizes = [struct.unpack(">II", each.document.content[16:24]) for each in body.inline]
    assert sizes
    assert all(height <= width * 3 / 4 for width, height in sizes), sizes


def test_nothing_is_fetched_and_nothing_runs(overview: MailBody) -> None:
    html = addressed(overview, REMY).html
    read = Read(html)
    tags = {tag for tag, _ in read.tags}
    assert not tags & {"script", "link", "iframe", "object", "form", "input", "video", "svg"}
    assert not re.search(r"url\(|@import|https?://(?!sales\.example/)", html)
    assert not [name for _, told in read.tags for name in told if name.startswith("on")]
    assert set(read.all("a", "href")) == {
        "https://sales.example/d/overview",
        "https://sales.example/files/abc",
        "https://sales.example/unsubscribe/abc",
    }


@pytest.mark.parametrize("locale", ["en", "de", "fr"])
@pytest.mark.parametrize("dashboard", [each.id for each in dashboards() if not each.about])
def test_every_dashboard_makes_a_mail_that_is_not_cut(dashboard: str, locale: str) -> None:
    for company in (Company(), Company(empty=True)):
        body = addressed(mail([handed(f"/d/{dashboard}", company, locale=locale)], charts=1), REMY)
        assert len(body.html.encode()) < GMAIL_CUTS
        assert body.sentences
        assert "\ue000" not in body.html + body.text
        assert not re.search(r"\{[a-z_]+\}|None|Undefined", body.text)
        assert f'<html lang="{locale}">' in body.html


def test_several_papers_share_the_room_for_pictures_and_keep_their_names_apart() -> None:
    body = mail([handed(), handed("/d/team"), handed("/d/sales")])
    assert [each.content_id for each in body.inline] == ["chart-1", "chart-2", "chart-3"]
    seen = Read(body.html)
    assert seen.text.count("Open the live view") == 3
    assert body.subject == "Overview, This quarter to 21 Nov 2026"
    later = mail([handed("/d/data-quality"), handed()])
    assert [each.content_id for each in later.inline] == ["chart-1", "chart-2", "chart-3"]


def test_text_is_text_whatever_a_customer_is_called() -> None:
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(1)>\ue000own\ue001'
    paper = handed_over(listed([evil, "b"], title=evil))
    paper = replace(paper, title=evil, subtitle=evil, made_for=evil, about=((evil, evil),))
    to = replace(REMY, name=evil, notes=(evil,), why=evil, attached=(evil,), own=(Figure(evil, evil),))
    body = addressed(mail([paper], subject="Customers"), to)
    read = Read(body.html)
    assert {tag for tag, _ in read.tags}.isdisjoint({"script", "img"})
    assert read.text.count("<script>alert(1)</script>") >= 8
    assert body.html.count("Your own figures") == 2, "the heading, and the table's name; customers open no slot"
    assert body.text.count("YOUR OWN FIGURES") == 1


def test_whoever_is_addressed_sees_nothing_of_another(overview: MailBody) -> None:
    tess = Addressee(
        "Tess Tanaka", own=(Figure("Net sales", "€7.7M"),), unsubscribe="https://sales.example/unsubscribe/t"
    )
    for_remy, for_tess = addressed(overview, REMY), addressed(overview, tess)
    for body in (for_tess.html, for_tess.text):
        assert "Tess Tanaka" in body
        assert "€7.7M" in body
        assert not [each for each in ("Remy", "€1.2M", "/unsubscribe/abc", "overview.xlsx", "late") if each in body]
    assert for_remy.inline is for_tess.inline
    assert addressed(overview, REMY) == for_remy


def test_a_mail_without_a_name_or_reason_leaves_no_gap(overview: MailBody) -> None:
    body = addressed(overview, Addressee())
    assert "Hello,\n\n- Net sales" in body.text
    assert "\n\n\n" not in body.text
    assert not [each for each in ("Unsubscribe", "Attached", "Your own figures", "Too large") if each in body.html]


def test_a_company_has_its_own_colour_and_mark() -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 40
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="80" height="20"><rect width="80" height="20"/></svg>'
    body = mail([handed("/d/data-quality", template=Template(name="Ponteva", accent="#ffd400", logo=png))])
    assert [each.content_id for each in body.inline] == ["logo"]
    assert body.inline[0].document.content == png
    assert 'alt="Ponteva"' in body.html
    assert "background:#ffd400;color:#141a23" in body.html, "dark letters on a light colour"
    body = mail([handed("/d/data-quality", template=Template(accent="#5b0a0a", logo=svg))])
    assert body.inline[0].document.content.startswith(b"\x89PNG")
    assert "background:#5b0a0a;color:#ffffff" in body.html


def test_a_paper_without_a_known_address_has_no_button() -> None:
    paper: Handout = replace(handed("/d/data-quality"), link="/d/data-quality")
    body = addressed(mail([paper]), Addressee())
    assert body.link == ""
    assert "Open the live view" not in body.html + body.text


def test_a_paper_of_tables_shows_the_first_rows_and_says_how_many_are_left() -> None:
    body = addressed(mail([handed_over(listed([f"Customer {number}" for number in range(30)]))]), Addressee())
    seen = Read(body.html).text
    assert ("Customer 7" in seen, "Customer 8" in seen) == (True, False)
    for said in (seen, body.text):
        assert "22 more rows in the live view" in said


def test_the_body_goes_into_a_letter_and_comes_out_the_same(overview: MailBody) -> None:
    body = addressed(overview, REMY)
    message = Message(
        "remy@salient.example", body.subject, body.text, REMY.name, body.html, body.inline, sentences=body.sentences,
        link=body.link,
    )  # fmt: skip
    made: EmailMessage = letter(message, Sender("s@sales.example"), datetime.combine(TODAY, time(12), UTC))
    html, plain = made.get_body(("html",)), made.get_body(("plain",))
    assert html is not None
    assert plain is not None
    assert html.get_content().splitlines() == body.html.splitlines()
    assert plain.get_content().splitlines() == body.text.splitlines()
