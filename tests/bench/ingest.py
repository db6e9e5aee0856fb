"""Ingest: lines per second in batches, accepted and visible; and one by one, while dashboards are read."""

from __future__ import annotations

import http.client
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.assembly import assemble, open_warehouse
from app.config import Settings
from app.services import accounts, tokens
from queries.warehouse.demo import stage_demo
from queries.warehouse.demo.personas import PERSONAS
from tests.bench.browser import Server, serving
from tests.bench.company import TODAY
from tests.bench.measure import Results
from tests.bench.sender import Line, at_once, row
from tests.services.salient import PASSWORD, workspace

BATCH, BATCHES = 20_000, 8
SECONDS = 30
READERS, PAUSE_S = 4, 0.05
READ = ("/api/v1/dashboards/overview", "/api/v1/dashboards/sales", "/api/v1/dashboards/regions")


def measure(work: Path, lines: int, results: Results) -> None:
    """Against a company of real lines, the scheduler beside the web as in production, limits of tokens lifted."""
    settings = _company(work / f"ingest-{lines}", lines)
    sender, reader = _token(settings, "ada", "ingest"), _token(settings, "erin", "read")
    with serving(Path(settings.home), SALIENT_API_PER_MINUTE="0") as server, _scheduler(settings):
        _measure_batches(server, sender, lines, results)
        _read(server, reader, 5)
        alone = _read(server, reader, SECONDS)
        order = {"address": server.address, "token": sender, "seconds": SECONDS, "day": TODAY.isoformat()}
        run = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.sender"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert run.stdin is not None
        run.stdin.write(json.dumps(order))
        run.stdin.close()
        beside = _read(server, reader, SECONDS)
        assert run.stdout is not None
        told = json.loads(run.stdout.read())
        run.wait()
    spent = 1000 * told["cpu_s"] / told["lines"]
    print(f"    sending took {spent:.2f} ms of these cores a line", flush=True)
    kept = 60 * told["lines"] / told["seconds"]
    results.add(f"lines sent one by one while dashboards are read, {lines:,} lines", kept, "/min", at_least=10_000)
    slowest = max(told["visible_s"])
    results.add(f"from sending a line to seeing it, slowest of {len(told['visible_s'])}", slowest, "s", at_most=5)
    ratio = _p95(beside) / _p95(alone)
    results.samples["dashboards alone"], results.samples["dashboards beside ingest"] = alone, beside
    results.add(f"dashboards' p95 while lines are sent, against alone, {lines:,} lines", ratio, "×", at_most=1.3)
    print(f"    p95 {_p95(alone):.0f} ms alone, {_p95(beside):.0f} ms beside {len(beside)} reads", flush=True)


def _p95(samples: list[float]) -> float:
    return statistics.quantiles(samples, n=20)[-1]


def _company(home: Path, lines: int) -> Settings:
    """The demo's figures as real ones: what is sent joins them."""
    settings = workspace(home)
    engine = open_warehouse(settings)
    if not engine.versions():
        home.mkdir(parents=True, exist_ok=True)
        stage_demo(home / "staging.duckdb", lines=lines, seed=1, today=TODAY)
        engine.publish(home / "staging.duckdb", source="bench")
        (home / "staging.duckdb").unlink()
    engine.close()
    house = assemble(settings)
    with house.database.write() as session:
        accounts.seed_personas(session, PERSONAS, PASSWORD)
    house.close()
    return settings


def _token(settings: Settings, who: str, scope: str) -> str:
    house = assemble(settings)
    try:
        owner = house.viewer_named(f"{who}@salient.example")
        with house.database.write() as session:
            return tokens.make(session, owner, name=f"Bench {os.urandom(6).hex()}", scopes=[scope])[1]
    finally:
        house.close()


@contextmanager
def _scheduler(settings: Settings) -> Iterator[None]:
    environment = {**os.environ, "SALIENT_HOME": str(settings.home.resolve()), "SALIENT_TODAY": TODAY.isoformat()}
    process = subprocess.Popen([sys.executable, "-m", "scheduler"], env=environment)
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def _measure_batches(server: Server, token: str, lines: int, results: Results) -> None:
    """From the first byte of the first batch until the last is visible."""
    stamp = os.urandom(3).hex()
    bodies = [
        json.dumps({"rows": [row(f"B{stamp}-{batch}-{each}", each, TODAY.isoformat()) for each in range(BATCH)]})
        for batch in range(BATCHES)
    ]
    began = time.perf_counter()
    last = ""
    line = Line(server.address, token)
    for body in bodies:
        last = line.ask("POST", "/api/v1/ingest/sales", body)["id"]
    while line.ask("GET", f"/api/v1/ingest/batches/{last}")["state"] != "loaded":
        time.sleep(0.05)
    seconds = time.perf_counter() - began
    name = f"ingest through the API in batches of {BATCH:,}, accepted and visible, {lines:,} lines"
    results.samples.setdefault(name, []).append(seconds * 1000)
    results.add(name, BATCH * BATCHES / seconds, "lines/s", at_least=20_000)


def _connected(address: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)


def _read(server: Server, token: str, seconds: float) -> list[float]:
    """Milliseconds of each dashboard that a few people read for so long."""
    samples: list[float] = []

    def read(at: int) -> None:
        connection = _connected(server.address)
        until, number = time.monotonic() + seconds, at
        while time.monotonic() < until:
            began = time.perf_counter()
            connection.request("GET", READ[number % len(READ)], headers={"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"A dashboard was answered with {answer.status}.")
            samples.append(1000 * (time.perf_counter() - began))
            number += 1
            time.sleep(PAUSE_S)

    at_once(read, READERS)
    return samples
