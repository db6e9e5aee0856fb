"""A display in a real browser: granted from the views' menu, shown without a session, gone when it is taken away."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import PATIENCE_MS, Open, settled

pytestmark = pytest.mark.browser

PRESSED = (
    "() => [...document.querySelectorAll('button, a[href], input, [role=application]')]"
    ".filter(e => e.offsetParent).length"
)


def test_erin_puts_her_view_on_a_display_and_takes_it_away(open_as: Open, browser: Browser, address: str) -> None:
    page = open_as("erin", "/d/overview/variance?period=last-quarter&category=services")
    page.focus(".views-button")
    page.keyboard.press("Enter")
    page.focus("[data-tool=displays]")
    page.keyboard.press("Enter")
    page.fill("#displays-body [name=name]", "Hall")
    page.press("#displays-body [name=name]", "Enter")
    link = page.locator("#display-address").input_value(timeout=PATIENCE_MS)
    assert link.startswith(f"{address}/screen/")

    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    context.set_default_timeout(PATIENCE_MS)
    screen = context.new_page()
    complaints: list[str] = []
    screen.on("pageerror", lambda error: complaints.append(str(error)))
    screen.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    screen.goto(link)
    settled(screen)
    expect(screen.locator(".banner-title")).to_have_text("Overview")
    expect(screen.locator(".crumbs")).to_contain_text("Category: Services")
    assert screen.evaluate(PRESSED) == 0
    for key in ("r", "?", "c", "/", "Control+s", "Backspace", "Enter"):
        screen.keyboard.press(key)
    screen.wait_for_timeout(500)
    assert screen.locator("[role=dialog], #notices .alert").count() == 0
    assert screen.url == link
    assert screen.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert complaints == []

    page.click("#displays-body [data-keep=revoke]")
    expect(page.locator("#displays-body [data-keep=revoke]")).to_have_count(0, timeout=PATIENCE_MS)
    screen.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    expect(screen.locator("h1")).to_have_text("Nothing here", timeout=PATIENCE_MS)
    expect(screen.locator("main")).to_contain_text("may not show anything")
    context.close()
