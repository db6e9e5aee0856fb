"""A real browser in front of a small demo company, with everybody of the cast able to sign in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from app.assembly import House, assemble
from tests.browser.visitor import PATIENCE_MS, Visitor, Visits, settled, visitor
from tests.services.salient import PASSWORD, serving, with_demo, workspace

LINES = 12_000

Open = Callable[..., Page]

__all__ = ["PATIENCE_MS", "Open", "click_mark", "settled", "states"]


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
def signed_in(browser: Browser, address: str) -> Callable[[str], Any]:
    """The cookies of a person, who signs in once for all tests."""
    kept: dict[str, Any] = {}

    def state(who: str) -> Any:
        if who not in kept:
            context = browser.new_context()
            page = context.new_page()
            page.goto(f"{address}/login")
            page.fill("[name=email]", f"{who}@salient.example")
            page.fill("[name=password]", PASSWORD)
            page.press("[name=password]", "Enter")
            page.wait_for_url(lambda url: "/login" not in url)
            kept[who] = context.storage_state()
            context.close()
        return kept[who]

    return state


@pytest.fixture
def open_as(browser: Browser, address: str, signed_in: Callable[[str], Any]) -> Iterator[Open]:
    """`open_as("erin", "/d/overview", width=390)`: the page once every panel stands.

    Nothing may be said on the console, and nothing asked of another origin.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(who: str, path: str = "/", *, width: int = 1440, height: int = 900, scheme: str = "light") -> Page:
        context = browser.new_context(
            storage_state=signed_in(who),
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
            base_url=address,
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: _unless_asked_for(said, f"{address}{path}", complaints))
        page.on("request", lambda asked: _ours(asked.url, address, complaints))
        page.goto(path)
        settled(page)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def visit(browser: Browser, house: House, address: str, signed_in: Callable[[str], Any]) -> Iterator[Visits]:
    """`visit("erin")`: her own window, to be led from place to place; her language is her own again afterwards."""
    visitors: list[Visitor] = []

    def came(who: str) -> Visitor:
        visitors.append(visitor(browser, house, address, signed_in(who), who))
        return visitors[-1]

    yield came
    for each in visitors:
        each.leave()


def _unless_asked_for(said: ConsoleMessage, address: str, complaints: list[str]) -> None:
    """Errors are complaints; but that a page which is none has the status of one is what was asked for."""
    if said.type == "error" and not (said.location["url"] == address and "404" in said.text):
        complaints.append(said.text)


def _ours(url: str, address: str, complaints: list[str]) -> None:
    if not url.startswith((address, "data:", "blob:")):
        complaints.append(f"asked another origin: {url}")


def click_mark(page: Page, panel: str, mark: int = 0) -> str:
    """Click a mark of a chart as plotly reports it; returns the key of the member it stands for."""
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
