"""Ada gives the company's papers a look; everybody's files have it from then on."""

from __future__ import annotations

import io
import re
import struct
import zlib

from pypdf import PdfReader
from werkzeug.test import TestResponse

from app.assembly import House
from tests.journeys.conftest import SignedIn
from tests.sweep.browser import Browser

HERE = "/admin/templates"


def picture(width: int = 40, height: int = 20) -> bytes:
    """A PNG of one colour."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    lines = b"".join(b"\x00" + b"\xc0\x20\x20" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def submit(browser: Browser, logo: bytes = b"", **fields: str) -> TestResponse:
    """Send the form with a picture."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.client.get("/account").text)
    assert token
    files = {"logo": (io.BytesIO(logo), "logo.png" if logo else "")}
    told = {"version": "0", "size": "a4", "turn": "landscape", "rows": "1000", "do": "save", **fields}
    return browser.client.post(HERE, data={**told, **files, "csrf_token": token[1]}, content_type="multipart/form-data")


def test_the_companys_template_is_on_everybodys_paper_and_gone_when_it_is_deleted(
    signed_in: SignedIn, house: House
) -> None:
    ada, erin = signed_in("ada"), signed_in("erin")
    look = {"name": "House style", "coloured": "1", "accent": "#0b5fa5", "header": "Confidential to the board",
            "footer": "Northgate Industrial", "cover": "1", "is_default": "1", "turn": "portrait"}  # fmt: skip
    saved = submit(ada, picture(), **look)
    assert saved.status_code == 302, saved.text
    number = re.search(r"open=([^&]+)", saved.headers["Location"])
    assert number
    paper = PdfReader(io.BytesIO(erin.client.get("/d/overview.pdf").data))
    text = " ".join(page.extract_text() for page in paper.pages)
    assert "Confidential to the board" in text
    assert "Northgate Industrial" in text
    assert paper.pages[0].mediabox.height > paper.pages[0].mediabox.width
    for ending in ("pdf", "pptx"):
        assert ada.client.get(f"{HERE}/{number[1]}.{ending}").status_code == 200
    again = submit(ada, id=number[1], keeps_logo="1", **{**look, "version": "1", "header": "For the board only"})
    assert again.status_code == 302
    assert submit(ada, id=number[1], **{**look, "version": "1"}).status_code == 409
    assert submit(ada, **{**look, "name": "house STYLE"}).status_code == 409
    with house.database.read() as session:
        assert session.connection().exec_driver_sql("select length(logo) from paper_template").scalar_one() > 50
    assert submit(ada, do="delete", id=number[1]).status_code == 302
    assert house.template().header == ""


def test_a_look_that_could_not_be_printed_is_refused_and_what_was_typed_stays(signed_in: SignedIn) -> None:
    ada = signed_in("ada")
    for logo, changed, why in (
        (b"GIF89a" + b"0" * 50, {}, "kind PNG"),
        (picture()[:60], {}, "cannot be read"),
        (picture(5_000, 1), {}, "pixels"),
        (b"", {"accent": "red", "coloured": "1"}, "colour"),
        (b"", {"header": "x" * 200}, "characters"),
        (b"", {"rows": "0"}, "rows"),
        (b"", {"size": "a0"}, "Paper is a4 or letter"),
    ):
        answer = submit(ada, logo, **{"name": "Odd", **changed})
        assert 400 <= answer.status_code < 500, why
        assert why in answer.text
    assert "None yet" in ada.client.get(HERE).text


def test_only_administrators_change_how_papers_look(signed_in: SignedIn) -> None:
    for name in ("otto", "erin", "dirk", "sam"):
        assert signed_in(name).client.get(HERE).status_code == 403
        assert submit(signed_in(name), name="Mine").status_code == 403


def test_looking_at_a_template_is_an_export_that_is_noted(signed_in: SignedIn, house: House) -> None:
    def noted() -> int:
        with house.database.read() as session:
            wanted = "select count(*) from audit_event where action like 'export.%%'"
            counted = session.connection().exec_driver_sql(wanted)
            return int(counted.scalar_one())

    ada, before = signed_in("ada"), noted()
    assert submit(ada, name="Looked at").status_code == 302
    number = re.search(r"/admin/templates/([A-Za-z0-9_-]+)\.pptx", ada.client.get(HERE).text) or re.search(
        r"open=([A-Za-z0-9_-]+)", ada.client.get(HERE).text
    )
    assert number
    assert ada.client.get(f"{HERE}/{number[1]}.pptx").status_code == 200
    assert noted() == before + 1
    assert submit(ada, do="delete", id=number[1]).status_code == 302
