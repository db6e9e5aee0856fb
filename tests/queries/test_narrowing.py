"""Amount ranges and rules on customers' own fields: counted by hand, against the oracle, and never beyond the scope."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.values.hierarchy import NO_MEMBER
from app.values.narrowing import AmountRange, FieldCondition, FieldRules
from app.values.period import Period
from app.values.scope import Scope
from app.values.selection import Filter, Narrowing
from queries.asking import Asker
from queries.fields import fields
from queries.frame import Frame, Member
from queries.query import Query
from tests.queries.company import FEW_DOCUMENTS, KNOWN, Company, company, context, warehouse_of
from tests.queries.oracle import Sold, key_of, matching, sold
from tests.queries.questions import SEED, random_scope, some
from tests.queries.warehouse.staging import line

YEAR = Period.parse("2024")
LINES = (
    # Ada: two documents of 300 and 50; Bea: one of 100 in two halves; Cleo: gives back as much as she bought.
    line("A1", 1, net=100, customer_key="ada", rep_key="sam", product_key="p", order_date="2024-02-01"),
    line("A1", 2, net=200, customer_key="ada", rep_key="sam", product_key="q", order_date="2024-02-01"),
    line("A2", 1, net=50, customer_key="ada", rep_key="uma", product_key="p", order_date="2024-03-01"),
    line("B1", 1, net=60, customer_key="bea", rep_key="uma", product_key="p", order_date="2024-03-05"),
    line("B1", 2, net=40, customer_key="bea", rep_key="uma", product_key="q", order_date="2024-03-05"),
    line("C1", 1, net=100, customer_key="cleo", rep_key="sam", product_key="p", order_date="2024-04-01"),
    line("C2", 1, net=-100, customer_key="cleo", rep_key="sam", product_key="p", order_date="2024-04-02",
         document_type="credit_note"),
    # A year earlier Ada bought little and Bea much.
    line("A0", 1, net=10, customer_key="ada", rep_key="sam", product_key="p", order_date="2023-02-01"),
    line("B0", 1, net=900, customer_key="bea", rep_key="uma", product_key="p", order_date="2023-03-01"),
)  # fmt: skip
CLEO = json.dumps(
    {"buyer": "Jo <jo@cleo.example>", "desk": "+49 (0)89 123 456", "tax_id": "1200000", "open": "2020-01-31"}
)
SHOP = Company(
    {
        "customer": [
            {"customer_key": "ada", "customer": "Ada", "custom": '{"tier": "gold", "days": 30}'},
            {"customer_key": "bea", "customer": "Bea", "custom": '{"tier": "silver", "days": "9"}'},
            {"customer_key": "cleo", "customer": "Cleo", "custom": CLEO},
        ],
        "rep": [{"rep_key": "sam", "rep": "Sam"}, {"rep_key": "uma", "rep": "Uma"}],
        "product": [{"product_key": key, "product": key.upper()} for key in "pq"],
        "currency": [{"currency_key": "EUR", "currency": "Euro"}],
        "sales_line": list(LINES),
    }
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """Three customers and nine lines."""
    with warehouse_of(SHOP, tmp_path_factory.mktemp("shop")) as engine:
        yield Asker(engine, KNOWN)


def told(shop: Asker, *where: Narrowing, scope: Scope | None = None, **asked: Any) -> dict[str, Decimal]:
    """Net sales by customer in 2024."""
    query = Query(("net_sales",), ("customer",), where, **({"period": YEAR} | asked))
    frame = shop.ask(query, context(scope))
    return {row[0].key: row[1] for row in frame.rows if isinstance(row[0], Member) and isinstance(row[1], Decimal)}


def between(of: Any, low: int | None, high: int | None = None, period: Period | None = None) -> AmountRange:
    """A range in whole euros."""
    return AmountRange(of, None if low is None else Decimal(low), None if high is None else Decimal(high), period)


def test_an_amount_of_lines_keeps_lines(shop: Asker) -> None:
    assert told(shop, between("line", 60, 100)) == {"ada": 100, "bea": 60, "cleo": 100}
    assert told(shop, between("line", None, 0)) == {"cleo": -100}


def test_an_amount_of_documents_keeps_whole_documents(shop: Asker) -> None:
    assert told(shop, between("document", 100)) == {"ada": 300, "bea": 100, "cleo": 100}
    assert told(shop, between("document", None, 99)) == {"ada": 50, "cleo": -100}


def test_an_amount_of_customers_keeps_whole_customers(shop: Asker) -> None:
    assert told(shop, between("customer", 101)) == {"ada": 350}
    assert told(shop, between("customer", 0, 100)) == {"bea": 100, "cleo": 0}


def test_a_total_counts_the_lines_that_everything_else_leaves(shop: Asker) -> None:
    goods = Filter("product", ("p",))
    assert told(shop, goods, between("customer", 100)) == {"ada": 150}
    assert told(shop, goods, between("document", 100)) == {"ada": 100, "cleo": 100}
    # Lines first, then documents, then customers, whichever way they are written.
    both = (between("customer", 100, 250), between("document", 60), between("line", 50, 100))
    assert told(shop, *both) == told(shop, *reversed(both)) == {"ada": 100, "cleo": 100}


def test_a_comparison_is_about_the_customers_of_the_asked_period(shop: Asker) -> None:
    query = Query(("net_sales",), (), (between("customer", 101),), YEAR, ("last-year",))
    (row,) = shop.ask(query, context()).rows
    assert row[:2] == (Decimal(350), Decimal(10))
    documents = Query(("net_sales",), (), (between("document", 200),), YEAR, ("last-year",))
    (row,) = shop.ask(documents, context()).rows
    assert row[:2] == (Decimal(300), Decimal(900))


def test_a_total_may_be_of_another_time_than_the_question(shop: Asker) -> None:
    before = between("customer", 500, None, Period.parse("2023"))
    assert told(shop, before) == {"bea": 100}


def test_totals_are_those_of_the_viewers_own_rows(shop: Asker) -> None:
    """Uma must not learn from a range what Ada bought of Sam."""
    uma = Scope.of(rep={"uma"})
    assert told(shop, between("customer", 51), scope=uma) == {"bea": 100}
    assert told(shop, between("customer", None, 50), scope=uma) == {"ada": 50}
    assert told(shop, between("document", 1), scope=Scope.nothing()) == {}


def test_rules_on_fields_are_and_within_a_group_and_or_between(shop: Asker) -> None:
    gold, silver = (FieldCondition("tier", "is", (value,)) for value in ("gold", "silver"))
    soon = FieldCondition("days", "to", ("10",))
    assert told(shop, FieldRules(((gold,),))) == {"ada": 350}
    assert told(shop, FieldRules(((gold, soon),))) == {}
    assert told(shop, FieldRules(((gold,), (silver, soon)))) == {"ada": 350, "bea": 100}
    assert told(shop, FieldRules(((FieldCondition("tier", "unknown"),),))) == {"cleo": 0}
    assert told(shop, FieldRules(((FieldCondition("tier", "not", ("gold",)),),))) == {"bea": 100, "cleo": 0}
    assert told(shop, FieldRules(((FieldCondition("tier", "has", ("OL",)),),))) == {"ada": 350}


def test_contact_data_in_a_companys_own_fields_is_no_field_to_search(shop: Asker) -> None:
    # What some may not see is nothing that anybody could guess by narrowing to it.
    with shop.engine.snapshot() as snapshot:
        assert {each.name for each in fields(context(), KNOWN, snapshot)} == {"days", "open", "tax_id", "tier"}
    for name, value in (("buyer", "jo@cleo"), ("desk", "89")):
        assert told(shop, FieldRules(((FieldCondition(name, "has", (value,)),),))) == {}
        assert told(shop, FieldRules(((FieldCondition(name, "known"),),))) == {}
    for name, value in (("tax_id", "1200000"), ("open", "2020-01-31")):
        assert set(told(shop, FieldRules(((FieldCondition(name, "is", (value,)),),)))) == {"cleo"}


def test_a_plan_is_not_set_for_amounts_and_fields_and_says_so(shop: Asker) -> None:
    query = Query(("budget_attainment",), (), (between("customer", 1),), YEAR)
    assert any("not set by customer" in note for note in shop.ask(query, context()).notes)


def test_a_rollup_answers_for_fields_and_customers_and_no_other_range(few_asker: Asker) -> None:
    rules = FieldRules(((FieldCondition("tier", "is", ("gold",)),),))
    for where, expected in (
        (rules, "rollup_customer"),
        (between("customer", 1), "rollup_customer"),
        (between("document", 1), "sales_line"),
        (between("line", 1), "sales_line"),
    ):
        explained = few_asker.explain(Query(("net_sales",), (), (where,), Period.parse("2023")), context())
        assert explained.legs[0].table.startswith(expected), where


# ---- random ones, against plain Python ----


def left_by(lines: Iterable[Sold], where: Iterable[Narrowing], currency: str) -> list[Sold]:
    """The lines that fields and ranges leave, one after the other."""
    kept = list(lines)
    for each in where:
        if isinstance(each, FieldRules):
            kept = [sale for sale in kept if _holds(each, sale)]
    for of in ("line", "document", "customer"):
        for each in where:
            if isinstance(each, AmountRange) and each.of == of:
                kept = _ranged(kept, each, currency)
    return kept


def _ranged(lines: list[Sold], found: AmountRange, currency: str) -> list[Sold]:
    totals: dict[Any, Decimal] = defaultdict(Decimal)
    for sale in lines:
        if not sale.held and sale.levels[found.of] is not None:
            totals[sale.levels[found.of]] += sale.amount("net", currency)
    low, high = found.low or Decimal("-Infinity"), Decimal("Infinity") if found.high is None else found.high
    low = Decimal("-Infinity") if found.low is None else low
    passed = {key for key, total in totals.items() if low <= total <= high}
    if found.of == "line":
        return [sale for sale in lines if not sale.held and sale.levels["line"] in passed]
    return [sale for sale in lines if sale.levels[found.of] in passed]


def _holds(rules: FieldRules, sale: Sold) -> bool:
    row = {each["customer_key"]: each for each in company(FEW_DOCUMENTS).tables["customer"]}.get(
        sale.raw.get("customer_key") or "", {}
    )
    fields = json.loads(row.get("custom") or "{}")
    return any(all(_passes(fields.get(each.field), each) for each in group) for group in rules.groups)


def _passes(value: Any, condition: FieldCondition) -> bool:
    text = None if value in (None, "") else str(value).lower() if isinstance(value, bool) else str(value)
    match condition.test:
        case "known" | "unknown":
            return (text is not None) == (condition.test == "known")
        case "is":
            return text in condition.values
        case "not":
            return text not in condition.values
        case "has":
            return text is not None and condition.values[0].lower() in text.lower()
    bound = condition.values[0]
    if text is None or ("-" in bound[1:]) != ("-" in text[1:]):
        return False
    try:
        one, other = (text, bound) if "-" in bound[1:] else (Decimal(text), Decimal(bound))
    except ArithmeticError:
        return False
    return one >= other if condition.test == "from" else one <= other  # type: ignore[operator]


CONDITIONS = (
    FieldCondition("tier", "is", ("gold",)),
    FieldCondition("tier", "not", ("gold", "silver")),
    FieldCondition("tier", "known"),
    FieldCondition("tier", "unknown"),
    FieldCondition("seats", "from", ("20",)),
    FieldCondition("seats", "to", ("-4",)),
    FieldCondition("seats", "is", ("n/a", "29")),
    FieldCondition("renewal", "from", ("2023-06-01",)),
    FieldCondition("renewal", "to", ("2023-06-01",)),
    FieldCondition("Größe (m²)", "from", ("3.5",)),
    FieldCondition("vip", "is", ("true",)),
    FieldCondition("renewal", "has", ("-0",)),
    FieldCondition("nowhere", "unknown"),
)


def random_narrowing(chance: random.Random) -> tuple[Narrowing, ...]:
    """One to three ranges and, often, a rule."""
    found: list[Narrowing] = []
    for of in chance.sample(("line", "document", "customer"), chance.randint(0, 3)):
        scale = {"line": 9_000, "document": 30_000, "customer": 150_000}[of]
        low, high = sorted(chance.randrange(-scale // 4, scale) for _ in range(2))
        found.append(between(of, *chance.choice(((low, None), (None, high), (low, high)))))
    if not found or chance.random() < 0.5:
        groups = (tuple(chance.sample(CONDITIONS, chance.randint(1, 2))) for _ in range(chance.randint(1, 2)))
        found.append(FieldRules(tuple(groups)))
    return tuple(found)


PERIODS = {"all": (date(2022, 1, 1), date(2025, 1, 1)), "2023": (date(2023, 1, 1), date(2024, 1, 1)),
           "2023-02-11..2023-09-20": (date(2023, 2, 11), date(2023, 9, 21))}  # fmt: skip


def agrees(asker: Asker, number: int) -> int:
    """Hold one random question against plain Python; returns how many rows it had."""
    chance = random.Random(f"{SEED} narrowing {number}")
    where = random_narrowing(chance)
    plain = tuple(
        Filter(level, some(chance, level)) for level in chance.sample(("category", "region"), chance.randint(0, 1))
    )
    scope = random_scope(chance, lambda: chance.choice(("region", "rep", "team", "customer")))
    by = chance.choice(("customer", "region", "category", "document_type"))
    period = chance.choice(tuple(PERIODS))
    basis: Any = chance.choice(("booked", "booked", "invoiced"))
    currency = chance.choice(("EUR", "USD"))
    start, end = PERIODS[period]
    lines = matching(start, end, scope=scope, where=plain, basis=basis, documents=FEW_DOCUMENTS)
    expected: dict[str, tuple[Decimal, int]] = {}
    for sale in left_by(lines, where, currency):
        (key,) = key_of(sale, (by,), basis)
        net, count = expected.get(key, (Decimal(0), 0))
        expected[key] = net + sale.amount("net", currency), count + 1
    query = Query(("net_sales", "lines"), (by,), (*plain, *where), Period.parse(period), basis=basis)
    frame = asker.ask(query, context(scope, currency=currency))
    assert _figures(frame) == {key: count for key, (_, count) in expected.items()}, query
    for row in frame.rows:
        if row[1] is not None:
            assert row[1] == expected[row[0].key][0], query  # type: ignore[union-attr]
    return len(frame.rows)


def _figures(frame: Frame) -> dict[str, Any]:
    return {row[0].key if isinstance(row[0], Member) else NO_MEMBER: row[2] for row in frame.rows}


@pytest.mark.parametrize("start", range(0, 120, 30))
def test_random_narrowing_leaves_what_plain_python_leaves(few_asker: Asker, few_fact_asker: Asker, start: int) -> None:
    found = [agrees(few_asker, number) and agrees(few_fact_asker, number) for number in range(start, start + 30)]
    assert sum(1 for rows in found if rows) > 10
    assert sold(FEW_DOCUMENTS)


@pytest.mark.postgres
def test_postgresql_narrows_alike(few_postgres: Asker) -> None:
    assert sum(1 for number in range(40) if agrees(few_postgres, number)) > 15
    assert replace(between("line", 1), of="customer").level == "customer"
