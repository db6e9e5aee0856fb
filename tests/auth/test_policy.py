"""The row policy: every role sees its rows and nobody sees more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auth.policy import NO_RIGHTS, Person, RoleRights, Terms, Trees, in_words, nobody, scope_for, viewer_for
from app.auth.roles import SEEDS, role_id
from app.values.scope import Scope

RIGHTS = {seed.id: RoleRights(seed.id, seed.title, seed.scope_kind, seed.masks, seed.permissions) for seed in SEEDS}
TREES = Trees(frozenset({("T1", "D1"), ("T2", "D1"), ("T3", "D2")}))
TERMS = Terms(date(2026, 11, 20), "EUR", "Europe/Berlin", "de")


def person(role: str, **keys: object) -> Person:
    return replace(Person(id=7, email="p@x.example", name="P", role=RIGHTS[role]), **keys)  # type: ignore[arg-type]


def test_otto_sees_nothing_and_may_nothing() -> None:
    keys = {"rep_key": "R1", "team_keys": ("T1",), "place_keys": ("region:emea",)}
    viewer = viewer_for(person("none", **keys), TREES, TERMS)
    assert viewer.context.scope.is_nothing
    assert viewer.permissions == frozenset()


def test_nobody_sees_nothing() -> None:
    assert nobody(TERMS).context.scope.is_nothing
    assert nobody(TERMS).permissions == frozenset()


@pytest.mark.parametrize("role", ["administrator", "executive", "director", "finance", "marketing"])
def test_some_see_everything(role: str) -> None:
    assert scope_for(person(role), TREES).is_everything


@pytest.mark.parametrize("role", ["regional-lead", "team-lead", "account-manager", "rep"])
def test_those_without_keys_see_nothing(role: str) -> None:
    assert scope_for(person(role), TREES).is_nothing


@pytest.mark.parametrize("role", sorted(RIGHTS))
def test_the_deactivated_see_nothing_and_may_nothing(role: str) -> None:
    keys = {"rep_key": "R1", "team_keys": ("T1",), "place_keys": ("region:emea",)}
    viewer = viewer_for(person(role, active=False, **keys), TREES, TERMS)
    assert viewer.context.scope.is_nothing
    assert viewer.permissions == frozenset()
    assert viewer.context.masks == {"cost", "contact"}


@pytest.mark.parametrize("kind", ["", "all", "EVERYTHING", "region"])
def test_an_unknown_kind_of_scope_sees_nothing(kind: str) -> None:
    role = RoleRights("odd", "Odd", kind, frozenset(), frozenset())
    assert scope_for(replace(person("rep", rep_key="R1"), role=role), TREES).is_nothing


def test_a_regional_lead_sees_each_of_the_own_places() -> None:
    remy = person("regional-lead", place_keys=("region:emea", "country:spain"), rep_key="R1", team_keys=("T1",))
    assert scope_for(remy, TREES) == Scope.of(region={"emea"}) | Scope.of(country={"spain"})


@pytest.mark.parametrize("key", ["emea", "planet:earth", "region:", ":emea", "region:(none)", "", "rep:R1", "region: "])
def test_a_place_that_is_none_opens_nothing(key: str) -> None:
    assert scope_for(person("regional-lead", place_keys=(key,)), TREES).is_nothing


def test_a_key_may_hold_a_colon() -> None:
    assert scope_for(person("regional-lead", place_keys=("city:a:b",)), TREES) == Scope.of(city={"a:b"})


def test_a_team_lead_sees_the_own_team_and_a_department_all_of_its_teams() -> None:
    assert scope_for(person("team-lead", team_keys=("T1",)), TREES) == Scope.of(team={"T1"})
    assert scope_for(person("team-lead", team_keys=("D1",)), TREES) == Scope.of(department={"D1"})
    assert scope_for(person("team-lead", team_keys=("department:T1",)), TREES) == Scope.of(department={"T1"})
    assert scope_for(person("team-lead", team_keys=("T1", "T3")), TREES) == Scope.of(team={"T1"}) | Scope.of(
        team={"T3"}
    )
    assert scope_for(person("team-lead", team_keys=("(none)", " ", "team:")), TREES).is_nothing


def test_a_key_that_names_a_team_and_a_department_means_the_team() -> None:
    both = Trees(frozenset({("X", "X"), ("Y", "X")}))
    assert scope_for(person("team-lead", team_keys=("X",)), both) == Scope.of(team={"X"})


def test_an_account_manager_sees_the_own_accounts_and_own_sales() -> None:
    amy = person("account-manager", rep_key="R9")
    assert scope_for(amy, TREES) == Scope.of(account_owner={"R9"}) | Scope.of(rep={"R9"})


def test_a_rep_sees_the_own_sales_whatever_other_keys_there_are() -> None:
    sam = person("rep", rep_key="R1", team_keys=("T1",), place_keys=("region:emea",))
    assert scope_for(sam, TREES) == Scope.of(rep={"R1"})
    assert scope_for(person("rep", rep_key="(none)"), TREES).is_nothing
    assert scope_for(person("rep", rep_key="  "), TREES).is_nothing


def test_masks_follow_the_table() -> None:
    masks = {role: viewer_for(person(role), TREES, TERMS).context.masks for role in RIGHTS}
    assert {role for role, hidden in masks.items() if "cost" in hidden} == {
        "marketing",
        "account-manager",
        "rep",
        "none",
    }
    assert {role for role, hidden in masks.items() if "contact" in hidden} == {"marketing", "finance", "none"}


def test_the_context_is_the_companys_with_the_persons_language() -> None:
    viewer = viewer_for(person("executive", locale="fr"), TREES, TERMS)
    assert (viewer.context.today, viewer.context.currency, viewer.context.zone) == (TERMS.today, "EUR", "Europe/Berlin")
    assert viewer.context.locale == "fr"
    assert viewer_for(person("executive"), TREES, TERMS).context.locale == "de"


def test_two_people_with_equal_rows_have_equal_contexts() -> None:
    one, other = person("executive"), replace(person("executive"), id=8, name="Q", epoch=5)
    assert viewer_for(one, TREES, TERMS).context == viewer_for(other, TREES, TERMS).context


def test_permissions_that_do_not_exist_are_not_given() -> None:
    role = RoleRights("odd", "Odd", "everything", frozenset(), frozenset({"dashboards", "root"}))
    assert viewer_for(replace(person("rep"), role=role), TREES, TERMS).permissions == {"dashboards"}


texts = st.text(max_size=12)


@given(
    role=st.sampled_from(["regional-lead", "team-lead", "account-manager", "rep", "none"]),
    rep=st.none() | texts,
    teams=st.lists(texts, max_size=3),
    places=st.lists(texts | texts.map(lambda text: f"region:{text}"), max_size=3),
)
def test_no_keys_whatever_open_everything(role: str, rep: str | None, teams: list[str], places: list[str]) -> None:
    scope = scope_for(person(role, rep_key=rep, team_keys=tuple(teams), place_keys=tuple(places)), TREES)
    assert not scope.is_everything
    levels = {"regional-lead": {"region"}, "team-lead": {"team", "department"}, "rep": {"rep"}, "none": set()}
    assert scope.levels <= levels.get(role, {"rep", "account_owner"})


def test_roles_are_known_by_the_names_people_use() -> None:
    for said, meant in (
        ("Sales Director", "director"),
        ("regional_lead", "regional-lead"),
        ("Finance analyst", "finance"),
        ("", "none"),
        ("king", "king"),
    ):
        assert role_id(said) == meant


def test_everybody_is_told_in_words() -> None:
    assert "nothing to see" in in_words(person("none"))[0]
    assert "nothing to see" in in_words(person("rep"))[0]
    assert in_words(person("rep", rep_key="R1"))[0] == "You see your own sales: R1."
    assert in_words(person("marketing"))[:2] == (
        "You see all sales.",
        "Hidden from you: customers' contact data and cost and margin.",
    )
    assert "nothing to see" in in_words(replace(person("executive"), role=NO_RIGHTS))[0]


def test_equal_viewers_are_equal_values_that_can_be_keys() -> None:
    assert hash(viewer_for(person("rep"), TREES, TERMS)) == hash(viewer_for(person("rep"), TREES, TERMS))
