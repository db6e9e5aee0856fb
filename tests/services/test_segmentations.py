"""Ada settles which customers make which segment; every version is kept, and nobody else changes it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.models.database import Database
from app.services import ledger, segmentations
from app.values.errors import Conflict, Forbidden, NotFound
from app.values.segmentation import AS_SHIPPED, Rule, Segmentation
from tests.services.cast import NOW, acts, viewer

EASY = Segmentation(
    rules=(Rule("champions", (5, 5), (1, 5)), Rule("loyal", (1, 5), (1, 5))),
    money=(Decimal("10.5"), Decimal(20), Decimal(30), Decimal(40)),
    currency="EUR",
)


def counting(database: Database) -> Segmentation:
    with database.glance() as reader:
        return segmentations.current(reader)


def test_a_company_begins_with_the_segments_that_are_shipped(staffed: Database) -> None:
    assert counting(staffed) == AS_SHIPPED
    with staffed.read() as session:
        (only,) = segmentations.versions(session, viewer(staffed, "sam"))
    assert (only.segmentation, only.author, only.at) == (AS_SHIPPED, "", None)


def test_every_version_is_kept_with_who_and_when_and_an_earlier_one_counts_again(staffed: Database) -> None:
    ada = viewer(staffed, "ada")
    with staffed.write() as session:
        first = segmentations.change(session, ada, EASY, on=0, now=NOW)
        second = segmentations.restore(session, ada, 0, on=1, now=NOW)
        segmentations.restore(session, ada, 1, on=2, now=NOW)
    assert (first.version, second.version, second.rules) == (1, 2, AS_SHIPPED.rules)
    counts = counting(staffed)
    assert (counts.rules, counts.money, counts.currency) == (EASY.rules, EASY.money, "EUR")
    assert (counts.version, counts.since) == (3, NOW.date())
    with staffed.read() as session:
        known = segmentations.versions(session, ada)
        assert ledger.faults(session) == []
    assert [(each.segmentation.version, each.author, each.restored) for each in known] == [
        (3, "Ada", 1), (2, "Ada", 0), (1, "Ada", None), (0, "", None),
    ]  # fmt: skip
    assert acts(staffed) == ["segments.changed", "segments.restored", "segments.restored"]


def test_the_same_again_is_no_new_version(staffed: Database) -> None:
    with staffed.write() as session:
        assert segmentations.change(session, viewer(staffed, "ada"), AS_SHIPPED, on=0) == AS_SHIPPED
    assert acts(staffed) == []


def test_whoever_was_slower_is_told_and_overwrites_nothing(staffed: Database) -> None:
    ada = viewer(staffed, "ada")
    with staffed.write() as session:
        segmentations.change(session, ada, EASY, on=0)
    with staffed.write() as session, pytest.raises(Conflict, match="changed meanwhile"):
        segmentations.change(session, ada, Segmentation(recency=(1, 2, 3, 4)), on=0)
    assert counting(staffed).rules == EASY.rules


@pytest.mark.parametrize("name", ["otto", "sam", "fay", "dirk", "erin"])
def test_only_who_changes_settings_changes_the_segments(staffed: Database, name: str) -> None:
    with staffed.write() as session:
        with pytest.raises(Forbidden):
            segmentations.change(session, viewer(staffed, name), EASY, on=0)
        with pytest.raises(Forbidden):
            segmentations.restore(session, viewer(staffed, name), 0, on=0)
    assert counting(staffed) == AS_SHIPPED


def test_otto_reads_no_version_and_there_is_none_that_never_was(staffed: Database) -> None:
    with staffed.write() as session:
        with pytest.raises(Forbidden):
            segmentations.versions(session, viewer(staffed, "otto"))
        with pytest.raises(NotFound):
            segmentations.restore(session, viewer(staffed, "ada"), 7, on=0)
