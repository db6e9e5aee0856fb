"""A short link leads everybody to the same question, and nobody to another's rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.models.database import Database
from app.models.permalink import Permalink
from app.services import permalinks, views
from app.services.permalinks import MOST_A_DAY
from app.values.errors import Forbidden, Invalid, NotFound, TooBig
from app.values.view import LONGEST
from tests.services.cast import NOW, acts, viewer
from tests.services.test_views import at_once


def link(database: Database, who: str, view: str = "/d/sales?rep=R001", **given: Any) -> str:
    with database.write() as session:
        return permalinks.link_to(session, viewer(database, who), view, **given)


def target(database: Database, who: str, found: str) -> str:
    with database.read() as session:
        return permalinks.target_of(session, viewer(database, who), found)


def test_otto_makes_no_link_and_each_leads_him_nowhere(staffed: Database) -> None:
    made = link(staffed, "erin")
    with pytest.raises(Forbidden):
        link(staffed, "otto")
    told = set()
    for found in (made, "nosuchlink00", ""):
        with pytest.raises(NotFound) as refusal:
            target(staffed, "otto", found)
        told.add(refusal.value.sentence)
    assert len(told) == 1


def test_a_link_leads_everybody_to_the_same_address(staffed: Database) -> None:
    made = link(staffed, "erin", "https://elsewhere.example/d/sales?rep=R001&period=THIS-quarter")
    assert len(made) == 12
    for name in ("erin", "sam", "rob"):
        assert target(staffed, name, made) == "/d/sales?rep=R001"


def test_one_view_has_one_link_however_it_is_written_and_whoever_asks(staffed: Database) -> None:
    made = link(staffed, "erin", "/d/sales?category=b,a&period=2025")
    assert link(staffed, "sam", "/d/sales?period=2025&category=a&category=b") == made
    assert link(staffed, "sam", "/d/sales?period=2025&category=a") != made
    assert acts(staffed) == ["link.made", "link.made"]


def test_links_made_at_once_are_one(staffed: Database) -> None:
    assert at_once(*[lambda: link(staffed, "erin")] * 4) == []
    with staffed.read() as session:
        assert session.scalar(select(func.count()).select_from(Permalink)) == 1


def test_a_link_holds_the_longest_of_views(staffed: Database) -> None:
    view = "/d/sales?category=" + "%2C" * ((LONGEST - 18) // 3)
    assert target(staffed, "sam", link(staffed, "sam", view)) == view


@pytest.mark.parametrize("wrong", ["https://elsewhere.example/", "/account", "//elsewhere.example/d", "javascript:a()"])
def test_what_is_no_view_gets_no_link(staffed: Database, wrong: str) -> None:
    with pytest.raises(Invalid):
        link(staffed, "sam", wrong)


def test_a_saved_view_is_reached_by_its_own_id_by_those_it_is_shared_with(staffed: Database) -> None:
    with staffed.write() as session:
        card = views.save(
            session, viewer(staffed, "tess"), name="Ours", view="/d/team?team=@my-team", visibility="team"
        )
    assert target(staffed, "sam", card.id) == f"/d/team?team=@my-team#v={card.id}"
    told = set()
    for found in (card.id, "nosuchlink00"):
        with pytest.raises(NotFound) as refusal:
            target(staffed, "rob", found)
        told.add(refusal.value.sentence)
    assert len(told) == 1
    with staffed.write() as session:
        views.change(session, viewer(staffed, "tess"), card.id, version=1, view="/d/team")
    assert target(staffed, "sam", card.id) == f"/d/team#v={card.id}"


def test_there_is_an_end_to_the_links_of_a_day(staffed: Database) -> None:
    link(staffed, "sam", now=NOW)
    with staffed.write() as session:
        sam = session.scalars(select(Permalink.maker_id)).one()
        session.add_all(
            Permalink(id=f"l{number}", digest=f"{number}", view="/d/sales", maker_id=sam, created_at=NOW)
            for number in range(MOST_A_DAY - 1)
        )
    with pytest.raises(TooBig):
        link(staffed, "sam", "/d/regions", now=NOW)
    assert link(staffed, "sam", now=NOW)
    assert link(staffed, "rob", "/d/regions", now=NOW)
    assert link(staffed, "sam", "/d/team", now=NOW + timedelta(days=1, seconds=1))
