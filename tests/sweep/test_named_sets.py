"""A set narrows what one sees, on pages and in files; whose ever it is, nobody sees another's rows through it."""

from __future__ import annotations

from itertools import chain

import pytest

from app.services import named_sets
from tests.conftest import SOAK
from tests.sweep.browser import Request
from tests.sweep.company import COLLEAGUES, WORD, key, tables, words_of
from tests.sweep.conftest import Company, Opened
from tests.sweep.script import Script

ROWS = "/d/overview/orders.rows.csv?period=all"


@pytest.fixture(scope="module")
def shared(open_company: Opened) -> Company:
    """A company whose executive shared a set of Sam's and Amy's keys with everyone."""
    company = open_company(tables())
    reps = [key("rep", "sam"), key("rep", "amy")]
    with company.house.database.write() as session:
        erin = company.house.viewer_named(COLLEAGUES["erin"].email)
        named_sets.create(session, erin, name="two-reps", level="rep", members=reps, visibility="everyone")
    return company


def words(company: Company, who: str, path: str) -> set[str]:
    return set(WORD.findall(company.browser(who).send(Request(path)).body))


def test_the_executive_sees_those_in_the_set_and_no_others(shared: Company) -> None:
    spelled = f"{ROWS}&rep={key('rep', 'sam')},{key('rep', 'amy')}"
    assert words(shared, "erin", f"{ROWS}&rep=@two-reps") == words(shared, "erin", spelled)
    assert words(shared, "erin", f"{ROWS}&rep=@two-reps") < words(shared, "erin", ROWS)


def test_a_rep_sees_the_own_rows_in_it_and_not_the_others(shared: Company) -> None:
    seen = words(shared, "sam", f"{ROWS}&rep=@two-reps")
    assert seen
    assert seen <= words_of(COLLEAGUES["sam"].deals)
    assert not words(shared, "otto", f"{ROWS}&rep=@two-reps") - {key("rep", "sam")}


def test_me_is_whoever_looks(shared: Company) -> None:
    assert words(shared, "sam", f"{ROWS}&rep=@me") == words(shared, "sam", ROWS)
    assert words(shared, "amy", f"{ROWS}&rep=@me") <= words_of(COLLEAGUES["amy"].deals)


def test_a_set_that_is_not_there_shows_a_sentence_and_no_row(shared: Company) -> None:
    for path in (f"{ROWS}&rep=@no-such-set", "/d/overview.csv?rep=@no-such-set", f"{ROWS}&customer=@two-reps"):
        came = shared.browser("erin").send(Request(path))
        assert came.status == 422, path
        assert "cannot be used here" in came.body
        assert not WORD.search(came.body)


def test_the_page_shows_the_sets_name_and_not_its_keys(shared: Company, script: Script) -> None:
    seen = []
    query = "?period=all&rep=@two-reps"
    # All of one dashboard and a glance at each; in a soak all of each.
    looks = [script.glance(query[1:], at) for at in range(len(script.dashboards))]
    sent = script.screens(query) if SOAK else (*script.whole(script.dashboards[0], query), *chain.from_iterable(looks))
    for request in sent:
        came = shared.browser("remy").send(request)
        assert came.status < 500, request.text
        seen.append(came.body)
    assert any("@two-reps" in body for body in seen)
    assert key("rep", "amy") not in words_of(COLLEAGUES["remy"].deals)
    assert not any(key("rep", "amy") in body for body in seen)
