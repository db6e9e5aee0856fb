"""How fast programs may ask: a minute's worth, over all processes, and told before it is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.cachestores import RedisBuckets
from app.factory import create_app
from app.models.database import Database
from app.models.request import Allowance
from app.services import allowances, tokens
from app.services.allowances import Lease
from app.web.pace import LEASE, Pace
from tests.api.conftest import Holder
from tests.services.conftest import database, migrated_file, migrated_server
from tests.sweep.company import COLLEAGUES, open_house, tables

__all__ = ["database", "migrated_file", "migrated_server"]

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)


class Counted:
    """A bucket in the application database, and how often it was asked."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.times = 0

    def take(self, principal: str, wanted: int, per_minute: int, now: datetime) -> Lease:
        self.times += 1
        with self.database.write() as session:
            return allowances.lease(session, principal, wanted, per_minute, now)


def passed(paces: list[Pace], times: int, now: datetime, who: str = "token:a") -> int:
    """How many of so many requests, in turns at each process, go on."""
    return sum(not paces[at % len(paces)].spend(who, now).wait_s for at in range(times))


def test_a_minutes_worth_passes_and_then_what_comes_in(database: Database) -> None:
    bucket = Counted(database)
    pace = Pace(600, bucket.take)
    assert passed([pace], 1_000, NOW) == 600
    assert passed([pace], 1_000, NOW + timedelta(seconds=6)) == 60
    assert bucket.times < 40
    assert passed([pace], 10, NOW + timedelta(seconds=6), who="token:b") == 10


def test_several_processes_together_pass_no_more_than_one(database: Database) -> None:
    bucket = Counted(database)
    paces = [Pace(600, bucket.take) for _ in range(4)]
    assert passed(paces, 4_000, NOW) == 600
    assert bucket.times < 200


def test_what_a_process_took_and_did_not_spend_is_lost_and_never_doubled(database: Database) -> None:
    pace = Pace(60, Counted(database).take)
    first = passed([pace], 10, NOW)
    later = NOW + LEASE + timedelta(seconds=1)
    assert first + passed([pace], 200, later) <= 60 + 11


def test_whoever_waits_is_told_for_how_long_and_costs_no_write(database: Database) -> None:
    bucket = Counted(database)
    pace = Pace(60, bucket.take)
    while not (spent := pace.spend("token:a", NOW)).wait_s:
        pass
    before = bucket.times
    assert spent.headers["Retry-After"] == str(spent.wait_s) == "1"
    assert spent.headers["RateLimit"].startswith('"minute";r=0;')
    assert passed([pace], 100, NOW) == 0
    assert bucket.times == before


@pytest.mark.redis
def test_redis_counts_for_all_processes_until_it_is_lost(redis_url: str) -> None:
    mine, other = (RedisBuckets(redis_url, "pace") for _ in range(2))
    taken = [each.take("token:a", 100, 600) for each in (mine, other) * 5]
    granted = [0 if each is None else each[0] for each in taken]
    assert 600 <= sum(granted) <= 620
    lost = RedisBuckets("redis://127.0.0.1:1/0", "pace")
    assert lost.take("token:a", 1, 600) is None


@pytest.mark.parametrize("given", [{}, {"redis_url": "redis://127.0.0.1:1/0"}], ids=["alone", "redis is lost"])
def test_a_token_that_asks_too_fast_waits_and_the_others_do_not(
    tmp_path_factory: pytest.TempPathFactory, cheap_hashing: None, given: dict[str, str]
) -> None:
    house = open_house(tmp_path_factory.mktemp("pace"), tables(), api_per_minute="30", **given)
    try:
        server, holders = create_app(house), []
        for name in ("dirk", "erin"):
            with house.database.write() as session:
                owner = house.viewer_named(COLLEAGUES[name].email)
                holders.append(Holder(server, tokens.make(session, owner, name="Fast", scopes=["read"])[1]))
        came = [holders[0].get("/me") for _ in range(60)]
        refused = [each for each in came if each.status_code == 429]
        assert {each.status_code for each in came} == {200, 429}
        assert len(refused) >= 20
        assert int(refused[0].headers["Retry-After"]) >= 1
        assert refused[0].mimetype == "application/problem+json"
        assert came[0].headers["RateLimit-Policy"] == '"minute";q=30;w=60'
        assert holders[1].get("/me").status_code == 200
        with house.database.read() as session:
            assert session.query(Allowance).count() == 2
    finally:
        house.close()
