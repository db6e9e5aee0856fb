"""The API: warm answers to questions, over HTTP with a token, beside a load generator on the same cores."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from app.assembly import assemble
from app.services import tokens
from tests.bench import browser
from tests.bench.browser import SECONDS, Server, serving
from tests.bench.measure import Results
from tests.services.salient import with_demo, workspace

ASKED: tuple[dict[str, Any], ...] = (
    {"metrics": ["net_sales", "orders"], "by": ["region"], "period": "2026", "versus": ["last-year"]},
    {"metrics": ["net_sales"], "by": ["month"], "period": "last-12-months"},
    {"metrics": ["margin_rate", "units"], "by": ["category"], "period": "2026-Q3"},
    {"metrics": ["net_sales"], "by": ["customer"], "limit": 20, "period": "2026"},
)
"""Questions that a program asks again and again."""


def measure(work: Path, lines: int, results: Results) -> None:
    """Answers per second, as JSON, with the limits of tokens lifted."""
    home = work / f"{lines}"
    settings = with_demo(workspace(home), lines)
    token = _token(home)
    with serving(Path(settings.home), SALIENT_API_PER_MINUTE="0") as server:
        _load(server, token, 2)
        before = server.cpu_s()
        found = _load(server, token, SECONDS)
        spent = server.cpu_s() - before
    rate = found["answered"] / found["seconds"]
    share = 100 * found["cpu_s"] / (found["cpu_s"] + spent)
    name = f"warm answers of the query endpoint, load generator {share:.0f} % of CPU, {lines:,} lines"
    results.samples.setdefault(name, []).append(rate)
    results.add(name, rate, "/s", at_least=500)
    print(f"    {1000 * spent / found['answered']:.2f} CPU-ms of the server an answer", flush=True)


def _token(home: Path) -> str:
    house = assemble(workspace(home))
    try:
        owner = house.viewer_named("dirk@salient.example")
        with house.database.write() as session:
            return tokens.make(session, owner, name=f"Bench {os.urandom(6).hex()}", scopes=["read"])[1]
    finally:
        house.close()


def _load(server: Server, token: str, seconds: float) -> dict[str, float]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    asked = [{"path": "/api/v1/query", "headers": headers, "body": json.dumps(each)} for each in ASKED]
    order = json.dumps({"address": server.address, "requests": asked, "seconds": seconds})
    run = [sys.executable, "-m", browser.__name__]
    told = subprocess.run(run, input=order, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(told.stdout)
    return found
