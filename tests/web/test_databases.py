"""The front door on SQLite and on PostgreSQL alike, and two houses side by side in one process."""

from __future__ import annotations

from pathlib import Path

from app.models.database import Database
from app.services import accounts, ledger
from tests.models.conftest import database, migrated_file, migrated_server
from tests.web.conftest import PASSWORD, SmallHouse, build, furnish, populate

__all__ = ["database", "migrated_file", "migrated_server"]


def test_a_day_at_the_door(database: Database) -> None:
    populate(database)
    house = furnish(database)
    otto, sam = house.signed_in("otto"), house.signed_in("sam")
    otto.get("/")
    assert otto.call().status_code == 403
    sam.get("/")
    assert sam.call().status_code == 200
    house.clock.go_on(minutes=20)
    assert sam.call().status_code == 200
    house.clock.go_on(minutes=20)
    assert otto.get("/account").status_code == 302
    old = sam.cookie()
    with database.write() as session:
        accounts.change_rights(session, "cli", "sam@salient.example", role="executive")
    assert sam.get("/account").status_code == 200
    assert sam.cookie() != old
    sam.get("/")
    assert sam.call().status_code == 200
    assert house.asked[-1].context.scope.is_everything
    assert sam.submit("/logout").status_code == 302
    assert sam.get("/account").status_code == 302
    for _ in range(5):
        house.browser().sign_in("sam@salient.example", "a wrong password here")
    assert house.browser().sign_in("sam@salient.example", PASSWORD).status_code == 429
    with database.read() as session:
        assert ledger.faults(session) == []


def test_two_houses_in_one_process_do_not_know_each_other(small: SmallHouse, tmp_path: Path, template: Path) -> None:
    (tmp_path / "other").mkdir()
    other = build(tmp_path / "other", template, secret="the secret of another company, also long")
    erin = small.signed_in("erin")
    erin.get("/")
    visitor = other.browser()
    for name in ("salient", "_csrf_token"):
        visitor.client.set_cookie(name, erin.cookie(name) or "", domain="localhost")
    assert visitor.get("/").status_code == 302
    assert visitor.call().status_code == 401
    assert erin.call().status_code == 200
    other.database.close()
