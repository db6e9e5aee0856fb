"""axe objects to nothing: on pages around the dashboards, on those without figures, on whatever stands open.

The dashboards themselves are shown to it in test_cover.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Open, settled
from tests.browser.visitor import Visits, violations
from tests.conftest import SOAK, Tally
from tests.pairwise import Case, everything, pairwise

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


def show_tables(page: Page) -> None:
    """Turn every picture into its table."""
    for panel in page.locator(".panel:has([data-tool=flip][aria-pressed=false])").element_handles():
        panel.eval_on_selector("[data-tool=flip]", "each => each.click()")
        panel.wait_for_selector(".twin table", state="attached")


def open_period(page: Page) -> None:
    page.evaluate("() => document.querySelector('#picks details').setAttribute('open', '')")


def open_search(page: Page) -> None:
    # On a phone the search is left out, so there is nothing to open.
    if page.locator("#search").is_visible():
        page.fill("#search", "german")
        page.wait_for_selector("#found a", state="attached")


def open_rows(page: Page) -> None:
    page.evaluate("() => document.querySelector('[data-panel=variance] [data-tool=rows]').click()")
    page.wait_for_selector(".ag-row[row-index='2'] .ag-cell")


def open_explanation(page: Page) -> None:
    page.evaluate("() => document.querySelector('[data-panel=variance] [data-tool=explain]').click()")
    page.wait_for_selector("#explain-body dl")


def open_filters(page: Page) -> None:
    page.evaluate("() => document.querySelector('[data-tool=filters]').click()")
    page.wait_for_selector("#filters select")


def open_views(page: Page) -> None:
    page.evaluate("() => document.querySelector('.views-button').click()")
    page.wait_for_selector("#views-body *")


def open_saving(page: Page) -> None:
    page.keyboard.press("Control+s")
    page.wait_for_selector("#save-body [name=name]")


def open_tour(page: Page) -> None:
    page.evaluate("() => document.querySelector('button[data-tour=start]').click()")
    page.wait_for_selector("dialog.tour[open]")


OPENED: Mapping[str, Callable[[Page], None]] = {
    "tables": show_tables,
    "period": open_period,
    "search": open_search,
    "rows": open_rows,
    "explanation": open_explanation,
    "filters": open_filters,
    "views": open_views,
    "saving": open_saving,
    "tour": open_tour,
}
"""What may stand open over a page, and how it is opened."""

STATES = {
    "empty": ("erin", "/d/overview?period=1999"),
    "refused": ("sam", "/d/data-quality"),
    "wrong": ("erin", "/d/overview?period=nonsense"),
    "one to choose": ("erin", "/d/customer"),
    "nobody": ("otto", "/d/overview"),
    "none such": ("erin", "/d/none"),
}
"""Pages without figures: why there are none, for whom."""


def opened() -> list[Case]:
    """What is looked at open: a cover of all pairs; in a soak everything."""
    dimensions = {"open": tuple(OPENED), "theme": ("light", "dark"), "width": ("390", "1440")}
    return everything(dimensions) if SOAK else pairwise(dimensions)


def test_nothing_that_opens_is_objected_to(visit: Visits, count: Tally) -> None:
    visitor, found = visit("erin"), list[str]()
    for case in opened():
        page = visitor.at(
            "/d/overview?period=last-year&category=services", theme=case["theme"], width=int(case["width"])
        )
        OPENED[case["open"]](page)
        page.wait_for_function("() => !document.querySelector('.offcanvas.showing, .modal.showing')")
        visitor.rest()
        found += [f"{' '.join(case.values())} {each}" for each in violations(page)]
        count("pages shown to axe")
        # What is open belongs to the page that is left.
        page.reload()
        settled(page)
    assert found == []


def test_a_page_without_figures_is_not_objected_to(visit: Visits, count: Tally) -> None:
    found = []
    for at, (state, (who, path)) in enumerate(STATES.items()):
        visitor = visit(who)
        page = visitor.at(path, theme=("light", "dark")[at % 2])
        found += [f"{state} {each}" for each in violations(page)]
        page.set_viewport_size({"width": 320, "height": 800})
        found += [f"{state} on a phone {each}" for each in violations(page)]
        count("pages shown to axe")
        visitor.leave()
    assert found == []


def test_no_page_around_the_dashboards_is_objected_to(
    visit: Visits, browser: Browser, address: str, count: Tally
) -> None:
    page = visit("ada").page
    page.goto("/")
    settled(page)
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


def test_otto_and_his_help_are_not_objected_to(visit: Visits) -> None:
    page = visit("otto").page
    page.goto("/")
    settled(page)
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
    assert any(each.startswith(f"axe {rule}: ") for each in violations(page))
