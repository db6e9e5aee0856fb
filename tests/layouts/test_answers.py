"""Every dashboard for everybody: what each may see, and what they read when there is nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import pytest

from app.values.context import QueryContext
from app.values.scope import Scope
from layouts.answered import best_reference
from layouts.card import card_face
from layouts.dashboard import Dashboard, _notes, answer, answer_panel, rows_for
from layouts.dashboards import dashboards
from layouts.lede import lede
from layouts.marks import Card, RankedBars, Rows
from layouts.render.plotly import figure
from layouts.screen.states import ways_out
from layouts.unplanned import is_unplanned
from queries.answer import CUT_MONTHS
from queries.frame import Frame, Member
from queries.query import Query
from tests.layouts.company import Company, answered, of_somebody, view, viewer

EVERY = pytest.mark.parametrize("dashboard", dashboards(), ids=lambda each: each.id)
OF_SALES = pytest.mark.parametrize(
    "dashboard", [each for each in dashboards() if not each.whole], ids=lambda each: each.id
)
"""All but those about how the data were loaded, which no filter and no period narrows."""
MASKED = frozenset({"cost"})


@dataclass
class Broken(Company):
    """A warehouse that fails on one metric."""

    metric: str = "orders"

    def ask(self, query: Query, context: QueryContext) -> Frame:
        """As usual, but for that metric."""
        if self.metric in query.metrics:
            raise RuntimeError("disk on fire")
        return super().ask(query, context)


@dataclass
class Counting(Company):
    """Remembers every list of questions."""

    asked: list[list[Query]] | None = None

    def ask_all(self, queries: Iterable[Query], context: QueryContext) -> list[Frame]:
        """Remembered, then answered."""
        together = list(queries)
        self.asked = [*(self.asked or []), together]
        return super().ask_all(together, context)


@EVERY
def test_otto_who_may_see_nothing_reads_why(dashboard: Dashboard) -> None:
    company = Counting()
    found = answer(dashboard, view(f"/d/{dashboard.id}"), viewer(Scope.nothing()), company)
    assert {each.state for each in found} == {"refused"}
    assert all("administrator" in each.sentence for each in found)
    assert not any(each.frames or each.table.rows or each.finding for each in found)
    assert company.asked is None
    assert lede(found) == ()


@EVERY
def test_without_the_permission_nothing_is_asked(dashboard: Dashboard) -> None:
    company = Counting()
    found = answer(dashboard, view(f"/d/{dashboard.id}"), viewer(may=False), company)
    assert {each.state for each in found} == {"refused"}
    assert company.asked is None


@EVERY
@pytest.mark.parametrize("masks", [frozenset(), MASKED], ids=["open", "masked"])
def test_every_panel_stands_for_those_who_may_see_it(dashboard: Dashboard, masks: frozenset[str]) -> None:
    found = answer(dashboard, of_somebody(dashboard), viewer(masks=masks), Company())
    assert {each.state for each in found} == {"ready"}
    assert [each.panel.id for each in found] == [p.id for row in rows_for(dashboard, viewer(masks=masks)) for p in row]


def test_a_role_without_cost_has_six_cards_and_never_asks_for_the_margin() -> None:
    company = Counting()
    dashboard = dashboards()[0]
    found = answer(dashboard, view(), viewer(masks=MASKED), company)
    assert len([each for each in found if isinstance(each.mark, Card)]) == 6
    assert company.asked is not None
    assert not any("margin_rate" in query.metrics for queries in company.asked for query in queries)


def test_the_margin_asked_for_by_name_is_refused_with_a_sentence() -> None:
    found = answered("margin-rate", masks=MASKED)
    assert (found.state, found.frames) == ("refused", {})
    assert "cost" in found.sentence


@OF_SALES
def test_an_empty_company_says_so_and_offers_a_way_out(dashboard: Dashboard) -> None:
    found = answer(dashboard, of_somebody(dashboard, "channel=web"), viewer(), Company(empty=True))
    assert {each.state for each in found} == {"empty"}
    assert all("Remove the last one" in each.sentence for each in found)
    assert all(figure(each)["data"] == [] for each in found)


@OF_SALES
@pytest.mark.parametrize("part", ["region=nowhere", "drill=region:nowhere"])
def test_a_member_that_one_may_not_see_is_said_to_be_none_instead_of_showing_zeros(
    dashboard: Dashboard, part: str
) -> None:
    every = answer(dashboard, of_somebody(dashboard, part), viewer(), Company(nothing=True))
    found = [each for each in every if each.panel.id != "identity"]  # who a customer is, no filter narrows
    said = "There is no region 'nowhere' among the rows that you may see."
    assert {(each.state, each.sentence) for each in found} == {("empty", said)}
    assert "".join(phrase.text for phrase in lede(found)) == said
    assert all(card_face(each).value_text == "—" for each in found if isinstance(each.mark, Card))


def test_a_member_without_sales_is_still_a_member() -> None:
    found = answer(dashboards()[0], view("/d/overview?region=dach"), viewer(), Company(nothing=True))
    cards = [each for each in found if each.panel.id in ("net-sales", "orders")]
    assert {each.state for each in cards} == {"ready"}


def test_one_member_that_is_none_beside_one_that_is_changes_nothing() -> None:
    found = answer(dashboards()[0], view("/d/overview?region=dach,nowhere"), viewer(), Company(nothing=True))
    assert next(each for each in found if each.panel.id == "net-sales").state == "ready"


def test_all_questions_of_a_dashboard_are_put_together_each_once() -> None:
    """A second time only for what is asked about the members of a first answer."""
    company = Counting()
    answer(dashboards()[0], view(), viewer(), company)
    assert company.asked is not None
    assert len(company.asked) <= 2
    together = [query for queries in company.asked for query in queries]
    assert len(together) == len(set(together))
    assert all(query.where for queries in company.asked[1:] for query in queries)


def test_one_broken_answer_spoils_no_other_panel() -> None:
    found = {each.panel.id: each for each in answer(dashboards()[0], view(), viewer(), Broken())}
    assert found["orders"].state == "error"
    assert "disk" not in found["orders"].sentence
    assert {each.state for name, each in found.items() if name != "orders"} == {"ready"}


def test_a_plan_that_does_not_reach_so_deep_is_refused_in_its_own_panel_only() -> None:
    address = "/d/overview?drill=rep:okafor/customer:juno-group"
    found = {each.panel.id: each for each in answer(dashboards()[0], view(address), viewer(), Company())}
    assert found["quota-attainment"].state == "refused"
    assert found["quota-attainment"].sentence == "Quotas are not kept by customer."
    assert found["net-sales"].state == "ready"


def test_at_documents_a_picture_becomes_its_table() -> None:
    found = answered("variance", "/d/overview?drill=rep:okafor/customer:juno-group")
    assert isinstance(found.mark, Rows)
    assert (found.drill_level, found.gesture) == ("document", "drill")
    assert (found.title, found.unit_line) == ("Documents", "EUR, this quarter to 21 Nov 2026")
    assert answered("variance", "/d/overview?drill=customer:x/document:SO-1001").gesture == "none"


def test_titles_name_the_level_and_the_comparison() -> None:
    assert answered("variance").title == "Variance to budget by region"
    assert answered("variance", "/d/overview?drill=market:europe").title == "Variance to budget by region"
    assert answered("variance", "/d/overview?versus=last-year").title == "Variance to last year by region"


def test_where_no_plan_is_set_the_actuals_stand_against_last_year() -> None:
    found = answered("variance", company=Company(no_plan=True))
    assert (found.title, type(found.mark)) == ("Net sales by region", RankedBars)
    assert found.notes == ("No plan at this level.",)
    assert found.frame is not None
    assert any(value is not None for value in found.frame.values("net_sales@last-year"))
    assert found.finding.startswith("DACH leads with ")


def test_a_plan_that_belongs_to_no_region_is_no_bar_of_its_own() -> None:
    panel = answered("variance")
    assert panel.frame is not None
    nobody = (Member("(none)", "Not allocated"), Decimal(0), Decimal(15), Decimal(-15), Decimal(-1), None, None, None)
    sold = (Member("dach", "DACH"), Decimal(9), None, None, None, None, None, None)
    frames = {**panel.frames, "main": replace(panel.frame, rows=(sold, nobody))}
    assert is_unplanned(replace(panel, frames=frames))
    assert best_reference(frames["main"], "net_sales") is None


def test_attainment_of_a_plan_that_is_set_for_a_part_gives_way_to_the_actuals() -> None:
    found = answered("attainment", "/d/regions", Company(internet_plan=True))
    assert (found.title, type(found.mark)) == ("Net sales by region", RankedBars)
    assert answered("attainment", "/d/regions").title == "Budget attainment by region"


def test_a_period_after_the_newest_sale_says_so_and_leads_there() -> None:
    found = answered("top-customers", company=Company(empty=True, newest=date(2014, 1, 28)))
    assert found.sentence == "Nothing was sold in this quarter to 21 Nov 2026: the newest sale is of 28 Jan 2014."
    links = {way.children: way.href for way in ways_out("empty", found.view, found.newest_sale)}
    assert links["Show Q1 2014"] == "/d/overview?period=2014-Q1"
    assert "Show all time" in links
    assert answered("top-customers", "/d/overview?period=2013", Company(newest=date(2014, 1, 28))).newest_sale is None


def test_how_a_cut_month_counts_is_said_once_and_not_under_every_picture() -> None:
    panel = answered("variance")
    assert panel.frame is not None
    cut = replace(panel.frame, notes=(CUT_MONTHS, "No plan at this level."))
    assert _notes(panel.panel, {"main": cut}, {"main": cut}, panel.context) == ("No plan at this level.",)


def test_the_unit_line_says_what_and_when() -> None:
    assert answered("variance").unit_line == "€M, this quarter to 21 Nov 2026"
    assert answered("cumulative").unit_line == "€M, this quarter to 21 Nov 2026 over earlier quarters"
    assert answered("seasons", "/d/sales").unit_line == "€M, by month, 2024 to Nov 2026"


def test_the_table_is_the_twin_of_the_picture() -> None:
    table = answered("top-customers").table
    assert [column.title for column in table.columns][:3] == ["Customer", "Net sales", "Net sales, last year"]
    assert len(table.rows) == 8
    assert table.rows[-1][0].text == "16 others"
    assert table.totals is not None
    assert table.totals[0].text == "Total"
    assert table.rows[0][0].key == "aldergate-group"


def test_a_refused_card_has_a_face_of_dashes() -> None:
    face = card_face(answered("net-sales", scope=Scope.nothing()))
    assert (face.value_text, face.rows, face.state, face.spark) == ("—", (), None, (None,) * 13)


@EVERY
def test_answering_one_panel_gives_what_the_dashboard_gives(dashboard: Dashboard) -> None:
    at = view(f"/d/{dashboard.id}")
    for whole in answer(dashboard, at, viewer(), Company()):
        assert answer_panel(dashboard, whole.panel, at, viewer(), Company()) == whole


def test_ids_are_unique_and_rows_are_twelve_wide() -> None:
    for dashboard in dashboards():
        ids = [panel.id for panel in dashboard.panels()]
        assert len(set(ids)) == len(ids)
        for row in dashboard.rows:
            if not any(isinstance(panel.mark, Card) for panel in row):
                assert sum(panel.width for panel in row) == 12


def test_over_all_time_the_newest_quarter_builds_up() -> None:
    found = answered("cumulative", "/d/overview?period=all")
    assert (found.state, str(found.view)) == ("ready", "/d/overview?period=2026-Q4")
    assert found.notes[0] == "All time has no end to build up to: this is the newest quarter, Q4 2026."
    assert found.unit_line == "€M, Q4 2026 to 21 Nov 2026 over earlier quarters"
    assert figure(found)["data"]


def test_over_all_time_of_an_old_company_the_quarter_of_its_newest_sale_builds_up() -> None:
    found = answered("cumulative", "/d/overview?period=all", Company(newest=date(2024, 2, 3)))
    assert str(found.view) == "/d/overview?period=2024-Q1"


def test_a_ranking_in_place_of_a_variance_is_not_called_one() -> None:
    found = answered("variance", "/d/overview?versus=none")
    assert found.title == "Net sales by region"


@pytest.mark.parametrize(
    ("asked", "level", "note"),
    [
        ("period=2025&grain=day", "day", ""),
        ("period=2023..2026&grain=day", "week", "By week: by day it would be too long to read."),
        ("period=all&grain=day", "week", "By week: by day it would be too long to read."),
        ("period=2001..2026&grain=week", "month", "By month: by week it would be too long to read."),
        ("period=all&grain=quarter", "quarter", ""),
    ],
)
def test_a_series_too_long_to_read_is_asked_for_in_coarser_steps_and_says_so(asked: str, level: str, note: str) -> None:
    found = answered("by-month", f"/d/sales?{asked}")
    assert found.queries["main"].by == (level,)
    assert (note in found.notes) if note else not any("too long" in each for each in found.notes)


def test_a_table_at_a_glance_has_rounded_figures_and_how_they_changed() -> None:
    table = answered("places", "/d/regions").table
    assert [column.id for column in table.columns] == [
        "region",
        *(
            each
            for metric in ("net_sales", "orders", "customers", "new_customers", "average_order_value")
            for each in (metric, f"{metric}@last-year:change")
        ),
        "return_rate",
        "return_rate@last-year:delta",
    ]
    assert table.totals is not None
    assert table.columns[1].title.endswith(", €M")
    assert len({len(cells[1].text.partition(".")[2]) for cells in (*table.rows, table.totals)}) == 1
    for cells in (*table.rows, table.totals):
        assert re.fullmatch(r"[\d,]+\.\d\d?", cells[1].text)
        assert len(cells[1].exact) > len(cells[1].text)
        assert cells[-1].text.endswith("pt")
