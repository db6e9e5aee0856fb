"""Alarms: what takes too long is stopped, and nothing else is."""

from __future__ import annotations

import threading

from queries.warehouse.engines.alarms import Alarms

LONG = 3600.0


def test_whoever_takes_too_long_is_stopped_though_others_may_go_on_longer() -> None:
    alarms, stopped, other = Alarms(), threading.Event(), threading.Event()
    with alarms.after(LONG, other.set), alarms.after(0.01, stopped.set):
        assert stopped.wait(LONG)
    assert not other.is_set()


def test_whoever_is_done_in_time_is_never_stopped() -> None:
    alarms, done, later = Alarms(), threading.Event(), threading.Event()
    with alarms.after(0.05, done.set):
        pass
    with alarms.after(0.1, later.set):
        assert later.wait(LONG)
    assert not done.is_set()


def test_a_watch_that_has_ended_begins_again() -> None:
    alarms = Alarms()
    for _ in range(3):
        stopped = threading.Event()
        with alarms.after(0.01, stopped.set):
            assert stopped.wait(LONG)
