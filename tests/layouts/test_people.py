"""Tess leads a team and Sam sells: who stands where, what it takes, who moved, whom each wins and keeps."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from app.values.errors import Invalid
from app.values.period import Span
from app.values.selection import Selection
from layouts.derive import derived
from queries.frame import Column, Frame, Member, Provenance, Row
from tests.layouts.company import TODAY, context

REP = Column("rep", "Rep", "dimension", level="rep")
QUARTER = Span(date(2026, 10, 1), date(2026, 11, 22), True, date(2027, 1, 1))
REST = Span.whole(date(2026, 11, 22), date(2027, 1, 1))


def figure(name: str, role: str = "metric", versus: str | None = None) -> Column:
    """A column of amounts."""
    metric = name.partition("@")[0]
    return Column(name, metric, role, metric, versus=versus, unit="money", better="up")  # type: ignore[arg-type]


def frame(
    columns: tuple[Column, ...],
    rows: list[Row],
    span: Span | None = QUARTER,
    totals: Row | None = None,
    beyond: int = 0,
) -> Frame:
    """An answer by hand."""
    return Frame(columns, tuple(rows), Provenance(1, TODAY, span), "EUR", totals, others_count=beyond)


def standing(*people: tuple[str, str | None, str]) -> Frame:
    """(name, quota to date, sold)."""
    rows: list[Row] = [
        (Member(name, name), None if quota is None else Decimal(sold) / Decimal(quota), Decimal(sold),
         None if quota is None else Decimal(quota))
        for name, quota, sold in people
    ]  # fmt: skip
    return frame((REP, figure("quota_attainment"), figure("net_sales"), figure("quota")), rows)


def test_sam_reads_how_much_a_working_day_he_needs_from_here_on() -> None:
    rest = frame((REP, figure("quota")), [(Member("Sam", "Sam"), Decimal(290))], REST)
    found = derived("pace", {"main": standing(("Sam", "370", "370")), "rest": rest}, Selection(), context())
    (row,) = found.records()
    # October to December 2026 has 66 working days, 37 of them until Saturday 21 November: 290 are left for 29.
    assert (row["whole"], row["gap"], row["days_left"]) == (Decimal(660), Decimal(0), 29)
    assert (row["run_rate"], row["required"]) == (Decimal(10), Decimal(10))
    assert row["status"] == "On track"


def test_whoever_has_no_quota_stands_last_and_is_told_why() -> None:
    found = derived("pace", {"main": standing(("Ann", None, "900"), ("Bob", "100", "50"))}, Selection(), context())
    assert [row[0].name for row in found.rows if isinstance(row[0], Member)] == ["Bob", "Ann"]
    assert found.reasons[1, "attained"] == "no_base"


def test_who_has_just_reached_the_quota_stands_in_the_bin_above_it() -> None:
    main = standing(("Ann", "100", "99"), ("Bob", "100", "100"), ("Cid", "100", "170"), ("Dan", None, "5"))
    found = derived("distribution", {"main": main}, Selection(), context())
    counted = {str(row[0]): (row[1], row[3]) for row in found.rows if row[1]}
    assert counted == {"90–100%": (1, "Ann"), "100–110%": (1, "Bob"), "150% and more": (1, "Cid")}
    assert found.notes[-1] == "1 has no quota: Dan."


def test_one_alone_is_no_distribution_and_no_comparison() -> None:
    with pytest.raises(Invalid, match="two people"):
        derived("distribution", {"main": standing(("Ann", "100", "99"))}, Selection(), context())
    week = Column("week", "Week", "dimension", level="week")
    alone = frame((REP, week, figure("net_sales")), [(Member("a", "Ann"), Member("2026-W41", ""), Decimal(1))])
    with pytest.raises(Invalid, match="nobody to compare"):
        derived("compare", {"main": alone}, Selection(), context())


def test_those_that_moved_and_all_others_add_up_to_the_whole_change() -> None:
    columns = (
        Column("customer", "Customer", "dimension", level="customer"),
        figure("net_sales"),
        figure("net_sales@last-year", "reference", "last-year"),
        figure("net_sales@last-year:delta", "delta", "last-year"),
        figure("net_sales@last-year:change", "change", "last-year"),
    )

    def row(name: str, now: int, then: int) -> Row:
        return Member(name, name), Decimal(now), Decimal(then), Decimal(now - then), Decimal(now - then) / then

    totals: Row = (None, Decimal(1000), Decimal(900), Decimal(100), Decimal(1) / 9)
    up = frame(columns, [row("a", 400, 100), row("b", 100, 50)], totals=totals, beyond=5)
    down = frame(columns, [row("z", 10, 300), row("b", 100, 50)])
    found = derived("movers", {"main": up, "down": down}, Selection(), context())
    assert [each[0].key for each in found.rows if isinstance(each[0], Member)] == ["a", "b", "z"]
    assert found.others is not None
    assert found.others_count == 4
    assert found.others[1:4] == (Decimal(490), Decimal(450), Decimal(40))


def test_lines_run_up_week_by_week_and_a_week_without_sales_stays_level() -> None:
    week = Column("week", "Week", "dimension", level="week")
    sold = [("a", "2026-W41", 5), ("a", "2026-W43", 7), ("b", "2026-W42", 1)]
    rows: list[Row] = [(Member(who, who), Member(when, when), Decimal(much)) for who, when, much in sold]
    found = derived("compare", {"main": frame((REP, week, figure("net_sales")), rows)}, Selection(), context())
    assert [int(str(row[2])) for row in found.rows] == [5, 5, 12, 0, 1, 1]


def test_victors_customers_count_for_him_and_are_with_somebody_else_now() -> None:
    """Of four who bought from Victor, two went on with Amy, one stopped, one stayed."""
    customer = Column("customer", "Customer", "dimension", level="customer")
    columns = (REP, customer, figure("orders"), figure("orders@last-year", "reference", "last-year"))
    bought = [("v", "c1", 0, 1), ("v", "c2", 0, 1), ("v", "c3", 0, 1), ("v", "c4", 1, 1), ("amy", "c1", 1, 0),
              ("amy", "c2", 1, 0), ("amy", "c9", 1, 1)]  # fmt: skip
    each = frame(columns, [(Member(rep, rep), Member(who, who), now, then) for rep, who, now, then in bought])
    won = frame((REP, figure("new_customers")), [(Member("amy", "amy"), 3)])
    found = derived("keeping", {"main": won, "each": each}, Selection(), context())
    assert [row[1:] for row in found.rows] == [(0, 4, 1, 2, 1, Decimal("0.75")), (3, 1, 1, 0, 0, Decimal(1))]


@pytest.mark.parametrize(("period", "said"), [("all", "All time"), ("this-quarter", "nothing to compare")])
def test_where_nobody_moved_there_is_no_bar_of_all_others(period: str, said: str) -> None:
    columns = (
        Column("customer", "Customer", "dimension", level="customer"),
        figure("net_sales"),
        figure("net_sales@last-year", "reference", "last-year"),
        figure("net_sales@last-year:delta", "delta", "last-year"),
        figure("net_sales@last-year:change", "change", "last-year"),
    )
    new: Row = (Member("a", "a"), Decimal(400), None, None, None)
    main = frame(columns, [new], totals=(None, Decimal(1000), None, None, None), beyond=5)
    with pytest.raises(Invalid, match=said):
        derived("movers", {"main": main, "down": main}, Selection().with_period(period), context())
