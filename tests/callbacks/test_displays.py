"""Putting a view on a display: who may, what is told once, and how a screen is taken away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dash import Dash, html, no_update

import callbacks
from app.assembly import House, assemble
from app.services import accounts
from app.values.errors import Forbidden, Invalid
from callbacks.displays import acted, listed
from callbacks.registry import Registry
from layouts.screen.shell import shell
from queries.warehouse.demo.personas import PERSONAS
from tests.screen.test_parts import parts, text
from tests.services.salient import PASSWORD, workspace

AT = {"view": "/d/overview?period=last-quarter"}
HREF = "https://sales.example/d/overview?period=last-quarter"


@pytest.fixture
def house(tmp_path: Path, cheap_hashing: None) -> Iterator[House]:
    """A workspace without sales, with everybody signed up."""
    opened = assemble(workspace(tmp_path / "home"))
    with opened.database.write() as session:
        accounts.seed_personas(session, PERSONAS, PASSWORD)
    yield opened
    opened.close()


def act(house: House, who: str, **form: Any) -> tuple[Any, Any]:
    return acted(house, house.viewer_named(f"{who}@salient.example"), AT, {"at": 1, **form}, HREF)


def granted(house: House, who: str = "erin", name: str = "Hall") -> str:
    """The address that a display was given."""
    body, said = act(house, who, act="grant", name=name, days="30")
    assert said == ""
    return re.findall(r"https://sales\.example/screen/[\w-]{43}", str(body))[0]


def ids_of(house: House, who: str) -> list[str]:
    """What could be taken away."""
    body = listed(house, house.viewer_named(f"{who}@salient.example"), AT)
    buttons = [each for each in parts(body) if isinstance(each, html.Button)]
    return [getattr(each, "data-id") for each in buttons if getattr(each, "data-keep") == "revoke"]


@pytest.mark.parametrize("who", ["otto", "sam", "tess", "remy", "fay", "mia", "amy"])
def test_who_may_not_puts_nothing_on_a_display_and_takes_nothing_away(house: House, who: str) -> None:
    granted(house)
    [display] = ids_of(house, "erin")
    for form in ({"act": "grant", "name": "Hall", "days": "30"}, {"act": "revoke", "id": display}):
        body, said = act(house, who, **form)
        assert body is no_update
        assert said
    assert ids_of(house, "erin") == [display]


def test_both_callbacks_ask_for_the_permission_before_they_run(house: House) -> None:
    sam = house.viewer_named("sam@salient.example")
    registry = Registry(Dash(__name__, server=False), lambda: sam)
    registry.app.layout = shell()
    callbacks.register(registry, house)
    mine = {name: permission for name, permission in registry.declared.items() if "displays" in name}
    assert set(mine.values()) == {"embed"}
    with pytest.raises(Forbidden):
        registry.require("embed")


def test_the_address_is_told_once(house: House) -> None:
    address = granted(house)
    erin = house.viewer_named("erin@salient.example")
    assert address not in str(listed(house, erin, AT))
    assert "Hall" in text(listed(house, erin, AT))


def test_a_display_is_taken_away_by_its_creator_or_an_administrator(house: House) -> None:
    granted(house)
    granted(house, name="Canteen")
    assert ids_of(house, "dirk") == []
    first, second = ids_of(house, "erin")
    assert act(house, "erin", act="revoke", id=first)[1] == ""
    assert ids_of(house, "ada") == [second]
    assert act(house, "ada", act="revoke", id=second)[1] == ""
    assert ids_of(house, "erin") == []
    assert "taken away" in text(listed(house, house.viewer_named("erin@salient.example"), AT))


@pytest.mark.parametrize(
    "form",
    [
        {"act": "grant", "name": "Hall", "days": "36500"},
        {"act": "grant", "name": "Hall", "days": "9e9"},
        {"act": "grant", "name": "", "days": "30"},
        {"act": "grant", "name": "\x00", "days": "30"},
        {"act": "grant", "name": "Hall"},
        {"act": "revoke", "id": "nothing"},
        {"act": "burn"},
        {},
    ],
)
def test_odd_forms_are_refused_in_the_dialog(house: House, form: dict[str, Any]) -> None:
    body, said = act(house, "erin", **form)
    assert body is no_update
    assert said
    assert ids_of(house, "erin") == []


def test_what_is_no_form_is_refused(house: House) -> None:
    with pytest.raises(Invalid):
        acted(house, house.viewer_named("erin@salient.example"), AT, ["grant"], HREF)
    body, _ = acted(
        house, house.viewer_named("erin@salient.example"), AT, {"act": "grant", "name": "x", "days": "7"}, 3
    )
    assert "/screen/" in str(body)
