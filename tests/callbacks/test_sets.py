"""Named sets in the filters' sheet: who may, what a pasted list finds, and what belongs to others is not there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from dash import no_update

from app.assembly import House, assemble
from app.services import named_sets
from app.values.errors import Refusal
from app.values.selection import Selection
from app.values.view import View
from callbacks.sets import acted, listed, matched
from layouts.screen.sets import toggled, told
from queries.members import Search
from tests.screen.test_parts import links, text
from tests.services.salient import with_demo, workspace

AT = {"view": "/d/overview?period=all", "saved": ""}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, cheap_hashing: None) -> Iterator[House]:
    opened = assemble(with_demo(workspace(tmp_path_factory.mktemp("sets")), 5_000))
    yield opened
    opened.close()


@pytest.fixture
def house(demo: House) -> Iterator[House]:
    """The demo company, without anybody's sets."""
    yield demo
    with demo.database.write() as session:
        for who in ("erin", "sam", "dirk", "remy"):
            viewer = demo.viewer_named(f"{who}@salient.example")
            for card in named_sets.listed(session, viewer):
                if card.is_mine:
                    named_sets.remove(session, viewer, card.id)


def act(house: House, who: str, view: str = AT["view"], **form: Any) -> tuple[Any, Any, Any]:
    return acted(house, house.viewer_named(f"{who}@salient.example"), {**AT, "view": view}, {"at": 1, **form})


def customers(house: House, who: str) -> list[tuple[str, str]]:
    """Keys and names of the customers that a person sees."""
    viewer = house.viewer_named(f"{who}@salient.example")
    found = house.asker.options(Search("customer", limit=10_000), viewer.context).members
    return [(member.key, member.name) for member in found]


def sheet(house: House, who: str, level: str = "customer", view: str = AT["view"]) -> Any:
    return listed(house, house.viewer_named(f"{who}@salient.example"), {**AT, "view": view}, level)


def test_otto_gets_nothing_of_it(house: House) -> None:
    for form in (
        {"act": "paste", "level": "customer", "list": "C1"},
        {"act": "save", "level": "customer", "name": "x"},
    ):
        with pytest.raises(Refusal):
            act(house, "otto", **form)
    with pytest.raises(Refusal):
        sheet(house, "otto")


def test_a_pasted_list_of_codes_and_names_becomes_a_filter(house: House) -> None:
    (one, _), (two, name), (three, _) = customers(house, "erin")[:3]
    said, _, href = act(
        house, "erin", act="paste", level="customer", list=f"{one.lower()}; {three}\n{name.upper()}\nnobody"
    )
    assert View.parse(href).selection.filter_on("customer").members == tuple(sorted((one, two, three)))  # type: ignore[union-attr]
    assert said == "3 members found. Not among the rows that you may see: nobody."


def test_a_name_with_a_comma_is_not_taken_apart(house: House) -> None:
    viewer = house.viewer_named("erin@salient.example")
    members, missing = matched(house, viewer, "customer", "Nobody, Limited\n\n ; ,, ")
    assert members == []
    assert missing == ["Nobody", "Limited"]
    (key, name), *_ = customers(house, "erin")
    found, missing = matched(house, viewer, "customer", f"{name}\t{key}, {name}")
    assert [member.key for member in found] == [key]
    assert missing == []


def test_what_another_team_sells_to_is_as_unknown_as_what_there_is_not(house: House) -> None:
    mine = {key for key, _ in customers(house, "sam")}
    foreign_key, foreign_name = next(each for each in customers(house, "erin") if each[0] not in mine)
    own = sorted(mine)[0]
    said, _, href = act(house, "sam", act="paste", level="customer", list=f"{own}\n{foreign_key}\n{foreign_name}\nzz")
    assert View.parse(href).selection.filter_on("customer").members == (own,)  # type: ignore[union-attr]
    assert said == f"1 member found. Not among the rows that you may see: {foreign_key}, {foreign_name}, zz."
    said, _, href = act(house, "sam", act="paste", level="customer", list=foreign_key)
    assert href is no_update
    assert said.startswith("0 members found.")


def test_what_is_chosen_is_kept_renamed_and_deleted(house: House) -> None:
    keys = ",".join(key for key, _ in customers(house, "erin")[:3])
    chosen = f"/d/overview?period=all&customer={keys}"
    assert "Keep 3 chosen members as a set" in text(sheet(house, "erin", view=chosen))
    said, _, href = act(house, "erin", chosen, act="save", level="customer", name="Key Accounts")
    assert (said, href) == ("@key-accounts is kept.", "/d/overview?period=all&customer=@key-accounts")
    with house.database.read() as session:
        [card] = named_sets.listed(session, house.viewer_named("erin@salient.example"))
    own = {"id": card.id, "version": str(card.version), "level": "customer"}
    said, _, href = act(house, "erin", href, act="rename", name="Pearls", **own)
    assert href == "/d/overview?period=all&customer=@pearls"
    said, body, elsewhere = act(house, "erin", act="rename", name="gems", **own | {"version": "2"})
    assert elsewhere is no_update
    assert "@gems" in text(body)
    said, _, href = act(house, "erin", "/d/overview?period=all&customer=@gems", act="remove", **own)
    assert (said, href) == ("@gems is deleted.", "/d/overview?period=all")


def test_the_sets_of_others_are_used_and_not_changed(house: House) -> None:
    keys = ",".join(key for key, _ in customers(house, "erin")[:2])
    act(house, "erin", f"/d/overview?customer={keys}", act="save", level="customer", name="ours", visibility="everyone")
    with house.database.read() as session:
        [card] = named_sets.listed(session, house.viewer_named("dirk@salient.example"))
    assert any("customer=@ours" in href for href in links(sheet(house, "dirk")).values())
    assert "Rename" not in text(sheet(house, "dirk"))
    for name in ("rename", "remove"):
        said, body, href = act(house, "dirk", act=name, id=card.id, version="1", name="mine", level="customer")
        assert (said, body, href) == ("There is no such set.", no_update, no_update)
    assert links(sheet(house, "dirk", "product")) == {}


def test_me_is_offered_to_who_is_somebody(house: House) -> None:
    assert any("rep=@me" in href for href in links(sheet(house, "sam", "rep")).values())
    assert not any("@me" in href for href in links(sheet(house, "erin", "rep")).values())


def test_a_rep_shares_with_nobody(house: House) -> None:
    own = customers(house, "sam")[0][0]
    view = f"/d/overview?customer={own}"
    said, _, href = act(house, "sam", view, act="save", level="customer", name="mine", visibility="everyone")
    assert href is no_update
    assert said == "Your role does not allow this."
    assert "Who may use it" not in text(sheet(house, "sam", view=view))


@pytest.mark.parametrize(
    "form",
    [
        {"act": "paste", "level": "customer", "list": ""},
        {"act": "paste", "level": "customer", "list": "x," * 15_000},
        {"act": "paste", "level": "customer", "list": ",".join(map(str, range(3000)))},
        {"act": "paste", "level": "planet", "list": "mars"},
        {"act": "save", "level": "customer", "name": "none chosen"},
        {"act": "rename", "id": "x", "version": "1", "name": "y", "level": "customer"},
        {"act": "remove", "id": "x", "level": "customer"},
        {"act": "burn"},
        {},
    ],
)
def test_odd_forms_are_refused_with_a_sentence(house: House, form: dict[str, Any]) -> None:
    said, body, href = act(house, "erin", **form)
    assert said
    assert (body, href) == (no_update, no_update)


def test_half_a_character_is_refused(house: House) -> None:
    said, _, href = act(house, "erin", act="paste", level="customer", list="\ud800")
    assert (bool(said), href) == (True, no_update)


def test_a_set_is_put_beside_what_is_chosen_and_taken_out_again() -> None:
    chosen = Selection().with_filter("customer", ("C1",))
    both = toggled(chosen, "customer", "ours")
    assert both.filter_on("customer").sets == ("ours",)  # type: ignore[union-attr]
    assert toggled(both, "customer", "ours") == chosen


def test_of_many_missing_entries_the_first_are_named() -> None:
    missing = [f"x{at}" for at in range(1012)]
    assert told(1, missing).endswith("x8, x9 and 1,002 more.")
