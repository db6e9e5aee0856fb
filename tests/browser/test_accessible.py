"""axe objects to nothing on the pages around the dashboards, in light and dark, and notices a slip."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.conftest import PATIENCE_MS, Open, settled
from tests.conftest import Tally

pytestmark = pytest.mark.browser

PAGES = (
    "/account",
    "/account/prove",
    "/logout",
    "/help",
    "/help/glossary",
    "/help/gestures",
    "/help?q=sales",
    "/d/none",
)

AXE = Axe()


def violations(page: Page) -> list[str]:
    """What axe objects to, one line an element."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.axe_script)
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']}).then(said => said.violations)")
    return [
        f"{rule['id']}: {node['target']}: {node['failureSummary']}: {node['html'][:160]}"
        for rule in found
        for node in rule["nodes"]
    ]


class Visitor:
    """One person's page, looked at again and again; it is loaded once."""

    def __init__(self, page: Page) -> None:
        self.page = page


@pytest.fixture
def visit(browser: Browser, address: str, signed_in: Callable[[str], Any]) -> Iterator[Callable[[str], Visitor]]:
    """`visit("erin")`: the page of a person, to be led from place to place."""
    contexts = []

    def visitor(who: str) -> Visitor:
        context = browser.new_context(storage_state=signed_in(who), base_url=address, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.goto("/")
        settled(page)
        return Visitor(page)

    yield visitor
    for context in contexts:
        context.close()


def test_no_page_around_the_dashboards_is_objected_to(
    visit: Callable[[str], Visitor], browser: Browser, address: str, count: Tally
) -> None:
    page = visit("ada").page
    found: list[str] = []
    for at, path in enumerate((*PAGES, "/admin/users")):
        page.emulate_media(color_scheme=("light", "dark")[at % 2])
        page.goto(path)
        page.wait_for_selector("h1")
        found += [f"{path} {each}" for each in violations(page)]
        count("pages shown to axe")
    strangers = browser.new_page(base_url=address, color_scheme="dark")
    for scheme in ("light", "dark"):
        strangers.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        strangers.goto("/login")
        found += [f"/login {scheme} {each}" for each in violations(strangers)]
        count("pages shown to axe")
    strangers.close()
    assert found == []


def test_otto_and_his_help_are_not_objected_to(visit: Callable[[str], Visitor]) -> None:
    page = visit("otto").page
    assert violations(page) == []
    page.goto("/help/roles")
    assert violations(page) == []


@pytest.mark.parametrize(
    ("rule", "slip"),
    [
        ("button-name", "() => document.querySelector('[data-tool=theme]').removeAttribute('aria-label')"),
    ],
)
def test_a_slip_made_on_purpose_is_noticed(open_as: Open, rule: str, slip: str) -> None:
    page = open_as("erin", "/d/sales")
    page.evaluate("() => document.querySelector('[data-tool=theme]').removeAttribute('title')")
    assert violations(page) == []
    page.evaluate(slip)
    assert any(each.startswith(f"{rule}: ") for each in violations(page))
