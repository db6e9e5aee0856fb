"""Embeds: how long one waits for the first panel in a page of another site, held against the page itself."""

from __future__ import annotations

import shutil
import statistics
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from app.assembly import assemble
from app.services import embeds
from app.services.embeds import Wanted
from tests.bench.browser import serving, signed_in
from tests.bench.measure import Results
from tests.browser.hosts import Host, hosting
from tests.services.salient import with_demo, workspace

RUNS = 7
VIEW = "/d/overview"

_FIRST = """() => {
    const look = () => {
        if (document.querySelector("[data-panel][data-state=ready]")) { window.benchFirst = performance.now(); return; }
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""
"""Notes when the first panel stands, in each frame by its own clock, which begins when the frame is gone to."""


def measure(work: Path, lines: int, results: Results) -> None:
    """The first panel of an embed and of the page, in turns, each in a browser that knows nothing of us yet."""
    home = work / f"{lines}"
    settings = with_demo(workspace(home), lines)
    shutil.rmtree(home / "cache", ignore_errors=True)
    with serving(home) as server, hosting("127.0.0.2") as host, sync_playwright() as playwright:
        _grant(settings, host, server.address)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        state = signed_in(browser, server.address)
        page, frame = list[float](), list[float]()
        for _ in range(RUNS + 1):
            page.append(_waited(browser, f"{server.address}{VIEW}", state))
            frame.append(_waited(browser, host.origin, None))
        browser.close()
    # The first of each also warms the server up.
    results.samples[f"first panel of the page, {lines:,} lines"] = page[1:]
    results.samples[f"first panel of an embed, {lines:,} lines"] = frame[1:]
    ratio = statistics.median(frame[1:]) / statistics.median(page[1:])
    results.add(f"first panel of an embed, over that of the page, {lines:,} lines", ratio, "×", at_most=1.0)


def _grant(settings: Any, host: Host, address: str) -> None:
    house = assemble(settings)
    with house.database.write() as session:
        erin = house.viewer_named("erin@salient.example")
        card = embeds.grant(session, erin, Wanted("Portal", VIEW, [host.origin]))
    house.close()
    frame = (
        f"<iframe src='{address}/embed/{card.id}' style='width:1440px;height:900px;border:0' title='Sales'></iframe>"
    )
    host.shows(frame, script=f"{address}/embed/host.js")


def _waited(browser: Browser, address: str, state: Any) -> float:
    """Milliseconds until the first panel stands, wherever on the page it is."""
    context = browser.new_context(storage_state=state, viewport={"width": 1480, "height": 920})
    context.add_init_script(f"({_FIRST})()")
    page = context.new_page()
    page.goto(address, wait_until="commit")
    frame = page.main_frame
    if state is None:
        page.wait_for_selector("iframe")
        frame = page.main_frame.child_frames[0]
    frame.wait_for_function("() => window.benchFirst")
    waited = float(frame.evaluate("window.benchFirst"))
    context.close()
    return waited
