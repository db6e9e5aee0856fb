"""Offices to send from, on both databases."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from scheduler.jobs.hooks import Courier
from tests.channels.servers import Hook, Postbox, hook_server, mail_server
from tests.scheduler.listener import Listen, Listener, reaching, register
from tests.scheduler.office import Clock, Office, company, copied


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, cheap_hashing: None) -> Path:
    """A workspace with the demo company and its people."""
    home = tmp_path_factory.mktemp("company") / "home"
    company(home)
    return home


@pytest.fixture(scope="session")
def staffed_server(postgres_url: str, template: Path, cheap_hashing: None) -> Callable[[str], str]:
    """Makes a PostgreSQL database with the company's people; the first is what the others are copied from."""
    server = make_url(postgres_url)
    first = f"office_{uuid.uuid4().hex}"
    _order(postgres_url, f"CREATE DATABASE {first}")
    url = server.set(database=first).render_as_string(hide_password=False)
    from tests.scheduler.office import SECRET
    from tests.services.salient import with_demo, workspace

    with_demo(workspace(template, secret_key=SECRET, database_url=url), 0)

    def make(name: str) -> str:
        _order(postgres_url, f"CREATE DATABASE {name} TEMPLATE {first}")
        return server.set(database=name).render_as_string(hide_password=False)

    return make


@pytest.fixture
def box() -> Iterator[Postbox]:
    """A mail server that takes everything unless a test tells it otherwise."""
    with mail_server(Postbox()) as opened:
        yield opened


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """None for the SQLite file in the workspace, or a PostgreSQL database of its own."""
    if request.param == "sqlite":
        yield None
        return
    name = f"office_{uuid.uuid4().hex}"
    yield request.getfixturevalue("staffed_server")(name)
    _order(request.getfixturevalue("postgres_url"), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def office(template: Path, tmp_path: Path, box: Postbox) -> Iterator[Office]:
    """An office on SQLite."""
    opened = Office(copied(template, tmp_path / "home", box), box)
    yield opened
    opened.close()


@pytest.fixture
def office_anywhere(template: Path, tmp_path: Path, box: Postbox, database_url: str | None) -> Iterator[Office]:
    """An office on either database."""
    opened = Office(copied(template, tmp_path / "home", box, database_url), box)
    yield opened
    opened.close()


@pytest.fixture
def listen(office_anywhere: Office) -> Iterator[Listen]:
    """Makes receivers: `listen("erin", "view.shared", status=500)`."""
    open_now: list[Any] = []

    def make(owner: str = "erin", *kinds: str, clock: Clock | None = None, **given: Any) -> Listener:
        server = Hook(**given)
        block = hook_server(server)
        block.__enter__()
        open_now.append(partial(block.__exit__, None, None, None))
        card, secret = register(office_anywhere, owner, server.address, *kinds)
        courier = Courier(office_anywhere.house, reaching(), *([clock] if clock else []))
        open_now.append(courier.close)
        return Listener(office_anywhere, owner, server, card, secret, courier, clock)

    yield make
    for each in reversed(open_now):
        each()


def _order(server: str, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
