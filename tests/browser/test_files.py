"""Files taken from the page: of the whole in any format, of one panel from its own menu, and a refusal that is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from layouts.render.formats import FORMATS
from tests.browser.conftest import Open

pytestmark = pytest.mark.browser


def test_the_whole_dashboard_is_taken_away_as_a_file(open_as: Open, tmp_path: Path) -> None:
    page = open_as("erin", "/d/regions?period=2025", anew=True)
    page.click("details[data-menu=export] > summary")
    offered = page.locator("details[data-menu=export] a[data-format]")
    assert offered.count() == len(FORMATS)
    with page.expect_download() as coming:
        page.click("details[data-menu=export] a[data-format=json]")
    assert coming.value.suggested_filename == "regions.json"
    coming.value.save_as(tmp_path / "regions.json")
    told = json.loads((tmp_path / "regions.json").read_text(encoding="utf-8"))
    assert {each["id"] for each in told["panels"]} >= {"ranked"}
    expect(page.locator(".file-told")).to_contain_text("regions.json")
    close_told(page)


def test_a_panel_offers_every_format_by_keyboard_too(open_as: Open) -> None:
    page = open_as("erin", "/d/regions?period=2025", anew=True)
    page.focus('[data-panel="ranked"] a[data-files]')
    page.keyboard.press("Enter")
    entries = page.locator(".mark-menu [role=menuitem]")
    expect(entries).to_have_count(len(FORMATS) + 4)
    page.keyboard.press("Escape")
    expect(entries).to_have_count(0)
    assert page.evaluate("() => document.activeElement.hasAttribute('data-files')")
    page.keyboard.press("Enter")
    with page.expect_download() as coming:
        page.locator(".mark-menu [role=menuitem]", has_text="CSV").click()
    assert coming.value.suggested_filename.startswith("regions-ranked-2025-01-01")
    close_told(page)


def test_from_a_panel_one_comes_to_its_comments_and_back_to_the_view(open_as: Open) -> None:
    page = open_as("erin", "/d/regions?period=2025", anew=True)
    page.click('[data-panel="ranked"] a[data-files]')
    page.locator(".mark-menu [role=menuitem]", has_text="Comments").click()
    page.wait_for_url("**/comments?view=*")
    assert page.locator(".sub a").first.get_attribute("href") == "/d/regions/ranked?period=2025"


def test_what_cannot_be_made_into_a_file_is_told_and_the_page_stays(open_as: Open) -> None:
    page = open_as("erin", "/d/regions?period=2025", anew=True)
    # A refusal as the server words it, without its line on the console, which every test here listens to.
    page.evaluate(
        """() => { const plain = window.fetch; window.fetch = () => { window.fetch = plain;
             return Promise.resolve(new Response('{"detail": "There is no such panel."}', {status: 404})); }; }"""
    )
    page.click("details[data-menu=export] > summary")
    page.click("details[data-menu=export] a[data-format=csv]")
    expect(page.locator(".file-told[data-kind=refused]")).to_have_text("There is no such panel.")
    close_told(page)


def test_what_takes_long_is_made_in_the_background_and_told_when_it_has_ended(open_as: Open) -> None:
    page = open_as("erin", "/d/regions?period=2025", anew=True)
    # The server never answers, and patience is short.
    page.evaluate(
        """() => { const plain = window.fetch, wait = window.setTimeout;
             window.setTimeout = (then, after) => wait(then, after === 12000 ? 50 : after);
             window.fetch = (to, given) => String(to).includes('.csv')
               ? new Promise((_, refuse) => given.signal.addEventListener('abort', () => refuse(new Error('aborted'))))
               : plain(to, given); }"""
    )
    page.click("details[data-menu=export] > summary")
    page.click("details[data-menu=export] a[data-format=csv]")
    told = page.locator(".file-told[data-kind=done]")
    expect(told).to_contain_text("made in the background")
    expect(told.locator("a")).to_have_attribute("href", "/exports")
    close_told(page)
    page.evaluate("() => document.dispatchEvent(new CustomEvent('salient-exports', { detail: 1 }))")
    expect(told).to_contain_text("An export has ended.")
    close_told(page)
    page.evaluate("() => document.dispatchEvent(new CustomEvent('salient-exports', { detail: 1 }))")
    expect(told).to_have_count(0)


def close_told(page: Page) -> None:
    """The next test finds the page as it is loaded."""
    page.evaluate("() => document.querySelector('.file-told')?.remove()")
