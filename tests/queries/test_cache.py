"""The cache: what is kept is sealed, asked for once, and shared exactly by equals."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.values.calendar import Calendar
from app.values.errors import NotAskable
from app.values.period import Period
from app.values.scope import Scope
from app.values.selection import Filter
from queries.asking import Asker
from queries.cache import KEEP_S, Cache, MemoryBackend, canonical, key_of
from queries.frame import Frame
from queries.query import Query
from queries.warehouse.engines.engine import Engine
from tests.queries.company import KNOWN, company, context, warehouse_of
from tests.queries.warehouse.staging import line, stage

QUERY = Query(("net_sales", "orders"), ("region",), period=Period.parse("2023"), versus=("last-year",))


def kept(cache: Cache, key: str, value: bytes) -> bytes:
    return cache.answer(key, lambda: value, bytes, bytes)


class Shared(MemoryBackend):
    """A store that several processes share: it also hands out claims."""

    def __init__(self) -> None:
        super().__init__()
        self.claims: set[str] = set()
        self.lock = threading.Lock()

    def claim(self, key: str, seconds: int) -> bool:
        with self.lock:
            return key not in self.claims and not self.claims.add(key)

    def release(self, key: str) -> None:
        with self.lock:
            self.claims.discard(key)


def test_a_second_ask_costs_no_computation() -> None:
    cache = Cache(MemoryBackend(), b"secret")
    assert kept(cache, "k", b"one") == b"one"
    assert kept(cache, "k", b"two") == b"one"


@pytest.mark.parametrize("spoil", [lambda e: e[:-1] + b"x", lambda e: e[:31], lambda e: b"", lambda e: "text"])
def test_anything_odd_is_a_miss(spoil: Any) -> None:
    backend = MemoryBackend()
    cache = Cache(backend, b"secret")
    kept(cache, "k", b"one")
    entry = backend.get("k")
    assert entry is not None
    backend._kept["k"] = (time.monotonic() + KEEP_S, spoil(entry))
    assert kept(cache, "k", b"two") == b"two"


def test_an_entry_moved_to_another_key_or_sealed_with_another_secret_is_a_miss() -> None:
    backend = MemoryBackend()
    kept(Cache(backend, b"secret"), "mine", b"one")
    entry = backend.get("mine")
    assert entry is not None
    backend.set("yours", entry)
    assert kept(Cache(backend, b"secret"), "yours", b"two") == b"two"
    assert kept(Cache(backend, b"another"), "mine", b"three") == b"three"


def test_twenty_who_ask_at_once_cost_one_computation() -> None:
    cache = Cache(MemoryBackend(), b"secret")
    asked: list[int] = []

    def compute() -> bytes:
        asked.append(1)
        time.sleep(0.1)
        return b"one"

    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: found.append(cache.answer("k", compute, bytes, bytes))) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (found, len(asked)) == ([b"one"] * 20, 1)


def test_two_processes_that_ask_at_once_cost_one_computation() -> None:
    backend = Shared()
    asked: list[int] = []

    def compute() -> bytes:
        asked.append(1)
        time.sleep(0.2)
        return b"one"

    processes = [Cache(backend, b"secret") for _ in range(4)]
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda c=cache: found.append(c.answer("k", compute, bytes, bytes)))
        for cache in processes
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (found, len(asked)) == ([b"one"] * 4, 1)
    assert not backend.claims


def test_a_refusal_reaches_everybody_and_is_not_kept() -> None:
    cache = Cache(Shared(), b"secret")

    def refuse() -> bytes:
        raise NotAskable("no")

    with pytest.raises(NotAskable):
        cache.answer("k", refuse, bytes, bytes)
    assert kept(cache, "k", b"one") == b"one"


def test_a_backend_that_fails_costs_nothing_but_speed() -> None:
    class Broken:
        calls = 0

        def get(self, key: str) -> bytes:
            Broken.calls += 1
            raise ConnectionError

        set = delete = get

    cache = Cache(Broken(), b"secret")
    assert [kept(cache, str(i), b"one") for i in range(50)] == [b"one"] * 50
    assert Broken.calls == 1  # the breaker keeps it from being asked again and again


def test_a_backend_that_hangs_is_given_up_once() -> None:
    release = threading.Event()

    class Hanging(MemoryBackend):
        calls = 0

        def get(self, key: str) -> bytes | None:
            Hanging.calls += 1
            release.wait(20)
            return None

    cache = Cache(Hanging(), b"secret", patience_s=0.05)
    assert [kept(cache, str(i), b"one") for i in range(5)] == [b"one"] * 5
    assert Hanging.calls == 1
    release.set()


def test_memory_is_bounded_and_the_least_recently_used_goes_first() -> None:
    backend = MemoryBackend(room=100)
    for name in "abcd":
        backend.set(name, name.encode() * 30)
        backend.get("a")
    assert backend.get("a") == b"a" * 30
    assert backend.get("b") is None
    backend.set("huge", b"x" * 101)
    assert backend.get("huge") is None


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.dates() | st.decimals(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.frozensets(st.text(), max_size=3),
    max_leaves=8,
)


def typed(value: Any) -> Any:
    """Python holds True, 1 and Decimal(1) for equal; a key must not."""
    if isinstance(value, tuple):
        return tuple(typed(each) for each in value)
    return (type(value).__name__, str(value) if isinstance(value, Decimal) else value)


@given(values, values)
def test_keys_are_equal_exactly_for_equal_values(one: Any, other: Any) -> None:
    assert (canonical(one) == canonical(other)) == (typed(one) == typed(other))


def test_pieces_do_not_run_into_each_other() -> None:
    assert key_of("a", "bc") != key_of("ab", "c")
    assert key_of(("a",), "b") != key_of("a", ("b",))
    assert key_of({"a": 1, "b": 2}) == key_of({"b": 2, "a": 1})
    with pytest.raises(TypeError):
        key_of(object())


def test_whatever_an_answer_depends_on_is_in_its_key(asker: Asker) -> None:
    seen = context(Scope.of(region={"nord"}))
    contexts = [
        seen,
        replace(seen, scope=Scope.of(region={"sued"})),
        replace(seen, scope=Scope.nothing()),
        replace(seen, scope=Scope.of(country={"nord"})),
        replace(seen, epoch=1),
        replace(seen, masks=frozenset({"contact"})),
        replace(seen, today=date(2024, 5, 14)),
        replace(seen, zone="Europe/Berlin"),
        replace(seen, locale="de"),
        replace(seen, currency="USD"),
        replace(seen, calendar=Calendar(fiscal_start_month=4)),
    ]
    queries = [
        QUERY,
        replace(QUERY, metrics=("net_sales",)),
        replace(QUERY, by=()),
        replace(QUERY, where=(Filter("region", ("nord",)),)),
        replace(QUERY, where=(Filter("region", ("nord",), exclude=True),)),
        replace(QUERY, period=Period.parse("2022")),
        replace(QUERY, versus=()),
        replace(QUERY, basis="paid"),
        replace(QUERY, order=(("orders", "asc"),)),
        replace(QUERY, limit=3),
        replace(QUERY, limit=3, others=True),
        replace(QUERY, totals=True),
    ]
    keys = {asker.explain(QUERY, each).key for each in contexts} | {asker.explain(each, seen).key for each in queries}
    assert len(keys) == len(contexts) + len(queries) - 1
    equal = replace(seen, scope=Scope.of(region={"nord"}))
    assert asker.explain(QUERY, equal).key == asker.explain(QUERY, seen).key


def test_a_cached_answer_is_the_computed_one(engine: Engine, asker: Asker) -> None:
    cached = Asker(engine, KNOWN, Cache(MemoryBackend(), b"secret"))
    for query in (
        QUERY,
        replace(QUERY, metrics=("margin_rate", "budget_attainment"), limit=2, others=True, totals=True),
    ):
        first = cached.ask(query, context())
        assert first == asker.ask(query, context())
        assert cached.ask(query, context()) == first
        assert Frame.from_json(first.to_json()) == first


def test_new_data_gives_new_keys_and_untouched_months_stay(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("growing")
    with warehouse_of(company(60), home) as engine:
        asker = Asker(engine, KNOWN, Cache(MemoryBackend(), b"secret"))
        old = replace(QUERY, period=Period.parse("2023-02"), versus=())
        new = replace(QUERY, period=Period.parse("2023-03"), versus=())
        before = {query: (asker.explain(query, context()).key, asker.ask(query, context())) for query in (old, new)}
        late = line("LATE", order_date="2023-03-05", net=7, customer_key="C1", place_key="nord-0")
        engine.publish(stage(home / "late.duckdb", sales_line=[late]), note="late", source="tests")
        assert asker.explain(old, context()).key == before[old][0]
        assert asker.explain(new, context()).key != before[new][0]
        assert asker.ask(new, context()) != before[new][1]
        again = asker.ask(old, context())
        assert again.rows == before[old][1].rows
        # What is served from the cache still says which state of the warehouse it holds for.
        assert again.provenance.generation == 2
