"""Mara runs campaigns: what came of each, and only where others had none is it called an effect."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.values.errors import Invalid
from app.values.period import Span
from app.values.selection import Selection
from layouts.answered import AnsweredPanel
from layouts.derive import derived
from layouts.marks import Bands, Campaigns, Mark
from layouts.narrative import finding
from layouts.render.plotly import figure
from queries.frame import Column, Frame, Member, Provenance, Row
from tests.layouts.company import answered, context

FIRST, END = date(2024, 6, 1), date(2026, 11, 22)
NET = Column("net_sales", "Net sales", "metric", "net_sales", unit="money")
FAIR, SALE = Member("fair", "Fair"), Member("sale", "Sale")


def frame(columns: tuple[Column, ...], *rows: Row) -> Frame:
    """An answer by hand about thirty months, in euro."""
    return Frame(columns, rows, Provenance(1, END, Span(FIRST, END, True, END)), "EUR")


def frames(regions: dict[Member, str], sold: dict[str, int], lifted: dict[str, int]) -> dict[str, Frame]:
    """Each region sells so much a day, and from 1 to 30 September 2026 as in `lifted`."""
    level = Column("campaign", "Campaign", "dimension", level="campaign")
    region, day = (
        Column("region", "Region", "dimension", level="region"),
        Column("day", "Day", "dimension", level="day"),
    )
    ran = [(who, Member(where, where), Decimal(5)) for who, where in regions.items()]
    days = [FIRST + timedelta(days=at) for at in range((END - FIRST).days)]
    september = (date(2026, 9, 1), date(2026, 9, 30))
    daily = [
        (Member(where, where), Member(each.isoformat(), ""),
         Decimal(lifted[where] if september[0] <= each <= september[1] else amount))
        for where, amount in sold.items()
        for each in days
    ]  # fmt: skip
    dates = [(who, *september, 30) for who in regions]
    about = (level, Column("starts", "", "dimension"), Column("ends", "", "dimension"), Column("days", "", "metric"))
    return {
        "main": frame((level, region, NET), *ran),
        "days": frame((region, day, NET), *daily),
        "dates": frame(about, *dates),
    }


def lifted(named: dict[str, Frame]) -> Frame:
    return derived("campaign-lift", named, Selection(), context())


def drawn(main: Frame, mark: Mark) -> AnsweredPanel:
    return replace(answered("by-month", "/d/sales"), mark=mark, frames={"main": main})


def test_growth_beyond_that_of_regions_without_a_campaign_is_its_effect() -> None:
    found = lifted(frames({FAIR: "north", SALE: "south"}, {"north": 10, "south": 10, "west": 20},
                          {"north": 15, "south": 10, "west": 22}))  # fmt: skip
    rows = {row[0]: dict(zip((c.id for c in found.columns), row, strict=True)) for row in found.rows}
    fair = rows[FAIR]
    assert (fair["during"], fair["before"], fair["last_year"]) == (Decimal(450), Decimal("0.5"), Decimal("0.5"))
    assert (fair["control"], fair["control_change"]) == (1, Decimal("0.1"))
    assert (fair["effect"], fair["effect_amount"]) == (Decimal("0.4"), Decimal(120))
    assert rows[SALE]["effect"] == Decimal("-0.1")
    assert finding(drawn(found, Campaigns())) == (
        "Fair worked: +40.0 pt more growth than regions without a campaign, +€120; Sale did not: −10.0 pt."
    )


def test_without_a_region_that_had_none_it_is_a_change_and_never_an_effect() -> None:
    found = lifted(frames({FAIR: "north", SALE: "south"}, {"north": 10, "south": 10}, {"north": 15, "south": 10}))
    assert found.values("effect") == (None, None)
    assert found.values("control") == (0, 0)
    assert finding(drawn(found, Campaigns())) == (
        "Fair saw the largest change, +50.0% on last year; without a control group that is no effect."
    )


def test_without_days_or_campaigns_it_says_so() -> None:
    named = frames({FAIR: "north"}, {"north": 1}, {"north": 1})
    with pytest.raises(Invalid, match="Without the days"):
        lifted({"main": named["main"]})
    with pytest.raises(Invalid, match="No campaign ran"):
        lifted({**named, "dates": replace(named["dates"], rows=())})


def test_each_campaign_is_a_band_over_its_weeks() -> None:
    named = frames({FAIR: "north"}, {"north": 1}, {"north": 1})
    week = Column("week", "Week", "dimension", level="week")
    weeks = frame((week, NET), *((Member(f"2026-W{at}", ""), Decimal(at)) for at in range(30, 45)))
    found = derived("campaign-bands", {"main": weeks, "dates": named["dates"]}, Selection(), context())
    # 1 September 2026 is a Tuesday of week 36, the 30th a Wednesday of week 40.
    assert [row[2] for row in found.rows] == [None] * 6 + ["Fair"] * 5 + [None] * 4
    panel = drawn(found, Bands())
    assert finding(panel) == "A campaign ran in 5 of 15 weeks."
    (band,) = figure(panel)["layout"]["shapes"]
    assert (band["x0"], band["x1"]) == (5.5, 10.5)
