"""Saved views through their callbacks: who may, what is said, where it leads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dash import no_update

from app.assembly import House, assemble
from app.services import accounts, views
from app.values.errors import Forbidden, Invalid, NotFound
from app.values.view import View
from callbacks.drill import clicked
from callbacks.surroundings import surroundings
from callbacks.views import ACTS, acted, dialog, listed, note_opened
from layouts.screen.kept import saved_of, with_saved
from layouts.screen.rail import rail
from queries.warehouse.demo.personas import PERSONAS
from tests.screen.test_parts import links, parts, text
from tests.services.salient import PASSWORD, workspace

AT = {"view": "/d/overview?period=last-quarter", "saved": ""}


@pytest.fixture
def house(tmp_path: Path, cheap_hashing: None) -> Iterator[House]:
    """A workspace without sales, with everybody signed up."""
    opened = assemble(workspace(tmp_path / "home"))
    with opened.database.write() as session:
        accounts.seed_personas(session, PERSONAS, PASSWORD)
    yield opened
    opened.close()


def act(house: House, who: str, at: dict[str, Any] = AT, **form: Any) -> tuple[Any, ...]:
    return acted(house, house.viewer_named(f"{who}@salient.example"), at, {"at": 1, **form})


def saved(house: House, who: str, name: str = "Mine", **form: Any) -> str:
    return saved_of(act(house, who, act="save", name=name, **form)[4])


def test_otto_may_do_none_of_it(house: House) -> None:
    view_id = saved(house, "erin", visibility="everyone")
    otto = house.viewer_named("otto@salient.example")
    for name in set(ACTS) - {"click"}:
        form = {"act": name, "id": view_id, "version": "1", "name": "Mine"}
        try:
            done = act(house, "otto", **form)
        except (Forbidden, NotFound):
            continue
        # In the dialog a refusal is said where one stands: nothing else may happen.
        assert done[1] == "Your role does not allow this."
        assert {id(part) for part in (done[0], *done[2:])} == {id(no_update)}
    for show in (listed, dialog):
        with pytest.raises(Forbidden):
            show(house, otto, AT)


def test_another_teams_rep_neither_sees_nor_touches_sams_view(house: House) -> None:
    view_id = saved(house, "sam", "Sams own")
    assert "Sams own" not in text(listed(house, house.viewer_named("amy@salient.example"), AT))
    for name in ("remove", "pin", "restore"):
        with pytest.raises(NotFound):
            act(house, "amy", act=name, id=view_id)
    around = surroundings(house, house.viewer_named("amy@salient.example"), View("overview"), view_id)
    assert around.saved is None


def test_a_saved_view_is_named_in_the_bar_and_marked_when_changed(house: House) -> None:
    view_id, erin = saved(house, "erin", "My quarter"), house.viewer_named("erin@salient.example")
    stands = surroundings(house, erin, View.parse(AT["view"]), view_id)
    assert stands.saved is not None
    assert (stands.saved.name, stands.is_changed) == ("My quarter", False)
    assert surroundings(house, erin, View.parse("/d/overview?period=2025"), view_id).is_changed


def test_a_name_that_is_taken_is_said_in_the_dialog(house: House) -> None:
    saved(house, "erin", "My quarter")
    done = act(house, "erin", act="save", name="my QUARTER")
    assert done[0] is no_update
    assert done[1] == "You have a view called my QUARTER already."


def test_two_windows_changing_one_view_are_told_apart(house: House) -> None:
    view_id = saved(house, "erin", "My quarter")
    act(house, "erin", {**AT, "view": "/d/overview?period=2025"}, act="change", id=view_id, version="1", name="My year")
    done = act(house, "erin", act="change", id=view_id, version="1", name="Mine")
    assert done[1] == "My year was changed meanwhile: look at it again, then save."


def test_what_is_deleted_can_be_brought_back_from_the_notice(house: House) -> None:
    view_id = saved(house, "erin", "My quarter")
    done = act(house, "erin", {**AT, "saved": view_id}, act="remove", id=view_id)
    assert done[4] == AT["view"]
    undo = next(each for each in parts(done[2]) if getattr(each, "data-keep", "") == "restore")
    act(house, "erin", act="restore", id=getattr(undo, "data-id"))
    with house.database.read() as session:
        assert views.find(session, house.viewer_named("erin@salient.example"), view_id).name == "My quarter"


def test_pinned_views_stand_on_the_rail(house: House) -> None:
    view_id, erin = saved(house, "erin", "My quarter", pinned=True), house.viewer_named("erin@salient.example")
    assert links(rail(surroundings(house, erin, View("sales"))))["My quarter"].endswith(f"#v={view_id}")
    act(house, "erin", act="unpin", id=view_id)
    assert "My quarter" not in links(rail(surroundings(house, erin, View("sales"))))


def test_a_dashboard_is_begun_with_the_view_by_those_who_bring_nothing_along(house: House) -> None:
    view_id, erin = saved(house, "erin", "My quarter", begins=True), house.viewer_named("erin@salient.example")
    assert links(rail(surroundings(house, erin, View("sales"))))["Overview"] == f"{AT['view']}#v={view_id}"
    brought = View.parse("/d/sales?category=services")
    assert links(rail(surroundings(house, erin, brought)))["Overview"] == "/d/overview?category=services"


def test_only_those_permitted_choose_for_roles(house: House) -> None:
    for who, may in (("dirk", True), ("erin", False), ("sam", False)):
        form = dialog(house, house.viewer_named(f"{who}@salient.example"), AT)
        names = {getattr(each, "name", None) for each in parts(form)}
        assert ("for:rep" in names) == may
        assert ("role:rep" in names) == (who != "sam")


def test_a_link_is_short_and_the_same_for_the_same_view(house: House) -> None:
    one, other = act(house, "erin", act="link")[5], act(house, "sam", act="link")[5]
    assert one == other
    assert one["link"].startswith("/v/")


@pytest.mark.parametrize(
    "asked", [None, [], {}, {"act": "format"}, {"act": "pin", "id": {}}, {"act": "save", "name": "\ud800"}]
)
def test_what_no_page_sends_is_refused(house: House, asked: Any) -> None:
    erin = house.viewer_named("erin@salient.example")
    try:
        done = acted(house, erin, AT, asked)
    except Invalid:
        return
    assert done[0] is no_update
    assert done[1]


def test_several_marks_are_filtered_by_together_and_taken_out_together() -> None:
    mark = {"level": "region", "key": "a", "keys": ["a", "b"], "gesture": "filter"}
    assert clicked("/d/sales?region=b", mark) == "/d/sales?region=a,b"
    assert clicked("/d/sales?region=a,b", mark) == "/d/sales"
    for keys in (["a"] * 501, [1], "ab"):
        with pytest.raises(Invalid):
            clicked("/d/sales", {**mark, "keys": keys})


def test_an_address_keeps_the_name_of_the_saved_view() -> None:
    assert saved_of(with_saved("/d/sales?period=2025", "abc")) == "abc"
    assert saved_of("http://x.example/d/sales#main") == ""
    assert saved_of("/d/sales") == ""


def test_a_view_opened_from_the_menu_is_remembered_for_who_opened_it(house: House) -> None:
    view_id = saved(house, "erin", visibility="everyone")
    dirk = house.viewer_named("dirk@salient.example")

    def opened_by(who: str) -> Any:
        with house.database.read() as session:
            return views.find(session, house.viewer_named(f"{who}@salient.example"), view_id).opened_at

    before = opened_by("dirk")
    note_opened(house, dirk, {"id": view_id, "at": 1})
    assert opened_by("dirk") != before
    for odd in ({"id": "nothing"}, {"id": 5}, {}):
        with pytest.raises((Invalid, NotFound)):
            note_opened(house, dirk, odd)
    with pytest.raises((Forbidden, NotFound)):
        note_opened(house, house.viewer_named("otto@salient.example"), {"id": view_id})
