"""Who may see which rows, as a value: it can be widened, narrowed and told apart, and nothing stays nothing."""

from __future__ import annotations

from itertools import product

from hypothesis import given

from app.values.scope import Scope
from tests.values.strategies import scopes

LEVELS = ("region", "rep", "team")
ROWS = [dict(zip(LEVELS, members, strict=True)) for members in product(["a", "b", "d", None], repeat=3)]


def sees(scope: Scope, row: dict[str, str | None]) -> bool:
    """The meaning of a scope, spelt out."""
    return any(all(row[level] in members for level, members in clause) for clause in scope.clauses)


@given(scopes, scopes)
def test_widening_sees_what_either_sees_and_narrowing_what_both_see(one: Scope, other: Scope) -> None:
    for row in ROWS:
        assert sees(one | other, row) == (sees(one, row) or sees(other, row))
        assert sees(one & other, row) == (sees(one, row) and sees(other, row))


@given(scopes, scopes)
def test_only_equal_scopes_share_a_fingerprint(one: Scope, other: Scope) -> None:
    assert (one.fingerprint() == other.fingerprint()) == (one == other)


def test_a_fingerprint_cannot_be_forged_by_a_clever_member_key() -> None:
    tricky = [
        Scope.of(region={"a", "b"}), Scope.of(region={"ab"}), Scope.of(region={"a,b"}), Scope.of(region={"a|b"}),
        Scope.of(region={"a"}, rep={"b"}), Scope.of(region={"a"}) | Scope.of(rep={"b"}), Scope.of(region={"1:b"}),
        Scope.nothing(), Scope.everything(), Scope.of(region={""}),
    ]  # fmt: skip
    assert len({scope.fingerprint() for scope in tricky}) == len(tricky)


@given(scopes)
def test_nothing_and_everything_are_the_ends(scope: Scope) -> None:
    assert (scope & Scope.nothing()).is_nothing
    assert scope | Scope.nothing() == scope
    assert (scope | Scope.everything()).is_everything
    assert scope & Scope.everything() == scope


def test_otto_with_an_empty_list_of_regions_sees_nothing() -> None:
    assert Scope.of(region=()).is_nothing
    assert Scope.of(region={"a"}, rep=()).is_nothing
    assert not any(sees(Scope.nothing(), row) for row in ROWS)


def test_a_row_without_a_region_is_hidden_from_a_regional_lead() -> None:
    lead = Scope.of(region={"a"})
    assert not sees(lead, {"region": None, "rep": "a", "team": "a"})
    assert lead.levels == {"region"}
