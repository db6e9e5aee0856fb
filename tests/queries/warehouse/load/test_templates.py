"""Our own templates: what we hand out imports as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from app.values.errors import Conflict
from app.values.scope import Scope
from queries.warehouse.load import load, write_templates
from queries.warehouse.schema import budget, customer, quota, sales_line
from tests.queries.warehouse.load.tables import warehouse_of


@pytest.mark.parametrize("what", ["", "salient-templates.xlsx"])
def test_the_templates_import_as_they_are(tmp_path: Path, what: str) -> None:
    write_templates(tmp_path / "mine")
    engine = warehouse_of(tmp_path / "home")
    report = load(engine, "template", tmp_path / "mine" / what, home=tmp_path / "home")
    assert (report.quarantined_count, report.duplicates, report.new) == (0, 0, 4)
    with engine.snapshot() as snapshot:
        lines = snapshot.fetch(
            select(sales_line.c.line_key, sales_line.c.net, sales_line.c.returned), Scope.everything()
        )
        assert {key: (str(net), str(returned)) for key, net, returned in lines}["CN-77/1"] == ("-237.5000", "237.5000")
        assert snapshot.fetch(
            select(customer.c.custom).where(customer.c.customer_key == "C-1"), Scope.everything()
        ) == [('{"rating":"A"}',)]
        months = select(quota.c.month, quota.c.amount, quota.c.team_key, quota.c.department_key)
        spread = snapshot.fetch(months.where(quota.c.rep_key == "R-1").order_by(quota.c.month), Scope.everything())
        assert [str(amount) for _, amount, *_ in spread] == ["833.3400", "833.3300", "833.3300"]
        assert {(team, department) for *_, team, department in spread} == {("T-EU", "sales")}
        regions = snapshot.fetch(select(budget.c.market_key, budget.c.region_key).distinct(), Scope.everything())
        assert set(regions) == {("europe", "germany/north"), ("americas", "united-states/west")}


def test_writing_templates_never_writes_over_a_file(tmp_path: Path) -> None:
    write_templates(tmp_path)
    with pytest.raises(Conflict, match="already there"):
        write_templates(tmp_path)
