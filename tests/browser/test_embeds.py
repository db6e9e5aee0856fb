"""Embeds in a real browser, in pages of another site, with the cookies of third parties blocked."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from playwright.sync_api import Browser, Frame, Page, Playwright, expect
from sqlalchemy import update

from app.assembly import House
from app.models.embed import EmbedGrant
from app.services import embed_keys, embeds
from app.services.embeds import GrantCard, Wanted
from tests.browser.conftest import PATIENCE_MS, Open
from tests.browser.hosts import Host, hosting
from tests.browser.visitor import violations

pytestmark = pytest.mark.browser

VIEW = "/d/overview?period=2025&category=services"


@pytest.fixture(scope="module")
def strict(playwright: Playwright, browser_type_launch_args: dict[str, Any]) -> Iterator[Browser]:
    """A browser that gives no cookies to third parties."""
    how = {
        **browser_type_launch_args,
        "args": [*browser_type_launch_args["args"], "--test-third-party-cookie-phaseout"],
    }
    opened = playwright.chromium.launch(**how)
    yield opened
    opened.close()


@pytest.fixture
def portal(strict: Browser) -> Iterator[Page]:
    """A window of that browser."""
    context = strict.new_context(viewport={"width": 1200, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


@pytest.fixture
def host() -> Iterator[Host]:
    """Another site."""
    with hosting("127.0.0.2") as opened:
        yield opened


def grant(house: House, host: Host, view: str = VIEW, **given: Any) -> GrantCard:
    with house.database.write() as session:
        erin = house.viewer_named("erin@salient.example")
        return embeds.grant(session, erin, Wanted("Portal", view, [host.origin], **given))


def iframe(address: str, card: GrantCard, more: str = "") -> str:
    place = f"{address}/embed/{card.id}"
    return f"<iframe data-salient {more} src='{place}' title='Sales' style='width:48%;border:0'></iframe>"


def stands(page: Page, at: int = 0) -> Frame:
    """A frame of the page, once every panel in it stands."""
    frame = framed(page, at)
    frame.wait_for_selector("main[data-ready=true]", state="visible")
    return frame


def framed(page: Page, at: int = 0) -> Frame:
    found = page.locator("iframe").nth(at).element_handle().content_frame()
    assert found is not None
    return found


def asks_again(frame: Frame) -> None:
    """Let the frame ask whether there is news, as it does every few seconds."""
    frame.evaluate("() => { document.dispatchEvent(new Event('visibilitychange')); }")


def test_two_customers_see_their_own_rows_until_the_embed_is_taken_away(
    house: House, address: str, host: Host, portal: Page
) -> None:
    erin = house.viewer_named("erin@salient.example")
    with house.database.write() as session:
        key, private = embed_keys.add(session, erin, "Portal")
    first, second = house.asker.members("customer", erin.context, limit=2)
    card = grant(house, host, "/d/overview?period=all&columns=customer:left", key=key.id, capabilities=["rows"])
    signatures: list[str] = []

    def sign(customer: str) -> str:
        made = int(datetime.now(UTC).timestamp())
        claims = {"iss": key.id, "aud": "salient", "grant": card.id, "sub": customer, "jti": uuid.uuid4().hex}
        rule = {"where": {"customer": customer}, "iat": made, "exp": made + 60}
        signatures.append(jwt.encode({**claims, **rule}, private, algorithm="EdDSA"))
        return signatures[-1]

    host.sign = sign
    frames = (iframe(address, card, f"data-salient-assertion='/sign?{each.key}'") for each in (first, second))
    host.shows(*frames, script=f"{address}/embed/host.js")
    addresses: list[str] = []
    cookies: list[str] = []
    portal.on("request", lambda request: addresses.append(request.url))
    portal.on("request", lambda request: cookies.extend(filter(None, [request.headers.get("cookie")])))
    complaints: list[str] = []
    portal.on("pageerror", lambda error: complaints.append(str(error)))
    portal.goto(host.origin)
    for at, (mine, other) in enumerate(((first, second), (second, first))):
        frame = stands(portal, at)
        frame.locator("[data-panel=variance] [data-tool=rows]").press("Enter")
        sheet = frame.locator("#rows")
        expect(sheet).to_contain_text(mine.name)
        assert other.name not in sheet.inner_text()
        assert frame.evaluate("document.cookie") == ""
    told = [message["type"] for at, message in portal.evaluate("heard") if at == 0]
    assert {"ready", "height"} <= set(told)
    assert complaints == []
    assert cookies == []
    assert portal.context.cookies() == []
    assert len(signatures) == 2
    assert not any(signature in each for signature in signatures for each in addresses)

    with house.database.write() as session:
        embeds.revoke(session, erin, card.id)
    for at in range(2):  # of itself, in a moment, though nobody touches it
        expect(portal.frame_locator("iframe").nth(at).locator(".embed-over")).to_contain_text("no longer")
    assert framed(portal, 0).locator("[data-panel]").count() == 0
    portal.wait_for_function("() => heard.some(([at, each]) => at === 0 && each.type === 'expired')")


def test_a_visitor_whom_nobody_signs_for_any_more_is_told_so(
    house: House, address: str, host: Host, portal: Page
) -> None:
    with house.database.write() as session:
        key, private = embed_keys.add(session, house.viewer_named("erin@salient.example"), "Portal")
    card = grant(house, host, key=key.id)
    left = [1]

    def sign(_: str) -> str:
        if not left:
            return ""
        left.clear()
        made = int(datetime.now(UTC).timestamp())
        claims = {"iss": key.id, "aud": "salient", "grant": card.id, "sub": "ann", "jti": "1", "where": {}}
        return jwt.encode({**claims, "iat": made, "exp": made + 60}, private, algorithm="EdDSA")

    host.sign = sign
    host.shows(iframe(address, card, "data-salient-assertion='/sign'"), script=f"{address}/embed/host.js")
    portal.goto(host.origin)
    frame = stands(portal)
    # The host was asked for the next signature before the token ended; now it has ended.
    frame.evaluate("() => { const now = Date.now; Date.now = () => now() + 5 * 60 * 1000; }")
    asks_again(frame)
    expect(frame.locator(".embed-over")).to_contain_text("expired")
    assert frame.locator("[data-panel]").count() == 0


def test_a_public_embed_renews_itself_and_ends_with_its_grant(
    house: House, address: str, host: Host, portal: Page
) -> None:
    card = grant(house, host, capabilities=["drill"])
    host.shows(iframe(address, card), script=f"{address}/embed/host.js")
    exchanged: list[str] = []
    portal.on("response", lambda answer: exchanged.append(answer.url) if answer.url.endswith("/token") else None)
    portal.goto(host.origin)
    frame = stands(portal)
    assert len(exchanged) == 1
    frame.evaluate("() => { const now = Date.now; Date.now = () => now() + 5 * 60 * 1000; }")
    with portal.expect_response(lambda answer: answer.url.endswith("/stand") and answer.ok):
        asks_again(frame)
    assert len(exchanged) == 2
    assert frame.locator("[data-panel]").count() > 5
    with house.database.write() as session:
        over = datetime.now(UTC) - timedelta(seconds=1)
        session.execute(update(EmbedGrant).where(EmbedGrant.id == card.id).values(expires_at=over))
    asks_again(frame)
    expect(frame.locator(".embed-over")).to_contain_text("no longer")


def test_what_is_locked_is_changed_by_neither_the_host_nor_an_address(
    house: House, address: str, host: Host, portal: Page
) -> None:
    card = grant(house, host, locked=["category"], capabilities=["filter"])
    host.shows(iframe(address, card), script=f"{address}/embed/host.js")
    portal.goto(host.origin)
    frame = stands(portal)
    main = frame.locator("main")
    portal.evaluate(
        "() => salientEmbeds.setFilter(document.querySelector('iframe'), {period: '2024', category: ['x']})"
    )
    expect(main).to_have_attribute("data-view", "/d/overview?period=2024&category=services")
    stands(portal)
    said = portal.evaluate("heard.filter(([, each]) => each.type === 'selection').map(([, each]) => each)")
    assert said[-1]["parameters"] == {"period": "2024", "category": "services"}
    frame.evaluate("place => { salientGo(place + '/d/overview?period=2024'); }", f"/embed/{card.id}")
    expect(main).to_contain_text("not part of what may be shown")
    assert frame.locator("[data-panel]").count() == 0
    frame.evaluate("place => { location.assign(place); }", f"/embed/{card.id}/d/overview?category=!services")
    expect(frame.locator("main")).to_contain_text("not part of what may be shown")


def test_a_site_that_was_not_granted_shows_nothing_and_is_not_heard(
    house: House, address: str, host: Host, portal: Page
) -> None:
    card = grant(house, host, capabilities=["filter"])
    with hosting("127.0.0.3") as other:
        other.shows(iframe(address, card), script=f"{address}/embed/host.js")
        blocked: list[str] = []
        portal.on("console", lambda said: blocked.append(said.text))
        portal.goto(other.origin)
        portal.wait_for_function("() => document.readyState === 'complete'")
        portal.wait_for_timeout(1000)
        assert any("frame-ancestors" in each for each in blocked)
        assert "error" in framed(portal).url
        assert portal.evaluate("heard") == []


def test_a_frame_is_read_by_keyboard_and_drilled_and_is_no_wider_than_a_phone(
    house: House, address: str, host: Host, portal: Page
) -> None:
    card = grant(house, host, "/d/overview/variance?period=2025", capabilities=["drill"], theme="dark")
    host.shows(iframe(address, card).replace("48%", "100%"), script=f"{address}/embed/host.js")
    portal.set_viewport_size({"width": 336, "height": 800})
    portal.goto(host.origin)
    frame = stands(portal)
    assert frame.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    assert frame.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    tall = portal.evaluate("document.querySelector('iframe').clientHeight")
    assert tall >= frame.evaluate("Math.floor(document.querySelector('.page').getBoundingClientRect().height)")
    assert violations_in(frame) == []
    frame.focus("[data-tool=flip]")
    portal.keyboard.press("Enter")
    expect(frame.locator("[data-panel=variance] table").first).to_be_visible()
    frame.focus("[data-tool=flip]")
    portal.keyboard.press("Enter")
    frame.focus(".mark-layer")
    for key in ("ArrowDown", "Enter"):
        portal.keyboard.press(key)
    expect(frame.locator("main")).to_have_attribute("data-view", re.compile("drill=region:"))
    stands(portal)
    assert frame.url.startswith(f"{address}/embed/{card.id}/d/overview/variance?")
    frame.locator(".crumbs a").first.focus()
    portal.keyboard.press("Enter")
    expect(frame.locator("main")).to_have_attribute("data-view", "/d/overview/variance?period=2025")


def violations_in(frame: Frame) -> list[str]:
    """What axe objects to inside of a frame."""
    return violations(frame)  # type: ignore[arg-type]


def test_erin_embeds_a_panel_from_its_menu_and_sees_the_preview(open_as: Open) -> None:
    page = open_as("erin", "/d/overview?period=last-quarter")
    page.click("[data-panel=variance] [data-files]")
    page.get_by_role("menuitem", name="Embed…").click()
    page.wait_for_url("**/embeds/new?view=*")
    assert "/d/overview/variance" in page.locator("[name=view]").input_value()
    page.fill("[name=origins]", "https://portal.example.com")
    page.press("[name=name]", "Enter")
    page.wait_for_url("**/embeds/*?done=made")
    assert "<iframe data-salient" in page.locator("#snippet").input_value()
    assert violations(page) == []
    page.get_by_role("link", name="Preview").click()
    frame = stands(page)
    expect(frame.locator("[data-panel=variance]")).to_be_visible()
    assert frame.evaluate("document.querySelector('.page').getBoundingClientRect().height <= window.innerHeight + 1")
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.emulate_media(media="print")
    assert frame.evaluate("document.querySelector('[data-panel=variance]').checkVisibility()")
    page.emulate_media(media="screen")
