"""Drilling in a real browser: from the company to one order line, by mark, by table, by address and back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, click_mark, settled, states

pytestmark = pytest.mark.browser


def drilled(page: Page) -> list[str]:
    """The levels of the drill path in the address."""
    path = re.search(r"[?&]drill=([^&]*)", page.url)
    return [step.partition(":")[0] for step in path[1].split("/")] if path else []


def test_erin_sees_every_panel_of_the_overview_stand(open_as: Open) -> None:
    page = open_as("erin", "/d/overview")
    assert set(states(page).values()) == {"ready"}
    expect(page.locator("main")).to_have_attribute("data-dashboard", "overview")
    assert page.locator("[data-panel]").count() == 16
    expect(page.locator("#lede")).to_contain_text("Net sales are")


def test_erin_drills_from_the_company_to_one_order_line(open_as: Open) -> None:
    page = open_as("erin", "/d/regions?period=2025")
    for level in ("market", "country", "region", "rep", "customer"):
        key = click_mark(page, "ranked")
        page.wait_for_url(lambda url, level=level: f"{level}:" in url)
        settled(page)
        assert f"{level}:{key}" in page.url
        if level == "country":
            # Every panel of the dashboard has followed two steps; the others are taken where it stands alone.
            page.click('[data-panel="ranked"] h2 a')
            page.wait_for_url(lambda url: "/d/regions/ranked" in url)
            settled(page)
    document = page.locator('[data-panel="ranked"] .twin tbody th a').first
    number = document.inner_text()
    document.click()
    page.wait_for_url(lambda url: "document:" in url)
    settled(page)
    assert drilled(page) == ["market", "country", "region", "rep", "customer", "document"]
    expect(page.locator(".crumbs [aria-current]")).to_have_text(number)
    assert page.locator('[data-panel="ranked"] .twin tbody tr').count() >= 1
    assert page.locator('[data-panel="ranked"] .twin tbody a').count() == 0


def test_a_real_click_on_a_bar_drills(open_as: Open) -> None:
    page = open_as("erin", "/d/overview/variance")
    bar = page.locator('[data-panel="variance"] .bars .point').first
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_timeout(100)  # plotly notices the pointer a moment later
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url(lambda url: "drill=region:" in url)


def test_back_undoes_a_step_and_forward_takes_it_again(open_as: Open) -> None:
    page = open_as("erin", "/d/overview")
    before = page.locator('[data-panel="net-sales"] .val').inner_text()
    click_mark(page, "variance")
    page.wait_for_url(lambda url: "drill=" in url)
    settled(page)
    after = page.locator('[data-panel="net-sales"] .val').inner_text()
    assert after != before
    page.go_back()
    settled(page)
    assert "drill=" not in page.url
    assert page.locator('[data-panel="net-sales"] .val').inner_text() == before
    page.go_forward()
    settled(page)
    assert page.locator('[data-panel="net-sales"] .val').inner_text() == after


def test_an_address_sent_by_mail_shows_the_same_page(open_as: Open) -> None:
    first = open_as("erin", "/d/overview?period=2025-Q2&versus=last-year")
    click_mark(first, "category-mix")
    first.wait_for_url(lambda url: "drill=category:" in url)
    settled(first)
    sent = first.url
    shown = [first.locator(part).inner_text() for part in ("#lede", ".crumbs")]
    second = open_as("erin", sent, anew=True)
    assert [second.locator(part).inner_text() for part in ("#lede", ".crumbs")] == shown


def test_a_crumb_leads_up(open_as: Open) -> None:
    page = open_as("erin", "/d/overview/variance?drill=market:americas/country:united-states")
    page.locator(".crumbs a").nth(1).click()
    page.wait_for_url(lambda url: "country:" not in url)
    settled(page)
    assert drilled(page) == ["market"]


def test_the_table_drills_without_a_mouse(open_as: Open) -> None:
    page = open_as("erin", "/d/overview/variance")
    page.locator('[data-panel="variance"] [data-tool="flip"]').focus()
    page.keyboard.press("Enter")
    member = page.locator('[data-panel="variance"] .twin tbody th a').first
    member.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "drill=region:" in url)
    settled(page)


def test_a_month_opens_into_its_days(open_as: Open) -> None:
    page = open_as("erin", "/d/sales?period=2025")
    key = click_mark(page, "by-month")
    page.wait_for_url(lambda url: f"drill=month:{key}" in url)
    settled(page)
    assert set(states(page).values()) <= {"ready", "empty"}
