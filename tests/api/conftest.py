"""A telling company behind its API, and a program for each colleague."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.assembly import House
from app.factory import create_app
from app.services import tokens
from app.web.api.door import HERE
from tests.sweep.browser import Browser
from tests.sweep.company import COLLEAGUES, PASSWORD, open_house, tables


@dataclass(frozen=True)
class Program:
    """Asks the API with the session of somebody who is signed in."""

    server: Flask
    browser: Browser

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.browser.client.get(HERE + path, **options)

    def send(self, method: str, path: str, body: Any = None, **options: Any) -> TestResponse:
        """A request with the header that a signed-in browser sends; `body` becomes JSON unless it is bytes."""
        headers = {"X-CSRFToken": self.browser.token, **options.pop("headers", {})}
        if isinstance(body, bytes):
            options |= {"data": body, "content_type": options.get("content_type", "application/json")}
        elif body is not None:
            options["json"] = body
        return self.browser.client.open(HERE + path, method=method, headers=headers, **options)


As = Callable[[str], Program]


@dataclass(frozen=True)
class Holder:
    """Asks the API with a token."""

    server: Flask
    text: str

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.send("GET", path, **options)

    def send(self, method: str, path: str, body: Any = None, **options: Any) -> TestResponse:
        """A request with the token; `body` becomes JSON."""
        headers = {"Authorization": f"Bearer {self.text}", **options.pop("headers", {})}
        if body is not None:
            options["json"] = body
        return self.server.test_client().open(HERE + path, method=method, headers=headers, **options)


Tokens = Callable[..., Holder]


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory, cheap_hashing: None) -> Iterator[House]:
    """The company, whose operator lets hooks be posted to this machine."""
    opened = open_house(tmp_path_factory.mktemp("company"), tables())
    yield replace(opened, settings=replace(opened.settings, hook_hosts=("localhost",)))
    opened.close()


@pytest.fixture(scope="package")
def server(house: House) -> Flask:
    """Its application."""
    return create_app(house)


@pytest.fixture(scope="package")
def program(server: Flask) -> As:
    """`program("sam")` asks as Sam."""
    known: dict[str, Program] = {}

    def of(name: str) -> Program:
        if name not in known:
            browser = Browser(server)
            assert browser.sign_in(COLLEAGUES[name].email, PASSWORD).status_code == 302
            assert browser.client.get("/").status_code == 200
            known[name] = Program(server, browser)
        return known[name]

    return of


@pytest.fixture(scope="package")
def token(server: Flask, house: House) -> Tokens:
    """`token("sam", "read", "write")` asks with a token of Sam's for these scopes."""

    known: dict[tuple[str, ...], Holder] = {}

    def of(name: str, *scopes: str) -> Holder:
        if (name, *scopes) not in known:
            owner = house.viewer_named(COLLEAGUES[name].email)
            with house.database.write() as session:
                _, text = tokens.make(session, owner, name=f"For {' '.join(scopes)}", scopes=scopes)
            known[name, *scopes] = Holder(server, text)
        return known[name, *scopes]

    return of
