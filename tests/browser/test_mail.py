"""A mail can be read on a telephone and at a desk, in light and dark."""

from __future__ import annotations

import base64

import pytest
from playwright.sync_api import Browser

from app.assembly import House
from app.handing import handout
from app.values.view import View
from layouts.figures import figures
from layouts.render.mail import Addressee, MailBody, addressed, mail
from tests.browser.visitor import violations

pytestmark = pytest.mark.browser

SMALLEST = """() => Math.min(...[...document.querySelectorAll('td,th,p,h1,h2,a')]
  .filter((each) => each.textContent.trim() && each.checkVisibility())
  .map((each) => parseFloat(getComputedStyle(each).fontSize)))"""
WIDEST = "() => document.documentElement.scrollWidth"
DRAWN = "() => [...document.images].map((each) => each.naturalWidth)"


def shown(body: MailBody) -> str:
    """The HTML as a mail program shows it, its pictures in place."""
    html = body.html
    for each in body.inline:
        picture = base64.b64encode(each.document.content).decode()
        html = html.replace(f"cid:{each.content_id}", f"data:image/png;base64,{picture}")
    return html


@pytest.mark.parametrize(
    ("who", "address"), [("erin", "/d/overview"), ("sam", "/d/me"), ("ada", "/d/data-quality"), ("tess", "/d/team")]
)
def test_a_mail_fits_and_can_be_read_on_a_telephone_and_at_a_desk(
    browser: Browser, house: House, who: str, address: str
) -> None:
    viewer = house.viewer_named(f"{who}@salient.example")
    paper = handout(house, viewer, View.parse(address))
    to = Addressee(
        viewer.name,
        figures(paper.panels)[:3],
        ("This comes late.",),
        (f"{paper.name}.pdf",),
        ((f"{paper.name}.xlsx", "https://sales.example/files/abc"),),
        "You get this because Erin put you on a list.",
        "https://sales.example/unsubscribe/abc",
    )
    body = addressed(mail([paper]), to)
    page = browser.new_page()
    page.set_content(shown(body))
    for width in (700, 360):
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            assert page.evaluate(WIDEST) == width
            assert page.evaluate(SMALLEST) >= 12
            assert page.evaluate(DRAWN) == [800] * len(body.inline)
            if width == 360:
                assert violations(page) == []
    page.close()
