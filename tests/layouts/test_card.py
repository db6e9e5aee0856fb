"""Cards: a figure, what it is compared with, and how it stands."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from layouts.card import CardFace, card_face
from queries.frame import Value
from tests.layouts.company import Company, answered


def face(budget: str | None, last_year: str | None = None) -> CardFace:
    """The net sales card with these changes."""
    panel = answered("net-sales")
    assert panel.frame is not None
    row: list[Value] = [Decimal(100)]
    for change in (budget, last_year):
        figure = None if change is None else Decimal(change)
        row += [None if figure is None else Decimal(100), None if figure is None else figure * 100, figure]
    return card_face(replace(panel, frames={**panel.frames, "main": replace(panel.frame, rows=(tuple(row),))}))


@pytest.mark.parametrize(
    ("budget", "last_year", "state"),
    [
        ("0.031", None, ("On track", "up", "pos")),
        ("0", None, ("On track", "up", "pos")),
        ("-0.05", "0.2", ("At risk", "diamond", "warn")),
        ("-0.0501", "0.2", ("Behind", "down", "neg")),
        (None, "0.2", ("Rising", "up", "pos")),
        (None, "-0.2", ("Falling", "down", "neg")),
        (None, "0.001", ("Level", "diamond", "none")),
        (None, None, None),
    ],
)
def test_the_state_is_a_word_and_a_shape(budget: str | None, last_year: str | None, state: object) -> None:
    assert face(budget, last_year).state == state


def test_the_face_shows_what_the_mock_shows() -> None:
    shown = card_face(answered("net-sales"), "What was sold.")
    assert (shown.title, shown.definition, shown.value_text) == ("Net sales", "What was sold.", "€26.2M")
    assert shown.exact_text == "€26,154,279.99"
    assert shown.rows == (("vs budget", "−6.7%", "neg"), ("vs last year", "+7.3%", "pos"))
    assert shown.plan_share is not None
    assert round(shown.plan_share, 3) == Decimal("0.933")
    assert shown.spoken == "Net sales: €26.2M, behind; vs budget −6.7%; vs last year +7.3%"


def test_a_ratio_is_compared_in_points() -> None:
    assert card_face(answered("margin-rate")).rows == (("vs last year", "+0.4 pt", "pos"),)


def test_an_attainment_is_its_own_share_of_plan() -> None:
    shown = card_face(answered("quota-attainment"))
    assert shown.plan_share == Decimal("1.174312")
    assert shown.state == ("On track", "up", "pos")


def test_a_plan_for_the_web_alone_is_neither_met_nor_missed() -> None:
    company = Company(internet_plan=True)
    attained = card_face(answered("budget-attainment", company=company))
    assert (attained.title, attained.state) == ("Budget attained", ("Web only", "diamond", "none"))
    assert attained.plan_share is None
    sales = card_face(answered("net-sales", company=company))
    assert sales.rows[0] == ("vs budget", "−6.7%", "none")
    assert sales.state == ("Rising", "up", "pos")
    assert card_face(answered("quota-attainment", company=company)).state == ("On track", "up", "pos")


def test_a_missing_plan_is_a_dash_and_not_a_zero() -> None:
    shown = card_face(answered("net-sales", company=Company(no_plan=True)))
    assert shown.rows[0] == ("vs budget", "—", "none")
    assert shown.plan_share is None
    assert shown.state == ("Rising", "up", "pos")


def test_a_month_without_sales_is_a_gap_in_the_trend() -> None:
    panel = answered("net-sales")
    trail = panel.frames["trail"]
    holed = replace(panel, frames={**panel.frames, "trail": replace(trail, rows=trail.rows[:5] + trail.rows[6:])})
    spark = card_face(holed).spark
    assert len(spark) == 13
    assert [at for at, point in enumerate(spark) if point is None] == [5]
