"""A small house with a front door: a real database, a clock that can be set, and a Dash app behind the guard."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from dash import Dash, Input, Output, State, dcc, html
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from app.auth.policy import Terms, Trees
from app.migrations import migrate
from app.models.database import Database, open_database
from app.models.user import User
from app.services import accounts
from app.values.viewer import Viewer
from app.web.fence import fence_callbacks, fence_files
from app.web.front import FrontDoor, Readiness, Reception, allow_scripts, open_front_door
from callbacks.registry import SIGNED_IN, Registry

SECRET = "a secret of enough length for tests"
PASSWORD = "nine green bottles hanging"


@dataclass(frozen=True)
class Persona:
    """One of the cast."""

    email: str
    name: str
    role: str
    rep_key: str | None = None
    team_keys: tuple[str, ...] = ()
    place_keys: tuple[str, ...] = ()


CAST = (
    Persona("ada@salient.example", "Ada Lind", "administrator"),
    Persona("erin@salient.example", "Erin Vale", "executive"),
    Persona("remy@salient.example", "Remy Costa", "regional-lead", place_keys=("region:iberia",)),
    Persona("tess@salient.example", "Tess Moore", "team-lead", team_keys=("T1",)),
    Persona("sam@salient.example", "Sam Reyes", "rep", rep_key="R017"),
    Persona("mia@salient.example", "Mia Brandt", "marketing"),
    Persona("otto@salient.example", "Otto Nil", "none"),
)


class Clock:
    """A clock that goes on only when told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, **span: float) -> None:
        """Let time pass: `clock.go_on(minutes=31)`."""
        self.now += timedelta(**span)


@dataclass
class SmallHouse:
    """The server, and what a test may turn."""

    server: Flask
    dash: Dash
    database: Database
    clock: Clock
    front: FrontDoor
    reception: Reception
    registry: Registry
    asked: list[Viewer]

    def browser(self) -> Browser:
        """A fresh browser without cookies."""
        return Browser(self.server.test_client(), self.front)

    def signed_in(self, who: str) -> Browser:
        """A browser in which `who` signed in with the password."""
        browser = self.browser()
        assert browser.sign_in(f"{who}@salient.example").status_code == 302
        return browser


class Browser:
    """What a browser does: keeps cookies, posts forms with their hidden fields, sends Dash's header."""

    def __init__(self, client: FlaskClient, front: FrontDoor) -> None:
        self.client = client
        self.front = front
        self.base = front.external_url or "http://localhost"

    def get(self, path: str, **options: object) -> TestResponse:
        return self.client.get(path, base_url=self.base, **options)

    def post(self, path: str, **options: object) -> TestResponse:
        return self.client.post(path, base_url=self.base, **options)

    def hidden(self, path: str) -> dict[str, str]:
        """The hidden fields of the first form on a page."""
        form = self.get(path).text.split("</form>")[0]
        fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
        return {name: unescape(value) for name, value in fields}

    def submit(self, path: str, to: str | None = None, **fields: str) -> TestResponse:
        return self.post(to or path, data={**self.hidden(path), **fields})

    def sign_in(self, email: str, password: str = PASSWORD, path: str = "/login") -> TestResponse:
        return self.submit(path, "/login", email=email, password=password)

    def cookie(self, name: str | None = None) -> str | None:
        kept = self.client.get_cookie(name or self.front.session_cookie, domain=self.base.split("//")[1].split(":")[0])
        return kept.value if kept else None

    def call(self, output: str = "out.children", **headers: str) -> TestResponse:
        """POST a Dash callback the way dash-renderer does."""
        token = self.cookie("_csrf_token")
        body = {
            "output": output,
            "outputs": {"id": output.split(".")[0], "property": "children"},
            "inputs": [{"id": "in", "property": "value", "value": "hello"}],
            "changedPropIds": ["in.value"],
            "state": [],
        }
        sent = {"X-CSRFToken": token} if token else {}
        return self.post("/_dash-update-component", json=body, headers={**sent, **headers})


def build(folder: Path, template: Path, **changes: object) -> SmallHouse:
    """Put the house up on a copy of the database in `template`."""
    shutil.copy(template / "app.db", folder / "app.db")
    return furnish(open_database(f"sqlite:///{folder / 'app.db'}", SECRET), **changes)


def populate(database: Database) -> None:
    """Tables, roles and the cast."""
    migrate(database)
    with database.write() as session:
        accounts.ensure_roles(session)
        accounts.seed_personas(session, CAST, PASSWORD, now=Clock().now)


def furnish(database: Database, *, cast_is_demo: bool | None = None, **changes: object) -> SmallHouse:
    """A server with Dash behind the front door; the cast are ordinary people unless it is a demo."""
    if not (changes.get("demo") if cast_is_demo is None else cast_is_demo):
        with database.write() as session:
            session.execute(update(User).values(persona=False))
    clock = Clock()
    front = FrontDoor(
        database=database,
        secret=SECRET,
        trees=lambda: Trees(frozenset({("T1", "D1")})),
        terms=lambda *_: Terms(date(2026, 11, 20), "EUR"),
        readiness=lambda: Readiness(True, {"generation": 7}),
        clock=clock,
    )
    front = replace(front, **changes)  # type: ignore[arg-type]
    server = Flask("small")
    reception = open_front_door(server, front)
    app = Dash("small", server=server, use_async=False, suppress_callback_exceptions=True)
    asked: list[Viewer] = []
    registry = Registry(app, reception.current_viewer, reception.note_timer)
    _declare(app, registry, asked)
    app._setup_server()
    fence_callbacks(server, app)
    fence_files(server, app)
    allow_scripts(server, app.csp_hashes())
    return SmallHouse(server, app, database, clock, front, reception, registry, asked)


def _declare(app: Dash, registry: Registry, asked: list[Viewer]) -> None:
    current_viewer = registry.current_viewer
    app.layout = lambda: html.Div([dcc.Input(id="in"), html.Div(id="out"), html.Div(current_viewer().name)])
    typed, shown = Input("in", "value"), State("out", "children")

    @registry.callback(Output("out", "children"), typed, permission="dashboards")
    def draw(value: str) -> str:
        asked.append(current_viewer())
        return f"{value}, {current_viewer().name}"

    def repeat(value: str, *_shown: str) -> str:
        return value

    registry.callback(Output("tick", "children"), typed, permission=SIGNED_IN, timer=True)(repeat)
    registry.callback(Output("hello", "children"), typed, shown, permission=SIGNED_IN)(repeat)
    registry.clientside_callback("function(value) { return value; }", Output("echo", "children"), typed)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database in which the cast has accounts."""
    folder = tmp_path_factory.mktemp("cast")
    database = open_database(f"sqlite:///{folder / 'app.db'}", SECRET)
    populate(database)
    database.close()
    return folder


@pytest.fixture
def small(tmp_path: Path, template: Path) -> Iterator[SmallHouse]:
    """A run on loopback."""
    house = build(tmp_path, template)
    yield house
    house.database.close()


@pytest.fixture
def demo(tmp_path: Path, template: Path) -> Iterator[SmallHouse]:
    """A run on loopback in demo mode."""
    house = build(tmp_path, template, demo=True)
    yield house
    house.database.close()


@pytest.fixture
def production(tmp_path: Path, template: Path) -> Iterator[SmallHouse]:
    """Served under a configured https address."""
    house = build(tmp_path, template, external_url="https://sales.example.com", metrics_token="a token for the monitor")
    yield house
    house.database.close()
