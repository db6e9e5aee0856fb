"""Several programs change the same thing at the same moment, on a server too: one is let, the others are told."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from app.assembly import House
from app.factory import create_app
from app.services import tokens
from tests.api.conftest import Holder
from tests.sweep.company import COLLEAGUES, open_house, tables

EDITORS = 8
PANEL = "/d/overview/net-sales?period=2026"
RULE = {"metric": "net_sales", "looks_for": "threshold", "bound": "1", "test": "above"}
THINGS: dict[str, dict[str, Any]] = {
    "views": {"view": PANEL},
    "reports": {"parts": [{"view": PANEL}]},
    "schedules": {"contents": [PANEL], "recurrence": "daily at 07:00"},
    "alerts": {"view": PANEL, "rule": RULE},
}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def raced_house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, cheap_hashing: None
) -> Iterator[House]:
    """The company, its application database a file or a server's."""
    home = tmp_path_factory.mktemp("raced")
    if request.param == "sqlite":
        opened = open_house(home, tables())
        yield opened
        opened.close()
        return
    server, name = request.getfixturevalue("postgres_url"), f"raced_{uuid.uuid4().hex}"
    _order(server, f"CREATE DATABASE {name}")
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    opened = open_house(home, tables(), database_url=url)
    yield opened
    opened.close()
    _order(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def erins(raced_house: House) -> Holder:
    """A program of Erin's."""
    owner = raced_house.viewer_named(COLLEAGUES["erin"].email)
    with raced_house.database.write() as session:
        _, text = tokens.make(session, owner, name="Races", scopes=("read", "write"))
    return Holder(create_app(raced_house), text)


@pytest.mark.parametrize("kind", THINGS)
def test_of_several_that_change_one_state_at_once_one_is_let(erins: Holder, kind: str) -> None:
    made = erins.send("POST", f"/{kind}", {"name": "Raced", **THINGS[kind]})
    assert made.status_code == 201, made.text
    place = f"/{kind}/{made.get_json()['id']}"
    seen = {"If-Match": erins.get(place).headers["ETag"]}
    answers = _at_once(lambda number: erins.send("PATCH", place, {"name": f"Raced {number}"}, headers=seen))
    let = [name for name, status in answers.items() if status == 200]
    assert sorted(answers.values()) == [200, *[412] * (EDITORS - 1)]
    now = erins.get(place).get_json()
    assert (now["name"], now["version"]) == (f"Raced {let[0]}", 2)


@pytest.mark.parametrize("kind", THINGS)
def test_no_change_is_lost_by_those_who_read_again_when_they_are_told(erins: Holder, kind: str) -> None:
    made = erins.send("POST", f"/{kind}", {"name": "Counted 0", **THINGS[kind]})
    place = f"/{kind}/{made.get_json()['id']}"

    def count_one_more(_number: int) -> Any:
        while True:
            came = erins.get(place)
            count = int(came.get_json()["name"].split()[1])
            seen = {"If-Match": came.headers["ETag"]}
            done = erins.send("PATCH", place, {"name": f"Counted {count + 1}"}, headers=seen)
            if done.status_code != 412:
                return done

    assert set(_at_once(count_one_more).values()) == {200}
    assert erins.get(place).get_json()["name"] == f"Counted {EDITORS}"


def _at_once(edit: Callable[[int], Any]) -> dict[int, int]:
    """Editor → the status of the answer."""
    ready = Barrier(EDITORS)

    def begin(number: int) -> tuple[int, int]:
        ready.wait()
        return number, edit(number).status_code

    with ThreadPoolExecutor(EDITORS) as pool:
        return dict(pool.map(begin, range(EDITORS)))


def _order(server: str, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
