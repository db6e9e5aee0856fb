"""Erin asks about a gap, Remy answers, and nobody reads about rows that they may not see."""

from __future__ import annotations

import re
from html import unescape

from werkzeug.test import TestResponse

from app.assembly import House
from app.services import accounts
from tests.journeys.conftest import SignedIn
from tests.sweep.browser import Browser

WHOLE = "/d/regions/ranked?period=2025"
NORTH = "/d/overview/variance?period=2025-06"


def post(browser: Browser, **fields: str) -> TestResponse:
    """Send the form of the page."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.client.get("/account").text)
    assert token
    return browser.client.post("/comments", data={**fields, "csrf_token": token[1]})


def read(browser: Browser, view: str) -> str:
    """The page of a panel's comments."""
    came = browser.client.get("/comments", query_string={"view": view})
    assert came.status_code == 200, came.text
    return came.text


def test_erin_asks_dirk_and_he_answers_in_her_thread(signed_in: SignedIn, house: House) -> None:
    erin, dirk = signed_in("erin"), signed_in("dirk")
    assert post(erin, view=WHOLE, text="Why is <b>Spain</b> behind, @dirk?").status_code == 302
    page = read(erin, WHOLE)
    assert "Why is &lt;b&gt;Spain&lt;/b&gt; behind, @dirk?" in page
    assert dirk.client.get("/stand").get_json()["mentions"] == 1
    assert "Why is" in dirk.client.get("/comments").text
    page = read(dirk, WHOLE)
    assert "names you" in page
    assert dirk.client.get("/stand").get_json()["mentions"] == 0
    thread = re.search(r'name="thread" value="([^"]+)"', page)
    assert thread
    assert post(dirk, view=WHOLE, text="A key account moved to June.", thread=thread[1]).status_code == 302
    page = read(erin, WHOLE)
    assert page.index("Why is") < page.index("A key account moved to June.")
    mine = re.search(r'name="comment" value="([^"]+)"', page)
    assert mine
    assert post(dirk, view=WHOLE, do="delete", comment=mine[1]).status_code == 404
    assert post(erin, view=WHOLE, do="delete", comment=mine[1]).status_code == 302
    page = read(dirk, WHOLE)
    assert "This comment was taken back." in page
    assert "A key account moved to June." in page


def test_what_is_said_about_rows_is_read_only_by_those_who_may_see_all_of_them(signed_in: SignedIn) -> None:
    erin, remy, tess, sam = (signed_in(name) for name in ("erin", "remy", "tess", "sam"))
    assert post(erin, view=NORTH, text="Of the whole company.").status_code == 302
    assert post(remy, view=NORTH, text="Of the south alone.").status_code == 302
    assert "Of the whole company." not in read(remy, NORTH)
    assert "Of the south alone." in read(remy, NORTH)
    assert "Of the south alone." in read(erin, NORTH)
    for other in (tess, sam):
        page = read(other, NORTH)
        assert "Of the south alone." not in page
        assert "Of the whole company." not in page


def test_who_may_not_see_the_rows_is_not_told_of_them(signed_in: SignedIn) -> None:
    refused = post(signed_in("erin"), view=NORTH, text="Look at this, @sam and @remy")
    assert refused.status_code == 403
    assert "Look at this, @sam and @remy" in refused.text
    assert "may not see all of these rows" in refused.text
    unknown = post(signed_in("erin"), view=NORTH, text="Hello @nobodyatall")
    assert unknown.status_code == 404
    assert "Nobody here is called @nobodyatall" in unknown.text
    # An address is no name.
    assert post(signed_in("erin"), view=NORTH, text="Write to ann@example.com").status_code == 302
    assert post(signed_in("erin"), view=NORTH, text="   ").status_code == 400
    assert post(signed_in("erin"), view=NORTH, text="x" * 3_000).status_code == 400


def test_no_comments_where_there_is_no_panel_and_none_for_otto(signed_in: SignedIn) -> None:
    assert signed_in("otto").client.get("/comments", query_string={"view": NORTH}).status_code == 403
    assert post(signed_in("otto"), view=NORTH, text="Hello").status_code == 403
    assert signed_in("otto").client.get("/comments").status_code == 403
    erin = signed_in("erin")
    for view, status in (
        ("/d/overview", 400),
        ("/d/overview/nothing", 404),
        ("/d/nothing/x", 404),
        ("https://a.b", 400),
    ):
        assert erin.client.get("/comments", query_string={"view": view}).status_code in (status, 404)
    hidden = signed_in("sam").client.get("/comments", query_string={"view": "/d/overview/margin-rate"})
    assert hidden.status_code == 404


def test_a_view_that_moves_with_the_calendar_is_kept_as_it_is_today(signed_in: SignedIn) -> None:
    erin = signed_in("erin")
    came = post(erin, view="/d/overview/variance?period=this-quarter", text="To the day.")
    assert re.search(r"period%3D20\d\d-\d\d-\d\d\.\.20\d\d-\d\d-\d\d", came.headers["Location"])


def test_a_comment_on_ones_own_rows_is_not_about_the_rows_of_whoever_reads_it(
    signed_in: SignedIn, house: House
) -> None:
    with house.database.write() as session:
        for name, rep in (("erin", "R002"), ("tess", "R001")):
            accounts.change_rights(session, "cli", f"{name}@salient.example", rep_key=rep)
    mine = "/d/overview/variance?period=2025&rep=@me"
    assert post(signed_in("erin"), view=mine, text="Of my own sales alone.").status_code == 302
    assert "Of my own sales alone." in read(signed_in("erin"), NORTH)
    assert "Of my own sales alone." in read(signed_in("dirk"), NORTH)
    for name in ("tess", "remy", "sam"):
        assert "Of my own sales alone." not in read(signed_in(name), NORTH)


def test_an_answer_stands_where_its_thread_does(signed_in: SignedIn) -> None:
    erin = signed_in("erin")
    assert post(erin, view=WHOLE, text="Here.").status_code == 302
    thread = re.search(r'name="thread" value="([^"]+)"', read(erin, WHOLE))
    assert thread
    assert post(erin, view=NORTH, text="There.", thread=thread[1]).status_code == 404


def part(house: House, level: str, who: str, *, of: str = "") -> tuple[str, str]:
    """A member that one sees, and with `of` somebody else does not: its key and its name."""
    mine = house.asker.members(level, house.viewer_named(f"{who}@salient.example").context)
    theirs = house.asker.members(level, house.viewer_named(f"{of}@salient.example").context) if of else []
    found = next(each for each in mine if each.key not in {other.key for other in theirs})
    return found.key, found.name


def test_a_comment_on_one_point_names_it_and_leads_back_to_the_view_with_that_mark(
    signed_in: SignedIn, house: House
) -> None:
    erin = signed_in("erin")
    key, name = part(house, "region", "erin")
    form = erin.client.get("/comments", query_string={"view": WHOLE, "at": f"region:{key}"})
    assert form.status_code == 200
    assert name in form.text
    kept = re.search(r'name="at" value="([^"]+)"', form.text)
    assert kept
    assert unescape(kept[1]) == f"region:{key}"
    assert post(erin, view=WHOLE, at=f"region:{key}", text="Look at this one.").status_code == 302
    page = read(erin, WHOLE)
    thread = page[page.index("Look at this one.") - 600 : page.index("Look at this one.") + 600]
    assert name in thread
    assert f'href="{WHOLE}#mark=region:{key}"' in unescape(thread)


def test_an_answer_stands_at_the_point_of_its_thread_and_a_comment_on_the_panel_at_none(
    signed_in: SignedIn, house: House
) -> None:
    erin = signed_in("erin")
    key, name = part(house, "region", "erin")
    assert post(erin, view=NORTH, at=f"region:{key}", text="At a point.").status_code == 302
    thread = re.search(r'name="thread" value="([^"]+)"', read(erin, NORTH))
    assert thread
    assert post(erin, view=NORTH, thread=thread[1], text="An answer to it.").status_code == 302
    assert post(erin, view=NORTH, text="At the whole.").status_code == 302
    page = unescape(read(erin, NORTH))
    assert page.count(f"#mark=region:{key}") == 2
    whole = page[page.index("At the whole.") : page.index("At a point.")]
    assert name not in whole
    assert "#mark" not in whole


def test_what_is_said_at_a_point_is_read_by_those_who_see_its_rows_and_by_nobody_else(
    signed_in: SignedIn, house: House
) -> None:
    erin, remy = signed_in("erin"), signed_in("remy")
    his, _ = part(house, "region", "remy")
    other, _ = part(house, "region", "erin", of="remy")
    assert post(erin, view=WHOLE, at=f"region:{his}", text="Of his region, @remy").status_code == 302
    assert "Of his region" in read(remy, WHOLE)
    assert post(erin, view=WHOLE, at=f"region:{other}", text="Of another, @remy").status_code == 403
    assert post(erin, view=WHOLE, at=f"region:{other}", text="Of another region.").status_code == 302
    assert "Of another region." not in read(remy, WHOLE)
    # A point that is not among his own rows is none, as one that does not exist.
    unseen, unknown = (post(remy, view=WHOLE, at=f"region:{key}", text="?") for key in (other, "nowhere"))
    assert (unseen.status_code, unknown.status_code) == (404, 404)
    assert "There is no such point" in unseen.text
    assert post(remy, view=WHOLE, at="region", text="?").status_code == 400
    # A word means another time tomorrow, and a stretch is no mark.
    for moving in ("month:soon", "quarter:last-quarter", "day:all", "day:2025-01-01..2025-02-01"):
        assert post(remy, view=WHOLE, at=moving, text="?").status_code in (400, 404), moving


def test_a_month_is_a_point_too_and_is_named_in_the_readers_words(signed_in: SignedIn) -> None:
    erin = signed_in("erin")
    assert post(erin, view=WHOLE, at="month:2025-03", text="That month.").status_code == 302
    page = unescape(read(erin, WHOLE))
    assert "March 2025" in page or "Mar 2025" in page
    assert "#mark=month:2025-03" in page
