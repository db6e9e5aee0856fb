"""axe objects to nothing on the pages around the dashboards, in light and dark, and none is too wide.

The dashboards themselves are shown to it in test_cover.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import settled
from tests.browser.visitor import Visits, violations
from tests.conftest import Tally

pytestmark = pytest.mark.browser

PAGES = (
    "/account",
    "/account/prove",
    "/account/tokens",
    "/logout",
    "/help",
    "/help/glossary",
    "/help/gestures",
    "/help/doors",
    "/help?q=sales",
    "/api/docs",
    "/d/none",
)


ADMINS = ("/admin/users", "/admin/outbox", "/webhooks", "/webhooks/new")
EMBEDS = ("/embeds", "/embeds/new?view=/d/sales%3Fcategory%3Dservices")
AROUND = (*PAGES, *ADMINS, *EMBEDS)
"""What Ada finds besides the dashboards."""


def test_no_page_around_the_dashboards_is_objected_to_or_wider_than_the_smallest_telephone(
    visit: Visits, browser: Browser, address: str, count: Tally
) -> None:
    page = visit("ada").page
    page.goto("/")
    settled(page)
    found: list[str] = []
    for at, path in enumerate(AROUND):
        page.set_viewport_size({"width": 320, "height": 640})
        page.emulate_media(color_scheme=("light", "dark")[at % 2])
        page.goto(path)
        page.wait_for_selector("h1")
        width = page.evaluate("() => document.documentElement.scrollWidth")
        found += [f"{path} is {width} px wide"] if width > 320 else []
        page.set_viewport_size({"width": 1440, "height": 900})
        found += [f"{path} {each}" for each in violations(page)]
        count("pages shown to axe")
    strangers = browser.new_page(base_url=address, color_scheme="dark")
    for scheme in ("light", "dark"):
        strangers.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        strangers.goto("/login")
        found += [f"/login {scheme} {each}" for each in violations(strangers)]
        count("pages shown to axe")
    strangers.close()
    assert not found, "\n".join(found)


def test_otto_and_his_help_are_not_objected_to(visit: Visits) -> None:
    page = visit("otto").page
    page.goto("/")
    settled(page)
    assert violations(page) == []
    page.goto("/help/roles")
    assert violations(page) == []


SLIPS = {
    "button-name": "for (const name of ['aria-label', 'title']) { one('[data-tool=rows]').removeAttribute(name); }",
    "color-contrast": "one('.finding').style.color = '#c8ccd2';",
    "aria-required-children": "one('.tools').setAttribute('role', 'list');",
}
"""What is done to a page that is in order, by the rule that must object to it then."""


def test_slips_made_on_purpose_are_noticed(visit: Visits) -> None:
    page = visit("erin").at("/d/sales/by-month")
    assert violations(page) == []
    for slip in SLIPS.values():
        page.evaluate(f"() => {{ const one = selector => document.querySelector(`main ${{selector}}`); {slip} }}")
    found = violations(page)
    assert [rule for rule in SLIPS if not any(each.startswith(f"axe {rule}: ") for each in found)] == []
