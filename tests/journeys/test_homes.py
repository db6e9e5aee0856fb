"""Where everybody begins: on the dashboard made for the role, with figures that are sums of the own order lines."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from app.assembly import House
from app.services.defaults import ROLE_HOMES
from app.values.view import View
from callbacks.navigate import FRAME, frame
from layouts.dashboard import answer_panel
from layouts.screen import ids
from tests.journeys.conftest import SignedIn
from tests.sweep.browser import Request, table_of

HOMES = {
    "ada": ("overview", "net-sales"),
    "erin": ("overview", "net-sales"),
    "dirk": ("overview", "net-sales"),
    "fay": ("sales", "channels"),
    "mia": ("customers", "customers"),
    "remy": ("regions", "ranked"),
    "tess": ("team", "net-sales"),
    "amy": ("customers", "customers"),
    "sam": ("me", "net-sales"),
}
"""Persona → the dashboard begun with, and a panel on it that counts or adds up the own order lines."""


def arrival(house: House, name: str) -> dict[str, object]:
    """What the frame shows to somebody who comes without an address, by what it fills."""
    found = frame(house, house.viewer_named(f"{name}@salient.example"), "/", None)
    return {f"{at.component_id}.{at.component_property}": part for at, part in zip(FRAME, found, strict=True)}


def figure(house: House, name: str, view: str, card: str) -> Decimal:
    viewer = house.viewer_named(f"{name}@salient.example")
    asked = View.parse(view)
    found = next(each for each in house.dashboards if each.id == asked.dashboard)
    panel = found.panel(card)
    assert panel is not None
    frame = answer_panel(found, panel, house.looked_up(viewer, asked), viewer, house.asker).frame
    assert frame is not None
    at = frame.index(panel.query.metrics[0])
    rows = (*frame.rows, *([frame.others] if frame.others is not None else []))
    return sum((Decimal(str(row[at])) for row in rows if row[at] is not None), Decimal(0))


def test_every_role_has_a_persona_who_tries_its_home(house: House) -> None:
    roles = {house.viewer_named(f"{name}@salient.example").role: home for name, (home, _) in HOMES.items()}
    assert roles == dict(ROLE_HOMES)


@pytest.mark.parametrize("name", HOMES)
def test_everybody_begins_at_home_with_the_sums_of_the_own_lines(house: House, signed_in: SignedIn, name: str) -> None:
    home, card = HOMES[name]
    found = arrival(house, name)
    assert found[f"{ids.MAIN}.data-dashboard"] == home
    view = str(found[f"{ids.MAIN}.data-view"])
    path, _, query = view.partition("?")
    lines = table_of(signed_in(name).send(Request(f"{path}/{card}.rows.csv?{query}")).body)
    assert lines
    shown = figure(house, name, view, card)
    if card == "customers":
        assert shown == len({line["customer_key"] for line in lines if line["document_type"] != "credit_note"})
    else:
        # In the file each line is rounded to the cent.
        assert abs(shown - sum(Decimal(line["net_sales"]) for line in lines)) <= Decimal("0.005") * len(lines)
    # Who sees a part of the company is shown less than Erin.
    own = HOMES[name][0] in ("regions", "team", "me") or name == "amy"
    whole = figure(house, "erin", re.sub(r"[?&]rep=@me", "", view), card)
    assert (shown < whole) is own


def test_otto_is_at_home_nowhere_and_is_told_so(house: House) -> None:
    found = arrival(house, "otto")
    assert found[f"{ids.MAIN}.data-dashboard"] == ""
    assert "Nothing is assigned to you yet" in str(found[f"{ids.MAIN}.children"])
