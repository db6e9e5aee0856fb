"""Publishing: what comes in is there once, as at the sale, and whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.values.errors import Invalid, NotFound
from app.values.scope import Scope
from queries.warehouse.engines.engine import Engine
from queries.warehouse.rollups import rollup_table
from queries.warehouse.schema import customer, rate, rep, sales_line, team
from tests.queries.warehouse.conftest import ROLLUPS, Opener
from tests.queries.warehouse.staging import line, plan, stage


def lines_of(engine: Engine, *columns: str) -> dict[str, Any]:
    """line_key → the values of the columns."""
    with engine.snapshot() as snapshot:
        asked = select(sales_line.c.line_key, *(sales_line.c[name] for name in columns))
        rows = snapshot.fetch(asked, Scope.everything())
    return {row[0]: row[1] if len(columns) == 1 else row[1:] for row in rows}


def many(count: int, **given: Any) -> list[dict[str, Any]]:
    """Lines enough for what follows to be a small addition."""
    return [line(f"M{i}", customer_key="C0", order_date=f"2024-{i % 12 + 1:02d}-10", **given) for i in range(count)]


def test_an_empty_warehouse_says_how_to_fill_it(engine: Engine) -> None:
    with pytest.raises(NotFound, match="build the demo or import"), engine.snapshot():
        pass


def test_the_same_staging_again_changes_nothing_at_all(engine: Engine, tmp_path: Path) -> None:
    staged = stage(
        tmp_path / "s.duckdb",
        sales_line=[line("D1", customer_key="C1"), line("D1", 2), line("D2", rep_key="R1", product_key="P1")],
        rep=[{"rep_key": "R1", "rep": "Rita", "team_key": "T1"}],
        budget=[plan("B1", "2024-01-01", 500, region_key="north")],
        published_rate=[{"currency_key": "USD", "day": "2024-01-10", "rate": Decimal("0.9")}],
    )
    first = engine.publish(staged)
    again = engine.publish(staged)
    assert (first.new, first.changed, first.unchanged, first.plan_rows) == (3, 0, 0, 1)
    assert (again.new, again.changed, again.unchanged, again.plan_rows) == (0, 0, 3, 0)
    assert first.is_new
    assert not again.is_new
    assert again.generation == first.generation == len(engine.versions())


def test_a_changed_line_takes_the_place_of_its_former_self(engine: Engine, tmp_path: Path) -> None:
    engine.publish(stage(tmp_path / "s.duckdb", sales_line=[*many(20), line("D1", net=100)]))
    done = engine.publish(stage(tmp_path / "s.duckdb", sales_line=[line("D1", net=70), line("D2", net=5)]))
    assert (done.new, done.changed, done.unchanged) == (1, 1, 0)
    assert lines_of(engine, "net")["D1/1"] == Decimal(70)
    with engine.snapshot() as snapshot:
        assert snapshot.fetch(select(func.count()).select_from(sales_line), Scope.everything()) == [(22,)]
        assert snapshot.generation.control_totals == {"EUR": Decimal(2075)}
        assert snapshot.generation.lines == 22


@pytest.mark.parametrize("folder", ["home [1]", "home*"])
def test_a_home_whose_name_looks_like_a_pattern_holds_a_warehouse_as_any(
    open_warehouse: Opener, tmp_path: Path, folder: str
) -> None:
    engine = open_warehouse(folder)
    engine.publish(stage(tmp_path / "s.duckdb", sales_line=[*many(20), line("D1", net=100)]))
    engine.publish(stage(tmp_path / "s.duckdb", sales_line=[line("D1", net=70)]))
    assert lines_of(engine, "net")["D1/1"] == Decimal(70)


def test_members_keep_their_numbers(engine: Engine, tmp_path: Path) -> None:
    engine.publish(stage(tmp_path / "s.duckdb", sales_line=[*many(9), line("D1", customer_key="C5")]))
    before = dict(fetched(engine, select(customer.c.customer_key, customer.c.customer_id)))
    named = [{"customer_key": "C5", "customer": "Five"}, {"customer_key": "A1", "customer": "New"}]
    engine.publish(stage(tmp_path / "s.duckdb", customer=named))
    after = dict(fetched(engine, select(customer.c.customer_key, customer.c.customer_id)))
    assert after.items() >= before.items()
    assert sorted(after.values()) == [1, 2, 3]


def fetched(engine: Engine, statement: Any) -> list[tuple[Any, ...]]:
    """All rows of a select on the current generation."""
    with engine.snapshot() as snapshot:
        return snapshot.fetch(statement, Scope.everything())


def test_rep_team_and_product_are_those_at_the_sale(engine: Engine, tmp_path: Path) -> None:
    engine.publish(
        stage(
            tmp_path / "s.duckdb",
            rep=[
                {"rep_key": "R1", "rep": "Rita", "team_key": "T1"},
                {"rep_key": "R1", "rep": "Rita", "team_key": "T2", "valid_from": "2024-03-01"},
            ],
            sales_line=[
                line("D1", rep_key="R1", order_date="2024-02-29"),
                line("D2", rep_key="R1", order_date="2024-03-01"),
                line("D3", rep_key="R1", team_key="T3", order_date="2024-03-01"),
            ],
        )
    )
    teams = dict(fetched(engine, select(team.c.team_id, team.c.team_key)))
    assert {key: teams[value] for key, value in lines_of(engine, "team_id").items()} == {
        "D1/1": "T1",
        "D2/1": "T2",
        "D3/1": "T3",
    }
    versions = {row[0]: row[1:] for row in fetched(engine, select(rep.c.team_key, rep.c.rep_id, rep.c.valid_to))}
    assert versions["T1"] == (1, date(2024, 3, 1))
    assert lines_of(engine, "rep_id") == {"D1/1": 1, "D2/1": 2, "D3/1": 2}


def test_a_version_learnt_of_later_takes_its_lines_along(engine: Engine, tmp_path: Path) -> None:
    sales = [line("D1", rep_key="R1", order_date="2024-02-01"), line("D2", rep_key="R1", order_date="2024-06-01")]
    reps = [{"rep_key": "R1", "team_key": "T1"}]
    engine.publish(stage(tmp_path / "s.duckdb", sales_line=[*many(20), *sales], rep=reps))
    moved = [{"rep_key": "R1", "team_key": "T2", "valid_from": "2024-05-01"}]
    done = engine.publish(stage(tmp_path / "s.duckdb", rep=moved))
    assert done.months == (date(2024, 6, 1),)
    teams = dict(fetched(engine, select(team.c.team_id, team.c.team_key)))
    assert [teams[lines_of(engine, "team_id")[key]] for key in ("D1/1", "D2/1")] == ["T1", "T2"]


def test_a_version_met_again_with_another_team_takes_its_older_lines_along(engine: Engine, tmp_path: Path) -> None:
    sales = [
        line("D1", rep_key="R1", order_date="2024-02-01"),
        line("D2", rep_key="R1", order_date="2024-06-01"),
        line("D3", rep_key="R1", team_key="T3", order_date="2024-02-01"),
    ]
    versions = [
        {"rep_key": "R1", "team_key": "T1"},
        {"rep_key": "R1", "team_key": "T2", "valid_from": "2024-05-01"},
    ]
    engine.publish(stage(tmp_path / "s.duckdb", sales_line=[*many(20), *sales], rep=versions))
    corrected = [{"rep_key": "R1", "team_key": "T9"}]
    done = engine.publish(stage(tmp_path / "s.duckdb", rep=corrected))
    assert done.months == (date(2024, 2, 1),)
    teams = dict(fetched(engine, select(team.c.team_id, team.c.team_key)))
    known = {key: teams[value] for key, value in lines_of(engine, "team_id").items() if key[0] == "D"}
    assert known == {"D1/1": "T9", "D2/1": "T2", "D3/1": "T3"}
    sums = rollup_table(ROLLUPS[0], "booked")
    of_rita = select(sums.c.team_key, func.sum(sums.c.lines)).where(sums.c.rep_key == "R1", sums.c.reporting == "EUR")
    assert dict(fetched(engine, of_rita.group_by(sums.c.team_key))) == {"T9": 1, "T2": 1, "T3": 1}


def test_a_customer_who_moves_leaves_old_sales_where_they_were(engine: Engine, tmp_path: Path) -> None:
    sale = line("D1", customer_key="C1")
    engine.publish(
        stage(tmp_path / "s.duckdb", sales_line=[sale], customer=[{"customer_key": "C1", "place_key": "Lyon"}])
    )
    engine.publish(
        stage(
            tmp_path / "s.duckdb",
            sales_line=[sale, line("D2", customer_key="C1")],
            customer=[{"customer_key": "C1", "place_key": "Nice"}],
        )
    )
    assert lines_of(engine, "place_id") == {"D1/1": 1, "D2/1": 2}


def test_each_sale_document_has_one_head_and_credit_notes_none(engine: Engine, tmp_path: Path) -> None:
    engine.publish(
        stage(
            tmp_path / "s.duckdb",
            sales_line=[
                line("D1", 2),
                line("D1", 1),
                line("D1", 3),
                line("N1", document_type="credit_note", net=-5),
            ],
        )
    )
    assert lines_of(engine, "order_head") == {"D1/1": 1, "D1/2": 0, "D1/3": 0, "N1/1": 0}
    engine.publish(stage(tmp_path / "s.duckdb", sales_line=[line("D1", 0)]))
    assert lines_of(engine, "order_head") == {"D1/0": 1, "D1/1": 0, "D1/2": 0, "D1/3": 0, "N1/1": 0}


NUMBERED = {
    "D1": (2, 1, 3),
    "D2": (1,),
    "D3": (0, 2),
    "D4": (1, 2),
    "D5": (10, 20),
    "D6": (0, 1, 2),
    "D7": (-1, 0, 5),
    "D8": (7,),
}
"""Documents and how their lines are numbered, in the order in which they come."""


def test_a_document_has_one_head_however_its_lines_are_numbered(engine: Engine, tmp_path: Path) -> None:
    at_once = [line(document, number) for document, several in NUMBERED.items() for number in several]
    engine.publish(stage(tmp_path / "s.duckdb", sales_line=at_once))
    heads = lines_of(engine, "document_key", "line_number", "order_head")
    for document, several in NUMBERED.items():
        marked = [number for key, number, head in heads.values() if key == document and head]
        assert len(marked) == 1
        assert max(marked[0], 0) == max(min(several), 0), "the first number counts; below nought all are alike"
    # What came at once is marked as what came one line of each document after the other.
    for turn in range(max(map(len, NUMBERED.values()))):
        lines = [line(key, several[turn], tax=Decimal(1)) for key, several in NUMBERED.items() if turn < len(several)]
        engine.publish(stage(tmp_path / "s.duckdb", sales_line=lines))
    assert lines_of(engine, "document_key", "line_number", "order_head") == heads


def test_lines_that_share_a_number_have_one_head_among_them(engine: Engine, tmp_path: Path) -> None:
    twins = [line("D1", 1, line_key="D1/a"), line("D1", 1, line_key="D1/b"), line("D2", 1)]
    engine.publish(stage(tmp_path / "s.duckdb", sales_line=twins))
    heads = lines_of(engine, "order_head")
    assert heads["D1/a"] + heads["D1/b"] == 1
    assert heads["D2/1"] == 1


def test_the_first_sale_moves_when_an_earlier_one_arrives(engine: Engine, tmp_path: Path) -> None:
    engine.publish(
        stage(
            tmp_path / "s.duckdb",
            sales_line=[
                *many(20),
                line("D2", customer_key="C1", order_date="2024-05-02"),
                line("D3", order_date="2024-01-01"),
            ],
        )
    )
    assert lines_of(engine, "first_sale")["D2/1"] == 1
    assert lines_of(engine, "first_sale")["D3/1"] == 0, "nobody's sale opens nobody"
    done = engine.publish(
        stage(tmp_path / "s.duckdb", sales_line=[line("D1", customer_key="C1", order_date="2024-04-01")])
    )
    assert {key: lines_of(engine, "first_sale")[key] for key in ("D1/1", "D2/1")} == {"D1/1": 1, "D2/1": 0}
    assert done.months == (date(2024, 4, 1), date(2024, 5, 1))
    engine.publish(stage(tmp_path / "s.duckdb", sales_line=[line("D1", customer_key="C7", order_date="2024-04-01")]))
    assert {key: lines_of(engine, "first_sale")[key] for key in ("D1/1", "D2/1")} == {"D1/1": 1, "D2/1": 1}


def test_only_touched_months_get_a_new_version(engine: Engine, tmp_path: Path) -> None:
    engine.publish(stage(tmp_path / "s.duckdb", sales_line=many(24)))
    with engine.snapshot() as before:
        former = before.generation
    engine.publish(
        stage(tmp_path / "s.duckdb", sales_line=[line("D1", order_date="2024-03-05", payment_date="2024-04-20")])
    )
    with engine.snapshot() as after:
        grown = {
            month.month
            for month in (date(2024, number, 1) for number in range(1, 13))
            if after.generation.month_version("sales_line", month) > former.month_version("sales_line", month)
        }
    assert grown == {3, 4}


def test_a_rate_counts_for_ten_days_and_never_backwards(engine: Engine, tmp_path: Path) -> None:
    engine.publish(
        stage(
            tmp_path / "s.duckdb",
            sales_line=[
                line(f"D{day}", order_date=f"2024-01-{day:02d}", currency_key="USD") for day in (9, 10, 20, 21)
            ],
            published_rate=[{"currency_key": "USD", "day": "2024-01-10", "rate": Decimal("0.9")}],
        )
    )
    known = fetched(
        engine,
        select(func.min(rate.c.day), func.max(rate.c.day)).where(
            rate.c.currency_key == "USD", rate.c.reporting_key == "EUR"
        ),
    )
    assert known == [(date(2024, 1, 10), date(2024, 1, 20))]
    sums = rollup_table(ROLLUPS[2], "booked")
    assert fetched(engine, select(sums.c.net, sums.c.lines, sums.c.held).where(sums.c.reporting == "EUR")) == [
        (Decimal(180), 4, 2)
    ]
    inverse = fetched(engine, select(rate.c.rate).where(rate.c.currency_key == "EUR", rate.c.reporting_key == "USD"))
    assert inverse[0] == (Decimal("1.11111111"),)


def test_a_rate_that_comes_late_frees_the_lines_it_held(engine: Engine, tmp_path: Path) -> None:
    held = [line("D1", currency_key="USD", order_date="2024-02-05")]
    engine.publish(stage(tmp_path / "s.duckdb", sales_line=[*many(20), *held]))
    engine.publish(
        stage(
            tmp_path / "s.duckdb", published_rate=[{"currency_key": "USD", "day": "2024-02-04", "rate": Decimal("0.8")}]
        )
    )
    sums = rollup_table(ROLLUPS[2], "booked")
    statement = select(sums.c.net, sums.c.held).where(sums.c.reporting == "EUR", sums.c.currency_key == "USD")
    assert fetched(engine, statement) == [(Decimal(80), 0)]


def test_replacing_leaves_nothing_of_before(engine: Engine, tmp_path: Path) -> None:
    engine.publish(stage(tmp_path / "s.duckdb", sales_line=many(5)), is_demo=True)
    with engine.snapshot() as demo:
        assert demo.generation.is_demo
    engine.publish(stage(tmp_path / "s.duckdb", sales_line=[line("D1", customer_key="C1")]), mode="replace")
    assert list(lines_of(engine, "net")) == ["D1/1"]
    assert fetched(engine, select(customer.c.customer_key)) == [("C1",)]
    with engine.snapshot() as own:
        assert not own.generation.is_demo
        assert own.generation.lines == 1


def test_rolling_back_shows_the_former_state_and_publishing_goes_on_from_there(engine: Engine, tmp_path: Path) -> None:
    engine.publish(stage(tmp_path / "s.duckdb", sales_line=many(20)))
    engine.publish(stage(tmp_path / "s.duckdb", sales_line=[line("D1", customer_key="C9")]))
    assert engine.rollback().number == 1
    assert "D1/1" not in lines_of(engine, "net")
    engine.publish(stage(tmp_path / "s.duckdb", sales_line=[line("D2")]))
    with engine.snapshot() as snapshot:
        assert snapshot.generation.number == 3, "numbers are never given twice"
    assert {"D1/1", "D2/1"} & lines_of(engine, "net").keys() == {"D2/1"}
    assert fetched(engine, select(func.count()).select_from(customer)) == [(1,)]


def test_three_generations_are_kept(engine: Engine, tmp_path: Path) -> None:
    for number in range(5):
        engine.publish(stage(tmp_path / "s.duckdb", sales_line=[line(f"D{number}")]), load={"id": number})
    assert [generation.number for generation in engine.versions()] == [5, 4, 3]
    assert [load["id"] for load in engine.loads()][:1] == [4]
    with pytest.raises(NotFound, match="no generation 1"):
        engine.rollback(1)


def test_compacting_changes_no_figure(engine: Engine, tmp_path: Path) -> None:
    engine.publish(stage(tmp_path / "s.duckdb", sales_line=many(30)))
    for number in range(3):
        engine.publish(stage(tmp_path / "s.duckdb", sales_line=[line("M3", net=number), line(f"D{number}")]))
    before = lines_of(engine, *(column.name for column in sales_line.columns))
    engine.compact()
    assert lines_of(engine, *(column.name for column in sales_line.columns)) == before


def test_a_reader_keeps_the_whole_state_it_holds(engine: Engine, tmp_path: Path) -> None:
    engine.publish(stage(tmp_path / "s.duckdb", sales_line=many(20)))
    count = select(func.count(), func.sum(sales_line.c.net)).select_from(sales_line)
    sums = rollup_table(ROLLUPS[0], "booked")
    with engine.snapshot() as held:
        rolled, whole = select(func.sum(sums.c.lines)), Scope.everything()
        before = held.fetch(count, whole), held.fetch(rolled, whole)
        for number in range(4):
            engine.publish(stage(tmp_path / "s.duckdb", sales_line=[line("M1", net=number), line(f"D{number}")]))
            if number < 2:
                assert (held.fetch(count, whole), held.fetch(rolled, whole)) == before
    with engine.snapshot() as fresh:
        assert fresh.fetch(count, whole)[0][0] == 24


def test_rollups_that_are_declared_later_are_built_by_the_next_load(open_warehouse: Opener, tmp_path: Path) -> None:
    open_warehouse(rollups=()).publish(stage(tmp_path / "s.duckdb", sales_line=many(12)))
    engine = open_warehouse(rollups=ROLLUPS)
    engine.compact()
    sums = rollup_table(ROLLUPS[0], "booked")
    assert fetched(engine, select(func.sum(sums.c.net), func.sum(sums.c.lines))) == [(Decimal(1200), 12)]


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        ([line("D1"), line("D1")], "holds sales_line D1/1 twice"),
        ([line("D1", document_type="quote")], "document type quote"),
        ([line("D1") | {"net": None}], "lack net"),
        ([line("D1", order_date="1066-10-14")], "between 1900 and 2199"),
        ([], "nothing to load"),
    ],
)
def test_what_cannot_be_right_is_refused(
    engine: Engine, tmp_path: Path, broken: list[dict[str, Any]], sentence: str
) -> None:
    with pytest.raises(Invalid, match=sentence):
        engine.publish(stage(tmp_path / "s.duckdb", sales_line=broken))
    with pytest.raises(NotFound), engine.snapshot():
        pass


def test_amounts_of_millions_are_converted_to_the_last_digit(engine: Engine, tmp_path: Path) -> None:
    engine.publish(
        stage(
            tmp_path / "s.duckdb",
            sales_line=[line("D1", currency_key="USD", net=Decimal("73456789.0123"), order_date="2024-01-12")],
            published_rate=[{"currency_key": "USD", "day": "2024-01-10", "rate": Decimal("0.91234567")}],
        )
    )
    sums = rollup_table(ROLLUPS[2], "booked")
    exact = Decimal("73456789.0123") * Decimal("0.91234567")
    assert fetched(engine, select(sums.c.net).where(sums.c.reporting == "EUR")) == [(exact,)]


def test_a_second_writer_waits_for_the_first(open_warehouse: Opener, tmp_path: Path) -> None:
    one, two = open_warehouse(), open_warehouse()
    one.publish(stage(tmp_path / "s.duckdb", sales_line=many(12)))
    stagings = [stage(tmp_path / f"{name}.duckdb", sales_line=[line(name)]) for name in ("A", "B")]
    with ThreadPoolExecutor(2) as pool:
        numbers = {done.generation for done in pool.map(lambda e, s: e.publish(s), (one, two), stagings)}
    assert numbers == {2, 3}
    assert {"A/1", "B/1"} <= lines_of(one, "net").keys()


def test_a_document_keeps_the_number_people_know_it_by_whether_or_not_it_is_its_key(
    engine: Engine, tmp_path: Path
) -> None:
    first = [*many(20), line("D1", document_number="2024/17"), line("D2")]
    engine.publish(stage(tmp_path / "s.duckdb", sales_line=first))
    later = [line("D2", document_number="2024/18"), line("D3")]
    done = engine.publish(stage(tmp_path / "s.duckdb", sales_line=later))
    again = engine.publish(stage(tmp_path / "s.duckdb", sales_line=later))
    assert (done.new, done.changed, again.is_new) == (1, 1, False)
    numbers = lines_of(engine, "document_number")
    assert [numbers[key] for key in ("D1/1", "D2/1", "D3/1", "M0/1")] == ["2024/17", "2024/18", "D3", "M0"]
