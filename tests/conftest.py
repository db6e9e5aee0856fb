"""What every test may lean on: the shared data's place, and services on loopback where the machine has them."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from tests.hashing import cheap_hashing

__all__ = ["cheap_hashing"]

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = Path(os.environ.get("SALIENT_SHARED_DATA", ROOT.parent / "shared" / "data"))
SOAK = os.environ.get("SALIENT_SOAK") == "1"
MEMORY = Path("/dev/shm")
if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 6 << 30:
    # Every home waits for the disk at each durable step; what a test leaves is thrown away with it.
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


Tally = Callable[[str], None]
_TALLIED = "tallied: "


@pytest.fixture
def count(record_property: Callable[[str, object], None]) -> Iterator[Tally]:
    """`count("random questions")`: the run ends with how many there were of each, over all workers."""
    counted: Counter[str] = Counter()
    yield lambda what: counted.update((what,))
    for what, times in counted.items():
        record_property(_TALLIED + what, times)


LONGEST = ("sweep/test_who_sees_what.py", "browser/test_cover.py", "queries/test_rollups_agree.py")
"""Files of more than a minute; then comes whatever looks through a browser, and the many short ones last."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first, lest one worker be waited for at the end."""

    def turn(item: pytest.Item) -> tuple[int, bool]:
        path = item.path.as_posix()
        place = next((at for at, name in enumerate(LONGEST) if path.endswith(name)), len(LONGEST))
        return place, item.get_closest_marker("browser") is None

    items.sort(key=turn)


def _without_the_browsers_loop(item: pytest.Item) -> Generator[None, object, object]:
    """Playwright leaves its loop running in this thread, where others would run one of their own."""
    running = asyncio._get_running_loop()
    if running is None or item.get_closest_marker("browser") is not None:
        return (yield)
    asyncio._set_running_loop(None)
    try:
        return (yield)
    finally:
        asyncio._set_running_loop(running)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """The fixtures of a test without a browser run without the browser's loop."""
    return (yield from _without_the_browsers_loop(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """So does the test itself."""
    return (yield from _without_the_browsers_loop(item))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was counted."""
    totals: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "teardown":
                totals.update({name: times for name, times in report.user_properties if name.startswith(_TALLIED)})
    if totals:
        terminalreporter.section("counted")
    for name, times in sorted(totals.items()):
        terminalreporter.write_line(f"{times:>7,} {name.removeprefix(_TALLIED)}")


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the developer's shell reaches a test."""
    for name in list(os.environ):
        if name.startswith("SALIENT_") and name not in {"SALIENT_SHARED_DATA", "SALIENT_SOAK", "SALIENT_SEED"}:
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data sets; tests skip, with the reason, where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"no shared data at {SHARED_DATA} (set SALIENT_SHARED_DATA)")
    return SHARED_DATA


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of our own on loopback."""
    from tests.services.postgres import Unavailable, postgres_server

    try:
        with postgres_server(tmp_path_factory.mktemp("postgres")) as url:
            yield url
    except Unavailable as reason:
        _missing(f"no PostgreSQL: {reason}")


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis server of our own on loopback."""
    from tests.services.redis import redis_server

    binary = shutil.which("redis-server") or _missing("no redis-server on this machine")
    with redis_server(binary, tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    return found or _missing("no Chromium on this machine")


def _missing(reason: str) -> NoReturn:
    """Skip for want of a service; in CI that is a failure."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
