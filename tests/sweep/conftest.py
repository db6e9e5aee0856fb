"""One telling company, an app over it, and a browser for everybody; twins of the company for those who see a part."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask

from app.assembly import House
from app.factory import create_app
from tests.conftest import SOAK
from tests.sweep.browser import Answer, Browser
from tests.sweep.company import COLLEAGUES, PASSWORD, open_house, tables, twin_of
from tests.sweep.script import Script


@dataclass
class Company:
    """A company's house and app, and the browsers of those who signed in."""

    house: House
    server: Flask
    browsers: dict[str, Browser] = field(default_factory=dict)

    def browser(self, name: str) -> Browser:
        """The browser in which this colleague is signed in."""
        if name not in self.browsers:
            browser = self.browsers[name] = Browser(self.server)
            came = browser.sign_in(COLLEAGUES[name].email, PASSWORD)
            assert (came.status_code, came.headers["Location"]) == (302, "/")
            assert browser.client.get("/").status_code == 200
        return self.browsers[name]


Opened = Callable[..., Company]


@pytest.fixture(scope="package")
def open_company(tmp_path_factory: pytest.TempPathFactory, cheap_hashing: None) -> Iterator[Opened]:
    """`open_company(tables)`: a company of its own in a folder of its own."""
    houses: list[House] = []

    def opened(held: dict, home: Path | None = None, **settings: str) -> Company:
        house = open_house(home or tmp_path_factory.mktemp("company"), held, **settings)
        houses.append(house)
        return Company(house, create_app(house))

    yield opened
    for house in houses:
        house.close()


@pytest.fixture(scope="package")
def company(open_company: Opened) -> Company:
    """The whole company."""
    return open_company(tables())


@pytest.fixture(scope="package")
def script(company: Company) -> Script:
    """What is sent, as the administrator's browser sends it."""
    return Script(company.browser("ada").dependencies, company.house.dashboards)


Crawl = Callable[[str], list[Answer]]


@pytest.fixture(scope="package")
def crawl(company: Company, script: Script) -> Crawl:
    """`crawl("sam")`: every answer of the company to him; each colleague crawls once."""
    kept: dict[str, list[Answer]] = {}

    def crawled(name: str) -> list[Answer]:
        if name not in kept:
            browser = company.browser(name)
            kept[name] = [browser.send(request) for request in script.of(turn_of(name), whole=SOAK)]
        return kept[name]

    return crawled


@pytest.fixture(scope="package")
def crawl_twin(open_company: Opened, crawl: Crawl) -> Crawl:
    """The same requests to the company that holds only what the colleague may see."""

    def crawled(name: str) -> list[Answer]:
        browser = open_company(twin_of(COLLEAGUES[name])).browser(name)
        return [browser.send(answer.request) for answer in crawl(name)]

    return crawled


def turn_of(name: str) -> int:
    """The place of a colleague in the cast."""
    return list(COLLEAGUES).index(name)
