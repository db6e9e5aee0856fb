"""Gestures in a real browser: marks, panels and steps by keyboard as by pointer, and the focus stays."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, click_mark, settled

pytestmark = pytest.mark.browser

MARKS = '[data-panel="variance"] .mark-layer'


def said(page: Page) -> str:
    return page.locator("#live").inner_text()


def test_the_marks_of_a_chart_are_walked_opened_and_left_by_keyboard(open_as: Open) -> None:
    page = open_as("erin", "/d/overview")
    page.focus(MARKS)
    page.keyboard.press("ArrowDown")
    first = said(page)
    assert "Net sales €" in first
    assert " 1 of " in first
    page.keyboard.press("ArrowDown")
    assert " 2 of " in said(page)
    assert page.locator(f"{MARKS} i").is_visible()
    page.keyboard.press("ArrowUp")
    assert said(page) == first
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "drill=region:" in url)
    settled(page)
    expect(page.locator(MARKS)).to_be_focused()
    page.keyboard.press("Backspace")
    page.wait_for_url(lambda url: "drill=" not in url)
    settled(page)
    expect(page.locator(MARKS)).to_be_focused()


def test_one_mark_and_several_are_filtered_by_with_space_and_undone_with_back(open_as: Open) -> None:
    page = open_as("erin", "/d/overview/variance")
    page.focus(MARKS)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    assert "3 chosen" in said(page)
    page.keyboard.press("Space")
    page.wait_for_url(lambda url: url.partition("region=")[2].count(",") == 2)
    settled(page)
    expect(page.locator(".crumbs .chip")).to_contain_text("Region:")
    page.go_back()
    settled(page)
    expect(page.locator(".crumbs .chip")).to_have_count(0)
    page.focus(MARKS)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.wait_for_url(lambda url: "region=" in url and "," not in url)


def test_rows_explanation_and_comparison_have_keys_and_give_the_focus_back(open_as: Open) -> None:
    page = open_as("erin", "/d/overview/variance")
    page.focus(MARKS)
    for key, body in (("r", "#rows-head p"), ("?", "#explain-body p")):
        page.keyboard.press(key)
        page.wait_for_selector(body)
        page.keyboard.press("Escape")
        expect(page.locator("[role=dialog]")).to_have_count(0)
        expect(page.locator(MARKS)).to_be_focused()
    page.keyboard.press("c")
    expect(page.locator("details[data-menu=compare] .menu a").first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "versus=last-year" in url)
    settled(page)


def test_a_letter_outside_the_page_is_only_a_letter(open_as: Open) -> None:
    page = open_as("erin", "/d/overview/variance?category=services")
    page.focus("#search")
    page.keyboard.type("rc?")
    expect(page.locator("#search")).to_have_value("rc?")
    expect(page.locator("[role=dialog]")).to_have_count(0)
    page.keyboard.press("Backspace")
    assert "category=services" in page.url


def test_whoever_likes_a_click_to_filter_opens_with_the_second(open_as: Open) -> None:
    page = open_as("fay", "/d/overview/variance")
    page.click(".me summary")
    page.click("[data-keep=click]")
    page.wait_for_selector("main[data-click=filter]")
    key = click_mark(page, "variance")
    page.wait_for_url(lambda url: f"region={key}" in url)
    settled(page)
    page.go_back()
    settled(page)
    page.evaluate(
        """key => {
            const plot = document.querySelector('[data-panel="variance"] .js-plotly-plot');
            const event = {points: [{customdata: key}]};
            plot.emit("plotly_click", event);
            plot.emit("plotly_click", event);
        }""",
        key,
    )
    page.wait_for_url(lambda url: f"drill=region:{key}" in url)
    assert f"region={key}" not in page.url


def test_a_rep_walks_marks_within_what_he_sees(open_as: Open) -> None:
    page = open_as("sam", "/d/overview/top-customers")
    layer = page.locator('[data-panel="top-customers"] .mark-layer')
    layer.focus()
    page.keyboard.press("ArrowDown")
    assert " 1 of " in said(page)


def test_who_goes_back_finds_the_picture_as_it_was_and_can_go_on(open_as: Open) -> None:
    page = open_as("erin", "/d/overview")
    page.evaluate("document.querySelector('[data-panel=variance] .js-plotly-plot').wasHere = true")
    click_mark(page, "variance")
    page.wait_for_url(lambda url: "drill=region:" in url)
    settled(page)
    drilled = page.locator("[data-panel=variance] .ytick").all_inner_texts()
    page.go_back()
    settled(page)
    assert page.evaluate("document.querySelector('[data-panel=variance] .js-plotly-plot').wasHere") is True
    assert page.locator("[data-panel=variance] .ytick").all_inner_texts() != drilled
    assert page.locator(".hoverlayer *").count() == 0
    click_mark(page, "variance")
    page.wait_for_url(lambda url: "drill=region:" in url)
    settled(page)
    assert page.locator("[data-panel=variance] .ytick").all_inner_texts() == drilled


def test_what_is_only_read_has_no_place_in_the_store_of_dash(open_as: Open) -> None:
    page = open_as("erin", "/d/overview")
    kept = """() => {
        const count = part => Array.isArray(part) ? part.reduce((sum, each) => sum + count(each), 0)
            : part && part.props ? 1 + count(part.props.children) : 0;
        const layout = window.dash_stores[0].getState().layout;
        return count(layout.components || layout);
    }"""
    assert 50 < page.evaluate(kept) < 250
    assert page.locator("body *").count() > 1000
