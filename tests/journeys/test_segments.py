"""A segment opens its customers: the list, the cards and the file are then about them, for each in the own rows."""

from __future__ import annotations

import pytest

from app.assembly import House
from app.domain.segments import SETS
from app.services import named_sets, segmentations
from app.values.errors import Conflict
from app.values.segmentation import Rule, Segmentation
from app.values.view import View
from app.values.viewer import Viewer
from callbacks.draw import panel_parts
from callbacks.drawn import Drawn
from layouts.answered import AnsweredPanel
from layouts.dashboard import answer_panel
from layouts.screen import panel as panels
from layouts.selected import filter_text
from queries.frame import Member
from tests.journeys.conftest import SignedIn
from tests.sweep.browser import Request, table_of

PAGE = "/d/customers"


def viewer(house: House, name: str) -> Viewer:
    return house.viewer_named(f"{name}@salient.example")


def answered(house: House, name: str, panel_id: str, address: str) -> AnsweredPanel:
    """A panel of a page as it is drawn: its sets are looked up first."""
    who = viewer(house, name)
    view = house.looked_up(who, View.parse(address))
    found = next(each for each in house.dashboards if each.id == view.dashboard)
    panel = found.panel(panel_id)
    assert panel is not None
    return answer_panel(found, panel, view, who, house.asker)


def sizes(house: House, name: str, address: str) -> dict[str, int]:
    """Segment → how many customers its row counts."""
    frame = answered(house, name, "segments", address).frame
    assert frame is not None
    return {row[0].key: int(str(row[2])) for row in frame.rows if isinstance(row[0], Member)}


def listed(house: House, name: str, address: str) -> list[str]:
    frame = answered(house, name, "segment-list", address).frame
    assert frame is not None
    return [row[0].key for row in frame.rows if isinstance(row[0], Member)]


def links(house: House, name: str, address: str) -> dict[str, str]:
    """Segment → where its name leads."""
    asked = answered(house, name, "segments", address)
    known = sizes(house, name, address)
    return {segment: str(panels.drill_href(asked, "rfm", segment)) for segment in known}


@pytest.mark.parametrize("name", ["erin", "remy", "mia"])
def test_each_segment_leads_to_as_many_customers_as_it_counts(house: House, name: str) -> None:
    counted = sizes(house, name, PAGE)
    assert sum(counted.values()) > 100
    whole = listed(house, name, PAGE)
    seen: list[str] = []
    for segment, href in links(house, name, PAGE).items():
        assert href.startswith(f"{PAGE}?customer=")
        own = listed(house, name, href)
        assert len(own) == counted[segment], segment
        seen += own
        # The segments themselves stay what they were, and a second click lets everybody come back.
        assert sizes(house, name, href) == counted
        assert links(house, name, href)[segment] == PAGE
    assert sorted(seen) == sorted(whole)


def test_everything_on_the_page_is_then_about_the_segment(house: House, signed_in: SignedIn) -> None:
    href = links(house, "erin", PAGE)["champions"]
    own = listed(house, "erin", href)
    card = answered(house, "erin", "customers", f"{href}&period=last-12-months").frame
    assert card is not None
    assert card.rows[0][0] == len(own)
    file = table_of(signed_in("erin").send(Request(href.replace(PAGE, f"{PAGE}/segment-list.csv"))).body)
    assert [row["customer_key"] for row in file] == own
    assert {row["rfm_key"] for row in file} == {"champions"}


def test_segments_are_those_of_the_own_rows_within_the_other_filters(house: House) -> None:
    name = next(iter(SETS))
    everybody, remys = (listed(house, who, f"{PAGE}?customer=@{name}") for who in ("erin", "remy"))
    assert set(remys) - set(everybody), "fifths of other customers are others"
    channel = house.asker.members("channel", viewer(house, "erin").context)[0].key
    narrowed = f"{PAGE}?channel={channel}"
    counted = sizes(house, "erin", narrowed)
    assert len(listed(house, "erin", f"{narrowed}&customer=@{name}")) == counted[SETS[name]]


def test_the_filter_says_the_segment_and_alone_the_panel_leads_to_the_list(house: House) -> None:
    chosen = View.parse(f"{PAGE}?customer=@segment-cannot-lose").selection.filters[0]
    assert filter_text(chosen, {}, "de") == "Kunde: Nicht zu verlieren"
    alone = answered(house, "erin", "segments", f"{PAGE}/segments")
    assert panels.drill_href(alone, "rfm", "at_risk") == f"{PAGE}/segment-list?customer=@segment-at-risk"


def test_nobody_keeps_a_set_under_the_name_of_a_segment(house: House) -> None:
    with house.database.write() as session, pytest.raises(Conflict, match="customers of a segment"):
        named_sets.create(session, viewer(house, "erin"), name="segment-new", level="customer", members=("C1",))


def test_otto_finds_no_segment(house: House) -> None:
    found = house.looked_up(viewer(house, "otto"), View.parse(f"{PAGE}?customer=@segment-champions"))
    assert found.selection.filters[0].found is None


def cells(house: House, name: str, address: str) -> dict[str, tuple[str, int]]:
    """Cell of the grid → its segment and how many customers it counts."""
    frame = answered(house, name, "segment-grid", address).frame
    assert frame is not None
    return {
        row[0].key: (row[1].key, int(str(row[2])))
        for row in frame.rows
        if isinstance(row[0], Member) and isinstance(row[1], Member)
    }


@pytest.mark.parametrize("name", ["erin", "sam"])
def test_each_cell_of_the_grid_leads_to_as_many_customers_as_it_counts(house: House, name: str) -> None:
    counted = cells(house, name, PAGE)
    asked = answered(house, name, "segment-grid", PAGE)
    seen: list[str] = []
    for cell, (segment, customers) in counted.items():
        href = str(panels.drill_href(asked, "rfm_cell", cell))
        own = listed(house, name, href)
        assert len(own) == customers, cell
        seen += own
        chosen = answered(house, name, "segment-list", href).frame
        assert chosen is not None
        assert {row[1].key for row in chosen.rows if isinstance(row[1], Member)} == {segment}
        # The grid stays what it was, and a second click lets everybody come back.
        assert cells(house, name, href) == counted
        assert panels.drill_href(answered(house, name, "segment-grid", href), "rfm_cell", cell) == PAGE
    assert sorted(seen) == sorted(listed(house, name, PAGE))
    by_segment = dict.fromkeys(sizes(house, name, PAGE), 0)
    for segment, customers in counted.values():
        by_segment[segment] += customers
    assert by_segment == sizes(house, name, PAGE)


def test_the_filter_says_the_cell() -> None:
    chosen = View.parse(f"{PAGE}?customer=@segment-r5-m3").selection.filters[0]
    assert filter_text(chosen, {}, "en") == "Customer: Recency 5, frequency and money 3"


def test_a_changed_segmentation_shows_at_once_everywhere_and_the_earlier_one_comes_back(house: House) -> None:
    before = sizes(house, "erin", PAGE)
    at, place = {"view": PAGE}, {"dashboard": "customers", "panel": "segments"}
    kept = Drawn(house.engine)
    drawn = str(panel_parts(house, viewer(house, "erin"), at, place, kept)[0])
    ada = viewer(house, "ada")
    made = Segmentation((Rule("champions", (5, 5), (1, 5)), Rule("loyal", (1, 5), (1, 5))))
    with house.database.write() as session:
        counts = segmentations.change(session, ada, made, on=ada.context.segmentation.version)
    try:
        after = sizes(house, "erin", PAGE)
        assert str(panel_parts(house, viewer(house, "erin"), at, place, kept)[0]) != drawn
        assert set(after) == {"champions", "loyal"}
        assert sum(after.values()) == sum(before.values())
        assert len(listed(house, "erin", f"{PAGE}?customer=@segment-champions")) == after["champions"]
        notes = answered(house, "erin", "segment-grid", PAGE).notes
        assert any(f"version {counts.version} of" in note for note in notes)
    finally:
        with house.database.write() as session:
            segmentations.restore(session, viewer(house, "ada"), 0, on=counts.version)
    assert sizes(house, "erin", PAGE) == before
