"""The browser: what a person waits for in Chromium, and how many dashboards the server as it runs can draw."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Request, Response, sync_playwright

from app.running import THREADS_PER_WORKER
from tests.bench.measure import Results
from tests.services.salient import PASSWORD, TODAY, with_demo, workspace

RUNS = 5
WORKERS = 2
CONNECTIONS = 16  # the kernel deals them out by chance: four may all come to one worker
SECONDS = 10
DRAWING = "/_dash-update-component"
LEDE = '{"output":"lede.'
PAGES = ("sales", "regions", "products", "team", "customers", "campaigns", "overview")
MEGABYTE = 1_000_000

_RESTS = """() => window.salientPending === 0 && window.salientPictures?.areDrawn()
    && document.querySelector("main")?.dataset.ready === "true"
    && [...document.querySelectorAll(".js-plotly-plot")].filter(plot => plot.offsetParent)
        .every(plot => plot.querySelector(".main-svg"))"""

_UNTIL = f"""async ([act, argument]) => {{
    const rests = {_RESTS};
    const began = act ? performance.now() : 0;
    const tasks = [];
    const watch = new PerformanceObserver(list => tasks.push(...list.getEntries()));
    watch.observe({{type: "longtask", buffered: !act}});
    let asked = !act, first = 0, frames = 0;
    if (act) {{ new Function("argument", act)(argument); }}
    while (frames < 12) {{
        await new Promise(requestAnimationFrame);
        asked = asked || window.salientPending > 0;
        if (asked && rests()) {{ first = frames ? first : performance.now(); frames += 1; }} else {{ frames = 0; }}
    }}
    tasks.push(...watch.takeRecords());
    watch.disconnect();
    const blocked = tasks.reduce((sum, task) => sum + Math.max(0, task.duration - 50), 0);
    return {{waited: first - began, blocked}};
}}"""
"""Does something, and tells when the last panel stood for good and how long the page could not answer (ms)."""

_MARK = """const plot = document.querySelector(`[data-panel="${argument[0]}"] .js-plotly-plot`);
    const keys = plot.data.flatMap(trace => trace.customdata || []).flat().filter(key => typeof key === "string");
    plot.emit("plotly_click", {points: [{customdata: keys[argument[1] % keys.length]}]});"""
_BACK = "window.history.back();"
_LINK = """document.querySelector(`a[href^="/d/${argument}"]`).click();"""


@dataclass
class Seen:
    """What a page was told: bytes that came over the wire, and the length of its drawings."""

    transferred: float = 0.0
    largest: int = 0
    requests: list[dict[str, Any]] = field(default_factory=list)

    def note(self, response: Response) -> None:
        """The length of a drawing, before it was compressed."""
        if DRAWING in response.url:
            self.largest = max(self.largest, len(response.body()))


def measure(work: Path, lines: int, results: Results) -> None:
    """Every figure of the browser, for a company of so many lines."""
    home = work / f"{lines}"
    with_demo(workspace(home), lines)
    shutil.rmtree(home / "cache", ignore_errors=True)
    with serving(home) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        state = signed_in(browser, server.address)
        _gestures(browser, server.address, state, lines, results)
        _first_loads(browser, server.address, state, lines, results)
        asked = _changes(browser, server.address, state, lines, results)
        browser.close()
        _throughput(server, asked, state, lines, results)


def _gestures(browser: Browser, address: str, state: Any, lines: int, results: Results) -> None:
    """Clicks on marks of the overview: each the first time, and again after going back."""
    cold, warm, blocked = list[float](), list[float](), list[float]()
    page, _ = _opened(browser, address, state, "/d/overview")
    for mark in range(RUNS + 1):
        for samples in (cold, warm):
            told = page.evaluate(_UNTIL, [_MARK, ["variance", mark]])
            samples.append(told["waited"])
            blocked.append(told["blocked"])
            page.evaluate(_UNTIL, [_BACK, None])
    page.context.close()
    # The first click also warms the server up.
    _add(results, f"click to last panel, cold, {lines:,} lines", cold[1:], "ms", at_most=600)
    _add(results, f"click to last panel, warm, {lines:,} lines", warm[1:], "ms", at_most=300)
    _add(results, f"page blocked by a gesture, {lines:,} lines", blocked[1:], "ms", at_most=200)


def _first_loads(browser: Browser, address: str, state: Any, lines: int, results: Results) -> None:
    """The overview in a browser that knows nothing of us yet."""
    waited, transferred = list[float](), list[float]()
    for _ in range(RUNS):
        page, seen = _opened(browser, address, state, "/d/overview")
        waited.append(page.evaluate("window.benchWaited"))
        transferred.append(seen.transferred / MEGABYTE)
        page.context.close()
    _add(results, f"first load transferred, {lines:,} lines", transferred, "MB", at_most=2.6)
    _add(results, f"first load, overview drawn, {lines:,} lines", waited, "ms", at_most=2500)


def _changes(browser: Browser, address: str, state: Any, lines: int, results: Results) -> list[dict[str, Any]]:
    """From page to page by the links at the side; returns the requests that drew the sales dashboard."""
    waited, largest, asked = list[float](), list[float](), list[dict[str, Any]]()
    page, seen = _opened(browser, address, state, "/d/overview")
    for turn in range(3):
        for dashboard in PAGES:
            seen.requests.clear()
            told = page.evaluate(_UNTIL, [_LINK, dashboard])
            results.samples.setdefault(f"change to {dashboard}, {lines:,} lines", []).append(told["waited"])
            waited += [told["waited"]] if turn else []
            if dashboard == "sales":
                asked = [each for each in seen.requests if "figure" in each["body"] or each["body"].startswith(LEDE)]
    largest.append(seen.largest / 1000)
    page.context.close()
    _add(results, f"later page change, {lines:,} lines", waited, "ms", at_most=700)
    _add(results, f"largest drawing response, {lines:,} lines", largest, "kB", at_most=300)
    return asked


def _throughput(server: Server, asked: list[dict[str, Any]], state: Any, lines: int, results: Results) -> None:
    """The drawings of one dashboard again and again from another process, while nobody else asks."""
    before = server.cpu_s()
    cookie = "; ".join(f"{each['name']}={each['value']}" for each in state["cookies"])
    for each in asked:
        each["headers"]["cookie"] = cookie
    order = json.dumps({"address": server.address, "requests": asked, "seconds": SECONDS})
    told = subprocess.run([sys.executable, "-m", __name__], input=order, capture_output=True, text=True, check=True)
    found = json.loads(told.stdout)
    spent = server.cpu_s() - before
    rate = found["answered"] / found["seconds"] / 8
    share = 100 * found["cpu_s"] / (found["cpu_s"] + spent)
    name = f"warm dashboards of eight drawings, load generator {share:.0f} % of CPU, {lines:,} lines"
    _add(results, name, [rate], "/s", at_least=100)
    print(f"    {1000 * spent / max(found['answered'], 1):.2f} CPU-ms of the server a drawing", flush=True)


def _add(results: Results, name: str, samples: list[float], unit: str, **limit: float) -> None:
    results.samples.setdefault(name, []).extend(samples)
    results.add(name, statistics.median(samples), unit, **limit)


def _opened(browser: Browser, address: str, state: Any, path: str) -> tuple[Page, Seen]:
    """A page in a window with an empty cache, once all stands; `window.benchWaited` says how long that took."""
    page = browser.new_context(
        storage_state=state, viewport={"width": 1440, "height": 900}, base_url=address
    ).new_page()
    seen = Seen()
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.loadingFinished", lambda told: _count(seen, told))
    page.on("response", seen.note)
    page.on("request", lambda request: _keep(seen, request))
    page.goto(path, wait_until="commit")
    told = page.evaluate(_UNTIL, [None, None])
    page.evaluate("waited => { window.benchWaited = waited; }", told["waited"])
    return page, seen


def _count(seen: Seen, told: dict[str, Any]) -> None:
    seen.transferred += told["encodedDataLength"]


def _keep(seen: Seen, request: Request) -> None:
    if DRAWING in request.url and request.post_data:
        seen.requests.append({"body": request.post_data, "headers": request.headers, "path": DRAWING})


def signed_in(browser: Browser, address: str) -> Any:
    """The cookies of Erin, who has signed in."""
    page = browser.new_page()
    page.goto(f"{address}/login")
    page.fill("[name=email]", "erin@salient.example")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    state = page.context.storage_state()
    page.context.close()
    return state


@dataclass(frozen=True)
class Server:
    """The web as it runs."""

    address: str
    process: subprocess.Popen[bytes]

    def cpu_s(self) -> float:
        """Processor time of the server and its workers so far."""
        ticks, family = 0, {self.process.pid}
        for status in sorted(Path("/proc").glob("[0-9]*/stat"), key=lambda path: int(path.parent.name)):
            try:
                fields = status.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            pid = int(status.parent.name)
            if pid in family or int(fields[1]) in family:
                family.add(pid)
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(home: Path, **settings: str) -> Iterator[Server]:
    """The web processes as `salient serve` starts them, on a free port of loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "SALIENT_HOME": str(home.resolve()),
        "SALIENT_TODAY": TODAY.isoformat(),
        "SALIENT_DEMO": "1",
        **settings,
    }
    given = ["--interface", "wsgi", "--factory", "--workers", str(WORKERS)]
    given += ["--blocking-threads", str(THREADS_PER_WORKER)]
    place = ["--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"]
    process = subprocess.Popen(
        [sys.executable, "-m", "granian", *given, *place, "app.running:make_application"], env=environment
    )
    try:
        _await("127.0.0.1", port)
        yield Server(f"http://127.0.0.1:{port}", process)
    finally:
        process.terminate()
        process.wait(30)


def _await(host: str, port: int) -> None:
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection(host, port, timeout=5)
            connection.request("GET", "/login")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("The server did not start.")


def load() -> None:
    """The load generator, a process of its own: an order on standard input, what was answered on standard output."""
    order = json.load(sys.stdin)
    counts = [0] * CONNECTIONS
    began, cpu = time.monotonic(), time.process_time()
    until = began + order["seconds"]
    askers = [threading.Thread(target=_ask, args=(order, counts, at, until)) for at in range(CONNECTIONS)]
    for each in askers:
        each.start()
    for each in askers:
        each.join()
    if not all(counts):
        raise RuntimeError("Not every connection was answered.")
    told = {"answered": sum(counts), "seconds": time.monotonic() - began, "cpu_s": time.process_time() - cpu}
    print(json.dumps(told))


def _ask(order: dict[str, Any], counts: list[int], at: int, until: float) -> None:
    connection = http.client.HTTPConnection(order["address"].removeprefix("http://"), timeout=60)
    while time.monotonic() < until:
        for each in order["requests"]:
            connection.request("POST", each["path"], body=each["body"], headers=each["headers"])
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{each['path']} was answered with {answer.status}.")
            counts[at] += 1


if __name__ == "__main__":
    load()
