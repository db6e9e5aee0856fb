"""The demo company is whole, plausible, the same every time and the same company at every size."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from queries.warehouse.demo import PERSONAS, stage_demo
from queries.warehouse.schema import STAGED
from tests.queries.warehouse.demo.conftest import LINES, TODAY
from tests.queries.warehouse.demo.staged_answers import open_sales

MEMBERS = ("place", "team", "rep", "customer", "campaign", "channel", "currency", "published_rate")


def _ask(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def _one(path: Path, sql: str) -> Any:
    ((value,),) = _ask(path, sql)
    return value


def _content(path: Path, tables: tuple[str, ...] = tuple(STAGED)) -> list[tuple[Any, ...]]:
    found = []
    for table in tables:
        columns = ", ".join(f'"{column}"' for column in STAGED[table])
        found += _ask(path, f"select '{table}', count(*), sum(hash({columns})) from {table}")
    return found


def _staged(folder: Path, lines: int, seed: int = 1, today: date = TODAY) -> Path:
    path = folder / f"demo-{lines}-{seed}-{len(list(folder.iterdir()))}.duckdb"
    stage_demo(path, lines=lines, seed=seed, today=today)
    return path


def test_the_same_seed_gives_the_same_rows_and_another_gives_others(tmp_path: Path) -> None:
    first, again, other = (_staged(tmp_path, 5_000, seed) for seed in (7, 7, 8))
    assert _content(first) == _content(again)
    assert _content(first, ("sales_line",)) != _content(other, ("sales_line",))


def test_size_changes_neither_people_nor_places_nor_customers(tmp_path: Path, demo: Path) -> None:
    small = _staged(tmp_path, 5_000)
    assert _content(small, MEMBERS) == _content(demo, MEMBERS)
    names = "select distinct product_key, product, subcategory_key, category_key from product order by all"
    assert _ask(small, names) == _ask(demo, names)


def test_size_hardly_changes_what_the_company_sells(tmp_path: Path, demo: Path) -> None:
    small = _staged(tmp_path, 20_000)
    assert _one(small, "select count(*) from sales_line") == pytest.approx(20_000, rel=0.02)
    for path in (demo, small):
        with open_sales(path) as sales:
            yearly = sales.execute(
                "select sum(net * rate), 1 - sum(cost * rate) / sum(net * rate) from sold"
                " group by year(order_date) order by year(order_date)"
            ).fetchall()
        assert len(yearly) == 4
        assert all(225e6 < net < 310e6 and 0.38 < margin < 0.42 for net, margin in yearly)


def test_the_company_has_the_shape_that_was_promised(demo: Path) -> None:
    counts = {table: _one(demo, f"select count(distinct {table}_key) from {table}") for table in MEMBERS[:-1]}
    assert counts["team"] == 8
    assert counts["rep"] == 40
    assert counts["customer"] == 8_000
    assert counts["channel"] == 4
    assert counts["campaign"] == 12
    assert counts["currency"] == 10
    assert _ask(
        demo,
        "select count(distinct product_key), count(distinct subcategory_key), count(distinct category_key)"
        " from product",
    ) == [(400, 24, 6)]
    assert _ask(
        demo,
        "select count(distinct market_key), count(distinct country_key), count(distinct region_key),"
        " count(distinct state_code) >= 20 from place",
    ) == [(3, 15, 26, True)]
    assert _one(demo, "select count(distinct industry_key) from customer") == 10
    assert _one(demo, "select count(*) from sales_line") == pytest.approx(LINES, rel=0.02)


def test_sales_run_from_three_years_back_through_today_and_no_further(demo: Path) -> None:
    assert _ask(
        demo,
        "select date_trunc('month', min(order_date))::date, max(order_date), max(invoice_date) <= max(order_date),"
        " max(payment_date) <= max(order_date) from sales_line",
    ) == [(date(TODAY.year - 3, 1, 1), TODAY, True, True)]


@pytest.mark.parametrize("today", [date(2028, 1, 1), date(2026, 11, 22), date(2027, 5, 1)])
def test_somebody_buys_even_on_a_holiday_weekend(today: date, tmp_path: Path) -> None:
    assert _one(_staged(tmp_path, 1_000, today=today), "select max(order_date) from sales_line") == today


def test_a_document_has_one_customer_place_rep_team_channel_currency_and_date(demo: Path) -> None:
    same = (
        *("document_number", "document_type", "chain_id", "order_date", "invoice_date", "payment_date"),
        *("customer_key", "place_key", "rep_key", "team_key", "channel_key", "currency_key", "campaign_key"),
    )
    differs = " or ".join(f"count(distinct coalesce({column}::varchar, '-')) > 1" for column in same)
    assert _one(demo, f"select count(*) from (select 1 from sales_line group by document_key having {differs})") == 0
    lines = _one(
        demo, "select count(*) / count(distinct document_key) from sales_line where document_type <> 'credit_note'"
    )
    assert lines == pytest.approx(3.3, abs=0.3)


def test_keys_are_unique_and_fit_into_addresses(demo: Path) -> None:
    assert _one(demo, "select count(*) - count(distinct line_key) from sales_line") == 0
    for table in ("budget", "quota"):
        assert _one(demo, f"select count(*) - count(distinct plan_key) from {table}") == 0
    for table in STAGED:
        for column in (name for name in STAGED[table] if name.endswith("_key")):
            assert _one(demo, f"select count(*) from {table} where regexp_matches({column}, '[/,:]')") == 0, column


def test_every_key_named_by_a_line_is_known(demo: Path) -> None:
    for name in ("customer", "product", "rep", "team", "place", "campaign", "channel", "currency"):
        assert _one(demo, f"select count(*) from sales_line l anti join {name} using ({name}_key)"
                          f" where l.{name}_key is not null") == 0  # fmt: skip
    for table, name in (("customer", "place"), ("rep", "team")):
        assert _one(demo, f"select count(*) from {table} anti join {name} using ({name}_key)") == 0


def test_amounts_add_up_on_every_line(demo: Path) -> None:
    wrong = (
        "net <> gross - discount - returned or (document_type = 'credit_note' and (gross <> 0 or returned <> -net or"
        " quantity >= 0 or net > 0 or cost > 0)) or (document_type <> 'credit_note' and (gross <> quantity * unit_price"
        " or returned <> 0 or net < 0))"
    )
    assert _one(demo, f"select count(*) from sales_line where {wrong}") == 0
    assert _one(demo, "select count(*) from sales_line where currency_key = 'JPY' and net <> round(net, 0)") == 0


def test_what_comes_back_was_sold_before_and_costs_no_more(demo: Path) -> None:
    assert _one(demo, "select avg(if(document_type = 'credit_note', 1, 0)) from sales_line") == pytest.approx(
        0.03, abs=0.005
    )
    assert _one(
        demo,
        "select count(*) from sales_line c left join sales_line o on o.line_key = c.original_line_key"
        " where c.document_type = 'credit_note' and (o.line_key is null or o.order_date >= c.order_date"
        " or -c.quantity > o.quantity or -c.net > o.net or o.customer_key <> c.customer_key or o.rep_key <> c.rep_key"
        " or o.product_key <> c.product_key or o.chain_id <> c.chain_id)",
    ) == 0  # fmt: skip


def test_the_plan_is_ambitious_but_not_absurd(demo: Path) -> None:
    with open_sales(demo) as sales:
        yearly = sales.execute(
            "select year(order_date) as y, sum(net * rate) / any_value(b.amount), sum(net * rate) / any_value(q.amount)"
            " from sold join (select year(month) as y, sum(amount) as amount from budget group by 1) b"
            " on b.y = year(order_date)"
            " join (select year(month) as y, sum(amount) as amount from quota group by 1) q on q.y = b.y"
            " where year(order_date) < 2026 group by 1 order by 1"
        ).fetchall()
    assert [year for year, _, _ in yearly] == [2023, 2024, 2025]
    assert all(0.90 < budget < 1.06 and 0.85 < quota < 1.06 for _, budget, quota in yearly)


def test_rates_are_published_on_working_days_through_today(demo: Path) -> None:
    assert _ask(
        demo,
        "select count(distinct currency_key), max(day), bool_and(isodow(day) < 6), min(day) < date '2023-01-01',"
        " bool_or(currency_key = 'EUR') from published_rate",
    ) == [(9, TODAY, True, True, False)]


def test_the_team_is_the_one_the_rep_belonged_to_on_the_day(demo: Path) -> None:
    assert _one(
        demo,
        "select count(*) from sales_line l join rep r on r.rep_key = l.rep_key and l.order_date >= r.valid_from"
        " and (r.valid_to is null or l.order_date < r.valid_to) where r.team_key <> l.team_key",
    ) == 0  # fmt: skip


def test_accounts_of_the_one_who_left_belong_to_the_successor(demo: Path) -> None:
    assert _one(demo, "select count(*) from customer where owner_rep_key = 'R019'") == 0
    assert _one(
        demo, "select max(order_date) from sales_line where rep_key = 'R019' and document_type <> 'credit_note'"
    ) < date(2026, 2, 1)


def test_every_persona_holds_a_part_of_the_company_that_exists(demo: Path) -> None:
    assert [persona.email.split("@")[0] for persona in PERSONAS] == [
        "ada",
        "erin",
        "dirk",
        "remy",
        "tess",
        "sam",
        "amy",
        "fay",
        "mia",
        "otto",
    ]
    for persona in PERSONAS:
        if persona.rep_key:
            assert _one(demo, f"select any_value(rep) from rep where rep_key = '{persona.rep_key}'") == persona.name
            assert _one(demo, f"select email from rep where rep_key = '{persona.rep_key}'") == persona.email
            assert _one(demo, f"select count(*) from sales_line where rep_key = '{persona.rep_key}'") > 100
        for team in persona.team_keys:
            assert _one(demo, f"select count(*) from team where team_key = '{team}'") == 1
        for place in persona.place_keys:
            level, key = place.split(":")
            assert _one(demo, f"select count(*) from place where {level}_key = '{key}'") > 0


def test_contacts_are_nobodys(demo: Path) -> None:
    assert (
        _one(demo, "select count(*) from customer where email not like '%@example.com' or phone not like '% 555 %'")
        == 0
    )
    assert _one(demo, "select count(*) - count(distinct customer) from customer") == 0
