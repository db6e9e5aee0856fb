"""Everybody reads the way they like, and what they chose is theirs alone."""

from __future__ import annotations

from typing import Any

import pytest

from app.models.database import Database
from app.services import preferences
from app.services.preferences import Preferences
from app.values.errors import Forbidden, Invalid
from app.values.viewer import Viewer
from tests.services.cast import acts, viewer
from tests.services.test_views import at_once


def prefer(database: Database, who: str, **chosen: Any) -> Preferences:
    with database.write() as session:
        return preferences.prefer(session, viewer(database, who), **chosen)


def of(database: Database, who: str | Viewer) -> Preferences:
    with database.read() as session:
        return preferences.preferences_of(session, viewer(database, who) if isinstance(who, str) else who)


def test_before_anybody_chooses_there_is_a_value_for_everything(staffed: Database) -> None:
    assert of(staffed, "sam") == Preferences("auto", "comfortable", "drill", None, tour_seen=False)


def test_what_one_chooses_is_kept_and_nobody_elses(staffed: Database) -> None:
    prefer(staffed, "sam", theme="dark", locale="de-CH")
    prefer(staffed, "sam", density="compact", tour_seen=True)
    assert of(staffed, "sam") == Preferences("dark", "compact", "drill", "de-CH", tour_seen=True)
    assert viewer(staffed, "sam").context.locale == "de-CH"
    assert of(staffed, "rob") == Preferences()
    assert prefer(staffed, "sam", locale="", tour_seen=False, click="filter") == Preferences(
        "dark", "compact", "filter", None, tour_seen=False
    )


def test_otto_too_may_choose_how_to_read(staffed: Database) -> None:
    assert prefer(staffed, "otto", theme="light", locale="fr").theme == "light"


def test_nobody_but_a_person_chooses(staffed: Database) -> None:
    sam = viewer(staffed, "sam")
    screen = Viewer("embed", "display:1", "Hall", "", "executive", sam.permissions, sam.context)
    assert of(staffed, screen) == Preferences()
    with pytest.raises(Forbidden), staffed.write() as session:
        preferences.prefer(session, screen, theme="dark")


@pytest.mark.parametrize(
    "wrong", [{"theme": "pink"}, {"density": ""}, {"click": "explode"}, {"locale": "xx"}, {"locale": "de_CH"}]
)
def test_a_choice_there_is_not_is_refused_with_a_sentence(staffed: Database, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refusal:
        prefer(staffed, "sam", **wrong)
    assert refusal.value.sentence.endswith(".")
    assert of(staffed, "sam") == Preferences()


def test_only_what_changes_stands_in_the_ledger(staffed: Database) -> None:
    prefer(staffed, "sam", theme="dark")
    prefer(staffed, "sam", theme="dark")
    prefer(staffed, "sam")
    assert acts(staffed) == ["preferences.changed"]


def test_choices_made_at_once_are_all_kept(staffed: Database) -> None:
    assert (
        at_once(lambda: prefer(staffed, "sam", theme="dark"), lambda: prefer(staffed, "sam", density="compact")) == []
    )
    assert of(staffed, "sam") == Preferences("dark", "compact")
