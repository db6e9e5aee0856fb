"""Every dashboard in every format for everybody: nobody's file holds a word or an amount of others, and all agree."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import zipfile
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from openpyxl.cell.cell import Cell
from pypdf import PdfReader

from app.models.user import User
from layouts.dashboards import dashboards
from layouts.render.formats import FORMATS
from tests.conftest import SOAK, Tally
from tests.pairwise import Case, everything, pairwise
from tests.sweep.company import COLLEAGUES, CONTACT_HIDDEN, WORD, contact_words, deals_in, tables, words_of
from tests.sweep.conftest import Company, Opened

SIGNED_IN = [name for name in COLLEAGUES if name != "ines"]
LOCALES = ("en", "de", "fr")
LOOKS = (
    "",
    "?period=all",
    "?period=2025&versus=last-year",
    "?period=last-quarter&versus=previous,last-year",
    "?period=1990",
)
CHEAPEST_FIRST = ("json", "csv", "xlsx", "pptx", "png", "pdf")
"""Where any value would do, a cover takes the first."""
CASES = (everything if SOAK else pairwise)(
    {
        "dashboard": [each.id for each in dashboards()],
        "format": sorted((each.id for each in FORMATS), key=CHEAPEST_FIRST.index),
        "name": SIGNED_IN,
        "locale": LOCALES,
        "look": LOOKS,
    }
)
VIEWS = 400 if SOAK else 20


@pytest.fixture(scope="module")
def files(open_company: Opened) -> Company:
    """A company of this module's own: people change their language in it."""
    return open_company(tables())


def taken(files: Company, case: Case) -> tuple[int, bytes]:
    """What a colleague gets at that address in that language: the status and the bytes."""
    colleague = COLLEAGUES[case["name"]]
    with files.house.database.write() as session:
        session.query(User).filter(User.email == colleague.email).one().locale = case["locale"]
    came = files.browser(case["name"]).client.get(f"/d/{case['dashboard']}.{case['format']}{case['look']}")
    return came.status_code, came.data


def texts_in(content: bytes, kind: str) -> Iterator[str]:
    """Everything that can be read in a file, its hidden corners too."""
    if kind == "pdf":
        paper = PdfReader(io.BytesIO(content))
        yield from (page.extract_text() for page in paper.pages)
        yield str(paper.metadata)
    elif kind in ("xlsx", "pptx"):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            for name in parts.namelist():
                inside = parts.read(name)
                if name.endswith(".xlsx"):
                    yield from texts_in(inside, "xlsx")
                else:
                    yield inside.decode("utf-8", "replace")
    elif kind != "png":
        yield content.decode()


@pytest.mark.parametrize("name", SIGNED_IN)
def test_no_file_of_anybody_holds_what_is_not_theirs(files: Company, name: str, count: Tally) -> None:
    colleague = COLLEAGUES[name]
    mine = words_of(colleague.deals) - (contact_words() if name in CONTACT_HIDDEN else frozenset())
    for case in (each for each in CASES if each["name"] == name):
        status, content = taken(files, case)
        count(f"files swept as .{case['format']}")
        if not colleague.deals:
            assert status in (403, 404), case
        # One dashboard tells of one customer, and asks for it first; another is for those who see everything.
        assert status in (200, 403, 404, 422), (case, content[:300])
        for text in texts_in(content, case["format"]) if status == 200 else ():
            assert set(WORD.findall(text)) <= mine, case
            assert "nan" not in re.findall(r"\bnan\b", text) or case["format"] in ("xlsx", "pptx"), case
        if status == 200 and case["format"] == "json":
            for amount in sums_of_net_sales(json.loads(content)):
                assert deals_in(amount) <= colleague.deals, case


def sums_of_net_sales(told: dict[str, Any]) -> Iterator[Decimal]:
    """All sums of net sales, now and before."""
    for panel in told["panels"]:
        for row in panel.get("rows") or ():
            for column, value in row.items():
                if column in ("net_sales", "net_sales@last-year", "net_sales@previous") and value is not None:
                    yield Decimal(value)


def random_looks() -> Iterator[Case]:
    """Views of people who may take files, by chance."""
    chance = random.Random(os.environ.get("SALIENT_SEED", "files"))
    people = [name for name in SIGNED_IN if COLLEAGUES[name].deals]
    boards = [each.id for each in dashboards() if each.id != "customer"]
    for _ in range(VIEWS):
        year, quarter = chance.choice((2024, 2025, 2026)), chance.randint(1, 4)
        period = chance.choice(
            (f"{year}", f"{year}-Q{quarter}", f"{year}-{chance.randint(1, 12):02}", "all", "last-year")
        )
        versus = chance.choice(("none", "last-year", "budget", "previous,budget", "last-year,budget"))
        basis = chance.choice(("booked", "invoiced", "paid"))
        look = f"?period={period}&versus={versus}&basis={basis}"
        yield {
            "name": chance.choice(people),
            "dashboard": chance.choice(boards),
            "locale": chance.choice(LOCALES),
            "look": look,
        }


def test_every_number_of_a_view_is_the_same_in_every_file(files: Company, count: Tally) -> None:
    for case in random_looks():
        status, told = taken(files, {**case, "format": "json"})
        if status != 200:
            continue
        count("random views compared over files")
        answer = files.browser(case["name"]).client.get(f"/api/v1/dashboards/{case['dashboard']}{case['look']}")
        assert json.loads(answer.data) == json.loads(told), (case, "programs are told what the file says")
        figures = {each: panel["id"] for panel in json.loads(told)["panels"] for each in figures_of(panel)}
        book = openpyxl.load_workbook(io.BytesIO(taken(files, {**case, "format": "xlsx"})[1]), data_only=False)
        cells = sorted(
            {
                found
                for sheet in book
                for row in sheet.iter_rows()
                for cell in row
                if (found := number(cell)) is not None
            }
        )
        missing = {each for each in figures if each and not any(close(each, cell) for cell in near(each, cells))}
        assert not missing, (case, {each: figures[each] for each in sorted(missing)[:5]})
        by_panel = csv.reader(io.StringIO(taken(files, {**case, "format": "csv"})[1].decode()))
        written = {cell for row in by_panel for cell in row}
        told_by_json = {text for panel in json.loads(told)["panels"] for text in texts_of(panel)}
        assert told_by_json <= written, (case, sorted(told_by_json - written)[:5])


def texts_of(panel: dict[str, Any]) -> Iterator[str]:
    """The figures of a panel's rows to the letter."""
    ids = [column["id"] for column in panel.get("columns", ()) if column["role"] != "dimension"]
    if panel["state"] == "ready":
        yield from (str(row[each]) for row in panel["rows"] for each in ids if row.get(each) is not None)


def figures_of(panel: dict[str, Any]) -> Iterator[Decimal]:
    """The figures of a panel's rows, as the file says them."""
    metrics = [column["id"] for column in panel.get("columns", ()) if column["role"] in ("metric", "reference")]
    for row in panel.get("rows") or ():
        for column in metrics:
            if isinstance(row.get(column), str | int) and not isinstance(row[column], bool):
                yield Decimal(str(row[column])).normalize()


def number(cell: Cell) -> Decimal | None:
    """A cell's number, written as text where it has more digits than a cell holds; None for anything else."""
    value = cell.value
    if isinstance(value, str):
        return Decimal(value).normalize() if re.fullmatch(r"-?\d{10,}(\.\d+)?", value) else None
    return Decimal(str(value)).normalize() if isinstance(value, int | float) and not isinstance(value, bool) else None


def near(figure: Decimal, among: Sequence[Decimal]) -> Sequence[Decimal]:
    """The figures beside which it stands in their order."""
    at = bisect_left(among, figure)
    return among[max(0, at - 1) : at + 1]


def close(one: Decimal, other: Decimal) -> bool:
    """Whether two figures are the same: text tells rates to six digits and money to the cent, a cell all of it."""
    return abs(one - other) <= (Decimal("5e-7") if abs(other) < 1 else Decimal("0.005") + abs(other) * Decimal("1e-14"))
