"""A dashboard seen again: the same in every word, with what was derived read back instead of computed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from app.values.context import QueryContext
from layouts.dashboard import Dashboard, answer
from layouts.dashboards import dashboards
from queries.frame import Frame
from queries.query import Query
from tests.layouts.company import Company, view, viewer
from tests.layouts.test_answers import EVERY


@dataclass
class Listening(Company):
    """Remembers what it was asked."""

    asked: list[Query] = field(default_factory=list)

    def ask_all(self, queries: Iterable[Query], context: QueryContext) -> list[Frame]:
        """Noted, then answered."""
        together = list(queries)
        self.asked += together
        return super().ask_all(together, context)


@EVERY
def test_the_second_look_shows_what_the_first_did(dashboard: Dashboard) -> None:
    company = Listening()
    at = view(f"/d/{dashboard.id}")
    first = answer(dashboard, at, viewer(), company)
    second = answer(dashboard, at, viewer(), company)
    for one, other in zip(first, second, strict=True):
        told = ("state", "sentence", "title", "mark", "unit_line", "finding", "notes", "drill_level", "gesture")
        assert [getattr(one, each) for each in told] == [getattr(other, each) for each in told]
        assert one.frame == other.frame
        assert one.table == other.table
        assert one.queries.keys() == other.queries.keys()


def test_what_only_derivations_read_is_not_asked_again() -> None:
    company = Listening()
    customers = next(each for each in dashboards() if each.id == "customers")
    answer(customers, view("/d/customers"), viewer(), company)
    first = list(company.asked)
    answer(customers, view("/d/customers"), viewer(), company)
    again = company.asked[len(first) :]
    assert again
    assert not any(query.metrics == ("months_bought",) for query in again)
    assert sum("customer" in query.by for query in again) < sum("customer" in query.by for query in first)


def test_another_language_is_derived_anew() -> None:
    company = Listening()
    customers = next(each for each in dashboards() if each.id == "customers")
    answer(customers, view("/d/customers"), viewer(), company)
    german = answer(customers, view("/d/customers"), replace(viewer(), context=viewer(locale="de").context), company)
    flow = next(each for each in german if each.panel.id == "flow")
    assert flow.frame is not None
    assert flow.frame.columns[0].title == "Quartal"
