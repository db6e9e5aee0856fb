"""Documents are made in processes that may hang, swell and die: that costs a document and nothing else."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from scheduler.pool import Pool
from tests.scheduler.office import Office


@pytest.fixture
def pooled(office: Office) -> Office:
    """An office whose documents are made elsewhere."""
    with_pool(office, Pool(office.settings, size=2))
    return office


def with_pool(office: Office, pool: Pool) -> None:
    office.desk.maker.close()
    office.desk = replace(office.desk, maker=pool)


def children() -> set[int]:
    """This process's workers, by number."""
    own = os.getpid()
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            number, _, rest = path.read_text().partition(" (")
            if int(rest.rpartition(") ")[2].split()[1]) == own:
                found.add(int(number))
    return found


def test_what_workers_make_is_what_is_made_here(office: Office, pooled: Office) -> None:
    assert office is pooled
    pooled.schedule("erin", "sam", views=("/d/overview?period=2025",))
    pooled.tick(hours=1)
    assert Counter(state for state, _ in pooled.deliveries().values()) == {"sent": 2}
    elsewhere = pooled.file("erin")
    pictures = [part for part in pooled.box.messages[0].walk() if part.get_content_maintype() == "image"]
    assert len(pictures) == 3
    pooled.desk.maker.close()
    here = Office(pooled.settings, pooled.box)
    here.clock.at = pooled.clock.at
    here.tick(days=1)
    assert figures(here.file("erin")) == figures(elsewhere)
    here.close()


def figures(text: str) -> list[str]:
    """The lines of a file without what it says about the day and itself."""
    return [line for line in text.splitlines() if line.count(",") > 1]


def test_a_worker_that_dies_is_replaced_and_the_document_is_made_again(pooled: Office) -> None:
    pooled.schedule("erin")
    before = children()
    stop = threading.Event()

    def kill() -> None:
        while not stop.is_set():
            for child in children() - before:
                # The tracker of resources and the like are no workers: they would not be replaced.
                with suppress(OSError):
                    if b"multiprocessing.spawn" in Path(f"/proc/{child}/cmdline").read_bytes():
                        os.kill(child, signal.SIGKILL)
                        return
            time.sleep(0.01)

    killer = threading.Thread(target=kill)
    killer.start()
    pooled.tick(hours=1)
    stop.set()
    killer.join()
    assert set(pooled.deliveries().values()) == {("pending", "The process that drew it died.")}
    pooled.tick(minutes=2)
    assert set(pooled.deliveries().values()) == {("sent", "")}
    assert {len(each) for each in pooled.got().values()} == {1}


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"seconds": 0.1}, "It took longer than 0.1 seconds to draw."),
        ({"megabytes": 30}, "It took more than 30 MB of memory to draw."),
    ],
)
def test_what_takes_too_much_is_tried_three_times_and_parked(office: Office, limits: dict, reason: str) -> None:
    with_pool(office, Pool(office.settings, size=1, **limits))
    office.schedule("sam", recurrence="0 7 16 11 *")
    office.tick(hours=1)
    for _ in range(3):
        assert office.runs()[0][0] in ("building", "parked")
        office.tick(minutes=6)
    assert office.runs() == [("parked", reason)]
    assert list(office.deliveries().values()) == [("failed", reason)]
    (told,) = office.box.messages
    assert told["To"].addresses[0].addr_spec == "erin@salient.example"
    assert reason in told.get_body(("plain",)).get_content()
