"""Who a customer is: Erin reads it all, Fay and Mia nothing by which to reach it, Sam only of customers of his own."""

from __future__ import annotations

import pytest

from app.assembly import House
from app.values.view import View
from app.values.viewer import Viewer
from layouts.answered import AnsweredPanel
from layouts.dashboard import answer_panel
from layouts.screen import panel as panels
from queries.query import Query
from tests.journeys.conftest import SignedIn
from tests.sweep.browser import Request, table_of


def viewer(house: House, name: str) -> Viewer:
    return house.viewer_named(f"{name}@salient.example")


def identity(house: House, who: Viewer, customer: str) -> AnsweredPanel:
    found = next(each for each in house.dashboards if each.id == "customer")
    panel = found.panel("identity")
    assert panel is not None
    return answer_panel(found, panel, View.parse(f"/d/customer?customer={customer}"), who, house.asker)


def customers_of(house: House, name: str) -> list[str]:
    return [each.key for each in house.asker.members("customer", viewer(house, name).context, limit=5_000)]


@pytest.fixture(scope="module")
def sams(house: House) -> str:
    return customers_of(house, "sam")[0]


@pytest.mark.parametrize("name", ["erin", "sam", "fay", "mia"])
def test_screen_and_file_show_the_same_of_a_customer(signed_in: SignedIn, house: House, sams: str, name: str) -> None:
    hidden = name in ("fay", "mia")
    shown = str(panels.answer(identity(house, viewer(house, name), sams), pictured=False))
    file = signed_in(name).send(Request(f"/d/customer/identity.csv?customer={sams}"))
    facts = {row["fact_key"] for row in table_of(file.body.removeprefix("\ufeff"))}
    assert {"customer", "industry", "segment", "customer_type", "place", "owner", "since"} <= facts
    for fact in ("email", "phone"):
        assert (fact in facts) is not hidden
    assert ("mailto:" in shown) is ("tel:" in shown) is not hidden
    assert ("@example.com" in shown + file.body) is not hidden
    assert ("Your role does not see customers' contact data." in shown) is hidden


def test_sam_learns_no_more_of_a_colleagues_customer_than_of_one_that_does_not_exist(
    signed_in: SignedIn, house: House, sams: str
) -> None:
    sam, own = viewer(house, "sam"), set(customers_of(house, "sam"))
    largest = house.asker.ask(Query(("net_sales",), by=("customer",), limit=500), viewer(house, "erin").context)
    foreign = next(row[0].key for row in largest.rows if row[0].key not in own)  # type: ignore[union-attr]
    found, nobody = (identity(house, sam, key) for key in (foreign, "C99999"))
    assert (found.state, found.sentence.replace(foreign, "")) == ("empty", nobody.sentence.replace("C99999", ""))
    bodies = [
        signed_in("sam").send(Request(f"/d/customer/identity.csv?customer={key}")).body.replace(key, "")
        for key in (foreign, "C99999")
    ]
    assert bodies[0] == bodies[1]


def test_otto_is_told_that_nothing_is_assigned_to_him(house: House, sams: str) -> None:
    assert identity(house, viewer(house, "otto"), sams).state == "refused"


def test_what_is_told_of_one_customer_asks_for_one_instead_of_telling_it_of_all(
    signed_in: SignedIn, house: House
) -> None:
    erin = viewer(house, "erin")
    page = next(each for each in house.dashboards if each.id == "customer")
    for address in ("/d/customer", "/d/customer?customer=C0001,C0002", "/d/customer?customer=!C0001"):
        for panel in page.panels():
            answered = answer_panel(page, panel, View.parse(address), erin, house.asker)
            assert answered.state == "refused", (address, panel.id)
            assert answered.frame is None
    file = signed_in("erin").send(Request("/d/customer/identity.csv"))
    assert "choose one first" in file.body
