"""Erin has a panel watched: from its menu to the form, which asks only what the choice needs, to the list."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.visitor import violations

pytestmark = pytest.mark.browser


def test_from_a_panel_to_an_alert_that_is_kept(open_as: Open) -> None:
    page = open_as("erin", "/d/regions?period=2025", anew=True)
    page.click('[data-panel="ranked"] a[data-files]')
    page.locator(".mark-menu [role=menuitem]", has_text="Tell me when").click()
    page.wait_for_url("**/alerts/new?view=*")
    assert page.locator(".stack p a").first.get_attribute("href") == "/d/regions/ranked?period=2025"
    expect(page.locator("[name=metric]")).to_have_value("net_sales")
    for looks, seen, unseen in (
        ("threshold", "bound", "unusual"),
        ("anomaly", "unusual", "bound"),
        ("no-data", "days", "test"),
    ):
        page.select_option("[name=looks]", looks)
        expect(page.locator(f"[name={seen}]")).to_be_visible()
        expect(page.locator(f"[name={unseen}]")).to_be_hidden()
    page.select_option("[name=looks]", "threshold")
    page.fill("[name=name]", "Regions, watched in a browser")
    page.fill("[name=bound]", "1000000")
    page.select_option("[name=by]", "region")
    page.click("button[value=check]")
    expect(page.locator("h2", has_text="What it reads now")).to_be_visible()
    expect(page.locator("[name=bound]")).to_have_value("1000000")
    assert violations(page) == []
    page.click("button[value=save]")
    page.wait_for_url("**?done=saved")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    page.goto("/alerts")
    row = page.locator("tr", has_text="Regions, watched in a browser")
    expect(row).to_contain_text("Net sales below €1M, by region")
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    row.locator("button[value=delete]").click()
    expect(page.locator(".versions li", has_text="Regions, watched in a browser").first).to_be_visible()
