"""The ledger: customers with their lines below them; every higher figure is the sum of the lines one can open."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from app.values.errors import Forbidden, Invalid, TooBig
from app.values.narrowing import AmountRange
from app.values.period import Period
from app.values.scope import Scope
from app.values.selection import Filter
from queries import ledger as ledgers
from queries import listing
from queries.asking import Asker
from queries.fields import Field
from queries.frame import Member
from queries.ledger import DEFAULT_COLUMNS, MOST_OPEN, Asked, Ledger, page, total, whole
from tests.queries.company import KNOWN, context, warehouse_of
from tests.queries.test_narrowing import SHOP

YEAR, ALL = Period.parse("2024"), Period.parse("all")
EVERYTHING = range(5_000)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """Ada bought for 350, Bea for 100, Cleo gave back what she bought."""
    with warehouse_of(SHOP, tmp_path_factory.mktemp("shop")) as engine:
        yield Asker(engine, KNOWN)


def read(asker: Asker, asked: Asked, *opened: str, span: range = EVERYTHING, scope: Scope | None = None) -> Ledger:
    """A piece of the ledger."""
    with asker.engine.snapshot() as snapshot:
        return page(asked, opened, span, context(scope), snapshot)


def told(found: Ledger, *columns: str) -> list[tuple[Any, ...]]:
    """The rows as (kind, customer, the columns' values)."""
    at = [[each.id for each in found.columns].index(column) for column in columns]
    return [
        (
            row.kind,
            row.customer.key,
            *(value.key if isinstance(value, Member) else value for value in map(row.values.__getitem__, at)),
        )
        for row in found.rows
    ]


def asked(*where: Any, period: Period = YEAR, **given: Any) -> Asked:
    """A ledger of the shop."""
    return Asked(where, period, "booked", **given)


def test_customers_stand_by_what_they_bought_with_all_their_figures(shop: Asker) -> None:
    found = read(shop, asked())
    assert told(found, "net", "document", "quantity", "quantity_per_order", "net_price") == [
        ("customer", "ada", 350, 2, 3, Decimal("1.5"), Decimal(350) / 3),
        ("customer", "bea", 100, 1, 2, 2, 50),
        ("customer", "cleo", 0, 2, 0, 0, None),
    ]
    assert [row.lines for row in found.rows] == [3, 2, 2]
    assert told(found, "days_between") == [
        ("customer", "ada", Decimal(29)), ("customer", "bea", None), ("customer", "cleo", None)
    ]  # fmt: skip


def test_an_opened_customer_shows_the_lines_the_figures_are_made_of(shop: Asker) -> None:
    found = read(shop, asked(), "ada", "cleo")
    assert told(found, "document", "net", "days_between") == [
        ("customer", "ada", 2, 350, 29),
        ("line", "ada", "A1", 200, None),
        ("line", "ada", "A1", 100, None),
        ("line", "ada", "A2", 50, None),
        ("customer", "bea", 1, 100, None),
        ("customer", "cleo", 2, 0, None),
        ("line", "cleo", "C1", 100, None),
        ("line", "cleo", "C2", -100, None),
    ]
    assert found.total == 8


def test_any_window_is_a_piece_of_the_whole(shop: Asker) -> None:
    for opened in ((), ("bea",), ("ada", "bea", "cleo"), ("nobody",)):
        everything = read(shop, asked(), *opened)
        assert everything.total == len(everything.rows)
        for start in range(11):
            for stop in range(start, 12):
                found = read(shop, asked(), *opened, span=range(start, stop))
                assert found.rows == everything.rows[start:stop]
                assert found.total == everything.total


def test_the_totals_are_those_of_all_that_is_filtered_and_not_of_the_window(shop: Asker) -> None:
    with shop.engine.snapshot() as snapshot:
        summed = total(asked(Filter("product", ("p",))), context(), snapshot)
    at = [column.id for column in summed.columns].index("net")
    assert (summed.values[at], summed.lines, summed.documents, summed.customers) == (Decimal(210), 5, 5, 3)


def test_who_sees_nothing_gets_nothing_and_a_rep_only_the_own_lines(shop: Asker) -> None:
    assert read(shop, asked(), "ada", scope=Scope.nothing()).rows == ()
    uma = Scope.of(rep={"uma"})
    assert told(read(shop, asked(), "ada", scope=uma), "net") == [
        ("customer", "bea", 100),
        ("customer", "ada", 50),
        ("line", "ada", 50),
    ]
    with shop.engine.snapshot() as snapshot:
        for scope, lines in ((Scope.nothing(), 0), (uma, 3)):
            assert total(asked(), context(scope), snapshot).lines == lines
            assert sum(len(piece) for piece in whole(asked(), context(scope), snapshot).pieces) == lines


def test_costs_are_not_even_read_by_those_who_may_not_see_them(shop: Asker) -> None:
    seen = context(masks=frozenset({"cost"}))
    with shop.engine.snapshot() as snapshot:
        wanted = asked(columns=("customer", "margin", "net"))
        found = page(wanted, (), EVERYTHING, seen, snapshot)
        assert [column.id for column in found.columns] == ["customer", "net"]
        with pytest.raises(Forbidden):
            page(asked(order=(("margin", "desc"),)), (), EVERYTHING, seen, snapshot)


def test_what_means_nothing_is_refused_with_a_sentence(shop: Asker) -> None:
    with pytest.raises(Invalid, match="no column 'nett'"):
        read(shop, asked(columns=("nett",)))
    with pytest.raises(Invalid, match="ordered by 'nett'"):
        read(shop, asked(order=(("nett", "asc"),)))
    with pytest.raises(TooBig, match="close some"):
        read(shop, asked(), *(str(number) for number in range(MOST_OPEN + 1)))


def test_customers_and_lines_follow_the_chosen_order(shop: Asker) -> None:
    found = read(shop, asked(order=(("order_date", "asc"),)), "ada")
    assert [(row.kind, row.customer.key) for row in found.rows][0::4] == [("customer", "ada"), ("customer", "bea")]
    assert told(found, "document")[1:4] == [("line", "ada", "A1"), ("line", "ada", "A1"), ("line", "ada", "A2")]
    by_name = read(shop, asked(order=(("customer", "desc"),)))
    assert [row.customer.key for row in by_name.rows] == ["cleo", "bea", "ada"]


def _check_against_its_lines(asker: Asker, wanted: Asked, scope: Scope, currency: str) -> int:
    """Every customer's figures, and the totals, against the lines; returns the number of lines."""
    seen = context(scope, currency=currency)
    with asker.engine.snapshot() as snapshot:
        customers = page(wanted, (), EVERYTHING, seen, snapshot)
        summed = total(wanted, seen, snapshot)
        file = whole(wanted, seen, snapshot)
        rows = [row for piece in file.pieces for row in piece]
        keys = [row.customer.key for row in customers.rows]
        opened = [page(wanted, some, EVERYTHING, seen, snapshot) for some in (keys[:MOST_OPEN], keys[MOST_OPEN:])]
    net = [column.id for column in customers.columns].index("net")
    in_file = [column.id for column in file.columns].index("net")
    below = [row for found in opened for row in found.rows if row.kind == "line"]
    lines = {key: [row for row in below if row.customer.key == key] for key in keys}
    for row in customers.rows:
        assert row.lines == len(lines[row.customer.key])
        own = [each.values[net] for each in lines[row.customer.key] if each.values[net] is not None]
        assert (row.values[net] or 0) == sum(own)
    assert summed.lines == len(rows) == sum(map(len, lines.values())) == file.total
    assert (summed.values[net] or 0) == sum(row[in_file] for row in rows if row[in_file] is not None)
    assert [row[in_file] for row in rows] == [each.values[net] for key in keys for each in lines[key]]
    return len(rows)


CASES: tuple[tuple[Asked, Scope, str], ...] = (
    (Asked((), ALL, "booked"), Scope.everything(), "EUR"),
    (Asked((Filter("category", ("bikes",)),), Period.parse("2023"), "invoiced"),
     Scope.of(region={"nord", "east"}), "USD"),
    (Asked((AmountRange("customer", Decimal(20_000)),), ALL, "booked", order=(("days_between", "asc"),)),
     Scope.of(rep={"R1", "R2", "R3"}), "EUR"),
    (Asked((AmountRange("document", None, Decimal(900)),), ALL, "paid", order=(("customer", "asc"), ("net", "asc"))),
     Scope.everything(), "USD"),
)  # fmt: skip


@pytest.mark.parametrize("case", range(len(CASES)))
def test_every_figure_is_the_sum_of_its_lines(few_asker: Asker, case: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the lines of a few customers, or of one, fill more than a piece of the file."""
    monkeypatch.setattr(ledgers, "LARGEST_BLOCK", 30)
    monkeypatch.setattr(listing, "LARGEST_BLOCK", 30)
    assert _check_against_its_lines(few_asker, *CASES[case]) > 20


@pytest.mark.postgres
def test_postgresql_keeps_the_same_ledger(few_asker: Asker, few_postgres: Asker) -> None:
    for wanted, scope, currency in CASES:
        assert _check_against_its_lines(few_postgres, wanted, scope, currency) > 20
        with few_asker.engine.snapshot() as one, few_postgres.engine.snapshot() as two:
            seen = context(scope, currency=currency)
            assert page(wanted, ("C1", "C3"), EVERYTHING, seen, one) == page(
                wanted, ("C1", "C3"), EVERYTHING, seen, two
            )
            assert total(wanted, seen, one) == total(wanted, seen, two)
    assert DEFAULT_COLUMNS[0] == "customer"


OWN = (Field("days", "number", ("9", "30")), Field("tier", "text", ("gold", "silver")))


def test_a_field_of_the_companys_own_is_a_column_of_customers_and_of_their_lines(shop: Asker) -> None:
    found = read(shop, asked(columns=("field.tier", "field.days"), own=OWN), "ada")
    assert told(found, "field.tier", "field.days")[:3] == [
        ("customer", "ada", "gold", 30), ("line", "ada", "gold", 30), ("line", "ada", "gold", 30)
    ]  # fmt: skip
    assert [(column.title, column.unit) for column in found.columns[1:]] == [("tier", "text"), ("days", "quantity")]
    with shop.engine.snapshot() as snapshot:
        file = whole(asked(columns=("customer", "field.tier"), own=OWN), context(), snapshot)
        assert [row[1] for piece in file.pieces for row in piece] == ["gold"] * 3 + ["silver"] * 2 + [None] * 2
        summed = total(asked(columns=("field.tier",), own=OWN), context(), snapshot)
    assert summed.values[1] is None


def test_numbers_that_a_company_keeps_are_ordered_as_numbers(shop: Asker) -> None:
    """As text, 9 would come after 30."""
    found = read(shop, asked(columns=("field.days",), order=(("field.days", "asc"),), own=OWN))
    assert [row.customer.key for row in found.rows] == ["bea", "ada", "cleo"]


def test_contact_data_in_a_field_is_no_column_and_a_field_that_is_gone_is_left_out(shop: Asker) -> None:
    contact = (Field("buyer", "text", ()), Field("desk", "text", ()))
    found = read(shop, asked(columns=("field.buyer", "field.desk", "field.gone"), own=contact))
    assert [column.id for column in found.columns] == ["customer", "field.buyer", "field.desk"]
    assert {value for row in found.rows for value in row.values[1:]} == {None}
    with pytest.raises(Invalid, match=r"ordered by 'field\.gone'"):
        read(shop, asked(order=(("field.gone", "asc"),), own=contact))
