"""Paper: the overview as PDF, workbook and slides in a warm worker, its data asked for anew or from the cache."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from app.assembly import assemble
from app.handing import handout
from app.running import spare_the_collector
from app.values.view import View
from layouts.render import formats
from queries.asking import Asker
from queries.cache import Cache, MemoryBackend
from tests.bench.measure import Results
from tests.services.salient import with_demo, workspace

RUNS = 7
OVERVIEW = View.parse("/d/overview")
LIMITS = {"cold pdf": 1_000, "warm pdf": 600, "cold xlsx": 1_000, "cold pptx": 1_000}
MEGABYTE = 1_000_000


def measure(work: Path, lines: int, results: Results) -> None:
    """Each kind of file in a worker of its own: milliseconds for the whole company, and memory beyond the worker's."""
    with_demo(workspace(work / f"{lines}"), lines)
    told = f"{lines:,} lines"
    for kind in ("pdf", "xlsx", "pptx"):
        run = [sys.executable, "-m", __name__, str(work / f"{lines}"), kind]
        found = json.loads(subprocess.run(run, check=True, capture_output=True, text=True).stdout)
        for way, samples in found["ways"].items():
            name = f"{way} {kind}"
            results.samples[f"overview as {name}, {told}"] = samples
            if name in LIMITS:
                results.add(f"overview as {name}, {told}", statistics.median(samples), "ms", at_most=LIMITS[name])
        if kind == "pdf":
            results.add(f"overview as pdf, memory on top of the process, {told}", found["more"], "MB", at_most=250)


def _worker(home: Path, kind: str) -> None:
    """Draws the first file to be warm, then one after the other."""
    house = assemble(workspace(home))
    spare_the_collector()
    viewer, wanted = house.viewer_named("erin@salient.example"), formats.known(kind)

    def drawn(*, cold: bool) -> float:
        own = replace(house, asker=_anew(house.asker)) if cold else house
        began = time.perf_counter()
        made = wanted.write(handout(own, viewer, OVERVIEW))
        assert made.content
        return (time.perf_counter() - began) * 1000

    # What a process holds that answered, and drew nothing yet.
    handout(house, viewer, OVERVIEW)
    with _Watched() as watched:
        drawn(cold=False)
        ways: dict[str, list[float]] = {"cold": [], "warm": []}
        for _ in range(RUNS):
            ways["cold"].append(drawn(cold=True))
            ways["warm"].append(drawn(cold=False))
    house.close()
    print(json.dumps({"ways": ways, "more": watched.most - watched.before}))


def _anew(asker: Asker) -> Asker:
    """The same with an empty cache."""
    return Asker(asker.engine, asker.catalogue, Cache(MemoryBackend(), b"bench"))


class _Watched:
    """The most resident megabytes of this process while it is watched."""

    def __enter__(self) -> _Watched:
        self.before = self.most = self._now()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.01):
            self.most = max(self.most, self._now())

    @staticmethod
    def _now() -> float:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / MEGABYTE


if __name__ == "__main__":
    _worker(Path(sys.argv[1]), sys.argv[2])
