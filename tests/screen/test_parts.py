"""The screen's parts: every choice is a link to the view it leads to, and every state has a way on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from dash.development.base_component import Component

from app.values.context import QueryContext
from app.values.scope import Scope
from app.values.view import View
from app.values.viewer import Viewer
from layouts.columns import Cell, Table, TableColumn
from layouts.dashboards import dashboards
from layouts.screen import breadcrumbs, dashboard, filters, picks, rail, rows, states, table
from layouts.screen.card import spots_of
from layouts.screen.index import options
from layouts.screen.shell import shell
from layouts.screen.surroundings import Stand, Surroundings
from queries.frame import Column, Member

TODAY = date(2026, 11, 21)
ERIN = Viewer(
    "person", "7", "Erin Vale", "erin@salient.example", "executive", frozenset({"dashboards"}),
    QueryContext(Scope.everything(), TODAY, "EUR"),
)  # fmt: skip
STAND = Stand(118, TODAY, date(2023, 1, 2), TODAY, ("EUR", "USD"), quarantined=12)


def around(url: str, **names: str) -> Surroundings:
    """Erin's surroundings at an address."""
    known = {tuple(name.split("__")): text for name, text in names.items()}
    boards = tuple(dashboards().values()) if hasattr(dashboards(), "values") else tuple(dashboards())
    return Surroundings(ERIN, boards, View.parse(url), STAND, known)  # type: ignore[arg-type]


def parts(tree: Any) -> Iterator[Component]:
    """Every component of a tree, itself included."""
    if isinstance(tree, Component):
        yield tree
        yield from parts(getattr(tree, "children", None))
    elif isinstance(tree, list | tuple):
        for each in tree:
            yield from parts(each)


def links(tree: Any) -> dict[str, str]:
    """Text of each link → where it leads."""
    return {text(each): each.href for each in parts(tree) if getattr(each, "href", None)}


def text(tree: Any) -> str:
    """All words of a tree."""
    if isinstance(tree, Component):
        return text(getattr(tree, "children", None))
    return "".join(map(text, tree)) if isinstance(tree, list | tuple) else "" if tree is None else str(tree)


def test_every_choice_of_the_top_bar_keeps_the_rest_of_the_view() -> None:
    found = links(picks.picks(around("/d/overview?basis=invoiced&drill=region:emea&category=bikes")))
    assert found["Last month"] == "/d/overview?period=last-month&basis=invoiced&drill=region:emea&category=bikes"
    assert found["2024"] == "/d/overview?period=2024&basis=invoiced&drill=region:emea&category=bikes"
    assert found["USD"] == "/d/overview?basis=invoiced&currency=USD&drill=region:emea&category=bikes"
    assert all(View.parse(href).selection.filters for href in found.values())


def test_at_most_two_comparisons_are_offered_at_once() -> None:
    found = links(picks.picks(around("/d/overview")))
    assert View.parse(found["Previous period"]).selection.versus == ("last-year", "previous")
    assert View.parse(found["Budget"]).selection.versus == ("last-year",)


def test_the_breadcrumb_leads_up_and_names_where_one_stands() -> None:
    here = around("/d/overview?drill=market:emea/rep:R017/month:2026-03", market__emea="EMEA", rep__R017="Sam Reyes")
    found = links(breadcrumbs.crumbs(here))
    assert found == {
        "Company": "/d/overview",
        "EMEA": "/d/overview?drill=market:emea",
        "Sam Reyes": "/d/overview?drill=market:emea/rep:R017",
    }
    assert text(breadcrumbs.crumbs(here)).endswith("Mar 2026")


def test_a_chip_says_its_filter_and_removes_it() -> None:
    here = around("/d/sales?category=bikes,parts&channel=!Direct", category__bikes="Bikes", category__parts="Parts")
    tree = breadcrumbs.crumbs(here)
    assert "Category: Bikes, Parts" in text(tree)
    assert "Channel: not Direct" in text(tree)
    hrefs = [each.href for each in parts(tree) if getattr(each, "href", None)]
    assert "/d/sales?channel=!Direct" in hrefs


def test_members_are_taken_in_and_out_by_links() -> None:
    view = View.parse("/d/overview?category=bikes")
    found = links(filters.members(view, "category", [Member("bikes", "Bikes"), Member("parts", "Parts")]))
    assert found == {"Bikes": "/d/overview", "Parts": "/d/overview?category=bikes,parts"}


def test_only_so_many_members_reach_the_page() -> None:
    many = [Member(f"C{number}", f"Customer {number}") for number in range(filters.SHOWN + 1)]
    assert len(links(filters.members(View("overview"), "customer", many))) == filters.SHOWN


def test_the_rail_carries_the_selection_but_not_the_drill_path() -> None:
    found = links(rail.rail(around("/d/overview?period=2024&drill=region:emea")))
    assert found["Sales"] == "/d/sales?period=2024"
    assert found["Sign out"] == "/logout"


def test_names_become_initials() -> None:
    assert [rail.initials(name) for name in ("Erin Vale", "Ada", "otto@salient.example", "")] == ["EV", "AD", "OS", "?"]


def test_an_empty_panel_offers_the_way_out_that_fits() -> None:
    assert list(links(states.sorry("empty", "Nothing.", View.parse("/d/sales?category=bikes")))) == [
        "Remove last filter",
        "Show all time",
    ]
    assert list(links(states.sorry("empty", "Nothing.", View.parse("/d/sales?period=all&drill=market:x/rep:y")))) == [
        "One step up"
    ]
    assert not links(states.sorry("refused", "Not for you.", View("sales")))


def test_members_in_a_table_are_links_and_figures_say_why_they_are_missing() -> None:
    columns = (TableColumn("region", "Region", False, "region"), TableColumn("net_sales", "Net sales", True))
    rows_ = ((Cell("DACH", "DACH", "dach"), Cell("—", None, reason="zero_base")),)
    tree = table.twin(Table(columns, rows_), "Net sales", lambda level, key: f"/{level}/{key}")
    assert links(tree) == {"DACH": "/region/dach"}
    assert next(each.title for each in parts(tree) if getattr(each, "title", None)) == "nothing to divide by"


def test_a_long_table_says_where_the_rest_is() -> None:
    columns = (TableColumn("customer", "Customer", False, "customer"),)
    many = tuple((Cell(str(number), str(number), str(number)),) for number in range(table.LONGEST + 5))
    tree = table.twin(Table(columns, many), "Customers", lambda level, key: None)
    assert sum(type(each).__name__ == "Tr" for each in parts(tree)) == table.LONGEST + 1
    assert "the CSV has all" in text(tree)


def test_grid_rows_have_text_for_ids_and_cells() -> None:
    columns = (Column("document", "Document", "dimension", unit="text"), Column("net", "Net", "metric", unit="money"))
    found = rows.records(columns, [("SO-1", 1234), ("SO-2", None)], 100, "en", "EUR")
    assert found == [
        {"row": "100", "document": "SO-1", "net": "€1,234.00"},
        {"row": "101", "document": "SO-2", "net": "—"},
    ]


def test_a_trend_stays_inside_its_box() -> None:
    spots = spots_of([None, 3.0, 1.0, 2.0])
    assert len(spots) == 3
    assert all(0 <= x <= 120 and 0 <= y <= 28 for x, y in spots)
    assert spots[1][1] > spots[0][1]
    assert spots_of([None, None]) == []
    assert {y for _, y in spots_of([2.0, 2.0])} == {14.0}


def test_a_dashboard_has_a_place_for_every_panel_before_any_answer() -> None:
    for board in around("/d/overview").dashboards:
        tree = dashboard.page(board, ERIN)
        places = [getattr(each, "data-panel", None) for each in parts(tree)]
        assert [name for name in places if name] == [panel.id for panel in board.panels()]


def test_the_footer_says_which_data_one_looks_at() -> None:
    assert (
        text(dashboard.footer(STAND, "21 Nov 2026")) == "Data as of 21 Nov 2026 · generation 118 · 12 rows quarantined"
    )


def test_the_page_names_its_language_and_runs_no_script_of_its_own() -> None:
    page = options([], [])["index_string"]
    assert '<html lang="en"' in page
    assert "<script>" not in page


def test_the_shell_knows_nobody() -> None:
    assert "Skip to the dashboard" in text(shell())
    assert not [each for each in parts(shell()) if getattr(each, "data-panel", None)]
