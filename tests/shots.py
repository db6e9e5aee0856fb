"""`make shots`: pictures of every dashboard per persona, theme and width, in the ignored folder `shots/`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from app.assembly import House, assemble
from queries.warehouse.demo.personas import PERSONAS
from tests.services.salient import PASSWORD, serving, with_demo, workspace

ROOT = Path(__file__).resolve().parent.parent
SHOTS = ROOT / "shots"
SIZES = {"desk": (1440, 1000), "phone": (390, 844)}
THEMES = ("light", "dark")
LAUNCH = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def main() -> None:
    """All of it; names of personas as arguments make fewer."""
    wanted = set(sys.argv[1:])
    people = [p for p in PERSONAS if not wanted or p.email.split("@")[0] in wanted]
    house = assemble(with_demo(workspace(ROOT / "shots" / ".workspace"), 300_000))
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    with serving(house) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=LAUNCH)
        for person in people:
            for size in SIZES:
                for theme in THEMES:
                    _person(browser, house, address, person.email, size, theme)
        browser.close()
    print(f"pictures are in {SHOTS}")


def _person(browser: Browser, house: House, address: str, email: str, size: str, theme: str) -> None:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{address}/login")
    page.screenshot(path=SHOTS / f"login-{size}-{theme}.png", full_page=True)
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    for dashboard in house.dashboards:
        page.goto(f"{address}/d/{dashboard.id}")
        _shoot(page, SHOTS / f"{email.split('@')[0]}-{dashboard.id}-{size}-{theme}.png")
    context.close()


def _shoot(page: Page, path: Path) -> None:
    page.wait_for_selector("main[data-ready=true]", timeout=60_000)
    # The page scrolls inside its own frame: the window is made as tall as the page for the picture.
    height = page.evaluate("document.scrollingElement.scrollHeight")
    page.set_viewport_size({"width": page.viewport_size["width"], "height": max(int(height), 600)})  # type: ignore[index]
    page.wait_for_timeout(300)
    page.screenshot(path=path, full_page=True)


if __name__ == "__main__":
    main()
