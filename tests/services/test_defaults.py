"""Everybody begins where they chose to, else where their role does."""

from __future__ import annotations

from typing import Any

import pytest

from app.models.database import Database
from app.models.view import HOME
from app.services import accounts, defaults, views
from app.services.defaults import ROLE_HOMES
from app.services.views import ViewCard
from app.values.errors import Conflict, Forbidden, Invalid, NotFound
from tests.services.cast import acts, viewer

ALL = ("overview", "sales", "regions", "products", "team", "me", "customers", "customer")


def save(database: Database, who: str, view: str, **given: Any) -> ViewCard:
    with database.write() as session:
        return views.save(session, viewer(database, who), name=f"{who}: {view}", view=view, **given)


def choose(database: Database, who: str, card: ViewCard, **given: Any) -> None:
    with database.write() as session:
        defaults.set_default(session, viewer(database, who), card.id, **given)


def home(database: Database, who: str, dashboards: tuple[str, ...] = ALL) -> str | None:
    with database.read() as session:
        found = defaults.home(session, viewer(database, who), dashboards)
    return None if found is None else str(found)


def begins(database: Database, who: str, place: str) -> str | None:
    with database.read() as session:
        card = defaults.default_for(session, viewer(database, who), place)
    return None if card is None else card.view


def test_every_role_has_a_home_made_for_it(staffed: Database) -> None:
    assert {name: home(staffed, name) for name in ("ada", "erin", "dirk", "fay", "remy", "tess", "sam")} == {
        "ada": "/d/overview",
        "erin": "/d/overview",
        "dirk": "/d/overview",
        "fay": "/d/sales",
        "remy": "/d/regions",
        "tess": "/d/team",
        "sam": "/d/me",
    }
    assert set(ROLE_HOMES.values()) <= set(ALL)


def test_without_the_own_dashboard_the_overview_is_home_and_without_any_there_is_none(staffed: Database) -> None:
    assert home(staffed, "sam", ("sales", "overview")) == "/d/overview"
    assert home(staffed, "sam", ("sales", "regions")) == "/d/sales"
    assert home(staffed, "otto", ()) is None


def test_ones_own_choice_goes_before_that_of_the_role(staffed: Database) -> None:
    for_reps = save(staffed, "dirk", "/d/me?period=this-month", visibility="role", roles=["rep"])
    choose(staffed, "dirk", for_reps, role="rep")
    assert begins(staffed, "sam", "me") == home(staffed, "sam") == "/d/me?period=this-month"
    assert begins(staffed, "tess", "me") is None
    own = save(staffed, "sam", "/d/me?period=this-week")
    choose(staffed, "sam", own)
    assert home(staffed, "sam") == "/d/me?period=this-week"
    assert home(staffed, "rob") == "/d/me?period=this-month"
    with staffed.write() as session:
        defaults.clear_default(session, viewer(staffed, "sam"), "me")
        defaults.clear_default(session, viewer(staffed, "sam"), "me")
    assert home(staffed, "sam") == "/d/me?period=this-month"
    assert acts(staffed).count("view.default-cleared") == 1


def test_a_home_goes_before_the_beginning_of_the_roles_dashboard(staffed: Database) -> None:
    choose(staffed, "sam", save(staffed, "sam", "/d/me?period=this-week"))
    for_reps = save(staffed, "dirk", "/d/sales?period=2025", visibility="everyone")
    choose(staffed, "dirk", for_reps, role="rep", home=True)
    assert home(staffed, "sam") == "/d/sales?period=2025"
    choose(staffed, "sam", save(staffed, "sam", "/d/customers"), home=True)
    assert home(staffed, "sam") == "/d/customers"
    assert home(staffed, "sam", ("me", "sales")) == "/d/me?period=this-week"
    assert begins(staffed, "sam", HOME) == "/d/customers"


def test_another_choice_takes_the_place_of_the_first(staffed: Database) -> None:
    for period in ("2024", "2025"):
        choose(staffed, "sam", save(staffed, "sam", f"/d/sales?period={period}"))
    assert begins(staffed, "sam", "sales") == "/d/sales?period=2025"
    with staffed.read() as session:
        chosen = defaults.own_defaults(session, viewer(staffed, "sam"))
        assert defaults.own_defaults(session, viewer(staffed, "rob")) == {}
        assert {place: views.find(session, viewer(staffed, "sam"), card).view for place, card in chosen.items()} == {
            "sales": "/d/sales?period=2025"
        }


def test_only_who_may_chooses_for_a_role(staffed: Database) -> None:
    card = save(staffed, "erin", "/d/sales", visibility="everyone")
    for name in ("sam", "tess", "erin", "fay", "otto"):
        with pytest.raises(Forbidden):
            choose(staffed, name, card, role="rep")
        with pytest.raises(Forbidden), staffed.write() as session:
            defaults.clear_default(session, viewer(staffed, name), "sales", role="rep")
        with pytest.raises(Forbidden), staffed.read() as session:
            defaults.defaults_of_role(session, viewer(staffed, name), "rep")
    for name in ("ada", "dirk"):
        choose(staffed, name, card, role="rep")
        with staffed.read() as session:
            assert defaults.defaults_of_role(session, viewer(staffed, name), "rep") == {"sales": card.id}
    with pytest.raises(Invalid):
        choose(staffed, "ada", card, role="king")


def test_a_role_begins_only_with_what_it_may_use(staffed: Database) -> None:
    card = save(staffed, "dirk", "/d/sales", visibility="role", roles=["finance"])
    with pytest.raises(Conflict, match="share it first"):
        choose(staffed, "dirk", card, role="rep")
    with pytest.raises(Conflict, match="share it first"):
        choose(staffed, "dirk", save(staffed, "dirk", "/d/me"), role="rep")


def test_nobody_begins_with_a_view_that_is_not_theirs_to_see(staffed: Database) -> None:
    card = save(staffed, "erin", "/d/sales?period=2025")
    for view_id in (card.id, "nosuchview00"):
        with pytest.raises(NotFound), staffed.write() as session:
            defaults.set_default(session, viewer(staffed, "sam"), view_id)
    with pytest.raises(Forbidden):
        choose(staffed, "otto", card)


def test_a_view_that_was_deleted_or_is_private_again_is_passed_over(staffed: Database) -> None:
    shared = save(staffed, "dirk", "/d/sales?period=2024", visibility="everyone")
    choose(staffed, "dirk", shared, role="rep")
    chosen = save(staffed, "erin", "/d/sales?period=2025", visibility="everyone")
    choose(staffed, "sam", chosen)
    assert begins(staffed, "sam", "sales") == "/d/sales?period=2025"
    with staffed.write() as session:
        views.change(session, viewer(staffed, "erin"), chosen.id, version=1, visibility="private")
    assert begins(staffed, "sam", "sales") == "/d/sales?period=2024"
    with staffed.write() as session:
        views.remove(session, viewer(staffed, "dirk"), shared.id)
    assert begins(staffed, "sam", "sales") is None


def test_another_role_begins_elsewhere_at_once(staffed: Database) -> None:
    with staffed.write() as session:
        accounts.change_rights(session, "cli", "sam@x.example", role="executive")
    assert home(staffed, "sam") == "/d/overview"


def test_a_place_is_a_dashboard_or_home(staffed: Database) -> None:
    with pytest.raises(Invalid), staffed.write() as session:
        defaults.clear_default(session, viewer(staffed, "sam"), "../etc")
