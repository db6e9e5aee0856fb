"""A real browser in front of a small demo company, with everybody of the cast able to sign in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from app.assembly import House, assemble
from tests.browser.visitor import Visitor, Visits
from tests.browser.windows import PATIENCE_MS, Windows, settled
from tests.services.salient import PASSWORD, serving, with_demo, workspace

LINES = 12_000

_OPENED = pytest.StashKey[Windows]()

Open = Callable[..., Page]

expect.set_options(timeout=PATIENCE_MS)

__all__ = ["PATIENCE_MS", "Open", "click_mark", "settled", "sign_in", "states"]


@pytest.fixture(scope="session")
def browser_type_launch_args(chromium: str) -> dict[str, Any]:
    """Chromium of this machine."""
    return {"executable_path": chromium, "args": ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]}


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The demo company, put together."""
    opened = assemble(with_demo(workspace(tmp_path_factory.mktemp("browser")), LINES))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def address(house: House) -> Iterator[str]:
    """Where the demo company answers."""
    with serving(house) as url:
        yield url


@pytest.fixture(scope="session")
def signed_in(browser: Browser, address: str) -> Callable[[str], list[Any]]:
    """The cookies of a person, who signs in once for all tests."""
    kept: dict[str, list[Any]] = {}

    def cookies(who: str) -> list[Any]:
        if who not in kept:
            context = browser.new_context(base_url=address)
            sign_in(context.new_page(), who)
            kept[who] = list(context.cookies())
            context.close()
        return kept[who]

    return cookies


def sign_in(page: Page, who: str) -> None:
    """Sign in as one does, and arrive at the own account."""
    page.goto("/login?next=/account")
    page.fill("[name=email]", f"{who}@salient.example")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/account")


@pytest.fixture(scope="session")
def windows(
    browser: Browser, address: str, signed_in: Callable[[str], list[Any]], request: pytest.FixtureRequest
) -> Windows:
    """The windows that are kept from test to test."""
    opened = request.config.stash[_OPENED] = Windows(browser, address, signed_in)
    return opened


@pytest.fixture(scope="module", autouse=True)
def _cleared(request: pytest.FixtureRequest) -> Iterator[None]:
    """No page of one file is left at work beside the tests of others."""
    yield
    opened = request.config.stash.get(_OPENED, None)
    if opened is not None:
        opened.clear()


@pytest.fixture
def open_as(windows: Windows) -> Iterator[Open]:
    """`open_as("erin", "/d/overview", width=390)`: the page once every panel stands, in the one window of the test.

    Nothing may be said on the console, and nothing asked of another origin.
    """
    window = windows.lend()

    def opened(who: str, path: str = "/", **how: Any) -> Page:
        window.sit_down(who, windows.cookies(who))
        return window.at(path, **how)

    yield opened
    said = window.complained()
    window.rest()
    assert not said


@pytest.fixture
def visit(windows: Windows, house: House) -> Iterator[Visits]:
    """`visit("erin")`: her own window, to be led from place to place; her language is her own again afterwards."""
    visitors: list[Visitor] = []

    def came(who: str) -> Visitor:
        window = windows.lend()
        window.sit_down(who, windows.cookies(who))
        visitors.append(Visitor(house, window))
        return visitors[-1]

    yield came
    for each in visitors:
        each.leave()


def click_mark(page: Page, panel: str, mark: int = 0) -> str:
    """Click a mark of a chart as plotly reports it; returns the key of the member it stands for."""
    page.wait_for_function(
        "panel => document.querySelector(`[data-panel='${panel}'] .js-plotly-plot`)?.salientListens", arg=panel
    )
    return str(
        page.evaluate(
            """([panel, at]) => {
                const plot = document.querySelector(`[data-panel="${panel}"] .js-plotly-plot`);
                const marks = plot.data.flatMap(trace => trace.customdata || []).flat();
                const keys = marks.filter(key => typeof key === "string");
                plot.emit("plotly_click", {points: [{customdata: keys[at]}]});
                return keys[at];
            }""",
            [panel, mark],
        )
    )


def states(page: Page) -> dict[str, str]:
    """Each panel with the state it says it is in."""
    found = page.evaluate(
        "() => [...document.querySelectorAll('[data-panel]')].map(p => [p.dataset.panel, p.dataset.state])"
    )
    return dict(found)
