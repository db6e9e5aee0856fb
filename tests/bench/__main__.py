"""`make bench`: the figures the issues name, at 1M and 10M lines (or LINES=100000000), as ratios within one run."""

from __future__ import annotations

import json
import os
import platform
import sys
from pathlib import Path

from tests.bench import api, asking, browser, dashboards, embeds, files, ingest, loading, paper, sending
from tests.bench.company import Company, company
from tests.bench.measure import Results

HERE = Path(__file__).parent
WORK = HERE / ".work"
ALL = {"asking", "dashboards", "browser", "loading", "files", "paper", "sending", "api", "ingest"}


def main() -> None:
    """Measure everything, print the table, keep every sample."""
    sizes = [1_000_000, int(os.environ.get("LINES", "10000000"))]
    wanted = set(sys.argv[1:]) or ALL
    results = Results()
    companies = [company(WORK, lines) for lines in sizes] if wanted & {"asking", "dashboards"} else []
    if "asking" in wanted:
        asking.measure(companies, results)
    if "dashboards" in wanted:
        dashboards.measure(companies, results)
    if "browser" in wanted:
        browser.measure(WORK, sizes[-1], results)
        embeds.measure(WORK, sizes[-1], results)
    if "loading" in wanted:
        loading.measure(WORK, results)
    if "files" in wanted:
        files.measure(results)
    if "paper" in wanted:
        for lines in sizes:
            paper.measure(WORK, lines, results)
    if "ingest" in wanted:
        ingest.measure(WORK, sizes[0], results)
    if "sending" in wanted:
        sending.measure(results)
    if "api" in wanted:
        api.measure(WORK, sizes[0], results)
    _write(results, companies)


def _write(results: Results, companies: list[Company]) -> None:
    table = results.table()
    print(table)
    sizes = ", ".join(f"{c.lines:,}" for c in companies)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    head = f"# Benchmarks\n\nLines: {sizes or '—'}. {machine}.\n\n"
    (HERE / "results.md").write_text(head + table + "\n")
    (HERE / "samples.json").write_text(json.dumps(results.samples, indent=1) + "\n")
    missed = [figure.name for figure in results.figures if not figure.holds]
    if missed:
        print(f"\nnot reached: {', '.join(missed)}")


if __name__ == "__main__":
    main()
