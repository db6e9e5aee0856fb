"""The demo company, small, and a browser without a screen for every persona."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from app.assembly import House, assemble
from app.factory import create_app
from tests.services.salient import PASSWORD, with_demo, workspace
from tests.sweep.browser import Browser

LINES = 20_000
SignedIn = Callable[[str], Browser]


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory, cheap_hashing: None) -> Iterator[House]:
    """The demo company of 20,000 lines, put together."""
    opened = assemble(with_demo(workspace(tmp_path_factory.mktemp("journeys")), LINES))
    yield opened
    opened.close()


@pytest.fixture(scope="package")
def server(house: House) -> Flask:
    """Its application."""
    return create_app(house)


@pytest.fixture(scope="package")
def signed_in(server: Flask) -> SignedIn:
    """`signed_in("erin")`: her browser after the login form, signed in once for all journeys.

    Signing out ends all sessions of a person: whoever did on a journey signs in again on the next one.
    """
    kept: dict[str, Browser] = {}

    def browser(name: str) -> Browser:
        if name not in kept or kept[name].client.get("/").status_code != 200:
            kept[name] = Browser(server)
            came = kept[name].sign_in(f"{name}@salient.example", PASSWORD)
            assert (came.status_code, came.headers["Location"]) == (302, "/")
            assert kept[name].client.get("/").status_code == 200
        return kept[name]

    return browser
