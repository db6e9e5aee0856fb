"""The menu of a mark in a real browser: by pointer and by keyboard, of one mark and of several, and highlights."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE_MS, Open, settled

pytestmark = pytest.mark.browser

MARKS = '[data-panel="variance"] .mark-layer'
MENU = "[role=menu]"


def middle_of_mark(page: Page, at: int = 0) -> tuple[float, float]:
    """Where a bar of the variance panel lies on the screen."""
    bar = page.locator('[data-panel="variance"] .bars .point').nth(at)
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def entry(page: Page, name: str) -> None:
    """Choose an entry of the menu by keyboard alone."""
    for _ in range(10):
        if name in page.evaluate("() => document.activeElement.textContent"):
            page.keyboard.press("Enter")
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(name)


def menu_by_keyboard(page: Page) -> str:
    """Open the menu of the next bar of the variance panel; the name of what the bar stands for."""
    page.focus(MARKS)
    page.wait_for_timeout(300)  # until the page has stopped to scroll there
    page.keyboard.press("ArrowDown")
    page.keyboard.press("m")
    return page.locator(f"{MENU} p").inner_text().split(", ")[0]


def test_a_right_click_offers_what_can_be_done_with_a_mark(open_as: Open) -> None:
    page = open_as("erin", "/d/overview/variance")
    page.mouse.click(*middle_of_mark(page), button="right")
    menu = page.locator(MENU)
    expect(menu.locator("button")).to_have_count(8)
    expect(menu.locator("button").first).to_contain_text("Drill into")
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    expect(page.locator(MARKS)).to_be_focused()
    assert "drill=" not in page.url
    page.mouse.click(*middle_of_mark(page), button="right")
    page.get_by_role("menuitem", name="Exclude this").click()
    page.wait_for_url(lambda url: "region=!" in url)
    settled(page)
    page.go_back()
    page.wait_for_url(lambda url: "region=" not in url)


def test_by_keyboard_the_menu_filters_and_opens_the_rows_behind_a_mark(open_as: Open) -> None:
    page = open_as("erin", "/d/overview/variance")
    page.focus(MARKS)
    page.wait_for_timeout(300)  # until the page has stopped to scroll there
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+F10")
    entry(page, "Rows behind this")
    page.wait_for_selector("#rows-head p", timeout=PATIENCE_MS)
    expect(page.locator("#rows-head")).to_contain_text("Region:")
    page.keyboard.press("Escape")
    expect(page.locator("[role=dialog]")).to_have_count(0)
    assert "region=" not in page.url
    page.focus(MARKS)
    page.keyboard.press("m")
    entry(page, "Filter to this")
    page.wait_for_url(lambda url: "region=" in url and "," not in url.partition("region=")[2])


def test_several_marks_are_chosen_with_ctrl_and_filtered_by_together(open_as: Open) -> None:
    page = open_as("erin", "/d/overview/variance")
    for at in (0, 1):
        x, y = middle_of_mark(page, at)
        page.mouse.move(x, y)
        page.wait_for_timeout(150)
        page.keyboard.down("Control")
        page.mouse.click(x, y)
        page.keyboard.up("Control")
    expect(page.locator("#live")).to_contain_text("2 chosen")
    page.keyboard.press("m")
    expect(page.locator(f"{MENU} button").first).to_have_text("Filter to these 2")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url.partition("region=")[2].count(",") == 1)


def test_a_highlight_fades_the_others_on_the_whole_page_until_escape(open_as: Open) -> None:
    page = open_as("erin", "/d/overview")
    before = page.url
    menu_by_keyboard(page)
    entry(page, "Highlight this")
    expect(page.locator("#lit")).to_contain_text("Highlighted:")
    chosen = "() => document.querySelector('[data-panel=variance] .js-plotly-plot').data[0].selectedpoints"
    assert len(page.evaluate(chosen)) == 1
    assert page.url == before
    page.focus(MARKS)
    page.keyboard.press("Escape")
    expect(page.locator("#lit")).to_have_count(0)
    assert page.evaluate(chosen) is None


def test_what_is_said_about_a_mark_leads_back_to_it(open_as: Open) -> None:
    page = open_as("erin", "/d/overview?period=2025")
    name = menu_by_keyboard(page)
    entry(page, "Comment on")
    page.wait_for_url("**/comments?view=*")
    expect(page.locator("main")).to_contain_text(f"About {name}")
    page.fill("#text", "This one, please.")
    page.get_by_role("button", name="Say it").click()
    thread = page.locator(".thread").filter(has_text="This one, please.")
    expect(thread).to_contain_text(f"About {name}")
    thread.get_by_role("link", name="The view it is about").click()
    page.wait_for_url(lambda url: "/d/overview/variance?" in url and "#mark=region:" in url)
    settled(page)
    expect(page.locator("#lit")).to_contain_text(f"Highlighted: {name}")
    chosen = "() => document.querySelector('[data-panel=variance] .js-plotly-plot').data[0].selectedpoints.length"
    assert page.evaluate(chosen) == 1


def test_a_month_is_compared_with_from_its_menu(open_as: Open) -> None:
    page = open_as("erin", "/d/sales/by-month?period=2025")
    page.focus('[data-panel="by-month"] .mark-layer')
    page.keyboard.press("ArrowRight")
    page.keyboard.press("m")
    entry(page, "Compare with this")
    page.wait_for_url(lambda url: "versus=last-year,2025-01" in url)
    settled(page)


def test_two_regions_are_put_side_by_side_from_their_menus(open_as: Open) -> None:
    page = open_as("erin", "/d/overview/variance")
    first = menu_by_keyboard(page)
    entry(page, "Compare with another")
    expect(page.locator("#live")).to_have_text(f"Now choose the other one: its menu compares it with {first}.")
    expect(page.locator("#lit")).to_contain_text(first)
    second = menu_by_keyboard(page)
    assert second != first
    entry(page, f"Compare with {first}")
    page.wait_for_url(lambda url: url.partition("region=")[2].count(",") == 1)
    settled(page)
    expect(page.locator("#lit")).to_have_count(0)
    marks = "() => document.querySelector('[data-panel=variance] .js-plotly-plot').data[0].customdata.filter(Boolean)"
    chosen = page.url.partition("region=")[2].partition("&")[0].split(",")
    assert set(page.evaluate(marks)) == set(chosen)
    expect(page.locator(".under-bar")).to_contain_text(first)
    expect(page.locator(".under-bar")).to_contain_text(second)


def test_on_a_phone_a_tap_shows_the_value_before_it_opens_anything(open_as: Open) -> None:
    page = open_as("sam", "/d/overview/top-customers", width=390, height=844)
    page.evaluate("() => { window.matchMedia = query => ({matches: query.includes('coarse')}); }")
    page.wait_for_function(
        "() => document.querySelector('[data-panel=\"top-customers\"] .js-plotly-plot').salientListens"
    )
    page.evaluate(
        """() => {
            const plot = document.querySelector('[data-panel="top-customers"] .js-plotly-plot');
            const marks = plot.data.flatMap(trace => trace.customdata || []).flat();
            const key = marks.find(each => typeof each === "string");
            plot.emit("plotly_click", {points: [{customdata: key}]});
        }"""
    )
    expect(page.locator(f"{MENU} p")).to_contain_text("€")
    assert "drill=" not in page.url
    box = page.locator(f"{MENU} button").first.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    page.locator(f"{MENU} button").first.click()
    page.wait_for_url(lambda url: "drill=customer:" in url or "customer=" in url)


def test_a_menu_acts_though_its_picture_was_drawn_anew_meanwhile(open_as: Open) -> None:
    page = open_as("sam", "/d/overview/top-customers", anew=True)
    page.wait_for_function(
        "() => document.querySelector('[data-panel=\"top-customers\"] .js-plotly-plot').salientListens"
    )
    page.evaluate(
        """() => {
            const plot = document.querySelector('[data-panel="top-customers"] .js-plotly-plot');
            const marks = plot.data.flatMap(trace => trace.customdata || []).flat();
            const key = marks.find(each => typeof each === "string");
            window.salientMarkMenu.open(plot, window.salientMarkMenu.chosen(plot, key), 200, 200);
            plot.remove();
        }"""
    )
    page.locator(f"{MENU} button").first.click()
    page.wait_for_url(lambda url: "drill=customer:" in url or "customer=" in url)
