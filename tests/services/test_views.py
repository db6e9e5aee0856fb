"""People keep views under names, share them with those they may, and never see a row more for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.database import Database
from app.models.view import SavedView, ViewUse
from app.services import accounts, housekeeping, ledger, sharing, views
from app.services.views import MOST, RESTORABLE, ViewCard
from app.values.errors import Conflict, Forbidden, Invalid, NotFound, TooBig
from app.values.row_layouts import LaidColumn, RowLayout, RowLayouts
from app.values.viewer import Viewer
from tests.services.cast import NOW, acts, viewer

ADDRESS = "/d/sales?period=last-quarter&rep=@me"


def save(database: Database, who: str, name: str = "Mine", view: str = ADDRESS, **given: Any) -> ViewCard:
    with database.write() as session:
        return views.save(session, viewer(database, who), name=name, view=view, now=NOW, **given)


def names(database: Database, who: str, **asked: Any) -> list[str]:
    with database.read() as session:
        return [card.name for card in views.listed(session, viewer(database, who), **asked)]


def test_otto_keeps_nothing_and_finds_nothing(staffed: Database) -> None:
    card = save(staffed, "erin", visibility="everyone")
    otto = viewer(staffed, "otto")
    for act in (
        lambda session: views.save(session, otto, name="A", view=ADDRESS),
        lambda session: views.change(session, otto, card.id, version=1, name="B"),
        lambda session: views.remove(session, otto, card.id),
        lambda session: views.restore(session, otto, card.id),
        lambda session: views.listed(session, otto),
        lambda session: views.deleted(session, otto),
        lambda session: views.pinned(session, otto),
        lambda session: views.find(session, otto, card.id),
        lambda session: views.pin(session, otto, card.id),
        lambda session: views.note_opened(session, otto, card.id),
    ):
        with pytest.raises(Forbidden), staffed.write() as session:
            act(session)
    assert acts(staffed) == ["view.saved"]


def test_what_is_relative_is_kept_as_it_is_written(staffed: Database) -> None:
    card = save(staffed, "sam", view="https://elsewhere.example/d/sales?rep=@me&period=LAST-quarter#x")
    assert card.view == ADDRESS
    assert (card.dashboard, card.owner, card.is_mine, card.version) == ("sales", "Sam", True, 1)
    assert len(card.id) == 12
    with staffed.read() as session:
        assert views.find(session, viewer(staffed, "sam"), card.id) == card


def test_a_layout_of_tables_is_kept_with_the_view(staffed: Database) -> None:
    laid = RowLayouts().laid("lines", RowLayout((LaidColumn("net", 120, "left"), LaidColumn("cost", hidden=True))))
    card = save(staffed, "sam", layout=str(laid))
    assert RowLayouts.parse(card.layout) == laid


def test_a_name_is_used_once_by_each_person_however_it_is_written(staffed: Database) -> None:
    save(staffed, "sam", "Straße  1")
    with pytest.raises(Conflict, match="STRASSE 1"):
        save(staffed, "sam", " STRASSE 1 ")
    assert save(staffed, "rob", "Straße 1").name == "Straße 1"
    other = save(staffed, "sam", "Other")
    with pytest.raises(Conflict), staffed.write() as session:
        views.change(session, viewer(staffed, "sam"), other.id, version=1, name="strasse 1")
    with staffed.write() as session:
        assert views.change(session, viewer(staffed, "sam"), other.id, version=1, name="OTHER").name == "OTHER"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "a\nb"},
        {"name": "a" * 121},
        {"description": "a" * 501},
        {"description": "a\x00"},
        {"view": "/account"},
        {"view": "/d/sales?period=soon"},
        {"layout": "{"},
        {"visibility": "world"},
        {"visibility": "role"},
        {"visibility": "team", "roles": ["rep"]},
        {"visibility": "role", "roles": ["king"]},
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_sentence(staffed: Database, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refusal:
        save(staffed, "erin", **wrong)
    assert refusal.value.sentence.endswith(".")
    assert names(staffed, "erin") == []


def test_an_address_or_layout_beyond_all_measure_is_refused(staffed: Database) -> None:
    for wrong in ({"view": "/d/sales?category=" + "a" * 20_000}, {"layout": '"' + "a" * 20_000 + '"'}):
        with pytest.raises(TooBig):
            save(staffed, "sam", **wrong)


def test_nobody_keeps_more_views_than_they_can_look_through(staffed: Database) -> None:
    first = save(staffed, "sam", "First")
    with staffed.write() as session:
        kept = session.get_one(SavedView, first.id)
        columns = {c.key: getattr(kept, c.key) for c in SavedView.__table__.columns}
        session.add_all(
            SavedView(**{**columns, "id": f"v{number}", "name": f"{number}", "folded_name": f"{number}"})
            for number in range(MOST - 1)
        )
    with pytest.raises(TooBig):
        save(staffed, "sam", "One more")
    with staffed.write() as session:
        views.remove(session, viewer(staffed, "sam"), first.id)
    assert save(staffed, "sam", "One more").is_mine


def test_a_private_view_is_for_nobody_else_and_looks_as_if_it_did_not_exist(staffed: Database) -> None:
    card = save(staffed, "sam")
    for name in ("ada", "erin", "tess", "rob"):
        assert names(staffed, name) == []
        told = []
        for view_id in (card.id, "nosuchview00"):
            for act in (views.find, views.remove, views.pin, views.note_opened):
                with pytest.raises(NotFound) as refusal, staffed.write() as session:
                    act(session, viewer(staffed, name), view_id)
                told.append(refusal.value.sentence)
            with pytest.raises(NotFound) as refusal, staffed.write() as session:
                views.change(session, viewer(staffed, name), view_id, version=1, name="Taken")
            told.append(refusal.value.sentence)
        assert len(set(told)) == 1


def test_a_team_view_is_for_the_team_and_not_for_another_teams_rep(staffed: Database) -> None:
    save(staffed, "tess", "Our quarter", visibility="team")
    assert names(staffed, "sam") == ["Our quarter"]
    assert names(staffed, "rob") == []
    assert names(staffed, "erin") == []
    with staffed.write() as session:
        accounts.change_rights(session, "cli", "sam@x.example", team_keys=["T2"])
    assert names(staffed, "sam") == []


def test_a_view_for_a_role_is_for_whoever_has_it_now(staffed: Database) -> None:
    save(staffed, "dirk", "For reps", visibility="role", roles=["rep", "team-lead"])
    assert names(staffed, "sam") == names(staffed, "tess") == ["For reps"]
    assert names(staffed, "erin") == names(staffed, "remy") == []
    with staffed.write() as session:
        accounts.change_rights(session, "cli", "sam@x.example", role="finance")
    assert names(staffed, "sam") == []


def test_sharing_takes_the_permission_and_goes_no_further_than_the_own_part(staffed: Database) -> None:
    for name in ("sam", "fay"):
        for asked in ({"visibility": "team"}, {"visibility": "everyone"}, {"visibility": "role", "roles": ["rep"]}):
            with pytest.raises(Forbidden):
                save(staffed, name, **asked)
    for name in ("tess", "remy"):
        for asked in ({"visibility": "everyone"}, {"visibility": "role", "roles": ["rep"]}):
            with pytest.raises(Forbidden, match="your team"):
                save(staffed, name, **asked)
        assert save(staffed, name, visibility="team").visibility == "team"
    with pytest.raises(Invalid, match="nobody to share with"):
        save(staffed, "erin", visibility="team")
    own = save(staffed, "sam")
    with pytest.raises(Forbidden), staffed.write() as session:
        views.change(session, viewer(staffed, "sam"), own.id, version=1, visibility="everyone")


def test_everybody_is_offered_what_they_may_give(staffed: Database) -> None:
    with staffed.read() as session:
        found = {}
        for name in ("ada", "erin", "fay", "remy", "tess", "sam"):
            who = viewer(staffed, name)
            found[name] = sharing.offered(who, sharing.person_of(session, who))
    assert found["ada"] == found["erin"] == ("private", "role", "everyone")
    assert found["remy"] == found["tess"] == ("private", "team")
    assert found["fay"] == found["sam"] == ("private",)


def test_a_shared_view_is_the_question_and_its_owners_to_change(staffed: Database) -> None:
    card = save(staffed, "erin", "Company", "/d/overview?rep=R009", visibility="everyone")
    sam = viewer(staffed, "sam")
    with staffed.read() as session:
        seen = views.find(session, sam, card.id)
    assert (seen.view, seen.owner, seen.is_mine) == (card.view, "Erin", False)
    assert viewer(staffed, "sam").context.scope == sam.context.scope
    for act in (
        lambda session: views.change(session, sam, card.id, version=1, name="Mine now"),
        lambda session: views.remove(session, sam, card.id),
    ):
        with pytest.raises(Forbidden, match="belongs to Erin"), staffed.write() as session:
            act(session)
    with pytest.raises(NotFound), staffed.write() as session:
        views.restore(session, sam, card.id)


def test_views_are_listed_by_name_and_by_dashboard(staffed: Database) -> None:
    save(staffed, "erin", "b", "/d/overview", visibility="everyone")
    save(staffed, "sam", "C", "/d/sales")
    save(staffed, "sam", "a", "/d/overview")
    assert names(staffed, "sam") == ["a", "b", "C"]
    assert names(staffed, "sam", dashboard="overview") == ["a", "b"]


def test_the_second_of_two_editors_is_told(staffed: Database) -> None:
    card = save(staffed, "sam")
    sam = viewer(staffed, "sam")
    with staffed.write() as session:
        changed = views.change(session, sam, card.id, version=card.version, view="/d/regions?period=2025")
    assert (changed.version, changed.dashboard) == (2, "regions")
    with pytest.raises(Conflict, match="changed meanwhile"), staffed.write() as session:
        views.change(session, sam, card.id, version=card.version, name="Second")
    with staffed.write() as session:
        same = views.change(session, sam, card.id, version=2, name="Mine", description="", visibility="private")
    assert same.version == 2
    assert acts(staffed) == ["view.saved", "view.changed"]


def at_once(*acts: Callable[[], object]) -> list[BaseException]:
    """Do things at the same time; what was raised."""
    raised: list[BaseException] = []
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        gate.wait()
        try:
            act()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_of_two_saves_at_once_under_one_name_one_is_told(staffed: Database) -> None:
    raised = at_once(*[lambda: save(staffed, "sam", "Twice")] * 4)
    assert [type(error) for error in raised] == [Conflict] * 3
    assert names(staffed, "sam") == ["Twice"]


def test_of_two_changes_at_once_one_is_told_and_nothing_is_lost(staffed: Database) -> None:
    card = save(staffed, "sam")
    sam = viewer(staffed, "sam")

    def change(**given: str) -> None:
        with staffed.write() as session:
            views.change(session, sam, card.id, version=1, **given)  # type: ignore[arg-type]

    raised = at_once(lambda: change(name="One"), lambda: change(description="Two"))
    assert [type(error) for error in raised] == [Conflict]
    with staffed.read() as session:
        kept = views.find(session, sam, card.id)
    assert (kept.version, kept.name, kept.description) in {(2, "One", ""), (2, "Mine", "Two")}


def test_pinning_from_two_windows_at_once_pins_once(staffed: Database) -> None:
    card = save(staffed, "sam")
    sam = viewer(staffed, "sam")

    def pin() -> None:
        with staffed.write() as session:
            views.pin(session, sam, card.id)

    assert at_once(pin, pin, pin) == []
    with staffed.read() as session:
        assert [each.name for each in views.pinned(session, sam)] == ["Mine"]


def test_a_deleted_view_is_gone_for_all_and_can_be_brought_back_for_a_while(staffed: Database) -> None:
    card = save(staffed, "tess", "Ours", visibility="team")
    tess = viewer(staffed, "tess")
    with staffed.write() as session:
        views.remove(session, tess, card.id, now=NOW)
    assert names(staffed, "tess") == names(staffed, "sam") == []
    with staffed.read() as session:
        assert [each.id for each in views.deleted(session, tess, now=NOW)] == [card.id]
        assert views.deleted(session, viewer(staffed, "sam"), now=NOW) == []
    with pytest.raises(NotFound), staffed.write() as session:
        views.restore(session, tess, card.id, now=NOW + RESTORABLE)
    with staffed.write() as session:
        views.restore(session, tess, card.id, now=NOW + timedelta(days=29))
    assert names(staffed, "tess") == names(staffed, "sam") == ["Ours"]
    with pytest.raises(NotFound), staffed.write() as session:
        views.restore(session, tess, card.id)


def test_a_name_given_to_another_meanwhile_keeps_the_old_view_away(staffed: Database) -> None:
    card = save(staffed, "sam")
    sam = viewer(staffed, "sam")
    with staffed.write() as session:
        views.remove(session, sam, card.id, now=NOW)
    save(staffed, "sam")
    with pytest.raises(Conflict, match="Mine"), staffed.write() as session:
        views.restore(session, sam, card.id, now=NOW)


def test_what_was_deleted_a_month_ago_is_forgotten(staffed: Database) -> None:
    card, kept = save(staffed, "sam", "Old"), save(staffed, "sam", "Kept")
    with staffed.write() as session:
        views.pin(session, viewer(staffed, "sam"), card.id)
        views.remove(session, viewer(staffed, "sam"), card.id, now=NOW)
    with staffed.write() as session:
        assert housekeeping.forget(session, NOW + timedelta(days=29)).views == 0
        assert housekeeping.forget(session, NOW + RESTORABLE).views == 1
    with staffed.read() as session:
        assert session.scalars(select(SavedView.id)).all() == [kept.id]
        assert session.scalars(select(ViewUse)).all() == []


def test_pins_and_last_opened_are_ones_own(staffed: Database) -> None:
    first = save(staffed, "erin", "First", visibility="everyone")
    second = save(staffed, "sam", "Before in the alphabet")
    sam = viewer(staffed, "sam")

    def rail(session: Session, who: Viewer) -> list[str]:
        return [card.id for card in views.pinned(session, who)]

    with staffed.write() as session:
        views.pin(session, sam, first.id, now=NOW)
        views.pin(session, sam, second.id, now=NOW + timedelta(seconds=1))
        views.note_opened(session, sam, first.id, now=NOW)
        views.note_opened(session, sam, first.id, now=NOW + timedelta(seconds=30))
    with staffed.read() as session:
        assert rail(session, sam) == [first.id, second.id]
        assert rail(session, viewer(staffed, "erin")) == []
        assert views.find(session, sam, first.id).opened_at == NOW
        assert views.find(session, viewer(staffed, "erin"), first.id).opened_at is None
    with staffed.write() as session:
        assert not views.pin(session, sam, first.id, to_rail=False).is_pinned
        views.pin(session, sam, first.id, to_rail=False)
    with staffed.read() as session:
        assert rail(session, sam) == [second.id]
    assert acts(staffed).count("view.unpinned") == 1


def test_a_view_no_longer_shared_leaves_the_rail(staffed: Database) -> None:
    card = save(staffed, "erin", visibility="everyone")
    with staffed.write() as session:
        views.pin(session, viewer(staffed, "sam"), card.id)
    with staffed.write() as session:
        views.change(session, viewer(staffed, "erin"), card.id, version=1, visibility="private")
    with staffed.read() as session:
        assert views.pinned(session, viewer(staffed, "sam")) == []


def test_every_act_stands_in_the_ledger_and_one_that_fails_leaves_no_trace(staffed: Database) -> None:
    sam = viewer(staffed, "sam")
    card = save(staffed, "sam")
    with staffed.write() as session:
        views.change(session, sam, card.id, version=1, name="Other")
        views.pin(session, sam, card.id)
        views.remove(session, sam, card.id)
        views.restore(session, sam, card.id)
    with pytest.raises(Conflict):
        save(staffed, "sam", "other")
    assert acts(staffed) == ["view.saved", "view.changed", "view.pinned", "view.deleted", "view.restored"]
    with staffed.read() as session:
        assert ledger.faults(session) == []


def test_only_people_keep_views(staffed: Database) -> None:
    sam = viewer(staffed, "sam")
    job = Viewer("job", "local", "Job", "", "administrator", sam.permissions, sam.context)
    with pytest.raises(Forbidden), staffed.write() as session:
        views.save(session, job, name="A", view=ADDRESS)
    save(staffed, "erin", "All", visibility="everyone")
    save(staffed, "dirk", "Administrators", visibility="role", roles=["administrator"])
    with staffed.read() as session:
        assert [card.name for card in views.listed(session, job)] == ["All"]
