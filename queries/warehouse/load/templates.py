"""Templates: our own tables for companies without a system to read from, written as CSV and as one workbook."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font

from app.values.errors import Conflict

BOOK = "salient-templates.xlsx"


@dataclass(frozen=True)
class Template:
    """One table: its columns with what they mean, and example rows that import as they are."""

    name: str
    about: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, ...], ...]


_DATES = "year-month-day"

TEMPLATES: tuple[Template, ...] = (
    Template(
        "sales",
        "One row a line of an invoice, order, receipt or credit note.",
        (
            ("document_number", "required; unique over all kinds of document"),
            ("document_type", "invoice, order, receipt or credit_note; empty = invoice"),
            ("line_number", "required; whole number, unique within the document"),
            ("order_date", f"required; {_DATES}"),
            ("invoice_date", _DATES),
            ("payment_date", _DATES),
            ("customer", "required; key of a customer"),
            ("product", "required; key of a product"),
            ("rep", "key of the rep who sold it"),
            ("team", "key of the team; empty = the rep's team on that day"),
            ("campaign", "key of a campaign"),
            ("channel", "e.g. Direct or Online"),
            ("currency", "three letters; empty = the company currency"),
            ("quantity", "required; negative on a line that takes goods back"),
            ("unit_price", "required; before discount, tax and freight"),
            ("discount", "of the whole line, as an amount; negative on a line that takes goods back"),
            ("tax", "of the whole line"),
            ("freight", "of the whole line"),
            ("cost", "of the whole line; empty = unknown; negative on a line that takes goods back"),
            ("recurring", "yes or no; empty = no"),
            ("chain", "the same text on linked documents of one sale"),
            ("original_line", "on a return: document_number/line_number of the line that is taken back"),
        ),
        (
            (
                "INV-1001",
                "invoice",
                "1",
                "2026-01-12",
                "2026-01-14",
                "2026-02-10",
                "C-1",
                "P-1",
                "R-1",
                "",
                "SPRING",
                "Direct",
                "EUR",
                "4",
                "250.00",
                "50.00",
                "180.50",
                "12.00",
                "610.00",
                "no",
                "",
                "",
            ),
            (
                "INV-1001",
                "invoice",
                "2",
                "2026-01-12",
                "2026-01-14",
                "2026-02-10",
                "C-1",
                "P-2",
                "R-1",
                "",
                "",
                "Direct",
                "EUR",
                "10",
                "19.90",
                "0",
                "37.81",
                "0",
                "95.00",
                "yes",
                "",
                "",
            ),
            (
                "CN-77",
                "credit_note",
                "1",
                "2026-02-02",
                "2026-02-02",
                "",
                "C-1",
                "P-1",
                "R-1",
                "",
                "",
                "Direct",
                "EUR",
                "-1",
                "250.00",
                "-12.50",
                "-45.13",
                "0",
                "-152.50",
                "no",
                "",
                "INV-1001/1",
            ),
            (
                "INV-1002",
                "invoice",
                "1",
                "2026-02-03",
                "2026-02-05",
                "",
                "C-2",
                "P-2",
                "R-2",
                "",
                "",
                "Online",
                "USD",
                "3",
                "24.50",
                "0",
                "0",
                "5.00",
                "28.50",
                "no",
                "",
                "",
            ),
        ),
    ),
    Template(
        "customers",
        "One row a customer. Any further column of your own is kept with the customer.",
        (
            ("customer", "required; the key that sales name"),
            ("name", "as people know it"),
            ("type", "e.g. company or person"),
            ("industry", ""),
            ("segment", "within the industry"),
            ("market", "e.g. Europe"),
            ("country", "needed for any place"),
            ("country_code", "ISO 3166 with three letters, for the map"),
            ("region", "sales region within the country"),
            ("state", ""),
            ("state_code", "two letters, United States only"),
            ("city", ""),
            ("owner", "key of the rep who owns the account today"),
            ("email", ""),
            ("phone", ""),
            ("since", _DATES),
            ("rating", "an example of a column of your own"),
        ),
        (
            (
                "C-1",
                "Nordlicht GmbH",
                "company",
                "Retail",
                "Mid-size",
                "Europe",
                "Germany",
                "DEU",
                "North",
                "",
                "",
                "Hamburg",
                "R-1",
                "office@nordlicht.example",
                "+49 40 0000",
                "2021-03-01",
                "A",
            ),
            (
                "C-2",
                "Bluebird Inc.",
                "company",
                "Services",
                "Small",
                "Americas",
                "United States",
                "USA",
                "West",
                "Oregon",
                "OR",
                "Portland",
                "R-2",
                "hello@bluebird.example",
                "",
                "2025-11-20",
                "B",
            ),
        ),
    ),
    Template(
        "products",
        "One row a product, or one a version of it where valid_from is given.",
        (
            ("product", "required; the key that sales name"),
            ("name", ""),
            ("category", ""),
            ("subcategory", "within the category"),
            ("unit_cost", "in the company currency"),
            ("list_price", "in the company currency"),
            ("valid_from", f"{_DATES}; empty = always"),
            ("valid_to", f"{_DATES}, the first day it no longer holds; empty = still"),
        ),
        (
            ("P-1", "City bike", "Bikes", "Road", "152.50", "250.00", "", ""),
            ("P-2", "Helmet", "Accessories", "Safety", "9.50", "19.90", "", ""),
        ),
    ),
    Template(
        "reps",
        "One row a salesperson, or one a version where valid_from is given (a change of team or manager).",
        (
            ("rep", "required; the key that sales name"),
            ("name", ""),
            ("title", ""),
            ("email", ""),
            ("manager", "key of the manager, who is a rep too"),
            ("team", "key of the team"),
            ("hired", _DATES),
            ("left", _DATES),
            ("valid_from", f"{_DATES}; empty = always"),
            ("valid_to", f"{_DATES}, the first day it no longer holds; empty = still"),
        ),
        (
            ("R-1", "Hanna Berg", "Team lead", "hanna@company.example", "", "T-EU", "2019-05-01", "", "", ""),
            ("R-2", "Jon Reyes", "Account executive", "jon@company.example", "R-1", "T-US", "2023-02-01", "", "", ""),
        ),
    ),
    Template(
        "teams",
        "One row a team.",
        (
            ("team", "required; key"),
            ("name", ""),
            ("department", ""),
            ("lead", "key of the rep who leads it"),
            ("valid_from", f"{_DATES}; empty = always"),
            ("valid_to", f"{_DATES}, the first day it no longer holds; empty = still"),
        ),
        (("T-EU", "Europe", "Sales", "R-1", "", ""), ("T-US", "Americas", "Sales", "R-1", "", "")),
    ),
    Template(
        "budget",
        "One row a plan amount; fill in only the levels it is set at. Quarters and years are spread over their months.",
        (
            ("period", "required; 2026-01, 2026-Q1 or 2026"),
            ("version", "e.g. original or revised; empty = original"),
            ("market", ""),
            ("country", ""),
            ("region", "together with its country"),
            ("department", ""),
            ("team", "key"),
            ("rep", "key"),
            ("category", ""),
            ("subcategory", "together with its category"),
            ("product", "key"),
            ("channel", ""),
            ("currency", "three letters; empty = the company currency"),
            ("amount", "required; net sales"),
        ),
        (
            ("2026-Q1", "original", "Europe", "Germany", "North", "", "", "", "", "", "", "", "EUR", "3000.00"),
            ("2026-01", "original", "Americas", "United States", "West", "", "", "", "", "", "", "", "EUR", "400.00"),
        ),
    ),
    Template(
        "quotas",
        "One row a rep and period.",
        (
            ("rep", "required; key"),
            ("period", "required; 2026-01, 2026-Q1 or 2026: the time the quota is for"),
            ("version", "empty = original"),
            ("currency", "three letters; empty = the company currency"),
            ("amount", "required; net sales"),
        ),
        (("R-1", "2026-Q1", "", "EUR", "2500.00"), ("R-2", "2026-01", "", "EUR", "300.00")),
    ),
    Template(
        "campaigns",
        "One row a campaign or promotion.",
        (
            ("campaign", "required; the key that sales name"),
            ("name", ""),
            ("type", ""),
            ("starts", _DATES),
            ("ends", _DATES),
        ),
        (("SPRING", "Spring ride", "Seasonal", "2026-01-01", "2026-03-31"),),
    ),
    Template(
        "rates",
        "One row a currency and day. A sale is converted at the last rate published on or before its order date.",
        (
            ("currency", "required; three letters"),
            ("day", f"required; {_DATES}"),
            ("rate", "required; units of the company currency for one unit of this one"),
        ),
        (("USD", "2026-01-02", "0.92"), ("USD", "2026-02-02", "0.93")),
    ),
)


def write_templates(directory: Path) -> list[Path]:
    """Write every template as CSV, all of them as one workbook, and a README; returns the files.

    Raises Conflict rather than write over a file that is already there.
    """
    directory.mkdir(parents=True, exist_ok=True)
    paths = [directory / f"{template.name}.csv" for template in TEMPLATES]
    book, readme = directory / BOOK, directory / "README.md"
    for path in (*paths, book, readme):
        if path.exists():
            raise Conflict(f"{path} is already there; choose an empty folder.")
    for template, path in zip(TEMPLATES, paths, strict=True):
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow([name for name, _ in template.columns])
            writer.writerows(template.rows)
    _write_book(book)
    readme.write_text(_readme(), encoding="utf-8")
    return [*paths, book, readme]


def _write_book(path: Path) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    for template in TEMPLATES:
        sheet = book.create_sheet(template.name)
        sheet.freeze_panes = "A2"
        for column, (name, meaning) in enumerate(template.columns, 1):
            heading = sheet.cell(1, column, name)
            heading.font = Font(bold=True)
            if meaning:
                heading.comment = Comment(meaning, "Salient")
            sheet.column_dimensions[heading.column_letter].width = 16
        for number, row in enumerate(template.rows, 2):
            for column, value in enumerate(row, 1):
                if value:
                    # As text, so that no spreadsheet turns a key or a date into something else.
                    sheet.cell(number, column, value).number_format = "@"
    book.save(path)


def _readme() -> str:
    parts = [
        "# Salient's templates",
        "",
        "Replace the example rows by your own and run `salient import template DIR` (this folder), or",
        f"`salient import template {BOOK}`. Every table may be left out, and so may columns that are not required.",
        "Text is UTF-8, columns are separated by commas, decimals by a point; an empty cell is a missing value.",
        "Dates are written year-month-day. `salient import template DIR --dry-run` tries without changing anything;",
        "importing again updates lines by document_number and line_number, and members by their key.",
    ]
    for template in TEMPLATES:
        parts += ["", f"## {template.name}", "", template.about, "", "| column | meaning |", "|---|---|"]
        parts += [f"| `{name}` | {meaning or '—'} |" for name, meaning in template.columns]
    return "\n".join(parts) + "\n"
