"""Named sets in a real browser, by keyboard: a list is pasted, kept under a name, chosen by it, and deleted."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE_MS, Open, settled

pytestmark = pytest.mark.browser


def test_a_pasted_list_is_kept_under_a_name_and_chosen_by_it(open_as: Open) -> None:
    page = open_as("dirk", "/d/overview/variance?period=2025")
    page.focus("[data-tool=filters]")
    page.keyboard.press("Enter")
    page.select_option("#filter-level", "category")
    expect(page.locator("#sets .paste-list")).to_contain_text("category", timeout=PATIENCE_MS)
    page.focus("#sets .paste-list summary")
    page.keyboard.press("Enter")
    page.focus("#sets .paste-list textarea")
    page.keyboard.insert_text("services; Workstations\nnonsense")
    page.focus("#sets .paste-list [name=name]")
    page.keyboard.type("Small ones")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "category=@small-ones" in url, timeout=PATIENCE_MS)
    expect(page.locator("#sets-said")).to_contain_text("2 members found", timeout=PATIENCE_MS)
    expect(page.locator("#sets-said")).to_contain_text("nonsense")
    settled(page)
    expect(page.locator(".crumbs .chip")).to_contain_text("@small-ones")
    own = page.locator("#sets .pickable", has_text="@small-ones")
    expect(own).to_have_attribute("aria-current", "true", timeout=PATIENCE_MS)
    own.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "category=" not in url)
    settled(page)
    page.wait_for_function("() => window.salientPending === 0")
    page.focus("#sets .set-change summary")
    page.keyboard.press("Enter")
    page.click("#sets [data-keep=remove]")
    expect(page.locator("#sets .pickable")).to_have_count(0, timeout=PATIENCE_MS)
    expect(page.locator("#sets-said")).to_have_text("@small-ones is deleted.")


def test_a_list_that_is_pasted_while_another_level_comes_is_not_lost(open_as: Open) -> None:
    page = open_as("dirk", "/d/overview/variance?period=2025")
    page.click("[data-tool=filters]")
    page.click("#sets .paste-list summary")
    page.fill("#sets .paste-list textarea", "services; Workstations")
    page.select_option("#filter-level", "category")
    expect(page.locator("#sets .paste-list")).to_contain_text("category", timeout=PATIENCE_MS)
    expect(page.locator("#sets .paste-list textarea")).to_have_value("services; Workstations")
    page.click("#sets .paste-list [data-keep=paste]")
    page.wait_for_url(lambda url: "category=" in url, timeout=PATIENCE_MS)
    expect(page.locator("#sets-said")).to_contain_text("2 members found", timeout=PATIENCE_MS)
