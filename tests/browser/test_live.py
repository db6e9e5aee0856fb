"""Live figures in a real browser: an import becomes visible while the page is open, unless it was paused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from app.assembly import House, assemble
from app.services import accounts
from layouts import format as fmt
from queries.warehouse.demo.personas import PERSONAS
from queries.warehouse.load import load
from tests.browser.conftest import PATIENCE_MS, settled, sign_in
from tests.queries.warehouse.load.tables import line, shop
from tests.services.salient import PASSWORD, TODAY, serving, workspace

pytestmark = pytest.mark.browser

NET_SALES = '[data-panel="net-sales"] .val'


def sold(count: int) -> list[dict[str, str]]:
    """So many lines of this week, twenty-one each."""
    day = (TODAY - timedelta(days=3)).isoformat()
    return [line(line_number=str(at), unit_price="10.50", order_date=day) for at in range(1, count + 1)]


class Shop:
    """A shop whose sales come in while somebody looks, twenty lines at a time."""

    def __init__(self, house: House, home: Path, url: str) -> None:
        self.house, self.home, self.url = house, home, url
        self.count = 0
        self.sells()

    def sells(self) -> None:
        """Twenty lines more."""
        self.count += 20
        load(self.house.engine, "template", shop(self.home, sold(self.count)), home=self.house.settings.home.resolve())

    @property
    def shown(self) -> str:
        """What a card says of all that was sold until now."""
        return fmt.compact(Decimal(21 * self.count), "money", "en", "EUR")


@pytest.fixture(scope="module")
def selling(tmp_path_factory: pytest.TempPathFactory, cheap_hashing: None) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("live")
    house = assemble(workspace(folder / "home"))
    with house.database.write() as session:
        accounts.seed_personas(session, PERSONAS, PASSWORD)
    with serving(house) as url:
        yield Shop(house, folder / "shop", url)
    house.close()


@pytest.fixture(scope="module")
def window(browser: Browser, selling: Shop) -> Iterator[Page]:
    """Where Erin has signed in."""
    context = browser.new_context(base_url=selling.url, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    sign_in(page, "erin")
    yield page
    context.close()


@pytest.fixture
def page(window: Page, selling: Shop) -> Page:
    """Erin looks at the page of one panel, where nothing depends on how many there are."""
    return looks_at(window, "/d/overview/net-sales", selling)


def looks_at(page: Page, path: str, selling: Shop) -> Page:
    """All that was sold this year stands there."""
    page.goto(f"{path}?period=this-year")
    settled(page)
    expect(page.locator(NET_SALES)).to_have_text(selling.shown)
    return page


def come_back(page: Page) -> None:
    """What the browser says when a tab is looked at again: the page asks at once then."""
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")


def test_sales_that_come_in_are_seen_told_and_take_no_focus(window: Page, selling: Shop) -> None:
    page = looks_at(window, "/d/overview", selling)
    assert selling.shown == "€420"
    tool = page.locator('[data-panel="by-month"] [data-tool=explain], [data-panel] [data-tool=explain]').last
    tool.focus()
    sent: list[Any] = []
    page.on("request", lambda asked: sent.append(asked) if "_dash-update" in asked.url else None)
    selling.sells()
    come_back(page)
    expect(page.locator(NET_SALES)).to_have_text(selling.shown, timeout=PATIENCE_MS)
    expect(page.locator("#live")).to_contain_text("Newer data", timeout=PATIENCE_MS)
    settled(page)
    expect(tool).to_be_focused()
    assert sent
    assert all(asked.headers.get("x-salient-timer") == "1" for asked in sent)


def test_what_newer_data_do_not_touch_is_not_drawn_again(window: Page, selling: Shop) -> None:
    page = window
    page.goto("/d/overview?period=2019")
    settled(page)
    answers: list[Any] = []
    page.on("response", lambda answer: answers.append(answer) if "_dash-update" in answer.url else None)
    for _ in range(2):
        answers.clear()
        before = page.get_attribute(".live-status", "data-stand")
        selling.sells()
        page.wait_for_timeout(1500)
        come_back(page)
        page.wait_for_function("old => document.querySelector('.live-status').dataset.stand !== old", arg=before)
        page.wait_for_function("() => window.salientPending === 0")
        page.wait_for_timeout(1500)
        page.wait_for_function("() => window.salientPending === 0")
    drawn = [each for each in answers if "answer" in each.request.post_data_json["output"]]
    assert len(drawn) == 9
    # What the server has nothing new for is not sent; the browser has nothing to draw.
    assert [each.text() for each in drawn if "outcome" in each.text() or "layout" in each.text()] == []


def test_whoever_pauses_sees_the_figures_stay_until_they_resume(page: Page, selling: Shop) -> None:
    before = selling.shown
    pause, resume = page.locator("[data-live=pause]"), page.locator("[data-live=resume]")
    pause.focus()
    page.keyboard.press("Enter")
    expect(resume).to_be_focused()
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    selling.sells()
    come_back(page)
    page.wait_for_timeout(500)
    assert asked == []
    expect(page.locator(NET_SALES)).to_have_text(before)
    page.keyboard.press("Enter")
    expect(page.locator(NET_SALES)).to_have_text(selling.shown, timeout=PATIENCE_MS)
    expect(pause).to_be_focused()


def test_a_page_nobody_looks_at_does_not_ask(page: Page, selling: Shop) -> None:
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.evaluate("() => Object.defineProperty(document, 'hidden', {configurable: true, get: () => true})")
    selling.sells()
    come_back(page)
    page.wait_for_timeout(500)
    assert asked == []
    page.evaluate("() => Object.defineProperty(document, 'hidden', {configurable: true, get: () => false})")
    come_back(page)
    expect(page.locator(NET_SALES)).to_have_text(selling.shown, timeout=PATIENCE_MS)
