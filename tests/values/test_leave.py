"""A guest sees what was granted, changes what was left open, and nothing else whatever is claimed."""

from __future__ import annotations

import pytest

from app.values.errors import Forbidden
from app.values.leave import CAPABILITIES, Leave, parameters_of
from app.values.selection import Filter
from app.values.view import View

GRANTED = View.parse("/d/sales?period=last-month&customer=acme&drill=category:bikes")
ALL = frozenset(CAPABILITIES)


def leave(view: View = GRANTED, *, allows: frozenset[str] = ALL, locked: tuple[str, ...] = ("customer",)) -> Leave:
    return Leave(view, allows, frozenset(locked), "/embed/abc")


def admitted(text: str, of: Leave) -> str:
    return str(of.admitted(View.parse(text)))


@pytest.mark.parametrize(
    "text",
    [
        "/d/overview?period=last-month&customer=acme&drill=category:bikes",
        "/d/sales?period=last-month&drill=category:bikes",
        "/d/sales?period=last-month&customer=acme,other&drill=category:bikes",
        "/d/sales?period=last-month&customer=!acme&drill=category:bikes",
        "/d/sales?period=last-month&customer=other&drill=category:bikes",
        "/d/sales?period=last-month&customer=acme&customer=!nobody&drill=category:bikes",
        "/d/sales?period=last-month&customer=acme",
        "/d/sales?period=last-month&customer=acme&drill=category:parts",
        "/d/sales?period=last-month&customer=acme&region=@everybodys",
    ],
)
def test_what_is_locked_stays_and_what_was_not_granted_is_not_there(text: str) -> None:
    with pytest.raises(Forbidden):
        admitted(text, leave())


def test_what_is_left_open_is_changed() -> None:
    for text in (
        "/d/sales?period=2013&customer=acme&drill=category:bikes",
        "/d/sales?period=2013&currency=USD&customer=acme&region=iberia&drill=category:bikes/subcategory:road",
        "/d/sales/by-month?period=last-month&amount=line:100..&customer=acme&drill=category:bikes",
    ):
        assert View.parse(admitted(text, leave())) == View.parse(text)


def test_without_leave_to_filter_everything_is_locked_and_without_leave_to_drill_every_step() -> None:
    deeper = "/d/sales?period=last-month&customer=acme&drill=category:bikes/subcategory:road"
    assert admitted(deeper, leave(allows=frozenset({"drill"})))
    for text in (deeper, "/d/sales?period=2013&customer=acme&drill=category:bikes", f"{GRANTED}&columns=net"):
        with pytest.raises(Forbidden):
            admitted(text, leave(allows=frozenset({"filter"} if "columns" in text else {"rows", "export"})))
    assert admitted(str(GRANTED), leave(allows=frozenset())) == str(GRANTED)


def test_a_step_into_time_is_another_period() -> None:
    text = "/d/sales?period=last-month&customer=acme&drill=category:bikes/year:2009"
    assert admitted(text, leave())
    for of in (leave(allows=frozenset({"drill"})), leave(locked=("period",))):
        with pytest.raises(Forbidden):
            admitted(text, of)


def test_a_locked_period_is_held_against_nothing_else() -> None:
    with pytest.raises(Forbidden):
        admitted(f"{GRANTED}&versus=2009", leave(locked=("period",)))
    assert admitted(f"{GRANTED}&versus=2009", leave())


def test_a_panel_alone_does_not_lead_to_its_dashboard() -> None:
    alone = leave(GRANTED.of_panel("by-month"))
    assert alone.leads_to(GRANTED.of_panel("by-month"))
    assert not any(alone.leads_to(each) for each in (GRANTED, GRANTED.of_panel("by-region")))


def test_sets_are_what_they_were_to_whoever_granted_them() -> None:
    found = View.parse("/d/sales?customer=@big")
    selection = found.selection.with_filter("customer", (), sets=("big",))
    granted = Filter("customer", (), False, ("big",), ("acme", "beta"))
    looked_up = found.with_selection(selection.__class__(filters=(granted,)))
    answered = leave(looked_up).admitted(View.parse("/d/sales?customer=@big&period=2013"))
    assert answered.selection.filters == (granted,)


def test_what_narrows_a_view_is_what_can_be_locked() -> None:
    view = View.parse("/d/sales?period=2013&customer=acme&document_currency=USD&amount=line:5..&drill=region:iberia")
    assert set(parameters_of(view)) == {"customer", "document_currency", "amount"}
