"""Reports are copied, made and changed on pages of their own; each reader's holds the own rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from html import unescape

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.web.reports import HERE
from tests.services.salient import PASSWORD
from tests.sweep.browser import Browser

SignedIn = Callable[[str], Browser]
FORM = {"name": "Monday", "kind": "custom", "formats": ["csv"], "visibility": "private", "chart": ["", ""]}
PARTS = {"place": ["/d/overview/cumulative", "/d/regions/ranked"], "through": ["", "period=2025"], "columns": ["", ""]}


@pytest.fixture(scope="module")
def signed_in(server: Flask) -> SignedIn:
    """Browsers of this file's own: in other journeys everybody signs out."""

    @cache
    def browser(name: str) -> Browser:
        opened = Browser(server)
        assert opened.sign_in(f"{name}@salient.example", PASSWORD).status_code == 302
        return opened

    return browser


def send(browser: Browser, path: str, **fields: object) -> TestResponse:
    return browser.client.post(path, data={**browser.hidden("/account"), **fields})


def begun(browser: Browser, **fields: object) -> str:
    """The address of a new report."""
    came = send(browser, f"{HERE}/new", **{**FORM, **PARTS, **fields})
    assert came.status_code == 302, unescape(came.text)
    return came.headers["Location"]


def files(browser: Browser, path: str) -> list[str]:
    return re.findall(rf'href="({re.escape(path)}/[^"]+)"', browser.client.get(path).text)


def test_otto_has_no_library_and_cannot_tell_a_report_from_none(signed_in: SignedIn) -> None:
    path, otto = begun(signed_in("erin"), name="Not for Otto"), signed_in("otto")
    for there in (HERE, f"{HERE}/new", path, f"{HERE}/noreport0000"):
        assert otto.client.get(there).status_code == 403
    assert send(otto, f"{HERE}/new", **FORM, **PARTS).status_code == 403
    for other in ("sam", "tess"):
        strange, none = (signed_in(other).client.get(each) for each in (path, f"{HERE}/noreport0000"))
        assert (strange.status_code, none.status_code) == (404, 404)


def test_sam_copies_a_standard_report_makes_it_and_opens_it(signed_in: SignedIn) -> None:
    sam = signed_in("sam")
    assert "Executive sales report" in sam.client.get(HERE).text
    path = send(sam, f"{HERE}/new", source="executive").headers["Location"]
    changed = send(sam, path, do="save", version="1", **{**FORM, **PARTS, "name": "Mine"})
    assert changed.headers["Location"] == f"{path}?done=save"
    assert send(sam, path, do="make").headers["Location"] == f"{path}?done=make"
    (file,) = files(sam, path)
    assert file.endswith("/mine.csv")
    got = sam.client.get(file)
    assert (got.status_code, got.headers["Content-Disposition"]) == (200, 'attachment; filename="mine.csv"')
    assert "Sam" in got.text
    for other in ("erin", "tess"):
        assert signed_in(other).client.get(file).status_code == 404


def test_a_report_for_everyone_is_made_with_the_rows_of_whoever_makes_it(signed_in: SignedIn) -> None:
    erin, sam = signed_in("erin"), signed_in("sam")
    path = begun(erin, name="For all", visibility="everyone")
    assert "For all" in sam.client.get(HERE).text
    assert send(sam, path, do="save", version="1", **{**FORM, **PARTS}).status_code == 403
    for browser in (erin, sam):
        assert send(browser, path, do="make").status_code == 302
    (erins,), (sams,) = files(erin, path), files(sam, path)
    assert erin.client.get(erins).data != sam.client.get(sams).data
    assert erin.client.get(sams).status_code == 404


def test_versions_are_listed_and_one_counts_again(signed_in: SignedIn) -> None:
    erin = signed_in("erin")
    path = begun(erin, name="First")
    send(erin, path, do="save", version="1", **{**FORM, **PARTS, "name": "Second"})
    slow = send(erin, path, do="save", version="1", **{**FORM, **PARTS, "name": "Slow"})
    assert slow.status_code == 409
    assert "changed meanwhile" in slow.text
    assert 'value="Slow"' in slow.text, "what was typed stays"
    assert send(erin, path, do="back", version="2", earlier="1").status_code == 302
    page = erin.client.get(path).text
    assert "<h1>First</h1>" in page
    assert "Version 3" in page


def test_a_deleted_report_is_brought_back(signed_in: SignedIn) -> None:
    erin = signed_in("erin")
    path = begun(erin, name="Away")
    assert send(erin, path, do="delete").headers["Location"] == HERE
    assert erin.client.get(path).status_code == 404
    assert f'action="{path}"' in erin.client.get(HERE).text
    assert send(erin, path, do="restore").status_code == 302
    assert erin.client.get(path).status_code == 200


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"name": ""}, "A name has 1 to"),
        ({"place": ["", ""]}, "Choose at least one part"),
        ({"place": ["/d/nowhere", ""]}, "no dashboard or panel"),
        ({"through": ["period=soon", ""]}, "soon"),
        ({"formats": []}, "at least one format"),
        ({"accent": "red"}, "#0b5fa5"),
        ({"people": "nobody@x.example"}, "nobody@x.example"),
        ({"kind": "gossip"}, "no such kind"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_kept(signed_in: SignedIn, changed: dict[str, object], why: str) -> None:
    erin = signed_in("erin")
    answer = send(erin, f"{HERE}/new", **{**FORM, **PARTS, "name": "Odd", **changed})
    assert answer.status_code == 400
    assert why in unescape(answer.text)
    assert ">Odd<" not in erin.client.get(HERE).text


def test_the_address_of_a_dashboard_is_taken_for_its_period_and_filters(signed_in: SignedIn) -> None:
    erin = signed_in("erin")
    path = begun(erin, name="Pasted", selection="https://sales.example.com/d/sales?period=2025&basis=paid")
    assert 'name="selection" value="period=2025&amp;basis=paid"' in erin.client.get(path).text


def test_a_report_is_taken_away_in_any_format_from_its_address_and_stays_as_it_was(signed_in: SignedIn) -> None:
    erin, sam = signed_in("erin"), signed_in("sam")
    path = begun(erin, name="Any format", visibility="everyone")
    page = unescape(erin.client.get(path).text)
    for ending, head in (("pdf", b"%PDF"), ("xlsx", b"PK"), ("pptx", b"PK"), ("json", b"{"), ("png", b"\x89PNG")):
        assert f'href="{path}.{ending}"' in page
        got = erin.client.get(f"{path}.{ending}")
        assert (got.status_code, got.data[: len(head)]) == (200, head), got.text[:200]
    assert "any-format.csv" in erin.client.get(f"{path}.csv").headers["Content-Disposition"]
    # What was made is among what was made of it, for its reader.
    assert len(files(erin, path)) == 6
    assert erin.client.get(f"{path}.csv").data != sam.client.get(f"{path}.csv").data
    assert signed_in("otto").client.get(f"{path}.csv").status_code == 403
    assert sam.client.get(f"{HERE}/noreport0000.csv").status_code == 404
    assert erin.client.get(f"{path}.doc").status_code == 404


def test_a_report_is_sent_regularly_from_its_page_and_the_page_tells_when(signed_in: SignedIn) -> None:
    dirk = signed_in("dirk")
    path = begun(dirk, name="Of Mondays")
    (form,) = re.findall(r'href="(/schedules/new\?view=[^"]+)"', dirk.client.get(path).text)
    page = dirk.client.get(unescape(form)).text
    assert "Of Mondays" in page
    assert (
        f'<option value="report:{path.rpartition("/")[2]}">Of Mondays</option>'
        in dirk.client.get("/schedules/new").text
    )
    assert "/schedules/" not in re.sub(r"/schedules/new[^\"]*", "", dirk.client.get(path).text)
    wish = re.search(r'name="view" value="([^"]+)"', page)
    assert wish
    me = re.search(r'name="recipient" value="(person:\d+)"', page)
    assert me
    kept = send(
        dirk, "/schedules/new", name="Mondays", view=unescape(wish[1]), format="csv", kind="weekly", weekday="monday",
        at="07:00", zone="Europe/Berlin", recipient=me[1], do="save",
    )  # fmt: skip
    assert kept.status_code == 302, unescape(kept.text)[:3000]
    told = unescape(dirk.client.get(path).text)
    assert kept.headers["Location"].partition("?")[0] in told
    assert "Mondays" in told
