"""Who a customer is: told to those whose customer it is, without contacts where these are hidden, else nothing."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from app.values.context import QueryContext
from app.values.errors import NotAskable
from app.values.hierarchy import ACCOUNT_OWNER
from app.values.period import Period
from app.values.scope import Scope
from app.values.selection import Filter
from queries.asking import Asker
from queries.frame import Member
from queries.identity import OUTSIDE
from queries.query import Query
from tests.queries.company import company, context

EVER = Period.parse("all")


def asked(*customers: str) -> Query:
    return Query(("customer_identity",), where=(Filter("customer", customers),), period=EVER)


def told(asker: Asker, customer: str, who: QueryContext) -> dict[str, object]:
    """Fact → what is said of it."""
    rows = asker.ask(asked(customer), who).rows
    return {row[0].key: row[1] for row in rows if isinstance(row[0], Member)}


def customers_of(asker: Asker, who: QueryContext) -> list[str]:
    found = asker.ask(Query(("lines",), by=("customer",), period=EVER), who)
    return [row[0].key for row in found.rows if isinstance(row[0], Member) and row[0].key != "(none)"]


def as_staged(key: str) -> dict[str, object]:
    return next(row for row in company().tables["customer"] if row["customer_key"] == key)


def test_erin_reads_all_that_the_company_knows_of_a_customer(asker: Asker) -> None:
    found = told(asker, "C9", context())
    assert found["customer"] == "Customer 9 (C9)"
    assert (found["industry"], found["segment"]) == ("Tools", "Small")
    assert found["place"] == "City 1 of south, South, US"
    assert found["owner"] == Member("R1", "Rep 1 · Team T2")
    assert found["email"] == "c9@customers.example"
    assert (found["field:tier"], found["field:vip"], found["field:seats"]) == ("silver", "no", "17")


def test_what_is_not_known_of_a_customer_is_left_out(asker: Asker) -> None:
    found = told(asker, "C20", context())
    assert "owner" not in found
    assert "industry" not in found
    assert "since" not in found
    assert not [name for name in told(asker, "C6", context()) if name.startswith("field:")]


def test_the_owner_stands_with_the_team_of_today(asker: Asker) -> None:
    # The third rep moved from the first team to the third.
    assert told(asker, "C3", context())["owner"] == Member("R3", "Rep 3 · Team T3")


@pytest.mark.parametrize("masks", [("contact",), ("contact", "cost")])
def test_fay_reads_who_a_customer_is_but_not_how_to_reach_it(asker: Asker, masks: Iterable[str]) -> None:
    fay = context(masks=frozenset(masks))
    found = told(asker, "C9", fay)
    assert found["segment"] == "Small"
    assert not {"email", "phone"} & found.keys()
    assert "@" not in str(found)
    assert "Your role does not see customers' contact data." in asker.ask(asked("C9"), fay).notes


def test_somebody_elses_customer_looks_like_one_that_does_not_exist(asker: Asker) -> None:
    rita = context(Scope.of(region=("nord",), rep=("R1",)))
    own = customers_of(asker, rita)
    foreign = sorted(set(customers_of(asker, context())) - set(own))
    assert own
    assert foreign
    nobody = asker.ask(asked("nowhere"), rita)
    for key in foreign[:5]:
        assert asker.ask(asked(key), rita) == nobody
    assert nobody.rows == ()
    assert told(asker, own[0], rita)["customer"] == f"Customer {own[0][1:]} ({own[0]})"


def test_otto_is_told_of_nobody(asker: Asker) -> None:
    assert told(asker, "C9", context(Scope.nothing())) == {}


def test_who_owns_an_account_is_named_to_those_who_have_rows_of_the_owner(asker: Asker) -> None:
    rita = context(Scope.of(rep=("R1",)))
    foreign = [key for key in customers_of(asker, rita) if as_staged(key)["owner_rep_key"] not in ("R1", None)]
    assert foreign
    for key in foreign:
        assert told(asker, key, rita)["owner"] == Member(OUTSIDE, OUTSIDE)
    amy = context(Scope.of(**{ACCOUNT_OWNER: ("R2",)}))
    for key in customers_of(asker, amy)[:3]:
        assert told(asker, key, amy)["owner"] == Member("R2", "Rep 2 · Team T3")


def test_several_customers_are_not_one(asker: Asker) -> None:
    with pytest.raises(NotAskable, match="one customer"):
        asker.ask(asked("C1", "C2"), context())
    assert asker.ask(Query(("customer_identity",), period=EVER), context()).rows == ()
