"""A screen without a session shows one view, as its creator may see it at that moment, until somebody takes it away."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.models.database import Database
from app.models.display import Display
from app.models.event import AuditEvent
from app.services import accounts, displays, named_sets
from app.services.displays import LONGEST, MOST, DisplayCard, Screen
from app.values.errors import Forbidden, Invalid, NotFound, TooBig
from app.values.scope import Scope
from app.values.view import View
from tests.services.cast import NOW, TERMS, TREES, acts, viewer

VIEW = "/d/overview?period=this-month"


def grant(database: Database, who: str = "erin", view: str = VIEW, **given: Any) -> tuple[DisplayCard, str]:
    with database.write() as session:
        return displays.grant(session, viewer(database, who), name="Hall", view=view, now=NOW, **given)


def enter(database: Database, token: str, now: datetime = NOW, **given: Any) -> Screen:
    with database.read() as session:
        return displays.enter(session, token, trees=lambda: TREES, terms=lambda: TERMS, now=now, **given)


def is_shut(database: Database, token: str, now: datetime = NOW) -> bool:
    """Whether the screen is refused, in the words for a token that never was."""
    told = []
    for each in (token, "no token at all"):
        try:
            enter(database, each, now)
        except NotFound as refusal:
            told.append(refusal.sentence)
    assert len(set(told)) == 1
    return len(told) == 2


def rights(database: Database, who: str, **given: Any) -> None:
    with database.write() as session:
        accounts.change_rights(session, "cli", f"{who}@x.example", **given)


def test_only_who_may_lets_a_screen_in(staffed: Database) -> None:
    for name in ("otto", "sam", "rob", "tess", "remy", "fay"):
        with pytest.raises(Forbidden):
            grant(staffed, name)
    assert acts(staffed) == []
    for name in ("ada", "erin", "dirk"):
        card, token = grant(staffed, name)
        assert (card.creator, card.view, card.expires_at) == (name.title(), VIEW, NOW + timedelta(days=90))
        assert len(token) >= 43


def test_a_screen_looks_and_does_nothing_else(staffed: Database) -> None:
    card, token = grant(staffed)
    screen = enter(staffed, token)
    assert (screen.id, screen.viewer.kind, screen.viewer.id) == (card.id, "embed", f"display:{card.id}")
    assert screen.viewer.permissions == {"dashboards"}
    assert screen.viewer.context.scope == Scope.everything()
    assert screen.viewer.context.masks == {"contact"}
    with staffed.write() as session:
        for act in (displays.listed, lambda s, v: displays.grant(s, v, name="B", view=VIEW)):
            with pytest.raises(Forbidden):
                act(session, screen.viewer)


def test_a_screen_shows_its_view_and_no_other(staffed: Database) -> None:
    _, token = grant(staffed)
    screen = enter(staffed, token)
    assert screen.shows(View.parse(VIEW))
    assert screen.shows(View.parse("/d/overview/net-sales?period=this-month"))
    for other in ("/d/overview", "/d/overview?period=this-month&rep=R1", "/d/sales?period=this-month"):
        assert not screen.shows(View.parse(other))
    _, token = grant(staffed, view="/d/overview/net-sales?period=this-month")
    assert not enter(staffed, token).shows(View.parse(VIEW))


def test_the_token_is_told_once_and_kept_nowhere(staffed: Database) -> None:
    _, token = grant(staffed)
    with staffed.read() as session:
        row = session.scalars(select(Display)).one()
        kept = [str(getattr(row, column.key)) for column in Display.__table__.columns]
        told = [str((event.subject, event.detail)) for event in session.scalars(select(AuditEvent))]
    assert not any(token in text for text in (*kept, *told))
    _, other = grant(staffed)
    assert other != token


def test_a_screen_sees_less_as_soon_as_its_creator_does(staffed: Database) -> None:
    rights(staffed, "dirk", rep_key="R007")
    _, token = grant(staffed, "dirk")
    with staffed.write() as session:
        accounts.change_role(
            session,
            "cli",
            "director",
            permissions=["dashboards", "embed"],
            masks=["cost"],
            scope_kind="own",
        )
    context = enter(staffed, token).viewer.context
    assert context.scope == Scope.of(rep={"R007"})
    assert context.masks == {"cost", "contact"}


@pytest.mark.parametrize("role", ["rep", "team-lead", "none"])
def test_a_creator_who_may_no_longer_has_no_screens(staffed: Database, role: str) -> None:
    _, token = grant(staffed)
    rights(staffed, "erin", role=role, rep_key="R1", team_keys=["T1"])
    assert is_shut(staffed, token)
    rights(staffed, "erin", role="executive")
    assert not is_shut(staffed, token)


def test_a_creator_who_is_switched_off_has_no_screens(staffed: Database) -> None:
    _, token = grant(staffed)
    with staffed.write() as session:
        accounts.disable_user(session, "cli", "erin@x.example")
    assert is_shut(staffed, token)


def test_a_creator_who_sees_no_row_has_no_screens(staffed: Database) -> None:
    _, token = grant(staffed, "dirk")
    with staffed.write() as session:
        accounts.change_role(
            session, "cli", "director", permissions=["dashboards", "embed"], masks=[], scope_kind="own"
        )
    assert is_shut(staffed, token)


def test_a_persona_has_screens_in_the_demo_alone(staffed: Database) -> None:
    with staffed.write() as session:
        accounts.add_user(session, "cli", email="eve@x.example", name="Eve", role="executive", persona=True)
    _, token = grant(staffed, "eve")
    assert is_shut(staffed, token)
    assert enter(staffed, token, demo=True).shows(View.parse(VIEW))


def test_leave_ends_on_its_day_and_at_once_when_it_is_taken_away(staffed: Database) -> None:
    _, token = grant(staffed, lasts=timedelta(days=1))
    assert not is_shut(staffed, token, NOW + timedelta(hours=23))
    assert is_shut(staffed, token, NOW + timedelta(days=1))
    card, token = grant(staffed)
    with staffed.write() as session:
        displays.revoke(session, viewer(staffed, "erin"), card.id, now=NOW)
        displays.revoke(session, viewer(staffed, "erin"), card.id, now=NOW)
    assert is_shut(staffed, token)
    assert acts(staffed) == ["display.granted", "display.granted", "display.revoked"]


def test_administrators_see_and_take_away_everybodys_screens_and_others_their_own(staffed: Database) -> None:
    card, token = grant(staffed)
    with staffed.read() as session:
        assert displays.listed(session, viewer(staffed, "dirk")) == []
        assert [each.id for each in displays.listed(session, viewer(staffed, "ada"))] == [card.id]
    told = set()
    for display_id in (card.id, "nosuchscreen"):
        with pytest.raises(NotFound) as refusal, staffed.write() as session:
            displays.revoke(session, viewer(staffed, "dirk"), display_id)
        told.add(refusal.value.sentence)
    assert len(told) == 1
    with pytest.raises(Forbidden), staffed.write() as session:
        displays.revoke(session, viewer(staffed, "otto"), card.id)
    assert not is_shut(staffed, token)
    rights(staffed, "erin", role="rep", rep_key="R1")
    with staffed.write() as session:
        displays.revoke(session, viewer(staffed, "ada"), card.id)
    rights(staffed, "erin", role="executive")
    assert is_shut(staffed, token)


def test_sets_on_a_screen_are_its_creators(staffed: Database) -> None:
    with staffed.write() as session:
        named_sets.create(session, viewer(staffed, "erin"), name="big", level="customer", members=["acme"])
    _, token = grant(staffed, view="/d/customers?customer=@big")
    screen = enter(staffed, token)
    assert screen.view.selection.where[0].settled().members == ("acme",)
    assert screen.shows(View.parse("/d/customers?customer=@big"))
    assert not screen.shows(View.parse("/d/customers?customer=acme"))


@pytest.mark.parametrize("lasts", [timedelta(0), timedelta(days=-1), LONGEST + timedelta(seconds=1)])
def test_leave_lasts_a_year_at_most(staffed: Database, lasts: timedelta) -> None:
    with pytest.raises(Invalid):
        grant(staffed, lasts=lasts)


def test_what_is_no_view_is_on_no_screen(staffed: Database) -> None:
    with pytest.raises(Invalid):
        grant(staffed, view="/account")


def test_there_is_an_end_to_the_screens_of_one_person(staffed: Database) -> None:
    for _ in range(MOST):
        card, _ = grant(staffed)
    with pytest.raises(TooBig):
        grant(staffed)
    with staffed.write() as session:
        displays.revoke(session, viewer(staffed, "erin"), card.id)
    assert grant(staffed)


def test_a_screens_last_sign_of_life_is_kept_to_the_minute(staffed: Database) -> None:
    card, _ = grant(staffed)
    for seconds in (0, 59, 61):
        with staffed.write() as session:
            displays.note_seen(session, card.id, NOW + timedelta(seconds=seconds))
    with staffed.read() as session:
        assert displays.listed(session, viewer(staffed, "erin"))[0].seen_at == NOW + timedelta(seconds=61)
