"""The frame in a real browser: choosing, searching, rows, tables, themes, phones, and those who may see nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open, settled, states

pytestmark = pytest.mark.browser

PANEL = "/d/overview/variance"
"""The page of one panel, where nothing depends on how many there are."""


def test_a_period_is_chosen_and_undone(open_as: Open) -> None:
    page = open_as("erin", "/d/overview")
    page.click("summary:has-text('Period')")
    page.click(".menu a:has-text('Last year')")
    page.wait_for_url(lambda url: "period=last-year" in url)
    settled(page)
    expect(page.locator("summary:has-text('Period')")).to_contain_text("Last year")
    page.go_back()
    settled(page)
    expect(page.locator("summary:has-text('Period')")).to_contain_text("This quarter")


def test_any_range_of_days_can_be_looked_at(open_as: Open) -> None:
    page = open_as("erin", PANEL)
    page.click("summary:has-text('Period')")
    page.fill("[name=from]", "2025-05-20")
    page.fill("[name=to]", "2025-03-03")
    page.click("[data-tool=range]")
    page.wait_for_url(lambda url: "period=2025-03-03..2025-05-20" in url)
    settled(page)


def test_a_filter_is_searched_on_the_server_chosen_and_removed(open_as: Open) -> None:
    page = open_as("erin", PANEL)
    page.click("[data-tool=filters]")
    page.select_option("#filter-level", "category")
    page.fill("#filter-search", "serv")
    page.wait_for_function("() => document.querySelectorAll('#filter-members a').length === 1")
    page.locator("#filter-members a").click()
    page.wait_for_url(lambda url: "category=" in url)
    settled(page)
    page.keyboard.press("Escape")
    chip = page.locator(".crumbs .chip")
    expect(chip).to_contain_text("Category: Services")
    chip.locator("a.x").click()
    page.wait_for_url(lambda url: "category=" not in url)
    settled(page)


def test_the_search_of_the_top_bar_finds_members(open_as: Open) -> None:
    page = open_as("erin", PANEL)
    page.fill("#search", "german")
    page.locator("#found a").first.click()
    page.wait_for_url(lambda url: "?" in url)
    settled(page)
    expect(page.locator(".crumbs .chip")).to_contain_text("German")


def test_the_rows_behind_a_figure_come_page_by_page(open_as: Open) -> None:
    page = open_as("erin", f"{PANEL}?period=all")
    page.click('[data-panel="variance"] [data-tool="rows"]')
    page.wait_for_selector(".ag-row[row-index='5'] .ag-cell")
    expect(page.locator("#rows-head")).to_contain_text("lines")
    page.click(".ag-header-cell[col-id='document']")
    page.wait_for_selector(".ag-header-cell[col-id='document'][aria-sort=ascending]")
    page.wait_for_selector(".ag-row[row-index='5'] .ag-cell")


def test_a_panel_becomes_its_table_and_a_file(open_as: Open) -> None:
    page = open_as("erin", "/d/overview/category-mix")
    page.click('[data-panel="category-mix"] [data-tool="flip"]')
    page.wait_for_selector('[data-panel="category-mix"] .twin tbody tr')
    with page.expect_download() as download:
        page.click('[data-panel="category-mix"] a[data-files]')
        page.locator(".mark-menu [role=menuitem]", has_text="CSV").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert text.startswith("category_key,category,net_sales")


def test_the_explanation_defines_the_figure(open_as: Open) -> None:
    page = open_as("erin", "/d/overview/net-sales")
    page.click('[data-panel="net-sales"] [data-tool="explain"]')
    expect(page.locator("#explain-body")).to_contain_text("Gross sales less discounts and returns")
    assert page.locator("#explain-body pre").count() == 0


def test_an_administrator_sees_the_statements_too(open_as: Open) -> None:
    page = open_as("ada", "/d/overview/net-sales")
    page.click('[data-panel="net-sales"] [data-tool="explain"]')
    expect(page.locator("#explain-body pre").first).to_contain_text("SELECT")


def test_light_and_dark_change_the_charts_without_the_server(open_as: Open) -> None:
    page = open_as("erin", PANEL, scheme="dark")
    assert page.get_attribute("html", "data-bs-theme") == "dark"
    colour = "() => document.querySelector('[data-panel=variance] .js-plotly-plot').data[0].marker.color"
    dark = page.evaluate(colour)
    page.click("[data-tool=theme]")
    page.wait_for_function(f"before => String(({colour})()) !== String(before)", arg=dark)
    page.reload()
    settled(page)
    assert page.get_attribute("html", "data-bs-theme") == "light"


def test_on_a_phone_filters_open_as_a_sheet(open_as: Open) -> None:
    page = open_as("erin", PANEL, width=390, height=844)
    page.click("summary:has-text('Period')")
    box = page.locator("details[open] .menu").bounding_box()
    assert box is not None
    assert box["x"] == 0
    assert round(box["y"] + box["height"]) == 844


def test_otto_is_told_why_nothing_is_there(open_as: Open) -> None:
    for path in ("/", "/d/overview", "/d/nothing"):
        page = open_as("otto", path)
        expect(page.locator("main h1")).to_have_text("Nothing is assigned to you yet")
        assert page.locator("[data-panel], .rail-link[href], #picks *").count() == 0


def test_an_unknown_dashboard_is_a_page_of_its_own(open_as: Open) -> None:
    page = open_as("erin", "/d/none-such")
    expect(page.locator("main h1")).to_have_text("There is no such page")
    page.locator("main a").click()
    page.wait_for_url(lambda url: "/d/overview" in url)
    settled(page)


def test_a_selection_without_sales_offers_ways_out(open_as: Open) -> None:
    page = open_as("erin", f"{PANEL}?period=1999")
    assert "empty" in states(page).values()
    page.locator('[data-panel="variance"] .sorry a').first.click()
    page.wait_for_url(lambda url: "period=all" in url)
    settled(page)


def test_sam_sees_no_margin(open_as: Open) -> None:
    page = open_as("sam", "/d/overview")
    assert page.locator('[data-panel="margin-rate"]').count() == 0


def test_the_keyboard_reaches_the_page_past_the_navigation(open_as: Open) -> None:
    page = open_as("erin", "/d/overview", anew=True)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    unnamed = page.evaluate(
        "() => [...document.querySelectorAll('button, a[href], input, select')]"
        ".filter(e => e.offsetParent)"
        ".filter(e => !(e.textContent.trim() || e.getAttribute('aria-label') || e.labels?.length)).length"
    )
    assert unnamed == 0
