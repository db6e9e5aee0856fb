"""Windows that stay open from test to test: whoever comes next finds the scripts loaded, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page
from playwright.sync_api import Error as Unreachable

PATIENCE_MS = 60_000
"""Only a page that is broken takes so long: no limit of time is tested here."""

WALK = """path => {
    if (path === window.location.pathname + window.location.search + window.location.hash) { return; }
    window.history.pushState({}, "", path);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
}"""
QUIET = "() => !(window.salientPending > 0)"
STANDS = "() => document.querySelector('main[data-ready=true]')?.checkVisibility()"
GLANCE_MS = 100
"""So often it is asked whether something is there yet; at every frame, as is usual, costs more than the page does."""
AS_LOADED = """scheme => {
    const main = document.querySelector("main[data-ready=true]"), search = document.getElementById("search");
    const left = "[role=dialog], [role=menu], .offcanvas, details[open], .flipped, #lit, #notices > *, .told";
    return Boolean(main) && Boolean(search) && window.salientPending === 0
        && window.location.pathname.startsWith("/d/")
        && document.documentElement.dataset.bsTheme === scheme && document.documentElement.dataset.live === "on"
        && localStorage.length === 0 && search.value === "" && !document.querySelector(left)
        && [...document.querySelectorAll(".mark-layer")].every(({salient}) => salient.at < 0 && !salient.marked.length);
}"""
"""Whether nothing stands on the page that a fresh one would not have. A place, a scroll or a focus may be another."""

AT_EASE = "() => { document.activeElement.blur(); window.scrollTo(0, 0); }"


@dataclass
class Window:
    """A window, who sits at it, and what was said on the console and asked of others since that was last looked at."""

    page: Page
    address: str
    who: str = ""
    lent: bool = False
    is_as_loaded: bool = False
    meant: str = ""
    complaints: list[str] = field(default_factory=list)

    def sit_down(self, who: str, cookies: list[Any]) -> None:
        """From now on somebody else sits here, of whom alone the window knows."""
        if who == self.who:
            return
        self.page.context.clear_cookies()
        self.page.context.add_cookies(cookies)
        self.who, self.is_as_loaded = who, False

    def at(self, path: str, *, width: int = 1440, height: int = 900, scheme: str = "light", anew: bool = False) -> Page:
        """Go there, by a link if the page is as it was loaded, and wait until every panel stands; `anew` loads it."""
        page, self.meant = self.page, self.address + path
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        walks = not anew and self.is_as_loaded and path.startswith("/d/")
        if walks and page.evaluate(AS_LOADED, scheme):
            page.mouse.move(0, 0)
            page.evaluate(AT_EASE)
            page.evaluate(WALK, path)
        else:
            self.forget()
            page.goto(path)
        self.is_as_loaded = True
        settled(page)
        return page

    def forget(self) -> None:
        """What a page keeps in the browser is gone before the next is loaded."""
        if self.page.url.startswith(self.address):
            self.page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")

    def complained(self) -> list[str]:
        """What there was to complain about since it was asked last."""
        said, self.complaints[:] = list(self.complaints), []
        return said

    def rest(self) -> None:
        """Let what is under way come to its end; a window that cannot is closed."""
        try:
            self.page.wait_for_function(QUIET, polling=GLANCE_MS)
        except Unreachable:
            self.page.context.close()
        self.lent = False


class Windows:
    """As many windows as are looked at at once, which is seldom more than one."""

    def __init__(self, browser: Browser, address: str, cookies: Callable[[str], list[Any]]) -> None:
        self._browser, self._address, self.cookies = browser, address, cookies
        self._open: list[Window] = []

    def lend(self) -> Window:
        """A window that nobody looks at, until it rests."""
        self._open = [window for window in self._open if not window.page.is_closed()]
        window = next((window for window in self._open if not window.lent), None) or self._another()
        window.lent = True
        return window

    def clear(self) -> None:
        """Show nothing anywhere: a page that stands looks for newer data time and again."""
        for window in self._open:
            if not window.page.is_closed():
                window.page.goto("about:blank")
                window.is_as_loaded = False
                window.complained()

    def _another(self) -> Window:
        context = self._browser.new_context(base_url=self._address)
        context.set_default_timeout(PATIENCE_MS)
        window = Window(context.new_page(), self._address)
        window.page.on("pageerror", lambda error: window.complaints.append(str(error)))
        window.page.on("console", lambda said: _heard(window, said))
        window.page.on("request", lambda asked: _asked(window, asked.url))
        self._open.append(window)
        return window


def settled(page: Page) -> None:
    """Wait until every panel stands."""
    page.wait_for_function(STANDS, polling=GLANCE_MS)


def _heard(window: Window, said: ConsoleMessage) -> None:
    """Errors are complaints; but that a page which is none has the status of one is what was asked for."""
    if said.type == "error" and not (said.location["url"] == window.meant and "404" in said.text):
        window.complaints.append(said.text)


def _asked(window: Window, url: str) -> None:
    if not url.startswith((window.address, "data:", "blob:")):
        window.complaints.append(f"asked another origin: {url}")
