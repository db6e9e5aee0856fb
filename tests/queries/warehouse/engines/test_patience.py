"""Patience: a question that takes too long is stopped where it runs, after the time that the operator set."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.values.errors import TooBig
from app.values.scope import Scope
from queries.warehouse.schema import sales_line
from tests.queries.warehouse.conftest import Opener
from tests.queries.warehouse.staging import line, stage


def test_a_question_without_end_is_stopped_and_told_of(open_warehouse: Opener, tmp_path: Path) -> None:
    engine = open_warehouse(query_s=0.2)
    engine.publish(stage(tmp_path / "s.duckdb", sales_line=[line(f"M{i}") for i in range(300)]))
    one, two, three, four = (sales_line.alias(name) for name in ("one", "two", "three", "four"))
    endless = select(func.sum(one.c.net * two.c.net + three.c.net * four.c.net)).select_from(
        one.join(two, two.c.net > 0).join(three, three.c.net > 0).join(four, four.c.net > 0)
    )
    with engine.snapshot() as snapshot:
        with pytest.raises(TooBig, match=r"took longer than 0\.2 seconds"):
            snapshot.fetch(endless, Scope.everything())
        assert snapshot.fetch(select(func.count()).select_from(sales_line), Scope.everything()) == [(300,)]
