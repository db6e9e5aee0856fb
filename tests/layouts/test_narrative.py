"""Findings: sentences that are computed, and silence where nothing is certain."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from layouts.answered import AnsweredPanel
from layouts.attainment import attainment_of
from layouts.columns import level_name
from layouts.curves import curves_of
from layouts.dashboard import answer
from layouts.dashboards import dashboards
from layouts.lede import Phrase, lede
from layouts.marks import HeatTable
from layouts.narrative import count_word, finding
from layouts.render.plotly import figure
from queries.frame import Column, Frame, Member, Value
from tests.layouts.company import Company, answered, view, viewer


def with_rows(panel: AnsweredPanel, *rows: tuple[Value, ...], totals: tuple[Value, ...] | None = None) -> AnsweredPanel:
    """The same panel with other rows in its answer."""
    assert panel.frame is not None
    return replace(panel, frames={**panel.frames, "main": replace(panel.frame, rows=rows, totals=totals, others=None)})


def region(name: str, sales: int, budget: int | None) -> tuple[Value, ...]:
    """A row of the variance panel, compared with budget and not with last year."""
    delta = None if budget is None else Decimal(sales - budget)
    change = None if budget is None or delta is None else delta / budget
    then = None if budget is None else Decimal(budget)
    return (Member(name.lower(), name), Decimal(sales), then, delta, change, None, None, None)


VARIANCE = answered("variance")
TOTALS = (None, Decimal(12_000_000), Decimal(11_010_000), Decimal(990_000), Decimal("0.0899"), None, None, None)


def test_the_largest_shortfall_is_named_with_what_would_be_without_it() -> None:
    panel = with_rows(
        VARIANCE, region("DACH", 9_000_000, 7_100_000), region("Iberia", 1_000_000, 1_910_000), totals=TOTALS
    )
    assert finding(panel) == "+€990K in all against budget; without Iberia it would be +€1.9M."


def test_when_all_are_ahead_the_best_is_named() -> None:
    panel = with_rows(
        VARIANCE, region("DACH", 9_000_000, 8_100_000), region("Iberia", 2_000_000, 1_910_000), totals=TOTALS
    )
    assert finding(panel) == "+€990K in all against budget; DACH adds most, +€900K."


def test_without_any_reference_the_ranking_is_told() -> None:
    totals = (None, Decimal(10_000_000), None, None, None, None, None, None)
    panel = with_rows(VARIANCE, region("DACH", 9_000_000, None), region("Iberia", 1_000_000, None), totals=totals)
    assert finding(panel) == "DACH leads with 90% of the total."


def test_what_nobody_sold_leads_no_ranking() -> None:
    totals = (None, Decimal(12_000_000), None, None, None, None, None, None)
    nobody = (Member("(none)", "(none)"), Decimal(8_000_000), *(None,) * 6)
    rows = (nobody, region("DACH", 3_000_000, None), region("Iberia", 1_000_000, None))
    assert finding(with_rows(VARIANCE, *rows, totals=totals)) == "DACH leads with 25% of the total."


def test_nothing_is_said_of_missing_figures() -> None:
    empty = (Member("dach", "DACH"), None, None, None, None, None, None, None)
    assert finding(with_rows(VARIANCE, empty)) == ""
    assert finding(with_rows(VARIANCE)) == ""
    for dashboard in dashboards():
        for each in answer(dashboard, view(f"/d/{dashboard.id}"), viewer(), Company(empty=True)):
            assert each.finding == ""


def test_a_negative_total_has_no_shares() -> None:
    totals = (None, Decimal(-5), None, None, None, None, None, None)
    assert finding(with_rows(VARIANCE, region("DACH", 5, None), region("Iberia", -10, None), totals=totals)) == ""


def test_a_long_decline_is_worth_a_sentence() -> None:
    assert answered("growth", "/d/sales").finding == "Iberia has lost ground every month since Jan 2026."


def test_the_running_month_counts_for_no_season() -> None:
    assert "of 10 complete months" in answered("seasons", "/d/sales").finding


def test_attainment_is_measured_against_the_whole_quarter_and_pace() -> None:
    panel = answered("rep-attainment")
    rows = attainment_of(panel)
    assert len(rows) == 12
    assert all(Decimal("0.5") < row.pace < Decimal("0.6") for row in rows)
    assert [row.share for row in rows] == sorted((row.share for row in rows), reverse=True)
    ahead = sum(row.share >= row.pace for row in rows)
    assert panel.finding.lower().startswith(f"{count_word(ahead)} of 12")


def test_a_member_without_a_plan_has_no_attainment() -> None:
    panel = answered("rep-attainment")
    assert panel.frame is not None
    member = Member("x", "X")
    assert (
        attainment_of(with_rows(panel, (member, None, Decimal(5), None), (member, None, Decimal(5), Decimal(0)))) == ()
    )


def test_the_running_total_adds_up_to_the_days_it_is_made_of() -> None:
    panel = answered("cumulative")
    curves = curves_of(panel)
    assert curves is not None
    assert panel.frame is not None
    days = [row for row in panel.frame.rows if isinstance(row[0], Member) and row[0].key >= "2026-10-01"]
    assert curves.current.values[-1] == sum(row[1] for row in days if isinstance(row[1], Decimal))
    assert (len(curves.current.values), curves.days, len(curves.earlier), curves.last_year) == (52, 92, 12, 3)
    assert curves.plan is not None
    planned = [row[-1] for name in ("plan", "rest") for row in panel.frames[name].rows]
    assert abs(curves.plan.values[-1] - sum(v for v in planned if isinstance(v, Decimal))) < Decimal("0.01")


def test_a_quarter_that_began_before_the_data_is_not_compared_with() -> None:
    panel = answered("cumulative")
    assert panel.frame is not None
    late = [row for row in panel.frame.rows if isinstance(row[0], Member) and row[0].key >= "2025-11-20"]
    curves = curves_of(with_rows(panel, *late))
    assert curves is not None
    assert (len(curves.earlier), curves.last_year) == (3, None)


def told(phrases: tuple[Phrase, ...]) -> str:
    return "".join(phrase.text for phrase in phrases)


def test_the_sentence_at_the_head_says_where_the_company_stands() -> None:
    text = told(lede(answer(dashboards()[0], view(), viewer(), Company())))
    assert text.startswith("Net sales are €26.2M on day 52 of 92, 6.7% behind plan and 7.3% above last year. ")
    assert "Iberia is €495K behind." in text
    assert text.endswith("New customers are up 7% on last year.")


def test_what_is_good_and_bad_is_marked_as_such() -> None:
    tones = {phrase.text: phrase.tone for phrase in lede(answer(dashboards()[0], view(), viewer(), Company()))}
    assert tones["6.7% behind plan"] == "neg"
    assert tones["7.3% above last year"] == "pos"


def test_a_finished_period_has_no_day_and_no_comparison_no_words() -> None:
    text = told(lede(answer(dashboards()[0], view("/d/overview?period=2026-Q3&versus=none"), viewer(), Company())))
    assert text.startswith("Net sales are €")
    assert "day" not in text
    assert "plan" not in text


def head(dashboard_id: str, address: str = "", company: Company | None = None) -> str:
    """What stands at the head of a dashboard."""
    dashboard = next(each for each in dashboards() if each.id == dashboard_id)
    found = answer(dashboard, view(f"/d/{dashboard_id}{address}"), viewer(), company or Company())
    return told(lede(found))


def test_sales_opens_with_its_months_and_amounts_with_their_currency() -> None:
    assert head("sales").startswith(answered("by-month", "/d/sales").finding)
    assert "€" in answered("by-month", "/d/sales").finding


def test_regions_open_with_the_plan_and_where_the_gap_is() -> None:
    text = head("regions")
    assert text.startswith("Net sales are €27.4M, 2.1% behind plan. ")
    assert text.endswith(" Iberia is €495K behind; DACH is €527K ahead.")


def test_regions_without_a_plan_open_with_last_year() -> None:
    assert " last year. " in head("regions", company=Company(no_plan=True))


def test_a_plan_for_the_web_alone_makes_nobody_ahead_or_behind() -> None:
    company = Company(internet_plan=True)
    assert "plan" not in head("overview", company=company)
    for dashboard in dashboards():
        for each in answer(dashboard, view(f"/d/{dashboard.id}"), viewer(), company):
            about_quota = each.panel.id == "rep-attainment"
            assert about_quota or not any(word in each.finding for word in ("budget", "plan", "pace"))


def test_long_after_the_newest_sale_the_head_leads_back_to_it() -> None:
    company = Company(newest=date(2014, 1, 28))
    found = lede(answer(dashboards()[0], view(), viewer(), company))
    assert told(found) == (
        "Nothing has been sold in this quarter to 21 Nov 2026: the newest sale is of 28 Jan 2014."
        " Look at Q1 2014 or at all time."
    )
    assert [phrase.href for phrase in found if phrase.href] == [
        "/d/overview?period=2014-Q1",
        "/d/overview?period=all",
    ]


def test_one_shortfall_is_weighed_against_all_others_not_only_those_drawn() -> None:
    panels = {each.panel.id: each for each in answer(dashboards()[0], view(), viewer(), Company())}
    small = [region(f"Place {at}", 1_000_000, 1_400_000) for at in range(8)]
    variance = with_rows(panels["variance"], region("Iberia", 1_000_000, 1_910_000), *small)
    text = told(lede([panels["net-sales"], variance]))
    assert "Iberia is €910K behind." in text
    assert "more than all other" not in text


def test_who_is_named_in_a_finding_is_in_the_picture() -> None:
    panel = answered("growth", "/d/sales")
    name = panel.finding.partition(" has ")[0]
    assert panel.frame is not None
    few = replace(panel, mark=HeatTable(rows=2))
    assert name in figure(few)["layout"]["yaxis"]["ticktext"]


def test_equal_answers_make_equal_sentences() -> None:
    first = [each.finding for each in answer(dashboards()[0], view(), viewer(), Company())]
    assert first == [each.finding for each in answer(dashboards()[0], view(), viewer(), Company())]


def test_a_frame_of_another_shape_is_met_with_silence() -> None:
    frame = Frame((Column("net_sales", "Net sales", "metric", "net_sales", unit="money"),), ((Decimal(1),),),
                  VARIANCE.frame.provenance)  # type: ignore[union-attr]  # fmt: skip
    assert finding(replace(VARIANCE, frames={"main": frame})) == ""


def test_a_period_that_has_not_begun_has_no_running_total() -> None:
    panel = answered("cumulative", "/d/overview?period=2030")
    assert curves_of(panel) is None
    assert panel.finding == ""


def test_plans_that_belong_to_nobody_are_no_row_of_their_own() -> None:
    panel = answered("rep-attainment")
    nobody = (Member("(none)", "Not allocated"), None, Decimal(0), Decimal(50))
    one = (Member("r1", "Okafor, N."), None, Decimal(40), Decimal(50))
    rows = with_rows(replace(panel, frames={"main": panel.frames["main"]}), nobody, one)
    assert [row.name for row in attainment_of(rows)] == ["Okafor, N."]
    assert finding(rows) == "Okafor, N. stands at 80%; pace is 100%."


def test_levels_are_named_in_one_and_in_many() -> None:
    assert [level_name(each, plural=True) for each in ("day", "category", "country", "city", "region", "rep")] == [
        "days", "categories", "countries", "cities", "regions", "sales reps",
    ]  # fmt: skip
