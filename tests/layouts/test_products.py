"""Priya looks after the products: what is left of their sales, what hangs on how few, what grows and what shrinks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.values.errors import Invalid
from app.values.period import Span
from app.values.selection import Selection
from layouts.answered import AnsweredPanel
from layouts.derive import derived
from layouts.derive.tree import of_whole
from layouts.marks import Mark, Matrix, Pareto, Quadrant, Tail, Waterfall
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
    assert finding(found) == "Most is added by volume, +€30.0; most is taken by price, −€10.0."


def product(key: str, name: str, *figures: int | None) -> Row:
    """A product with its figures."""
    return (Member(key, name), *(None if figure is None else Decimal(figure) for figure in figures))


EARNING = (
    Column("product", "Product", "dimension", level="product"),
    money("net_sales"),
    money("net_sales", "last-year"),
    money("margin"),
    money("costed_net_sales"),
)
RANGE = frame(
    EARNING,
    product("star", "Star", 500, 300, 300, 500),
    product("cow", "Cow", 380, 400, 228, 380),
    product("climber", "Climber", 100, 50, 20, 100),
    product("dog", "Dog", 30, 90, 3, 30),
    product("new", "New", 10, 0, 5, 10),
    product("(none)", "(none)", 70, 70, 1, 70),
)


def test_each_product_stands_in_its_corner_and_new_ones_in_none() -> None:
    found = made("quadrant", RANGE)
    assert [(row[0].key, row[4]) for row in found.rows if isinstance(row[0], Member)] == [
        ("star", "Promote"), ("cow", "Defend"), ("climber", "Reprice"), ("dog", "Review"),
    ]  # fmt: skip
    assert found.totals is not None
    # The lines are the growth and the margin rate of all products together: 1,020 after 840, 556 on 1,020.
    growth, rate = found.totals[2:4]
    assert isinstance(growth, Decimal)
    assert isinstance(rate, Decimal)
    assert (found.totals[1], round(growth, 6), round(rate, 6)) == (1020, Decimal("0.214286"), Decimal("0.545098"))
    assert found.notes == ("1 is not shown: it was not sold a year before, or its cost is not known.",)


def test_the_quadrant_says_what_shrinks_and_calls_the_few_by_name() -> None:
    found = drawn(made("quadrant", RANGE), Quadrant())
    assert finding(found) == (
        "Above average in growth and margin: 1 of 4 products; below in both: 1, with 3% of net sales."
    )
    picture = figure(found)
    assert picture["data"][0]["customdata"] == ["star", "cow", "climber", "dog"]
    texts = [label["text"] for label in picture["layout"]["annotations"]]
    assert {"Star", "<b>Promote</b> 1", "<b>Review</b> 1"} <= set(texts)
    assert "Dog" not in texts, "its dot lies where the corner's own name stands"


def test_one_product_far_off_does_not_push_all_others_together() -> None:
    odd = product("odd", "Odd", 2, 1, 11, 2)  # earned more than it sold for: what was sold last year came back
    found = made("quadrant", frame(EARNING, *RANGE.rows, odd))
    picture = figure(drawn(found, Quadrant()))
    assert dict(zip(picture["data"][0]["customdata"], picture["data"][0]["y"], strict=True))["odd"] == 1.1
    assert picture["layout"]["yaxis"]["range"][1] < 1.3


def test_without_last_year_there_is_no_growth_to_compare() -> None:
    nothing_before = frame(EARNING, product("star", "Star", 500, 0, 300, 500))
    with pytest.raises(Invalid, match="nothing was sold a year before"):
        made("quadrant", nothing_before)


def test_the_tail_is_what_is_small_and_below_average_twice_with_what_hangs_on_it() -> None:
    last = frame(
        (Column("product", "Product", "dimension", level="product"), Column("last_order", "Last order", "metric")),
        (Member("dog", "Dog"), date(2026, 3, 5)),
    )
    found = derived("tail", {"main": RANGE, "last": last}, Selection(), context())
    assert found.rows == (
        (Member("dog", "Dog"), Decimal(30), Decimal(30) / 1020, Decimal(30) / 90 - 1, Decimal("0.1"), date(2026, 3, 5)),
    )
    assert found.totals is not None
    assert found.totals[1] == 30
    assert finding(drawn(found, Tail())) == (
        "€30.0 hangs on what is small and below average in growth and margin: 1 product, 2.9% of net sales."
    )


def test_the_ten_largest_of_now_are_held_against_the_ten_largest_of_then() -> None:
    columns = (EARNING[0], money("net_sales"), money("net_sales", "last-year"))
    rows = [product(f"p{at:02d}", f"P{at}", 10, 5 if at < 19 else 105) for at in range(20)]
    found = made("top-share", frame(columns, *rows))
    assert found.rows == ((Decimal("0.5"), Decimal("0.75"), Decimal("-0.25")),)


def branch(*figures: tuple[str, int]) -> Frame:
    """An opened row's parts: net sales and units."""
    columns = (EARNING[0], money("net_sales"), Column("units", "Units", "metric", "units", unit="quantity"))
    rows = [product(key, key.capitalize(), net, 1) for key, net in figures]
    whole = (None, Decimal(sum(net for _, net in figures)), Decimal(len(figures)))
    return replace(frame(columns, *rows), totals=whole)


def test_shares_of_opened_rows_are_of_the_whole_table() -> None:
    root = made("tree", branch(("pumps", 800), ("valves", 200)))
    assert [row[2] for row in root.rows] == [Decimal("0.8"), Decimal("0.2")]
    below = made("tree", branch(("large", 600), ("small", 200)))
    assert [row[2] for row in below.rows] == [Decimal("0.75"), Decimal("0.25")]
    assert [row[2] for row in of_whole(below, root).rows] == [Decimal("0.6"), Decimal("0.2")]


def documents(of: dict[str, int], together: dict[tuple[str, str], int], number: int) -> dict[str, Frame]:
    """How many documents there are, hold a product, and hold two."""
    orders = Column("orders", "Orders", "metric", "orders", unit="count")
    one, other = EARNING[0], replace(EARNING[0], id="with_product", level="with_product")
    main = frame((one, orders), *((Member(key, key.capitalize()), count) for key, count in of.items()))
    both = {**together, **{(b, a): count for (a, b), count in together.items()}}
    rows = ((Member(a, a.capitalize()), Member(b, b.capitalize()), count) for (a, b), count in both.items())
    return {"main": replace(main, totals=(None, number)), "pairs": frame((one, other, orders), *rows)}


def test_attach_rate_support_and_lift_are_those_of_the_counts() -> None:
    found = derived(
        "attach",
        documents({"helmet": 100, "glove": 200, "lamp": 50}, {("helmet", "glove"): 60, ("lamp", "helmet"): 9}, 1000),
        Selection(),
        context(),
    )
    # Nine documents with lamp and helmet are too few to tell.
    helmet, glove = Member("helmet", "Helmet"), Member("glove", "Glove")
    assert [row[:2] for row in found.rows] == [(helmet, glove), (glove, helmet)]
    rate, lift, support, joint, sure = found.rows[0][2:]
    assert (rate, lift, support, joint, sure) == (Decimal("0.6"), 3, Decimal("0.06"), 60, "Yes")
    shown = drawn(found, Matrix())
    assert finding(shown) == ("Documents with Helmet also hold Glove in 60% of cases, 3.0 times as often as by chance.")
    (cells,) = figure(shown)["data"]
    assert cells["text"] == [["", "3.0"], ["3.0", ""]]


def test_too_few_documents_say_nothing_about_what_goes_together() -> None:
    with pytest.raises(Invalid, match="too few to tell"):
        derived("attach", documents({"a": 9, "b": 9}, {("a", "b"): 9}, 10), Selection(), context())


def bought(**sold: int) -> Frame:
    """Net sales by buyer and goods: `mill_flour=100`."""
    columns = (
        Column("segment", "Segment", "dimension", level="segment"),
        Column("category", "Category", "dimension", level="category"),
        Column("net_sales", "Net sales", "metric", "net_sales", unit="money"),
    )
    pairs = ((pair.partition("_"), amount) for pair, amount in sold.items())
    rows: tuple[Row, ...] = tuple(
        (Member(one, one.title()), Member(other, other.title()), Decimal(amount)) for (one, _, other), amount in pairs
    )
    return Frame(columns, rows, Provenance(1, None, None), "EUR")


def test_the_same_customers_then_and_now_are_told_apart_by_what_is_new_to_them() -> None:
    now = bought(mill_flour=150, mill_sugar=30, mill_salt=25, bakery_flour=500)
    before = bought(mill_flour=100, mill_salt=40, mill_yeast=10, dairy_milk=60)
    found = derived("expansion", {"main": now, "before": before}, Selection(), context())
    steps = {row[0].key: row[1] for row in found.rows if isinstance(row[0], Member)}
    assert steps == {
        "start": 210, "up-sell": 50, "cross-sell": 30, "less": -15, "dropped": -10, "stopped": -60, "end": 205,
    }  # fmt: skip
    assert found.notes[-1] == "1 customer of 2 bought something new."
    with pytest.raises(Invalid, match="nobody bought in the twelve months before"):
        derived("expansion", {"main": now, "before": replace(before, rows=())}, Selection(), context())


def test_what_segments_prefer_is_a_part_of_their_own_year_and_the_largest_shift_comes_first() -> None:
    frames = {
        "main": bought(large_bikes=60, large_parts=40, small_bikes=10, fresh_bikes=5),
        "before": bought(large_bikes=50, large_parts=50, small_bikes=30, small_parts=10),
        "earlier": bought(large_bikes=100),
    }
    found = derived("preferred", frames, Selection(), context())
    told = {(row[0].name, row[1].name): row[2:] for row in found.rows}  # type: ignore[union-attr]
    assert list(told)[:2] == [("Small", "Bikes"), ("Small", "Parts")]
    assert told["Small", "Bikes"] == (None, Decimal("0.75"), 1, Decimal("0.25"))
    assert told["Large", "Parts"] == (0, Decimal("0.5"), Decimal("0.4"), Decimal("-0.1"))
    # Who bought nothing a year ago has not shifted.
    assert "Fresh" not in {buyers for buyers, _ in told}


def test_the_mix_of_each_segment_is_whole_in_every_whole_quarter() -> None:
    found = answered("mix-shift", "/d/products")
    frame = found.frame
    assert frame is not None
    quarters = [column.id for column in frame.columns if column.metric == "share"]
    # October 2026 is complete and its quarter is not; August and September 2023 are no whole quarter either.
    assert (quarters[0], quarters[-1], len(quarters)) == ("2023-Q4", "2026-Q3", 12)
    for segment in ("enterprise", "small-business"):
        rows = [row for row in frame.rows if isinstance(row[0], Member) and row[0].key == segment]
        assert len(rows) == 5
        for quarter in quarters:
            assert sum(Decimal(str(row[frame.index(quarter)])) for row in rows) == pytest.approx(Decimal(1))
    assert "moved most" in found.finding or "No share moved" in found.finding


def test_each_segment_has_its_bars_named_beside_the_last_one() -> None:
    drawn = figure(answered("mix-shift", "/d/products"))
    bars = [trace for trace in drawn["data"] if trace["type"] == "bar"]
    assert {trace["xaxis"] for trace in bars} == {"x", "x2"}
    assert all(len(trace["y"]) == 12 for trace in bars)
    named = [note["text"] for note in drawn["layout"]["annotations"]]
    assert "<b>Enterprise</b>" in named
    assert sum("Hardware <b>" in text for text in named) == 2
    assert "Q3 2026" in named
    # Two beside each other, with the names of both, need more room than many a tablet has.
    assert drawn["layout"]["meta"]["roomy"] == 660


def _bought(*rows: tuple[str, str, str, int]) -> Frame:
    columns = tuple(Column(name, name, "dimension", level=name) for name in ("segment", "category", "quarter"))
    money = Column("net_sales", "Net sales", "metric", "net_sales", unit="money")
    span = Span(date(2024, 1, 1), date(2026, 1, 1), False, date(2026, 1, 1))
    made = tuple((Member(a, a), Member(b, b), Member(c, c), Decimal(d)) for a, b, c, d in rows)
    return Frame((*columns, money), made, Provenance(1, None, span), "EUR")


def test_a_quarter_without_purchases_has_no_shares_and_the_smallest_goods_are_others() -> None:
    goods = "abcdefgh"
    rows = [("big", each, "2025-Q1", 100 - at) for at, each in enumerate(goods)]
    rows += [("big", "a", "2025-Q2", 10), ("small", "a", "2025-Q1", 4), ("small", "a", "2025-Q2", -1)]
    rows += [("(none)", "a", "2025-Q1", 900), ("big", "a", "2026-Q1", 900)]
    found = derived("mix-shift", {"main": _bought(*rows)}, Selection(), context())
    assert [column.id for column in found.columns[2:]] == ["2025-Q1", "2025-Q2"]
    told = {(row[0].key, row[1].key): row[2:] for row in found.rows if isinstance(row[0], Member)}  # type: ignore[union-attr]
    assert [what for who, what in told if who == "big"] == ["a", "b", "c", "d", "e", "(others)"]
    assert told["big", "a"][1] == 1
    assert told["small", "a"] == (Decimal(1), None)
    with pytest.raises(Invalid, match="two whole quarters"):
        derived("mix-shift", {"main": _bought(("big", "a", "2025-Q1", 1))}, Selection(), context())


def _year(**goods: tuple[str, int, int]) -> Frame:
    """Discount rate, units and net sales of twelve months by what was sold."""
    columns = (
        Column("subcategory", "Subcategory", "dimension", level="subcategory"),
        Column("discount_rate", "Discount rate", "metric", "discount_rate", unit="ratio"),
        Column("units", "Units", "metric", "units", unit="quantity"),
        money("net_sales"),
    )
    rows = ((Member(key, key), Decimal(rate), units, Decimal(net)) for key, (rate, units, net) in goods.items())
    return frame(columns, *rows)


def _earned(**goods: int) -> Frame:
    columns = (Column("subcategory", "Subcategory", "dimension", level="subcategory"), money("margin"))
    return frame(columns, *((Member(key, key), Decimal(amount)) for key, amount in goods.items()))


def test_what_was_sold_with_more_discount_is_held_against_its_volume() -> None:
    frames = {
        "main": _year(pumps=("0.20", 150, 1200), valves=("0.10", 90, 800), seals=("0.05", 10, 50), fresh=("0.5", 1, 1)),
        "before": _year(
            pumps=("0.15", 100, 1000), valves=("0.12", 100, 1000), seals=("0.05", 0, 0), gone=("0.3", 1, 1)
        ),
        "margin": _earned(pumps=90, valves=300, seals=5),
        "margin_before": _earned(pumps=100, valves=250, seals=0),
    }
    found = derived("discounts", frames, Selection(), context())
    told = {row[0].key: row[1:] for row in found.rows if isinstance(row[0], Member)}
    assert list(told) == ["pumps", "seals", "valves"]
    assert told["pumps"] == (*map(Decimal, ("0.15", "0.20", "0.05", "0.5", "0.2", "-0.1")),)
    assert told["seals"][3:] == (None, None, None)
    masked = {name: each for name, each in frames.items() if not name.startswith("margin")}
    assert "margin" not in [column.id for column in derived("discounts", masked, Selection(), context()).columns]
    with pytest.raises(Invalid, match="both of the last two years"):
        derived("discounts", {"main": frames["main"], "before": _year()}, Selection(), context())


def test_the_finding_counts_and_claims_no_effect() -> None:
    seen = answered("discounts", "/d/products")
    assert seen.frame is not None
    made = derived(
        "discounts",
        {
            "main": _year(a=("0.20", 150, 1), b=("0.30", 90, 1), c=("0.10", 90, 1), d=("0.2", 5, 1)),
            "before": _year(a=("0.15", 100, 1), b=("0.15", 100, 1), c=("0.15", 80, 1), d=("0.2", 4, 1)),
            "margin": _earned(a=2, b=1, c=1),
            "margin_before": _earned(a=1, b=2, c=1),
        },
        Selection(),
        context(),
    )
    assert finding(replace(seen, frames={"main": made})) == (
        "Of 2 with half a point more discount than a year before 1 sold more units; of 1 with less 1 did."
        " More margin came with more discount in 1 of 2 cases."
    )
    assert any("not what caused it" in note for note in seen.notes)


def test_who_sees_no_cost_learns_nothing_of_the_margin_from_discounts() -> None:
    seen = answered("discounts", "/d/products", masks=("cost",))
    assert seen.frame is not None
    assert not any("margin" in column.id for column in seen.frame.columns)
    assert "argin" not in seen.finding
    assert not any(query.metrics == ("margin",) for query in seen.queries.values())
