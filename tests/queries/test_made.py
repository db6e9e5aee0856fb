"""What was made of answers: found again by whoever may see the same rows through the same question, until new data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.values.period import Period
from app.values.scope import Scope
from queries.asking import Asker
from queries.cache import Cache, MemoryBackend
from queries.frame import Frame
from queries.query import Query
from tests.queries.company import KNOWN, company, context, warehouse_of
from tests.queries.warehouse.staging import line, stage

QUERY = Query(("net_sales", "orders"), ("region",), period=Period.parse("2023"))
ASKED = {"main": QUERY}


@pytest.fixture
def cached(asker: Asker) -> Asker:
    return Asker(asker.engine, KNOWN, Cache(MemoryBackend(), b"secret"))


def made_of(asker: Asker) -> dict[str, Frame]:
    answer = asker.ask(QUERY, context())
    return {"main": replace(answer, rows=answer.rows[:1])}


def test_what_was_made_is_found_again(cached: Asker) -> None:
    assert cached.recall("first", ASKED, context()) is None
    made = made_of(cached)
    cached.remember("first", ASKED, context(), made)
    assert cached.recall("first", ASKED, context()) == made


def test_another_way_question_name_or_viewer_finds_nothing(cached: Asker) -> None:
    cached.remember("first", ASKED, context(), made_of(cached))
    nord = context(Scope.of(region={"nord"}))
    assert cached.recall("last", ASKED, context()) is None
    assert cached.recall("first", {"before": QUERY}, context()) is None
    assert cached.recall("first", {"main": replace(QUERY, basis="paid")}, context()) is None
    assert cached.recall("first", ASKED, nord) is None
    assert cached.recall("first", ASKED, context(Scope.nothing())) is None
    assert cached.recall("first", ASKED, replace(context(), locale="de")) is None


def test_what_no_key_stands_for_is_not_kept(cached: Asker) -> None:
    refused = Query(("quota",), ("customer",), period=Period.parse("2023"))
    loads = Query(("kept_loads",))
    for asked in ({"main": QUERY, "beside": refused}, {"main": loads}):
        cached.remember("first", asked, context(), made_of(cached))
        assert cached.recall("first", asked, context()) is None


def test_newer_data_is_made_anew(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("growing")
    with warehouse_of(company(60), home) as engine:
        asker = Asker(engine, KNOWN, Cache(MemoryBackend(), b"secret"))
        made = made_of(asker)
        asker.remember("first", ASKED, context(), made)
        assert asker.recall("first", ASKED, context()) == made
        late = line("LATE", order_date="2023-03-05", net=7, customer_key="C1", place_key="nord-0")
        engine.publish(stage(home / "late.duckdb", sales_line=[late]), note="late", source="tests")
        assert asker.recall("first", ASKED, context()) is None
        # What was made of the older data is not kept as if it were of the newer.
        asker.remember("first", ASKED, context(), made)
        assert asker.recall("first", ASKED, context()) is None
