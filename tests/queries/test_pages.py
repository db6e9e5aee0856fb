"""Pages that follow places: each line and each member once, whatever the page's length, on both engines."""

from __future__ import annotations

import pytest

from app.values.errors import TooBig
from app.values.period import Period
from app.values.scope import Scope
from app.values.selection import Filter
from queries.asking import Asker
from queries.frame import Member
from queries.listing import LARGEST_PAGE, Place, lines, newest
from queries.members import Search
from tests.queries.company import context

ALL = Period.parse("all")
SCOPES = {
    "everything": Scope.everything(),
    "a region": Scope.of(region={"nord"}),
    "nothing": Scope.nothing(),
}


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def pages(request: pytest.FixtureRequest, few_asker: Asker, few_elsewhere: Asker | None) -> Asker:
    """The same small company on each engine there is."""
    if request.param == "duckdb":
        return few_asker
    if few_elsewhere is None:
        pytest.skip("no PostgreSQL here")
    return few_elsewhere


@pytest.mark.parametrize("basis", ["booked", "invoiced"])
@pytest.mark.parametrize("name", SCOPES)
def test_lines_come_once_each_the_newest_first(pages: Asker, name: str, basis: str) -> None:
    seen = context(SCOPES[name])
    with pages.engine.snapshot() as snapshot:
        total = lines((), ALL, basis, seen, snapshot, limit=0).total
        found: list[Place] = []
        after: Place | None = None
        while page := newest((), ALL, basis, seen, snapshot, after=after, limit=37):
            found += [place for place, _ in page]
            after = found[-1]
            assert all(values["order_date"] == place[0] for place, values in page)
    assert len(found) == len(set(found)) == total
    assert [day for day, _ in found] == sorted((day for day, _ in found), reverse=True)
    assert (total > 0) == (name != "nothing")


def test_so_many_lines_of_each_member_are_the_first_of_each(pages: Asker) -> None:
    seen = context()
    members = pages.members("customer", seen, limit=5)
    where = (Filter("customer", tuple(each.key for each in members)),)
    with pages.engine.snapshot() as snapshot:
        found = newest(where, ALL, "booked", seen, snapshot, limit=3, each="customer")
        for member in members:
            own = (Filter("customer", (member.key,)),)
            first = newest(own, ALL, "booked", seen, snapshot, limit=3)
            mine = [line for line in found if line[1]["customer"] == member]
            assert mine == first
            then = newest(own, ALL, "booked", seen, snapshot, limit=3, each="customer", after=first[-1][0])
            assert then == newest(own, ALL, "booked", seen, snapshot, limit=3, after=first[-1][0])
    assert len(found) > len(members)


def test_hidden_columns_are_not_even_read(pages: Asker) -> None:
    with pages.engine.snapshot() as snapshot:
        hidden = newest((), ALL, "booked", context(masks=frozenset({"cost", "contact"})), snapshot, limit=2)
        shown = newest((), ALL, "booked", context(), snapshot, limit=2)
        with pytest.raises(TooBig):
            newest((), ALL, "booked", context(), snapshot, limit=LARGEST_PAGE + 1)
    assert {"cost", "margin", "email", "phone"}.isdisjoint(hidden[0][1])
    assert {"cost", "margin", "email", "phone"} <= set(shown[0][1])


@pytest.mark.parametrize("level", ["customer", "product", "region", "channel", "document", "month", "currency"])
@pytest.mark.parametrize("name", SCOPES)
def test_members_come_once_each(pages: Asker, level: str, name: str) -> None:
    seen = context(SCOPES[name])
    whole = pages.options(Search(level, limit=10_000), seen).members
    found: list[Member] = []
    after = ""
    while page := pages.options(Search(level, after=after, limit=7), seen).members:
        found += page
        after = found[-1].key
    # The missing one stands in no list that is read in pages: it has no key to go on from.
    wanted = {each.key: each.name for each in whole if each.key != "(none)"}
    assert len(found) == len(wanted)
    assert {each.key: each.name for each in found} == wanted
