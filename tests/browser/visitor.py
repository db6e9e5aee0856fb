"""Someone who is led from page to page in one window, in any language, light or dark, wide or narrow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page
from sqlalchemy import update

from app.assembly import House
from app.models.user import User

PATIENCE_MS = 60_000
"""Only a page that is broken takes so long: no limit of time is tested here."""

HEIGHT = 900
AXE = Axe()
AT_REST = """() => window.salientPending === 0
    && document.querySelector("main").dataset.ready === "true"
    && [...document.querySelectorAll(".js-plotly-plot")].filter(plot => plot.offsetParent).every(plot => {
        const drawn = plot.querySelector(".main-svg");
        return drawn && Math.abs(drawn.getBoundingClientRect().width - plot.getBoundingClientRect().width) < 2;
    })"""


@dataclass
class Visitor:
    """One person's window; what it complains about on the console is kept until it is asked for."""

    house: House
    page: Page
    who: str
    complaints: list[str] = field(default_factory=list)
    locale: str = ""

    def at(self, path: str, *, theme: str = "light", width: int = 1440, locale: str = "en") -> Page:
        """Go there; the page is loaded anew only when the language changes."""
        page = self.page
        page.set_viewport_size({"width": width, "height": HEIGHT})
        if locale != self.locale:
            speak(self.house, self.who, locale)
            self.locale = locale
            page.goto(path)
        else:
            page.evaluate(
                """path => {
                    if (path === window.location.pathname + window.location.search) { return; }
                    window.history.pushState({}, "", path);
                    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
                }""",
                path,
            )
        settled(page)
        self.turn(theme)
        self.rest()
        return page

    def turn(self, theme: str) -> None:
        """Light or dark, by the button."""
        self.page.evaluate(
            """theme => {
                const now = document.documentElement.dataset.bsTheme;
                if (now !== theme) { document.querySelector("[data-tool=theme]").click(); }
            }""",
            theme,
        )

    def rest(self) -> None:
        """Wait until nothing is asked and every figure is as wide as its place."""
        self.page.wait_for_function(AT_REST)

    def leave(self) -> None:
        """Close the window, and speak as before."""
        self.page.context.close()
        speak(self.house, self.who, None)

    def complained(self) -> list[str]:
        """What the console said since it was asked last."""
        said, self.complaints[:] = list(self.complaints), []
        return said


def settled(page: Page) -> None:
    """Wait until every panel stands."""
    page.wait_for_selector("main[data-ready=true]")


def speak(house: House, who: str, locale: str | None) -> None:
    """Make a person's language this one, the pretended one too, which nobody can choose."""
    with house.database.write() as session:
        session.execute(update(User).where(User.email == f"{who}@salient.example").values(locale=locale))


def visitor(browser: Browser, house: House, address: str, state: Any, who: str) -> Visitor:
    """A window for somebody who has signed in."""
    context = browser.new_context(storage_state=state, base_url=address, reduced_motion="reduce", color_scheme="light")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    came = Visitor(house, page, who)
    page.on("pageerror", lambda error: came.complaints.append(str(error)))
    page.on("console", lambda said: _heard(said, came.complaints))
    return came


def _heard(said: ConsoleMessage, complaints: list[str]) -> None:
    if said.type == "error":
        complaints.append(said.text)


def violations(page: Page) -> list[str]:
    """What axe objects to, one line an element."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.axe_script)
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']}).then(said => said.violations)")
    return [
        f"axe {rule['id']}: {node['target']}: {node['failureSummary']}: {node['html'][:160]}"
        for rule in found
        for node in rule["nodes"]
    ]


Visits = Callable[[str], Visitor]
