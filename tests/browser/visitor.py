"""Someone who is led from page to page in one window, in any language, light or dark, wide or narrow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from sqlalchemy import update

from app.assembly import House
from app.models.user import User
from tests.browser.windows import GLANCE_MS, Window

AXE = Axe()
WITHOUT_FIGURES = "() => axe.configure({rules: [{id: 'color-contrast', selector: '*:not(svg *)'}]})"
"""What a figure's text lies upon axe cannot tell, and says so slowly; tests/layouts/test_theme.py does."""
RUN = """contrast => axe.run(document, {
    resultTypes: ["violations"], rules: {"color-contrast": {enabled: contrast}},
}).then(said => said.violations)"""
AT_REST = """() => window.salientPending === 0 && window.salientPictures?.areDrawn()
    && document.querySelector("main").dataset.ready === "true"
    && [...document.querySelectorAll(".js-plotly-plot")].filter(plot => plot.offsetParent).every(plot => {
        const drawn = plot.querySelector(".main-svg");
        return drawn && Math.abs(drawn.getBoundingClientRect().width - plot.getBoundingClientRect().width) < 2;
    })"""
HEIGHT = 900


@dataclass
class Visitor:
    """One person at a window, whose language is changed as often as one likes."""

    house: House
    window: Window
    locale: str = "en"

    @property
    def page(self) -> Page:
        """The page that is looked at."""
        return self.window.page

    def at(self, path: str, *, theme: str = "light", width: int = 1440, locale: str = "en") -> Page:
        """Go there; the page is loaded anew only when the language changes, and else the mode by its button."""
        if locale != self.locale:
            speak(self.house, self.window.who, locale)
            page = self.window.at(path, width=width, height=HEIGHT, scheme=theme, anew=True)
            self.locale = locale
        else:
            page = self.window.at(path, width=width, height=HEIGHT, scheme=self._now())
            self.turn(theme)
        page.wait_for_function(AT_REST, polling=GLANCE_MS)
        return page

    def _now(self) -> str:
        return str(self.page.evaluate("() => document.documentElement.dataset.bsTheme || 'light'"))

    def turn(self, theme: str) -> None:
        """Light or dark, by the button, which the browser forgets again."""
        self.page.evaluate(
            """theme => {
                const now = document.documentElement.dataset.bsTheme;
                if (now !== theme) { document.querySelector("[data-tool=theme]").click(); }
                localStorage.removeItem("salient-theme");
            }""",
            theme,
        )

    def leave(self) -> None:
        """Get up, and speak as before."""
        if self.locale != "en":
            speak(self.house, self.window.who, None)
        self.window.is_as_loaded = False
        self.window.complained()
        self.window.rest()

    def complained(self) -> list[str]:
        """What the console said since it was asked last."""
        return self.window.complained()


def speak(house: House, who: str, locale: str | None) -> None:
    """Make a person's language this one, the pretended one too, which nobody can choose."""
    with house.database.write() as session:
        session.execute(update(User).where(User.email == f"{who}@salient.example").values(locale=locale))


def violations(page: Page, *, contrast: bool = True) -> list[str]:
    """What axe objects to, one line an element; the contrast of colours takes it longer than all else together."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.axe_script)
        page.evaluate(WITHOUT_FIGURES)
    found = page.evaluate(RUN, contrast)
    return [
        f"axe {rule['id']}: {node['target']}: {node['failureSummary']}: {node['html'][:160]}"
        for rule in found
        for node in rule["nodes"]
    ]


Visits = Callable[[str], Visitor]
