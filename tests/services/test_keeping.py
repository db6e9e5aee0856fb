"""What one dialog asks for is kept in one step, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from app.models.database import Database
from app.services import defaults, keeping, views
from app.services.keeping import Stands, Wish
from app.services.views import ViewCard
from app.values.errors import Conflict, Forbidden, NotFound
from tests.services.cast import NOW, viewer

VIEW = "/d/sales?period=last-quarter"


def keep(database: Database, who: str, wish: Wish, **given: Any) -> ViewCard:
    with database.write() as session:
        return keeping.keep(session, viewer(database, who), wish, now=NOW, **given)


def stands(database: Database, who: str, card: ViewCard) -> Stands:
    with database.read() as session:
        return keeping.stands_of(session, viewer(database, who), card.id, card.dashboard)


def test_otto_keeps_nothing_and_begins_with_nothing(staffed: Database) -> None:
    keep(staffed, "dirk", Wish("All", VIEW, visibility="everyone", begins=True))
    otto = viewer(staffed, "otto")
    with pytest.raises(Forbidden), staffed.write() as session:
        keeping.keep(session, otto, Wish("Mine", VIEW))
    with staffed.read() as session:
        assert keeping.beginnings(session, otto) == {}


def test_another_teams_rep_changes_nothing_of_sams(staffed: Database) -> None:
    card = keep(staffed, "sam", Wish("Mine", VIEW, is_pinned=True, begins=True, home=True))
    with pytest.raises(NotFound):
        keep(staffed, "rob", Wish("Taken", VIEW), view_id=card.id, version=1)
    assert stands(staffed, "rob", card) == Stands()
    assert stands(staffed, "sam", card) == Stands(begins=True, home=True)


def test_a_view_is_saved_pinned_and_begun_with_and_all_of_it_is_taken_back(staffed: Database) -> None:
    card = keep(staffed, "sam", Wish("Mine", VIEW, is_pinned=True, begins=True))
    assert card.is_pinned
    with staffed.read() as session:
        assert {place: each.id for place, each in keeping.beginnings(session, viewer(staffed, "sam")).items()} == {
            "sales": card.id
        }
    changed = keep(staffed, "sam", Wish("Mine", "/d/sales?period=2025"), view_id=card.id, version=card.version)
    assert (changed.is_pinned, changed.view) == (False, "/d/sales?period=2025")
    assert stands(staffed, "sam", card) == Stands()


def test_a_director_chooses_for_a_role_and_a_rep_may_not(staffed: Database) -> None:
    wish = Wish("Reps", VIEW, visibility="role", roles=("rep",), begins_for=("rep",))
    card = keep(staffed, "dirk", wish)
    assert stands(staffed, "dirk", card).begins_for == ("rep",)
    with staffed.read() as session:
        found = defaults.default_for(session, viewer(staffed, "sam"), "sales")
    assert found is not None
    assert found.id == card.id
    with pytest.raises(Forbidden):
        keep(staffed, "sam", Wish("Mine", VIEW, begins_for=("rep",)))
    again = keep(staffed, "dirk", Wish("Reps", VIEW, visibility="role", roles=("rep",)), view_id=card.id, version=1)
    assert stands(staffed, "dirk", again).begins_for == ()


def test_what_cannot_be_whole_is_not_kept_at_all(staffed: Database) -> None:
    # Not shared with the role yet, so the role cannot begin with it; nothing of the rest stays either.
    with pytest.raises(Conflict):
        keep(staffed, "dirk", Wish("Reps", VIEW, is_pinned=True, begins_for=("rep",)))
    with staffed.read() as session:
        assert views.listed(session, viewer(staffed, "dirk")) == []


def test_whoever_was_slower_is_told(staffed: Database) -> None:
    card = keep(staffed, "sam", Wish("Mine", VIEW))
    keep(staffed, "sam", Wish("Mine", "/d/sales?period=2024"), view_id=card.id, version=1)
    with pytest.raises(Conflict, match="changed meanwhile"):
        keep(staffed, "sam", Wish("Mine", "/d/sales?period=2023"), view_id=card.id, version=1)
