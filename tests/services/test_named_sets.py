"""A set of members under a name means for each what it means to them, and shows nobody a row."""

from __future__ import annotations

from typing import Any

import pytest

from app.models.database import Database
from app.services import accounts, ledger, named_sets
from app.services.named_sets import MOST_MEMBERS, SetCard
from app.values.errors import Conflict, Forbidden, Invalid, NotAskable, NotFound, TooBig
from app.values.selection import Filter, Selection
from app.values.view import View
from app.values.viewer import Viewer
from tests.services.cast import acts, viewer
from tests.services.test_views import at_once


def create(database: Database, who: str, name: str = "key-accounts", **given: Any) -> SetCard:
    asked = {"level": "customer", "members": ["acme", "@home", "zeta"], **given}
    with database.write() as session:
        return named_sets.create(session, viewer(database, who), name=name, **asked)


def expanded(database: Database, who: str | Viewer, address: str) -> View:
    asked = View.parse(address)
    with database.read() as session:
        seen = viewer(database, who) if isinstance(who, str) else who
        return asked.with_selection(named_sets.expand(session, seen, asked.selection))


def keys(database: Database, who: str | Viewer, address: str) -> tuple[str, ...]:
    [only] = expanded(database, who, address).selection.filters
    return only.settled().members


ADDRESS = "/d/customers?customer=@key-accounts"


def test_otto_makes_no_set_and_uses_none(staffed: Database) -> None:
    card = create(staffed, "erin", visibility="everyone")
    otto = viewer(staffed, "otto")
    for act in (
        lambda session: named_sets.create(session, otto, name="a", level="customer", members=["x"]),
        lambda session: named_sets.change(session, otto, card.id, version=1, name="b"),
        lambda session: named_sets.remove(session, otto, card.id),
        lambda session: named_sets.listed(session, otto),
    ):
        with pytest.raises(Forbidden), staffed.write() as session:
            act(session)
    assert otto.context.scope.is_nothing
    assert acts(staffed) == ["set.created"]


def test_a_set_is_looked_up_and_keeps_its_name_in_the_address(staffed: Database) -> None:
    create(staffed, "sam")
    view = expanded(staffed, "sam", ADDRESS + ",other")
    assert str(view) == "/d/customers?customer=other,@key-accounts"
    assert view.selection.where[0].settled() == Filter("customer", ("@home", "acme", "other", "zeta"))
    left_out = expanded(staffed, "sam", "/d/customers?customer=!@key-accounts").selection.where[0].settled()
    assert left_out == Filter("customer", ("@home", "acme", "zeta"), exclude=True)


def test_a_key_that_looks_like_a_set_is_a_key(staffed: Database) -> None:
    create(staffed, "sam", "home", members=["zeta"])
    assert keys(staffed, "sam", "/d/customers?customer=%40home") == ("@home",)
    assert keys(staffed, "sam", "/d/customers?customer=@home") == ("zeta",)


def test_a_selection_without_sets_is_left_as_it_is(staffed: Database) -> None:
    assert expanded(staffed, "sam", "/d/sales?customer=acme") == View.parse("/d/sales?customer=acme")


def test_views_see_the_members_of_now(staffed: Database) -> None:
    card = create(staffed, "sam")
    with staffed.write() as session:
        named_sets.change(session, viewer(staffed, "sam"), card.id, version=1, members=["beta", "beta"])
    assert keys(staffed, "sam", ADDRESS) == ("beta",)
    with staffed.write() as session:
        named_sets.remove(session, viewer(staffed, "sam"), card.id)
    with pytest.raises(NotFound, match="no set @key-accounts"):
        expanded(staffed, "sam", ADDRESS)


def test_a_private_set_of_somebody_else_is_as_unknown_as_one_that_is_not_there(staffed: Database) -> None:
    card = create(staffed, "sam")
    told = set()
    for name in ("rob", "tess", "erin", "ada"):
        with pytest.raises(NotFound) as refusal:
            expanded(staffed, name, ADDRESS)
        told.add(refusal.value.sentence)
        for set_id in (card.id, "nosuchset000"):
            with pytest.raises(NotFound), staffed.write() as session:
                named_sets.remove(session, viewer(staffed, name), set_id)
    assert told == {"There is no set @key-accounts that you may use."}


def test_a_teams_set_is_for_the_team(staffed: Database) -> None:
    card = create(staffed, "tess", visibility="team")
    assert keys(staffed, "sam", ADDRESS) == ("@home", "acme", "zeta")
    with pytest.raises(NotFound):
        expanded(staffed, "rob", ADDRESS)
    with pytest.raises(Forbidden, match="belongs to Tess"), staffed.write() as session:
        named_sets.change(session, viewer(staffed, "sam"), card.id, version=1, members=["x"])
    with staffed.write() as session:
        accounts.change_rights(session, "cli", "sam@x.example", team_keys=[])
    with pytest.raises(NotFound):
        expanded(staffed, "sam", ADDRESS)


def test_only_the_owner_is_told_the_keys(staffed: Database) -> None:
    create(staffed, "erin", visibility="everyone")
    with staffed.read() as session:
        [own] = named_sets.listed(session, viewer(staffed, "erin"))
        [seen] = named_sets.listed(session, viewer(staffed, "sam"), level="customer")
        assert named_sets.listed(session, viewer(staffed, "sam"), level="product") == []
    assert (own.members, own.is_mine) == (("@home", "acme", "zeta"), True)
    assert (seen.members, seen.is_mine, seen.owner, seen.name) == (None, False, "Erin", "key-accounts")


def test_a_set_is_used_on_its_own_level(staffed: Database) -> None:
    create(staffed, "sam")
    with pytest.raises(NotAskable, match="@key-accounts is a set of the dimension customer"):
        expanded(staffed, "sam", "/d/sales?product=@key-accounts")


def test_a_name_means_one_set_to_everybody(staffed: Database) -> None:
    create(staffed, "sam")
    with pytest.raises(Conflict, match="@key-accounts already"):
        create(staffed, "sam", level="product")
    create(staffed, "erin", members=["other"], visibility="everyone")
    with pytest.raises(Conflict, match="more than one set"):
        expanded(staffed, "sam", ADDRESS)
    assert keys(staffed, "rob", ADDRESS) == ("other",)
    with pytest.raises(Conflict, match="@key-accounts already"):
        create(staffed, "rob")


def test_a_relative_set_is_about_whoever_looks(staffed: Database) -> None:
    assert keys(staffed, "sam", "/d/sales?rep=@me") == ("R002",)
    assert keys(staffed, "rob", "/d/sales?rep=@me") == ("R009",)
    assert keys(staffed, "tess", "/d/sales?team=@my-team") == ("T1",)
    assert keys(staffed, "remy", "/d/sales?region=@my-places") == ("iberia",)
    assert keys(staffed, "remy", "/d/sales?country=@my-places") == ("it",)
    with staffed.write() as session:
        accounts.change_rights(session, "cli", "sam@x.example", rep_key="R003")
    assert keys(staffed, "sam", "/d/sales?rep=@me") == ("R003",)


def test_who_has_no_such_key_is_told_instead_of_shown_all(staffed: Database) -> None:
    for name, address in (
        ("erin", "/d/sales?rep=@me"),
        ("erin", "/d/sales?rep=!@me"),
        ("remy", "/d/sales?state=@my-places"),
        ("tess", "/d/sales?department=@my-team"),
        ("sam", "/d/sales?team=@me"),
    ):
        with pytest.raises(NotAskable):
            expanded(staffed, name, address)
    sam = viewer(staffed, "sam")
    with pytest.raises(NotAskable):
        expanded(staffed, Viewer("job", sam.id, "Job", "", "rep", sam.permissions, sam.context), "/d/sales?rep=@me")


@pytest.mark.parametrize("name", ["me", "my-team", "my-places"])
def test_nobody_takes_a_name_that_means_whoever_looks(staffed: Database, name: str) -> None:
    with pytest.raises(Conflict):
        create(staffed, "erin", name)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Key"},
        {"name": ""},
        {"name": "1a"},
        {"name": "a" * 41},
        {"level": "xyzzy"},
        {"level": "month"},
        {"members": []},
        {"members": ["a\x00"]},
        {"members": ["a" * 201]},
        {"members": ["\ud800"]},
        {"visibility": "world"},
    ],
)
def test_what_is_no_set_is_refused_with_a_sentence(staffed: Database, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refusal:
        create(staffed, "erin", **wrong)
    assert refusal.value.sentence.endswith(".")


def test_a_set_has_a_thousand_members_at_most(staffed: Database) -> None:
    card = create(staffed, "sam", members=[f"c{number}" for number in range(MOST_MEMBERS)])
    assert len(card.members or ()) == MOST_MEMBERS
    with pytest.raises(TooBig):
        create(staffed, "sam", "more", members=[f"c{number}" for number in range(MOST_MEMBERS + 1)])


def test_the_second_of_two_editors_is_told(staffed: Database) -> None:
    card = create(staffed, "sam")
    sam = viewer(staffed, "sam")

    def change(member: str) -> None:
        with staffed.write() as session:
            named_sets.change(session, sam, card.id, version=1, members=[member])

    raised = at_once(lambda: change("one"), lambda: change("two"))
    assert [type(error) for error in raised] == [Conflict]
    assert keys(staffed, "sam", ADDRESS) in (("one",), ("two",))
    with staffed.read() as session:
        assert ledger.faults(session) == []


def test_of_two_sets_made_at_once_under_one_name_one_is_told(staffed: Database) -> None:
    raised = at_once(*[lambda: create(staffed, "sam")] * 3)
    assert [type(error) for error in raised] == [Conflict] * 2


def test_reps_share_no_sets(staffed: Database) -> None:
    for visibility in ("team", "everyone"):
        with pytest.raises(Forbidden):
            create(staffed, "sam", visibility=visibility)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Key accounts (DACH)", "key-accounts-dach"),
        ("Großkunden & Schlüssel", "grosskunden-schlussel"),
        ("  Été 2026 ", "ete-2026"),
        ("a" * 39 + " b", "a" * 39),
    ],
)
def test_a_title_becomes_a_name(title: str, name: str) -> None:
    assert named_sets.name_from(title) == name


@pytest.mark.parametrize("title", ["", "2026", "日本", "—"])
def test_a_title_without_a_letter_to_begin_with_is_refused(title: str) -> None:
    with pytest.raises(Invalid):
        named_sets.name_from(title)


def test_where_many_panels_ask_a_set_that_cannot_be_used_stays_a_name_until_each_says_so(staffed: Database) -> None:
    create(staffed, "sam")
    asked = View.parse("/d/sales?customer=@key-accounts&product=@key-accounts&rep=@me").selection
    with staffed.read() as session:
        found = named_sets.look_up(session, viewer(staffed, "sam"), asked)
        assert named_sets.look_up(session, viewer(staffed, "erin"), asked) == asked
    customers, products, reps = found.filters
    assert customers.settled().members == ("@home", "acme", "zeta")
    assert reps.settled().members == ("R002",)
    with pytest.raises(NotAskable, match="@key-accounts cannot be used here"):
        products.settled()


def test_a_segment_with_nobody_in_it_is_empty_and_leaving_it_out_leaves_everybody(staffed: Database) -> None:
    nobody = {"segment-lost": ()}
    with staffed.read() as session:
        erin = viewer(staffed, "erin")
        only = Selection().with_filter("customer", (), sets=("segment-lost",))
        with pytest.raises(NotAskable, match="nobody in @segment-lost"):
            named_sets.look_up(session, erin, only, nobody).where[0].settled()
        without = Selection().with_filter("customer", (), sets=("segment-lost",), exclude=True)
        assert named_sets.look_up(session, erin, without, nobody).where == ()
        beside = Selection().with_filter("customer", ("acme",), sets=("segment-lost",))
        assert named_sets.look_up(session, erin, beside, nobody).where[0].settled() == Filter("customer", ("acme",))
