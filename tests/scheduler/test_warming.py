"""After a load, what people begin their day with is answered already when they come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.assembly import House, assemble
from app.models.session import BrowserSession
from app.models.user import User
from app.values.view import View
from layouts.dashboard import answer
from scheduler.jobs.warming import Warmer
from tests.services.salient import with_demo, workspace


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, cheap_hashing: None):  # type: ignore[no-untyped-def]
    """A small demo company whose cache is empty."""
    opened = assemble(with_demo(workspace(tmp_path_factory.mktemp("warm")), 5_000))
    yield opened
    opened.close()


def came(house: House, name: str, ago: timedelta = timedelta(hours=1)) -> None:
    """Somebody was here so long ago."""
    now = datetime.now(UTC)
    with house.database.write() as session:
        person = session.query(User).filter(User.email == f"{name}@salient.example").one()
        session.add(
            BrowserSession(
                token_hash=f"{name}".ljust(64, "0"), user_id=person.id, epoch=person.epoch, created_at=now - ago,
                proved_at=now - ago, last_active=now - ago, expires_at=now + timedelta(days=1), address="", browser="",
            )
        )  # fmt: skip


def test_the_overview_of_erin_needs_no_query_once_it_was_warmed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    came(house, "erin")
    came(house, "otto")
    came(house, "fay", timedelta(days=30))
    warmer = Warmer(house)
    assert warmer.warm() == 1
    assert warmer.warm() == 0
    erin = house.viewer_named("erin@salient.example")
    asked: list[object] = []
    with house.engine.snapshot() as held:
        kind, plain = type(held), type(held).fetch

    def listening(self: object, *told: object, **more: object) -> object:
        asked.append(told)
        return plain(self, *told, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(kind, "fetch", listening)
    for board, is_warm in (("overview", True), ("sales", False)):
        found = next(each for each in house.dashboards if each.id == board)
        panels = answer(found, View(board, None), erin, house.asker)
        assert all(each.state in ("ready", "empty") for each in panels)
        assert (asked == []) == is_warm
