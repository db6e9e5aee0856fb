"""Saved views in a real browser: saved by keyboard, named in the bar, pinned, linked, deleted and brought back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, settled

pytestmark = pytest.mark.browser


def save(page: Page, name: str, *, pin: bool = False) -> None:
    """Save what stands, without touching the mouse."""
    page.keyboard.press("Control+s")
    expect(page.locator("#save-body [name=name]")).to_be_focused()
    page.keyboard.type(name)
    if pin:
        page.focus("#save-body [name=pinned]")
        page.keyboard.press("Space")
        page.focus("#save-body [name=name]")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "#v=" in url)
    expect(page.locator("[role=dialog]")).to_have_count(0)
    expect(page.locator(".view-name")).to_have_text(name)


def test_erin_saves_pins_and_finds_her_view_again_by_keyboard(open_as: Open) -> None:
    page = open_as("erin", "/d/sales?period=last-quarter")
    save(page, "Last quarter at a glance", pin=True)
    expect(page.locator(".rail-pinned a")).to_have_text("Last quarter at a glance")
    page.click("summary:has-text('Period')")
    page.click(".menu a:has-text('Last year')")
    page.wait_for_url(lambda url: "period=last-year" in url)
    settled(page)
    expect(page.locator(".changed")).to_be_visible()
    page.reload()
    settled(page)
    expect(page.locator(".view-name")).to_have_text("Last quarter at a glance")
    page.locator(".rail-pinned a").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "period=last-quarter" in url)
    settled(page)
    expect(page.locator(".changed")).to_have_count(0)


def test_the_dialog_keeps_the_focus_and_gives_it_back(open_as: Open) -> None:
    page = open_as("erin", "/d/overview/variance", width=390, height=844)
    page.focus(".views-button")
    page.keyboard.press("Control+s")
    expect(page.locator("#save-body [name=name]")).to_be_focused()
    # Past the last field comes the browser's own frame, for which the body stands, and then the first field again.
    inside = (
        "() => document.activeElement === document.body || document.activeElement.closest('[role=dialog]') !== null"
    )
    for _ in range(14):
        page.keyboard.press("Tab")
        page.wait_for_function(inside)
    dialog = page.locator("[role=dialog]")
    expect(dialog).to_have_attribute("aria-labelledby", "save-title")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator(".views-button")).to_be_focused()


def test_a_deleted_view_is_brought_back_and_a_taken_name_is_told_in_the_dialog(open_as: Open) -> None:
    page = open_as("dirk", "/d/overview/variance?period=2025")
    save(page, "The whole year")
    page.click(".views-button")
    page.click("#views-body [data-keep=remove]")
    expect(page.locator(".view-name")).to_have_text("Not saved")
    page.click(".told [data-keep=restore]")
    expect(page.locator("#views-body .views a", has_text="The whole year")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("[role=dialog]")).to_have_count(0)
    page.keyboard.press("Control+s")
    page.fill("#save-body [name=name]", "the WHOLE year")
    page.click("#save-body [data-keep=save]")
    expect(page.locator("#save-said")).to_have_text("You have a view called the WHOLE year already.")


def test_a_copied_link_leads_sam_to_the_same_view_through_his_own_rows(open_as: Open) -> None:
    page = open_as("erin", "/d/overview?period=last-quarter")
    page.click(".views-button")
    page.click("#views-body [data-keep=link]")
    link = re.search(r"/v/[\w-]+", page.locator(".told").inner_text())
    assert link is not None
    hers = page.locator("#lede").inner_text()
    his = open_as("sam", link[0])
    assert "/d/overview?period=last-quarter" in his.url
    assert his.locator("#lede").inner_text() != hers
