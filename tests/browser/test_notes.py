"""Notes in a real browser, by keyboard: one is written, read on the page, changed and deleted."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE_MS, Open, settled

pytestmark = pytest.mark.browser


def test_a_note_is_written_changed_and_deleted_without_a_mouse(open_as: Open) -> None:
    page = open_as("erin", "/d/customers/segment-list")
    page.locator("[data-panel=segment-list] tbody th a").first.click()
    page.wait_for_url(lambda url: "/d/customer?" in url, timeout=PATIENCE_MS)
    settled(page)
    page.focus("#notes-text")
    page.keyboard.type("Moves house in May")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    own = page.locator(".noted li")
    expect(own.locator(".note-text")).to_have_text("Moves house in May", timeout=PATIENCE_MS)
    expect(page.locator("#notes-text")).to_have_value("")
    page.focus(".noted summary")
    page.keyboard.press("Enter")
    page.focus(".noted textarea")
    page.keyboard.press("End")
    page.keyboard.type(", to Graz")
    page.focus(".noted [data-keep=change]")
    page.keyboard.press("Enter")
    expect(own.locator(".note-text")).to_have_text("Moves house in May, to Graz", timeout=PATIENCE_MS)
    page.focus(".noted summary")
    page.keyboard.press("Enter")
    page.focus(".noted [data-keep=remove]")
    page.keyboard.press("Enter")
    expect(page.locator(".noted")).to_have_count(0, timeout=PATIENCE_MS)
