"""Papers: tables of any names for the tests of files with pages, and what is read back from their bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

from pypdf import PageObject, PdfReader

from app.values.template import PLAIN, Template
from layouts.answered import AnsweredPanel
from layouts.handout import Handout
from layouts.imprint import Pairs
from layouts.marks import Rows
from layouts.panel import Panel, Question
from queries.frame import Column, Frame, Member, Provenance
from tests.layouts.company import context, view

COLUMNS = (
    Column("customer", "Customer", "dimension", level="customer"),
    Column("net_sales", "Net sales", "metric", "net_sales", unit="money", better="up"),
)
ABOUT: Pairs = (
    ("Made for", "Erin"),
    ("View", "/d/customers"),
    ("Data version", "7"),
    ("Data as of", "2026-11-21"),
)


def listed(names: Sequence[str], title: str = "Customers", name: str = "list") -> AnsweredPanel:
    """A table of customers, the first with 1,000.01, each other with one more."""
    rows = tuple((Member(f"C{at}", each), Decimal(1_000 + at) + Decimal("0.01")) for at, each in enumerate(names))
    frame = Frame(COLUMNS, rows, Provenance(7, None, None), "EUR")
    panel = Panel(name, title, Question(("net_sales",), by=("customer",)), Rows(), width=12)
    return AnsweredPanel(
        "customers",
        panel,
        view("/d/customers"),
        context(),
        "ready",
        title=title,
        mark=panel.mark,
        frames={"main": frame},
    )


def handed_over(*panels: AnsweredPanel, template: Template = PLAIN, title: str = "Who buys", **more: str) -> Handout:
    """The panels under a title, for Erin."""
    base = Handout(title, "customers", panels, panels[0].context, about=ABOUT, template=template)
    given: dict[str, Any] = {"made_for": "Erin", "link": "https://sales.example/d/customers", **more}
    return replace(base, **given)


def opened(content: bytes) -> PdfReader:
    """The file as a reader has it."""
    return PdfReader(io.BytesIO(content))


def catalogue_of(content: bytes) -> Any:
    """What the file says of itself as a whole."""
    return opened(content).trailer["/Root"]


def described_in(content: bytes) -> str:
    """The metadata, as XML."""
    return str(catalogue_of(content)["/Metadata"].get_data().decode())


def followed_from(content: bytes) -> set[str]:
    """Addresses outside the file that a click leads to."""
    notes = [note.get_object() for page in opened(content).pages for note in cast("Any", page.get("/Annots", ()))]
    return {str(note["/A"]["/URI"]) for note in notes if "/URI" in note.get("/A", {})}


def places_of(page: PageObject) -> list[tuple[float, float]]:
    """Where on the page each piece of text begins, in points from the lower left."""
    found: list[tuple[float, float]] = []

    def place(text: str, drawn: Any, written: Any, _font: Any, _size: Any) -> None:
        if text.strip():
            x, y = written[4], written[5]
            found.append((x * drawn[0] + y * drawn[2] + drawn[4], x * drawn[1] + y * drawn[3] + drawn[5]))

    page.extract_text(visitor_text=place)
    return found


def pages_of(content: bytes) -> list[str]:
    """The text of each page."""
    return [page.extract_text() for page in opened(content).pages]


def text_of(content: bytes) -> str:
    """All text without the spaces, which mean places on a page."""
    return squeezed("".join(pages_of(content)))


def squeezed(text: str) -> str:
    """The text without spaces and line ends."""
    return "".join(text.split())
