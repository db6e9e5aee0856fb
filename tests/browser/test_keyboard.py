"""Without a mouse: from the company to one order line, into the rows and back, told what changed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, settled

pytestmark = pytest.mark.browser


def tab_to(page: Page, selector: str, most: int = 250) -> None:
    """Press Tab until the focus stands on what is wanted; it must be seen there, with a ring around it."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => Boolean(document.activeElement.closest(wanted))", selector):
            ring = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
            assert ring != "none", selector
            return
    raise AssertionError(f"Tab never reaches {selector}")


def test_the_keyboard_alone_leads_from_the_company_to_one_order_line(open_as: Open) -> None:
    page = open_as("erin", "/d/regions?period=2025", anew=True)
    tab_to(page, '[data-panel="ranked"] h2 a')
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/d/regions/ranked" in url)
    settled(page)
    for level in ("market", "country", "region", "rep", "customer", "document"):
        flip = page.locator('[data-panel="ranked"] [data-tool="flip"]')
        if flip.count() and flip.get_attribute("aria-pressed") == "false":
            tab_to(page, '[data-panel="ranked"] [data-tool="flip"]')
            page.keyboard.press("Enter")
        # The table of the level above stands until that of this one has come.
        deeper = f'[data-panel="ranked"] .twin tbody th a[href*="{level}:"]'
        page.wait_for_selector(deeper)
        tab_to(page, deeper)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url, level=level: f"{level}:" in url)
        settled(page)
    line = page.locator('[data-panel="ranked"] .twin tbody tr')
    assert line.count() >= 1
    assert page.locator('[data-panel="ranked"] .twin tbody a').count() == 0
    tab_to(page, ".crumbs a")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "drill=" not in url)
    settled(page)


def test_the_rows_sheet_opens_and_closes_by_keyboard_and_gives_the_focus_back(open_as: Open) -> None:
    page = open_as("erin", "/d/overview/variance", anew=True)
    tab_to(page, '[data-panel="variance"] [data-tool="rows"]')
    page.keyboard.press("Enter")
    page.wait_for_selector(".ag-row[row-index='2'] .ag-cell")
    assert page.evaluate("() => Boolean(document.activeElement.closest('#rows'))")
    page.keyboard.press("Escape")
    page.wait_for_selector("#rows", state="hidden")
    page.wait_for_function("() => document.activeElement.matches('[data-panel=variance] [data-tool=rows]')")


def test_a_redraw_is_told_once_with_what_filters_it(open_as: Open) -> None:
    page = open_as("erin", "/d/overview/variance?category=services", anew=True)
    assert page.locator("[aria-live=polite]#live").count() == 1
    expect(page.locator("#live")).to_contain_text("Filtered by Category: Services.")
    page.click('[data-panel="variance"] [data-tool="rows"]')
    expect(page.locator("#live")).to_have_text(re.compile(r"^[\d,]+ lines.*Services"))
