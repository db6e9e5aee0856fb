"""Whatever the order in which lines and members come, the warehouse is the one that a single load would have built."""

from __future__ import annotations

import contextlib
import json
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.values.calendar import Calendar
from app.values.scope import Scope
from queries.warehouse.engines import duckdb_writer, open_engine
from queries.warehouse.engines.engine import Engine
from queries.warehouse.rollups import rollup_table
from queries.warehouse.schema import BASIS_DATES, customer, product, rep, sales_line, team
from tests.conftest import SOAK, Tally
from tests.queries.warehouse.conftest import ROLLUPS
from tests.queries.warehouse.staging import line, stage

DAYS = ("2023-12-30", "2024-01-05", "2024-01-31", "2024-02-01", "2024-03-15")

some_line = st.builds(
    lambda document, number, day, paid, net, customer_key, rep_key, currency, kind: line(
        f"D{document}",
        number,
        order_date=day,
        payment_date=paid,
        net=net,
        customer_key=customer_key,
        rep_key=rep_key,
        product_key=f"P{number}",
        currency_key=currency,
        document_type=kind,
    ),
    st.integers(1, 6),
    st.integers(1, 3),
    st.sampled_from(DAYS),
    st.sampled_from((None, *DAYS)),
    st.integers(-500, 9000).map(lambda cents: Decimal(cents) / 100),
    st.sampled_from((None, "C1", "C2", "C3")),
    st.sampled_from((None, "R1", "R2")),
    st.sampled_from(("EUR", "EUR", "USD")),
    st.sampled_from(("invoice", "invoice", "credit_note")),
)
some_version = st.builds(
    lambda key, team_key, day: {"rep_key": key, "rep": key, "team_key": team_key, "valid_from": day},
    st.sampled_from(("R1", "R2")),
    st.sampled_from(("T1", "T2")),
    st.sampled_from(DAYS),
)
some_rate = st.builds(
    lambda day, cents: {"currency_key": "USD", "day": day, "rate": Decimal(cents) / 100},
    st.sampled_from(DAYS),
    st.integers(80, 120),
)
batches = st.lists(
    st.tuples(
        st.lists(some_line, max_size=5, unique_by=lambda row: row["line_key"]),
        st.lists(some_version, max_size=1),
        st.lists(some_rate, max_size=1),
    ),
    min_size=1,
    max_size=4,
)
STANDING = [line(f"S{i}", customer_key="C3", rep_key="R1", order_date=DAYS[i % 5]) for i in range(60)]
FIRST_VERSIONS = [{"rep_key": key, "rep": key, "team_key": "T1"} for key in ("R1", "R2")]


@pytest.mark.parametrize("part", range(5 if SOAK else 1))
@settings(max_examples=30 if SOAK else 5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_batches=batches)
def test_additions_equal_one_load(
    count: Tally, part: int, given_batches: list[tuple[list[Any], list[Any], list[Any]]]
) -> None:
    assert_equal_one_load(given_batches)
    count("random additions that equal one load")


def assert_equal_one_load(given_batches: list[tuple[list[Any], list[Any], list[Any]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        grown, built = (opened(Path(folder) / name) for name in ("grown", "built"))
        path = Path(folder) / "s.duckdb"
        grown.publish(stage(path, sales_line=STANDING, rep=FIRST_VERSIONS))
        lines = {row["line_key"]: row for row in STANDING}
        versions: dict[Any, Any] = {(row["rep_key"], None): row for row in FIRST_VERSIONS}
        rates: dict[str, Any] = {}
        for new_lines, new_versions, new_rates in given_batches:
            grown.publish(stage(path, sales_line=new_lines, rep=new_versions, published_rate=new_rates))
            lines |= {row["line_key"]: row for row in new_lines}
            versions |= {(row["rep_key"], row["valid_from"]): row for row in new_versions}
            rates |= {row["day"]: row for row in new_rates}
        built.publish(stage(path, sales_line=lines.values(), rep=versions.values(), published_rate=rates.values()))
        assert content(grown) == content(built)
        grown.compact()
        assert content(grown) == content(built)
        grown.close()
        built.close()


@pytest.mark.parametrize("much_larger", [0, 4])
@pytest.mark.parametrize("part", range(5 if SOAK else 1))
@settings(max_examples=30 if SOAK else 3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_batches=batches)
def test_additions_that_take_others_in_equal_one_load(
    count: Tally,
    part: int,
    much_larger: int,
    given_batches: list[tuple[list[Any], list[Any], list[Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(duckdb_writer, "MOST_ADDITIONS", 1)
    monkeypatch.setattr(duckdb_writer, "MOST_ADDED_SHARE", 10)
    monkeypatch.setattr(duckdb_writer, "MUCH_LARGER", much_larger)
    assert_equal_one_load(given_batches)
    count("random additions that take others in")


def test_many_small_additions_stay_few_files_beside_the_base(tmp_path: Path) -> None:
    with contextlib.closing(opened(tmp_path / "home")) as engine:
        engine.publish(stage(tmp_path / "s.duckdb", sales_line=[line(f"S{n}") for n in range(600)]))
        base = {path.name for path in (tmp_path / "home").rglob("base-*.duckdb")}
        for number in range(20):
            engine.publish(stage(tmp_path / "s.duckdb", sales_line=[line(f"N{number}"), line(f"S{number}", net=7)]))
            with engine.snapshot() as snapshot:
                assert snapshot.generation.lines == 601 + number
                statement = select(func.sum(sales_line.c.net))
                assert snapshot.fetch(statement, Scope.everything()) == [(60_100 - 93 * (number + 1) + 100 * number,)]
        assert {path.name for path in (tmp_path / "home").rglob("base-*.duckdb")} == base
        manifest = json.loads(max((tmp_path / "home").rglob("generation-*.json"), key=_number).read_text())
        assert len(manifest["parts"]) <= 1 + duckdb_writer.MOST_ADDITIONS + 1


def _number(path: Path) -> int:
    return int(path.stem.split("-")[1])


def opened(home: Path) -> Engine:
    return open_engine("duckdb:", home, ROLLUPS, Calendar(), "EUR", ("USD",), threads=1)


def content(engine: Engine) -> dict[str, list[tuple[str, ...]]]:
    """Lines with keys in place of numbers, and every rollup that money and counts went into."""
    sold = sales_line.c
    keyed = (
        select(
            customer.c.customer_key,
            product.c.product_key,
            rep.c.rep_key,
            rep.c.valid_from,
            team.c.team_key,
            *(c for c in sold if not c.name.endswith("_id") or c.name == "document_id"),
        )
        .select_from(sales_line)
        .outerjoin(customer, customer.c.customer_id == sold.customer_id)
        .outerjoin(product, product.c.product_id == sold.product_id)
        .outerjoin(rep, rep.c.rep_id == sold.rep_id)
        .outerjoin(team, team.c.team_id == sold.team_id)
    )
    with engine.snapshot() as snapshot:
        found = {"lines": snapshot.fetch(keyed, Scope.everything())}
        for rollup in ROLLUPS:
            for basis in BASIS_DATES:
                table = rollup_table(rollup, basis)
                statement = select(*(c for c in table.c if c.name != "customer_id"))
                if "customer" in rollup.levels:
                    statement = statement.add_columns(customer.c.customer_key).outerjoin(
                        customer, customer.c.customer_id == table.c.customer_id
                    )
                found[table.name] = snapshot.fetch(statement, Scope.everything())
    return {name: sorted(tuple(map(plain, row)) for row in rows) for name, rows in found.items()}


def plain(value: object) -> str:
    """A value as text, numbers without trailing zeros."""
    return str(value.normalize() + 0) if isinstance(value, Decimal) else str(value)
