"""Priya looks after the products: what is left of their sales, what hangs on how few, what grows and what shrinks."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from app.values.errors import Invalid
from app.values.selection import Selection
from layouts.answered import AnsweredPanel
from layouts.derive import derived
from layouts.marks import Mark, Pareto, Waterfall
from layouts.narrative import finding
from layouts.render.plotly import figure
from queries.frame import Column, Frame, Member, Provenance, Row, Value
from tests.layouts.company import answered, context

MARGIN = ("gross_sales", "discount", "returns", "net_sales", "costed_net_sales", "cost", "margin")


def money(metric: str, versus: str = "") -> Column:
    """A column of amounts."""
    name = f"{metric}@{versus}" if versus else metric
    role = "reference" if versus else "metric"
    return Column(name, metric.replace("_", " ").capitalize(), role, metric, versus=versus or None, unit="money")  # type: ignore[arg-type]


def frame(columns: tuple[Column, ...], *rows: Row, others: Row | None = None, beyond: int = 0) -> Frame:
    """An answer by hand, in euro."""
    return Frame(columns, rows, Provenance(1, None, None), "EUR", others=others, others_count=beyond)


def sold(*amounts: int, others: int | None = None, beyond: int = 0) -> Frame:
    """Products a, b, c… with their net sales."""
    columns = (Column("product", "Product", "dimension", level="product"), money("net_sales"))
    rows = [(Member(chr(97 + at), f"Pump {at + 1}"), Decimal(amount)) for at, amount in enumerate(amounts)]
    rest = None if others is None else (Member("(others)", "Others"), Decimal(others))
    return frame(columns, *rows, others=rest, beyond=beyond)


def made(name: str, main: Frame) -> Frame:
    return derived(name, {"main": main}, Selection(), context())


def drawn(main: Frame, mark: Mark) -> AnsweredPanel:
    """Some panel with this frame instead of its own."""
    some = answered("pareto", "/d/products")
    return replace(some, mark=mark, frames={"main": main})


def test_the_largest_stand_alone_and_the_rest_of_each_class_in_one_row() -> None:
    found = made("pareto", sold(400, 300, 100, 40, 30, 30, 20, 15, 15, 10, 10, 10, 10, 10))
    assert [row[0].name for row in found.rows[:10] if isinstance(row[0], Member)][:2] == ["Pump 1", "Pump 2"]
    assert found.rows[10] == ("4 more of class C", Decimal(40), Decimal("0.04"), Decimal(1), "C")
    assert [row[4] for row in found.rows] == ["A"] * 3 + ["B"] * 6 + ["C"] * 2
    assert [row[3] for row in found.rows[:3]] == [Decimal("0.4"), Decimal("0.7"), Decimal("0.8")]
    assert sum(row[1] for row in found.rows if isinstance(row[1], Decimal)) == 1000


def test_products_beyond_the_limit_are_of_class_c_only_where_that_is_certain() -> None:
    certain = made("pareto", sold(900, 60, others=40, beyond=7))
    assert certain.rows[-1] == ("7 more of class C", Decimal(40), Decimal("0.04"), Decimal(1), "C")
    open_ended = made("pareto", sold(500, 100, others=400, beyond=70))
    assert open_ended.rows[-1] == ("70 others", Decimal(400), Decimal("0.4"), Decimal(1), "")


def test_without_a_total_above_zero_there_are_no_shares() -> None:
    with pytest.raises(Invalid, match="total above zero"):
        made("pareto", sold(100, -300))


def test_only_members_can_be_clicked_and_rows_of_many_do_not_flatten_their_bars() -> None:
    found = drawn(made("pareto", sold(*[20] * 40)), Pareto())
    bars, running = figure(found)["data"]
    assert bars["customdata"] == [*"abcdefghij", None, None, None]
    assert bars["x"][10:] == [0.0, 0.0, 0.0]
    assert running["text"][-1] == "100%"
    assert finding(found) == "The 10 largest products make 25% of the total; Pump 1 alone makes 2.5%."


def year(*now: int | None, before: tuple[int | None, ...] = ()) -> Frame:
    """One row of the figures of a margin, and perhaps of those of last year."""

    def told(values: tuple[int | None, ...]) -> tuple[Value, ...]:
        return tuple(None if value is None else Decimal(value) for value in values)

    references = tuple(money(metric, "last-year") for metric in MARGIN) if before else ()
    return frame((*map(money, MARGIN), *references), told((*now, *before)))


def test_the_margin_is_what_discount_returns_and_cost_leave() -> None:
    found = made("margin-waterfall", year(1000, 100, 50, 850, 850, 500, 350))
    amounts = [(row[0].key, row[1]) for row in found.rows if isinstance(row[0], Member)]
    assert amounts == [
        ("gross", 1000), ("discount", -100), ("returns", -50), ("net", 850), ("cost", -500), ("margin", 350),
    ]  # fmt: skip
    assert [row[2] for row in found.rows][-1] == Decimal("0.35")


def test_sales_without_a_known_cost_leave_on_a_row_of_their_own_and_are_never_free() -> None:
    found = made("margin-waterfall", year(1000, 100, 50, 850, 600, 400, 200))
    assert [row[0].key for row in found.rows if isinstance(row[0], Member)][4:] == ["unknown", "cost", "margin"]
    assert found.rows[4][1] == -250
    nothing_known = made("margin-waterfall", year(1000, 100, 50, 850, 0, 0, 0))
    assert [row[0].key for row in nothing_known.rows if isinstance(row[0], Member)][-1] == "net"


def test_the_finding_says_what_is_left_and_which_step_moved_it() -> None:
    before = (1000, 60, 50, 890, 890, 510, 380)
    found = drawn(made("margin-waterfall", year(1000, 100, 50, 850, 850, 500, 350, before=before)), LEVELS_OF_MARGIN)
    assert finding(found) == (
        "Gross margin is 35.0% of gross sales, −3.0 pt on last year; discount moved it most, −4.0 pt."
    )


LEVELS_OF_MARGIN = Waterfall(("gross", "net", "margin"))


def test_each_step_hangs_where_the_one_before_it_ended() -> None:
    found = drawn(made("margin-waterfall", year(1000, 100, 50, 850, 850, 500, 350)), LEVELS_OF_MARGIN)
    (bars,) = figure(found)["data"]
    assert bars["base"] == [0.0, 900.0, 850.0, 0.0, 350.0, 0.0]
    assert bars["x"] == [1000.0, 100.0, 50.0, 850.0, 500.0, 350.0]


def test_small_steps_between_large_levels_are_not_flattened() -> None:
    columns = (Column("step", "Step", "dimension"), replace(money("amount"), better="up"))
    steps = (("before", 1000), ("volume", 30), ("price", -10), ("now", 1020))
    bridge = frame(columns, *((Member(key, key.capitalize()), Decimal(value)) for key, value in steps))
    found = drawn(bridge, Waterfall(("before", "now")))
    picture = figure(found)
    (bars,) = picture["data"]
    assert 0 < bars["base"][0] == bars["base"][3] < 1000
    assert bars["base"][1:3] == [1000.0, 1020.0]
    assert bars["marker"]["color"] == ["token:actual", "token:pos", "token:neg", "token:actual"]
    # Two strokes through each level say that it is cut.
    assert len([shape for shape in picture["layout"]["shapes"] if shape["line"]["color"] == "token:surface"]) == 4
    assert finding(found) == "Volume adds most, +€30.0; price takes most, −€10.0."
